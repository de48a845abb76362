//! From a scenario's file to a world.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, json};

use super::super::clock::later;
use super::super::world::{
    AccessRole, AtlasWorld, AwsKms, AwsWorld, Cluster, Credentials, FlexCluster, IamRole, Ids, KmsKey, Lagging,
    ManagedPolicy, Project, RoleDocuments, Work, World, default_key_policy,
};
use super::ScenarioError;
use super::file::{self, File};
use super::generate::generate;

/// Any number does: the same one makes the same ids in every run.
const SEED: u64 = 20_260_810;

/// Checks what the file's form can't say.
pub(super) fn check(file: &File) -> Result<(), ScenarioError> {
    file.fault.iter().try_for_each(|fault| fault.read().map(|_| ()))?;
    let policies = file
        .role
        .iter()
        .flat_map(|role| std::iter::once(&role.trust).chain(role.inline.values()))
        .chain(file.managed_policy.iter().map(|policy| &policy.document))
        .chain(file.key.iter().filter_map(|key| key.policy.as_ref()));
    for policy in policies {
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
        aws: aws_world(file, &aws, now, &mut ids),
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

fn aws_world(file: &File, aws: &file::Aws, now: Timestamp, ids: &mut Ids) -> AwsWorld {
    let service = if aws.caller.starts_with("assumed-role/") {
        "sts"
    } else {
        "iam"
    };
    let session = aws.caller.rsplit('/').next().unwrap_or_default();
    let id = match service {
        "sts" => format!("{}:{session}", ids.principal("AROA")),
        _ => ids.principal("AIDA"),
    };
    AwsWorld {
        account: aws.account.clone(),
        account_alias: aws.account_alias.clone(),
        partition: aws.partition.clone(),
        caller_arn: format!("arn:{}:{service}::{}:{}", aws.partition, aws.account, aws.caller),
        caller_id: id,
        roles: file.role.iter().map(|from| role(from, aws, now, ids)).collect(),
        policies: file
            .managed_policy
            .iter()
            .map(|policy| ManagedPolicy {
                arn: policy.arn.clone(),
                document: policy.document.clone(),
            })
            .collect(),
        keys: file.key.iter().map(|from| key(from, aws, now, ids)).collect(),
    }
}

fn role(from: &file::Role, aws: &file::Aws, now: Timestamp, ids: &mut Ids) -> IamRole {
    let inline = from
        .inline
        .iter()
        .map(|(name, text)| (name.clone(), text.clone()))
        .collect();
    IamRole {
        name: from.name.clone(),
        path: from.path.clone(),
        arn: format!(
            "arn:{}:iam::{}:role{}{}",
            aws.partition, aws.account, from.path, from.name
        ),
        id: ids.principal("AROA"),
        description: from.description.clone(),
        created: days_before(now, from.age_days),
        trust: Lagging::settled(Some(from.trust.clone())),
        documents: Lagging::settled(RoleDocuments {
            inline,
            attached: from.attached.clone(),
        }),
        boundary: from.boundary.clone(),
        tags: from
            .tags
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
        unseen_by_kms: 0,
    }
}

fn key(from: &file::Key, aws: &file::Aws, now: Timestamp, ids: &mut Ids) -> KmsKey {
    let region = from.region.clone().unwrap_or_else(|| aws.region.clone());
    let account = from.account.clone().unwrap_or_else(|| aws.account.clone());
    let id = from.id.clone().unwrap_or_else(|| {
        if from.multi_region {
            ids.multi_region_key()
        } else {
            ids.uuid()
        }
    });
    let pending = from.state == super::super::world::KeyState::PendingDeletion;
    KmsKey {
        arn: format!("arn:{}:kms:{region}:{account}:key/{id}", aws.partition),
        id,
        policy: Lagging::settled(
            from.policy
                .clone()
                .unwrap_or_else(|| default_key_policy(&aws.partition, &account)),
        ),
        account,
        region,
        aliases: from.alias.clone(),
        description: from.description.clone(),
        state: from.state,
        spec: from.spec.clone(),
        usage: from.usage.clone(),
        origin: from.origin.clone(),
        manager: from.manager.clone(),
        multi_region: from.multi_region,
        rotation_days: from.rotation_days,
        created: days_before(now, from.age_days),
        deletion: pending.then(|| later(now, Duration::from_hours(9 * 24))),
        tags: from
            .tags
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
        unseen: 0,
    }
}
