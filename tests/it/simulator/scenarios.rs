//! The scenarios that come with the program, and what is said of wrong ones.

use std::time::{Duration, Instant};

use atlas_cmk::simulator::{Options, Scenario, ScenarioError, Simulator, Time};
use serde_json::{Value, json};

use super::clusters::encrypt;
use super::openapi::assert_exchanges_fit;
use super::support::{Atlas, CLUSTERS_READ, FLEX, SETTLED, Sim, V2023, permission, start_with};

/// Starts one of the scenarios, with the time moved by hand.
async fn named(name: &str) -> Sim {
    let options = Options {
        time: Time::Manual,
        latency: Some(Duration::ZERO),
        ..Options::default()
    };
    let simulator = Simulator::start(Scenario::named(name).unwrap(), options).await.unwrap();
    let atlas = Atlas::new(simulator.base_url(), simulator.credentials());
    Sim {
        control: simulator.control(),
        atlas,
        simulator,
    }
}

/// Returns the setting of the project with this number.
async fn setting(sim: &Sim, project: usize) -> Value {
    let id = sim.control.world()["atlas"]["projects"][project]["id"].clone();
    let path = format!("/api/atlas/v2/groups/{}/encryptionAtRest", id.as_str().unwrap());
    sim.atlas.get(&path, V2023).await.body["awsKms"].clone()
}

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
async fn every_named_scenario_answers_as_the_description_says() {
    // The flaky one answers with what is no answer, on purpose.
    for (name, _) in Scenario::names().iter().filter(|(name, _)| *name != "flaky") {
        let sim = named(name).await;
        let projects = sim.atlas.get("/api/atlas/v2/groups", V2023).await;
        for project in projects.body["results"].as_array().unwrap() {
            let path = format!("/api/atlas/v2/groups/{}", project["id"].as_str().unwrap());
            for rest in [
                "",
                "/cloudProviderAccess",
                "/encryptionAtRest",
                "/ipAddresses",
                "/events",
            ] {
                assert_eq!(
                    sim.atlas.get(&format!("{path}{rest}"), V2023).await.status,
                    200,
                    "{name}{rest}"
                );
            }
            sim.atlas.get(&format!("{path}/flexClusters"), FLEX).await;
            let clusters = sim.atlas.get(&format!("{path}/clusters"), CLUSTERS_READ).await;
            for cluster in clusters.body["results"].as_array().unwrap().iter().take(12) {
                let path = format!("{path}/clusters/{}/backup/snapshots", cluster["name"].as_str().unwrap());
                for rest in ["", "/shardedClusters"] {
                    assert_eq!(
                        sim.atlas.get(&format!("{path}{rest}"), V2023).await.status,
                        200,
                        "{name}"
                    );
                }
            }
        }
        assert_exchanges_fit(&sim.control.requests());
    }
}

#[tokio::test]
async fn settings_that_are_there_work() {
    for (name, project) in [("switch", 0), ("half-done", 1), ("another-key", 0), ("multi-region", 1)] {
        let setting = setting(&named(name).await, project).await;
        assert_eq!(
            (&setting["enabled"], &setting["valid"]),
            (&json!(true), &json!(true)),
            "{name}"
        );
    }
    for name in ["half-done", "multi-region", "government", "mixed", "empty"] {
        assert_eq!(setting(&named(name).await, 0).await["enabled"], false, "{name}");
    }
}

#[tokio::test]
async fn what_was_half_done_can_be_finished() {
    let sim = named("half-done").await;
    let arn = "arn:aws:iam::333344445555:role/atlas-cmk-tracking";
    let (ours, others) = ("6a1f03c97be24d5860a9c711", "69c08e51d4b7a2f36e1d8840");
    sim.authorize(others, arn).await.expect(400, "CANNOT_ASSUME_ROLE");
    assert_eq!(sim.authorize(ours, arn).await.status, 200);
    let list = sim.atlas.get(&sim.project("/cloudProviderAccess"), V2023).await;
    let roles = list.body["awsIamRoles"].as_array().unwrap().clone();
    let open = roles.iter().filter(|role| role["authorizedDate"].is_null());
    assert_eq!((roles.len(), open.count()), (5, 2));
}

#[tokio::test]
async fn another_key_is_taken_once_it_is_permitted() {
    let sim = named("another-key").await;
    let key = "arn:aws:kms:eu-central-1:444455556666:key/c07e9b45-2f6d-4831-b9a8-0d3c5e71f6a2";
    let change = async || {
        let block = super::support::aws_kms("6731b8e4f50a2c7d964e1b3f", key, "EU_CENTRAL_1");
        sim.set_encryption(block).await
    };
    change().await.expect(400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT");
    sim.permit("atlas-cmk-records", &permission("*")).await;
    // It is seen after two questions, and a change asks two: about the present key and about the new one.
    change().await.expect(400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT");
    assert_eq!(change().await.status, 200);
}

#[tokio::test]
async fn a_multi_region_key_works_in_its_other_region() {
    let sim = named("multi-region").await;
    let loyalty = "67c4a8e20d5b1f7936ec8a40";
    let path = format!("/api/atlas/v2/groups/{loyalty}/encryptionAtRest");
    let change = async |region: &str| {
        let block = super::support::aws_kms(
            "67c9e3b1f8042d6a5c17b9e8",
            "mrk-8a5d3f0c71e94b62a0d7c6e8f5139b24",
            region,
        );
        let body = Some(json!({ "awsKms": block }));
        sim.atlas.call(reqwest::Method::PATCH, &path, V2023, body).await
    };
    assert_eq!(change("US_WEST_2").await.status, 200);
    change("EU_WEST_1")
        .await
        .expect(404, "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND");
    let booking = sim.atlas.get(&sim.project("/clusters/booking"), CLUSTERS_READ).await;
    let regions = booking.body["replicationSpecs"][0]["regionConfigs"]
        .as_array()
        .unwrap()
        .clone();
    let names: Vec<&Value> = regions.iter().map(|region| &region["regionName"]).collect();
    assert_eq!(names, ["US_EAST_1", "US_WEST_2"]);
}

/// Makes an IAM role that may use every key and that Atlas gets into, and returns the id of its access role.
async fn access(sim: &Sim, atlas_account: &str) -> String {
    let (id, external_id) = sim.access_role().await;
    let mut trust = Sim::trust(&external_id);
    trust["Statement"][0]["Principal"]["AWS"] = json!(atlas_account);
    let arn = sim.create_role("atlas", &trust).await;
    sim.permit("atlas", &permission("*")).await;
    assert_eq!(sim.authorize(&id, &arn).await.status, 200);
    id
}

/// Starts one of the scenarios, with changes that are seen at once.
async fn settled(name: &str) -> Sim {
    start_with(&SETTLED.replace("first-time", name)).await
}

#[tokio::test]
async fn the_switch_keeps_the_key_that_the_clusters_use() {
    let sim = settled("switch").await;
    let key = setting(&sim, 0).await["customerMasterKeyID"].clone();
    let id = access(&sim, "arn:aws:iam::536727724300:root").await;
    let block = super::support::aws_kms(&id, key.as_str().unwrap(), "EU_WEST_1");
    assert_eq!(sim.set_encryption(block).await.status, 200);
    let after = setting(&sim, 0).await;
    assert_eq!((&after["customerMasterKeyID"], &after["roleId"]), (&key, &json!(id)));
    assert_eq!(after["accessKeyID"], Value::Null);
}

#[tokio::test]
async fn government_is_set_up_in_its_own_partition() {
    let sim = settled("government").await;
    let key = "arn:aws-us-gov:kms:us-gov-west-1:666677778888:key/b3f96d08-7e41-4c2a-a5d0-18e9c6f4b273";
    let id = access(&sim, "arn:aws-us-gov:iam::358363220050:root").await;
    let enable = async |region: &str| sim.set_encryption(super::support::aws_kms(&id, key, region)).await;
    enable("US_EAST_1").await.expect(400, "AWS_KMS_REGION_NOT_SUPPORTED");
    assert_eq!(enable("US_GOV_WEST_1").await.status, 200);
    encrypt(&sim, "filings-dev")
        .await
        .expect(400, "INSUFFICIENT_INSTANCE_SIZE");
    assert_eq!(encrypt(&sim, "filings").await.status, 200);
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn each_mixed_cluster_has_its_own_reason() {
    let sim = settled("mixed").await;
    sim.set_up().await;
    for (name, status, code) in [
        ("streams", 200, ""),
        ("recommendations", 200, ""),
        ("ratings", 409, "CANNOT_UPDATE_PAUSED_CLUSTER"),
        ("catalog", 409, "CANNOT_CHANGE_ENCRYPTION_AT_REST_PROVIDER"),
        ("uploads", 409, ""),
        ("transcripts", 409, ""),
        ("previews-old", 400, "CLUSTER_ALREADY_REQUESTED_DELETION"),
        ("subtitles", 400, "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE"),
        ("sandbox", 400, "CANNOT_USE_ENCRYPTION_AT_REST_TENANT"),
        ("trials", 400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"),
    ] {
        encrypt(&sim, name).await.expect(status, code);
    }
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
