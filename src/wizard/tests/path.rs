//! The whole way, forth and back.

use crate::domain::key::KeyRef;
use crate::observe::fixture::{ALIAS, ROLE, all_done, first_time};
use crate::plan::{ClusterChoice, KeyChoice, RoleChoice};
use crate::wizard::fixture::Rig;
use crate::wizard::{DONE, Effect, PathState, Review, ScreenId};

#[test]
fn enter_a_and_the_word_lead_through() {
    let mut rig = Rig::connected(first_time());
    for _ in 0..4 {
        rig.press("Enter");
        rig.answer();
    }
    assert_eq!(rig.wizard.current, ScreenId::Clusters);
    rig.press("a");
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Review);
    assert!(
        matches!(rig.wizard.review(), Review::Ready(_)),
        "{:?}",
        rig.wizard.review()
    );
    rig.press("Enter");
    rig.answer();
    rig.text("apply");
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Apply);
    rig.complete_run();
    rig.world = all_done();
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Done);
    rig.verify();
    assert!(rig.wizard.session.evidence.known().is_some());
    assert!(matches!(rig.effects.last(), Some(Effect::WriteReport { .. })));
    rig.press("Enter");
    assert_eq!(rig.quit_code(), Some(DONE));
}

#[test]
fn the_defaults_are_what_the_project_suggests() {
    let rig = Rig::on(ScreenId::Review, first_time());
    let choices = &rig.wizard.session.choices;
    assert!(matches!(&choices.role, Some(RoleChoice::Named { name, reuse: false, .. }) if name == ROLE));
    let Some(KeyChoice::CreateUnlessThere(key)) = &choices.key else {
        panic!("{:?}", choices.key);
    };
    assert_eq!(
        (key.alias.as_str(), key.rotation_days, key.multi_region),
        (ALIAS, Some(365), false)
    );
    assert_eq!(choices.clusters, Some(ClusterChoice::Eligible));
}

#[test]
fn enter_pressed_ahead_of_the_answers_waits_for_what_decides() {
    let mut rig = Rig::begin(crate::wizard::fixture::given(), first_time());
    rig.press("Enter");
    rig.press("Enter");
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Role, "the name isn't known yet");
    assert!(rig.wizard.session.choices.role.is_none());
    rig.answer();
    assert_eq!(rig.wizard.current, ScreenId::Key);
    assert!(
        rig.wizard
            .session
            .choices
            .role
            .as_ref()
            .is_some_and(|role| role.name() == ROLE)
    );
}

#[test]
fn a_key_between_takes_the_wish_to_go_on_back() {
    let mut rig = Rig::begin(crate::wizard::fixture::given(), first_time());
    rig.press("Enter");
    rig.press("Enter");
    rig.press("Enter");
    rig.press("Down");
    rig.answer();
    assert_eq!(rig.wizard.current, ScreenId::Role);
}

#[test]
fn a_second_time_everything_in_use_is_the_default_and_nothing_is_to_do() {
    let mut rig = Rig::connected(all_done());
    for screen in [
        ScreenId::Prerequisites,
        ScreenId::Role,
        ScreenId::Key,
        ScreenId::Clusters,
        ScreenId::Review,
    ] {
        rig.press("Enter");
        rig.answer();
        assert_eq!(rig.wizard.current, screen);
    }
    let choices = &rig.wizard.session.choices;
    assert!(matches!(&choices.role, Some(RoleChoice::Existing { arn, .. }) if arn.name() == ROLE));
    assert!(matches!(&choices.key, Some(KeyChoice::Existing(KeyRef::Arn(_)))));
    assert!(
        matches!(rig.wizard.review(), Review::NothingToDo(_)),
        "{:?}",
        rig.wizard.review()
    );
    let skipped = rig
        .wizard
        .steps_path()
        .into_iter()
        .find(|(screen, _)| *screen == ScreenId::Apply);
    assert_eq!(skipped, Some((ScreenId::Apply, PathState::Skipped("nothing to do"))));
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Done);
    rig.verify();
    rig.press("Esc");
    assert_eq!(rig.wizard.current, ScreenId::Review, "there was no run to go back to");
}

#[test]
fn forth_and_back_loses_nothing() {
    let mut rig = Rig::on(ScreenId::Role, first_time());
    rig.press("Tab");
    rig.press("Ctrl-U");
    rig.text("my-q?role".replace('?', "-").as_str());
    rig.press("Tab");
    rig.press("Tab");
    rig.press("Tab");
    rig.text("team=platform");
    rig.press("Enter");
    rig.answer();
    assert_eq!(rig.wizard.current, ScreenId::Key);
    rig.press("Tab");
    rig.press("Tab");
    rig.text("for orders");
    rig.press("Enter");
    rig.answer();
    rig.press("a");
    rig.press("Enter");
    for _ in 0..5 {
        rig.press("Esc");
    }
    assert_eq!(rig.wizard.current, ScreenId::Connect);
    let before = rig.wizard.session.choices.clone();
    for _ in 0..5 {
        rig.press("Enter");
        rig.answer();
    }
    assert_eq!(rig.wizard.current, ScreenId::Review);
    assert_eq!(rig.wizard.session.choices, before);
    assert_eq!(rig.wizard.screens.role.name.value(), "my-q-role");
    assert_eq!(rig.wizard.screens.role.tags.value(), "team=platform");
    assert_eq!(rig.wizard.screens.key.new.description.value(), "for orders");
    assert!(matches!(rig.wizard.review(), Review::Ready(plan) if plan.desired.role.name() == "my-q-role"));
}

#[test]
fn the_path_tells_where_we_are_and_where_we_were() {
    use PathState::{Done, Here, ToCome};

    let mut rig = Rig::on(ScreenId::Key, first_time());
    rig.press("Esc");
    let states: Vec<_> = rig.wizard.steps_path().into_iter().map(|(_, state)| state).collect();
    assert_eq!(states, [Done, Done, Here, ToCome, ToCome, ToCome, ToCome, ToCome]);
}

#[test]
fn what_a_file_chose_is_taken_over() {
    let desired = crate::observe::fixture::desired();
    let mut start = crate::wizard::fixture::given();
    start.choices = desired.clone().into();
    let mut rig = Rig::begin(start, first_time());
    rig.answer();
    for _ in 0..5 {
        rig.press("Enter");
        rig.answer();
    }
    assert_eq!(rig.wizard.current, ScreenId::Review);
    assert_eq!(rig.wizard.session.choices.complete(), Some(desired));
    assert!(!rig.wizard.session.has_unsaved_choices());
}
