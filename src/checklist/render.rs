//! The list as text and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Check, Status};
use crate::domain::text::count;

/// Returns the list as text: the checks, and how many stand how.
pub fn text(checks: &[Check]) -> String {
    let number = |status| checks.iter().filter(|check| check.status == status).count();
    format!(
        "{}\n{} passed, {} failed, {}, {} unknown\n",
        rows(checks),
        number(Status::Passed),
        number(Status::Failed),
        count(number(Status::Warning), "warning"),
        number(Status::Unknown),
    )
}

/// Returns checks as text: sign and word for each, and for all that didn't pass what to do.
pub fn rows(checks: &[Check]) -> String {
    let width = checks.iter().map(|check| check.id.len()).max().unwrap_or(0);
    let indent = " ".repeat("x failed   ".len() + width + 2);
    let mut text = String::new();
    for check in checks {
        let (sign, word) = sign(check.status);
        let _ = writeln!(text, "{sign} {word:<8} {:<width$}  {}", check.id, check.found);
        if check.status == Status::Passed {
            continue;
        }
        if check.status != Status::Unknown {
            let _ = writeln!(text, "{indent}why: {}", check.why);
        }
        if !check.fix.is_empty() {
            let _ = writeln!(text, "{indent}fix: {}", check.fix);
        }
        if check.status == Status::Failed {
            let _ = writeln!(text, "{indent}blocks: {}", check.blocks);
        }
    }
    text
}

/// Returns the list as JSON: `{"checks":[{"id","status","found","why","fix","blocks"}]}`.
pub fn json(checks: &[Check]) -> Value {
    json!({ "checks": checks })
}

fn sign(status: Status) -> (char, &'static str) {
    match status {
        Status::Passed => ('+', "passed"),
        Status::Failed => ('x', "failed"),
        Status::Warning => ('!', "warning"),
        Status::Unknown => ('?', "unknown"),
    }
}
