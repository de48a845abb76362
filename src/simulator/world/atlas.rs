//! What Atlas knows: projects, clusters, access roles, encryption settings.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// The Atlas half of the world.
#[derive(Debug, Clone, Serialize)]
pub struct AtlasWorld {
    /// Id of the organization, 24 hex digits.
    pub organization_id: String,
    /// Name of the organization.
    pub organization_name: String,
    /// The roles of the credential in the organization, such as `ORG_MEMBER`.
    pub organization_roles: Vec<String>,
    /// ARN of the AWS account from which Atlas assumes roles.
    pub aws_account_arn: String,
    /// Address that Atlas calls AWS from, as `aws:SourceIp` sees it.
    pub source_ip: String,
    /// Id of the API key, 24 hex digits.
    pub api_key_id: String,
    /// Seconds until a digest nonce is stale.
    #[serde(skip)]
    pub nonce_seconds: u64,
    /// All projects of the organization, also those that the credential can't see.
    pub projects: Vec<Project>,
    #[serde(skip)]
    pub(in crate::simulator) nonces: HashMap<String, Challenge>,
    #[serde(skip)]
    pub(in crate::simulator) tokens: HashMap<String, Token>,
    #[serde(skip)]
    pub(in crate::simulator) sign_ins: Vec<Timestamp>,
    #[serde(skip)]
    pub(in crate::simulator) asked: HashMap<(String, &'static str), (Timestamp, u32)>,
}

/// A digest nonce that was handed out.
#[derive(Debug, Clone)]
pub(in crate::simulator) struct Challenge {
    pub(in crate::simulator) expires: Timestamp,
}

/// An access token that was handed out.
#[derive(Debug, Clone)]
pub(in crate::simulator) struct Token {
    pub(in crate::simulator) expires: Timestamp,
}

impl AtlasWorld {
    /// Returns a project by its id.
    pub fn project(&self, id: &str) -> Option<&Project> {
        self.projects.iter().find(|project| project.id == id)
    }

    /// Returns a project by its id, to be changed.
    pub fn project_mut(&mut self, id: &str) -> Option<&mut Project> {
        self.projects.iter_mut().find(|project| project.id == id)
    }
}

/// An Atlas project, which the API calls a group.
#[derive(Debug, Clone, Serialize)]
pub struct Project {
    /// 24 hex digits.
    pub id: String,
    /// Display name.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// The credential's roles in it, such as `GROUP_OWNER`; empty where it is no member.
    pub roles: Vec<String>,
    /// All clusters but the Flex ones.
    pub clusters: Vec<Cluster>,
    /// Flex clusters.
    pub flex_clusters: Vec<FlexCluster>,
    /// Cloud provider access roles for AWS.
    pub access_roles: Vec<AccessRole>,
    /// The setting for AWS KMS; absent where it was never configured or was switched off.
    pub aws_kms: Option<AwsKms>,
    /// Whether search nodes are encrypted too.
    pub search_nodes: bool,
}

impl Project {
    /// Returns a cluster by its name.
    pub fn cluster(&self, name: &str) -> Option<&Cluster> {
        self.clusters.iter().find(|cluster| cluster.name == name)
    }

    /// Returns a cluster by its name, to be changed.
    pub fn cluster_mut(&mut self, name: &str) -> Option<&mut Cluster> {
        self.clusters.iter_mut().find(|cluster| cluster.name == name)
    }

    /// Returns an access role by its id.
    pub fn access_role(&self, id: &str) -> Option<&AccessRole> {
        self.access_roles.iter().find(|role| role.id == id)
    }

    /// Returns an access role by its id, to be changed.
    pub fn access_role_mut(&mut self, id: &str) -> Option<&mut AccessRole> {
        self.access_roles.iter_mut().find(|role| role.id == id)
    }

    /// Lets the clusters finish whose work is done by now.
    pub(in crate::simulator) fn settle(&mut self, now: Timestamp) {
        for cluster in &mut self.clusters {
            if let Some(Work { until: Some(until), .. }) = cluster.work
                && until <= now
            {
                cluster.work = None;
            }
        }
    }
}

/// A dedicated or shared cluster.
#[derive(Debug, Clone, Serialize)]
pub struct Cluster {
    /// 24 hex digits.
    pub id: String,
    /// Name, unique in its project.
    pub name: String,
    /// `REPLICASET`, `SHARDED` or `GEOSHARDED`.
    pub kind: String,
    /// Instance size, such as `M30`; `M0` for a free one.
    pub size: String,
    /// Cloud that the nodes run in: `AWS`, `AZURE` or `GCP`.
    pub provider: String,
    /// Region as Atlas writes it.
    pub region: String,
    /// MongoDB's version.
    pub version: String,
    /// Whether cloud backup is on.
    pub backup: bool,
    /// Whether it is paused.
    pub paused: bool,
    /// `NONE`, `AWS`, `AZURE` or `GCP`, as it was last asked for.
    pub encryption: String,
    /// When it was made.
    pub created: Timestamp,
    /// What Atlas is doing with it; absent when it is idle.
    pub work: Option<Work>,
    /// Other attributes that a change has set, as they were sent.
    pub other: Map<String, Value>,
}

impl Cluster {
    /// Tells whether it runs on shared machines.
    pub fn is_tenant(&self) -> bool {
        matches!(self.size.as_str(), "M0" | "M2" | "M5")
    }

    /// Returns its state as Atlas names it.
    pub fn state(&self) -> &str {
        self.work.as_ref().map_or("IDLE", |work| work.state.as_str())
    }
}

/// Work on a cluster.
#[derive(Debug, Clone, Serialize)]
pub struct Work {
    /// State meanwhile: `UPDATING`, `CREATING`, `REPAIRING` or `DELETING`.
    pub state: String,
    /// When it ends; absent where it never does.
    pub until: Option<Timestamp>,
}

/// A Flex cluster.
#[derive(Debug, Clone, Serialize)]
pub struct FlexCluster {
    /// 24 hex digits.
    pub id: String,
    /// Name, unique in its project.
    pub name: String,
    /// Cloud that it runs in.
    pub provider: String,
    /// Region as Atlas writes it.
    pub region: String,
    /// When it was made.
    pub created: Timestamp,
}

/// A cloud provider access role of a project: Atlas's side of an IAM role.
#[derive(Debug, Clone, Serialize)]
pub struct AccessRole {
    /// 24 hex digits.
    pub id: String,
    /// What Atlas sends as external id when it assumes the IAM role.
    pub external_id: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was authorized; absent before.
    pub authorized: Option<Timestamp>,
    /// The IAM role; absent before it is authorized.
    pub iam_role_arn: Option<String>,
    /// Other features that use it, such as `ATLAS_DATA_LAKE`, each with its id.
    pub other_usages: Vec<(String, Value)>,
}

/// A project's setting for AWS KMS.
#[derive(Debug, Clone, Serialize)]
pub struct AwsKms {
    /// The access role that Atlas uses; absent with credentials of an IAM user.
    pub role_id: Option<String>,
    /// Access key id of an IAM user: the old way.
    pub access_key_id: Option<String>,
    /// Key id or ARN, as it was sent.
    pub key: String,
    /// Region as Atlas writes it.
    pub region: String,
    /// Whether Atlas reaches KMS over private endpoints only.
    pub require_private_networking: bool,
}
