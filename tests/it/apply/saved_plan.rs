//! A plan that was saved is carried out exactly, or not at all.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::CONFIG;
use crate::support::program::Program;
use crate::support::rig::{ALIAS, Rig, SETTLED, SPEED};
use crate::support::wire::changes;

const NO_CHANGE: Vec<String> = Vec::new();

async fn rig() -> (Rig, Program) {
    let rig = Rig::start(SETTLED, SPEED).await;
    let program = Program::on(&rig.simulator);
    program.config(CONFIG);
    (rig, program)
}

async fn save(program: &Program) -> Value {
    let planned = program
        .run(&["plan", "--out", "plan.json", "--detailed-exitcode"])
        .await
        .exits(4);
    assert!(planned.stderr.contains("apply --plan plan.json"), "{}", planned.stderr);
    let path = program.folder().join("plan.json");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_saved_is_what_is_done() {
    let (rig, program) = rig().await;
    let saved = save(&program).await;
    assert_eq!(changes(&rig.control), NO_CHANGE);
    // The configuration file no longer counts.
    program.config(&CONFIG.replace("\"orders\"]", "\"orders\", \"billing\"]"));
    let events = program
        .run(&["apply", "--plan", "plan.json", "--yes", "--output", "json"])
        .await
        .exits(0)
        .events();
    let ids = |steps: &Value| -> Vec<Value> {
        let steps = steps.as_array().unwrap();
        steps.iter().map(|step| step["id"].clone()).collect()
    };
    assert_eq!(ids(&events[0]["steps"]), ids(&saved["plan"]["steps"]));
    let encrypted: Vec<_> = rig.project()["clusters"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|cluster| cluster["encryption"] == "AWS")
        .map(|cluster| cluster["name"].clone())
        .collect();
    assert_eq!(encrypted, ["orders"]);

    let before = changes(&rig.control);
    let again = program.run(&["apply", "--plan", "plan.json", "--yes"]).await.exits(0);
    assert!(again.stderr.contains("Nothing to do"), "{}", again.stderr);
    assert_eq!(changes(&rig.control), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_out_of_date_is_refused_with_the_difference() {
    let (rig, program) = rig().await;
    program.config(&CONFIG.replace("\"atlas-cmk-orders\"", "\"orders-api-task\"\nreuse = true"));
    let _ = save(&program).await;
    rig.control.edit(|world| {
        let trust = &mut world.aws.role_mut("orders-api-task").unwrap().trust;
        trust.change(
            |now| {
                let mut document: Value = serde_json::from_str(now.as_deref().unwrap()).unwrap();
                document["Statement"].as_array_mut().unwrap().push(json!({
                    "Sid": "Audit",
                    "Effect": "Allow",
                    "Principal": { "AWS": "arn:aws:iam::111122223333:root" },
                    "Action": "sts:AssumeRole",
                }));
                *now = Some(document.to_string());
            },
            0,
        );
        let key = world.aws.key_mut("7c1e2f60-3b9a-4d58-9e47-0a5d6c8b1f23").unwrap();
        key.aliases.push(ALIAS.to_owned());
    });
    let refused = program.run(&["apply", "--plan", "plan.json", "--yes"]).await.exits(5);
    for words in [
        "Changed: ",
        "[update-trust-policy]",
        "+        \"Sid\": \"Audit\"",
        "No longer a step: ",
        "[create-key]",
        "out of date",
        "atlas-cmk plan --out FILE",
    ] {
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
    }
    assert_eq!(changes(&rig.control), NO_CHANGE);
    assert!(refused.stdout.is_empty(), "{}", refused.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_half_carried_out_is_out_of_date_and_the_rest_is_planned_anew() {
    let (rig, program) = rig().await;
    let _ = save(&program).await;
    rig.control
        .fault(super::refused("kms:CreateAlias", 400, "InvalidAliasNameException").nth(1));
    let _ = program.run(&["apply", "--plan", "plan.json", "--yes"]).await.exits(1);
    let before = changes(&rig.control);
    let refused = program.run(&["apply", "--plan", "plan.json", "--yes"]).await.exits(5);
    assert!(
        refused
            .stderr
            .contains("No longer a step: Create the Atlas access role"),
        "{}",
        refused.stderr
    );
    assert_eq!(changes(&rig.control), before);
    let _ = save(&program).await;
    let _ = program.run(&["apply", "--plan", "plan.json", "--yes"]).await.exits(0);
    assert_eq!((rig.our_keys().len(), rig.access_roles().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_plan_as_it_was_saved_is_refused_before_any_request() {
    let (rig, program) = rig().await;
    let saved = save(&program).await;
    let asked = rig.control.requests().len();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut text = saved.clone();
        change(&mut text);
        text.to_string()
    };
    for (text, words) in [
        (String::new(), "isn't a plan"),
        ("{\"version\": 1}".to_owned(), "isn't a plan"),
        (with(&|plan| plan["version"] = 9.into()), "version 9"),
        (with(&|plan| plan["more"] = 1.into()), "isn't a plan"),
        (
            with(&|plan| {
                let _ = plan["plan"]["steps"].as_array_mut().unwrap().pop();
            }),
            "changed after it was saved",
        ),
        (
            with(&|plan| plan["plan"]["account"] = "444455556666".into()),
            "changed after it was saved",
        ),
        (
            with(&|plan| plan["plan"]["project"]["id"] = "0123456789abcdef01234567".into()),
            "changed after it was saved",
        ),
        (
            with(&|plan| plan["atlas"] = "https://cloud.mongodb.com".into()),
            "was made for https://cloud.mongodb.com",
        ),
    ] {
        std::fs::write(program.folder().join("bad.json"), text).unwrap();
        let refused = program.run(&["apply", "--plan", "bad.json", "--yes"]).await.exits(2);
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
    }
    let refused = program.run(&["apply", "--plan", "none.json", "--yes"]).await.exits(2);
    assert!(refused.stderr.contains("none.json"), "{}", refused.stderr);
    let _ = program
        .run(&["apply", "--plan", "plan.json", "--config", "atlas-cmk.toml", "--yes"])
        .await
        .exits(2);
    let _ = program
        .run(&["apply", "--plan", "plan.json", "--region", "eu-west-1", "--yes"])
        .await
        .exits(2);
    assert_eq!(rig.control.requests().len(), asked);
}
