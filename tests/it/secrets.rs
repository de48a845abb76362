//! Every secret that the program gets is looked for in everything that it leaves: output, log, journal, plan, report,
//! configuration file, screen. Each with the forms that it goes over the wire in.

use std::fs;
use std::path::{Path, PathBuf};

use atlas_cmk::simulator::{Aws, Effect, Fault, Simulator};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::support::program::{Program, Ran, clouds};
use crate::support::screen::Screen;

const SESSION_TOKEN: &str = "marked-session-token-2f8a61c07b";
const MISTYPED: &str = "marked-mistyped-secret-90c4e1";
const CONFIG: &str = "[role]\nname = \"atlas-cmk-orders\"\n[key]\nalias = \"alias/atlas-orders\"\ncreate = true\n\
                      [clusters]\nencrypt = [\"orders\"]\n";

/// Returns the secrets and the forms in which they travel, the tokens that were given out included.
fn marks(simulator: &Simulator) -> Vec<String> {
    let with = simulator.credentials();
    let mut marks = vec![
        with.private_key.clone(),
        with.client_secret.clone(),
        with.aws_secret_access_key.clone(),
        SESSION_TOKEN.to_owned(),
        MISTYPED.to_owned(),
    ];
    for (id, secret) in [
        (&with.client_id, &with.client_secret),
        (&with.public_key, &with.private_key),
    ] {
        marks.push(BASE64_STANDARD.encode(format!("{id}:{secret}")));
    }
    for exchange in simulator.control().requests() {
        if let Some(token) = exchange.response_json()["access_token"].as_str() {
            marks.push(token.to_owned());
        }
        let of_request = exchange.request_headers.into_iter();
        marks.extend(
            of_request
                .filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
                .map(|(_, value)| value),
        );
    }
    assert!(marks.iter().all(|mark| mark.len() >= 8), "{marks:?}");
    marks
}

#[track_caller]
fn assert_clean(what: &str, text: &str, marks: &[String]) {
    for mark in marks {
        assert!(!text.contains(mark.as_str()), "{mark} is in {what}: {text}");
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    found.collect()
}

/// Looks through all that runs have left; returns the names of the files.
#[track_caller]
fn assert_nothing_left(program: &Program, ran: &[Ran], simulator: &Simulator) -> Vec<String> {
    let marks = marks(simulator);
    for one in ran {
        assert_clean("standard output", &one.stdout, &marks);
        assert_clean("standard error", &one.stderr, &marks);
    }
    let files = files(program.folder());
    for path in &files {
        let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        assert_clean(&path.display().to_string(), &text, &marks);
    }
    let names = files.iter().filter_map(|path| path.file_name());
    names.map(|name| name.to_string_lossy().into_owned()).collect()
}

/// Returns the binary with a service account in place of the API key, and a session token.
fn with_service_account(simulator: &Simulator) -> Program {
    let with = simulator.credentials();
    let variables = simulator.exports().into_iter();
    variables
        .filter(|(name, _)| !name.ends_with("_API_KEY"))
        .fold(Program::bare(), |program, (name, value)| program.with(name, value))
        .with("MONGODB_ATLAS_CLIENT_ID", with.client_id.as_str())
        .with("MONGODB_ATLAS_CLIENT_SECRET", with.client_secret.as_str())
        .with("AWS_SESSION_TOKEN", SESSION_TOKEN)
        .with("RUST_LOG", "trace")
        .with("RUST_BACKTRACE", "full")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_anything_that_commands_leave() {
    for by_account in [true, false] {
        let simulator = clouds("first-time", Aws::Own).await;
        let program = if by_account {
            with_service_account(&simulator)
        } else {
            Program::on(&simulator).with("AWS_SESSION_TOKEN", SESSION_TOKEN)
        };
        program.config(CONFIG);
        let log = ["--log-file", "log.jsonl"];
        let mut ran = Vec::new();
        for command in [
            &["check", "--output", "json"][..],
            &["plan", "--out", "plan.json"],
            &["apply", "--plan", "plan.json", "--yes", "--output", "json"],
            &["status"],
        ] {
            ran.push(program.run(&[command, &log].concat()).await);
        }
        let failing = |operation: &str| {
            simulator.control().fault(Fault::new(
                operation,
                Effect::Refused {
                    status: 403,
                    code: "ACCESS_FORBIDDEN".to_owned(),
                    detail: "no".to_owned(),
                },
            ));
        };
        failing("getEncryptionAtRest");
        failing("iam:GetRole");
        ran.push(program.run(&[&["check"][..], &log].concat()).await);
        let names = assert_nothing_left(&program, &ran, &simulator);
        for name in ["log.jsonl", "plan.json", "journal.jsonl"] {
            assert!(names.iter().any(|own| own == name), "{name}: {names:?}");
        }
        assert!(names.iter().any(|name| name.starts_with("report-")), "{names:?}");
        let sent = simulator.control().requests();
        assert!(
            sent.iter()
                .any(|exchange| exchange.request_headers.iter().any(|(_, value)| value == SESSION_TOKEN)),
            "the session token was used"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_not_repeated_in_what_is_said_about_it() {
    let simulator = clouds("first-time", Aws::Own).await;
    for wrong in ["MONGODB_ATLAS_CLIENT_SECRET", "MONGODB_ATLAS_CLIENT_ID"] {
        let program = with_service_account(&simulator).with(wrong, MISTYPED);
        let ran = program.run(&["status", "--log-file", "log.jsonl"]).await;
        assert_ne!(ran.code, Some(0));
        let _ = assert_nothing_left(&program, &[ran], &simulator);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_into_the_wizard_is_on_no_screen_and_in_no_file() {
    let simulator = clouds("first-time", Aws::Own).await;
    let with = simulator.credentials().clone();
    let variables = simulator.exports().into_iter();
    let program = variables
        .filter(|(name, _)| !name.ends_with("_API_KEY"))
        .fold(Program::bare(), |program, (name, value)| program.with(name, value));
    let mut screen = Screen::start(&program.command(&["--log-file", "log.jsonl"]), 120, 40);
    let at = |words: &'static str| {
        move |now: &vt100::Screen| {
            let text = now.contents();
            text.lines().any(|line| line.contains('▸') && line.contains(words))
        }
    };
    screen.wait_for("type a service account");
    screen.keys("\u{1b}[H");
    screen.wait("the first row", at("--atlas-profile"));
    screen.keys("\u{1b}[B");
    screen.wait("the second row", at("type a service account"));
    screen.keys("\r");
    screen.wait_for("secret");
    screen.keys(&with.client_id);
    screen.wait_for(&with.client_id);
    screen.keys("\t");
    screen.keys(&with.client_secret);
    screen.keys("\r");
    screen.wait_for("Orders");
    screen.keys("q");
    let left = screen.ends();
    let marks = marks(&simulator);
    assert_clean("the terminal", &left.raw, &marks);
    let _ = assert_nothing_left(&program, &[], &simulator);
}
