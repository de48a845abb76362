//! From a scenario's file to a world.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, json};

use super::super::clock::later;
use super::super::world::{
    AccessRole, AtlasWorld, AwsKms, Cluster, Credentials, FlexCluster, Ids, Project, Work, World,
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
            source_ip: atlas.source_ip,
            api_key_id: ids.object(),
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
    let hours = i64::try_from(days.saturating_mul(24)).unwrap_or(i64::MAX / 3600);
    now.checked_sub(SignedDuration::from_hours(hours))
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

fn project(from: &file::Project, now: Timestamp, ids: &mut Ids) -> Project {
    Project {
        id: from.id.clone().unwrap_or_else(|| ids.object()),
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
            .map(|from| access_role(from, now, ids))
            .collect(),
        aws_kms: from.encryption.as_ref().map(|kms| AwsKms {
            role_id: kms.role_id.clone(),
            access_key_id: kms.access_key_id.clone(),
            key: kms.key.clone(),
            region: kms.region.clone(),
            require_private_networking: kms.require_private_networking,
        }),
        search_nodes: false,
    }
}

fn cluster(from: &file::Cluster, now: Timestamp, ids: &mut Ids) -> Cluster {
    let until = from
        .state_seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    Cluster {
        id: ids.object(),
        name: from.name.clone(),
        kind: from.kind.clone(),
        size: from.size.clone(),
        provider: from.provider.clone(),
        region: from.region.clone(),
        version: from.version.clone(),
        backup: from.backup,
        paused: from.paused,
        encryption: from.encryption.clone(),
        created: days_before(now, 200),
        work: from.state.clone().map(|state| Work {
            state,
            until: until.map(|until| later(now, until)),
        }),
        other: Map::new(),
    }
}

fn access_role(from: &file::AccessRole, now: Timestamp, ids: &mut Ids) -> AccessRole {
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
            .map(|feature| (feature.clone(), json!({})))
            .collect(),
    }
}
