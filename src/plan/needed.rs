//! What the operator must be allowed in AWS for a plan.

use super::planner::Plan;
use super::step::{Action, Slot};
use crate::domain::arn::{self, KeyArn};
use crate::domain::permission::NeededPermission;

/// Where there is no ARN yet.
const ANY: &str = "*";

impl Plan {
    /// Returns what its steps in AWS need, with what they read right before they write; in order, each once.
    ///
    /// Nothing, where the AWS administrator carries them out. After the tables of actions in AWS's Service Authorization
    /// Reference.
    pub fn needed_permissions(&self) -> Vec<NeededPermission> {
        let mut needed = Vec::new();
        let mut add = |actions: &[&str], resource: &str| {
            needed.extend(actions.iter().map(|action| NeededPermission {
                action: (*action).to_owned(),
                resource: resource.to_owned(),
            }));
        };
        let role = self.iam_role.as_str();
        for step in self.steps.iter().filter(|step| !self.is_elsewhere(step)) {
            match &step.action {
                Action::CreateIamRole { .. } => add(&["iam:CreateRole", "iam:TagRole", "iam:GetRole"], role),
                Action::UpdateTrustPolicy { .. } => add(&["iam:GetRole", "iam:UpdateAssumeRolePolicy"], role),
                Action::PutRolePolicy { .. } => add(&["iam:GetRolePolicy", "iam:PutRolePolicy"], role),
                Action::CreateKey(_) => add(&["kms:CreateKey", "kms:TagResource", "kms:DescribeKey"], ANY),
                Action::CreateAlias { alias, key } => {
                    add(&["kms:CreateAlias"], &self.alias_arn(alias));
                    add(&["kms:CreateAlias"], known(key));
                }
                Action::EnableRotation { key, .. } => add(&["kms:EnableKeyRotation"], known(key)),
                Action::UpdateKeyPolicy { key, .. } => add(&["kms:GetKeyPolicy", "kms:PutKeyPolicy"], key.as_str()),
                Action::CancelKeyDeletion { key } => add(&["kms:CancelKeyDeletion"], key.as_str()),
                Action::EnableKey { key } => add(&["kms:EnableKey"], key.as_str()),
                Action::CreateAccessRole
                | Action::AuthorizeAccessRole { .. }
                | Action::EnableProjectSetting { .. }
                | Action::ResumeCluster { .. }
                | Action::ReleaseCluster { .. }
                | Action::EncryptCluster { .. }
                | Action::CreateCluster(_)
                | Action::AwaitValid => {}
            }
        }
        needed.sort();
        needed.dedup();
        needed
    }

    fn alias_arn(&self, alias: &str) -> String {
        match arn::partition(&self.iam_role) {
            Some(partition) => format!(
                "arn:{partition}:kms:{}:{}:{alias}",
                self.desired.region.aws(),
                self.account
            ),
            None => ANY.to_owned(),
        }
    }
}

fn known(key: &Slot) -> &str {
    match key {
        Slot::Known(arn) if KeyArn::parse(arn).is_ok() => arn,
        Slot::Known(_) | Slot::After(_) => ANY,
    }
}
