//! A whole plan as text: what `plan` prints and what `apply` asks about.

use std::fmt::Write as _;

use super::detail::{LineKind, step_detail};
use super::summary;
use crate::domain::text::{safe_block, safe_line};
use crate::plan::planner::Plan;

/// Returns a plan as text: its steps with their requests and differences, what needs nothing, what is to be told.
pub fn text(plan: &Plan) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "Plan for project {} ({}), AWS account {}, {}",
        safe_line(&plan.project.name),
        plan.project.id,
        plan.account,
        plan.desired.region
    );
    for (nth, step) in plan.steps.iter().enumerate() {
        let mut lines = step_detail(plan, step).into_iter();
        let title = lines.next().map(|line| line.text).unwrap_or_default();
        let _ = writeln!(text, "\n{}. {title}  [{}]", nth + 1, safe_line(step.id.as_str()));
        for line in lines {
            let indent = match line.kind {
                LineKind::Heading | LineKind::Text => 3,
                LineKind::Json | LineKind::Added | LineKind::Removed | LineKind::Context => 5,
            };
            let colon = if line.kind == LineKind::Heading { ":" } else { "" };
            let _ = writeln!(text, "{:indent$}{}{colon}", "", line.text);
        }
    }
    if !plan.settled.is_empty() {
        text.push_str("\nLooked at, nothing to do:\n");
        for settled in &plan.settled {
            let _ = writeln!(text, "   {}: {}", settled.what, safe_line(&settled.found));
        }
    }
    if !plan.notes.is_empty() {
        text.push_str("\nTo keep in mind:\n");
        for note in &plan.notes {
            let _ = writeln!(text, "   {}", safe_line(note));
        }
    }
    for handout in &plan.handouts {
        let _ = writeln!(text, "\n{}:", safe_line(&handout.title));
        for line in safe_block(&handout.text).lines() {
            let _ = writeln!(text, "   {line}");
        }
    }
    if plan.is_empty() {
        text.push_str("\nNothing to do.\n");
    } else {
        let _ = writeln!(text, "\n{}. Nothing has been changed yet.", summary(plan));
        let _ = writeln!(text, "Fingerprint: {}", plan.fingerprint);
    }
    text
}
