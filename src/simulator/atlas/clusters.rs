//! Clusters: what they are, and the changes that take time.

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::super::clock::{later, text};
use super::super::world::{AtlasWorld, AwsKms, Cluster, FlexCluster, Project, Work};
use super::Call;
use super::encryption::check_present;
use super::error::Refusal;
use super::paging::page;
use super::projects::not_found;

/// What a caller may never send.
const READ_ONLY: [&str; 12] = [
    "configServerType",
    "connectionStrings",
    "createDate",
    "effectiveReplicationSpecs",
    "featureCompatibilityVersion",
    "featureCompatibilityVersionExpirationDate",
    "groupId",
    "id",
    "internalClusterRole",
    "links",
    "mongoDBVersion",
    "stateName",
];

/// What a caller may send.
const CHANGEABLE: [&str; 21] = [
    "acceptDataRisksAndForceReplicaSetReconfig",
    "adaptiveCapacity",
    "advancedConfiguration",
    "backupEnabled",
    "biConnector",
    "clusterType",
    "configServerManagementMode",
    "diskWarmingMode",
    "encryptionAtRestProvider",
    "globalClusterSelfManagedSharding",
    "labels",
    "mongoDBEmployeeAccessGrant",
    "mongoDBMajorVersion",
    "name",
    "paused",
    "pitEnabled",
    "redactClientLogData",
    "replicaSetScalingStrategy",
    "replicationSpecs",
    "tags",
    "terminationProtectionEnabled",
];

pub(super) fn list(call: &Call<'_>, group: &str) -> Result<Value, Refusal> {
    let mut world = call.shared.world();
    let project = world.atlas.project_mut(group).ok_or_else(|| not_found(group))?;
    project.settle(call.now);
    page(call.received, &call.shared.base_url, &project.clusters, |cluster| {
        show(call, &project.id, cluster)
    })
}

pub(super) fn get(call: &Call<'_>, group: &str, name: &str) -> Result<Value, Refusal> {
    let mut world = call.shared.world();
    let project = world.atlas.project_mut(group).ok_or_else(|| not_found(group))?;
    project.settle(call.now);
    let cluster = find(project, name)?;
    Ok(show(call, group, cluster))
}

/// Changes a cluster, which then is busy for a while.
pub(super) async fn change(call: &Call<'_>, group: &str, name: &str) -> Result<Value, Refusal> {
    let body = call.body()?;
    for attribute in body.keys().map(String::as_str) {
        if READ_ONLY.contains(&attribute) {
            return Err(Refusal::read_only(attribute));
        }
        if !CHANGEABLE.contains(&attribute) {
            return Err(Refusal::invalid_attribute(attribute));
        }
    }
    let wanted = Wanted::read(&body)?;
    let present = present_setting(call, group, name, &wanted)?;
    if let Some(present) = &present {
        check_present(call.shared, group, present).await?;
    }

    let mut world = call.shared.world();
    let world = &mut *world;
    let size = find(world.atlas.project(group).ok_or_else(|| not_found(group))?, name)?
        .size
        .clone();
    let until = later(call.now, world.cluster_work(&size));
    let cluster = changeable(&mut world.atlas, call, group, name, &wanted)?;
    let mut changed = false;
    if let Some(encryption) = wanted.encryption.filter(|wanted| *wanted != cluster.encryption) {
        cluster.encryption = encryption;
        changed = true;
    }
    if let Some(paused) = wanted.paused.filter(|wanted| *wanted != cluster.paused) {
        cluster.paused = paused;
        changed = true;
    }
    for (attribute, value) in wanted.other {
        changed |= cluster.other.get(&attribute) != Some(&value);
        cluster.other.insert(attribute, value);
    }
    if changed {
        cluster.work = Some(Work {
            state: "UPDATING".to_owned(),
            until: Some(until),
        });
    }
    Ok(show(call, group, cluster))
}

/// What a change asks for.
struct Wanted {
    encryption: Option<String>,
    paused: Option<bool>,
    other: Map<String, Value>,
}

impl Wanted {
    fn read(body: &Map<String, Value>) -> Result<Self, Refusal> {
        let mut other = body.clone();
        let encryption = match other.shift_remove("encryptionAtRestProvider") {
            None => None,
            Some(Value::String(provider)) if matches!(provider.as_str(), "NONE" | "AWS" | "AZURE" | "GCP") => {
                Some(provider)
            }
            Some(Value::String(provider)) => {
                return Err(Refusal::invalid_enum("encryptionAtRestProvider", &provider));
            }
            Some(_) => return Err(Refusal::invalid_attribute("encryptionAtRestProvider")),
        };
        let paused = match other.shift_remove("paused") {
            None => None,
            Some(Value::Bool(paused)) => Some(paused),
            Some(_) => return Err(Refusal::invalid_attribute("paused")),
        };
        Ok(Self {
            encryption,
            paused,
            other,
        })
    }
}

/// Checks a change against cluster and project, and returns the project's setting if there is one.
fn present_setting(call: &Call<'_>, group: &str, name: &str, wanted: &Wanted) -> Result<Option<AwsKms>, Refusal> {
    let mut world = call.shared.world();
    changeable(&mut world.atlas, call, group, name, wanted)?;
    let project = world.atlas.project(group).ok_or_else(|| not_found(group))?;
    Ok(wanted.encryption.as_ref().and(project.aws_kms.clone()))
}

/// Finds a cluster that may be changed as wanted now.
fn changeable<'a>(
    atlas: &'a mut AtlasWorld,
    call: &Call<'_>,
    group: &str,
    name: &str,
    wanted: &Wanted,
) -> Result<&'a mut Cluster, Refusal> {
    let project = atlas.project_mut(group).ok_or_else(|| not_found(group))?;
    project.settle(call.now);
    let configured = project.aws_kms.is_some();
    let cluster = find(project, name)?;
    let encryption = wanted.encryption.as_deref();
    if cluster.is_tenant() {
        let code = match encryption {
            Some(provider) if provider != "NONE" => "CANNOT_USE_ENCRYPTION_AT_REST_TENANT",
            _ => "TENANT_CLUSTER_UPDATE_UNSUPPORTED",
        };
        return Err(Refusal::bad_request(
            code,
            "This cluster's tier does not support the change.",
        ));
    }
    if cluster.state() == "DELETING" {
        let detail = format!("The cluster {name} is already being deleted.");
        return Err(Refusal::bad_request("CLUSTER_ALREADY_REQUESTED_DELETION", detail).about(name));
    }
    if cluster.paused && wanted.paused != Some(false) {
        let detail = format!("Cannot update the cluster {name} while it is paused.");
        return Err(Refusal::new(StatusCode::CONFLICT, "CANNOT_UPDATE_PAUSED_CLUSTER", detail).about(name));
    }
    if cluster.state() != "IDLE" {
        // Atlas publishes no code for this.
        return Err(Refusal::without_code(
            StatusCode::CONFLICT,
            format!("The cluster {name} is being changed."),
        ));
    }
    match (encryption, cluster.encryption.as_str()) {
        (Some("AWS"), _) if !configured => {
            return Err(not_configured());
        }
        // Azure and Google are never configured in this simulator.
        (Some(provider @ ("AZURE" | "GCP")), present) if provider != present => return Err(not_configured()),
        (Some("AWS"), "AZURE" | "GCP") => {
            return Err(Refusal::new(
                StatusCode::CONFLICT,
                "CANNOT_CHANGE_ENCRYPTION_AT_REST_PROVIDER",
                "The encryption at rest provider cannot be changed from one to another. Use NONE first.",
            ));
        }
        _ => {}
    }
    project.cluster_mut(name).ok_or_else(|| no_such_cluster(name, group))
}

fn not_configured() -> Refusal {
    Refusal::bad_request(
        "ENCRYPTION_AT_REST_NOT_ENABLED",
        "Encryption at rest with this provider is not enabled for the project.",
    )
}

fn find<'a>(project: &'a Project, name: &str) -> Result<&'a Cluster, Refusal> {
    if let Some(cluster) = project.cluster(name) {
        return Ok(cluster);
    }
    if project.flex_clusters.iter().any(|flex| flex.name == name) {
        let detail = format!("Flex cluster {name} cannot be used in the Cluster API.");
        return Err(Refusal::bad_request("CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", detail).about(name));
    }
    Err(no_such_cluster(name, &project.id))
}

fn no_such_cluster(name: &str, group: &str) -> Refusal {
    let detail = format!("No cluster named {name} exists in group {group}.");
    Refusal::new(StatusCode::NOT_FOUND, "CLUSTER_NOT_FOUND", detail)
        .about(name)
        .about(group)
}

pub(super) fn list_flex(call: &Call<'_>, group: &str) -> Result<Value, Refusal> {
    let world = call.shared.world();
    let project = world.atlas.project(group).ok_or_else(|| not_found(group))?;
    page(call.received, &call.shared.base_url, &project.flex_clusters, |flex| {
        show_flex(group, flex)
    })
}

pub(super) fn get_flex(call: &Call<'_>, group: &str, name: &str) -> Result<Value, Refusal> {
    let world = call.shared.world();
    let project = world.atlas.project(group).ok_or_else(|| not_found(group))?;
    if project.cluster(name).is_some() {
        let detail = format!("Cluster {name} cannot be used in the Flex API.");
        return Err(Refusal::bad_request("CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", detail).about(name));
    }
    let flex = project.flex_clusters.iter().find(|flex| flex.name == name);
    flex.map(|flex| show_flex(group, flex))
        .ok_or_else(|| no_such_cluster(name, group))
}

fn show(call: &Call<'_>, group: &str, cluster: &Cluster) -> Value {
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
    let region = if cluster.is_tenant() {
        json!({
            "backingProviderName": cluster.provider,
            "electableSpecs": { "diskSizeGB": 0.5, "effectiveInstanceSize": cluster.size, "instanceSize": cluster.size },
            "priority": 7,
            "providerName": "TENANT",
            "regionName": cluster.region,
        })
    } else {
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
            "electableSpecs": nodes(3),
            "priority": 7,
            "providerName": cluster.provider,
            "readOnlySpecs": nodes(0),
            "regionName": cluster.region,
        })
    };
    let shards = if cluster.kind == "REPLICASET" { 1 } else { 2 };
    let spec = json!({
        "id": cluster.id,
        "regionConfigs": [region],
        "zoneId": cluster.id,
        "zoneName": "Zone 1",
    });
    vec![spec; shards].into()
}

fn show_flex(group: &str, flex: &FlexCluster) -> Value {
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
