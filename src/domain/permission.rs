//! What the operator needs to be allowed in AWS, and what IAM says of it.

use serde::{Deserialize, Serialize};

/// One thing that the operator must be allowed to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NeededPermission {
    /// `iam:CreateRole`, …
    pub action: String,
    /// The ARN that it is done to; `*` where there is none yet.
    pub resource: String,
}

/// What IAM's policy simulation says of one of them (`SimulatePrincipalPolicy`): a hint, no proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulatedPermission {
    /// What was asked.
    pub needed: NeededPermission,
    /// Whether it would be allowed.
    pub allowed: bool,
    /// IAM's word for why not: `implicitDeny`, `explicitDeny`, with the policy where IAM names one.
    pub decision: String,
}
