//! What Atlas knows: projects, clusters, access roles, encryption settings.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::clusters::{Cluster, FlexCluster};

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
    /// Blocks that Atlas itself calls from, by cloud and by region, as it publishes them.
    pub control_plane: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Address that the caller's requests come from, as Atlas sees it.
    pub caller_address: String,
    /// From where the credential may be used.
    pub access_list: AccessList,
    /// Id of the API key, 24 hex digits.
    pub api_key_id: String,
    /// When the service account's secret expires.
    #[serde(skip)]
    pub secret_expires: Timestamp,
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

    /// Returns the addresses from which Atlas itself calls AWS.
    ///
    /// Of a block it is the first and the last one.
    pub fn own_addresses(&self) -> Vec<String> {
        addresses(self.control_plane.values().flat_map(BTreeMap::values).flatten())
    }

    /// Returns every address from which AWS is called for a project: Atlas's own and those of its clusters' nodes.
    pub fn source_addresses(&self, project: &Project) -> Vec<String> {
        let own = self.control_plane.values().flat_map(BTreeMap::values).flatten();
        let nodes = project
            .clusters
            .iter()
            .flat_map(|cluster| cluster.outbound.iter().chain(&cluster.future_outbound));
        addresses(own.chain(nodes))
    }
}

/// Returns the ends of blocks, each once.
fn addresses<'a>(blocks: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut addresses: Vec<IpAddr> = blocks
        .filter_map(|block| network(block))
        .flat_map(|block| [block.network(), block.broadcast()])
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses.iter().map(IpAddr::to_string).collect()
}

/// Reads a block, or an address as the block of it alone.
fn network(text: &str) -> Option<IpNet> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// The API access list of the credential, and whether there has to be one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessList {
    /// Addresses and blocks on it; none lets everybody in, unless a list is required.
    pub entries: Vec<String>,
    /// Whether the organization requires a list.
    pub required: bool,
    /// Whether it guards changes alone, and reads come through from everywhere.
    pub changes_only: bool,
}

impl AccessList {
    /// Tells whether an address is on it.
    pub fn holds(&self, address: &str) -> bool {
        address.parse::<IpAddr>().is_ok_and(|address| {
            self.entries
                .iter()
                .filter_map(|entry| network(entry))
                .any(|block| block.contains(&address))
        })
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
    /// `GOV_REGIONS_ONLY` or `COMMERCIAL_FEDRAMP_REGIONS_ONLY` in Atlas for Government; absent elsewhere.
    pub region_restriction: Option<String>,
    /// Other clouds whose KMS is set up too: `AZURE`, `GCP`.
    pub other_kms: Vec<String>,
    /// Whether the setting is shown without its access role: the API declares that write-only.
    pub hides_role_id: bool,
    /// The backup compliance policy.
    pub compliance: Option<CompliancePolicy>,
    /// Private endpoints for the use of AWS KMS.
    pub private_endpoints: Vec<PrivateEndpoint>,
    /// When Atlas last tried the key of the setting, and how that went.
    #[serde(skip)]
    pub key_check: KeyCheck,
    /// What has happened, in order.
    #[serde(skip)]
    pub events: Vec<Event>,
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

    /// Lets everything end that is done by now.
    pub(in crate::simulator) fn settle(&mut self, now: Timestamp) {
        self.clusters.retain_mut(|cluster| cluster.settle(now));
    }

    /// Tells whether it belongs to Atlas for Government.
    pub fn is_government(&self) -> bool {
        self.region_restriction.is_some()
    }
}

/// What a backup compliance policy says, as far as it counts here.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompliancePolicy {
    /// Whether it demands encryption with a key of the customer's own.
    #[serde(default)]
    pub encryption_at_rest: bool,
    /// Address of the person who may have it changed.
    pub email: String,
    /// That person's first name.
    pub first_name: String,
    /// That person's last name.
    pub last_name: String,
}

/// A private endpoint through which Atlas reaches AWS KMS.
#[derive(Debug, Clone, Serialize)]
pub struct PrivateEndpoint {
    /// 24 hex digits.
    pub id: String,
    /// Region as Atlas writes it.
    pub region: String,
    /// `INITIATING`, `PENDING_ACCEPTANCE`, `ACTIVE`, `FAILED`, `PENDING_RECREATION` or `DELETING`.
    pub status: String,
    /// Why it failed.
    pub error: Option<String>,
}

/// Atlas's last try of the key.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct KeyCheck {
    /// When it was.
    pub at: Timestamp,
    /// Whether the key worked; true where there is none.
    pub valid: bool,
}

/// An entry of a project's activity feed.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// 24 hex digits.
    pub id: String,
    /// `ENCRYPTION_AT_REST_CONFIGURATION_UPDATED`, …
    pub kind: String,
    /// When it happened.
    pub at: Timestamp,
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
