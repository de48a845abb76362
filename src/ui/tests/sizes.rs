//! Any state on a terminal of any size.

use super::{Drawn, states, theme};
use crate::wizard::Context;

#[test]
fn no_size_breaks_any_state() {
    let small = [1, 2, 5, 15, 16, 17, 20, 23];
    let mut sizes: Vec<(u16, u16)> = Vec::new();
    for rows in small {
        for columns in [1, 3, 20, 59, 60, 61, 79, 80, 97, 98, 99, 100, 101, 250] {
            sizes.push((columns, rows));
        }
    }
    sizes.extend([(60, 80), (80, 24), (98, 40), (120, 40), (250, 80)]);
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
