//! A step that fails: what depends on it isn't run, all else is finished, and the next try ends well.

use atlas_cmk::apply::event::NotRun;
use atlas_cmk::plan::StepId;

use super::{CONFIG, refused};
use crate::simulator::openapi::assert_exchanges_fit;
use crate::support::program::Program;
use crate::support::rig::{Rig, SETTLED, SPEED};

const DENIED: &str = "AccessDeniedException";

#[tokio::test]
async fn dependents_are_left_out_and_independent_branches_finish() {
    let rig = Rig::first_time().await;
    rig.control.fault(refused("kms:CreateKey", 400, DENIED).nth(1));
    let told = rig.apply().await.failed(&["create-key"]);
    let problem = told.problem("create-key");
    assert_eq!(problem.code.as_deref(), Some(DENIED));
    assert!(!problem.hints.is_empty(), "{problem:?}");
    assert_eq!(rig.control.count("kms:CreateKey"), 1);

    let mut done = told.done();
    done.sort_unstable();
    assert_eq!(done, ["authorize-access-role", "create-access-role", "create-iam-role"]);
    let left_out: Vec<_> = told
        .not_run()
        .into_iter()
        .map(|(step, because)| match because {
            NotRun::DependsOn(cause) => (step.to_owned(), cause.clone()),
            NotRun::Stopped => panic!("{step} wasn't stopped"),
        })
        .collect();
    let expected = [
        ("enable-rotation", "create-key"),
        ("create-alias", "create-key"),
        ("put-role-policy", "create-key"),
        ("enable-project-setting", "create-key"),
        ("encrypt-cluster:billing", "enable-project-setting"),
        ("encrypt-cluster:catalog", "enable-project-setting"),
        ("encrypt-cluster:orders", "enable-project-setting"),
    ];
    assert_eq!(
        left_out,
        expected.map(|(step, cause)| (step.to_owned(), StepId::new(cause)))
    );

    let again = rig.apply().await.completed();
    assert!(!again.done().contains(&"create-access-role"));
    assert_eq!((rig.access_roles().len(), rig.our_keys().len()), (1, 1));
    assert_exchanges_fit(&rig.control.requests());
}

#[tokio::test]
async fn a_cluster_that_was_paused_since_the_review_fails_alone() {
    let rig = Rig::start(SETTLED, SPEED).await;
    let plan = rig.plan().await;
    rig.control
        .edit(|world| world.atlas.projects[0].cluster_mut("billing").unwrap().paused = true);
    let told = rig.carry_out(&plan).await.failed(&["encrypt-cluster:billing"]);
    let problem = told.problem("encrypt-cluster:billing");
    assert_eq!(problem.code.as_deref(), Some("CANNOT_UPDATE_PAUSED_CLUSTER"));
    assert!(
        problem.hints.iter().any(|hint| hint.contains("resume it")),
        "{problem:?}"
    );
    assert_eq!(rig.control.count("updateCluster"), 3, "one for each");
    assert!(told.done().contains(&"encrypt-cluster:orders") && told.done().contains(&"encrypt-cluster:catalog"));
}

#[tokio::test]
async fn a_cluster_that_vanishes_while_it_changes_is_told() {
    let rig = Rig::start(SETTLED, SPEED).await.with_clusters(&["orders"]);
    let plan = rig.plan().await;
    rig.control.fault(refused("getCluster", 404, "CLUSTER_NOT_FOUND"));
    let told = rig.carry_out(&plan).await.failed(&["encrypt-cluster:orders"]);
    let problem = told.problem("encrypt-cluster:orders");
    assert_eq!(problem.code.as_deref(), Some("CLUSTER_NOT_FOUND"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_binary_says_which_step_failed_why_and_what_to_do_and_exits_with_1() {
    let rig = Rig::start(SETTLED, SPEED).await;
    let program = Program::on(&rig.simulator);
    program.config(CONFIG);
    rig.control.fault(refused("kms:CreateKey", 400, DENIED).nth(1));
    let events = program
        .run(&["apply", "--yes", "--output", "json"])
        .await
        .exits(1)
        .events();
    assert_eq!(events.last().unwrap()["event"], "run_failed");
    assert_eq!(events.last().unwrap()["failed"][0], "create-key");
    let failed = events.iter().find(|event| event["event"] == "step_failed").unwrap();
    assert_eq!(failed["problem"]["code"], DENIED);
    assert!(failed["problem"]["hints"][0].is_string(), "{failed}");
    let cluster = events
        .iter()
        .find(|event| event["event"] == "step_not_run" && event["step"] == "encrypt-cluster:orders")
        .unwrap();
    assert_eq!(cluster["because"]["depends_on"], "enable-project-setting");

    let ran = program.run(&["apply", "--yes"]).await.exits(0);
    assert!(ran.stdout.contains("All steps are done."), "{}", ran.stdout);
    assert_eq!((rig.access_roles().len(), rig.our_keys().len()), (1, 1));
}
