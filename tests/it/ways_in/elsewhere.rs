//! The operator has no rights in AWS, or no credentials at all: the AWS half is written out and waited for, and the test
//! plays the AWS administrator.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use atlas_cmk::simulator::{Aws, Simulator};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{WayIn, steps};
use crate::simulator::support::sdk_in;
use crate::support::aws_cli;
use crate::support::program::{Program, Ran, clouds};
use crate::support::screen::Screen;

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/7c1e2f60-3b9a-4d58-9e47-0a5d6c8b1f23";
const ROLE: &str = "atlas-cmk-orders";
const FOLDER: &str = "for the admin's team";

fn config(role: &str) -> String {
    format!("[role]\n{role}\n[key]\narn = \"{KEY}\"\n[clusters]\nencrypt = [\"orders\", \"billing\"]\n")
}

fn named() -> String {
    config(&format!("name = \"{ROLE}\""))
}

/// Who the AWS administrator is.
fn administrator(simulator: &Simulator) -> aws_config::SdkConfig {
    let credentials = simulator.credentials();
    let key = &credentials.further_aws[0];
    sdk_in(simulator.base_url(), &key.id, &credentials.region)
}

fn script(program: &Program) -> PathBuf {
    program.folder().join(FOLDER).join("aws-half.sh")
}

/// Runs `apply`, and plays the administrator as soon as an event fits; returns what was told.
async fn apply_until(
    way: &WayIn,
    fits: fn(&Value) -> bool,
) -> (mpsc::UnboundedReceiver<Value>, tokio::task::JoinHandle<Option<i32>>) {
    let mut command = way
        .program
        .command(&["apply", "--yes", "--aws-half", FOLDER, "--output", "json"]);
    let (sink, mut events) = mpsc::unbounded_channel();
    let run = tokio::task::spawn_blocking(move || {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let event: Value = serde_json::from_str(&line.unwrap()).unwrap();
            let _ = sink.send(event);
        }
        child.wait().unwrap().code()
    });
    while let Some(event) = events.recv().await {
        assert_ne!(event["event"], "step_failed", "{event:#}");
        if fits(&event) {
            return (events, run);
        }
    }
    panic!("the run ended before");
}

fn waits_for_administrator(event: &Value) -> bool {
    event["event"] == "attempt_failed" && event["person"] == "aws_administrator"
}

#[track_caller]
fn says(ran: &Ran, words: &[&str]) {
    for word in words {
        assert!(ran.stderr.contains(word), "{word:?} isn't in {}", ran.stderr);
    }
}

/// Everything holds, and nothing is there twice.
fn holds(way: &WayIn, role: &str) {
    let project = way.project();
    let access_roles = project["access_roles"].as_array().unwrap();
    assert_eq!(access_roles.len(), 1, "{access_roles:#?}");
    assert_eq!(project["aws_kms"]["role_id"], access_roles[0]["id"]);
    assert_eq!(way.cluster("orders")["encryption"], "AWS");
    let trust = way.role(role)["trust"]["now"].to_string();
    assert!(
        trust.contains(access_roles[0]["external_id"].as_str().unwrap()),
        "{trust}"
    );
}

async fn from_nothing(way: WayIn) {
    // Without the option it is refused before the first change, and the option is named.
    let refused = way.program.run(&["apply", "--yes"]).await.exits(3);
    says(&refused, &["--aws-half"]);
    assert_eq!(way.changes(), Vec::<String>::new());

    let plan = way
        .program
        .run(&["plan", "--output", "json", "--aws-half", FOLDER])
        .await
        .exits(0);
    says(&plan, &["Atlas gives the external ID"]);
    let plan = plan.json();
    let theirs = plan["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["elsewhere"] == true);
    let theirs: Vec<_> = theirs.map(|step| step["id"].as_str().unwrap()).collect();
    assert_eq!(theirs, ["create-iam-role", "put-role-policy"]);
    assert!(!script(&way.program).exists());
    assert_eq!(way.changes(), Vec::<String>::new());

    let (mut events, run) = apply_until(&way, waits_for_administrator).await;
    assert_eq!(way.changes()[0], "createAccessRole");
    let half = script(&way.program);
    assert_eq!((mode(half.parent().unwrap()), mode(&half)), (0o700, 0o600));
    let done = aws_cli::run(&half, &administrator(&way.simulator)).await.exits(0);
    assert_eq!(done.changes(), ["iam create-role", "iam put-role-policy"]);
    let mut told = Vec::new();
    while let Some(event) = events.recv().await {
        told.push(event);
    }
    assert_eq!(run.await.unwrap(), Some(0), "{told:#?}");
    assert_eq!(told.last().unwrap()["event"], "run_completed");
    holds(&way, ROLE);

    let changed = way.changes();
    let again = way
        .program
        .run(&["apply", "--yes", "--aws-half", FOLDER])
        .await
        .exits(0);
    says(&again, &["Nothing to do"]);
    assert_eq!(way.changes(), changed);
    // The administrator may run it once more.
    let again = aws_cli::run(&half, &administrator(&way.simulator)).await.exits(0);
    assert_eq!(again.changes(), Vec::<&str>::new(), "{}", again.stdout);
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_right_in_aws() {
    from_nothing(WayIn::of("admin-elsewhere", &named()).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_credential_for_aws() {
    let mut way = WayIn::of("admin-elsewhere", &named()).await;
    way.program = way
        .program
        .without(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]);
    from_nothing(way).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_is_over_says_how_to_go_on_and_the_next_run_makes_nothing_twice() {
    let way = WayIn::of("admin-elsewhere", &named()).await;
    let apply = ["apply", "--yes", "--aws-half", FOLDER, "--wait-limit", "3"];
    let gave_up = way.program.run(&apply).await.exits(1);
    let told = gave_up.stdout;
    for words in [
        "handed over",
        "aws-half.sh",
        "CANNOT_ASSUME_ROLE",
        "the same command",
        "not run, because of",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let _ = aws_cli::run(&script(&way.program), &administrator(&way.simulator))
        .await
        .exits(0);
    let _ = way
        .program
        .run(&["apply", "--yes", "--aws-half", FOLDER])
        .await
        .exits(0);
    holds(&way, ROLE);

    // On another machine, without the journal: the access role is named.
    let way = WayIn::of("admin-elsewhere", &named()).await;
    let _ = way.program.run(&apply).await.exits(1);
    let id = way.project()["access_roles"][0]["id"].as_str().unwrap().to_owned();
    std::fs::remove_dir_all(way.program.state()).unwrap();
    way.program
        .config(&config(&format!("name = \"{ROLE}\"\naccess_role = \"{id}\"")));
    // A plan writes the half out, where the access role is there.
    std::fs::remove_dir_all(way.program.folder().join(FOLDER)).unwrap();
    let plan = way.program.run(&["plan", "--aws-half", FOLDER]).await.exits(0);
    says(&plan, &["AWS half: for the admin's team/aws-half.sh"]);
    let _ = aws_cli::run(&script(&way.program), &administrator(&way.simulator))
        .await
        .exits(0);
    let _ = way
        .program
        .run(&["apply", "--yes", "--aws-half", FOLDER])
        .await
        .exits(0);
    holds(&way, ROLE);
}

/// It can't be read from here, and what is in its trust policy is kept: the administrator adds the statement.
#[tokio::test(flavor = "multi_thread")]
async fn an_iam_role_that_is_there_is_never_overwritten() {
    for role in [
        "name = \"orders-api-task\"",
        "arn = \"arn:aws:iam::111122223333:role/orders-api-task\"",
    ] {
        let way = WayIn::of("admin-elsewhere", &config(role)).await;
        let (mut events, run) = apply_until(&way, waits_for_administrator).await;
        let half = script(&way.program);
        let sdk = administrator(&way.simulator);
        let before = way.role("orders-api-task");
        let stopped = aws_cli::run(&half, &sdk).await.exits(1);
        assert!(
            stopped.stderr.contains("add the statement in trust-policy.json"),
            "{}",
            stopped.stderr
        );
        assert_eq!(stopped.changes(), Vec::<&str>::new());
        assert_eq!(way.role("orders-api-task"), before);

        let ours: Value = read(&half.with_file_name("trust-policy.json"));
        let mut trust: Value = serde_json::from_str(before["trust"]["now"].as_str().unwrap()).unwrap();
        let all = trust["Statement"].as_array_mut().unwrap();
        all.push(ours["Statement"][0].clone());
        let iam = aws_sdk_iam::Client::new(&sdk);
        let request = iam.update_assume_role_policy().role_name("orders-api-task");
        request.policy_document(trust.to_string()).send().await.unwrap();
        let done = aws_cli::run(&half, &sdk).await.exits(0);
        assert_eq!(done.changes(), ["iam put-role-policy"]);
        while events.recv().await.is_some() {}
        assert_eq!(run.await.unwrap(), Some(0));
        holds(&way, "orders-api-task");
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Somebody who may read AWS: the documents are whole, and the key is created elsewhere too.
#[tokio::test(flavor = "multi_thread")]
async fn who_may_read_gets_whole_documents_and_a_key_that_is_made_elsewhere() {
    let config = r#"
        [role]
        name = "orders-api-task"
        reuse = true
        [key]
        alias = "alias/new"
        create = true
        description = "it's `mine`, $(whoami) \"quoted\""
        tags = { "cost center" = "four two" }
        [clusters]
        encrypt = ["orders"]
        [aws]
        half = "for the admin's team"
    "#;
    let way = WayIn::of("first-time", config).await;
    let plan = way.plan().await;
    assert!(steps(&plan).contains(&"create-key"), "{plan:#}");
    let (mut events, run) = apply_until(&way, |event| event["person"] == "aws_administrator").await;
    let half = script(&way.program);
    let credentials = way.simulator.credentials();
    let sdk = sdk_in(
        way.simulator.base_url(),
        &credentials.aws_access_key_id,
        &credentials.region,
    );
    let before = way.role("orders-api-task")["trust"]["now"].clone();
    let done = aws_cli::run(&half, &sdk).await.exits(0);
    assert_eq!(
        done.changes(),
        [
            "iam update-assume-role-policy",
            "kms create-key",
            "kms enable-key-rotation",
            "kms create-alias",
            "iam put-role-policy"
        ]
    );
    while events.recv().await.is_some() {}
    assert_eq!(run.await.unwrap(), Some(0));
    holds(&way, "orders-api-task");
    let text = |value: &Value| serde_json::from_str::<Value>(value.as_str().unwrap()).unwrap();
    let (before, after) = (text(&before), text(&way.role("orders-api-task")["trust"]["now"]));
    assert_eq!(after["Statement"][0], before["Statement"][0], "what was there is kept");
    let world = way.world();
    let keys = world["aws"]["keys"].as_array().unwrap();
    let made: Vec<_> = keys
        .iter()
        .filter(|key| key["tags"].to_string().contains("cost center"))
        .collect();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["description"], "it's `mine`, $(whoami) \"quoted\"");
    assert!(
        made[0]["tags"]
            .as_array()
            .unwrap()
            .contains(&json!(["cost center", "four two"]))
    );

    let again = aws_cli::run(&half, &sdk).await.exits(0);
    assert_eq!(again.changes(), ["kms enable-key-rotation"], "which is the same twice");
}

/// Between the plan and the administrator somebody else changes the trust policy.
#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_was_changed_since_is_not_replaced() {
    let config = config("name = \"orders-api-task\"\nreuse = true");
    let way = WayIn::of("first-time", &config).await;
    let gave_up = way
        .program
        .run(&["apply", "--yes", "--aws-half", FOLDER, "--wait-limit", "1"])
        .await
        .exits(1);
    drop(gave_up);
    let credentials = way.simulator.credentials();
    let sdk = sdk_in(
        way.simulator.base_url(),
        &credentials.aws_access_key_id,
        &credentials.region,
    );
    let iam = aws_sdk_iam::Client::new(&sdk);
    let other = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" },
    ] });
    let request = iam.update_assume_role_policy().role_name("orders-api-task");
    request.policy_document(other.to_string()).send().await.unwrap();
    let stopped = aws_cli::run(&script(&way.program), &sdk).await.exits(1);
    assert!(stopped.stderr.contains("run atlas-cmk again"), "{}", stopped.stderr);
    assert_eq!(stopped.changes(), Vec::<&str>::new());
}

/// In the wrong account nothing is changed.
#[tokio::test(flavor = "multi_thread")]
async fn the_script_looks_in_which_account_it_is() {
    let way = WayIn::of(
        "admin-elsewhere",
        &config("arn = \"arn:aws:iam::444455556666:role/atlas\""),
    )
    .await;
    let apply = ["apply", "--yes", "--aws-half", FOLDER, "--wait-limit", "1"];
    let _ = way.program.run(&apply).await.exits(1);
    let stopped = aws_cli::run(&script(&way.program), &administrator(&way.simulator))
        .await
        .exits(1);
    assert!(
        stopped
            .stderr
            .contains("this is the AWS account 111122223333, not 444455556666"),
        "{}",
        stopped.stderr
    );
    assert_eq!(stopped.calls, ["sts get-caller-identity"]);
}

/// By the wizard, from the first key to what holds afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn by_the_wizard_with_the_administrator_at_work_meanwhile() {
    let simulator = clouds("admin-elsewhere", Aws::Own).await;
    let program = Program::on(&simulator);
    let half = program.folder().join("atlas-cmk-aws/aws-half.sh");
    let sdk = administrator(&simulator);
    let command = program.command(&[]);
    let (told, mut asked) = mpsc::unbounded_channel();
    let (answer, answered) = std::sync::mpsc::channel();
    let wizard = tokio::task::spawn_blocking(move || {
        let mut screen = Screen::start(&command, 110, 34);
        screen.wait_for("● Connect");
        screen.wait_for("w AWS by its administrator");
        screen.keys("w");
        screen.wait_for("The AWS administrator does the AWS half");
        for next in ["Prerequisites", "Role", "Key"] {
            screen.keys("\r");
            screen.wait_for(&format!("● {next}"));
        }
        screen.keys("\r");
        screen.keys(KEY);
        screen.keys("\r");
        screen.wait_for("● Clusters");
        screen.wait_for("orders");
        screen.keys("a");
        screen.wait_for("3 of 4 chosen");
        screen.keys("\r");
        screen.wait_for("● Review");
        screen.wait_for("administrator");
        screen.wait_for("Enter apply");
        screen.keys("\r");
        screen.wait_for("▸ The word");
        screen.keys("apply\r");
        screen.wait_for("● Apply");
        screen.wait_for("r try now");
        told.send(()).unwrap();
        answered.recv().unwrap();
        screen.keys("r");
        screen.wait_for("All steps are done");
        screen.keys("\r");
        screen.wait_for("● Done");
        screen.wait_for("valid");
        screen.keys("q");
        screen.ends()
    });
    asked.recv().await.unwrap();
    let _ = aws_cli::run(&half, &sdk).await.exits(0);
    answer.send(()).unwrap();
    let left = wizard.await.unwrap();
    assert_eq!(left.code, 0, "{}", left.text);
    assert!(left.restored, "{}", left.raw);
    let way = WayIn { simulator, program };
    holds(&way, "atlas-cmk-orders");
}
