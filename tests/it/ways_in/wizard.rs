//! Ways in by the wizard, in a real terminal, from the first key to what holds afterwards.

use crate::support::program::Program;
use crate::support::screen::Screen;

pub(super) const ENTER: &str = "\r";

/// Starts a scenario's demo and waits for its first screen.
fn demo(scenario: &str) -> Screen {
    let program = Program::bare();
    let screen = Screen::start(
        &program.command(&["demo", "--scenario", scenario, "--speed", "50"]),
        100,
        30,
    );
    screen.wait_for("● Connect");
    screen
}

pub(super) fn go_on(screen: &mut Screen, to: &str) {
    screen.keys(ENTER);
    screen.wait_for(&format!("● {to}"));
}

/// Goes from Connect to the screen with this title.
pub(super) fn go_to(screen: &mut Screen, title: &str) {
    for next in ["Prerequisites", "Role", "Key", "Clusters", "Review"] {
        go_on(screen, next);
        if next == title {
            return;
        }
    }
}

/// Confirms the plan by a word and goes to what holds afterwards.
pub(super) fn confirm(screen: &mut Screen, word: &str) {
    screen.wait_for("Enter apply");
    screen.keys(ENTER);
    screen.wait_for("▸ The word");
    screen.keys(word);
    screen.keys(ENTER);
    screen.wait_for("All steps are done");
    go_on(screen, "Done");
    screen.wait_for("valid");
}

/// Puts the cursor on a row by the filter and chooses it.
pub(super) fn choose(screen: &mut Screen, name: &str) {
    screen.keys("/");
    screen.wait_for("type what is to be left");
    screen.keys(name);
    screen.keys(ENTER);
    screen.wait_for(&format!("▸ ( )  {name}"));
    screen.keys(" ");
    screen.wait_for(&format!("▸ (•)  {name}"));
}

/// Leaves with choices that would be lost.
#[track_caller]
pub(super) fn leave_unsaved(mut screen: Screen) {
    screen.keys("q");
    screen.wait_for("Enter y leave");
    screen.keys("y");
    let left = screen.ends();
    assert_eq!(left.code, 0, "{}", left.text);
    assert!(left.restored, "{}", left.raw);
}

#[track_caller]
pub(super) fn leave(mut screen: Screen) {
    screen.keys("q");
    let left = screen.ends();
    assert_eq!(left.code, 0, "{}", left.text);
    assert!(left.restored, "{}", left.raw);
}

#[test]
fn in_an_incident_the_second_screen_is_the_way_back() {
    let mut screen = demo("incident");
    go_on(&mut screen, "Review");
    screen.wait_for("Only the way back is offered");
    confirm(&mut screen, "apply");
    leave(screen);
}

#[test]
fn the_switch_asks_for_the_projects_name() {
    let mut screen = demo("switch");
    go_to(&mut screen, "Review");
    confirm(&mut screen, "Claims");
    leave(screen);
}

#[test]
fn an_empty_project_gets_its_first_cluster() {
    let mut screen = demo("empty");
    go_to(&mut screen, "Clusters");
    screen.wait_for("c create one");
    screen.keys("c");
    screen.wait_for("of the new cluster");
    screen.keys("gift-cards");
    screen.keys(ENTER);
    screen.wait_for("gift-cards will be created");
    go_on(&mut screen, "Review");
    confirm(&mut screen, "apply");
    leave(screen);
}

#[test]
fn what_was_half_done_is_finished() {
    let mut screen = demo("half-done");
    go_to(&mut screen, "Clusters");
    screen.wait_for("0 of 2 chosen");
    screen.keys("a");
    screen.wait_for("2 of 2 chosen");
    go_on(&mut screen, "Review");
    confirm(&mut screen, "apply");
    leave(screen);
}

/// Names a key by its ARN on Key, and goes on to Review with both clusters.
fn to_review_with_key(screen: &mut Screen, arn: &str) {
    go_to(screen, "Key");
    screen.wait_for("alias/apps-scratch");
    screen.keys("\u{1b}[B");
    screen.keys(" ");
    screen.wait_for("▸ Key");
    screen.keys(arn);
    go_on(screen, "Clusters");
    screen.keys("a");
    screen.wait_for("2 of 2 chosen");
    go_on(screen, "Review");
    screen.wait_for("The key belongs to the AWS account");
}

#[test]
fn a_key_of_another_account_that_lets_this_one_in_is_used() {
    let mut screen = demo("cross-account");
    to_review_with_key(
        &mut screen,
        "arn:aws:kms:us-east-1:777788889999:key/9c4e7b20-6a1d-4f85-b3c2-0e8d5f7a1694",
    );
    confirm(&mut screen, "apply");
    leave(screen);
}

/// Not even `kms:DescribeKey` is allowed on it.
#[test]
fn a_key_that_only_its_owner_may_read_is_taken_and_its_statement_announced() {
    let mut screen = demo("cross-account");
    to_review_with_key(
        &mut screen,
        "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    );
    screen.wait_for("Enter apply");
}
