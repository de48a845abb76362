//! The project's encryption setting: enabled, switched from an IAM user's credentials, moved to another key or region.

use super::access_role::AccessRoleSlots;
use super::world::World;
use super::{Draft, id};
use crate::domain::access_role::AccessRole;
use crate::domain::arn::KeyArn;
use crate::domain::project::AwsKmsSetting;
use crate::domain::text::count;
use crate::plan::desired::DesiredState;
use crate::plan::step::{Action, Slot, atlas_key};
use crate::problem::Problem;

/// All that a key needs before Atlas tries it.
const BEFORE: [&str; 8] = [
    "create-access-role",
    "update-trust-policy",
    "authorize-access-role",
    "create-key",
    "put-role-policy",
    "update-key-policy",
    "await-valid",
    "enable-project-setting",
];

impl Draft {
    /// Waits for a setting that Atlas says is invalid, once what it needs is mended: until then Atlas takes no change.
    pub(super) fn await_valid(&mut self, world: &World<'_>) {
        let now = &world.setting.aws;
        if now.enabled && now.valid == Some(false) && !now.uses_iam_user() {
            self.step(id("await-valid"), Action::AwaitValid, &BEFORE);
            self.notes.push(
                "Atlas says that it can't use the key in use: it takes no other change until that is mended."
                    .to_owned(),
            );
        }
    }

    pub(super) fn setting(
        &mut self,
        world: &World<'_>,
        desired: &DesiredState,
        access_role: &AccessRoleSlots,
        iam_role: &Slot,
        key: &Slot,
    ) {
        let now = &world.setting.aws;
        if now.uses_iam_user() {
            return self.switch(world, desired, access_role, iam_role, key);
        }
        let same_role = match (&now.role_id, &access_role.id) {
            (Some(now), Slot::Known(wanted)) => now == wanted,
            (None, Slot::Known(_)) => world.ours.is_some_and(AccessRole::serves_encryption),
            (_, Slot::After(_)) => false,
        };
        if now.enabled && same_role && world.keeps_key() && now.region == Some(desired.region) {
            self.settle("Project setting", "this key is enabled for the project");
            return;
        }
        if now.enabled {
            self.leaving(world);
        }
        let action = Action::EnableProjectSetting {
            access_role: access_role.id.clone(),
            iam_role: iam_role.clone(),
            key: key.clone(),
            region: desired.region,
            before: now.clone(),
        };
        self.step(id("enable-project-setting"), action, &BEFORE);
    }

    /// From an IAM user's credentials to the access role: with the present key first; another one is a second change.
    fn switch(
        &mut self,
        world: &World<'_>,
        desired: &DesiredState,
        access_role: &AccessRoleSlots,
        iam_role: &Slot,
        key: &Slot,
    ) {
        let now = &world.setting.aws;
        let present = world.present_key.as_ref().zip(now.region);
        let Some((present, region)) = present else {
            self.problems.push(
                Problem::prerequisite(format!(
                    "the key in use, {}, can't be looked at, and the IAM role needs access to it before the project moves",
                    now.key.as_deref().unwrap_or("which Atlas doesn't name")
                ))
                .hint("sign in to the AWS account of that key, and let kms:DescribeKey be allowed to you"),
            );
            return;
        };
        let user = now.access_key_id.as_deref().map(shortened).unwrap_or_default();
        self.notes.push(format!(
            "The project uses an IAM user's credentials (access key {user}). Moving it to an access role can't be undone. The user and its access key are left alone; delete the access key once Atlas says that the key is valid."
        ));
        let present_slot = Slot::Known(present.to_string());
        let action = Action::EnableProjectSetting {
            access_role: access_role.id.clone(),
            iam_role: iam_role.clone(),
            key: present_slot.clone(),
            region,
            before: now.clone(),
        };
        self.step(id("enable-project-setting"), action, &BEFORE);
        if present_slot == *key && region == desired.region {
            return;
        }
        self.leaving(world);
        let role_id = match &access_role.id {
            Slot::Known(id) => Some(id.clone()),
            Slot::After(_) => None,
        };
        let action = Action::EnableProjectSetting {
            access_role: access_role.id.clone(),
            iam_role: iam_role.clone(),
            key: key.clone(),
            region: desired.region,
            before: AwsKmsSetting {
                enabled: true,
                role_id,
                key: Some(atlas_key(&world.role_arn, present.as_str())),
                region: Some(region),
                region_name: Some(region.atlas()),
                access_key_id: None,
                valid: None,
                require_private_networking: now.require_private_networking,
            },
        };
        self.step(id("change-key"), action, &BEFORE);
    }

    /// Tells what becomes of the key that the project leaves.
    fn leaving(&mut self, world: &World<'_>) {
        let Some(left) = world.left_key() else {
            return;
        };
        if world
            .key
            .is_some_and(|key| key.multi_region && key.id() == left.key_id())
        {
            self.notes.push(format!(
                "Only the region changes: {left} and its replica are the same key, nothing is re-encrypted."
            ));
            return;
        }
        self.notes.push(format!(
            "An initial sync re-encrypts every encrypted cluster with the new key. {}",
            still_needed(left, world)
        ));
    }
}

/// Says which snapshots need a key that is left. None of ours deletes it.
fn still_needed(left: &KeyArn, world: &World<'_>) -> String {
    let Some(snapshots) = world.snapshots else {
        return format!("Keep the key {left}, enabled: snapshots may need it; which ones couldn't be read.");
    };
    let needs = snapshots
        .iter()
        .filter(|snapshot| snapshot.key.as_deref().is_some_and(|key| key.contains(left.key_id())));
    let mut by_cluster = std::collections::BTreeMap::new();
    for snapshot in needs {
        *by_cluster.entry(snapshot.cluster.as_str()).or_insert(0_usize) += 1;
    }
    let total = by_cluster.values().sum();
    let clusters: Vec<_> = by_cluster
        .iter()
        .map(|(cluster, number)| format!("{cluster}: {number}"))
        .collect();
    match (total, snapshots.len()) {
        (0, 0) => format!("Keep the key {left} until nothing needs it any more; no snapshot does now."),
        (0, others) => format!(
            "Keep the key {left}, enabled: {} of encrypted clusters may need it.",
            count(others, "snapshot")
        ),
        (total, _) => format!(
            "Keep the key {left}, enabled: {} ({}) can't be restored without it.",
            count(total, "snapshot"),
            clusters.join(", ")
        ),
    }
}

/// Returns an access key ID as it is shown: enough to recognize it.
fn shortened(access_key_id: &str) -> String {
    let characters: Vec<char> = access_key_id.chars().collect();
    match characters.as_slice() {
        [first @ .., a, b, c, d] if first.len() >= 4 => {
            format!("{}…{a}{b}{c}{d}", first.iter().take(4).collect::<String>())
        }
        _ => "…".to_owned(),
    }
}
