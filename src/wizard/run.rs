//! The life of one run, from the typed word to its end.

use jiff::Timestamp;

use crate::apply::event::Event;
use crate::apply::progress::{End, Progress, StepProgress, StepState};
use crate::plan::{Plan, StepId};
use crate::problem::Problem;

/// A run: the plan that was confirmed, and what became of it.
#[derive(Clone, Debug)]
pub struct Run {
    /// The plan as it was reviewed.
    pub plan: Plan,
    /// The fold over its events.
    pub progress: Progress,
    /// Where it is in its life.
    pub state: RunState,
    heard_at: Option<Timestamp>,
}

/// Where a run is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It observes and plans again; nothing is changed yet.
    Checking,
    /// It carries the plan out.
    Running,
    /// Nothing new is started; what is in flight finishes.
    Stopping,
    /// What was in flight is dropped.
    Dropping,
    /// It is over.
    Ended(Ending),
    /// It is over and is to be tried again: everything is looked at anew first.
    LookingAgain(Ending),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All steps are done.
    Completed,
    /// At least one step failed.
    Failed,
    /// It was stopped.
    Cancelled {
        /// Steps whose last request may or may not have been carried out.
        uncertain: Vec<StepId>,
    },
    /// It couldn't begin, for these reasons; nothing was changed.
    Refused(Vec<Problem>),
    /// It ended without saying how: a fault of the program.
    Died(Problem),
}

impl Ending {
    /// Returns the exit code of a program that is left after it.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Completed => super::DONE,
            Self::Failed | Self::Refused(_) | Self::Died(_) => super::FAILED,
            Self::Cancelled { .. } => super::INTERRUPTED,
        }
    }
}

impl Run {
    pub(super) fn new(plan: Plan, now: Option<Timestamp>) -> Self {
        Self {
            plan,
            progress: Progress::default(),
            state: RunState::Checking,
            heard_at: now,
        }
    }

    /// Returns whether it is under way.
    pub fn is_under_way(&self) -> bool {
        !matches!(self.state, RunState::Ended(_) | RunState::LookingAgain(_))
    }

    /// Returns how it ended.
    pub fn ending(&self) -> Option<&Ending> {
        match &self.state {
            RunState::Ended(ending) | RunState::LookingAgain(ending) => Some(ending),
            _ => None,
        }
    }

    /// Returns the milliseconds since the run began, as of `now`: what the steps' times are relative to.
    pub fn elapsed_ms(&self, now: Option<Timestamp>) -> u64 {
        let told = self.progress.elapsed_ms;
        match (now, self.heard_at) {
            (Some(now), Some(heard)) if self.is_under_way() => {
                let since = now.duration_since(heard).as_millis();
                told + u64::try_from(since).unwrap_or(0)
            }
            _ => told,
        }
    }

    /// Returns the steps that run, by the last events.
    pub fn in_flight(&self) -> impl Iterator<Item = &StepId> {
        let running = |step: &&StepProgress| matches!(step.state, StepState::Running { .. });
        self.progress.steps.iter().filter(running).map(|step| &step.summary.id)
    }

    pub(super) fn absorb(&mut self, event: &Event, at: Timestamp) {
        self.progress.absorb(event);
        self.heard_at = Some(at);
        if self.state == RunState::Checking {
            self.state = RunState::Running;
        }
        if let Some(end) = &self.progress.end {
            self.state = RunState::Ended(match end {
                End::Completed => Ending::Completed,
                End::Failed => Ending::Failed,
                End::Cancelled(uncertain) => Ending::Cancelled {
                    uncertain: uncertain.clone(),
                },
            });
        }
    }

    /// The worker is gone: a run that hasn't told its end was stopped before it began, or died.
    pub(super) fn end(&mut self, why: &str) {
        let began = !self.progress.steps.is_empty();
        let ending = match self.state {
            RunState::Ended(_) | RunState::LookingAgain(_) => return,
            RunState::Stopping | RunState::Dropping if !began => Ending::Cancelled { uncertain: Vec::new() },
            _ => Ending::Died(
                Problem::internal(why)
                    .hint("try again: what is done is found and not done twice")
                    .hint("the log file says more"),
            ),
        };
        self.state = RunState::Ended(ending);
    }

    pub(super) fn refuse(&mut self, problems: Vec<Problem>) {
        self.state = RunState::Ended(Ending::Refused(problems));
    }
}
