//! How a plan differs from the one that was shown, as text.

use std::fmt::Write as _;

use similar::TextDiff;

use super::detail::change;
use crate::domain::text::{safe_block, safe_line};
use crate::plan::difference::PlanDifference;
use crate::plan::planner::Plan;
use crate::plan::step::Step;

/// Returns the difference between the plan that was shown and the one there is now: each step that is new, gone or
/// another one, the last with the difference of its request line by line.
pub fn difference(before: &Plan, now: &Plan) -> String {
    let difference = PlanDifference::between(before, now);
    let mut text = String::new();
    if let Some((then, now)) = difference.account {
        let _ = writeln!(
            text,
            "Another AWS account: {} instead of {}",
            safe_line(now),
            safe_line(then)
        );
    }
    let mut list = |head: &str, steps: &[&Step]| {
        for step in steps {
            let _ = writeln!(
                text,
                "{head}: {}  [{}]",
                safe_line(&step.title()),
                safe_line(step.id.as_str())
            );
        }
    };
    list("No longer a step", &difference.removed);
    list("New", &difference.added);
    for (old, step) in difference.changed {
        let _ = writeln!(
            text,
            "Changed: {}  [{}]",
            safe_line(&step.title()),
            safe_line(step.id.as_str())
        );
        let (mut then, mut is) = (request(before, old), request(now, step));
        if then == is {
            // The same will be written, over something else.
            (then, is) = (replaced(old), replaced(step));
        }
        let lines = TextDiff::from_lines(&then, &is);
        for line in lines.unified_diff().context_radius(2).to_string().lines() {
            let _ = writeln!(text, "   {line}");
        }
    }
    if difference.reordered {
        text.push_str("The same steps in another order\n");
    }
    text
}

fn request(plan: &Plan, step: &Step) -> String {
    let request = step.request(&plan.project.id);
    safe_block(&format!("{} {}\n{:#}\n", request.service, request.call, request.body)).into_owned()
}

fn replaced(step: &Step) -> String {
    let before = change(step).map(|(before, _)| format!("{before:#}\n"));
    safe_block(&before.unwrap_or_default()).into_owned()
}
