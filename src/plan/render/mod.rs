//! A plan as text and as JSON, and each step in structured lines that a screen can style by meaning.

mod aws_half;
mod detail;
mod difference;
mod json;
mod text;

use super::planner::Plan;
use super::step::Action;
use crate::domain::text::count;

pub use aws_half::{HandoutFile, SCRIPT, aws_half, is_in_aws};
pub use detail::{Line, LineKind, step_detail};
pub use difference::difference;
pub use json::json;
pub use text::text;

/// Returns what a plan comes to, in one line: `3 to create, 1 to change, 2 clusters to encrypt`.
pub fn summary(plan: &Plan) -> String {
    let number = |is_it: fn(&Action) -> bool| plan.steps.iter().filter(|step| is_it(&step.action)).count();
    let creates = number(|action| {
        matches!(
            action,
            Action::CreateAccessRole
                | Action::CreateIamRole { .. }
                | Action::CreateKey(_)
                | Action::CreateAlias { .. }
                | Action::PutRolePolicy { before: None, .. }
                | Action::CreateCluster(_)
        )
    });
    let clusters = number(|action| matches!(action, Action::EncryptCluster { .. }));
    let waits = number(|action| matches!(action, Action::AwaitValid));
    let changes = plan.steps.len() - creates - clusters - waits;
    format!(
        "{creates} to create, {changes} to change, {} to encrypt",
        count(clusters, "cluster")
    )
}

#[cfg(test)]
mod tests;
