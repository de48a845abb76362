//! IAM roles that are there already, by the wizard: what the Role screen says of each, and what becomes of it.

use super::WayIn;
use super::existing_role::statements;
use super::wizard::{ENTER, choose, confirm, go_on, go_to, leave, leave_unsaved};
use crate::support::screen::Screen;

const TAB: &str = "\t";
const ESC: &str = "\u{1b}";
const CTRL_U: &str = "\u{15}";
const ONE_MORE: &str = "the plan adds one statement; every statement that is there stays";

/// Chooses an IAM role on Role.
fn choose_role(screen: &mut Screen, name: &str) {
    go_to(screen, "Role");
    screen.wait_for("atlas-archive");
    choose(screen, name);
}

/// Goes on from Role with the key of the shipments and both clusters.
fn to_review(screen: &mut Screen) {
    go_on(screen, "Key");
    screen.wait_for("alias/shipments");
    choose(screen, "alias/shipments");
    go_on(screen, "Clusters");
    screen.keys("a");
    screen.wait_for("2 of 2 chosen");
    go_on(screen, "Review");
}

/// Checks that Review shows what has to be mended, and leaves.
fn leave_blocked(screen: Screen, why: &[&str]) {
    screen.wait_for("This has to be mended first");
    for why in why {
        screen.reads(why);
    }
    leave_unsaved(screen);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_with_a_path_and_a_boundary_gets_one_statement_more() {
    const NAME: &str = "atlas-encryption";
    let way = WayIn::without_config("existing-role").await;
    let before = statements(&way, NAME);
    way.walk(|mut screen| {
        choose_role(&mut screen, NAME);
        screen.reads("role/platform/atlas/atlas-encryption");
        screen.reads("It may do nothing beyond the use of the key.");
        screen.reads("Boundary arn:aws:iam::111122223333:policy/platform-boundary");
        screen.reads(ONE_MORE);
        to_review(&mut screen);
        screen.reads("Add Atlas to the trust policy of atlas-encryption");
        confirm(&mut screen, "apply");
        screen.reads("2 of 2 dedicated clusters");
        leave(screen);
    })
    .await;
    let after = statements(&way, NAME);
    assert_eq!(after[..before.len()], before);
    assert_eq!(after.len(), before.len() + 1);
    let role = way.role(NAME);
    assert_eq!(role["boundary"], "arn:aws:iam::111122223333:policy/platform-boundary");
    assert_eq!(way.cluster("shipments")["encryption"], "AWS");
}

/// Services and accounts side by side, and everyone under a condition.
#[tokio::test(flavor = "multi_thread")]
async fn odd_trust_policies_keep_all_that_is_in_them() {
    for name in ["reporting-jobs", "organization-readers"] {
        let way = WayIn::without_config("existing-role").await;
        let before = statements(&way, name);
        way.walk(move |mut screen| {
            choose_role(&mut screen, name);
            screen.reads(ONE_MORE);
            to_review(&mut screen);
            confirm(&mut screen, "apply");
            leave(screen);
        })
        .await;
        let after = statements(&way, name);
        assert_eq!(after[..before.len()], before, "{name}");
        assert_eq!(after.len(), before.len() + 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_has_no_room_for_the_statement_is_told_of_on_its_screen() {
    let way = WayIn::without_config("existing-role").await;
    way.walk(|mut screen| {
        choose_role(&mut screen, "partner-hub");
        screen.reads("partner-hub will have a trust policy of 2135 characters (IAM takes 2048)");
        screen.reads("raise the quota \"Role trust policy length\", or choose another IAM role");
        to_review(&mut screen);
        leave_blocked(screen, &["policy-sizes", "(IAM takes 2048)"]);
    })
    .await;
    assert_eq!(way.changes(), Vec::<String>::new());
}

/// No policy of the role can make up for what its boundary leaves out.
#[tokio::test(flavor = "multi_thread")]
async fn a_boundary_without_kms_is_told_before_the_first_change() {
    let way = WayIn::without_config("existing-role").await;
    way.walk(|mut screen| {
        choose_role(&mut screen, "atlas-limited");
        screen.reads("Boundary arn:aws:iam::111122223333:policy/application-boundary");
        to_review(&mut screen);
        leave_blocked(screen, &["policy/application-boundary"]);
    })
    .await;
    assert_eq!(way.changes(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_principal_stays_until_the_operator_takes_it_out() {
    const NAME: &str = "old-operators";
    let way = WayIn::without_config("existing-role").await;
    way.walk(|mut screen| {
        choose_role(&mut screen, NAME);
        screen.reads("the trust policy of old-operators names deleted principals: AROAJ5EXAMPLE7QKX2VHM");
        screen.wait_for("[ ] take the deleted principals out");
        to_review(&mut screen);
        screen.wait_for("This has to be mended first");
        for screen_before in ["Clusters", "Key", "Role"] {
            screen.keys(ESC);
            screen.wait_for(&format!("● {screen_before}"));
        }
        screen.keys("d");
        screen.wait_for("[x] take the deleted principals out");
        for next in ["Key", "Clusters", "Review"] {
            go_on(&mut screen, next);
        }
        screen.reads("The deleted principal AROAJ5EXAMPLE7QKX2VHM is taken out of the trust policy of old-operators.");
        confirm(&mut screen, "apply");
        leave(screen);
    })
    .await;
    let after = statements(&way, NAME);
    let names = |text: &str| after.iter().any(|statement| statement.to_string().contains(text));
    assert!(!names("AROAJ5"), "{after:?}");
    assert!(
        names("arn:aws:iam::111122223333:root"),
        "who else stands there stays: {after:?}"
    );
    assert_eq!(after.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_statement_is_there_already_and_said_so_before_the_role_is_chosen() {
    const NAME: &str = "atlas-shipments";
    let way = WayIn::without_config("existing-role").await;
    let before = statements(&way, NAME);
    way.walk(|mut screen| {
        go_to(&mut screen, "Role");
        screen.wait_for("atlas-archive");
        screen.keys("/");
        screen.keys(NAME);
        screen.keys(ENTER);
        screen.reads("Trust lets Atlas in with this external ID already");
        screen.reads("Access role 66b4a8113f7e2c90d1b5a4e2 begun earlier, to be finished");
        screen.keys(" ");
        screen.reads(
            "atlas-shipments trusts Atlas with external ID 5b0f7c1e-9d24-4a68-8e3b-71c2d0f6a495 of access role \
             66b4a8113f7e2c90d1b5a4e2",
        );
        to_review(&mut screen);
        screen.reads("atlas-shipments trusts Atlas with this external ID");
        confirm(&mut screen, "apply");
        leave(screen);
    })
    .await;
    assert_eq!(statements(&way, NAME), before);
    assert!(
        !way.changes().iter().any(|call| call == "iam:UpdateAssumeRolePolicy"),
        "{:?}",
        way.changes()
    );
    assert_eq!(way.project()["aws_kms"]["role_id"], "66b4a8113f7e2c90d1b5a4e2");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_external_id_of_a_deleted_access_role_is_shown_and_replaced() {
    const NAME: &str = "atlas-archive";
    const OLD: &str = "0d6b3e85-47fa-4c19-a2d8-95e1f7b04c63";
    let way = WayIn::without_config("existing-role").await;
    way.walk(|mut screen| {
        choose_role(&mut screen, NAME);
        screen.reads(&format!(
            "atlas-archive trusts Atlas with external ID {OLD}, of an access role that was deleted"
        ));
        screen.reads("the plan replaces the old external ID; every other statement stays");
        to_review(&mut screen);
        screen.reads(&format!(
            "the external ID {OLD}, of an access role that was deleted, becomes that of the new access role."
        ));
        confirm(&mut screen, "apply");
        leave(screen);
    })
    .await;
    let after = statements(&way, NAME);
    assert_eq!(after.len(), 1, "{after:?}");
    assert!(!after[0].to_string().contains(OLD), "{after:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_role_gets_the_path_and_the_boundary_that_are_typed() {
    const BOUNDARY: &str = "arn:aws:iam::111122223333:policy/platform-boundary";
    let way = WayIn::without_config("existing-role").await;
    way.walk(|mut screen| {
        go_to(&mut screen, "Role");
        screen.wait_for("atlas-archive");
        screen.keys(TAB);
        screen.wait_for("▸ Name");
        screen.keys(CTRL_U);
        screen.keys("atlas-cmk-new");
        screen.keys(TAB);
        screen.keys(CTRL_U);
        screen.keys("/platform/atlas");
        screen.keys(TAB);
        screen.keys(BOUNDARY);
        screen.keys(ENTER);
        screen.reads("path begins and ends with /");
        screen.keys("/");
        to_review(&mut screen);
        screen.reads("Create the IAM role atlas-cmk-new");
        confirm(&mut screen, "apply");
        leave(screen);
    })
    .await;
    let role = way.role("atlas-cmk-new");
    assert_eq!(
        role["arn"],
        "arn:aws:iam::111122223333:role/platform/atlas/atlas-cmk-new"
    );
    assert_eq!(role["boundary"], BOUNDARY);
}
