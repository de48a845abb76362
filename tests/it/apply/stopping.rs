//! The cancel ladder: first nothing new, then nothing more, and what is uncertain is named.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStderr, Stdio};

use atlas_cmk::apply::event::{EventKind, NotRun, Outcome};
use atlas_cmk::simulator::{Effect, Fault};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use super::{ACCESS_ROLE, AUTHORIZE, CONFIG, refused};
use crate::support::program::Program;
use crate::support::rig::{Rig, SETTLED, SPEED};
use crate::support::run::{PATIENCE, Running, Told};
use crate::support::wire::changes;

/// Brings a run to where both creates are on their way, one of them carried out already.
async fn both_on_their_way(rig: &Rig) -> Running {
    let plan = rig.plan().await;
    rig.control
        .fault(Fault::new("createAccessRole", Effect::HoldAfter).nth(1));
    rig.control
        .fault(Fault::new("kms:CreateKey", Effect::HoldBefore).nth(1));
    let run = rig.begin(&plan).await;
    rig.control.held(2).await;
    run
}

#[track_caller]
fn all_stopped(told: &Told) {
    for (step, because) in told.not_run() {
        assert_eq!(*because, NotRun::Stopped, "{step}");
    }
}

#[tokio::test]
async fn the_first_lets_what_is_in_flight_finish_and_starts_nothing() {
    let rig = Rig::start(SETTLED, SPEED).await;
    let run = both_on_their_way(&rig).await;
    run.stop.gently();
    rig.control.release();
    let told = run.end().await.cancelled(&[]);
    let mut done = told.done();
    done.sort_unstable();
    assert_eq!(done, ["create-access-role", "create-key"]);
    all_stopped(&told);
    assert_eq!(told.not_run().len(), told.progress.steps.len() - 2);
    assert_eq!(changes(&rig.control).len(), 2);

    let _ = rig.apply().await.completed();
    assert_eq!((rig.access_roles().len(), rig.our_keys().len()), (1, 1));
}

#[tokio::test]
async fn the_second_drops_it_and_names_what_is_uncertain() {
    let rig = Rig::start(SETTLED, SPEED).await;
    let run = both_on_their_way(&rig).await;
    run.stop.gently();
    run.stop.at_once();
    let told = run.end().await.cancelled(&["create-access-role", "create-key"]);
    assert_eq!(told.done(), Vec::<&str>::new());
    all_stopped(&told);
    rig.control.held(0).await;
    assert_eq!(changes(&rig.control), Vec::<String>::new(), "nothing was answered");

    let told = rig.apply().await.completed();
    assert!(!told.done().contains(&"create-access-role"), "that one was carried out");
    assert!(told.done().contains(&"create-key"), "that one wasn't");
    assert_eq!((rig.access_roles().len(), rig.our_keys().len()), (1, 1));
}

/// The binary with both creates on their way, and its words so far.
struct Interrupted {
    process: Child,
    words: Lines<BufReader<ChildStderr>>,
}

impl Interrupted {
    async fn start(rig: &Rig, program: &Program) -> Self {
        program.config(CONFIG);
        rig.control
            .fault(Fault::new("createAccessRole", Effect::HoldAfter).nth(1));
        rig.control
            .fault(Fault::new("kms:CreateKey", Effect::HoldBefore).nth(1));
        let mut command = program.command(&["apply", "--yes", "--output", "json"]);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        tokio::time::timeout(PATIENCE, rig.control.held(2))
            .await
            .expect("both creations are under way");
        let words = BufReader::new(process.stderr.take().unwrap()).lines();
        Self { process, words }
    }

    fn interrupt(&self) {
        let pid = i32::try_from(self.process.id()).unwrap();
        kill(Pid::from_raw(pid), Signal::SIGINT).unwrap();
    }

    /// Interrupts it and waits until it says so.
    async fn interrupt_gently(mut self) -> Self {
        self.interrupt();
        tokio::task::spawn_blocking(|| {
            let said = self
                .words
                .any(|line| line.unwrap().contains("Finishing what is in flight"));
            assert!(said, "it says what it does");
            self
        })
        .await
        .unwrap()
    }

    /// Returns the last event of a process that was interrupted.
    async fn end(self) -> Value {
        let output = tokio::task::spawn_blocking(|| self.process.wait_with_output().unwrap())
            .await
            .unwrap();
        assert_eq!(output.status.code(), Some(130));
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str(text.lines().last().unwrap()).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ladder_of_the_binary_ends_with_130_and_the_same_command_carries_on() {
    let rig = Rig::start(SETTLED, SPEED).await;
    let program = Program::on(&rig.simulator);
    let process = Interrupted::start(&rig, &program).await.interrupt_gently().await;
    rig.control.release();
    let last = process.end().await;
    assert_eq!(
        (&last["event"], &last["uncertain"]),
        (&"run_cancelled".into(), &Value::Array(vec![]))
    );
    assert_eq!(changes(&rig.control).len(), 2);
    let _ = program.run(&["apply", "--yes"]).await.exits(0);
    assert_eq!((rig.access_roles().len(), rig.our_keys().len()), (1, 1));

    let rig = Rig::start(SETTLED, SPEED).await;
    let program = Program::on(&rig.simulator);
    let process = Interrupted::start(&rig, &program).await.interrupt_gently().await;
    process.interrupt();
    let last = process.end().await;
    assert_eq!(last["event"], "run_cancelled");
    assert_eq!(
        last["uncertain"],
        serde_json::json!(["create-access-role", "create-key"])
    );
}

#[tokio::test]
async fn before_anything_began_nothing_is_sent() {
    let rig = Rig::start(SETTLED, SPEED).await;
    let plan = rig.plan().await;
    let before = rig.control.requests().len();
    let run = rig.begin(&plan).await;
    run.stop.gently();
    let told = run.end().await.cancelled(&[]);
    all_stopped(&told);
    assert_eq!(told.not_run().len(), plan.steps.len());
    assert_eq!(rig.control.requests().len(), before);
}

#[tokio::test]
async fn a_wait_for_trust_ends_at_once() {
    let rig = Rig::start(SETTLED, SPEED).await;
    rig.control
        .fault(refused("authorizeAccessRole", 400, "CANNOT_ASSUME_ROLE"));
    let mut run = rig.begin(&rig.plan().await).await;
    run.until(|kind| matches!(kind, EventKind::AttemptFailed { attempt: 3, .. }))
        .await;
    run.stop.gently();
    let told = run.end().await.cancelled(&[]);
    assert!(told.not_run().contains(&("authorize-access-role", &NotRun::Stopped)));
    assert_eq!(rig.control.count("authorizeAccessRole"), 3);
}

#[tokio::test]
async fn a_long_pause_that_atlas_asked_for_ends_at_once() {
    let throttled = Effect::Throttled { retry_after: Some(200) };
    for (operation, step) in [ACCESS_ROLE, AUTHORIZE, ("listAccessRoles", ACCESS_ROLE.1)] {
        let rig = Rig::start(SETTLED, SPEED).await;
        let plan = rig.plan().await;
        rig.control.fault(Fault::new(operation, throttled.clone()));
        let mut run = rig.begin(&plan).await;
        run.until(|kind| matches!(kind, EventKind::AttemptFailed { .. })).await;
        run.stop.gently();
        let told = run.end().await.cancelled(&[]);
        assert!(told.not_run().contains(&(step, &NotRun::Stopped)), "{operation}");
    }
}

#[tokio::test]
async fn a_step_that_pauses_after_a_lost_answer_is_uncertain() {
    let rig = Rig::start(SETTLED, SPEED).await;
    rig.control.fault(Fault::new("authorizeAccessRole", Effect::CutAfter));
    let mut run = rig.begin(&rig.plan().await).await;
    run.until(|kind| matches!(kind, EventKind::AttemptFailed { .. })).await;
    run.stop.gently();
    let told = run.end().await.cancelled(&["authorize-access-role"]);
    assert!(told.not_run().iter().all(|(step, _)| *step != "authorize-access-role"));
}

#[tokio::test]
async fn clusters_that_sync_are_left_to_atlas_and_the_run_isnt_called_complete() {
    let rig = Rig::start("[pace]\ncluster_seconds = { default = 100000 }", SPEED)
        .await
        .with_clusters(&["orders"]);
    let mut run = rig.begin(&rig.plan().await).await;
    run.until(|kind| matches!(kind, EventKind::StepWaiting { .. })).await;
    run.stop.gently();
    let told = run.end().await.cancelled(&[]);
    let (outcome, message) = told.outcome("encrypt-cluster:orders");
    assert_eq!(outcome, Outcome::Warning);
    assert!(message.contains("Atlas goes on with it"), "{message}");

    let plan = rig.plan().await;
    let left: Vec<_> = plan.clusters().collect();
    assert_eq!(left, ["orders"], "the next run waits for it");
}

#[tokio::test]
async fn clusters_that_wait_for_their_turn_are_not_sent() {
    let rig = Rig::start(&format!("{SETTLED}[generate]\nclusters = 60"), SPEED).await;
    let plan = rig.plan().await;
    let clusters = plan.clusters().count();
    assert!(clusters > 30, "{clusters}");
    rig.control.fault(Fault::new("updateCluster", Effect::HoldBefore));
    let run = rig.begin(&plan).await;
    rig.control.held(24).await;
    run.stop.gently();
    rig.control.release();
    let told = run.end().await.cancelled(&[]);
    assert_eq!(rig.control.count("updateCluster"), 24);
    assert_eq!(told.not_run().len(), clusters - 24);
    all_stopped(&told);
}
