//! What holds after a run, or at any time: the evidence, from what is observed alone. Pure.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::access_role::AccessRole;
use crate::domain::cluster::Cluster;
use crate::domain::iam_role::IamRole;
use crate::domain::key::Key;
use crate::domain::project::{EncryptionSetting, Project};

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Worth knowing.
    Note,
    /// The encryption is off, invalid or at risk (`status` exits with 3).
    Risk,
}

/// One thing that the operator should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How much it weighs.
    pub weight: Weight,
    /// One or two sentences.
    pub text: String,
}

/// What holds: the JSON form is the contract of `status --output json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// When it was observed.
    pub at: Option<Timestamp>,
    /// The project.
    pub project: Project,
    /// The project's encryption setting.
    pub encryption_at_rest: EncryptionSetting,
    /// The access role that the setting uses.
    pub access_role: Option<AccessRole>,
    /// The IAM role that Atlas assumes.
    pub iam_role: Option<IamRole>,
    /// The key that the setting names.
    pub key: Option<Key>,
    /// All clusters, Flex ones last.
    pub clusters: Vec<Cluster>,
    /// What the operator should know, the weightiest first.
    pub findings: Vec<Finding>,
}
