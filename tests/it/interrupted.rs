//! Runs of the binary that are stopped from outside: by a signal, or by a pipe that closes.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};
use std::time::Duration;

use atlas_cmk::simulator::{Aws, Effect, Fault, Simulator};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::support::program::{Program, clouds};

const CONFIG: &str = r#"
[role]
name = "atlas-cmk-orders"
[key]
alias = "alias/atlas-orders"
create = true
[clusters]
encrypt = ["orders"]
"#;

fn interrupt(child: &Child) {
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
}

async fn first_time() -> (Simulator, Program) {
    let simulator = clouds("first-time", Aws::Own).await;
    let program = Program::on(&simulator);
    program.config(CONFIG);
    (simulator, program)
}

/// How many keys carry the alias, access roles and IAM roles of the run there are.
fn made(simulator: &Simulator) -> [usize; 3] {
    let count = |operation: &str| simulator.control().count(operation);
    [
        count("kms:CreateKey"),
        count("iam:CreateRole"),
        count("createAccessRole"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_ends_with_130_and_the_next_one_carries_on() {
    let (simulator, program) = first_time().await;
    let mut command = program.command(&["apply", "--yes", "--output", "json"]);
    let events = tokio::task::spawn_blocking(move || {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut events = Vec::new();
        for line in lines {
            let event: Value = serde_json::from_str(&line.unwrap()).unwrap();
            // Trust takes a while to spread: something is waited for by then, and the key is there.
            if event["event"] == "attempt_failed" {
                interrupt(&child);
            }
            events.push(event);
        }
        assert_eq!(child.wait().unwrap().code(), Some(130));
        events
    })
    .await
    .unwrap();
    assert_eq!(events.last().unwrap()["event"], "run_cancelled", "{events:#?}");
    let ends = ["run_completed", "run_failed", "run_cancelled"];
    let ended = |event: &&Value| event["event"].as_str().is_some_and(|name| ends.contains(&name));
    assert_eq!(events.iter().filter(ended).count(), 1);

    let _ = program.run(&["apply", "--yes"]).await.exits(0);
    assert_eq!(made(&simulator), [1, 1, 1]);
    let _ = program.run(&["status"]).await.exits(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_interrupted_before_a_run_began_leaves_standard_output_empty() {
    let (simulator, program) = first_time().await;
    simulator.control().fault(Fault::new(
        "getEncryptionAtRest",
        Effect::Delay(Duration::from_mins(50)),
    ));
    for arguments in [&["plan"][..], &["apply", "--yes", "--output", "json"]] {
        let mut command = program.command(arguments);
        let asked = || simulator.control().count("sts:GetCallerIdentity");
        let before = asked();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        while asked() == before {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        interrupt(&child);
        let (code, stdout) = tokio::task::spawn_blocking(move || {
            let mut stdout = String::new();
            child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
            (child.wait().unwrap().code(), stdout)
        })
        .await
        .unwrap();
        assert_eq!((code, stdout.as_str()), (Some(130), ""), "{arguments:?}");
    }
    assert_eq!(made(&simulator), [0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_pipe_is_a_quiet_end() {
    let (_simulator, program) = first_time().await;
    let mut command = program.command(&["plan"]);
    let (code, stderr) = tokio::task::spawn_blocking(move || {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (child.wait().unwrap().code(), stderr)
    })
    .await
    .unwrap();
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
}
