//! The scenarios that come with the program, and what is said of wrong ones.

use std::time::{Duration, Instant};

use atlas_cmk::simulator::{Options, Scenario, ScenarioError, Simulator, Time};

#[tokio::test]
async fn every_named_scenario_can_be_started() {
    for (name, line) in Scenario::names() {
        assert!(!line.is_empty());
        let scenario = Scenario::named(name).unwrap_or_else(|| panic!("{name} can't be read"));
        let simulator = Simulator::start(scenario, Options::default()).await.unwrap();
        assert!(simulator.base_url().starts_with("http://127.0.0.1:"));
    }
    assert!(Scenario::named("nothing").is_none());
}

#[tokio::test]
async fn a_crowded_world_is_made_at_once() {
    let began = Instant::now();
    let options = Options {
        time: Time::Manual,
        ..Options::default()
    };
    let simulator = Simulator::start(Scenario::named("crowded").unwrap(), options)
        .await
        .unwrap();
    let took = began.elapsed();
    assert!(took < Duration::from_millis(100), "{took:?}");
    let world = simulator.control().world();
    assert_eq!(
        world["atlas"]["projects"][0]["clusters"].as_array().unwrap().len(),
        1005
    );
    assert_eq!(world["aws"]["roles"].as_array().unwrap().len(), 404);
    assert_eq!(world["aws"]["keys"].as_array().unwrap().len(), 306);
}

#[tokio::test]
async fn a_world_is_the_same_in_every_run() {
    let world = async || {
        let options = Options {
            time: Time::Manual,
            ..Options::default()
        };
        Simulator::start(Scenario::named("first-time").unwrap(), options)
            .await
            .unwrap()
            .control()
            .world()
    };
    assert_eq!(world().await, world().await);
}

#[tokio::test]
async fn a_port_is_free_again_after_the_end() {
    let start = async |port| {
        let scenario = Scenario::named("first-time").unwrap();
        Simulator::start(
            scenario,
            Options {
                port,
                ..Options::default()
            },
        )
        .await
    };
    let first = start(0).await.unwrap();
    let port = first.base_url().rsplit(':').next().unwrap().parse().unwrap();
    assert!(start(port).await.is_err(), "the port is taken");
    drop(first);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(start(port).await.is_ok());
}

#[test]
fn a_misspelt_setting_is_an_error_that_names_it() {
    let error = Scenario::parse("[[project]]\nname = \"x\"\nregio = \"y\"").unwrap_err();
    assert!(
        matches!(&error, ScenarioError::Syntax(inner) if inner.to_string().contains("regio")),
        "{error:?}"
    );
    for (text, expected) in [
        ("based_on = \"nothing\"", "there is no scenario `nothing`"),
        ("", "at least one `[[project]]`"),
        (
            "based_on = \"first-time\"\n[[role]]\nname = \"x\"\ntrust = \"{\"",
            "a policy is no JSON",
        ),
        (
            "based_on = \"first-time\"\n[[fault]]\noperation = \"getCluster\"\neffect = \"delay\"",
            "the fault of `getCluster` lacks `delay_ms`",
        ),
    ] {
        let error = Scenario::parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[tokio::test]
async fn what_to_export_is_complete() {
    let simulator = Simulator::start(Scenario::named("first-time").unwrap(), Options::default())
        .await
        .unwrap();
    let names: Vec<&str> = simulator.exports().iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "MONGODB_ATLAS_BASE_URL",
            "MONGODB_ATLAS_PUBLIC_API_KEY",
            "MONGODB_ATLAS_PRIVATE_API_KEY",
            "MONGODB_ATLAS_PROJECT_ID",
            "AWS_ENDPOINT_URL",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_REGION",
            "AWS_EC2_METADATA_DISABLED",
        ]
    );
    assert!(simulator.exports().iter().all(|(_, value)| !value.is_empty()));
}
