//! The operator's sign-in to AWS runs out in the middle of a run: it pauses, and goes on after a new one.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use atlas_cmk::apply::event::{EventKind, Person};
use atlas_cmk::simulator::{Aws, Effect, Fault};
use serde_json::Value;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::task::JoinHandle;

use super::CONFIG;
use crate::support::program::{Program, clouds};
use crate::support::rig::{Rig, SETTLED};
use crate::support::screen::Screen;

/// How often each thing was made that must be there once.
fn made(count: impl Fn(&str) -> usize) -> [usize; 4] {
    [
        "createAccessRole",
        "iam:CreateRole",
        "kms:CreateKey",
        "iam:PutRolePolicy",
    ]
    .map(count)
}

/// At the usual pace the next look would come after five seconds.
#[tokio::test]
async fn a_word_ends_the_pause_at_once() {
    let rig = Rig::start(SETTLED, 1.0).await.with_clusters(&[]);
    let plan = rig.plan().await;
    rig.control.expire_aws_credentials();
    let mut run = rig.begin(&plan).await;
    let pauses = |kind: &EventKind| {
        matches!(
            kind,
            EventKind::StepWaiting {
                person: Some(Person::Operator),
                ..
            }
        )
    };
    run.until(pauses).await;
    rig.control.renew_aws_credentials();
    // The word counts for whoever waits; a step may be about to.
    let began = Instant::now();
    let stop = run.stop.clone();
    let words = tokio::spawn(async move {
        loop {
            stop.go_on();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let told = run.end().await.completed();
    words.abort();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(told.events.iter().any(|event| pauses(&event.kind)));
    assert_eq!(rig.our_keys().len(), 1);
}

/// Starts a command and returns its events as they come.
fn events_of(mut command: Command) -> (JoinHandle<Option<i32>>, UnboundedReceiver<Value>) {
    let (sink, events) = mpsc::unbounded_channel();
    let run = tokio::task::spawn_blocking(move || {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let _ = sink.send(serde_json::from_str::<Value>(&line.unwrap()).unwrap());
        }
        child.wait().unwrap().code()
    });
    (run, events)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_screen_the_run_says_what_to_do_and_goes_on_by_itself() {
    let simulator = clouds("first-time", Aws::Own).await;
    let program = Program::on(&simulator);
    program.config(CONFIG);
    let control = simulator.control();
    control.fault(Fault::new("kms:CreateKey", Effect::HoldBefore).nth(1));
    let (run, mut events) = events_of(program.command(&["apply", "--yes", "--output", "json"]));
    control.held(1).await;
    control.expire_aws_credentials();
    control.release();
    let (mut told, mut paused) = (Vec::new(), false);
    while let Some(event) = events.recv().await {
        if event["event"] == "step_waiting" && event["person"] == "operator" && !paused {
            paused = true;
            let text = event["waiting_for"].as_str().unwrap();
            for words in ["the AWS session has expired", "the run goes on by itself"] {
                assert!(text.contains(words), "{text}");
            }
            assert_eq!(event["limit_ms"], 30 * 60 * 1000);
            control.renew_aws_credentials();
        }
        told.push(event);
    }
    assert!(paused, "{told:#?}");
    assert_eq!(run.await.unwrap(), Some(0), "{told:#?}");
    assert!(told.iter().all(|event| event["event"] != "step_failed"), "{told:#?}");
    let [access_roles, roles, keys, _] = made(|operation| control.count(operation));
    assert_eq!([access_roles, roles, keys], [1, 1, 1]);
    let _ = program.run(&["status"]).await.exits(0);
}

/// The session keys of a profile are written anew by whatever made them; the SDK itself would not read them again.
#[tokio::test(flavor = "multi_thread")]
async fn new_session_keys_in_a_profile_are_taken_if_they_are_of_the_same_account() {
    let simulator = clouds("first-time", Aws::Own).await;
    let control = simulator.control();
    let with = simulator.credentials().clone();
    // Two sessions more of the same person: one in another account.
    control.edit(|world| {
        for (id, account) in [
            ("ASIAMARKEDELSEWHERE0", "999988887777"),
            ("ASIAMARKEDNEXT000000", "111122223333"),
        ] {
            let mut next = world.aws.operator_mut().unwrap().clone();
            next.access_key_id = id.to_owned();
            next.account = account.to_owned();
            next.arn = next.arn.replace("111122223333", account);
            world.aws.identities.push(next);
        }
    });
    let variables = simulator.exports().into_iter();
    let program = variables
        .filter(|(name, _)| !name.starts_with("AWS_ACCESS") && !name.starts_with("AWS_SECRET"))
        .fold(Program::bare(), |program, (name, value)| program.with(name, value));
    let file = program.folder().join("credentials");
    let program = program.with("AWS_SHARED_CREDENTIALS_FILE", file.display().to_string());
    let keys = |id: &str| {
        let secret = &with.aws_secret_access_key;
        let text = format!("[work]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
        std::fs::write(&file, text).unwrap();
    };
    keys(&with.aws_access_key_id);
    program.config(CONFIG);
    control.fault(Fault::new("kms:CreateKey", Effect::HoldBefore).nth(1));
    let command = program.command(&["apply", "--yes", "--aws-profile", "work", "--output", "json"]);
    let (run, mut events) = events_of(command);
    control.held(1).await;
    control.expire_aws_credentials();
    control.release();
    let mut pauses = 0;
    while let Some(event) = events.recv().await {
        if event["event"] == "step_waiting" && event["person"] == "operator" {
            pauses += 1;
            keys(if pauses == 1 {
                "ASIAMARKEDELSEWHERE0"
            } else {
                "ASIAMARKEDNEXT000000"
            });
        }
    }
    assert!(pauses >= 2, "another account's are not taken");
    assert_eq!(run.await.unwrap(), Some(0));
    let [access_roles, roles, keys, _] = made(|operation| control.count(operation));
    assert_eq!([access_roles, roles, keys], [1, 1, 1]);
    let world = control.world();
    let made = world["aws"]["keys"].as_array().unwrap().iter();
    assert!(made.clone().all(|key| !key.to_string().contains("999988887777")));
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_wizard_a_key_goes_on() {
    let simulator = clouds("first-time", Aws::Own).await;
    let control = simulator.control();
    control.fault(Fault::new("kms:CreateKey", Effect::HoldBefore).nth(1));
    let program = Program::on(&simulator);
    let command = program.command(&[]);
    let (step, mut steps) = mpsc::unbounded_channel();
    let (answer, answered) = std::sync::mpsc::channel();
    let wizard = tokio::task::spawn_blocking(move || {
        let mut screen = Screen::start(&command, 110, 34);
        screen.wait_for("● Connect");
        for next in ["Prerequisites", "Role", "Key", "Clusters"] {
            screen.keys("\r");
            screen.wait_for(&format!("● {next}"));
        }
        screen.wait_for("orders");
        screen.keys("a");
        screen.wait_for("3 of 4 chosen");
        screen.keys("\r");
        screen.wait_for("● Review");
        screen.wait_for("Enter apply");
        screen.keys("\r");
        screen.wait_for("▸ The word");
        screen.keys("apply\r");
        screen.wait_for("● Apply");
        step.send(()).unwrap();
        answered.recv().unwrap();
        screen.wait_for("r signed in again, go on");
        screen.wait_for("the AWS session has expired");
        screen.keys("?");
        screen.wait_for("Esc close");
        screen.wait_for("signed in again, go on");
        screen.keys("?");
        screen.wait("the help to close", |screen| !screen.contents().contains("Esc close"));
        step.send(()).unwrap();
        answered.recv().unwrap();
        screen.keys("r");
        screen.wait_for("All steps are done");
        screen.keys("q");
        screen.ends()
    });
    steps.recv().await.unwrap();
    control.held(1).await;
    control.expire_aws_credentials();
    control.release();
    answer.send(()).unwrap();
    steps.recv().await.unwrap();
    control.renew_aws_credentials();
    answer.send(()).unwrap();
    let left = wizard.await.unwrap();
    assert_eq!(left.code, 0, "{}", left.text);
    let [access_roles, roles, keys, _] = made(|operation| control.count(operation));
    assert_eq!([access_roles, roles, keys], [1, 1, 1]);
}
