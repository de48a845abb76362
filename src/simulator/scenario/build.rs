//! From a scenario's file to a world.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::clock::later;
use super::super::world::{
    AccessRole, AtlasWorld, AwsKms, Cluster, Credentials, FlexCluster, Ids, KeyCheck, Place, PrivateEndpoint, Project,
    Snapshot, Work, World,
};
use super::ScenarioError;
use super::aws_build as aws_half;
use super::file::{self, File};
use super::generate::generate;

/// Any number does: the same one makes the same ids in every run.
const SEED: u64 = 20_260_810;

/// Checks what the file's form can't say.
pub(super) fn check(file: &File) -> Result<(), ScenarioError> {
    file.fault.iter().try_for_each(|fault| fault.read().map(|_| ()))?;
    for policy in aws_half::policies(file) {
        serde_json::from_str::<serde_json::Value>(policy)
            .map_err(|error| ScenarioError::Value(format!("a policy is no JSON: {error}")))?;
    }
    if file.project.is_empty() {
        return Err(ScenarioError::Value(
            "a scenario has at least one `[[project]]`".to_owned(),
        ));
    }
    Ok(())
}

pub(super) fn world(file: &File, now: Timestamp) -> World {
    let mut ids = Ids::new(SEED);
    let atlas = file.atlas.clone().unwrap_or_default();
    let aws = file.aws.clone().unwrap_or_default();
    let projects: Vec<Project> = file.project.iter().map(|from| project(from, now, &mut ids)).collect();
    let credentials = Credentials {
        public_key: atlas.public_key,
        private_key: atlas.private_key,
        client_id: atlas.client_id,
        client_secret: atlas.client_secret,
        aws_access_key_id: aws.access_key_id.clone(),
        aws_secret_access_key: aws.secret_access_key.clone(),
        further_aws: aws_half::access_keys(&aws),
        project_id: projects.first().map(|project| project.id.clone()).unwrap_or_default(),
        region: aws.region.clone(),
    };
    let cluster_seconds = file.pace.iter().flat_map(|pace| &pace.cluster_seconds);
    let mut world = World {
        credentials,
        atlas: AtlasWorld {
            organization_id: ids.object(),
            organization_name: atlas.organization,
            organization_roles: atlas.organization_roles,
            aws_account_arn: atlas.aws_account_arn,
            control_plane: atlas.control_plane,
            caller_address: atlas.caller_address,
            access_list: atlas.access_list,
            api_key_id: ids.object(),
            secret_expires: in_days(now, atlas.secret_expires_days),
            nonce_seconds: atlas.nonce_seconds,
            projects,
            nonces: HashMap::new(),
            tokens: HashMap::new(),
            sign_ins: Vec::new(),
            asked: HashMap::new(),
        },
        aws: aws_half::world(file, &aws, now, &mut ids),
        propagation: file.propagation.unwrap_or_default(),
        cluster_seconds: cluster_seconds
            .map(|(size, seconds)| (if size == "default" { String::new() } else { size.clone() }, *seconds))
            .collect(),
        ids,
    };
    if let Some(what) = &file.generate {
        generate(&mut world, what, now);
    }
    world
}

/// Returns the moment that lies some days before now.
pub(super) fn days_before(now: Timestamp, days: u64) -> Timestamp {
    in_days(now, i64::try_from(days).unwrap_or(i64::MAX).saturating_neg())
}

/// Returns the moment that lies some days after now, or before it.
fn in_days(now: Timestamp, days: i64) -> Timestamp {
    // More would be out of the range of a duration.
    let days = days.clamp(-100_000, 100_000);
    now.saturating_add(SignedDuration::from_hours(days * 24))
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Returns the moment that lies some seconds after now.
fn in_seconds(now: Timestamp, seconds: f64) -> Timestamp {
    later(now, Duration::try_from_secs_f64(seconds).unwrap_or_default())
}

fn project(from: &file::Project, now: Timestamp, ids: &mut Ids) -> Project {
    let id = from.id.clone().unwrap_or_else(|| ids.object());
    Project {
        name: from.name.clone(),
        created: days_before(now, 400),
        roles: from.roles.clone(),
        clusters: from.cluster.iter().map(|from| cluster(from, now, ids)).collect(),
        flex_clusters: from
            .flex_cluster
            .iter()
            .map(|flex| FlexCluster {
                id: ids.object(),
                name: flex.name.clone(),
                provider: flex.provider.clone(),
                region: flex.region.clone(),
                created: days_before(now, 40),
            })
            .collect(),
        access_roles: from
            .access_role
            .iter()
            .map(|from| access_role(from, &id, now, ids))
            .collect(),
        aws_kms: from.encryption.as_ref().map(|kms| AwsKms {
            role_id: kms.role_id.clone(),
            access_key_id: kms.access_key_id.clone(),
            key: kms.key.clone(),
            region: kms.region.clone(),
            require_private_networking: kms.require_private_networking,
        }),
        search_nodes: false,
        region_restriction: from.region_restriction.clone(),
        other_kms: from.other_kms.clone(),
        hides_role_id: from.hides_role_id,
        compliance: from.compliance.clone(),
        private_endpoints: from
            .private_endpoint
            .iter()
            .map(|from| PrivateEndpoint {
                id: ids.object(),
                region: from.region.clone(),
                status: from.status.clone(),
                error: from.error.clone(),
            })
            .collect(),
        key_check: KeyCheck { at: now, valid: true },
        events: Vec::new(),
        id,
    }
}

fn cluster(from: &file::Cluster, now: Timestamp, ids: &mut Ids) -> Cluster {
    let place = Place {
        size: &from.size,
        provider: &from.provider,
        region: &from.region,
    };
    let idle = Cluster::idle(ids.object(), &from.name, place, days_before(now, from.age_days));
    let outbound = from.outbound.clone();
    Cluster {
        kind: from.kind.clone(),
        further_regions: from.further_regions.clone(),
        version: from.version.clone(),
        backup: from.backup,
        paused: from.paused,
        encryption: from.encryption.clone(),
        work: from.state.clone().map(|state| Work {
            state,
            until: from.state_seconds.map(|seconds| in_seconds(now, seconds)),
        }),
        restore_until: from.restore_seconds.map(|seconds| in_seconds(now, seconds)),
        outbound: outbound.unwrap_or_else(|| if idle.is_tenant() { Vec::new() } else { ids.nodes() }),
        snapshots: from.snapshot.iter().flat_map(|row| snapshots(row, now, ids)).collect(),
        ..idle
    }
}

fn snapshots(row: &file::Snapshots, now: Timestamp, ids: &mut Ids) -> Vec<Snapshot> {
    (0..row.count)
        .map(|number| {
            let created = days_before(now, row.age_days + number * row.every_days);
            Snapshot {
                id: ids.object(),
                created,
                expires: in_days(created, 365),
                kind: row.kind.clone(),
                key: row.key.clone(),
            }
        })
        .collect()
}

fn access_role(from: &file::AccessRole, project: &str, now: Timestamp, ids: &mut Ids) -> AccessRole {
    let created = days_before(now, from.age_days);
    AccessRole {
        id: from.id.clone().unwrap_or_else(|| ids.object()),
        external_id: from.external_id.clone().unwrap_or_else(|| ids.uuid()),
        created,
        authorized: from.iam_role_arn.as_ref().map(|_| created),
        iam_role_arn: from.iam_role_arn.clone(),
        other_usages: from
            .used_by
            .iter()
            .map(|feature| (feature.clone(), feature_id(feature, project, ids)))
            .collect(),
    }
}

/// Returns what tells Atlas which one of a feature's things uses an access role.
fn feature_id(feature: &str, project: &str, ids: &mut Ids) -> Value {
    match feature {
        "ATLAS_DATA_LAKE" => json!({ "groupId": project, "name": "analytics" }),
        "EXPORT_SNAPSHOT" => json!({ "exportBucketId": ids.object(), "groupId": project }),
        _ => json!({ "groupId": project }),
    }
}
