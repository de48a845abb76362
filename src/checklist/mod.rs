//! Each prerequisite judged from what is observed and what is chosen, alone. Pure.

use serde::Serialize;

use crate::observe::ObservedState;
use crate::plan::Choices;

/// How a prerequisite stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It holds.
    Passed,
    /// It doesn't hold, and what it blocks can't go on.
    Failed,
    /// It holds, but deserves a look.
    Warning,
    /// It isn't known: not looked at yet, not chosen yet, or not readable.
    Unknown,
}

/// One prerequisite, judged. The JSON form is a contract: `{"id","status","found","why","fix","blocks"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// A stable name: `atlas-credential`, `project-owner`, …
    pub id: &'static str,
    /// How it stands.
    pub status: Status,
    /// What was found, one or two sentences.
    pub found: String,
    /// Why it matters.
    pub why: &'static str,
    /// What to do about it; empty where nothing is to be done.
    pub fix: String,
    /// What can't go on without it: `everything`, `plan`, `clusters`, …
    pub blocks: &'static str,
}

/// Judges every prerequisite, in the order in which they are to be mended.
pub fn checklist(observed: &ObservedState, choices: &Choices) -> Vec<Check> {
    let _ = (observed, choices);
    Vec::new()
}
