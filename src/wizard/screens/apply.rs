//! Apply: the run.

use crate::apply::progress::{StepProgress, StepState};
use crate::plan::StepId;
use crate::wizard::keys::Action;
use crate::wizard::list::{Picker, Rows, Scroll};
use crate::wizard::run::{Ending, Run, RunState};
use crate::wizard::screens::Turn;

/// What Apply holds.
#[derive(Clone, Debug, Default)]
pub struct ApplyScreen {
    /// The list of steps, by their names.
    pub list: Picker<StepId>,
    /// How far the step's text is scrolled.
    pub scroll: Scroll,
}

impl ApplyScreen {
    /// Returns the steps as they are shown. While the cursor wasn't moved the first that failed is selected, else the
    /// first that isn't done.
    pub fn rows<'a>(&self, run: &'a Run) -> Rows<&'a StepProgress> {
        let steps = &run.progress.steps;
        let ids = steps.iter().map(|step| &step.summary.id);
        Rows {
            selected: self.list.place(ids, default(run)),
            total: steps.len(),
            rows: steps.iter().collect(),
        }
    }

    pub(in crate::wizard) fn act(&mut self, action: Action, run: Option<&Run>, page: usize) -> Turn {
        let Some(run) = run else {
            return Turn::Back;
        };
        match (action, &run.state) {
            (Action::On, RunState::Ended(Ending::Completed)) => Turn::Verify,
            (Action::TryAgain, RunState::Ended(_)) => Turn::TryAgain,
            (Action::Back, RunState::Ended(_)) => Turn::Back,
            (Action::Scroll(motion), _) => {
                self.scroll.step(motion, page);
                Turn::Stay
            }
            (Action::Move(_), _) => {
                let ids: Vec<_> = run.progress.steps.iter().map(|step| step.summary.id.clone()).collect();
                self.list.act(action, &ids, default(run), page);
                self.scroll = Scroll::default();
                Turn::Stay
            }
            _ => Turn::Stay,
        }
    }
}

fn default(run: &Run) -> Option<&StepId> {
    let steps = &run.progress.steps;
    let failed = steps.iter().find(|step| matches!(step.state, StepState::Failed { .. }));
    let open = || steps.iter().find(|step| !matches!(step.state, StepState::Done { .. }));
    failed.or_else(open).map(|step| &step.summary.id)
}
