//! Leaving, from everywhere.

use crate::apply::event::EventKind;
use crate::observe::fixture::first_time;
use crate::problem::Problem;
use crate::wizard::dialog::SaveState;
use crate::wizard::fixture::{Rig, completed, started};
use crate::wizard::message::{Message, Saved};
use crate::wizard::{DONE, Dialog, Effect, Ending, INTERRUPTED, RunState, ScreenId};

#[test]
fn nothing_chosen_nothing_asked() {
    let mut rig = Rig::connected(first_time());
    rig.press("q");
    assert_eq!(rig.quit_code(), Some(DONE));
    assert_eq!(rig.wizard.left(), Some(DONE));
    rig.press("Enter");
    assert_eq!(rig.wizard.current, ScreenId::Connect, "it is left");
}

#[test]
fn choices_that_would_be_lost_are_asked_about() {
    let mut rig = Rig::on(ScreenId::Key, first_time());
    rig.press("q");
    assert!(matches!(rig.wizard.dialog, Some(Dialog::Leave)));
    rig.press("Esc");
    assert_eq!(rig.quit_code(), None);
    rig.press("q");
    rig.press("Enter");
    assert_eq!(rig.quit_code(), Some(DONE));
}

#[test]
fn typed_text_that_was_not_taken_is_asked_about() {
    let mut rig = Rig::on(ScreenId::Role, first_time());
    rig.press("Tab");
    rig.text("x");
    rig.press("Esc");
    rig.press("q");
    assert!(matches!(rig.wizard.dialog, Some(Dialog::Leave)));
}

#[test]
fn what_is_saved_is_not_lost() {
    let mut rig = Rig::on(ScreenId::Review, first_time());
    rig.press("s");
    rig.press("Enter");
    let (id, path, overwrite) = save(&mut rig);
    assert_eq!((path.as_str(), overwrite), ("atlas-cmk.toml", false));
    rig.press("Esc");
    assert!(rig.wizard.dialog.is_some(), "it is being written");
    rig.send(Message::Saved {
        id,
        result: Ok(Saved::Written("/home/ada/atlas-cmk.toml".to_owned())),
    });
    assert_eq!(rig.wizard.notice.as_deref(), Some("Saved as /home/ada/atlas-cmk.toml."));
    rig.press("q");
    assert_eq!(rig.quit_code(), Some(DONE));
}

fn save(rig: &mut Rig) -> (crate::wizard::EffectId, String, bool) {
    rig.take(|effect| match effect {
        Effect::SaveConfig {
            id, path, overwrite, ..
        } => Some((*id, path.clone(), *overwrite)),
        _ => None,
    })
}

#[test]
fn a_file_that_is_there_is_replaced_only_when_told_so() {
    let mut rig = Rig::on(ScreenId::Review, first_time());
    rig.press("s");
    rig.press("Enter");
    let (id, ..) = save(&mut rig);
    rig.send(Message::Saved {
        id,
        result: Ok(Saved::AlreadyThere),
    });
    assert_eq!(rig.wizard.footer()[0].label, "replace it");
    rig.press("Enter");
    let (id, _, overwrite) = save(&mut rig);
    assert!(overwrite);
    rig.send(Message::Saved {
        id,
        result: Ok(Saved::AlreadyThere),
    });
    rig.press("Backspace");
    rig.press("Enter");
    let (id, path, overwrite) = save(&mut rig);
    assert_eq!(
        (path.as_str(), overwrite),
        ("atlas-cmk.tom", false),
        "another name, another file"
    );
    rig.send(Message::Saved {
        id,
        result: Err(Problem::service("no room")),
    });
    assert!(matches!(&rig.wizard.dialog, Some(Dialog::SaveFile(save)) if matches!(save.state, SaveState::Failed(_))));
    rig.press("Ctrl-U");
    rig.press("Enter");
    assert!(matches!(&rig.wizard.dialog, Some(Dialog::SaveFile(save)) if save.field.error.is_some()));
}

#[test]
fn what_is_not_whole_cannot_be_saved() {
    let mut rig = Rig::connected(first_time());
    rig.wizard.current = ScreenId::Review;
    rig.press("s");
    assert!(rig.wizard.dialog.is_none() && rig.wizard.notice.is_some());
}

#[test]
fn ctrl_c_leaves_at_once_from_every_screen_and_field_and_dialog() {
    for screen in [
        ScreenId::Connect,
        ScreenId::Prerequisites,
        ScreenId::Role,
        ScreenId::Key,
        ScreenId::Review,
    ] {
        let mut rig = Rig::on(screen, first_time());
        rig.press("Ctrl-C");
        assert_eq!(rig.quit_code(), Some(INTERRUPTED), "{screen:?}");
    }
    for keys in [&["Tab"][..], &["/"], &["?"], &["Tab", "x", "Esc", "q"]] {
        let mut rig = Rig::on(ScreenId::Role, first_time());
        for key in keys {
            rig.press(key);
        }
        rig.press("Ctrl-C");
        assert_eq!(rig.quit_code(), Some(INTERRUPTED), "{keys:?}");
    }
    let mut rig = Rig::on(ScreenId::Review, first_time());
    rig.press("Enter");
    rig.send(Message::Interrupt);
    assert_eq!(rig.quit_code(), Some(INTERRUPTED));
}

fn cancels(rig: &Rig) -> Vec<bool> {
    let cancels = rig.log.iter().filter_map(|effect| match effect {
        Effect::CancelRun { now, .. } => Some(*now),
        _ => None,
    });
    cancels.collect()
}

#[test]
fn the_ladder_finishes_then_drops_then_leaves() {
    let mut rig = Rig::on(ScreenId::Apply, first_time());
    let (id, plan) = rig.run();
    let first = plan.steps[0].id.clone();
    rig.tell(id, [started(&plan), EventKind::StepStarted { step: first.clone() }]);
    rig.press("q");
    assert_eq!((cancels(&rig), rig.quit_code()), (vec![false], None));
    rig.press("q");
    assert_eq!(cancels(&rig), [false], "q stops once");
    rig.press("Ctrl-C");
    assert_eq!((cancels(&rig), rig.quit_code()), (vec![false, true], None));
    rig.tell(id, [EventKind::RunCancelled { uncertain: vec![first] }]);
    assert_eq!(rig.quit_code(), Some(INTERRUPTED));
    let words = rig.wizard.last_words();
    assert!(words[0].contains("Create the Atlas access role"), "{words:?}");
}

#[test]
fn the_third_ctrl_c_leaves_whatever_the_worker_does() {
    let mut rig = Rig::on(ScreenId::Apply, first_time());
    let (id, plan) = rig.run();
    rig.tell(
        id,
        [
            started(&plan),
            EventKind::StepStarted {
                step: plan.steps[0].id.clone(),
            },
        ],
    );
    rig.press("Ctrl-C");
    rig.send(Message::Interrupt);
    assert_eq!(rig.quit_code(), None);
    rig.press("Ctrl-C");
    assert_eq!(rig.quit_code(), Some(INTERRUPTED));
    assert_eq!(rig.wizard.last_words().len(), 2);
}

#[test]
fn a_run_that_was_stopped_can_be_carried_on_or_left() {
    let mut rig = Rig::on(ScreenId::Apply, first_time());
    let (id, plan) = rig.run();
    rig.tell(id, [started(&plan), completed(&plan.steps[0].id)]);
    rig.press("Ctrl-C");
    rig.tell(id, [EventKind::RunCancelled { uncertain: Vec::new() }]);
    assert!(matches!(rig.wizard.ending(), Some(Ending::Cancelled { .. })));
    assert!(rig.wizard.can_try_again());
    rig.press("q");
    assert_eq!(rig.quit_code(), Some(INTERRUPTED));
}

#[test]
fn a_run_stopped_before_it_began_is_cancelled() {
    let mut rig = Rig::on(ScreenId::Apply, first_time());
    let (id, _) = rig.run();
    rig.press("q");
    rig.send(Message::RunEnded { id });
    assert_eq!(rig.wizard.ending(), Some(&Ending::Cancelled { uncertain: Vec::new() }));
}

#[test]
fn terminate_leaves_by_itself_when_the_run_has_stopped() {
    let mut rig = Rig::on(ScreenId::Apply, first_time());
    let (id, plan) = rig.run();
    rig.tell(id, [started(&plan)]);
    rig.send(Message::Terminate);
    assert_eq!((cancels(&rig), rig.quit_code()), (vec![false], None));
    assert_eq!(
        rig.wizard.session.run.as_ref().map(|run| &run.state),
        Some(&RunState::Stopping)
    );
    rig.tell(id, [EventKind::RunCancelled { uncertain: Vec::new() }]);
    assert_eq!(rig.quit_code(), Some(INTERRUPTED));
    let mut rig = Rig::on(ScreenId::Key, first_time());
    rig.send(Message::Terminate);
    assert_eq!(rig.quit_code(), Some(INTERRUPTED), "nothing is asked");
}

#[test]
fn after_a_run_that_did_all_nothing_is_interrupted() {
    let mut rig = Rig::on(ScreenId::Apply, first_time());
    rig.complete_run();
    rig.press("Ctrl-C");
    assert_eq!(rig.quit_code(), Some(DONE));
}
