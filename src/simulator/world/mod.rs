//! What both clouds know, as plain data.
//!
//! Tests read it with [`Control::world`](super::Control::world) and change it behind the program's back with
//! [`Control::edit`](super::Control::edit).

mod atlas;
mod aws;
mod clusters;
mod ids;
mod keys;
mod lagging;

use serde::Serialize;

pub use atlas::{
    AccessList, AccessRole, AtlasWorld, AwsKms, CompliancePolicy, Event, KeyCheck, PrivateEndpoint, Project,
};
pub(super) use atlas::{Challenge, Token};
pub use aws::{Account, AwsWorld, IamRole, Identity, ManagedPolicy, Quotas, RoleDocuments};
pub(super) use clusters::Place;
pub use clusters::{Cluster, FlexCluster, Snapshot, Work};
pub(super) use ids::Ids;
pub use keys::{Grant, KeyState, KmsKey, default_key_policy};
pub use lagging::Lagging;

/// Everything that the simulator knows.
#[derive(Debug, Clone, Serialize)]
pub struct World {
    /// Who may come in.
    #[serde(skip)]
    pub credentials: Credentials,
    /// The Atlas half.
    pub atlas: AtlasWorld,
    /// The AWS half.
    pub aws: AwsWorld,
    /// How late changes arrive.
    pub propagation: Propagation,
    /// Seconds that a change of a cluster takes, by instance size; the empty name is for all others.
    #[serde(skip)]
    pub cluster_seconds: Vec<(String, f64)>,
    #[serde(skip)]
    pub(super) ids: Ids,
}

impl World {
    /// Returns how long the change of a cluster takes.
    pub(super) fn cluster_work(&self, size: &str) -> std::time::Duration {
        let named = |wanted: &str| self.cluster_seconds.iter().find(|(name, _)| name == wanted);
        let seconds = named(size).or_else(|| named("")).map_or(20.0, |(_, seconds)| *seconds);
        std::time::Duration::try_from_secs_f64(seconds).unwrap_or_default()
    }

    /// Tells whether AWS knows a role, a user or, by the ARN of its root, an account.
    pub(super) fn principal_exists(&self, arn: &str) -> bool {
        let account = |arn: &str| arn.split(':').nth(4).unwrap_or_default().to_owned();
        let aws = &self.aws;
        if arn.ends_with(":root") {
            let number = account(arn);
            return aws.account(&number).is_some()
                || account(&self.atlas.aws_account_arn) == number
                || aws.keys.iter().any(|key| key.account == number)
                || aws.other_principals.iter().any(|other| account(other) == number);
        }
        aws.role_by_arn(arn).is_some()
            || aws.identities.iter().any(|identity| aws.principal_of(identity) == arn)
            || aws.other_principals.iter().any(|other| other == arn)
    }
}

/// The credentials that the simulator knows; all of them are made up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Public part of the Atlas API key.
    pub public_key: String,
    /// Private part of the Atlas API key.
    pub private_key: String,
    /// Client id of the Atlas service account.
    pub client_id: String,
    /// Secret of the Atlas service account.
    pub client_secret: String,
    /// AWS access key id.
    pub aws_access_key_id: String,
    /// AWS secret access key; signatures are not checked.
    pub aws_secret_access_key: String,
    /// Access keys of further identities, such as one in another account.
    pub further_aws: Vec<AwsAccessKey>,
    /// The Atlas project that the scenario is about.
    pub project_id: String,
    /// The AWS region that the scenario is about, as AWS writes it.
    pub region: String,
}

/// An access key of AWS, made up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsAccessKey {
    /// Account that it leads into.
    pub account: String,
    /// Its id.
    pub id: String,
    /// Its secret; signatures are not checked.
    pub secret: String,
}

/// How many questions pass until a change is seen.
#[derive(Debug, Clone, Copy, Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Propagation {
    /// Atlas's attempts to assume a role that still meet its old trust policy, or no role.
    pub trust: u32,
    /// Atlas's uses of a key that still meet the role's old policies.
    pub permissions: u32,
    /// Atlas's uses of a key that still meet the old key policy.
    pub key_policy: u32,
    /// Calls of `DescribeKey` and `ListKeys` that don't find a new key yet.
    pub new_key: u32,
    /// Calls of `DescribeKey` that show a new key as being created.
    pub creating_key: u32,
    /// Key policies naming a new IAM role that KMS still refuses.
    pub new_principal: u32,
    /// Calls of `GetKeyPolicy` that show a new IAM role's id where the key policy names the role.
    pub principal_shown_by_id: u32,
}

impl Default for Propagation {
    fn default() -> Self {
        Self {
            trust: 2,
            permissions: 2,
            key_policy: 1,
            new_key: 0,
            creating_key: 0,
            new_principal: 0,
            principal_shown_by_id: 0,
        }
    }
}
