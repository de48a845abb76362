//! Exit codes: others script against them.

use crate::problem::{Kind, Problem};

/// Done, or nothing to do.
pub const DONE: u8 = 0;
/// A step failed, or a service couldn't be reached.
pub const FAILED: u8 = 1;
/// Bad usage or bad input; nothing was changed.
pub const BAD_INPUT: u8 = 2;
/// A prerequisite failed; nothing was changed. `status`: the encryption is off, invalid or at risk.
pub const PREREQUISITE: u8 = 3;
/// Changes are pending (`plan --detailed-exitcode`).
pub const PENDING: u8 = 4;
/// The saved plan isn't what would be done now (`apply --plan`); nothing was changed.
pub const STALE: u8 = 5;
/// Interrupted; the same command carries on.
pub const INTERRUPTED: u8 = 130;

/// Returns the exit code that a problem asks for.
pub fn of(problem: &Problem) -> u8 {
    match problem.kind {
        Kind::Input => BAD_INPUT,
        Kind::Prerequisite | Kind::SignIn => PREREQUISITE,
        Kind::Stale => STALE,
        Kind::Service | Kind::Internal => FAILED,
        Kind::Interrupted => INTERRUPTED,
    }
}

/// Returns the exit code that several problems ask for: what the operator gave comes first, then what isn't ready.
pub fn of_all(problems: &[Problem]) -> u8 {
    let codes: Vec<u8> = problems.iter().map(of).collect();
    [INTERRUPTED, BAD_INPUT, FAILED, STALE, PREREQUISITE]
        .into_iter()
        .find(|code| codes.contains(code))
        .unwrap_or(FAILED)
}
