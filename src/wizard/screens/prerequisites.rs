//! Prerequisites: what has to hold, one selected and told in full.

use crate::checklist::{Check, Status};
use crate::wizard::keys::Action;
use crate::wizard::list::{Picker, Rows, Scroll};
use crate::wizard::screens::Turn;

/// What Prerequisites holds.
#[derive(Clone, Debug, Default)]
pub struct PrerequisitesScreen {
    /// The list of checks, by their names.
    pub list: Picker<&'static str>,
    /// How far the check's text is scrolled.
    pub scroll: Scroll,
}

impl PrerequisitesScreen {
    /// Returns the checks as they are shown; the first that fails is selected while the cursor wasn't moved.
    pub fn rows<'a>(&self, checks: &'a [Check]) -> Rows<&'a Check> {
        Rows {
            selected: self.list.place(checks.iter().map(|check| &check.id), default(checks)),
            total: checks.len(),
            rows: checks.iter().collect(),
        }
    }

    pub(in crate::wizard) fn act(&mut self, action: Action, checks: &[Check], page: usize) -> Turn {
        match action {
            Action::On => return Turn::Next,
            Action::Back => return Turn::Back,
            Action::Scroll(motion) => self.scroll.step(motion, page),
            Action::Move(_) => {
                let ids: Vec<_> = checks.iter().map(|check| check.id).collect();
                self.list.act(action, &ids, default(checks), page);
                self.scroll = Scroll::default();
            }
            _ => {}
        }
        Turn::Stay
    }
}

fn default(checks: &[Check]) -> Option<&&'static str> {
    let failed = checks.iter().find(|check| check.status == Status::Failed);
    failed.map(|check| &check.id)
}
