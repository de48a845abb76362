//! The one fold from events to the picture of a run.

use super::event::{Event, EventKind, NotRun, Outcome, Person, StepSummary};
use crate::plan::StepId;
use crate::problem::Problem;

/// The picture of a run. Built from events alone, live or read from a file; events of another run or out of order
/// leave steps as they were.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Steps in the plan's order; empty before the run begins.
    pub steps: Vec<StepProgress>,
    /// How the run ended, once it has.
    pub end: Option<End>,
    /// Milliseconds of the last event.
    pub elapsed_ms: u64,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// All steps are done.
    Completed,
    /// At least one step failed.
    Failed,
    /// The operator stopped it; these steps are uncertain.
    Cancelled(Vec<StepId>),
}

/// One step in the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct StepProgress {
    /// What the first event said of it.
    pub summary: StepSummary,
    /// Requests of this step that were refused or lost so far.
    pub failed_attempts: u32,
    /// What it does now.
    pub state: StepState,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum StepState {
    /// Its turn hasn't come.
    Pending,
    /// It runs.
    Running {
        /// Milliseconds of the run at which it began.
        since_ms: u64,
        /// What it waits for, if it does.
        waiting: Option<Waiting>,
    },
    /// It is done.
    Done {
        /// How.
        outcome: Outcome,
        /// What there is now.
        message: String,
        /// Milliseconds it took.
        took_ms: u64,
    },
    /// It failed.
    Failed {
        /// Why, and what to do.
        problem: Problem,
        /// Milliseconds it took.
        took_ms: u64,
    },
    /// It wasn't run.
    NotRun(NotRun),
}

/// What a running step waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// In the operator's words.
    pub reason: String,
    /// The service's error code, where a refusal is what it waits out.
    pub code: Option<String>,
    /// Milliseconds of the run at which this wait was told.
    pub since_ms: u64,
    /// Milliseconds of the run at which the next attempt comes, where one is planned.
    pub next_try_at_ms: Option<u64>,
    /// How long this wait may take at most, in milliseconds.
    pub limit_ms: Option<u64>,
    /// Who has to act first, if anybody.
    pub person: Option<Person>,
}

impl Progress {
    /// Takes one event in.
    pub fn absorb(&mut self, event: &Event) {
        self.elapsed_ms = self.elapsed_ms.max(event.elapsed_ms);
        let now = event.elapsed_ms;
        match &event.kind {
            EventKind::RunStarted { steps, .. } => {
                self.end = None;
                self.steps = steps
                    .iter()
                    .map(|summary| StepProgress {
                        summary: summary.clone(),
                        failed_attempts: 0,
                        state: StepState::Pending,
                    })
                    .collect();
            }
            EventKind::StepStarted { step } => {
                self.set(step, |_| StepState::Running {
                    since_ms: now,
                    waiting: None,
                });
            }
            EventKind::StepWaiting {
                step,
                waiting_for,
                limit_ms,
                person,
            } => {
                let waiting = Waiting {
                    reason: waiting_for.clone(),
                    code: None,
                    since_ms: now,
                    next_try_at_ms: None,
                    limit_ms: *limit_ms,
                    person: *person,
                };
                self.set(step, |old| StepState::Running {
                    since_ms: old.since(now),
                    waiting: Some(waiting),
                });
            }
            EventKind::AttemptFailed {
                step,
                attempt,
                code,
                reason,
                next_try_ms,
                limit_ms,
                person,
            } => {
                let waiting = Waiting {
                    reason: reason.clone(),
                    code: code.clone(),
                    since_ms: now,
                    next_try_at_ms: Some(now + next_try_ms),
                    limit_ms: *limit_ms,
                    person: *person,
                };
                self.set(step, |old| StepState::Running {
                    since_ms: old.since(now),
                    waiting: Some(waiting),
                });
                if let Some(found) = self.find(step) {
                    found.failed_attempts = found.failed_attempts.max(*attempt);
                }
            }
            EventKind::StepCompleted { step, outcome, message } => {
                let (outcome, message) = (*outcome, message.clone());
                self.set(step, |old| StepState::Done {
                    outcome,
                    message,
                    took_ms: now - old.since(now),
                });
            }
            EventKind::StepFailed { step, problem } => {
                let problem = problem.clone();
                self.set(step, |old| StepState::Failed {
                    problem,
                    took_ms: now - old.since(now),
                });
            }
            EventKind::StepNotRun { step, because } => self.set(step, |_| StepState::NotRun(because.clone())),
            EventKind::RunCompleted {} => self.end = Some(End::Completed),
            EventKind::RunFailed { .. } => self.end = Some(End::Failed),
            EventKind::RunCancelled { uncertain } => self.end = Some(End::Cancelled(uncertain.clone())),
        }
    }

    fn find(&mut self, step: &StepId) -> Option<&mut StepProgress> {
        self.steps.iter_mut().find(|candidate| candidate.summary.id == *step)
    }

    fn set(&mut self, step: &StepId, next: impl FnOnce(&StepState) -> StepState) {
        if let Some(found) = self.find(step) {
            found.state = next(&found.state);
        }
    }

    /// Returns whether a run is under way.
    pub fn is_running(&self) -> bool {
        !self.steps.is_empty() && self.end.is_none()
    }

    /// Returns whether a step waits for somebody to act.
    pub fn waits_for(&self, person: Person) -> bool {
        let waits = |step: &StepProgress| match &step.state {
            StepState::Running {
                waiting: Some(waiting), ..
            } => waiting.person == Some(person),
            _ => false,
        };
        self.end.is_none() && self.steps.iter().any(waits)
    }

    /// Returns how many steps are done.
    pub fn done(&self) -> usize {
        self.steps
            .iter()
            .filter(|step| matches!(step.state, StepState::Done { .. }))
            .count()
    }

    /// Returns the steps that failed, with why.
    pub fn failures(&self) -> impl Iterator<Item = (&StepProgress, &Problem)> {
        self.steps.iter().filter_map(|step| match &step.state {
            StepState::Failed { problem, .. } => Some((step, problem)),
            _ => None,
        })
    }
}

impl StepState {
    fn since(&self, now: u64) -> u64 {
        match self {
            Self::Running { since_ms, .. } => (*since_ms).min(now),
            _ => now,
        }
    }
}
