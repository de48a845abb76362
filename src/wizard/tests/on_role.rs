//! Role: the lists and their fields.

use crate::domain::arn::RoleArn;
use crate::domain::iam_role::NamedPolicy;
use crate::observe::Fetched;
use crate::observe::fixture::{access_role, first_time, foreign_trust, role, role_arn};
use crate::plan::{AccessRoleChoice, RoleChoice};
use crate::wizard::fixture::{Rig, given};
use crate::wizard::screens::role::{RoleFocus, RoleRowId};
use crate::wizard::{Context, ScreenId};

#[test]
fn a_bad_role_name_is_told_at_its_field() {
    let mut rig = Rig::on(ScreenId::Role, first_time());
    rig.press("Tab");
    assert_eq!(rig.wizard.context(), Context::Field);
    rig.text(" x");
    rig.press("Enter");
    assert_eq!(
        (rig.wizard.current, rig.wizard.screens.role.focus),
        (ScreenId::Role, RoleFocus::Name)
    );
    assert!(rig.wizard.screens.role.name.error.is_some());
    rig.press("Backspace");
    assert!(rig.wizard.screens.role.name.error.is_none());
    rig.press("Tab");
    rig.text("team");
    rig.press("Tab");
    rig.text("Boundary");
    rig.press("Tab");
    rig.text("team");
    rig.press("Enter");
    assert_eq!(
        rig.wizard.screens.role.focus,
        RoleFocus::Path,
        "the first that is wrong"
    );
    rig.press("Ctrl-U");
    rig.text("/team/");
    rig.press("Enter");
    assert_eq!(rig.wizard.screens.role.focus, RoleFocus::Boundary);
    assert!(rig.wizard.screens.role.boundary.error.is_some());
    rig.press("Ctrl-U");
    rig.text("arn:aws:iam::111122223333:policy/Boundary");
    rig.press("Enter");
    assert_eq!(rig.wizard.screens.role.focus, RoleFocus::Tags);
    assert!(rig.wizard.screens.role.tags.error.is_some());
    rig.text("=platform");
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Key);
    let Some(RoleChoice::Named {
        path,
        permissions_boundary,
        ..
    }) = &rig.wizard.session.choices.role
    else {
        panic!("a new role")
    };
    assert_eq!(path, "/team/");
    assert_eq!(
        permissions_boundary.as_deref(),
        Some("arn:aws:iam::111122223333:policy/Boundary")
    );
}

#[test]
fn an_existing_role_is_read_when_it_is_chosen() {
    let mut world = first_time();
    let detail = role("shared", foreign_trust());
    world.iam_roles = Fetched::Known(vec![detail.role.clone()]);
    let mut rig = Rig::on(ScreenId::Role, world);
    rig.roles.push(detail);
    assert!(rig.wizard.session.chosen_role().is_none());
    rig.press("End");
    rig.press("Space");
    assert!(rig.wizard.session.chosen_role().is_some_and(Fetched::is_looking));
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Role, "its policies aren't read yet");
    rig.answer();
    assert_eq!(rig.wizard.current, ScreenId::Key);
}

#[test]
fn what_a_role_may_do_beyond_the_key_has_to_be_accepted() {
    let mut world = first_time();
    let mut detail = role("shared", foreign_trust());
    detail.attached.push(NamedPolicy {
        name: "arn:aws:iam::111122223333:policy/wide".to_owned(),
        document: None,
    });
    world.iam_roles = Fetched::Known(vec![detail.role.clone()]);
    let mut rig = Rig::on(ScreenId::Role, world);
    rig.roles.push(detail);
    rig.press("End");
    rig.press("Enter");
    rig.answer();
    assert_eq!(rig.wizard.current, ScreenId::Role);
    assert_eq!(rig.wizard.session.permissions_beyond_key_use().len(), 1);
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Role, "not accepted");
    rig.press("Space");
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Key);
    assert_eq!(
        rig.wizard.session.choices.role,
        Some(RoleChoice::Existing {
            arn: role_arn("shared"),
            reuse: true
        })
    );
}

#[test]
fn a_typed_name_that_is_taken_is_that_role() {
    let mut world = first_time();
    let detail = role("Shared", foreign_trust());
    world.iam_roles = Fetched::Known(vec![detail.role.clone()]);
    let mut rig = Rig::on(ScreenId::Role, world);
    rig.roles.push(detail);
    rig.press("Tab");
    rig.press("Ctrl-U");
    rig.text("shared");
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Role);
    assert!(
        rig.wizard
            .notice
            .as_ref()
            .is_some_and(|notice| notice.contains("already"))
    );
    rig.answer();
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Key);
    assert!(matches!(
        rig.wizard.session.choices.role,
        Some(RoleChoice::Existing { .. })
    ));
}

#[test]
fn an_unfinished_access_role_can_be_picked_and_left() {
    let mut world = first_time();
    let id = "65f0c1a2b3c4d5e6f70819a9";
    world.access_roles = Fetched::Known(vec![access_role(id, "00000000-0000-0000-0000-000000000000")]);
    let mut rig = Rig::on(ScreenId::Role, world);
    rig.press("Down");
    rig.press("Space");
    assert_eq!(
        rig.wizard.session.choices.access_role,
        AccessRoleChoice::Picked(id.to_owned())
    );
    rig.press("Space");
    assert_eq!(rig.wizard.session.choices.access_role, AccessRoleChoice::Recognized);
    rig.press("Enter");
    assert_eq!(
        rig.wizard.session.choices.access_role,
        AccessRoleChoice::Picked(id.to_owned())
    );
    assert_eq!(
        rig.wizard.role_rows().current().map(|row| row.id.clone()),
        Some(RoleRowId::New)
    );
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Key);
}

#[test]
fn a_filter_leaves_what_fits_and_the_cursor_keeps_to_its_role() {
    let mut world = first_time();
    let names = ["alpha", "beta", "gamma"];
    let list = || {
        names
            .iter()
            .map(|name| role(name, foreign_trust()).role)
            .collect::<Vec<_>>()
    };
    world.iam_roles = Fetched::Known(list());
    let mut rig = Rig::on(ScreenId::Role, world);
    rig.press("End");
    let selected = |rig: &Rig| rig.wizard.role_rows().current().map(|row| row.name.clone());
    assert_eq!(selected(&rig).as_deref(), Some("gamma"));
    rig.press("/");
    rig.text("gm");
    assert_eq!(rig.wizard.role_rows().rows.len(), 1);
    rig.press("Enter");
    rig.press("/");
    rig.press("Esc");
    assert_eq!(
        (rig.wizard.role_rows().rows.len(), selected(&rig).as_deref()),
        (4, Some("gamma"))
    );
    let mut more = list();
    more.insert(0, role("aaa", foreign_trust()).role);
    rig.world.iam_roles = Fetched::Known(more);
    rig.press("r");
    rig.answer();
    assert_eq!(
        (rig.wizard.role_rows().rows.len(), selected(&rig).as_deref()),
        (5, Some("gamma"))
    );
}

#[test]
fn a_filter_that_leaves_nothing_takes_nothing() {
    let mut rig = Rig::on(ScreenId::Role, first_time());
    rig.press("/");
    rig.text("zzz");
    rig.press("Enter");
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Role);
    assert!(rig.wizard.session.choices.role.is_none());
}

#[test]
fn a_new_role_never_stands_beside_one_of_its_name() {
    let mut world = first_time();
    world.iam_roles = Fetched::Known(vec![role("atlas-cmk-orders", foreign_trust()).role]);
    let mut rig = Rig::on(ScreenId::Role, world);
    let names = |rig: &Rig| {
        rig.wizard
            .role_rows()
            .rows
            .into_iter()
            .map(|row| row.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&rig), ["atlas-cmk-orders-2", "atlas-cmk-orders"]);
    assert_eq!(rig.wizard.role_rows().selected, 1, "the one that is there goes first");
    rig.press("Tab");
    rig.press("Ctrl-U");
    rig.text("Atlas-CMK-orders");
    assert_eq!(names(&rig), ["a new IAM role", "atlas-cmk-orders"]);
}

#[test]
fn no_name_is_suggested_before_the_project_is_read() {
    let mut rig = Rig::begin(given(), first_time());
    assert_eq!(rig.wizard.screens.role.name.value(), "");
    rig.answer();
    assert_eq!(rig.wizard.screens.role.name.value(), "atlas-cmk-orders");
}

#[test]
fn the_path_of_a_role_is_shown() {
    let mut world = first_time();
    let mut there = role("shared", foreign_trust()).role;
    there.arn = RoleArn::parse("arn:aws:iam::111122223333:role/team/data/shared").unwrap();
    there.description = Some("jobs".to_owned());
    world.iam_roles = Fetched::Known(vec![there]);
    let rig = Rig::on(ScreenId::Role, world);
    assert_eq!(rig.wizard.role_rows().rows[1].detail, "/team/data/  jobs");
}
