//! A scenario's file, word for word.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::super::faults::{Calls, Effect, Fault};
use super::super::world::{AccessList, CompliancePolicy, Propagation};
use super::ScenarioError;
use super::aws_file::{Aws, Key, Policy, Role};

/// The whole file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    /// Another embedded scenario, whose sections hold where this one has none.
    pub(super) based_on: Option<String>,
    pub(super) atlas: Option<Atlas>,
    pub(super) project: Vec<Project>,
    pub(super) aws: Option<Aws>,
    pub(super) role: Vec<Role>,
    pub(super) managed_policy: Vec<Policy>,
    pub(super) key: Vec<Key>,
    pub(super) pace: Option<Pace>,
    pub(super) propagation: Option<Propagation>,
    pub(super) fault: Vec<FaultEntry>,
    pub(super) generate: Option<Generate>,
}

impl File {
    /// Lays this file over another one, section by section.
    pub(super) fn over(self, base: Self) -> Self {
        fn list<T>(own: Vec<T>, base: Vec<T>) -> Vec<T> {
            if own.is_empty() { base } else { own }
        }
        Self {
            based_on: base.based_on,
            atlas: self.atlas.or(base.atlas),
            project: list(self.project, base.project),
            aws: self.aws.or(base.aws),
            role: list(self.role, base.role),
            managed_policy: list(self.managed_policy, base.managed_policy),
            key: list(self.key, base.key),
            pace: self.pace.or(base.pace),
            propagation: self.propagation.or(base.propagation),
            fault: list(self.fault, base.fault),
            generate: self.generate.or(base.generate),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Atlas {
    pub(super) organization: String,
    pub(super) organization_roles: Vec<String>,
    pub(super) aws_account_arn: String,
    /// Blocks that Atlas itself calls from, by cloud and region.
    pub(super) control_plane: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Address that the operator calls from, as Atlas sees it.
    pub(super) caller_address: String,
    pub(super) access_list: AccessList,
    pub(super) nonce_seconds: u64,
    pub(super) public_key: String,
    pub(super) private_key: String,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    /// Days until the service account's secret expires; below zero it has expired.
    pub(super) secret_expires_days: i64,
}

impl Default for Atlas {
    fn default() -> Self {
        Self {
            organization: "Example".to_owned(),
            organization_roles: vec!["ORG_MEMBER".to_owned()],
            aws_account_arn: "arn:aws:iam::536727724300:root".to_owned(),
            control_plane: control_plane(),
            caller_address: "203.0.113.9".to_owned(),
            access_list: AccessList::default(),
            nonce_seconds: 120,
            public_key: "kfzpqmvd".to_owned(),
            private_key: "2f6d9c41-8e0b-4d57-9a3c-5b1e7f0d2a64".to_owned(),
            client_id: "mdb_sa_id_66f0c2a4b1d39e5f7a8c4d2e".to_owned(),
            client_secret: "mdb_sa_sk_Q7xT2mVbL9cJ4wNzR8pHsK1dYg6fEa3uXo5i".to_owned(),
            secret_expires_days: 90,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Project {
    pub(super) name: String,
    pub(super) id: Option<String>,
    /// The credential's roles; none makes the project invisible.
    #[serde(default)]
    pub(super) roles: Vec<String>,
    #[serde(default)]
    pub(super) cluster: Vec<Cluster>,
    #[serde(default)]
    pub(super) flex_cluster: Vec<FlexCluster>,
    #[serde(default)]
    pub(super) access_role: Vec<AccessRole>,
    pub(super) encryption: Option<Encryption>,
    /// `GOV_REGIONS_ONLY` or `COMMERCIAL_FEDRAMP_REGIONS_ONLY`: a project of Atlas for Government.
    pub(super) region_restriction: Option<String>,
    /// Other clouds whose KMS is set up too: `AZURE`, `GCP`.
    #[serde(default)]
    pub(super) other_kms: Vec<String>,
    /// Leaves the access role out of the setting's answers.
    #[serde(default)]
    pub(super) hides_role_id: bool,
    pub(super) compliance: Option<CompliancePolicy>,
    #[serde(default)]
    pub(super) private_endpoint: Vec<PrivateEndpoint>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PrivateEndpoint {
    pub(super) region: String,
    #[serde(default = "active")]
    pub(super) status: String,
    pub(super) error: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cluster {
    pub(super) name: String,
    pub(super) size: String,
    #[serde(default = "aws")]
    pub(super) provider: String,
    pub(super) region: String,
    /// Further regions with nodes of it.
    #[serde(default)]
    pub(super) further_regions: Vec<String>,
    #[serde(default = "replica_set")]
    pub(super) kind: String,
    #[serde(default = "version")]
    pub(super) version: String,
    #[serde(default)]
    pub(super) backup: bool,
    #[serde(default)]
    pub(super) paused: bool,
    #[serde(default = "none")]
    pub(super) encryption: String,
    /// A state that it stays in; absent for one that is idle.
    pub(super) state: Option<String>,
    /// Seconds until that state ends; absent where it never does.
    pub(super) state_seconds: Option<f64>,
    /// Seconds until a restore into it ends; absent where none runs.
    pub(super) restore_seconds: Option<f64>,
    /// Addresses of its nodes; absent for some that are its own.
    pub(super) outbound: Option<Vec<String>>,
    #[serde(default = "age")]
    pub(super) age_days: u64,
    #[serde(default)]
    pub(super) snapshot: Vec<Snapshots>,
}

/// Snapshots that were taken one after the other.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Snapshots {
    /// Days since the latest of them.
    pub(super) age_days: u64,
    #[serde(default = "one")]
    pub(super) count: u64,
    /// Days between them.
    #[serde(default = "one")]
    pub(super) every_days: u64,
    #[serde(default = "scheduled")]
    pub(super) kind: String,
    /// Key that they were taken with; absent from before encryption.
    pub(super) key: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FlexCluster {
    pub(super) name: String,
    #[serde(default = "aws")]
    pub(super) provider: String,
    pub(super) region: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccessRole {
    pub(super) id: Option<String>,
    pub(super) external_id: Option<String>,
    /// The IAM role; with it the access role is authorized.
    pub(super) iam_role_arn: Option<String>,
    /// Other features that use it.
    #[serde(default)]
    pub(super) used_by: Vec<String>,
    /// Days since it was made.
    #[serde(default)]
    pub(super) age_days: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Encryption {
    pub(super) role_id: Option<String>,
    pub(super) access_key_id: Option<String>,
    pub(super) key: String,
    pub(super) region: String,
    #[serde(default)]
    pub(super) require_private_networking: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Pace {
    /// Pause before each answer.
    pub(super) latency_ms: u64,
    /// How long the change of a cluster takes, by instance size; `default` is for all others.
    pub(super) cluster_seconds: BTreeMap<String, f64>,
}

/// Rows of things that are alike.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Generate {
    /// Clusters added to the first project.
    pub(super) clusters: u32,
    pub(super) roles: u32,
    pub(super) keys: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultEntry {
    operation: String,
    /// Which calls, counted from 1; absent for all.
    calls: Option<Vec<usize>>,
    effect: EffectName,
    delay_ms: Option<u64>,
    retry_after: Option<u64>,
    status: Option<u16>,
    code: Option<String>,
    detail: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum EffectName {
    Delay,
    Throttled,
    Html,
    ServerError,
    EmptyAnswer,
    Refused,
    CutBefore,
    CutAfter,
    ExpiredCredentials,
}

impl FaultEntry {
    pub(super) fn read(&self) -> Result<Fault, ScenarioError> {
        let missing = |field: &str| ScenarioError::Value(format!("the fault of `{}` lacks `{field}`", self.operation));
        let effect = match self.effect {
            EffectName::Delay => {
                Effect::Delay(Duration::from_millis(self.delay_ms.ok_or_else(|| missing("delay_ms"))?))
            }
            EffectName::Throttled => Effect::Throttled {
                retry_after: self.retry_after,
            },
            EffectName::Html => Effect::Html {
                status: self.status.unwrap_or(503),
            },
            EffectName::ServerError => Effect::ServerError {
                status: self.status.unwrap_or(500),
            },
            EffectName::EmptyAnswer => Effect::EmptyAnswer,
            EffectName::Refused => Effect::Refused {
                status: self.status.ok_or_else(|| missing("status"))?,
                code: self.code.clone().unwrap_or_default(),
                detail: self.detail.clone().unwrap_or_default(),
            },
            EffectName::CutBefore => Effect::CutBefore,
            EffectName::CutAfter => Effect::CutAfter,
            EffectName::ExpiredCredentials => Effect::ExpiredCredentials,
        };
        let calls = self.calls.clone().map_or(Calls::All, Calls::Only);
        Ok(Fault {
            operation: self.operation.clone(),
            calls,
            effect,
        })
    }
}

fn control_plane() -> BTreeMap<String, BTreeMap<String, Vec<String>>> {
    let in_cloud = |cloud: &str, region: &str, blocks: &[&str]| {
        let blocks = blocks.iter().map(|block| (*block).to_owned()).collect();
        (cloud.to_owned(), BTreeMap::from([(region.to_owned(), blocks)]))
    };
    BTreeMap::from([
        in_cloud("aws", "us-east-1", &["198.51.100.7/32", "198.51.100.8/32"]),
        in_cloud("azure", "eastus2", &["198.51.100.40/32"]),
        in_cloud("gcp", "us-east4", &["198.51.100.64/31"]),
    ])
}

fn active() -> String {
    "ACTIVE".to_owned()
}

fn age() -> u64 {
    200
}

fn one() -> u64 {
    1
}

fn scheduled() -> String {
    "scheduled".to_owned()
}

fn aws() -> String {
    "AWS".to_owned()
}

fn replica_set() -> String {
    "REPLICASET".to_owned()
}

fn version() -> String {
    "8.0.12".to_owned()
}

fn none() -> String {
    "NONE".to_owned()
}
