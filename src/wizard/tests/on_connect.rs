//! Connect: project and region.

use crate::domain::project::Project;
use crate::domain::region::Region;
use crate::observe::fixture::{PROJECT, first_time, project, region};
use crate::observe::{Fetched, ObservedState};
use crate::wizard::fixture::{Rig, given};
use crate::wizard::screens::connect::ConnectFocus;
use crate::wizard::{ScreenId, Start};

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
