//! The two creates that can't be found again by name: killed in the middle of one, the next run finds what it made.

use std::process::Stdio;

use atlas_cmk::domain::name::MARKER_TAG;
use atlas_cmk::problem::{Kind, Problem};
use atlas_cmk::simulator::world::AccessRole;
use atlas_cmk::simulator::{Effect, Fault};
use serde_json::Value;

use super::CONFIG;
use crate::simulator::openapi::assert_exchanges_fit;
use crate::support::program::Program;
use crate::support::rig::{ALIAS, Rig, SETTLED, SPEED};
use crate::support::run::PATIENCE;
use crate::support::wire::changes;

const ROLE: &str = "createAccessRole";
const KEY: &str = "kms:CreateKey";

async fn rig() -> Rig {
    Rig::start(SETTLED, SPEED).await.with_clusters(&["orders"])
}

/// Kills a run while this call is on its way.
async fn killed_at(rig: &Rig, operation: &str, effect: Effect) {
    let plan = rig.plan().await;
    rig.control.fault(Fault::new(operation, effect).nth(1));
    let mut run = rig.begin(&plan).await;
    rig.control.held(1).await;
    run.rests(1).await;
    run.kill().await;
    rig.control.held(0).await;
}

/// Makes an access role behind the program's back, not authorized.
fn somebody_makes_an_access_role(rig: &Rig, id: &str) {
    rig.control.edit(|world| {
        world.atlas.projects[0].access_roles.push(AccessRole {
            id: id.to_owned(),
            external_id: "0f0a3c1e-92a5-4a7e-9d9f-6b1f5d1c7a10".to_owned(),
            created: "2026-11-20T09:00:00Z".parse().unwrap(),
            authorized: None,
            iam_role_arn: None,
            other_usages: Vec::new(),
        });
    });
}

fn ids(roles: &[Value]) -> Vec<&str> {
    roles.iter().filter_map(|role| role["id"].as_str()).collect()
}

#[track_caller]
fn only(problems: Vec<Problem>) -> Problem {
    let [problem] = <[Problem; 1]>::try_from(problems).unwrap();
    problem
}

#[tokio::test]
async fn an_access_role_whose_answer_was_never_stored_is_adopted() {
    let rig = rig().await;
    killed_at(&rig, ROLE, Effect::HoldAfter).await;
    let made = rig.access_roles();
    assert_eq!(made.len(), 1);

    let plan = rig.plan().await;
    assert!(plan.steps.iter().all(|step| step.id.as_str() != "create-access-role"));
    let settled = plan
        .settled
        .iter()
        .find(|part| part.what == "Atlas access role")
        .unwrap();
    let id = made[0]["id"].as_str().unwrap();
    for shown in [id, made[0]["external_id"].as_str().unwrap(), "not authorized yet"] {
        assert!(settled.found.contains(shown), "{}", settled.found);
    }
    let _ = rig.carry_out(&plan).await.completed();
    assert_eq!(rig.control.count(ROLE), 0, "no second request was answered");
    assert_eq!(ids(&rig.access_roles()), [id]);
    assert_eq!(rig.project()["aws_kms"]["role_id"], id);
    assert_exchanges_fit(&rig.control.requests());
}

#[tokio::test]
async fn unfinished_access_roles_of_others_stay_as_they_are() {
    let rig = rig().await;
    somebody_makes_an_access_role(&rig, "66a1c0de4b7f2e0d9c3a5bff");
    killed_at(&rig, ROLE, Effect::HoldAfter).await;
    let _ = rig.apply().await.completed();
    let roles = rig.access_roles();
    assert_eq!(roles.len(), 2);
    assert_eq!(roles[0]["authorized"], Value::Null);
    assert_eq!(rig.project()["aws_kms"]["role_id"], roles[1]["id"]);
}

#[tokio::test]
async fn where_several_fit_the_interrupted_creation_the_operator_decides() {
    let rig = rig().await;
    killed_at(&rig, ROLE, Effect::HoldAfter).await;
    somebody_makes_an_access_role(&rig, "66a1c0de4b7f2e0d9c3a5bff");
    let problem = only(rig.try_plan().await.unwrap_err());
    assert_eq!(problem.kind, Kind::Prerequisite);
    for id in ids(&rig.access_roles()) {
        assert!(problem.message.contains(id), "{problem}");
    }
    assert!(
        problem.hints.iter().any(|hint| hint.contains("pick one")),
        "{problem:?}"
    );
    assert_eq!(rig.access_roles().len(), 2);
}

#[tokio::test]
async fn where_nothing_was_created_the_next_run_creates_it() {
    let rig = rig().await;
    killed_at(&rig, ROLE, Effect::HoldBefore).await;
    assert_eq!(rig.access_roles().len(), 0);
    let _ = rig.apply().await.completed();
    assert_eq!((rig.access_roles().len(), rig.control.count(ROLE)), (1, 1));
}

#[tokio::test]
async fn a_key_whose_answer_was_never_stored_is_found_by_its_mark() {
    let rig = rig().await;
    killed_at(&rig, KEY, Effect::HoldAfter).await;
    let made = rig.our_keys();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["aliases"].as_array().map(Vec::len), Some(0));

    let told = rig.apply().await.completed();
    assert!(!told.done().contains(&"create-key"));
    assert_eq!(rig.control.count(KEY), 0, "no second request was answered");
    let keys = rig.our_keys();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0]["arn"], made[0]["arn"]);
    assert_eq!(keys[0]["aliases"][0], ALIAS);
    assert_eq!(keys[0]["rotation_days"], 365);
    let marks = |key: &Value| {
        let tags = key["tags"].as_array().unwrap();
        tags.iter().filter(|tag| tag[0] == MARKER_TAG).count()
    };
    assert_eq!(marks(&keys[0]), 1);
    assert_eq!(rig.project()["aws_kms"]["key"], made[0]["arn"]);
}

#[tokio::test]
async fn a_key_that_was_not_created_is_created_by_the_next_run() {
    let rig = rig().await;
    killed_at(&rig, KEY, Effect::HoldBefore).await;
    assert_eq!(rig.our_keys().len(), 0);
    let _ = rig.apply().await.completed();
    assert_eq!((rig.our_keys().len(), rig.control.count(KEY)), (1, 1));
}

#[tokio::test]
async fn a_key_that_is_certainly_there_and_not_shown_yet_leads_to_no_second_one() {
    // Each look asks twice: for the key that was begun, and for the key in use.
    let rig = Rig::start(&format!("{SETTLED}new_key = 4"), SPEED)
        .await
        .with_clusters(&["orders"]);
    killed_at(&rig, "kms:EnableKeyRotation", Effect::HoldBefore).await;
    for _ in 0..2 {
        let problem = only(rig.try_plan().await.unwrap_err());
        assert!(problem.message.contains("doesn't show it yet"), "{problem}");
        assert!(
            problem.hints.iter().any(|hint| hint.contains("try again")),
            "{problem:?}"
        );
    }
    let _ = rig.apply().await.completed();
    assert_eq!((rig.our_keys().len(), rig.control.count(KEY)), (1, 1));
}

#[tokio::test]
async fn two_keys_with_the_mark_stop_the_next_run() {
    let rig = rig().await;
    killed_at(&rig, KEY, Effect::HoldAfter).await;
    rig.control.edit(|world| {
        let mut twin = world.aws.keys.last().unwrap().clone();
        twin.id = "00000000-0000-4000-8000-000000000001".to_owned();
        twin.arn = format!("arn:aws:kms:us-east-1:111122223333:key/{}", twin.id);
        world.aws.keys.push(twin);
    });
    let problem = only(rig.try_plan().await.unwrap_err());
    assert_eq!(problem.kind, Kind::Prerequisite);
    assert!(
        problem.message.contains("00000000-0000-4000-8000-000000000001"),
        "{problem}"
    );
}

#[tokio::test]
async fn a_refused_creation_leaves_nothing_to_look_for() {
    let rig = rig().await;
    rig.control
        .fault(super::refused(KEY, 400, "AccessDeniedException").nth(1));
    rig.control.fault(super::refused(ROLE, 403, "ACCESS_FORBIDDEN").nth(1));
    let _ = rig.apply().await.failed(&["create-access-role", "create-key"]);
    somebody_makes_an_access_role(&rig, "66a1c0de4b7f2e0d9c3a5bff");
    let _ = rig.apply().await.completed();
    assert_eq!(rig.control.count("kms:ListResourceTags"), 0);
    let roles = rig.access_roles();
    assert_eq!(roles[0]["authorized"], Value::Null, "what came later is another's");
    assert_eq!((roles.len(), rig.our_keys().len()), (2, 1));
}

/// The same with the real binary and a real SIGKILL.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_leaves_nothing_that_the_next_one_doesnt_find() {
    let rig = rig().await;
    let program = Program::on(&rig.simulator);
    program.config(CONFIG);
    for operation in [ROLE, KEY] {
        rig.control.fault(Fault::new(operation, Effect::HoldAfter).nth(1));
    }
    let mut command = program.command(&["apply", "--yes"]);
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    tokio::time::timeout(PATIENCE, rig.control.held(2))
        .await
        .expect("both creations are under way");
    process.kill().unwrap();
    process.wait().unwrap();
    rig.control.held(0).await;
    assert_eq!((rig.access_roles().len(), rig.our_keys().len()), (1, 1));
    assert_eq!(changes(&rig.control), Vec::<String>::new(), "nothing was answered");

    let _ = program.run(&["apply", "--yes"]).await.exits(0);
    assert_eq!((rig.access_roles().len(), rig.our_keys().len()), (1, 1));
    assert_eq!(rig.project()["aws_kms"]["role_id"], rig.access_roles()[0]["id"]);
    let _ = program.run(&["plan", "--detailed-exitcode"]).await.exits(0);
}
