//! Clusters as the API shows them.

use serde_json::{Value, json};

use super::super::super::clock::text;
use super::super::super::world::{Cluster, FlexCluster};
use super::super::Call;

pub(super) fn show(call: &Call<'_>, group: &str, cluster: &Cluster) -> Value {
    let href = format!(
        "{}/api/atlas/v2/groups/{group}/clusters/{}",
        call.shared.base_url, cluster.name
    );
    let specs = specs(cluster);
    let mut body = json!({
        "adaptiveCapacity": null,
        "backupEnabled": cluster.backup,
        "biConnector": { "enabled": false, "readPreference": "secondary" },
        "clusterType": cluster.kind,
        "connectionStrings": {
            "standardSrv": format!("mongodb+srv://{}.kx4r2.mongodb.net", cluster.name.to_lowercase()),
        },
        "createDate": text(cluster.created),
        "diskWarmingMode": "FULLY_WARMED",
        "effectiveReplicationSpecs": specs.clone(),
        "encryptionAtRestProvider": cluster.encryption,
        "featureCompatibilityVersion": cluster.version.split('.').take(2).collect::<Vec<_>>().join("."),
        "globalClusterSelfManagedSharding": false,
        "groupId": group,
        "id": cluster.id,
        "internalClusterRole": "NONE",
        "labels": [],
        "links": [
            { "href": href, "rel": "self" },
            { "href": format!("{href}/backup/restoreJobs"), "rel": "https://cloud.mongodb.com/restoreJobs" },
            { "href": format!("{href}/backup/snapshots"), "rel": "https://cloud.mongodb.com/snapshots" },
        ],
        "mongoDBMajorVersion": cluster.version.split('.').take(2).collect::<Vec<_>>().join("."),
        "mongoDBVersion": cluster.version,
        "name": cluster.name,
        "paused": cluster.paused,
        "pitEnabled": false,
        "redactClientLogData": false,
        "replicationSpecs": specs,
        "retainBackups": false,
        "rootCertType": "ISRGROOTX1",
        "stateName": cluster.state(),
        "tags": [],
        "terminationProtectionEnabled": false,
        "versionReleaseSystem": "LTS",
    });
    for (attribute, value) in &cluster.other {
        body[attribute.as_str()] = value.clone();
    }
    body
}

fn specs(cluster: &Cluster) -> Value {
    let regions: Vec<Value> = if cluster.is_tenant() {
        vec![json!({
            "backingProviderName": cluster.provider,
            "electableSpecs": { "diskSizeGB": 0.5, "effectiveInstanceSize": cluster.size, "instanceSize": cluster.size },
            "priority": 7,
            "providerName": "TENANT",
            "regionName": cluster.region,
        })]
    } else {
        let further = cluster.further_regions.iter().zip((1..=6).rev());
        std::iter::once(region(cluster, &cluster.region, 7, 3))
            .chain(further.map(|(name, priority)| region(cluster, name, priority, 2)))
            .collect()
    };
    let shards = if cluster.kind == "REPLICASET" { 1 } else { 2 };
    let spec = json!({
        "id": cluster.id,
        "regionConfigs": regions,
        "zoneId": cluster.id,
        "zoneName": "Zone 1",
    });
    vec![spec; shards].into()
}

/// Shows a cluster's nodes in one region.
fn region(cluster: &Cluster, name: &str, priority: u32, electable: u32) -> Value {
    let nodes = |count: u32| match cluster.provider.as_str() {
        "AWS" => json!({
            "diskIOPS": 3000,
            "diskSizeGB": 40.0,
            "ebsVolumeType": "STANDARD",
            "instanceSize": cluster.size,
            "nodeCount": count,
        }),
        _ => json!({ "diskSizeGB": 40.0, "instanceSize": cluster.size, "nodeCount": count }),
    };
    json!({
        "analyticsSpecs": nodes(0),
        "autoScaling": {
            "compute": { "enabled": false, "scaleDownEnabled": false },
            "diskGB": { "enabled": true },
        },
        "electableSpecs": nodes(electable),
        "priority": priority,
        "providerName": cluster.provider,
        "readOnlySpecs": nodes(0),
        "regionName": name,
    })
}

pub(super) fn show_flex(group: &str, flex: &FlexCluster) -> Value {
    json!({
        "backupSettings": { "enabled": true },
        "clusterType": "REPLICASET",
        "connectionStrings": { "standardSrv": format!("mongodb+srv://{}.kx4r2.mongodb.net", flex.name.to_lowercase()) },
        "createDate": text(flex.created),
        "groupId": group,
        "id": flex.id,
        "mongoDBVersion": "8.0.12",
        "name": flex.name,
        "providerSettings": {
            "backingProviderName": flex.provider,
            "diskSizeGB": 5.0,
            "providerName": "FLEX",
            "regionName": flex.region,
        },
        "stateName": "IDLE",
        "tags": [],
        "terminationProtectionEnabled": false,
        "versionReleaseSystem": "LTS",
    })
}
