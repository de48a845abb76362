//! Key: the list, the form of a new one, what is pasted.

use crate::domain::key::KeyRef;
use crate::observe::Fetched;
use crate::observe::fixture::{ALIAS, KEY, choose_key, first_time, key_arn, named_key};
use crate::plan::KeyChoice;
use crate::wizard::ScreenId;
use crate::wizard::fixture::Rig;
use crate::wizard::message::Message;
use crate::wizard::screens::key::{KeyFocus, KeyRowId};
use crate::wizard::screens::new_key::NewKeyPart;

fn paste(rig: &mut Rig, text: &str) {
    rig.send(Message::Paste(text.to_owned()));
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
