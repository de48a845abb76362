//! What every screen says, kept in `snapshots/`: change them with `INSTA_UPDATE=always`, then read each one.

use super::states::{self, State};
use super::{Drawn, theme};

fn show(states: Vec<State>) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, mut rig) in states {
            for size in [(80, 24), (120, 40)] {
                let drawn = Drawn::of(&mut rig, size, theme(&[]));
                insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), drawn.text());
            }
        }
    });
}

#[test]
fn connect() {
    show(states::connect());
}

#[test]
fn prerequisites() {
    show(states::prerequisites());
}

#[test]
fn role() {
    show(states::roles());
}

#[test]
fn key() {
    show(states::keys());
}

#[test]
fn clusters() {
    show(states::clusters());
}

#[test]
fn review() {
    show(states::review());
}

#[test]
fn apply() {
    show(states::apply());
}

#[test]
fn done() {
    show(states::done());
}

#[test]
fn dialogs() {
    show(states::dialogs());
}
