//! The Atlas access role: Atlas's half of the trust, listed under `cloudProviderAccess`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::arn::RoleArn;

/// An Atlas access role (API operation `getCloudProviderAccessRole`). Not an IAM role: AWS knows nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRole {
    /// 24 hex digits.
    pub role_id: String,
    /// The principal that the trust policy must name: `arn:aws:iam::<12 digits>:root`.
    pub atlas_aws_account_arn: String,
    /// What the trust policy must demand as `sts:ExternalId`: a UUID.
    pub external_id: String,
    /// When it was created, if Atlas says so.
    pub created: Option<Timestamp>,
    /// When it was authorized; `None` while the set-up is unfinished.
    pub authorized: Option<Timestamp>,
    /// The IAM role that Atlas assumes, once authorized.
    pub iam_role_arn: Option<RoleArn>,
    /// Who uses it: `ENCRYPTION_AT_REST`, `ATLAS_DATA_LAKE`, …
    pub features: Vec<String>,
}

impl AccessRole {
    /// The feature name of encryption at rest in `featureUsages`.
    pub const ENCRYPTION_AT_REST: &'static str = "ENCRYPTION_AT_REST";

    /// Returns whether the authorization was finished.
    pub fn is_authorized(&self) -> bool {
        self.authorized.is_some() && self.iam_role_arn.is_some()
    }

    /// Returns whether encryption at rest uses it.
    pub fn serves_encryption(&self) -> bool {
        self.features.iter().any(|feature| feature == Self::ENCRYPTION_AT_REST)
    }
}
