//! What AWS knows: one account's roles and policies, and keys of this and other accounts.

use jiff::Timestamp;
use serde::Serialize;

use super::lagging::Lagging;

/// The AWS half of the world.
#[derive(Debug, Clone, Serialize)]
pub struct AwsWorld {
    /// The account's number, 12 digits.
    pub account: String,
    /// The account's alias; absent where it has none.
    pub account_alias: Option<String>,
    /// `aws`, `aws-us-gov` or `aws-cn`.
    pub partition: String,
    /// ARN of the operator's identity.
    pub caller_arn: String,
    /// Unique id of the operator's identity.
    pub caller_id: String,
    /// IAM roles, in no order; IAM lists them by name.
    pub roles: Vec<IamRole>,
    /// Managed policies that roles have attached.
    pub policies: Vec<ManagedPolicy>,
    /// KMS keys of all regions.
    pub keys: Vec<KmsKey>,
}

impl AwsWorld {
    /// Returns an IAM role by its name, whose case doesn't count.
    pub fn role(&self, name: &str) -> Option<&IamRole> {
        self.roles.iter().find(|role| role.name.eq_ignore_ascii_case(name))
    }

    /// Returns an IAM role by its name, to be changed.
    pub fn role_mut(&mut self, name: &str) -> Option<&mut IamRole> {
        self.roles.iter_mut().find(|role| role.name.eq_ignore_ascii_case(name))
    }

    /// Returns an IAM role by its ARN, to be changed.
    pub fn role_by_arn_mut(&mut self, arn: &str) -> Option<&mut IamRole> {
        self.roles.iter_mut().find(|role| role.arn == arn)
    }

    /// Returns a managed policy by its ARN.
    pub fn policy(&self, arn: &str) -> Option<&ManagedPolicy> {
        self.policies.iter().find(|policy| policy.arn == arn)
    }

    /// Returns a key by its id or ARN, to be changed.
    pub fn key_mut(&mut self, id: &str) -> Option<&mut KmsKey> {
        self.keys.iter_mut().find(|key| key.id == id || key.arn == id)
    }
}

/// An IAM role.
#[derive(Debug, Clone, Serialize)]
pub struct IamRole {
    /// Name without the path, as it was given.
    pub name: String,
    /// Path, `/` at least.
    pub path: String,
    /// ARN, path included.
    pub arn: String,
    /// `AROA…`.
    pub id: String,
    /// Description; empty where there is none.
    pub description: String,
    /// When it was made.
    pub created: Timestamp,
    /// Trust policy as it was sent; absent is what Atlas sees of a role that is too new.
    pub trust: Lagging<Option<String>>,
    /// Its own policies.
    pub documents: Lagging<RoleDocuments>,
    /// ARN of its permissions boundary, a managed policy.
    pub boundary: Option<String>,
    /// Tags in the order in which they were set.
    pub tags: Vec<(String, String)>,
    /// Key policies that KMS still refuses for naming this role.
    #[serde(skip)]
    pub unseen_by_kms: u32,
}

/// The policies of an IAM role.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RoleDocuments {
    /// Inline policies: name and text.
    pub inline: Vec<(String, String)>,
    /// ARNs of attached managed policies.
    pub attached: Vec<String>,
}

/// A managed policy.
#[derive(Debug, Clone, Serialize)]
pub struct ManagedPolicy {
    /// ARN.
    pub arn: String,
    /// Text of the default version, which is `v1`.
    pub document: String,
}

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
    /// Days between rotations; absent where rotation is off.
    pub rotation_days: Option<u32>,
    /// When it was made.
    pub created: Timestamp,
    /// When it will be deleted; absent unless that is scheduled.
    pub deletion: Option<Timestamp>,
    /// Key policy as it was sent.
    pub policy: Lagging<String>,
    /// Tags in the order in which they were set.
    pub tags: Vec<(String, String)>,
    /// Calls of `DescribeKey` and `ListKeys` that don't find it yet.
    #[serde(skip)]
    pub unseen: u32,
}

impl KmsKey {
    /// Tells whether it encrypts now.
    pub fn is_usable(&self) -> bool {
        matches!(self.state, KeyState::Enabled | KeyState::Updating)
    }
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
