//! One step, told whole: what, why, where, the exact request, the difference, what is known later, the undo.

use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};

use crate::domain::project::AwsKmsSetting;
use crate::domain::region::Region;
use crate::domain::text::{safe_block, safe_line};
use crate::plan::planner::Plan;
use crate::plan::step::{Action, Output, Step, Undo};

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// The head of a part.
    Heading,
    /// A sentence.
    Text,
    /// A line of a request's body.
    Json,
    /// A line of a difference that is there afterwards; it begins with `+`.
    Added,
    /// A line of a difference that is gone afterwards; it begins with `-`.
    Removed,
    /// A line of a difference that stays, or where a part of it begins (`@@ …`).
    Context,
}

/// One line; foreign text in it is safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub kind: LineKind,
    /// Its text, without a line break.
    pub text: String,
}

/// Tells a step of a plan line by line: what, why, where, the exact request, the difference to what exists, what is
/// known only after apply, how it can be undone.
pub fn step_detail(plan: &Plan, step: &Step) -> Vec<Line> {
    let mut lines = Lines(Vec::new());
    lines.add(LineKind::Heading, &step.title());
    lines.add(LineKind::Text, step.why());
    lines.add(LineKind::Text, &format!("Where: {}", place(plan, step)));
    if !step.depends_on.is_empty() {
        let titles = step.depends_on.iter().filter_map(|id| plan.step(id)).map(Step::title);
        lines.add(
            LineKind::Text,
            &format!("After: {}", titles.collect::<Vec<_>>().join("; ")),
        );
    }

    let request = step.request(&plan.project.id);
    lines.add(LineKind::Heading, "Request");
    lines.add(LineKind::Text, &format!("{} {}", request.service, request.call));
    lines.block(LineKind::Json, &format!("{:#}", request.body));

    if let Some((before, after)) = change(step).filter(|(before, after)| before != after) {
        lines.add(LineKind::Heading, "Difference");
        lines.difference(&format!("{before:#}"), &format!("{after:#}"));
    }

    let needs: Vec<_> = step.needs().into_iter().map(Output::noun).collect();
    if !needs.is_empty() {
        lines.add(LineKind::Text, &format!("Known only after apply: {}", needs.join(", ")));
    }
    match step.undo() {
        Undo::ByHand(how) => lines.add(LineKind::Text, &format!("Undo, by hand: {how}")),
        Undo::Never(why) => lines.add(LineKind::Text, &format!("Can't be undone: {why}")),
        Undo::Nothing => {}
    }
    lines.0
}

/// Returns where a step works, and who carries it out, where that isn't the operator.
pub(super) fn place(plan: &Plan, step: &Step) -> String {
    let place = service(plan, step);
    if plan.is_elsewhere(step) {
        format!("{place}, carried out by the AWS administrator")
    } else {
        place
    }
}

fn service(plan: &Plan, step: &Step) -> String {
    match step.request("").service {
        "Atlas" => format!("Atlas, project {} ({})", plan.project.name, plan.project.id),
        "KMS" => format!("AWS KMS, account {}, {}", plan.account, plan.desired.region),
        service => format!("AWS {service}, account {}", plan.account),
    }
}

/// Returns what a step changes, before and after, for what exists already.
pub(super) fn change(step: &Step) -> Option<(Value, Value)> {
    if let Some((Some(before), after)) = step.policy_change() {
        return Some((before.value().clone(), after.value().clone()));
    }
    match &step.action {
        Action::AuthorizeAccessRole {
            iam_role,
            before: Some(before),
            ..
        } => Some((
            json!({ "iamAssumedRoleArn": before }),
            json!({ "iamAssumedRoleArn": iam_role.show() }),
        )),
        Action::EnableProjectSetting { before, .. } => {
            let after = step.request("").body;
            Some((json!({ "awsKms": setting(before) }), after))
        }
        _ => None,
    }
}

/// Returns the setting with the fields that the request has, in its order.
fn setting(now: &AwsKmsSetting) -> Value {
    let mut value = json!({ "enabled": now.enabled });
    let region = now.region.map(Region::atlas).or_else(|| now.region_name.clone());
    for (field, text) in [
        ("roleId", &now.role_id),
        ("customerMasterKeyID", &now.key),
        ("region", &region),
    ] {
        if let Some(text) = text {
            value[field] = text.as_str().into();
        }
    }
    if let Some(required) = now.require_private_networking {
        value["requirePrivateNetworking"] = required.into();
    }
    value
}

struct Lines(Vec<Line>);

impl Lines {
    fn add(&mut self, kind: LineKind, text: &str) {
        self.0.push(Line {
            kind,
            text: safe_line(text).into_owned(),
        });
    }

    fn block(&mut self, kind: LineKind, text: &str) {
        for line in safe_block(text).lines() {
            self.add(kind, line);
        }
    }

    fn difference(&mut self, before: &str, after: &str) {
        let difference = TextDiff::from_lines(before, after);
        for hunk in difference.unified_diff().context_radius(3).iter_hunks() {
            self.add(LineKind::Context, &hunk.header().to_string());
            for change in hunk.iter_changes() {
                let kind = match change.tag() {
                    ChangeTag::Insert => LineKind::Added,
                    ChangeTag::Delete => LineKind::Removed,
                    ChangeTag::Equal => LineKind::Context,
                };
                let text = change.value().trim_end_matches('\n');
                self.add(kind, &format!("{}{text}", change.tag()));
            }
        }
    }
}
