//! What KMS knows: keys, their policies and grants.

use jiff::Timestamp;
use serde::Serialize;

use super::lagging::Lagging;

/// State of a KMS key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
pub enum KeyState {
    /// Being made.
    Creating,
    /// Usable.
    Enabled,
    /// Switched off.
    Disabled,
    /// To be deleted.
    PendingDeletion,
    /// Waits for key material.
    PendingImport,
    /// A primary key to be deleted as soon as its replicas are gone.
    PendingReplicaDeletion,
    /// Its key store is away.
    Unavailable,
    /// Being changed; usable.
    Updating,
}

impl KeyState {
    /// Returns the state as KMS names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDeletion => "PendingDeletion",
            Self::PendingImport => "PendingImport",
            Self::PendingReplicaDeletion => "PendingReplicaDeletion",
            Self::Unavailable => "Unavailable",
            Self::Updating => "Updating",
        }
    }
}

/// A KMS key.
#[derive(Debug, Clone, Serialize)]
pub struct KmsKey {
    /// A UUID, or `mrk-…`.
    pub id: String,
    /// ARN: partition, region and account stand in it.
    pub arn: String,
    /// Account that owns it.
    pub account: String,
    /// Region as AWS writes it.
    pub region: String,
    /// Aliases, each with `alias/`.
    pub aliases: Vec<String>,
    /// Description; empty where there is none.
    pub description: String,
    /// State.
    pub state: KeyState,
    /// `SYMMETRIC_DEFAULT`, `RSA_2048`, …
    pub spec: String,
    /// `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, …
    pub usage: String,
    /// `AWS_KMS`, `EXTERNAL`, …
    pub origin: String,
    /// `CUSTOMER` or `AWS`.
    pub manager: String,
    /// Whether it is a multi-Region key.
    pub multi_region: bool,
    /// Region of the primary key that it is a replica of; absent where it is none.
    pub replica_of: Option<String>,
    /// Days between rotations; absent where rotation is off.
    pub rotation_days: Option<u32>,
    /// When it was made.
    pub created: Timestamp,
    /// When it will be deleted; absent unless that is scheduled.
    pub deletion: Option<Timestamp>,
    /// Key policy as it was sent.
    pub policy: Lagging<String>,
    /// Grants.
    pub grants: Vec<Grant>,
    /// Tags in the order in which they were set.
    pub tags: Vec<(String, String)>,
    /// Calls of `DescribeKey` and `ListKeys` that don't find it yet.
    #[serde(skip)]
    pub unseen: u32,
    /// Calls of `DescribeKey` that show it as being created.
    #[serde(skip)]
    pub creating: u32,
}

impl KmsKey {
    /// Tells whether it encrypts now.
    pub fn is_usable(&self) -> bool {
        matches!(self.state, KeyState::Enabled | KeyState::Updating)
    }

    /// Tells whether a grant lets a principal do something, such as `Encrypt`, without an encryption context. A grant's
    /// constraints are none for `DescribeKey` ("Grant constraints").
    pub fn grants(&self, principal: &str, operation: &str) -> bool {
        self.grants.iter().any(|grant| {
            grant.grantee == principal
                && (grant.encryption_context.is_empty() || operation == "DescribeKey")
                && grant.operations.iter().any(|granted| granted == operation)
        })
    }
}

/// A grant of a key.
#[derive(Debug, Clone, Serialize)]
pub struct Grant {
    /// 64 hex digits.
    pub id: String,
    /// Name; empty where there is none.
    pub name: String,
    /// ARN of who may use the key.
    pub grantee: String,
    /// What it allows: `Encrypt`, `Decrypt`, `DescribeKey`, …
    pub operations: Vec<String>,
    /// Pairs that every use has to bring along.
    pub encryption_context: Vec<(String, String)>,
    /// When it was made.
    pub created: Timestamp,
}

/// Returns the policy of a key that was made without one: the account decides by IAM.
pub fn default_key_policy(partition: &str, account: &str) -> String {
    serde_json::json!({
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [{
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:{partition}:iam::{account}:root") },
            "Action": "kms:*",
            "Resource": "*",
        }],
    })
    .to_string()
}
