//! Clusters: what they are, and the changes that take time.

mod change;
mod create;
mod show;

use hyper::StatusCode;
use serde_json::{Map, Value};

use super::super::world::{Cluster, Project};
use super::Call;
use super::error::Refusal;
use super::paging::page;
use super::projects::not_found;
pub(super) use change::change;
pub(super) use create::create;
use show::{show, show_flex};

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

pub(super) fn find<'a>(project: &'a Project, name: &str) -> Result<&'a Cluster, Refusal> {
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

/// Refuses attributes that a caller may never send, or that there are none of.
fn check_attributes(body: &Map<String, Value>, known: &[&str]) -> Result<(), Refusal> {
    for attribute in body.keys().map(String::as_str) {
        if READ_ONLY.contains(&attribute) {
            return Err(Refusal::read_only(attribute));
        }
        if !known.contains(&attribute) {
            return Err(Refusal::invalid_attribute(attribute));
        }
    }
    Ok(())
}

/// Reads which KMS a cluster is to be encrypted with.
fn read_encryption(value: Option<&Value>) -> Result<Option<String>, Refusal> {
    match value {
        None => Ok(None),
        Some(Value::String(provider)) if matches!(provider.as_str(), "NONE" | "AWS" | "AZURE" | "GCP") => {
            Ok(Some(provider.clone()))
        }
        Some(Value::String(provider)) => Err(Refusal::invalid_enum("encryptionAtRestProvider", provider)),
        Some(_) => Err(Refusal::invalid_attribute("encryptionAtRestProvider")),
    }
}

/// Refuses a KMS that isn't set up for the project.
fn check_set_up(project: &Project, provider: &str) -> Result<(), Refusal> {
    let is_set_up = match provider {
        "AWS" => project.aws_kms.is_some(),
        other => project.other_kms.iter().any(|cloud| cloud == other),
    };
    is_set_up.then_some(()).ok_or_else(|| {
        Refusal::bad_request(
            "ENCRYPTION_AT_REST_NOT_ENABLED",
            "Encryption at rest with this provider is not enabled for the project.",
        )
    })
}

/// Refuses instance sizes of which a project can't have encrypted clusters.
fn check_size(project: &Project, size: &str) -> Result<(), Refusal> {
    let is_too_small = matches!(size, "M2" | "M5") || (size == "M10" && project.is_government());
    if is_too_small {
        let detail = format!("The instance size {size} is insufficient.");
        return Err(Refusal::bad_request("INSUFFICIENT_INSTANCE_SIZE", detail).about(size));
    }
    Ok(())
}
