//! Backup: snapshots, and the policy that forbids to weaken it.

use serde_json::{Map, Value, json};

use super::super::clock::text;
use super::super::world::{Cluster, Snapshot};
use super::Call;
use super::clusters::find;
use super::error::Refusal;
use super::paging::page;
use super::projects::not_found;

/// Answers with a replica set's snapshots, in pages.
pub(super) fn snapshots(call: &Call<'_>, group: &str, name: &str) -> Result<Value, Refusal> {
    of_cluster(call, group, name, |cluster| {
        let listed: &[Snapshot] = if is_sharded(cluster) { &[] } else { &cluster.snapshots };
        page(call.received, &call.shared.base_url, listed, |snapshot| {
            let mut body = show(call, cluster, snapshot, "replicaSet");
            body["cloudProvider"] = json!(cluster.provider);
            body["copyRegions"] = json!([]);
            body["replicaSetName"] = json!(cluster.name);
            body
        })
    })
}

/// Answers with a sharded cluster's snapshots, all at once.
pub(super) fn sharded_snapshots(call: &Call<'_>, group: &str, name: &str) -> Result<Value, Refusal> {
    of_cluster(call, group, name, |cluster| {
        let listed: &[Snapshot] = if is_sharded(cluster) { &cluster.snapshots } else { &[] };
        let results: Vec<Value> = listed
            .iter()
            .map(|snapshot| {
                let mut body = show(call, cluster, snapshot, "shardedCluster");
                body["members"] = (0..2)
                    .map(|shard| {
                        json!({
                            "cloudProvider": cluster.provider,
                            "id": snapshot.id,
                            "replicaSetName": format!("{}-shard-{shard}", cluster.name),
                        })
                    })
                    .collect();
                body["snapshotIds"] = json!([snapshot.id]);
                body
            })
            .collect();
        let link = json!({ "href": format!("{}{}", call.shared.base_url, call.received.path), "rel": "self" });
        Ok(json!({ "links": [link], "totalCount": results.len(), "results": results }))
    })
}

/// Answers with a project's backup compliance policy: nothing at all where there is none, and never 404.
pub(super) fn compliance_policy(call: &Call<'_>, group: &str) -> Result<Value, Refusal> {
    let world = call.shared.world();
    let project = world.atlas.project(group).ok_or_else(|| not_found(group))?;
    let Some(policy) = &project.compliance else {
        return Ok(Value::Object(Map::new()));
    };
    Ok(json!({
        "authorizedEmail": policy.email,
        "authorizedUserFirstName": policy.first_name,
        "authorizedUserLastName": policy.last_name,
        "copyProtectionEnabled": false,
        "deletable": false,
        "encryptionAtRestEnabled": policy.encryption_at_rest,
        "pitEnabled": false,
        "projectId": group,
        "restoreWindowDays": 7,
        "scheduledPolicyItems": [],
        "state": "ACTIVE",
        "updatedDate": text(project.created),
        "updatedUser": policy.email,
    }))
}

fn is_sharded(cluster: &Cluster) -> bool {
    cluster.kind != "REPLICASET"
}

fn of_cluster(
    call: &Call<'_>,
    group: &str,
    name: &str,
    answer: impl FnOnce(&Cluster) -> Result<Value, Refusal>,
) -> Result<Value, Refusal> {
    let mut world = call.shared.world();
    let project = world.atlas.project_mut(group).ok_or_else(|| not_found(group))?;
    project.settle(call.now);
    answer(find(project, name)?)
}

fn show(call: &Call<'_>, cluster: &Cluster, snapshot: &Snapshot, kind: &str) -> Value {
    let mut body = json!({
        "createdAt": text(snapshot.created),
        "expiresAt": text(snapshot.expires),
        "frequencyType": if snapshot.kind == "onDemand" { "ondemand" } else { "daily" },
        "id": snapshot.id,
        "links": [{
            "href": format!("{}{}/{}", call.shared.base_url, call.received.path, snapshot.id),
            "rel": "self",
        }],
        "mongodVersion": cluster.version,
        "policyItems": [],
        "snapshotType": snapshot.kind,
        "status": "completed",
        "storageSizeBytes": 1_582_854_144_u64,
        "type": kind,
    });
    if let Some(key) = &snapshot.key {
        body["masterKeyUUID"] = json!(key);
    }
    body
}
