//! Waiting until Atlas sees what AWS has: the trust in the role, the use of the key.

use atlas_cmk::apply::event::{EventKind, NotRun, Outcome};
use atlas_cmk::plan::StepId;
use atlas_cmk::simulator::world::KeyState;
use atlas_cmk::simulator::{Effect, Fault};

use super::refused;
use crate::simulator::openapi::assert_exchanges_fit;
use crate::support::rig::{ROLE, Rig, SETTLED, SPEED};
use crate::support::run::Running;

const AUTHORIZE: &str = "authorize-access-role";
const SETTING: &str = "enable-project-setting";

#[tokio::test]
async fn trust_is_waited_for_with_growing_pauses_and_told() {
    let rig = Rig::start("[propagation]\ntrust = 4\npermissions = 0", SPEED).await;
    let told = rig.apply().await.completed();
    assert_eq!(rig.control.count("authorizeAccessRole"), 5);
    assert_eq!(rig.control.count("enableEncryptionAtRest"), 1);

    let attempts = told.attempts(AUTHORIZE);
    let numbers: Vec<u32> = attempts.iter().map(|attempt| attempt.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    for attempt in &attempts {
        assert_eq!(attempt.code.as_deref(), Some("CANNOT_ASSUME_ROLE"));
        assert!(
            attempt.reason.contains("AWS IAM needs up to a few minutes"),
            "{attempt:?}"
        );
        assert_eq!(attempt.limit_ms, Some(900), "three minutes at this speed");
    }
    // 1 s, doubling, at this speed: 5 ms to 7.5 ms, and so on; what is told has whole milliseconds.
    for (attempt, pauses) in attempts.iter().zip([5..=7, 7..=12, 12..=22, 22..=42]) {
        assert!(pauses.contains(&attempt.next_try_ms), "{attempts:?}");
    }
    assert_exchanges_fit(&rig.control.requests());
}

#[tokio::test]
async fn a_trust_that_never_comes_ends_after_its_limit_with_what_to_look_at() {
    let rig = Rig::start(SETTLED, SPEED).await;
    rig.control
        .fault(refused("authorizeAccessRole", 400, "CANNOT_ASSUME_ROLE"));
    let told = rig.apply().await.failed(&[AUTHORIZE]);
    let count = rig.control.count("authorizeAccessRole");
    assert!((12..=27).contains(&count), "{count} requests within three minutes");
    assert_eq!(told.attempts(AUTHORIZE).len() + 1, count);

    let problem = told.problem(AUTHORIZE);
    assert_eq!(problem.code.as_deref(), Some("CANNOT_ASSUME_ROLE"));
    let hints = problem.hints.join("\n");
    for told in [
        "trust policy",
        "external ID",
        "it was tried for 1",
        "the trust policy is right",
    ] {
        assert!(hints.contains(told), "{told}: {hints}");
    }
    let because = NotRun::DependsOn(StepId::new(AUTHORIZE));
    assert_eq!(told.not_run()[0], (SETTING, &because));
    assert_eq!(rig.control.count("enableEncryptionAtRest"), 0);
}

#[tokio::test]
async fn when_the_wait_is_over_the_trust_policy_is_read_back_and_what_is_wrong_is_named() {
    let rig = Rig::start(SETTLED, SPEED).await;
    rig.control
        .fault(Fault::new("authorizeAccessRole", Effect::HoldBefore).nth(1));
    let run = rig.begin(&rig.plan().await).await;
    rig.control.held(1).await;
    rig.control.edit(|world| {
        let trust = &mut world.aws.role_mut(ROLE).unwrap().trust;
        trust.change(
            |now| *now = now.take().map(|text| text.replace("sts:ExternalId", "sts:ExternalID2")),
            0,
        );
    });
    rig.control.release();
    let told = run.end().await.failed(&[AUTHORIZE]);
    let hints = told.problem(AUTHORIZE).hints.join("\n");
    assert!(
        hints.contains(&format!(
            "what stands in the way is the trust policy of the IAM role {ROLE}"
        )),
        "{hints}"
    );
}

#[tokio::test]
async fn a_policy_of_the_role_is_waited_for_too() {
    let rig = Rig::start("[propagation]\ntrust = 0\npermissions = 3\nkey_policy = 0", SPEED).await;
    let told = rig.apply().await.completed();
    assert_eq!(rig.control.count("enableEncryptionAtRest"), 4);
    let codes: Vec<_> = told.attempts(SETTING).into_iter().map(|one| one.code).collect();
    let code = Some("NO_PERMISSION_TO_ENCRYPT_DECRYPT".to_owned());
    assert_eq!(codes, [code.clone(), code.clone(), code]);
}

/// Brings a run to where Atlas has taken the setting and can't use the key.
async fn taken_and_not_valid(rig: &Rig) -> Running {
    let plan = rig.plan().await;
    rig.control
        .fault(Fault::new("enableEncryptionAtRest", Effect::CutAfter).nth(1));
    rig.control
        .fault(Fault::new("getEncryptionAtRest", Effect::HoldBefore).nth(2));
    let mut run = rig.begin(&plan).await;
    rig.control.held(1).await;
    set_state(rig, KeyState::Disabled);
    rig.control.release();
    run.until(|kind| matches!(kind, EventKind::StepWaiting { step, .. } if step.as_str() == SETTING))
        .await;
    run
}

fn set_state(rig: &Rig, state: KeyState) {
    let id = rig.our_keys()[0]["id"].as_str().unwrap().to_owned();
    rig.control.edit(|world| world.aws.key_mut(&id).unwrap().state = state);
}

#[tokio::test]
async fn a_setting_not_valid_at_once_is_read_again_and_never_sent_again() {
    let rig = Rig::start(SETTLED, SPEED).await;
    let run = taken_and_not_valid(&rig).await;
    set_state(&rig, KeyState::Enabled);
    let told = run.end().await.completed();
    assert_eq!(rig.control.count("enableEncryptionAtRest"), 1);
    assert_eq!(
        told.waits(SETTING),
        [("Atlas checks whether it can use the key", Some(900))]
    );
    assert!(told.outcome(SETTING).1.starts_with("valid"));
}

#[tokio::test]
async fn a_setting_that_stays_invalid_ends_after_its_limit_and_is_left_as_it_is() {
    let rig = Rig::start(SETTLED, SPEED).await;
    let told = taken_and_not_valid(&rig).await.end().await.failed(&[SETTING]);
    let hints = told.problem(SETTING).hints.join("\n");
    assert!(hints.contains("it can't be used: disabled"), "{hints}");
    assert_eq!(rig.control.count("enableEncryptionAtRest"), 1);
    assert_eq!(rig.control.count("updateCluster"), 0);
    assert!(!rig.project()["aws_kms"].is_null(), "never mended by switching it off");
}

#[tokio::test]
async fn a_stop_while_the_setting_is_checked_calls_it_done_with_a_warning() {
    let rig = Rig::start(SETTLED, SPEED).await;
    let run = taken_and_not_valid(&rig).await;
    run.stop.gently();
    let told = run.end().await.cancelled(&[]);
    assert_eq!(told.outcome(SETTING).0, Outcome::Warning);
    assert!(told.not_run().iter().all(|(_, because)| **because == NotRun::Stopped));
}
