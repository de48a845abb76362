//! Rows of things that are alike, for worlds too large to write down.

use jiff::Timestamp;
use serde_json::json;

use super::super::world::{
    Cluster, IamRole, KeyState, KmsKey, Lagging, Place, RoleDocuments, Work, World, default_key_policy,
};
use super::build::days_before;
use super::file::Generate;

const TEAMS: [&str; 10] = [
    "billing", "catalog", "checkout", "fraud", "loyalty", "orders", "payments", "pricing", "search", "shipping",
];
const STAGES: [&str; 4] = ["dev", "test", "stage", "prod"];
const PLACES: [(&str, &str); 5] = [
    ("AWS", "US_EAST_1"),
    ("AWS", "EU_WEST_1"),
    ("AWS", "AP_SOUTHEAST_2"),
    ("AZURE", "EUROPE_NORTH"),
    ("GCP", "CENTRAL_US"),
];

pub(super) fn generate(world: &mut World, what: &Generate, now: Timestamp) {
    for number in 0..what.clusters {
        let cluster = cluster(world, number, now);
        if let Some(project) = world.atlas.projects.first_mut() {
            project.clusters.push(cluster);
        }
    }
    for number in 0..what.roles {
        let role = role(world, number, now);
        world.aws.roles.push(role);
    }
    for number in 0..what.keys {
        let key = key(world, number, now);
        world.aws.keys.push(key);
    }
}

/// Picks from a list, going around.
fn pick<T: Copy>(list: &[T], number: u32) -> Option<T> {
    let index = usize::try_from(number).unwrap_or_default() % list.len().max(1);
    list.get(index).copied()
}

fn name(number: u32) -> String {
    let team = pick(&TEAMS, number).unwrap_or_default();
    let stage = pick(&STAGES, number / 10).unwrap_or_default();
    format!("{team}-{stage}-{:03}", number / 40)
}

fn cluster(world: &mut World, number: u32, now: Timestamp) -> Cluster {
    let (provider, region) = pick(&PLACES, number / 7).unwrap_or_default();
    let size = pick(&["M10", "M20", "M30", "M40", "M0", "M60"], number / 3).unwrap_or_default();
    let place = Place { size, provider, region };
    let id = world.ids.object();
    Cluster {
        kind: if number % 11 == 10 { "SHARDED" } else { "REPLICASET" }.to_owned(),
        backup: number.is_multiple_of(2),
        paused: number % 29 == 28 && size != "M0",
        work: (number % 31 == 30).then(|| Work {
            state: "UPDATING".to_owned(),
            until: None,
        }),
        // The same few over and over: each address is tried against every policy.
        outbound: vec![format!("198.18.255.{}", number % 50)],
        ..Cluster::idle(id, &name(number), place, days_before(now, u64::from(number)))
    }
}

fn role(world: &mut World, number: u32, now: Timestamp) -> IamRole {
    let service = pick(&["ec2", "lambda", "ecs-tasks"], number).unwrap_or_default();
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": format!("{service}.amazonaws.com") },
            "Action": "sts:AssumeRole",
        }],
    });
    let name = format!("{}-{service}", name(number));
    IamRole {
        arn: format!(
            "arn:{}:iam::{}:role/{name}",
            world.aws.partition,
            world.aws.account_number()
        ),
        name,
        path: "/".to_owned(),
        id: world.ids.principal("AROA"),
        description: String::new(),
        created: days_before(now, u64::from(number)),
        trust: Lagging::settled(Some(trust.to_string())),
        documents: Lagging::settled(RoleDocuments::default()),
        boundary: None,
        tags: Vec::new(),
        unseen_by_kms: 0,
        shown_by_id: 0,
    }
}

fn key(world: &mut World, number: u32, now: Timestamp) -> KmsKey {
    let id = world.ids.uuid();
    let state = if number % 10 == 9 {
        KeyState::Disabled
    } else {
        KeyState::Enabled
    };
    KmsKey {
        arn: format!(
            "arn:{}:kms:{}:{}:key/{id}",
            world.aws.partition,
            world.credentials.region,
            world.aws.account_number()
        ),
        id,
        account: world.aws.account_number().to_owned(),
        region: world.credentials.region.clone(),
        aliases: vec![format!("alias/{}", name(number))],
        description: String::new(),
        state,
        spec: "SYMMETRIC_DEFAULT".to_owned(),
        usage: "ENCRYPT_DECRYPT".to_owned(),
        origin: "AWS_KMS".to_owned(),
        manager: "CUSTOMER".to_owned(),
        multi_region: false,
        replica_of: None,
        rotation_days: number.is_multiple_of(3).then_some(365),
        created: days_before(now, u64::from(number)),
        deletion: None,
        policy: Lagging::settled(default_key_policy(&world.aws.partition, world.aws.account_number())),
        grants: Vec::new(),
        tags: Vec::new(),
        unseen: 0,
        creating: 0,
    }
}
