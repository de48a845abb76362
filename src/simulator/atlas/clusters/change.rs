//! Changes of a cluster.

use std::time::Duration;

use hyper::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::super::clock::later;
use super::super::super::world::{AtlasWorld, AwsKms, Cluster, Project, Work};
use super::super::Call;
use super::super::encryption::demands_encryption;
use super::super::error::Refusal;
use super::super::key_check::check_present;
use super::super::projects::not_found;
use super::{check_attributes, check_set_up, check_size, find, no_such_cluster, read_encryption, show};

/// What a caller may change.
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

/// A cluster that was resumed can't be paused again for so long.
const AWAKE: Duration = Duration::from_hours(1);
/// A cluster that is younger gets new nodes, and with them new addresses, when its encryption changes.
const YOUNG: Duration = Duration::from_hours(12);

/// Changes a cluster, which then is busy for a while.
pub(in super::super) async fn change(call: &Call<'_>, group: &str, name: &str) -> Result<Value, Refusal> {
    let body = call.body()?;
    check_attributes(&body, &CHANGEABLE)?;
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
    let new_nodes = world.ids.nodes();
    let cluster = changeable(&mut world.atlas, call, group, name, &wanted)?;
    let mut changed = false;
    if let Some(encryption) = wanted.encryption.filter(|wanted| *wanted != cluster.encryption) {
        cluster.encryption = encryption;
        if later(cluster.created, YOUNG) > call.now {
            cluster.future_outbound = new_nodes;
        }
        changed = true;
    }
    if let Some(paused) = wanted.paused.filter(|wanted| *wanted != cluster.paused) {
        cluster.paused = paused;
        cluster.resumed = if paused { cluster.resumed } else { Some(call.now) };
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
    /// Tells whether it resumes the cluster and asks for nothing besides.
    fn resumes_only(&self) -> bool {
        self.paused == Some(false) && self.encryption.is_none() && self.other.is_empty()
    }

    fn read(body: &Map<String, Value>) -> Result<Self, Refusal> {
        let mut other = body.clone();
        let encryption = read_encryption(other.shift_remove("encryptionAtRestProvider").as_ref())?;
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

/// Checks a change against cluster and project, and returns the project's setting if the change is about it.
fn present_setting(call: &Call<'_>, group: &str, name: &str, wanted: &Wanted) -> Result<Option<AwsKms>, Refusal> {
    let mut world = call.shared.world();
    let present = changeable(&mut world.atlas, call, group, name, wanted)?
        .encryption
        .clone();
    let project = world.atlas.project(group).ok_or_else(|| not_found(group))?;
    let about_aws = wanted
        .encryption
        .as_ref()
        .is_some_and(|wanted| wanted == "AWS" || present == "AWS");
    Ok(project.aws_kms.clone().filter(|_| about_aws))
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
    let cluster = find(project, name)?;
    check_kind(cluster, wanted)?;
    check_state(cluster, wanted, call.now)?;
    if let Some(provider) = &wanted.encryption
        && *provider != cluster.encryption
    {
        check_encryption(project, cluster, provider)?;
    }
    project.cluster_mut(name).ok_or_else(|| no_such_cluster(name, group))
}

/// Refuses changes of clusters on shared machines.
fn check_kind(cluster: &Cluster, wanted: &Wanted) -> Result<(), Refusal> {
    if !cluster.is_tenant() {
        return Ok(());
    }
    let code = match wanted.encryption.as_deref() {
        Some(provider) if provider != "NONE" => "CANNOT_USE_ENCRYPTION_AT_REST_TENANT",
        _ => "TENANT_CLUSTER_UPDATE_UNSUPPORTED",
    };
    Err(Refusal::bad_request(
        code,
        "This cluster's tier does not support the change.",
    ))
}

/// Refuses changes for which it isn't the time.
fn check_state(cluster: &Cluster, wanted: &Wanted, now: Timestamp) -> Result<(), Refusal> {
    let name = cluster.name.as_str();
    if cluster.state() == "DELETING" {
        let detail = format!("The cluster {name} is already being deleted.");
        return Err(Refusal::bad_request("CLUSTER_ALREADY_REQUESTED_DELETION", detail).about(name));
    }
    if cluster.paused && !wanted.resumes_only() {
        let detail = format!("Cannot update the cluster {name} while it is paused.");
        return Err(Refusal::new(StatusCode::CONFLICT, "CANNOT_UPDATE_PAUSED_CLUSTER", detail).about(name));
    }
    if cluster.restore_until.is_some() {
        let detail = format!("Cannot update the cluster {name} while a restore is in progress.");
        return Err(Refusal::bad_request("CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE", detail).about(name));
    }
    if cluster.state() != "IDLE" {
        // Atlas publishes no code for this.
        let detail = format!("The cluster {name} is being changed.");
        return Err(Refusal::without_code(StatusCode::CONFLICT, detail));
    }
    if wanted.paused == Some(true) && cluster.resumed.is_some_and(|resumed| later(resumed, AWAKE) > now) {
        let detail = format!("The cluster {name} was resumed recently and cannot be paused yet.");
        return Err(Refusal::bad_request("CANNOT_PAUSE_RECENTLY_RESUMED_CLUSTER", detail).about(name));
    }
    Ok(())
}

/// Refuses encryption that project or cluster can't have.
fn check_encryption(project: &Project, cluster: &Cluster, provider: &str) -> Result<(), Refusal> {
    if provider == "NONE" {
        if demands_encryption(project) {
            return Err(Refusal::bad_request(
                "CANNOT_DISABLE_ENCRYPTION_AT_REST_WITH_BACKUP_COMPLIANCE_POLICY",
                "Encryption at rest cannot be disabled while the backup compliance policy demands it.",
            ));
        }
        return Ok(());
    }
    check_set_up(project, provider)?;
    check_size(project, &cluster.size)?;
    if cluster.encryption != "NONE" {
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            "CANNOT_CHANGE_ENCRYPTION_AT_REST_PROVIDER",
            "The encryption at rest provider cannot be changed from one to another. Use NONE first.",
        ));
    }
    Ok(())
}
