//! Trying a run again: everything is read anew; what is left of the confirmed plan goes on without another word.

use super::Wizard;
use super::effect::Effect;
use super::run::RunState;
use super::screens::{ScreenId, Turn};
use super::view::Review;
use crate::plan::{Action, Plan, Slot};

impl Wizard {
    pub(super) fn try_again(&mut self, effects: &mut Vec<Effect>) {
        if let Some(run) = &mut self.session.run
            && let RunState::Ended(ending) = &run.state
        {
            run.state = RunState::LookingAgain(ending.clone());
            self.look_again(effects);
        }
    }

    /// Once all is read: starts what is left, or goes back to the review where that isn't what was confirmed.
    pub(super) fn carry_on(&mut self, effects: &mut Vec<Effect>) {
        let Some(run) = self.session.run.as_ref() else {
            return;
        };
        let RunState::LookingAgain(ending) = &run.state else {
            return;
        };
        let ending = ending.clone();
        match self.review() {
            Review::Looking => {}
            Review::Ready(plan) if is_left_of(&run.plan, plan) => {
                let plan = plan.clone();
                self.start_run(plan, effects);
            }
            Review::NothingToDo(_) => {
                self.go(ScreenId::Review);
                self.take_turn(Turn::Verify, effects);
            }
            review => {
                let changed = matches!(review, Review::Ready(_));
                self.screens.review.confirmed_before = changed.then(|| Box::new(run.plan.clone()));
                if let Some(run) = &mut self.session.run {
                    run.state = RunState::Ended(ending);
                }
                self.go(ScreenId::Review);
                self.notice = Some("It can't simply go on: look at what changed.".to_owned());
            }
        }
    }
}

/// Returns whether a plan is no more than what is left of an earlier one: the same is wanted, and each step was in it,
/// with values that are known by now.
fn is_left_of(earlier: &Plan, now: &Plan) -> bool {
    let same = earlier.desired == now.desired && earlier.project.id == now.project.id && earlier.account == now.account;
    same && now.steps.iter().all(|step| {
        let before = earlier.step(&step.id);
        before.is_some_and(|before| is_same_work(&before.action, &step.action))
    })
}

fn is_same_work(earlier: &Action, now: &Action) -> bool {
    let mut earlier = earlier.clone();
    let mut now_values = now.clone();
    for (before, after) in earlier.slots_mut().into_iter().zip(now_values.slots_mut()) {
        if matches!(before, Slot::After(_)) {
            *before = after.clone();
        }
    }
    earlier == *now
}
