//! Clusters of a project, and which of them can be encrypted with a customer-managed key.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which endpoint a cluster lives in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClusterKind {
    /// Behind `/clusters` with an instance size of its own.
    Dedicated,
    /// M0 and the old M2 and M5: shared machines.
    Shared,
    /// Behind `/flexClusters`.
    Flex,
}

/// `stateName` of the cluster API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClusterState {
    /// Nothing is being changed.
    Idle,
    /// Being created.
    Creating,
    /// Being changed.
    Updating,
    /// Being deleted.
    Deleting,
    /// Being repaired.
    Repairing,
    /// A state that this program doesn't know.
    #[serde(untagged)]
    Other(String),
}

impl fmt::Display for ClusterState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Idle => "IDLE",
            Self::Creating => "CREATING",
            Self::Updating => "UPDATING",
            Self::Deleting => "DELETING",
            Self::Repairing => "REPAIRING",
            Self::Other(name) => name,
        })
    }
}

impl From<String> for ClusterState {
    fn from(name: String) -> Self {
        match name.as_str() {
            "IDLE" => Self::Idle,
            "CREATING" => Self::Creating,
            "UPDATING" => Self::Updating,
            "DELETING" => Self::Deleting,
            "REPAIRING" => Self::Repairing,
            _ => Self::Other(name),
        }
    }
}

/// `encryptionAtRestProvider` of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum EncryptionProvider {
    /// Atlas's own encryption only.
    None,
    /// A customer-managed key in AWS KMS.
    Aws,
    /// A key in Azure Key Vault.
    Azure,
    /// A key in Google Cloud KMS.
    Gcp,
    /// A provider that this program doesn't know.
    #[serde(untagged)]
    Other(String),
}

impl fmt::Display for EncryptionProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "NONE",
            Self::Aws => "AWS",
            Self::Azure => "AZURE",
            Self::Gcp => "GCP",
            Self::Other(name) => name,
        })
    }
}

impl From<Option<String>> for EncryptionProvider {
    fn from(name: Option<String>) -> Self {
        match name {
            None => Self::None,
            Some(name) => match name.as_str() {
                "NONE" => Self::None,
                "AWS" => Self::Aws,
                "AZURE" => Self::Azure,
                "GCP" => Self::Gcp,
                _ => Self::Other(name),
            },
        }
    }
}

/// A cluster as the operator needs to see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// The name, unique in the project.
    pub name: String,
    /// Which endpoint it lives in.
    pub kind: ClusterKind,
    /// `REPLICASET`, `SHARDED`, `GEOSHARDED`; `FLEX` for Flex clusters.
    pub cluster_type: String,
    /// `M10`, `M30`, …; the first region's where they differ.
    pub instance_size: String,
    /// `AWS`, `AZURE`, `GCP` (for shared machines the provider behind them).
    pub provider: String,
    /// Regions in Atlas's form, the highest priority first, each once.
    pub regions: Vec<String>,
    /// What Atlas is doing with it.
    pub state: ClusterState,
    /// Whether it is paused.
    pub paused: bool,
    /// Whose key encrypts it now.
    pub encryption: EncryptionProvider,
    /// Whether cloud backups are on.
    pub backup: bool,
}

/// A cluster to create: a replica set of three nodes in one region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCluster {
    /// The name, unique in the project.
    pub name: String,
    /// `AWS`, `AZURE` or `GCP`.
    pub provider: String,
    /// The region as Atlas writes it: `US_EAST_1`.
    pub region: String,
    /// `M10` or larger.
    pub instance_size: String,
}

/// Whether a cluster can be switched to a customer-managed AWS key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Eligibility {
    /// It can.
    Eligible,
    /// It already is.
    AlreadyEncrypted,
    /// It can't, for this reason.
    Ineligible(Ineligible),
}

/// Why a cluster can't be switched to a customer-managed AWS key now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ineligible {
    /// M0, M2, M5.
    SharedTier,
    /// A Flex cluster.
    Flex,
    /// Paused: Atlas refuses every change.
    Paused,
    /// Atlas is changing it.
    Busy(ClusterState),
    /// A key of another provider encrypts it.
    OtherProvider(EncryptionProvider),
}

impl fmt::Display for Ineligible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SharedTier => f.write_str("shared tier, needs M10 or larger"),
            Self::Flex => f.write_str("Flex cluster, needs M10 or larger"),
            Self::Paused => f.write_str("paused, resume it first"),
            Self::Busy(state) => write!(f, "busy ({state}), wait until it is IDLE"),
            Self::OtherProvider(provider) => write!(f, "uses a key in {provider}, set it to NONE first"),
        }
    }
}

impl Cluster {
    /// Returns whether it can be switched to a customer-managed AWS key now.
    pub fn eligibility(&self) -> Eligibility {
        match self.kind {
            ClusterKind::Flex => return Eligibility::Ineligible(Ineligible::Flex),
            ClusterKind::Shared => return Eligibility::Ineligible(Ineligible::SharedTier),
            ClusterKind::Dedicated => {}
        }
        match &self.encryption {
            EncryptionProvider::Aws => Eligibility::AlreadyEncrypted,
            EncryptionProvider::None if self.paused => Eligibility::Ineligible(Ineligible::Paused),
            EncryptionProvider::None if self.state != ClusterState::Idle => {
                Eligibility::Ineligible(Ineligible::Busy(self.state.clone()))
            }
            EncryptionProvider::None => Eligibility::Eligible,
            other => Eligibility::Ineligible(Ineligible::OtherProvider(other.clone())),
        }
    }

    /// Returns the cluster whose name is nearest to a mistyped one, if one is near.
    pub fn nearest<'a>(name: &str, clusters: impl Iterator<Item = &'a Self>) -> Option<&'a Self> {
        clusters
            .map(|cluster| (strsim::damerau_levenshtein(&cluster.name, name), cluster))
            .min_by_key(|(distance, _)| *distance)
            .filter(|(distance, _)| *distance <= 2)
            .map(|(_, cluster)| cluster)
    }

    /// Returns whether it can be switched now.
    pub fn is_eligible(&self) -> bool {
        self.eligibility() == Eligibility::Eligible
    }

    /// Returns whether a key in AWS KMS encrypts it.
    pub fn is_encrypted(&self) -> bool {
        self.encryption == EncryptionProvider::Aws
    }
}
