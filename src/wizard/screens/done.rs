//! Done: what holds.

use crate::wizard::keys::Action;
use crate::wizard::list::Scroll;
use crate::wizard::screens::Turn;

/// What Done holds.
#[derive(Clone, Debug, Default)]
pub struct DoneScreen {
    /// How far the evidence is scrolled.
    pub scroll: Scroll,
}

impl DoneScreen {
    pub(in crate::wizard) fn act(&mut self, action: Action, page: usize) -> Turn {
        match action {
            Action::On => return Turn::Leave,
            Action::Back => return Turn::Back,
            Action::Move(motion) | Action::Scroll(motion) => self.scroll.step(motion, page),
            _ => {}
        }
        Turn::Stay
    }
}
