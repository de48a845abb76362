//! The AWS half of a scenario's file, word for word. Policies are JSON in texts.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::world::KeyState;

/// The account that the scenario is about, and who may come in.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Aws {
    pub(super) account: String,
    pub(super) account_alias: Option<String>,
    pub(super) partition: String,
    pub(super) region: String,
    /// The operator: what comes after the account in its ARN, `user/…` or `assumed-role/…`.
    pub(super) caller: String,
    pub(super) access_key_id: String,
    pub(super) secret_access_key: String,
    /// The operator's policies; absent for all rights.
    pub(super) permissions: Option<Vec<String>>,
    /// Id of the organization of all accounts that somebody can come into.
    pub(super) organization: Option<String>,
    /// Service control policies of the account.
    pub(super) scp: Vec<String>,
    /// Resource control policies of the account.
    pub(super) rcp: Vec<String>,
    /// Address that the operator calls from, as AWS sees it.
    pub(super) caller_address: String,
    /// ARNs of roles, users and roots that exist beside those that the scenario holds.
    pub(super) other_principals: Vec<String>,
    /// Others who may come in, with access keys of their own.
    pub(super) identity: Vec<Identity>,
    pub(super) quotas: Quotas,
}

impl Default for Aws {
    fn default() -> Self {
        Self {
            account: "111122223333".to_owned(),
            account_alias: None,
            partition: "aws".to_owned(),
            region: "us-east-1".to_owned(),
            caller: "assumed-role/PlatformEngineer/dana".to_owned(),
            // AWS's own example pair, as its documentation prints it.
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            permissions: None,
            organization: None,
            scp: Vec::new(),
            rcp: Vec::new(),
            caller_address: "203.0.113.9".to_owned(),
            other_principals: Vec::new(),
            identity: Vec::new(),
            quotas: Quotas::default(),
        }
    }
}

/// Somebody else than the operator; the account's own fields hold for an account that isn't the scenario's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Identity {
    pub(super) account: Option<String>,
    pub(super) account_alias: Option<String>,
    pub(super) caller: String,
    pub(super) access_key_id: String,
    pub(super) secret_access_key: String,
    pub(super) permissions: Option<Vec<String>>,
    #[serde(default)]
    pub(super) scp: Vec<String>,
    #[serde(default)]
    pub(super) rcp: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Quotas {
    pub(super) trust_policy_size: usize,
    pub(super) role_policies_size: usize,
    pub(super) roles: usize,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            trust_policy_size: 2_048,
            role_policies_size: 10_240,
            roles: 1_000,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Role {
    pub(super) name: String,
    #[serde(default = "slash")]
    pub(super) path: String,
    /// Account where it isn't the scenario's.
    pub(super) account: Option<String>,
    #[serde(default)]
    pub(super) description: String,
    pub(super) trust: String,
    /// Inline policies by name.
    #[serde(default)]
    pub(super) inline: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) attached: Vec<String>,
    pub(super) boundary: Option<String>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) age_days: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    pub(super) arn: String,
    pub(super) document: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) alias: Vec<String>,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default = "enabled")]
    pub(super) state: KeyState,
    /// Days until it is deleted, where that is scheduled.
    #[serde(default = "nine")]
    pub(super) deletion_days: u64,
    #[serde(default = "symmetric")]
    pub(super) spec: String,
    #[serde(default = "encrypt_decrypt")]
    pub(super) usage: String,
    #[serde(default = "aws_kms")]
    pub(super) origin: String,
    #[serde(default = "customer")]
    pub(super) manager: String,
    #[serde(default)]
    pub(super) multi_region: bool,
    /// Region of the primary key that it is a replica of.
    pub(super) replica_of: Option<String>,
    pub(super) rotation_days: Option<u32>,
    /// Region and account where they aren't the scenario's.
    pub(super) region: Option<String>,
    pub(super) account: Option<String>,
    /// Key policy; absent for KMS's default.
    pub(super) policy: Option<String>,
    #[serde(default)]
    pub(super) grant: Vec<Grant>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) age_days: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grant {
    #[serde(default)]
    pub(super) name: String,
    pub(super) grantee: String,
    pub(super) operations: Vec<String>,
    #[serde(default)]
    pub(super) encryption_context: BTreeMap<String, String>,
}

fn slash() -> String {
    "/".to_owned()
}

fn enabled() -> KeyState {
    KeyState::Enabled
}

fn nine() -> u64 {
    9
}

fn symmetric() -> String {
    "SYMMETRIC_DEFAULT".to_owned()
}

fn encrypt_decrypt() -> String {
    "ENCRYPT_DECRYPT".to_owned()
}

fn aws_kms() -> String {
    "AWS_KMS".to_owned()
}

fn customer() -> String {
    "CUSTOMER".to_owned()
}
