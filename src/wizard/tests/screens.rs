//! Every screen's keys and fields.

use crate::domain::arn::RoleArn;
use crate::domain::iam_role::NamedPolicy;
use crate::domain::key::KeyRef;
use crate::domain::project::Project;
use crate::domain::region::Region;
use crate::observe::fixture::{
    ALIAS, KEY, PROJECT, access_role, choose_key, cluster, first_time, foreign_trust, key_arn, named_key, project,
    region, role, role_arn,
};
use crate::observe::{Fetched, ObservedState};
use crate::plan::{AccessRoleChoice, ClusterChoice, KeyChoice, RoleChoice, Rollout};
use crate::wizard::fixture::{Rig, given};
use crate::wizard::message::Message;
use crate::wizard::screens::connect::ConnectFocus;
use crate::wizard::screens::key::{KeyFocus, KeyRowId};
use crate::wizard::screens::new_key::NewKeyPart;
use crate::wizard::screens::role::{RoleFocus, RoleRowId};
use crate::wizard::{Context, Dialog, Review, ScreenId, Start};

fn two_projects() -> ObservedState {
    let mut world = first_time();
    let other = Project {
        id: "6a793f832c88faeba59bc3c3".to_owned(),
        name: "Billing".to_owned(),
        ..project()
    };
    world.projects = Fetched::Known(vec![other, project()]);
    world
}

fn paste(rig: &mut Rig, text: &str) {
    rig.send(Message::Paste(text.to_owned()));
}

#[test]
fn connect_picks_project_and_region() {
    let mut rig = Rig::begin(Start::default(), two_projects());
    assert!(
        !rig.wizard.session.observed.clusters.is_looking(),
        "no project, no clusters"
    );
    rig.answer();
    assert_eq!(rig.wizard.project_rows().rows.len(), 2);
    rig.press("j");
    rig.press("Enter");
    assert_eq!(rig.wizard.session.choices.project_id.as_deref(), Some(PROJECT));
    assert_eq!(
        rig.wizard.screens.connect.focus,
        ConnectFocus::Region,
        "the region is missing"
    );
    rig.press("/");
    rig.text("US_EAST_2");
    rig.press("Enter");
    rig.press("Enter");
    rig.answer();
    assert_eq!(rig.wizard.session.choices.region, Region::parse("us-east-2").ok());
    assert_eq!(rig.wizard.current, ScreenId::Prerequisites);
}

#[test]
fn a_region_that_is_none_is_told_with_the_near_one() {
    let mut start = given();
    start.choices.region = None;
    let mut rig = Rig::begin(start, first_time());
    rig.answer();
    rig.press("/");
    rig.text("eu-weast-1");
    rig.press("Enter");
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Connect);
    assert!(
        rig.wizard
            .notice
            .as_ref()
            .is_some_and(|notice| notice.contains("eu-west-1"))
    );
}

#[test]
fn regions_are_those_of_the_accounts_partition() {
    let mut world = first_time();
    let Fetched::Known(identity) = &mut world.aws_identity else {
        panic!()
    };
    identity.partition = "aws-us-gov".to_owned();
    let rig = Rig::connected(world);
    let rows = rig.wizard.region_rows().rows;
    assert!(!rows.is_empty() && rows.iter().all(|row| row.region.aws().starts_with("us-gov-")));
}

#[test]
fn another_project_takes_its_choices_back() {
    let mut start = given();
    start.choices.project_id = None;
    let mut rig = Rig::begin(start, two_projects());
    rig.answer();
    rig.press("j");
    for key in [
        "Enter", "Enter", "Enter", "Enter", "a", "Enter", "Esc", "Esc", "Esc", "Esc", "Esc",
    ] {
        rig.press(key);
        rig.answer();
    }
    assert_eq!(rig.wizard.current, ScreenId::Connect);
    assert!(rig.wizard.session.choices.complete().is_some());
    rig.press("k");
    rig.press("Enter");
    let choices = &rig.wizard.session.choices;
    assert!(choices.role.is_none() && choices.key.is_none() && choices.clusters.is_none());
    assert!(rig.wizard.session.observed.clusters.is_looking());
    assert_eq!(rig.wizard.screens.role.name.value(), "atlas-cmk-billing");
}

/// Begins with a project that is named, in a world whose second project has a name.
fn named(name: &str, second: &str) -> Rig {
    let mut world = two_projects();
    if let Fetched::Known(projects) = &mut world.projects {
        second.clone_into(&mut projects[1].name);
    }
    let mut start = given();
    start.choices.project_id = None;
    start.project_name = Some(name.to_owned());
    let mut rig = Rig::begin(start, world);
    rig.answer();
    rig
}

#[test]
fn a_project_that_is_named_is_chosen_once_the_projects_are_there() {
    let rig = named("Billing", "Orders");
    let chosen = rig.wizard.session.choices.project_id.as_deref();
    assert_eq!(chosen, Some("6a793f832c88faeba59bc3c3"));
    assert_eq!(rig.wizard.screens.connect.focus, ConnectFocus::Region);
    assert!(rig.wizard.notice.is_none());
}

#[test]
fn of_two_projects_with_the_name_one_is_asked_for() {
    let mut rig = named("Billing", "Billing");
    assert_eq!(rig.wizard.session.choices.project_id, None);
    let notice = rig.wizard.notice.clone().unwrap();
    assert!(notice.contains("2 projects have the name Billing"), "{notice}");
    assert_eq!(rig.wizard.project_rows().rows.len(), 2);
    rig.press("Enter");
    assert!(rig.wizard.session.choices.project_id.is_some());
}

#[test]
fn a_name_that_no_project_has_leaves_the_whole_list() {
    let rig = named("Bilings", "Orders");
    let notice = rig.wizard.notice.clone().unwrap();
    assert!(notice.contains("no project with the name Bilings"), "{notice}");
    assert_eq!(rig.wizard.project_rows().rows.len(), 2);
    assert_eq!(rig.wizard.session.choices.project_id, None);
}

#[test]
fn a_project_list_that_fails_is_told() {
    let mut world = first_time();
    world.projects = Fetched::Failed(crate::problem::Problem::service("no"));
    let mut rig = Rig::begin(Start::default(), world);
    rig.press("Enter");
    assert_eq!(rig.wizard.notice.as_deref(), Some("Still looking for the projects."));
    rig.answer();
    rig.press("Enter");
    assert!(
        rig.wizard
            .notice
            .as_ref()
            .is_some_and(|notice| notice.contains("couldn't be read"))
    );
}

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
fn a_key_that_cannot_be_used_is_not_taken() {
    let mut world = first_time();
    let mut bad = named_key(KEY);
    bad.state = "PendingDeletion".to_owned();
    choose_key(&mut world, KeyRef::Alias(ALIAS.to_owned()), Some(bad));
    let mut rig = Rig::on(ScreenId::Key, world);
    assert_eq!(
        rig.wizard.screens.key.new.alias.value(),
        "alias/atlas-orders-2",
        "the alias is taken"
    );
    rig.press("End");
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Key);
    assert!(
        rig.wizard
            .notice
            .as_ref()
            .is_some_and(|notice| notice.contains("pending deletion"))
    );
    rig.press("Tab");
    rig.press("Ctrl-U");
    rig.text(ALIAS);
    rig.press("Enter");
    assert!(
        rig.wizard
            .screens
            .key
            .new
            .alias
            .error
            .as_ref()
            .is_some_and(|error| error.contains("pending deletion"))
    );
}

#[test]
fn the_key_with_the_suggested_alias_is_the_default() {
    let mut world = first_time();
    choose_key(&mut world, KeyRef::Alias(ALIAS.to_owned()), Some(named_key(KEY)));
    let mut rig = Rig::on(ScreenId::Key, world);
    assert_eq!(
        rig.wizard.key_rows().current().map(|row| row.id.clone()),
        Some(KeyRowId::Listed(key_arn(KEY)))
    );
    rig.press("Enter");
    assert_eq!(
        rig.wizard.session.choices.key,
        Some(KeyChoice::Existing(KeyRef::Arn(key_arn(KEY))))
    );
    assert_eq!(rig.wizard.current, ScreenId::Clusters);
}

#[test]
fn a_new_key_takes_its_form() {
    let mut rig = Rig::on(ScreenId::Key, first_time());
    for part in NewKeyPart::ALL {
        rig.press("Tab");
        assert_eq!(rig.wizard.screens.key.focus, KeyFocus::New(part));
    }
    rig.press("Space");
    rig.press("Shift-Tab");
    rig.press("Ctrl-U");
    rig.text("89");
    rig.press("Enter");
    assert_eq!(rig.wizard.screens.key.focus, KeyFocus::New(NewKeyPart::Days));
    assert!(rig.wizard.screens.key.new.days.error.is_some());
    rig.press("Ctrl-U");
    rig.text("90");
    rig.press("Enter");
    let Some(KeyChoice::CreateUnlessThere(settings)) = &rig.wizard.session.choices.key else {
        panic!("{:?}", rig.wizard.session.choices.key);
    };
    assert_eq!((settings.rotation_days, settings.multi_region), (Some(90), true));
    rig.press("Esc");
    for _ in 0..4 {
        rig.press("Tab");
    }
    rig.press("Space");
    rig.press("Enter");
    let Some(KeyChoice::CreateUnlessThere(settings)) = &rig.wizard.session.choices.key else {
        panic!()
    };
    assert_eq!(settings.rotation_days, None);
}

#[test]
fn a_pasted_key_is_looked_up_at_once_and_submits_nothing() {
    let mut world = first_time();
    world.keys = Fetched::Known(vec![named_key(KEY)]);
    let mut rig = Rig::on(ScreenId::Key, world);
    rig.press("Home");
    rig.press("Down");
    rig.press("Tab");
    assert_eq!(rig.wizard.screens.key.focus, KeyFocus::Named);
    paste(&mut rig, &format!("\n {}\n\n", key_arn(KEY)));
    assert_eq!(rig.wizard.screens.key.named.value(), key_arn(KEY).as_str());
    assert_eq!(rig.wizard.current, ScreenId::Key);
    assert!(rig.wizard.session.chosen_key().is_some_and(Fetched::is_looking));
    rig.answer();
    assert_eq!(rig.wizard.current, ScreenId::Key, "a paste submits nothing");
    assert!(rig.wizard.screens.key.named.error.is_none());
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Clusters);
}

#[test]
fn a_pasted_key_that_is_not_there_is_told_at_the_field() {
    let mut rig = Rig::on(ScreenId::Key, first_time());
    rig.press("Down");
    rig.press("Enter");
    rig.text(KEY);
    rig.press("Enter");
    rig.answer();
    assert_eq!(rig.wizard.current, ScreenId::Key);
    assert!(
        rig.wizard
            .screens
            .key
            .named
            .error
            .as_ref()
            .is_some_and(|error| error.contains("no such key"))
    );
}

#[test]
fn two_arns_in_one_paste_are_an_error_at_the_field() {
    let mut rig = Rig::on(ScreenId::Key, first_time());
    rig.press("Down");
    rig.press("Enter");
    paste(&mut rig, &format!("{}\n{}\n", key_arn(KEY), key_arn(KEY)));
    assert!(
        rig.wizard
            .screens
            .key
            .named
            .error
            .as_ref()
            .is_some_and(|error| error.contains('2'))
    );
    assert!(rig.wizard.session.choices.key.is_none());
    paste(&mut rig, &format!("\n {}\n\nqy\n", key_arn(KEY)));
    assert!(rig.wizard.screens.key.named.error.is_some());
    assert_eq!((rig.wizard.current, rig.quit_code()), (ScreenId::Key, None));
}

#[test]
fn a_key_of_another_region_is_refused() {
    let mut rig = Rig::on(ScreenId::Key, first_time());
    rig.press("Down");
    rig.press("Enter");
    paste(
        &mut rig,
        "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    );
    assert!(
        rig.wizard
            .screens
            .key
            .named
            .error
            .as_ref()
            .is_some_and(|error| error.contains("eu-west-1"))
    );
}

#[test]
fn a_paste_outside_a_field_does_nothing() {
    let mut rig = Rig::on(ScreenId::Role, first_time());
    let before = rig.wizard.session.choices.clone();
    paste(&mut rig, "q\nq\n");
    assert_eq!((rig.wizard.current, rig.quit_code()), (ScreenId::Role, None));
    assert_eq!(rig.wizard.session.choices, before);
    assert!(rig.wizard.dialog.is_none());
}

#[test]
fn clusters_are_toggled_one_by_one_or_all() {
    let mut rig = Rig::on(ScreenId::Clusters, first_time());
    let chosen = |rig: &Rig| {
        let names = rig.wizard.session.chosen_clusters().into_iter();
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    rig.press("Space");
    assert_eq!(chosen(&rig), ["billing"]);
    rig.press("a");
    assert_eq!(rig.wizard.session.choices.clusters, Some(ClusterChoice::Eligible));
    rig.press("Space");
    assert_eq!(chosen(&rig), ["orders"]);
    rig.press("a");
    rig.press("a");
    assert!(chosen(&rig).is_empty());
    rig.press("End");
    rig.press("Space");
    assert!(chosen(&rig).is_empty());
    assert!(rig.wizard.notice.as_ref().is_some_and(|notice| notice.contains("Flex")));
}

#[test]
fn all_means_all_that_the_filter_leaves() {
    let mut rig = Rig::on(ScreenId::Clusters, first_time());
    rig.press("/");
    rig.text("bill");
    rig.press("Enter");
    rig.press("a");
    assert_eq!(
        rig.wizard.session.choices.clusters,
        Some(ClusterChoice::Named(vec!["billing".to_owned()]))
    );
    rig.press("a");
    assert_eq!(
        rig.wizard.session.choices.clusters,
        Some(ClusterChoice::Named(Vec::new()))
    );
}

#[test]
fn going_on_without_a_cluster_is_asked() {
    let mut rig = Rig::on(ScreenId::Clusters, first_time());
    rig.press("Enter");
    assert!(matches!(rig.wizard.dialog, Some(Dialog::NoCluster)));
    rig.press("Esc");
    assert_eq!(rig.wizard.current, ScreenId::Clusters);
    rig.press("Enter");
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Review);
}

#[test]
fn the_order_of_clusters_goes_round() {
    let mut rig = Rig::on(ScreenId::Clusters, first_time());
    for rollout in [Rollout::Canary, Rollout::OneByOne, Rollout::Together] {
        rig.press("o");
        assert_eq!(rig.wizard.session.choices.rollout, rollout);
    }
}

#[test]
fn no_cluster_is_taken_before_they_are_read() {
    let mut rig = Rig::begin(given(), first_time());
    rig.wizard.current = ScreenId::Clusters;
    rig.press("a");
    assert!(
        rig.wizard
            .notice
            .as_ref()
            .is_some_and(|notice| notice.starts_with("Still reading"))
    );
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Clusters);
    assert!(rig.wizard.session.choices.clusters.is_none());
}

#[test]
fn a_thousand_clusters_are_listed_and_moved_over() {
    let mut world = first_time();
    let many: Vec<_> = (0..1000).map(|number| cluster(&format!("c{number:04}"))).collect();
    world.clusters = Fetched::Known(many);
    let mut rig = Rig::on(ScreenId::Clusters, world);
    rig.send(Message::Resize { columns: 120, rows: 40 });
    rig.press("PageDown");
    assert_eq!(rig.wizard.cluster_rows().selected, 30);
    rig.press("G");
    assert_eq!(rig.wizard.cluster_rows().selected, 1000, "the Flex one is last");
    rig.press("g");
    rig.press("a");
    rig.press("Enter");
    assert!(matches!(rig.wizard.review(), Review::Ready(plan) if plan.clusters().count() == 1000));
}

#[test]
fn review_shows_why_there_is_no_plan() {
    let mut world = first_time();
    world.setting = Fetched::Failed(crate::problem::Problem::service("the setting couldn't be read"));
    let mut rig = Rig::on(ScreenId::Review, world);
    assert!(matches!(rig.wizard.review(), Review::Blocked { problems, .. } if problems.len() == 1));
    rig.press("Enter");
    assert!(rig.wizard.dialog.is_none());
    rig.world = first_time();
    rig.press("r");
    assert!(matches!(rig.wizard.review(), Review::Looking));
    rig.answer();
    assert!(matches!(rig.wizard.review(), Review::Ready(_)));
}

#[test]
fn what_is_missing_is_named() {
    let mut rig = Rig::begin(given(), first_time());
    rig.answer();
    rig.wizard.current = ScreenId::Review;
    assert_eq!(
        rig.wizard.review(),
        Review::Missing(vec!["IAM role", "key", "clusters"])
    );
    rig.press("Enter");
    assert!(
        rig.wizard
            .notice
            .as_ref()
            .is_some_and(|notice| notice.contains("IAM role, key, clusters"))
    );
}

#[test]
fn the_word_has_to_be_typed_exactly_and_after_the_dialog_appeared() {
    let mut rig = Rig::on(ScreenId::Review, first_time());
    rig.press("Enter");
    rig.text("apply");
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Review, "typed ahead");
    rig.answer();
    rig.press("Enter");
    assert_eq!(
        rig.wizard.current,
        ScreenId::Review,
        "typed before what was typed ahead was thrown away"
    );
    for wrong in ["Apply", "apply ", "appl", ""] {
        rig.press("Ctrl-U");
        rig.text(wrong);
        rig.press("Enter");
        assert!(
            rig.wizard.asks_for_word() && rig.wizard.current == ScreenId::Review,
            "{wrong:?}"
        );
    }
    rig.press("Ctrl-U");
    rig.text("apply");
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Apply);
}

#[test]
fn a_plan_that_changes_while_the_word_is_asked_for_takes_the_question_back() {
    let mut rig = Rig::on(ScreenId::Review, first_time());
    rig.press("r");
    assert!(matches!(rig.wizard.review(), Review::Looking));
    rig.press("Enter");
    assert!(!rig.wizard.asks_for_word());
    rig.answer();
    rig.press("Enter");
    rig.answer();
    assert!(rig.wizard.asks_for_word());
    rig.wizard.session.choose_rollout(Rollout::OneByOne);
    rig.send(Message::Tick {
        at: crate::wizard::fixture::at(),
    });
    assert!(!rig.wizard.asks_for_word());
}

#[test]
fn a_given_project_is_not_listed() {
    let rig = Rig::connected(first_time());
    assert!(rig.wizard.session.project_is_given());
    assert_eq!(rig.wizard.session.observed.projects, Fetched::NotLooked);
    assert_eq!(rig.wizard.session.observed.region, Some(region()));
}

#[test]
fn until_the_partition_is_known_commercial_regions_come_first() {
    let mut start = given();
    start.choices.region = None;
    let rig = Rig::begin(start, first_time());
    let rows = rig.wizard.region_rows().rows;
    let is_other = |name: &str| name.starts_with("us-gov-") || name.starts_with("cn-");
    assert!(!is_other(rows[0].region.aws()));
    assert!(rows.is_sorted_by_key(|row| is_other(row.region.aws())));
    assert!(rows.iter().any(|row| is_other(row.region.aws())));
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
