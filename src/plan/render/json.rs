//! A plan as JSON: what `plan --output json` prints.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::detail::{change, place};
use super::summary;
use crate::domain::project::Project;
use crate::domain::region::Region;
use crate::plan::fingerprint::Fingerprint;
use crate::plan::planner::{Handout, Plan, Settled};
use crate::plan::step::{Step, StepId, Undo};

/// The version of the form; it grows when a reader of the old form would misread the new one.
const VERSION: u32 = 1;

/// Returns a plan in its JSON form. What is known only after apply stands in it in angle brackets.
pub fn json(plan: &Plan) -> impl Serialize {
    Form {
        version: VERSION,
        project: &plan.project,
        account: &plan.account,
        region: plan.desired.region,
        fingerprint: &plan.fingerprint,
        summary: summary(plan),
        steps: Steps(plan),
        settled: &plan.settled,
        notes: &plan.notes,
        handouts: &plan.handouts,
        irreversible: plan.irreversible().map(|step| &step.id).collect(),
    }
}

#[derive(Serialize)]
struct Form<'a> {
    version: u32,
    project: &'a Project,
    account: &'a str,
    region: Region,
    fingerprint: &'a Fingerprint,
    summary: String,
    steps: Steps<'a>,
    settled: &'a [Settled],
    notes: &'a [String],
    handouts: &'a [Handout],
    /// The steps that `--irreversible` has to be given for.
    irreversible: Vec<&'a StepId>,
}

/// The steps, each made when it is written: a plan may have a thousand.
struct Steps<'a>(&'a Plan);

impl Serialize for Steps<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.steps.iter().map(|one| step(self.0, one)))
    }
}

fn step(plan: &Plan, step: &Step) -> Value {
    let (before, after) = change(step).map_or((None, None), |(before, after)| (Some(before), Some(after)));
    let undo = match step.undo() {
        Undo::ByHand(how) => json!({ "possible": true, "how": how }),
        Undo::Never(why) => json!({ "possible": false, "why": why }),
        Undo::Nothing => Value::Null,
    };
    json!({
        "id": step.id,
        "title": step.title(),
        "why": step.why(),
        "where": place(plan, step),
        "elsewhere": plan.is_elsewhere(step),
        "depends_on": step.depends_on,
        "request": step.request(&plan.project.id),
        "before": before,
        "after": after,
        "known_after_apply": step.needs(),
        "undo": undo,
    })
}
