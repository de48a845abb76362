//! What stands around the encryption setting: compliance policy, private endpoints, snapshots.

use jiff::Timestamp;
use serde::Deserialize;

use crate::domain::project::{CompliancePolicy as DomainPolicy, PrivateEndpoint as DomainEndpoint};
use crate::domain::snapshot::Snapshot as DomainSnapshot;

/// The project's Backup Compliance Policy.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompliancePolicy {
    state: Option<String>,
    encryption_at_rest_enabled: Option<bool>,
}

impl From<CompliancePolicy> for DomainPolicy {
    fn from(policy: CompliancePolicy) -> Self {
        Self {
            state: policy.state,
            demands_encryption: policy.encryption_at_rest_enabled.unwrap_or_default(),
        }
    }
}

/// A private endpoint to a key service.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PrivateEndpoint {
    /// What tells it from the others.
    pub id: String,
    region_name: Option<String>,
    status: Option<String>,
    error_message: Option<String>,
}

impl From<PrivateEndpoint> for DomainEndpoint {
    fn from(endpoint: PrivateEndpoint) -> Self {
        Self {
            region: endpoint.region_name.unwrap_or_default(),
            status: endpoint.status.unwrap_or_default(),
            error: endpoint.error_message.filter(|text| !text.is_empty()),
        }
    }
}

/// A snapshot, of a replica set or a sharded cluster.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// What tells it from the others.
    pub id: String,
    created_at: Option<Timestamp>,
    // Declared a UUID; what stands there is taken as text.
    #[serde(rename = "masterKeyUUID")]
    master_key: Option<String>,
}

impl Snapshot {
    /// Returns it with the name of its cluster, which the answer doesn't repeat.
    pub fn of(self, cluster: &str) -> DomainSnapshot {
        DomainSnapshot {
            cluster: cluster.to_owned(),
            taken: self.created_at,
            key: self.master_key.filter(|key| !key.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn the_key_of_a_snapshot_is_text() {
        let key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let snapshot = |body: String| read::<Snapshot>(body.as_bytes()).unwrap().of("orders");
        let taken = snapshot(format!(
            r#"{{"id":"a","createdAt":"2026-11-20T03:00:00Z","masterKeyUUID":"{key}"}}"#
        ));
        assert_eq!((taken.key.as_deref(), taken.cluster.as_str()), (Some(key), "orders"));
        assert_eq!(taken.taken, "2026-11-20T03:00:00Z".parse().ok());
        assert_eq!(snapshot(r#"{"id":"a","masterKeyUUID":""}"#.to_owned()).key, None);
    }

    #[test]
    fn a_policy_demands_only_what_it_says() {
        let policy = |body: &str| DomainPolicy::from(read::<CompliancePolicy>(body.as_bytes()).unwrap());
        assert_eq!(policy("{}"), DomainPolicy::default());
        assert!(policy(r#"{"state":"ACTIVE","encryptionAtRestEnabled":true}"#).demands_encryption);
    }

    #[test]
    fn a_failed_endpoint_says_why() {
        let body =
            br#"{"id":"e","cloudProvider":"AWS","regionName":"US_EAST_1","status":"FAILED","errorMessage":"No."}"#;
        let endpoint = DomainEndpoint::from(read::<PrivateEndpoint>(body).unwrap());
        assert_eq!(
            (endpoint.region.as_str(), endpoint.error.as_deref()),
            ("US_EAST_1", Some("No."))
        );
    }
}
