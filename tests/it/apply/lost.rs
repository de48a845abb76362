//! Answers that never come: the state is read before anything is sent again, and nothing is made twice.

use atlas_cmk::apply::event::Outcome;
use atlas_cmk::simulator::{Effect, Fault};
use futures::future::join_all;

use super::{ACCESS_ROLE, ALIAS, AUTHORIZE, CLUSTER, Call, IAM_ROLE, KEY, POLICY, ROTATION, SETTING};
use crate::simulator::openapi::assert_exchanges_fit;
use crate::support::rig::{Rig, SETTLED, SPEED};

async fn rig() -> Rig {
    Rig::start(SETTLED, SPEED).await.with_clusters(&["orders"])
}

/// One first call that goes wrong, how often it is sent in all, and how its step ends.
type Case = (Call, Effect, usize, Outcome);

async fn is_made_once(((operation, step), effect, sent, outcome): Case) {
    let rig = rig().await;
    rig.control.fault(Fault::new(operation, effect.clone()).nth(1));
    let told = rig.apply().await.completed();
    assert_eq!(rig.control.count(operation), sent, "{operation} {effect:?}");
    assert_eq!(told.outcome(step).0, outcome, "{operation} {effect:?}");
    assert_eq!((rig.access_roles().len(), rig.our_keys().len()), (1, 1), "{operation}");
    assert_eq!(rig.project()["clusters"][0]["encryption"], "AWS");
    assert!(rig.plan().await.is_empty());
    assert_exchanges_fit(&rig.control.requests());
}

async fn are_made_once(cases: Vec<Case>) {
    join_all(cases.into_iter().map(is_made_once)).await;
}

#[tokio::test]
async fn what_was_carried_out_is_found_and_not_sent_again() {
    let cut = || Effect::CutAfter;
    are_made_once(vec![
        (ACCESS_ROLE, cut(), 1, Outcome::Done),
        (KEY, cut(), 1, Outcome::Done),
        (AUTHORIZE, cut(), 1, Outcome::AlreadySo),
        (SETTING, cut(), 1, Outcome::Done),
        (CLUSTER, cut(), 1, Outcome::Done),
        // The SDK sends these again by itself, and their names say whether they are there.
        (IAM_ROLE, cut(), 2, Outcome::AlreadySo),
        (ALIAS, cut(), 2, Outcome::AlreadySo),
        (POLICY, cut(), 2, Outcome::Done),
        (ROTATION, cut(), 2, Outcome::Done),
    ])
    .await;
}

#[tokio::test]
async fn what_was_not_carried_out_is_sent_again() {
    let cut = || Effect::CutBefore;
    are_made_once(vec![
        (ACCESS_ROLE, cut(), 2, Outcome::Done),
        (KEY, cut(), 2, Outcome::Done),
        (AUTHORIZE, cut(), 2, Outcome::Done),
        (SETTING, cut(), 2, Outcome::Done),
        (CLUSTER, cut(), 2, Outcome::Done),
    ])
    .await;
}

#[tokio::test]
async fn a_gateways_page_and_an_empty_answer_are_no_answers() {
    let page = || Effect::Html { status: 503 };
    let empty = || Effect::EmptyAnswer;
    are_made_once(vec![
        (ACCESS_ROLE, page(), 2, Outcome::Done),
        (ACCESS_ROLE, empty(), 1, Outcome::Done),
        (KEY, empty(), 1, Outcome::Done),
        (SETTING, page(), 2, Outcome::Done),
        (SETTING, empty(), 1, Outcome::Done),
        (CLUSTER, empty(), 1, Outcome::Done),
    ])
    .await;
}

#[tokio::test]
async fn limits_are_kept_and_told() {
    let throttled = || Effect::Throttled { retry_after: None };
    are_made_once(vec![
        (ACCESS_ROLE, throttled(), 2, Outcome::Done),
        (CLUSTER, throttled(), 2, Outcome::Done),
    ])
    .await;
    let rig = rig().await;
    rig.control
        .fault(Fault::new("authorizeAccessRole", throttled()).calls(1..=2));
    let lost = Fault::new("authorizeAccessRole", Effect::CutAfter).nth(3);
    rig.control.fault(lost);
    let told = rig.apply().await.completed();
    let attempts = told.attempts("authorize-access-role");
    let numbers: Vec<u32> = attempts.iter().map(|attempt| attempt.number).collect();
    assert_eq!(
        numbers,
        [1, 2, 3],
        "the client's own attempts and the step's are one row"
    );
    assert!(attempts[0].reason.contains("429"), "{attempts:?}");
}

#[tokio::test]
async fn a_key_that_appears_late_is_looked_for_long_enough() {
    let rig = Rig::start(&format!("{SETTLED}new_key = 4"), SPEED)
        .await
        .with_clusters(&["orders"]);
    let plan = rig.plan().await;
    rig.control.fault(Fault::new("kms:CreateKey", Effect::CutAfter).nth(1));
    let told = rig.carry_out(&plan).await.completed();
    assert_eq!(rig.control.count("kms:CreateKey"), 1);
    assert_eq!(rig.our_keys().len(), 1);
    assert!(told.attempts("create-key").len() > 4, "{told:?}");
}

#[tokio::test]
async fn an_error_of_atlas_itself_ends_after_some_tries_and_blames_no_policy() {
    let rig = rig().await;
    rig.control.fault(Fault::new(
        "enableEncryptionAtRest",
        Effect::ServerError { status: 500 },
    ));
    let told = rig.apply().await.failed(&["enable-project-setting"]);
    let count = rig.control.count("enableEncryptionAtRest");
    assert!((8..=20).contains(&count), "{count}");
    for attempt in told.attempts("enable-project-setting") {
        assert!(attempt.reason.contains("an error of its own"), "{attempt:?}");
    }
    let problem = told.problem("enable-project-setting");
    assert_eq!(problem.code.as_deref(), Some("UNEXPECTED_ERROR"));
    let hints = problem.hints.join("\n");
    assert!(hints.contains("run again") && !hints.contains("SCP"), "{hints}");
    assert_eq!(rig.control.count("updateCluster"), 0);
}
