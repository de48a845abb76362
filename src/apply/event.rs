//! What a run tells: every display, the JSON lines and the journal are made of these alone.

use serde::{Deserialize, Serialize};

use crate::plan::StepId;
use crate::problem::Problem;

/// The version of the events' form; it grows when a reader of the old form would misread the new one.
pub const VERSION: u32 = 1;

/// One event of a run. A secret can't be in it: no part of it holds a request header or a credential.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
    /// Grows by one with each event of a run, from 0.
    pub index: u64,
    /// Milliseconds since the run began.
    pub elapsed_ms: u64,
}

/// A step as the first event lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepSummary {
    /// The step.
    pub id: StepId,
    /// Its title in plain words.
    pub title: String,
    /// The steps that must be done before it.
    pub depends_on: Vec<StepId>,
}

/// Somebody who has to act before a wait can be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Person {
    /// The operator signs in to AWS again.
    Operator,
    /// The AWS administrator carries the AWS half out.
    AwsAdministrator,
}

/// How a completed step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It made the change.
    Done,
    /// There was nothing left to do.
    AlreadySo,
    /// It was written out for the AWS administrator; Atlas finds out whether it is done.
    HandedOver,
    /// It is done, but something about it deserves a look.
    Warning,
}

/// Why a step was not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotRun {
    /// A step that it depends on failed or wasn't run.
    DependsOn(StepId),
    /// The run was stopped before it.
    Stopped,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// The run begins; every step is listed.
    RunStarted {
        /// [`VERSION`].
        version: u32,
        /// All steps, in the plan's order.
        steps: Vec<StepSummary>,
    },
    /// A step begins.
    StepStarted {
        /// The step.
        step: StepId,
    },
    /// A step waits for something outside.
    StepWaiting {
        /// The step.
        step: StepId,
        /// For what, in the operator's words.
        waiting_for: String,
        /// How long this wait may take at most, in milliseconds; absent: as long as it takes.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        limit_ms: Option<u64>,
        /// Who has to act first, if anybody.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        person: Option<Person>,
    },
    /// A request of a step was refused or lost and will be made again.
    AttemptFailed {
        /// The step.
        step: StepId,
        /// The number of this attempt, from 1.
        attempt: u32,
        /// The service's error code.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        code: Option<String>,
        /// Why it will be made again, in the operator's words.
        reason: String,
        /// Milliseconds until the next attempt.
        next_try_ms: u64,
        /// Milliseconds from the first attempt after which it is given up; absent: the client's own bound.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        limit_ms: Option<u64>,
        /// Who has to act first, if anybody.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        person: Option<Person>,
    },
    /// A step is done.
    StepCompleted {
        /// The step.
        step: StepId,
        /// How.
        outcome: Outcome,
        /// What there is now, one line: an ID, an ARN, a state.
        message: String,
    },
    /// A step failed; what depends on it isn't run.
    StepFailed {
        /// The step.
        step: StepId,
        /// Why, and what to do.
        problem: Problem,
    },
    /// A step was not run.
    StepNotRun {
        /// The step.
        step: StepId,
        /// Why not.
        because: NotRun,
    },
    /// All steps are done.
    RunCompleted {},
    /// At least one step failed.
    RunFailed {
        /// The steps that failed.
        failed: Vec<StepId>,
    },
    /// The operator stopped the run.
    RunCancelled {
        /// Steps whose last request may or may not have been carried out.
        uncertain: Vec<StepId>,
    },
}

impl EventKind {
    /// Returns the step that this is about and that is at work, or was until now.
    pub(crate) fn at_work(&self) -> Option<&StepId> {
        match self {
            Self::StepStarted { step }
            | Self::StepWaiting { step, .. }
            | Self::AttemptFailed { step, .. }
            | Self::StepCompleted { step, .. }
            | Self::StepFailed { step, .. } => Some(step),
            _ => None,
        }
    }

    /// Returns whether this is the last event of a run.
    pub fn is_last(&self) -> bool {
        matches!(
            self,
            Self::RunCompleted {} | Self::RunFailed { .. } | Self::RunCancelled { .. }
        )
    }
}
