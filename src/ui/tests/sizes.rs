//! Any state on a terminal of any size.

use super::{Drawn, states, theme};
use crate::wizard::Context;

#[test]
fn no_size_breaks_any_state() {
    // Around the sizes at which the layout changes, and the ends.
    let columns = [1, 59, 60, 97, 98, 250];
    let rows = [1, 16, 19, 20, 80];
    let sizes: Vec<(u16, u16)> = columns
        .into_iter()
        .flat_map(|columns| rows.map(|rows| (columns, rows)))
        .collect();
    for (name, mut rig) in states::all() {
        for size in &sizes {
            let drawn = Drawn::of(&mut rig, *size, theme(&[]));
            assert!(!drawn.text().trim().is_empty(), "{name} {size:?}");
        }
    }
}

#[test]
fn a_size_that_is_too_small_says_so() {
    let (_, mut rig) = states::connect().remove(0);
    let drawn = Drawn::of(&mut rig, (59, 16), theme(&[]));
    assert_eq!(drawn.lines()[0], "atlas-cmk needs 60×16, this terminal is 59×16");
}

#[test]
fn the_cursor_stands_in_the_field_that_takes_the_keys_and_nowhere_else() {
    for (name, mut rig) in states::all() {
        let types = match rig.wizard.context() {
            Context::Field | Context::Filter => true,
            Context::Dialog => rig
                .wizard
                .dialog
                .as_ref()
                .is_some_and(|dialog| dialog.field().is_some()),
            Context::Screen => false,
        };
        for size in [(60, 16), (80, 24), (120, 40)] {
            let drawn = Drawn::of(&mut rig, size, theme(&[]));
            assert_eq!(drawn.cursor.is_some(), types, "{name} {size:?}\n{}", drawn.text());
        }
    }
}
