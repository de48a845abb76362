//! A plan as JSON: what `plan --output json` prints.

use serde_json::{Value, json};

use super::detail::{change, place};
use super::summary;
use crate::plan::planner::Plan;
use crate::plan::step::{Step, Undo};

/// The version of the form; it grows when a reader of the old form would misread the new one.
const VERSION: u32 = 1;

/// Returns a plan as JSON. What is known only after apply stands in it in angle brackets.
pub fn json(plan: &Plan) -> Value {
    json!({
        "version": VERSION,
        "project": plan.project,
        "account": plan.account,
        "region": plan.desired.region,
        "fingerprint": plan.fingerprint,
        "summary": summary(plan),
        "steps": plan.steps.iter().map(|one| step(plan, one)).collect::<Value>(),
        "settled": plan.settled,
        "notes": plan.notes,
    })
}

fn step(plan: &Plan, step: &Step) -> Value {
    let (before, after) = change(step).map_or((None, None), |(before, after)| (Some(before), Some(after)));
    let undo = match step.undo() {
        Undo::ByHand(how) => json!({ "possible": true, "how": how }),
        Undo::Never(why) => json!({ "possible": false, "why": why }),
    };
    json!({
        "id": step.id,
        "title": step.title(),
        "why": step.why(),
        "where": place(plan, step),
        "depends_on": step.depends_on,
        "request": step.request(&plan.project.id),
        "before": before,
        "after": after,
        "known_after_apply": step.needs(),
        "undo": undo,
    })
}
