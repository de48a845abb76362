//! The binary left alone: signals, a terminal that goes away, a full disk, links where its files belong.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;
use std::time::Duration;

use atlas_cmk::simulator::Aws;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

use crate::apply::CONFIG;
use crate::support::program::{Program, clouds};
use crate::support::screen::Screen;

fn wizard() -> (Program, Screen) {
    let program = Program::bare();
    let screen = Screen::start(&program.command(&["demo", "--speed", "50"]), 80, 24);
    screen.wait_for("● Connect");
    (program, screen)
}

fn send(screen: &Screen, signal: Signal) {
    kill(Pid::from_raw(screen.process()), signal).unwrap();
}

/// Returns whether the program is stopped, as its parent is told.
fn is_stopped(screen: &Screen) -> bool {
    let flags = WaitPidFlag::WSTOPPED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    let status = waitid(Id::Pid(Pid::from_raw(screen.process())), flags).unwrap();
    matches!(status, WaitStatus::Stopped(..))
}

#[test]
fn a_wizard_that_is_told_to_end_gives_the_terminal_back_and_exits_with_130() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let (_program, screen) = wizard();
        send(&screen, signal);
        let left = screen.ends();
        assert_eq!((left.code, left.restored), (130, true), "{signal}: {}", left.text);
    }
}

#[test]
fn ctrl_z_gives_the_terminal_back_until_the_wizard_is_continued() {
    let (_program, mut screen) = wizard();
    screen.keys("\u{1a}");
    screen.wait("the plain screen", |screen| !screen.alternate_screen());
    // A signal to continue that comes before the one to stop is lost.
    while !is_stopped(&screen) {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(screen.is_cooked());
    send(&screen, Signal::SIGCONT);
    screen.wait("the wizard's screen", vt100::Screen::alternate_screen);
    screen.wait_for("● Connect");
    assert!(!screen.is_cooked());
    screen.keys("\u{3}");
    let left = screen.ends();
    assert_eq!((left.code, left.restored), (130, true), "{}", left.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_apply_before_the_first_change() {
    let simulator = clouds("first-time", Aws::Own).await;
    let program = Program::on(&simulator);
    program.config(CONFIG);
    let binary = program.command(&[]);
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" apply --yes"])
        .arg(binary.get_program())
        .env_clear()
        .envs(binary.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .current_dir(program.folder());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("space on the disk"), "{stderr}");
    for change in ["kms:CreateKey", "iam:CreateRole", "createAccessRole"] {
        assert_eq!(simulator.control().count(change), 0, "{change}");
    }
}

#[test]
fn a_link_in_the_place_of_the_log_file_is_not_followed() {
    let program = Program::bare();
    let (target, link) = (program.folder().join("target"), program.folder().join("log"));
    std::fs::write(&target, "kept").unwrap();
    symlink(&target, &link).unwrap();
    let output = program.command(&["--log-file", "log", "status"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the log file can't be opened"));
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "kept");
    std::fs::remove_file(&link).unwrap();
    let _ = program.command(&["--log-file", "log", "status"]).output().unwrap();
    assert_eq!(std::fs::metadata(&link).unwrap().permissions().mode() & 0o777, 0o600);
}
