//! Clusters, of both endpoints.

use serde::Deserialize;

use crate::domain::cluster::{Cluster as DomainCluster, ClusterKind, ClusterState, EncryptionProvider};

/// A cluster of `/clusters`, dedicated or shared.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cluster {
    name: String,
    #[serde(rename = "clusterType")]
    of_type: Option<String>,
    state_name: Option<String>,
    paused: Option<bool>,
    encryption_at_rest_provider: Option<String>,
    backup_enabled: Option<bool>,
    replication_specs: Option<Vec<ReplicationSpec>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReplicationSpec {
    region_configs: Option<Vec<RegionConfig>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RegionConfig {
    provider_name: Option<String>,
    backing_provider_name: Option<String>,
    region_name: Option<String>,
    priority: Option<i64>,
    electable_specs: Option<Hardware>,
    effective_electable_specs: Option<Hardware>,
    read_only_specs: Option<Hardware>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hardware {
    instance_size: Option<String>,
}

impl RegionConfig {
    fn instance_size(&self) -> Option<&str> {
        [
            &self.electable_specs,
            &self.effective_electable_specs,
            &self.read_only_specs,
        ]
        .into_iter()
        .flatten()
        .find_map(|hardware| hardware.instance_size.as_deref())
    }
}

impl From<Cluster> for DomainCluster {
    fn from(cluster: Cluster) -> Self {
        let mut configs: Vec<RegionConfig> = Vec::new();
        for spec in cluster.replication_specs.into_iter().flatten() {
            let mut of_spec = spec.region_configs.unwrap_or_default();
            // Stable: regions of one priority stay as they came.
            of_spec.sort_by_key(|config| std::cmp::Reverse(config.priority.unwrap_or_default()));
            configs.append(&mut of_spec);
        }
        let instance_size = configs.iter().find_map(RegionConfig::instance_size).unwrap_or_default();
        let first = configs.first();
        let provider = first
            .and_then(|config| config.provider_name.as_deref())
            .unwrap_or_default();
        let backing = first.and_then(|config| config.backing_provider_name.as_deref());
        let kind = match provider {
            "TENANT" | "SERVERLESS" => ClusterKind::Shared,
            "FLEX" => ClusterKind::Flex,
            _ => ClusterKind::Dedicated,
        };
        let provider = match kind {
            ClusterKind::Dedicated => provider,
            ClusterKind::Shared | ClusterKind::Flex => backing.unwrap_or(provider),
        };
        let mut regions: Vec<String> = Vec::new();
        for region in configs.iter().filter_map(|config| config.region_name.as_ref()) {
            if !regions.contains(region) {
                regions.push(region.clone());
            }
        }
        Self {
            name: cluster.name,
            kind,
            cluster_type: cluster.of_type.unwrap_or_default(),
            instance_size: instance_size.to_owned(),
            provider: provider.to_owned(),
            regions,
            state: state(cluster.state_name),
            paused: cluster.paused.unwrap_or_default(),
            encryption: cluster.encryption_at_rest_provider.into(),
            backup: cluster.backup_enabled.unwrap_or_default(),
        }
    }
}

/// A cluster of `/flexClusters`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlexCluster {
    name: String,
    state_name: Option<String>,
    backup_settings: Option<FlexBackup>,
    provider_settings: Option<FlexProvider>,
}

#[derive(Debug, Deserialize)]
struct FlexBackup {
    enabled: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FlexProvider {
    backing_provider_name: Option<String>,
    region_name: Option<String>,
}

impl From<FlexCluster> for DomainCluster {
    fn from(flex: FlexCluster) -> Self {
        let (provider, region) = flex
            .provider_settings
            .map(|settings| (settings.backing_provider_name, settings.region_name))
            .unwrap_or_default();
        Self {
            name: flex.name,
            kind: ClusterKind::Flex,
            cluster_type: "FLEX".to_owned(),
            instance_size: "Flex".to_owned(),
            provider: provider.unwrap_or_default(),
            regions: region.into_iter().collect(),
            state: state(flex.state_name),
            paused: false,
            encryption: EncryptionProvider::None,
            backup: flex
                .backup_settings
                .and_then(|backup| backup.enabled)
                .unwrap_or_default(),
        }
    }
}

/// A state that isn't told is no reason to believe the cluster idle.
fn state(name: Option<String>) -> ClusterState {
    name.unwrap_or_else(|| "UNKNOWN".to_owned()).into()
}

#[cfg(test)]
mod tests {
    use super::super::{Page, read};
    use super::*;

    fn cluster(json: &str) -> DomainCluster {
        read::<Cluster>(json.as_bytes()).unwrap().into()
    }

    #[test]
    fn regions_come_by_priority_and_once() {
        let cluster = cluster(
            r#"{"name":"geo","clusterType":"GEOSHARDED","stateName":"IDLE","paused":false,"backupEnabled":true,
            "encryptionAtRestProvider":"AWS","replicationSpecs":[
              {"regionConfigs":[
                {"providerName":"AWS","regionName":"EU_WEST_1","priority":6,"electableSpecs":{"instanceSize":"M40"}},
                {"providerName":"GCP","regionName":"US_EAST_1","priority":7,"electableSpecs":{"instanceSize":"M30"}}]},
              {"regionConfigs":[{"providerName":"AWS","regionName":"EU_WEST_1","priority":7}]}]}"#,
        );
        assert_eq!(cluster.regions, ["US_EAST_1", "EU_WEST_1"]);
        assert_eq!(
            (cluster.provider.as_str(), cluster.instance_size.as_str(), cluster.kind),
            ("GCP", "M30", ClusterKind::Dedicated)
        );
        assert!(cluster.backup && cluster.is_encrypted());
    }

    #[test]
    fn missing_null_and_new_parts_do_no_harm() {
        let bare = cluster(r#"{"name":"bare"}"#);
        assert_eq!(bare.state, ClusterState::Other("UNKNOWN".to_owned()));
        assert!(!bare.is_eligible());
        let odd = cluster(
            r#"{"name":"odd","stateName":"THAWING","paused":null,"backupEnabled":null,"encryptionAtRestProvider":null,
            "replicationSpecs":[{"regionConfigs":null},{"regionConfigs":[{"electableSpecs":null,
            "effectiveElectableSpecs":{"instanceSize":"M20"},"regionName":null,"x":[1,{"y":2}]}]}]}"#,
        );
        assert_eq!(
            (odd.state, odd.instance_size.as_str()),
            (ClusterState::Other("THAWING".to_owned()), "M20")
        );
        assert!(read::<Page<Cluster>>(br#"{"totalCount":0}"#).is_err());
    }

    #[test]
    fn shared_and_flex_clusters_show_the_provider_behind_them() {
        let shared = cluster(
            r#"{"name":"m0","replicationSpecs":[{"regionConfigs":[{"providerName":"TENANT","backingProviderName":"AZURE",
            "regionName":"US_EAST_2","electableSpecs":{"instanceSize":"M0"}}]}]}"#,
        );
        assert_eq!((shared.kind, shared.provider.as_str()), (ClusterKind::Shared, "AZURE"));
        let flex = br#"{"name":"f","stateName":"IDLE","clusterType":"REPLICASET","backupSettings":{"enabled":true},
            "providerSettings":{"backingProviderName":"AWS","providerName":"FLEX","regionName":"US_EAST_1"}}"#;
        let flex: DomainCluster = read::<FlexCluster>(flex).unwrap().into();
        assert_eq!(
            (
                flex.kind,
                flex.provider.as_str(),
                flex.cluster_type.as_str(),
                flex.backup
            ),
            (ClusterKind::Flex, "AWS", "FLEX", true)
        );
    }
}
