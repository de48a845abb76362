//! Each prerequisite judged from what is observed and what is chosen, alone. Pure; one file a prerequisite.

mod api_access_list;
mod atlas_credential;
mod aws_identity;
mod aws_permissions;
mod backup_compliance;
mod chosen_clusters;
mod dead_principals;
mod eligible_cluster;
mod existing_setting;
mod future;
mod ip_restrictions;
mod key_incident;
mod key_policy;
mod key_region;
mod key_usable;
mod policy_sizes;
mod private_networking;
mod project_owner;
pub mod render;
mod role_policy;
mod role_trust;
mod subject;

use serde::Serialize;

use crate::observe::ObservedState;
use crate::plan::{Choices, Plan};

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
    /// What can't go on without it: `everything`, `the plan`, `the clusters`, …
    pub blocks: &'static str,
}

impl Check {
    /// Returns whether it failed or deserves a look.
    pub fn needs_mending(&self) -> bool {
        matches!(self.status, Status::Failed | Status::Warning)
    }
}

/// Judges every prerequisite, in the order in which they are to be mended.
pub fn checklist(observed: &ObservedState, choices: &Choices) -> Vec<Check> {
    vec![
        atlas_credential::check(observed),
        project_owner::check(observed, choices),
        api_access_list::check(observed),
        eligible_cluster::check(observed, choices),
        chosen_clusters::check(observed, choices),
        aws_identity::check(observed, choices),
        aws_permissions::check(observed, choices),
        key_usable::check(observed, choices),
        key_region::check(observed, choices),
        key_policy::check(observed, choices),
        role_trust::check(observed, choices),
        role_policy::check(observed, choices),
        ip_restrictions::check(observed, choices),
        policy_sizes::check(observed, choices),
        dead_principals::check(observed, choices),
        existing_setting::check(observed, choices),
        key_incident::check(observed),
        backup_compliance::check(observed),
        private_networking::check(observed, choices),
    ]
}

/// Returns the checks that nothing may be changed under: those that failed.
pub fn blocking(checks: &[Check]) -> Vec<&Check> {
    checks.iter().filter(|check| check.status == Status::Failed).collect()
}

/// Returns the checks that a plan may not be begun under: those that failed. The way back from an incident is stopped by
/// what it needs itself; what it mends, and what it leaves for later, doesn't stop it.
pub fn blocking_plan<'a>(checks: &'a [Check], plan: &Plan) -> Vec<&'a Check> {
    const NEEDED: [&str; 4] = ["atlas-credential", "api-access-list", "aws-identity", "aws-permissions"];
    let stops = |check: &&Check| !plan.is_way_back() || NEEDED.contains(&check.id);
    blocking(checks).into_iter().filter(stops).collect()
}

/// What a prerequisite is, whatever is found.
struct About {
    id: &'static str,
    why: &'static str,
    blocks: &'static str,
}

impl About {
    fn judged(&self, status: Status, found: impl Into<String>, fix: impl Into<String>) -> Check {
        Check {
            id: self.id,
            status,
            found: found.into(),
            why: self.why,
            fix: fix.into(),
            blocks: self.blocks,
        }
    }

    fn passed(&self, found: impl Into<String>) -> Check {
        self.judged(Status::Passed, found, "")
    }

    fn warning(&self, found: impl Into<String>, fix: impl Into<String>) -> Check {
        self.judged(Status::Warning, found, fix)
    }

    fn failed(&self, found: impl Into<String>, fix: impl Into<String>) -> Check {
        self.judged(Status::Failed, found, fix)
    }

    fn unknown(&self, found: impl Into<String>, fix: impl Into<String>) -> Check {
        self.judged(Status::Unknown, found, fix)
    }
}

#[cfg(test)]
mod tests;
