//! The states that are drawn, each with its name.

mod choosing;
mod running;

pub(super) use choosing::{clusters, connect, hostile, keys, prerequisites, roles};
pub(super) use running::{apply, at_risk, dialogs, done, failed, review};

use crate::wizard::fixture::Rig;

pub(super) type State = (&'static str, Rig);

/// Returns every state there is.
pub(super) fn all() -> Vec<State> {
    let groups = [
        connect,
        prerequisites,
        roles,
        keys,
        clusters,
        review,
        apply,
        done,
        dialogs,
    ];
    groups.into_iter().flat_map(|group| group()).collect()
}

fn pressed(mut rig: Rig, keys: &[&str]) -> Rig {
    for key in keys {
        rig.press(key);
        rig.answer();
    }
    rig
}
