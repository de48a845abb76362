//! The IAM role in AWS that Atlas assumes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::arn::RoleArn;
use super::policy::PolicyDocument;

/// An IAM role as `ListRoles` and `GetRole` show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IamRole {
    /// The name, without the path.
    pub name: String,
    /// The ARN, path included.
    pub arn: RoleArn,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// The description, foreign text.
    pub description: Option<String>,
    /// The trust policy.
    pub trust: PolicyDocument,
    /// The ARN of its permissions boundary (`GetRole` alone says so).
    pub boundary: Option<String>,
}

impl IamRole {
    /// Returns whether AWS alone can change it: it is linked to a service, or made by IAM Identity Center.
    pub fn is_kept_by_aws(&self) -> bool {
        ["/aws-service-role/", "/aws-reserved/"]
            .iter()
            .any(|path| self.arn.path().starts_with(path))
    }
}

/// A policy of a role with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedPolicy {
    /// The inline policy's name or the managed policy's ARN.
    pub name: String,
    /// The document; `None` where it couldn't be read.
    pub document: Option<PolicyDocument>,
}

/// What a choice of this role needs to know beyond the list: fetched when it is chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IamRoleDetail {
    /// The role, read again.
    pub role: IamRole,
    /// Inline policies (`ListRolePolicies`, `GetRolePolicy`).
    pub inline: Vec<NamedPolicy>,
    /// Attached managed policies (`ListAttachedRolePolicies`, `GetPolicyVersion`).
    pub attached: Vec<NamedPolicy>,
    /// The document of its permissions boundary; `None` where it has none or it couldn't be read.
    pub boundary_document: Option<PolicyDocument>,
}

impl IamRoleDetail {
    /// Returns the inline policy with a name.
    pub fn inline_policy(&self, name: &str) -> Option<&PolicyDocument> {
        self.inline.iter().find(|policy| policy.name == name)?.document.as_ref()
    }

    /// Returns all policies of the role, inline ones first.
    pub fn policies(&self) -> impl Iterator<Item = &NamedPolicy> {
        self.inline.iter().chain(&self.attached)
    }
}
