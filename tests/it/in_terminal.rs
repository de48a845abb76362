//! The binary in a real terminal: from the first key to Done, resized on the way, interrupted, left.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::JoinHandle;

use atlas_cmk::simulator::Aws;

use crate::simulator::openapi::assert_exchanges_fit;
use crate::support::program::{Program, clouds};
use crate::support::screen::Screen;

const ENTER: &str = "\r";
const CTRL_C: &str = "\u{3}";

/// Waits until a screen is the one that the path marks.
#[track_caller]
fn reaches(screen: &Screen, title: &str) {
    screen.wait_for(&format!("● {title}"));
}

/// Goes from the first screen to Review with the keys that a newcomer is told.
#[track_caller]
fn to_review(screen: &mut Screen) {
    reaches(screen, "Connect");
    for title in ["Prerequisites", "Role", "Key", "Clusters"] {
        screen.keys(ENTER);
        reaches(screen, title);
    }
    screen.wait_for("orders");
    screen.keys("a");
    screen.wait_for("3 of 4 chosen");
    screen.keys(ENTER);
    reaches(screen, "Review");
}

/// Goes from Review to Done.
#[track_caller]
fn to_done(screen: &mut Screen) {
    screen.wait_for("Enter apply");
    screen.keys(ENTER);
    screen.wait_for("Type");
    screen.keys("apply");
    screen.keys(ENTER);
    reaches(screen, "Apply");
    screen.wait_for("Enter evidence");
    screen.keys(ENTER);
    reaches(screen, "Done");
}

fn demo(program: &Program, speed: &str) -> Command {
    program.command(&["demo", "--speed", speed])
}

#[track_caller]
fn walk_through(columns: u16, rows: u16, resized: (u16, u16)) {
    let program = Program::bare();
    let mut screen = Screen::start(&demo(&program, "50"), columns, rows);
    to_review(&mut screen);
    screen.wait_for("DEMO");
    screen.resize(resized.0, resized.1);
    to_done(&mut screen);
    screen.wait_for("valid");
    screen.keys("q");
    let left = screen.ends();
    assert_eq!(left.code, 0, "{}", left.text);
    assert!(left.restored, "{}", left.raw);
}

#[test]
fn the_demo_leads_to_done_at_80_by_24() {
    walk_through(80, 24, (120, 40));
}

#[test]
fn the_demo_leads_to_done_at_120_by_40() {
    walk_through(120, 40, (80, 24));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_binary_does_the_work_on_the_servers_that_the_environment_names() {
    let simulator = clouds("first-time", Aws::Own).await;
    let program = Program::on(&simulator);
    let mut screen = Screen::start(&program.command(&[]), 100, 30);
    tokio::task::spawn_blocking(move || {
        to_review(&mut screen);
        to_done(&mut screen);
        screen.wait_for("valid");
        screen.keys("q");
        let left = screen.ends();
        assert_eq!((left.code, left.restored), (0, true), "{}", left.text);
    })
    .await
    .unwrap();
    assert_exchanges_fit(&simulator.control().requests());
    let reports = program.state();
    assert!(reports.exists());
    let _ = program.run(&["status"]).await.exits(0);
}

#[test]
fn ctrl_c_leaves_with_130_and_the_terminal_as_it_was() {
    let program = Program::bare();
    let mut screen = Screen::start(&demo(&program, "50"), 80, 24);
    reaches(&screen, "Connect");
    screen.keys(CTRL_C);
    let left = screen.ends();
    assert_eq!((left.code, left.restored), (130, true), "{}", left.text);
}

#[test]
fn a_run_is_stopped_by_a_ladder_and_says_how_to_go_on() {
    let program = Program::bare();
    let mut screen = Screen::start(&demo(&program, "1"), 80, 24);
    to_review(&mut screen);
    screen.wait_for("Enter apply");
    screen.keys(ENTER);
    screen.wait_for("Type");
    screen.keys("apply");
    screen.keys(ENTER);
    reaches(&screen, "Apply");
    screen.keys(CTRL_C);
    screen.keys(CTRL_C);
    let left = screen.ends();
    assert_eq!((left.code, left.restored), (130, true), "{}", left.text);
    assert!(left.text.contains("nothing real was changed"), "{}", left.text);
}

#[test]
fn a_terminal_that_is_too_small_is_told_so_in_one_line() {
    let program = Program::bare();
    let mut screen = Screen::start(&demo(&program, "50"), 40, 10);
    screen.wait_for("60×16");
    screen.resize(80, 24);
    reaches(&screen, "Connect");
    screen.keys("q");
    let left = screen.ends();
    assert_eq!((left.code, left.restored), (0, true), "{}", left.text);
}

/// A named pipe in a file's place: whoever opens it to read sets it off.
struct Trap {
    path: PathBuf,
    writer: JoinHandle<()>,
}

impl Trap {
    fn at(path: PathBuf) -> Self {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let opened = path.clone();
        // Opening to write waits for a reader.
        let writer = std::thread::spawn(move || drop(File::options().write(true).open(opened).unwrap()));
        Self { path, writer }
    }

    /// Fails where somebody read it; then sets it off, to see that it would have told.
    #[track_caller]
    fn was_never_read(self) {
        assert!(!self.writer.is_finished(), "{} was read", self.path.display());
        drop(File::open(&self.path).unwrap());
        self.writer.join().unwrap();
    }
}

/// Returns all files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn the_demo_takes_nothing_of_its_users_and_leaves_nothing() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = elsewhere.local_addr().unwrap();
    let url = format!("http://{address}");
    let program = Program::bare();
    let home = program.folder().to_owned();
    let traps: Vec<_> = [
        ".aws/config",
        ".aws/credentials",
        ".aws/sso/cache/token.json",
        ".config/atlascli/config.toml",
        "config",
        "credentials",
        "token",
        "atlas-cmk.toml",
    ]
    .map(|file| Trap::at(home.join(file)))
    .into();
    fs::create_dir(home.join("tmp")).unwrap();
    let before = files(&home);

    let text = |path: &str| home.join(path).to_str().unwrap().to_owned();
    let proxies = [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ];
    let endpoints = [
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_IAM",
        "AWS_ENDPOINT_URL_KMS",
        "AWS_ENDPOINT_URL_STS",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "MONGODB_ATLAS_BASE_URL",
    ];
    let rubbish = [
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "MONGODB_ATLAS_PUBLIC_API_KEY",
        "MONGODB_ATLAS_PRIVATE_API_KEY",
        "MONGODB_ATLAS_CLIENT_ID",
        "MONGODB_ATLAS_CLIENT_SECRET",
        "MONGODB_ATLAS_PROJECT_ID",
    ];
    let program = proxies
        .iter()
        .chain(&endpoints)
        .fold(program, |program, name| program.with(name, &*url));
    let program = rubbish
        .iter()
        .fold(program, |program, name| program.with(name, "rubbish"));
    let program = program
        .with("AWS_EC2_METADATA_DISABLED", "false")
        .with("AWS_CONFIG_FILE", text("config"))
        .with("AWS_SHARED_CREDENTIALS_FILE", text("credentials"))
        .with("AWS_WEB_IDENTITY_TOKEN_FILE", text("token"))
        .with("TMPDIR", text("tmp"));

    let mut screen = Screen::start(&demo(&program, "50"), 100, 30);
    to_review(&mut screen);
    to_done(&mut screen);
    screen.wait_for("valid");
    screen.keys("q");
    let left = screen.ends();
    assert_eq!(left.code, 0, "{}", left.text);
    assert!(!left.raw.contains("rubbish"), "{}", left.raw);

    assert_eq!(
        files(&home),
        before,
        "nothing is left, neither at home nor in the temporary folder"
    );
    for trap in traps {
        trap.was_never_read();
    }
    // The only connection that ever came is this one.
    let own = TcpStream::connect(address).unwrap();
    let (_, first) = elsewhere.accept().unwrap();
    assert_eq!(first, own.local_addr().unwrap(), "somebody else connected");
}
