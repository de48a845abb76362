//! The binary in a real terminal: from the first key to Done, resized on the way, interrupted, left.

use std::process::Command;

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
    screen.wait_for("3 of 3 chosen");
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
