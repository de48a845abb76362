//! IAM roles that are there already, by the wizard: what the Role screen says of each, and what becomes of it.

use super::existing_role::statements;
use super::wizard::{choose, confirm, go_on, go_to, leave, leave_unsaved};
use super::WayIn;
use crate::support::screen::Screen;

const ONE_MORE: &str = "the plan adds one statement; every statement that is there stays";

/// Chooses an IAM role on Role; before and after, these sentences stand on the screen.
fn on_role(screen: &mut Screen, name: &str, before: &str, after: &[&str]) {
    go_to(screen, "Role");
    screen.wait_for("AWSReserved");
    choose(screen, name);
    for sentence in after {
        screen.reads(sentence);
    }
}

/// Goes on from Role with the key of the shipments and both clusters.
fn to_review(screen: &mut Screen) {
    go_on(screen, "Key");
    choose(screen, "alias/shipments");
    screen.reads("multi-Region");
    go_on(screen, "Clusters");
    screen.keys("a");
    screen.wait_for("2 of 2 chosen");
    go_on(screen, "Review");
}
