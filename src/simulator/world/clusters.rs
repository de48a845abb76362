//! What Atlas knows about clusters.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

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
    /// Region of most nodes, as Atlas writes it.
    pub region: String,
    /// Further regions with nodes of it.
    pub further_regions: Vec<String>,
    /// MongoDB's version.
    pub version: String,
    /// Whether cloud backup is on.
    pub backup: bool,
    /// Whether it is paused.
    pub paused: bool,
    /// When it was resumed last.
    #[serde(skip)]
    pub resumed: Option<Timestamp>,
    /// `NONE`, `AWS`, `AZURE` or `GCP`, as it was last asked for.
    pub encryption: String,
    /// When it was made.
    pub created: Timestamp,
    /// What Atlas is doing with it; absent when it is idle.
    pub work: Option<Work>,
    /// When the restore ends that runs into it; absent where none does.
    pub restore_until: Option<Timestamp>,
    /// Whether Atlas has shut its processes down for an invalid key, which its state doesn't show.
    pub stopped: bool,
    /// Addresses that its nodes call from.
    pub outbound: Vec<String>,
    /// Addresses that its nodes will call from after a change that is on its way.
    pub future_outbound: Vec<String>,
    /// Its snapshots, the latest first.
    pub snapshots: Vec<Snapshot>,
    /// Other attributes that a change has set, as they were sent.
    pub other: Map<String, Value>,
}

impl Cluster {
    /// Makes an idle replica set in one region, without backup and without encryption.
    pub(in crate::simulator) fn idle(id: String, name: &str, place: Place<'_>, created: Timestamp) -> Self {
        Self {
            id,
            name: name.to_owned(),
            kind: "REPLICASET".to_owned(),
            size: place.size.to_owned(),
            provider: place.provider.to_owned(),
            region: place.region.to_owned(),
            further_regions: Vec::new(),
            version: "8.0.12".to_owned(),
            backup: false,
            paused: false,
            resumed: None,
            encryption: "NONE".to_owned(),
            created,
            work: None,
            restore_until: None,
            stopped: false,
            outbound: Vec::new(),
            future_outbound: Vec::new(),
            snapshots: Vec::new(),
            other: Map::new(),
        }
    }

    /// Tells whether it runs on shared machines.
    pub fn is_tenant(&self) -> bool {
        matches!(self.size.as_str(), "M0" | "M2" | "M5")
    }

    /// Returns its state as Atlas names it.
    pub fn state(&self) -> &str {
        self.work.as_ref().map_or("IDLE", |work| work.state.as_str())
    }

    /// Lets what is done by now end; false where that is the cluster itself.
    pub(super) fn settle(&mut self, now: Timestamp) -> bool {
        self.restore_until = self.restore_until.filter(|until| *until > now);
        let Some(done) = self.work.take_if(|work| work.until.is_some_and(|until| until <= now)) else {
            return true;
        };
        if !self.future_outbound.is_empty() {
            self.outbound = std::mem::take(&mut self.future_outbound);
        }
        done.state != "DELETING"
    }
}

/// Where and how large a cluster is.
#[derive(Debug, Clone, Copy)]
pub(in crate::simulator) struct Place<'a> {
    pub(in crate::simulator) size: &'a str,
    pub(in crate::simulator) provider: &'a str,
    pub(in crate::simulator) region: &'a str,
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

/// A snapshot of a cluster.
#[derive(Debug, Clone, Serialize)]
pub struct Snapshot {
    /// 24 hex digits.
    pub id: String,
    /// When it was taken.
    pub created: Timestamp,
    /// When Atlas deletes it.
    pub expires: Timestamp,
    /// `onDemand` or `scheduled`.
    pub kind: String,
    /// Key that it was taken with; absent where the cluster wasn't encrypted by one.
    pub key: Option<String>,
}
