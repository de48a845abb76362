//! What is true now: the pure data that everything after `observe` works on.

use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::access_role::AccessRole;
use crate::domain::arn::KeyArn;
use crate::domain::atlas_addresses::NodeAddresses;
use crate::domain::aws_identity::{AwsIdentity, PolicyQuotas};
use crate::domain::cluster::Cluster;
use crate::domain::iam_role::{IamRole, IamRoleDetail};
use crate::domain::key::{Grant, Key, KeyRef};
use crate::domain::permission::{NeededPermission, SimulatedPermission};
use crate::domain::policy::PolicyDocument;
use crate::domain::project::{AtlasIdentity, CompliancePolicy, EncryptionSetting, PrivateEndpoint, Project};
use crate::domain::region::Region;
use crate::domain::snapshot::Snapshot;
use crate::problem::Problem;

/// One thing that was asked, or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fetched<T> {
    /// Nobody looked yet.
    #[default]
    NotLooked,
    /// The question is on its way.
    Looking,
    /// It couldn't be read.
    Failed(Problem),
    /// The answer.
    Known(T),
}

impl<T> Fetched<T> {
    /// Returns the answer, if there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::NotLooked | Self::Looking | Self::Failed(_) => None,
        }
    }

    /// Returns why there is no answer, if the question failed.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Failed(problem) => Some(problem),
            Self::NotLooked | Self::Looking | Self::Known(_) => None,
        }
    }

    /// Returns whether the question is on its way.
    pub fn is_looking(&self) -> bool {
        matches!(self, Self::Looking)
    }
}

impl<T> From<Result<T, Problem>> for Fetched<T> {
    fn from(result: Result<T, Problem>) -> Self {
        match result {
            Ok(value) => Self::Known(value),
            Err(problem) => Self::Failed(problem),
        }
    }
}

/// Everything observed, each part by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedState {
    /// Who the Atlas credential is.
    pub atlas_identity: Fetched<AtlasIdentity>,
    /// The projects it can see, by name.
    pub projects: Fetched<Vec<Project>>,
    /// The project chosen.
    pub project: Fetched<Project>,
    /// The project's access roles.
    pub access_roles: Fetched<Vec<AccessRole>>,
    /// The project's encryption setting.
    pub setting: Fetched<EncryptionSetting>,
    /// Dedicated and shared clusters, by name.
    pub clusters: Fetched<Vec<Cluster>>,
    /// Flex clusters, by name.
    pub flex_clusters: Fetched<Vec<Cluster>>,
    /// Who the operator is in AWS.
    pub aws_identity: Fetched<AwsIdentity>,
    /// The region of the keys below.
    pub region: Option<Region>,
    /// IAM roles that could serve, by name; those that AWS alone can change left out.
    pub iam_roles: Fetched<Vec<IamRole>>,
    /// KMS keys of the region, by label.
    pub keys: Fetched<Vec<Key>>,
    /// The IAM role that was looked up by name; `Known(None)`: there is none.
    pub chosen_role: Option<Lookup<String, IamRoleDetail>>,
    /// The key that was looked up; `Known(None)`: there is none.
    pub chosen_key: Option<Lookup<KeyRef, Key>>,
    /// The key that the project's setting uses now, by the text that Atlas has for it.
    pub key_in_use: Option<Lookup<String, Key>>,
    /// The key policy of the key that was looked up (`GetKeyPolicy`; never across accounts).
    pub key_policy: Option<Lookup<KeyArn, PolicyDocument>>,
    /// The grants of that key (`ListGrants`).
    pub key_grants: Option<Lookup<KeyArn, Vec<Grant>>>,
    /// The account's quotas on policy documents.
    pub quotas: Fetched<PolicyQuotas>,
    /// What IAM's simulation says of the operator's permissions; asked beside the rest, never again.
    pub permissions: Option<Lookup<Vec<NeededPermission>, Vec<SimulatedPermission>>>,
    /// Networks that Atlas's control plane calls from.
    pub control_plane: Fetched<Vec<IpNet>>,
    /// Networks that the project's nodes call from.
    pub node_addresses: Fetched<Vec<NodeAddresses>>,
    /// The project's Backup Compliance Policy.
    pub compliance: Fetched<CompliancePolicy>,
    /// The project's private endpoints to AWS KMS.
    pub private_endpoints: Fetched<Vec<PrivateEndpoint>>,
    /// Snapshots of the project's encrypted clusters: looked at where the key in use is to be left.
    pub snapshots: Fetched<Vec<Snapshot>>,
    /// Creates of an earlier run that have a begin and no end, and what was found of them.
    pub unfinished: Vec<Unfinished>,
    /// When the last of these was read.
    pub at: Option<Timestamp>,
}

/// A question about one thing, by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup<K, T> {
    /// What was asked for.
    pub of: K,
    /// What was found: `Known(None)` if there is no such thing.
    pub found: Fetched<Option<T>>,
}

/// A create that an earlier run began and didn't see the end of, with what fits it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unfinished {
    /// KMS `CreateKey` with this marker tag; keys that carry it.
    Key {
        /// The value of the marker tag.
        marker: String,
        /// Keys that carry it: none, or the one that was created.
        found: Fetched<Vec<Key>>,
    },
    /// Atlas `POST cloudProviderAccess`; access roles that weren't there before it.
    AccessRole {
        /// The IDs of access roles that have appeared since.
        found: Vec<String>,
    },
}

/// One part of [`ObservedState`], as it arrives.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// Who the Atlas credential is.
    AtlasIdentity(Fetched<AtlasIdentity>),
    /// The projects it can see.
    Projects(Fetched<Vec<Project>>),
    /// The project chosen.
    Project(Fetched<Project>),
    /// The project's access roles.
    AccessRoles(Fetched<Vec<AccessRole>>),
    /// The project's encryption setting.
    Setting(Fetched<EncryptionSetting>),
    /// Dedicated and shared clusters.
    Clusters(Fetched<Vec<Cluster>>),
    /// Flex clusters.
    FlexClusters(Fetched<Vec<Cluster>>),
    /// Who the operator is in AWS.
    AwsIdentity(Fetched<AwsIdentity>),
    /// IAM roles that could serve.
    IamRoles(Fetched<Vec<IamRole>>),
    /// KMS keys of the region.
    Keys(Fetched<Vec<Key>>),
    /// One IAM role.
    ChosenRole(Lookup<String, IamRoleDetail>),
    /// One key.
    ChosenKey(Lookup<KeyRef, Key>),
    /// The key in use now.
    KeyInUse(Lookup<String, Key>),
    /// One key's policy.
    KeyPolicy(Lookup<KeyArn, PolicyDocument>),
    /// One key's grants.
    KeyGrants(Lookup<KeyArn, Vec<Grant>>),
    /// The account's quotas.
    Quotas(Fetched<PolicyQuotas>),
    /// What IAM's simulation says of the operator's permissions.
    Permissions(Lookup<Vec<NeededPermission>, Vec<SimulatedPermission>>),
    /// The control plane's networks.
    ControlPlane(Fetched<Vec<IpNet>>),
    /// The nodes' networks.
    NodeAddresses(Fetched<Vec<NodeAddresses>>),
    /// The Backup Compliance Policy.
    Compliance(Fetched<CompliancePolicy>),
    /// Private endpoints to AWS KMS.
    PrivateEndpoints(Fetched<Vec<PrivateEndpoint>>),
    /// Snapshots of encrypted clusters.
    Snapshots(Fetched<Vec<Snapshot>>),
    /// What is left of an earlier run's creates.
    Unfinished(Vec<Unfinished>),
}

impl ObservedState {
    /// Takes one part in; an answer about a role or key that is no longer the chosen one is dropped.
    pub fn absorb(&mut self, observation: Observation, at: Timestamp) {
        match observation {
            Observation::AtlasIdentity(part) => self.atlas_identity = part,
            Observation::Projects(part) => self.projects = part,
            Observation::Project(part) => self.project = part,
            Observation::AccessRoles(part) => self.access_roles = part,
            Observation::Setting(part) => self.setting = part,
            Observation::Clusters(part) => self.clusters = part,
            Observation::FlexClusters(part) => self.flex_clusters = part,
            Observation::AwsIdentity(part) => self.aws_identity = part,
            Observation::IamRoles(part) => self.iam_roles = part,
            Observation::Keys(part) => self.keys = part,
            Observation::ChosenRole(lookup) => self.chosen_role = Some(lookup),
            Observation::ChosenKey(lookup) => self.chosen_key = Some(lookup),
            Observation::KeyInUse(lookup) => self.key_in_use = Some(lookup),
            Observation::KeyPolicy(lookup) => self.key_policy = Some(lookup),
            Observation::KeyGrants(lookup) => self.key_grants = Some(lookup),
            Observation::Quotas(part) => self.quotas = part,
            Observation::Permissions(lookup) => self.permissions = Some(lookup),
            Observation::ControlPlane(part) => self.control_plane = part,
            Observation::NodeAddresses(part) => self.node_addresses = part,
            Observation::Compliance(part) => self.compliance = part,
            Observation::PrivateEndpoints(part) => self.private_endpoints = part,
            Observation::Snapshots(part) => self.snapshots = part,
            Observation::Unfinished(part) => self.unfinished = part,
        }
        self.at = Some(at);
    }

    /// Returns all clusters, Flex ones last; `None` while either list isn't known.
    pub fn all_clusters(&self) -> Option<Vec<&Cluster>> {
        let dedicated = self.clusters.known()?;
        let flex = self.flex_clusters.known()?;
        Some(dedicated.iter().chain(flex).collect())
    }

    /// Returns the project's ID, once the project is known.
    pub fn project_id(&self) -> Option<&str> {
        self.project.known().map(|project| project.id.as_str())
    }
}
