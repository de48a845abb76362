//! Who the operator is in AWS.

use serde::{Deserialize, Serialize};

/// The account's quotas on policy documents (`GetAccountSummary`), in characters without white space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyQuotas {
    /// All inline policies of one IAM role together: `RolePolicySizeQuota`.
    pub inline: usize,
    /// One trust policy: `AssumeRolePolicySizeQuota`.
    pub trust: usize,
}

/// Who the operator is in AWS (`GetCallerIdentity`) and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwsIdentity {
    /// 12 digits.
    pub account: String,
    /// The account's alias, if it has one and it may be read.
    pub account_alias: Option<String>,
    /// The principal's ARN.
    pub arn: String,
    /// `aws`, `aws-us-gov`, `aws-cn`, …
    pub partition: String,
}
