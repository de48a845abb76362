//! Review: the plan, or why there is none.

use crate::plan::{Plan, StepId};
use crate::wizard::keys::Action;
use crate::wizard::list::{Picker, Rows, Scroll};
use crate::wizard::screens::Turn;
use crate::wizard::view::Review;

/// What Review holds.
#[derive(Clone, Debug, Default)]
pub struct ReviewScreen {
    /// The list of steps, by their names.
    pub list: Picker<StepId>,
    /// How far the step's text is scrolled.
    pub scroll: Scroll,
    /// The plan that was confirmed before the world moved: what is shown now has to be confirmed again.
    pub confirmed_before: Option<Box<Plan>>,
}

impl ReviewScreen {
    /// Returns the steps as they are shown.
    pub fn rows<'a>(&self, plan: &'a Plan) -> Rows<&'a crate::plan::Step> {
        Rows {
            selected: self.list.place(plan.steps.iter().map(|step| &step.id), None),
            total: plan.steps.len(),
            rows: plan.steps.iter().collect(),
        }
    }

    pub(in crate::wizard) fn act(&mut self, action: Action, review: &Review<'_>, page: usize) -> Turn {
        match action {
            Action::Back => Turn::Back,
            Action::On => match review {
                Review::Ready(_) => Turn::AskWord,
                Review::NothingToDo(_) => Turn::Verify,
                Review::Looking => Turn::Say("Still looking; the plan comes when all is read.".to_owned()),
                Review::Missing(what) => Turn::Say(format!("Not chosen yet: {}.", what.join(", "))),
                Review::Blocked { .. } => Turn::Say("Mend what fails first; r looks again.".to_owned()),
            },
            Action::Scroll(motion) => {
                self.scroll.step(motion, page);
                Turn::Stay
            }
            Action::Move(_) => {
                if let Review::Ready(plan) = review {
                    let ids: Vec<_> = plan.steps.iter().map(|step| step.id.clone()).collect();
                    self.list.act(action, &ids, None, page);
                    self.scroll = Scroll::default();
                }
                Turn::Stay
            }
            _ => Turn::Stay,
        }
    }
}
