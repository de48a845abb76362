//! Keys: who takes them, kinds, footer and help.

use crossterm::event::{KeyEvent, KeyEventKind, KeyModifiers};

use crate::observe::fixture::{all_done, first_time};
use crate::wizard::fixture::{Rig, key};
use crate::wizard::list::Scroll;
use crate::wizard::message::Message;
use crate::wizard::{Action, Context, Dialog, ScreenId};

fn send(rig: &mut Rig, name: &str, kind: KeyEventKind) {
    rig.send(Message::Key(KeyEvent { kind, ..key(name) }));
}

#[test]
fn a_key_acts_when_it_is_pressed_and_not_when_it_is_released() {
    let mut rig = Rig::connected(first_time());
    send(&mut rig, "Enter", KeyEventKind::Release);
    assert_eq!(rig.wizard.current, ScreenId::Connect);
    send(&mut rig, "Enter", KeyEventKind::Press);
    send(&mut rig, "Enter", KeyEventKind::Release);
    assert_eq!(rig.wizard.current, ScreenId::Prerequisites);
}

#[test]
fn a_key_that_is_held_down_only_moves() {
    let mut rig = Rig::on(ScreenId::Clusters, first_time());
    for _ in 0..2 {
        send(&mut rig, "Down", KeyEventKind::Repeat);
    }
    assert_eq!(rig.wizard.cluster_rows().selected, 2);
    send(&mut rig, "a", KeyEventKind::Repeat);
    send(&mut rig, "Enter", KeyEventKind::Repeat);
    assert_eq!(rig.wizard.current, ScreenId::Clusters);
    assert!(rig.wizard.session.choices.clusters.is_none());
}

#[test]
fn in_a_field_letters_are_letters() {
    let mut rig = Rig::on(ScreenId::Role, first_time());
    rig.press("Tab");
    rig.press("Ctrl-U");
    rig.text("q?r/aj");
    assert_eq!(rig.wizard.screens.role.name.value(), "q?r/aj");
    assert_eq!((rig.wizard.dialog.is_some(), rig.quit_code()), (false, None));
    rig.press("Esc");
    assert_eq!(
        (rig.wizard.current, rig.wizard.context()),
        (ScreenId::Role, Context::Screen)
    );
    rig.press("?");
    assert!(matches!(rig.wizard.dialog, Some(Dialog::Help(_))));
}

#[test]
fn every_screen_has_help_back_look_again_and_leave() {
    for screen in ScreenId::ALL {
        let world = if screen == ScreenId::Done {
            all_done()
        } else {
            first_time()
        };
        let rig = Rig::on(
            if screen == ScreenId::Done {
                ScreenId::Review
            } else {
                screen
            },
            world,
        );
        let actions: Vec<_> = rig.wizard.help().iter().map(|binding| binding.action).collect();
        for action in [Action::Help, Action::Leave, Action::Interrupt] {
            assert!(actions.contains(&action), "{screen:?}: {action:?}");
        }
        let running = rig.wizard.is_running();
        assert_eq!(actions.contains(&Action::LookAgain), !running, "{screen:?}");
        let back = screen != ScreenId::Connect && !running;
        assert_eq!(actions.contains(&Action::Back), back, "{screen:?}");
        assert!(!rig.wizard.footer().is_empty());
    }
}

#[test]
fn the_help_takes_all_keys_and_closes() {
    let mut rig = Rig::on(ScreenId::Clusters, first_time());
    for close in ["Esc", "?", "q", "Enter"] {
        rig.press("?");
        rig.press("a");
        rig.press("j");
        assert!(matches!(
            rig.wizard.dialog,
            Some(Dialog::Help(Scroll { offset: 1, .. }))
        ));
        rig.press(close);
        assert!(rig.wizard.dialog.is_none());
        assert_eq!(rig.wizard.current, ScreenId::Clusters);
    }
    assert!(rig.wizard.session.choices.clusters.is_none());
}

#[test]
fn shift_with_a_letter_is_that_letter() {
    let mut rig = Rig::on(ScreenId::Clusters, first_time());
    let shifted = KeyEvent {
        modifiers: KeyModifiers::SHIFT,
        ..key("G")
    };
    rig.send(Message::Key(shifted));
    assert_eq!(rig.wizard.cluster_rows().selected, 3);
    let control = KeyEvent {
        modifiers: KeyModifiers::CONTROL,
        ..key("a")
    };
    rig.send(Message::Key(control));
    assert!(rig.wizard.session.choices.clusters.is_none(), "Ctrl-A isn't a");
}

#[test]
fn the_text_beside_the_list_scrolls_as_far_as_it_goes() {
    let mut rig = Rig::on(ScreenId::Review, first_time());
    rig.send(Message::Drawn { scroll_limit: 2 });
    for _ in 0..5 {
        rig.press("J");
    }
    assert_eq!(rig.wizard.screens.review.scroll.offset, 2);
    rig.press("K");
    assert_eq!(rig.wizard.screens.review.scroll.offset, 1);
    rig.press("j");
    assert_eq!(
        rig.wizard.screens.review.scroll.offset, 0,
        "another step, from its beginning"
    );
    assert_eq!(rig.wizard.plan_rows().map(|rows| rows.selected), Some(1));
}

#[test]
fn the_footer_says_what_enter_does() {
    let rig = Rig::on(ScreenId::Review, first_time());
    let enter = rig.wizard.footer()[0];
    assert_eq!((enter.shown, enter.label), ("Enter", "apply"));
    let rig = Rig::on(ScreenId::Review, all_done());
    assert_eq!(rig.wizard.footer()[0].label, "verify");
}
