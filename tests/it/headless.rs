//! The whole job without a screen, by the binary: against moto for AWS, and against the simulator.

use std::time::Duration;

use atlas_cmk::domain::region::Region;
use atlas_cmk::simulator::Aws;
use atlas_cmk::simulator::world::Work;
use serde_json::Value;

use crate::simulator::openapi::assert_exchanges_fit;
use crate::support::moto::Moto;
use crate::support::program::{Program, clouds};
use crate::support::wire::changes;

const CONFIG: &str = r#"
[role]
name = "atlas-cmk-orders"

[key]
alias = "alias/atlas-orders"
create = true
description = "Orders in Atlas"

[clusters]
encrypt = "eligible"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_job_against_moto_and_a_second_run_changes_nothing() {
    let moto = Moto::start();
    let aws = Aws::External {
        endpoint: moto.endpoint.clone(),
        region: "us-east-1".to_owned(),
    };
    let simulator = clouds("first-time", aws).await;
    let program = Program::on(&simulator)
        .with("AWS_ENDPOINT_URL", moto.endpoint.as_str())
        .with("AWS_ACCESS_KEY_ID", "testing")
        .with("AWS_SECRET_ACCESS_KEY", "testing");
    program.config(CONFIG);

    let planned = program
        .run(&["plan", "--output", "json", "--detailed-exitcode"])
        .await
        .exits(4)
        .json();
    assert_eq!(
        changes(&simulator.control()),
        Vec::<String>::new(),
        "plan changes nothing"
    );
    let steps: Vec<&str> = planned["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|step| step["id"].as_str())
        .collect();
    assert!(
        steps.contains(&"create-key") && steps.contains(&"encrypt-cluster:orders"),
        "{steps:?}"
    );

    let events = program
        .run(&["apply", "--yes", "--output", "json"])
        .await
        .exits(0)
        .events();
    assert_eq!(events.first().unwrap()["event"], "run_started");
    assert_eq!(events.last().unwrap()["event"], "run_completed");
    let indices: Vec<u64> = events.iter().filter_map(|event| event["index"].as_u64()).collect();
    assert_eq!(indices, (0..events.len() as u64).collect::<Vec<_>>());

    // Moto's own view of what there is.
    let amazon = moto.aws(Region::parse("us-east-1").unwrap());
    let role = amazon.role_detail("atlas-cmk-orders").await.unwrap().unwrap();
    let condition = &role.role.trust.value()["Statement"][0]["Condition"]["StringEquals"]["sts:ExternalId"];
    assert!(condition.as_str().is_some_and(|id| id.len() == 36), "{condition}");
    let keys = amazon.keys().await.unwrap();
    let ours: Vec<_> = keys
        .iter()
        .filter(|key| key.aliases.contains(&"alias/atlas-orders".to_owned()))
        .collect();
    assert_eq!(ours.len(), 1);

    let status = program.run(&["status", "--output", "json"]).await.exits(0).json();
    assert_eq!(status["encryption_at_rest"]["aws"]["valid"], true, "{status:#}");
    assert_eq!(status["key"]["arn"], ours[0].arn.as_str());
    let encrypted = |status: &Value| {
        let clusters = status["clusters"].as_array().unwrap();
        clusters.iter().filter(|cluster| cluster["encryption"] == "AWS").count()
    };
    assert_eq!(encrypted(&status), 3, "{status:#}");

    let (before, keys_before) = (changes(&simulator.control()).len(), keys.len());
    let again = program.run(&["apply", "--yes"]).await.exits(0);
    assert!(again.stderr.contains("Nothing to do"), "{}", again.stderr);
    let _ = program.run(&["plan", "--detailed-exitcode"]).await.exits(0);
    assert_eq!(changes(&simulator.control()).len(), before);
    assert_eq!(amazon.keys().await.unwrap().len(), keys_before);
    assert_exchanges_fit(&simulator.control().requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_job_against_the_simulator_in_its_worst_mood() {
    let simulator = clouds("flaky", Aws::Own).await;
    let program = Program::on(&simulator);
    program.config(CONFIG);
    let events = program
        .run(&["apply", "--yes", "--output", "json"])
        .await
        .exits(0)
        .events();
    assert_eq!(events.last().unwrap()["event"], "run_completed");
    let failed: Vec<_> = events
        .iter()
        .filter(|event| event["event"] == "attempt_failed")
        .collect();
    assert!(
        failed.iter().any(|event| event["code"] == "CANNOT_ASSUME_ROLE"),
        "{failed:#?}"
    );
    let control = simulator.control();
    assert_eq!(
        control.world()["atlas"]["projects"][0]["access_roles"]
            .as_array()
            .map(Vec::len),
        Some(1),
        "{:#}",
        control.world()
    );
    let _ = program.run(&["status"]).await.exits(0);
    assert_exchanges_fit(&control.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn check_tells_everything_and_changes_nothing() {
    let simulator = clouds("first-time", Aws::Own).await;
    let program = Program::on(&simulator);
    let checks = program.run(&["check", "--output", "json"]).await.exits(0).json();
    let ids: Vec<&str> = checks["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|check| check["id"].as_str())
        .collect();
    for id in [
        "atlas-credential",
        "project-owner",
        "eligible-cluster",
        "chosen-clusters",
        "aws-identity",
        "key-usable",
        "key-region",
        "role-trust",
        "role-policy",
        "existing-setting",
    ] {
        assert!(ids.contains(&id), "{ids:?}");
    }
    program.config(&CONFIG.replace("\"eligible\"", "[\"orders\", \"reports-archive\"]"));
    let ran = program.run(&["check"]).await.exits(3);
    assert!(
        ran.stdout.contains("reports-archive") && ran.stdout.contains("paused"),
        "{}",
        ran.stdout
    );
    // What ends before a run began leaves standard output empty.
    let ran = program.run(&["apply", "--yes", "--output", "json"]).await.exits(3);
    assert_eq!(ran.stdout, "");
    assert_eq!(changes(&simulator.control()), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn status_of_a_project_without_a_key_says_so() {
    let simulator = clouds("first-time", Aws::Own).await;
    let ran = Program::on(&simulator).run(&["status"]).await.exits(3);
    assert!(ran.stdout.contains("Orders"), "{}", ran.stdout);
}

#[tokio::test]
async fn bad_input_is_told_with_its_place_before_any_request() {
    let simulator = clouds("first-time", Aws::Own).await;
    let program = Program::on(&simulator);
    let ran = program.run(&["plan"]).await.exits(2);
    assert!(ran.stderr.contains("atlas-cmk.toml"), "{}", ran.stderr);
    program.config("[project]\nid = \"nope\"\n\n[key]\nalias = \"orders\"\ncolour = \"red\"\n");
    let ran = program.run(&["apply", "--yes"]).await.exits(2);
    for told in ["line 2", "line 5", "line 6", "colour"] {
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    }
    assert_eq!(ran.stdout, "");
    assert_eq!(simulator.control().requests().len(), 0);
}

#[tokio::test]
async fn without_a_terminal_the_wizard_names_the_commands_and_sends_nothing() {
    let simulator = clouds("first-time", Aws::Own).await;
    let ran = Program::on(&simulator).run(&[]).await.exits(2);
    assert!(
        ran.stderr.contains("atlas-cmk check") && ran.stdout.is_empty(),
        "{ran:?}"
    );
    let program = Program::on(&simulator);
    program.config(CONFIG);
    let ran = program.run(&["apply"]).await.exits(2);
    assert!(ran.stderr.contains("--yes"), "{}", ran.stderr);
    assert_eq!(simulator.control().requests().len(), 0);
}

#[tokio::test]
async fn a_missing_credential_names_the_variables() {
    let ran = Program::bare()
        .run(&["status", "--project", "6a793f832c88faeba59bc3c2"])
        .await
        .exits(2);
    assert!(ran.stderr.contains("MONGODB_ATLAS_CLIENT_ID"), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_leaves_loopback_neither_for_atlas_nor_for_aws() {
    let simulator = clouds("first-time", Aws::Own).await;
    let ran = Program::on(&simulator)
        .with("MONGODB_ATLAS_BASE_URL", "http://192.0.2.1")
        .run(&["status"])
        .await
        .exits(2);
    assert!(ran.stderr.contains("https"), "{}", ran.stderr);
    let ran = Program::on(&simulator)
        .with("AWS_ENDPOINT_URL", "http://192.0.2.1")
        .run(&["status"])
        .await
        .exits(2);
    assert!(ran.stderr.contains("AWS_ENDPOINT_URL"), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_role_keeps_all_that_is_there_and_needs_a_word_for_more_than_the_key() {
    let simulator = clouds("first-time", Aws::Own).await;
    let program = Program::on(&simulator);
    program.config(&CONFIG.replace("atlas-cmk-orders", "orders-api-task"));
    let ran = program.run(&["apply", "--yes"]).await.exits(3);
    assert!(
        ran.stderr.contains("sqs:SendMessage") && ran.stderr.contains("reuse"),
        "{}",
        ran.stderr
    );
    program.config(&CONFIG.replace("\"atlas-cmk-orders\"", "\"orders-api-task\"\nreuse = true"));
    let _ = program.run(&["apply", "--yes"]).await.exits(0);
    let credentials = simulator.credentials();
    let aws = atlas_cmk::aws::Aws::simulated(
        simulator.base_url(),
        &credentials.aws_access_key_id,
        &credentials.aws_secret_access_key,
        Region::parse(&credentials.region).unwrap(),
    );
    let role = aws.role_detail("orders-api-task").await.unwrap().unwrap();
    let statements = role.role.trust.value()["Statement"].as_array().unwrap().clone();
    assert_eq!(statements.len(), 2);
    assert_eq!(statements[0]["Principal"]["Service"], "ecs-tasks.amazonaws.com");
    assert!(role.inline_policy("queues").is_some());
}

/// A run that was killed after its request leaves a cluster at its initial sync: it is waited for, not asked again.
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_on_its_way_is_waited_for_and_changed_no_second_time() {
    let simulator = clouds("first-time", Aws::Own).await;
    let program = Program::on(&simulator);
    program.config(&CONFIG.replace("\"eligible\"", "[\"orders\"]"));
    let _ = program.run(&["apply", "--yes"]).await.exits(0);

    let control = simulator.control();
    let now = control.requests().last().unwrap().at;
    control.edit(|world| {
        let mut clusters = world.atlas.projects[0].clusters.iter_mut();
        let orders = clusters.find(|cluster| cluster.name == "orders").unwrap();
        orders.work = Some(Work {
            state: "UPDATING".to_owned(),
            until: Some(now + Duration::from_mins(2)),
        });
    });
    let sent = control.count("updateCluster");
    let ran = program.run(&["apply", "--yes"]).await.exits(0);
    assert!(ran.stdout.contains("orders"), "{}", ran.stdout);
    assert_eq!(control.count("updateCluster") - sent, 1, "the one that Atlas refused");
}
