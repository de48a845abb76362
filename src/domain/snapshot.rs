//! Cloud backups, and the key that each needs.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A snapshot of an encrypted cluster (API operations `listGroupClusterBackupSnapshots` and
/// `listGroupClusterBackupSnapshotShardedClusters`). It needs the key that it was taken with for as long as it lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The cluster's name.
    pub cluster: String,
    /// When it was taken, where Atlas says so.
    pub taken: Option<Timestamp>,
    /// `masterKeyUUID` as Atlas writes it: treated as text.
    pub key: Option<String>,
}
