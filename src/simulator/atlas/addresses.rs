//! Addresses: where Atlas and the nodes of clusters call from.

use serde_json::{Value, json};

use super::super::world::Cluster;
use super::Call;
use super::error::Refusal;
use super::projects::not_found;

/// Answers with the blocks that Atlas itself is called at and calls from.
pub(super) fn control_plane(call: &Call<'_>) -> Value {
    let world = call.shared.world();
    let outbound = |cloud: &str| world.atlas.control_plane.get(cloud).cloned().unwrap_or_default();
    json!({
        "inbound": { "aws": { "us-east-1": ["203.0.113.7/32"] }, "azure": {}, "gcp": {} },
        "outbound": { "aws": outbound("aws"), "azure": outbound("azure"), "gcp": outbound("gcp") },
    })
}

/// Answers with the addresses of the nodes of a project's clusters; shared machines have none of their own.
pub(super) fn of_project(call: &Call<'_>, group: &str) -> Result<Value, Refusal> {
    let mut world = call.shared.world();
    let project = world.atlas.project_mut(group).ok_or_else(|| not_found(group))?;
    project.settle(call.now);
    let show = |cluster: &Cluster| {
        json!({
            "clusterName": cluster.name,
            "futureInbound": cluster.future_outbound,
            "futureOutbound": cluster.future_outbound,
            "inbound": cluster.outbound,
            "outbound": cluster.outbound,
        })
    };
    let dedicated = project.clusters.iter().filter(|cluster| !cluster.is_tenant());
    Ok(json!({ "groupId": group, "services": { "clusters": dedicated.map(show).collect::<Vec<_>>() } }))
}
