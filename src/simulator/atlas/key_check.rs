//! What Atlas does with a setting: it gets into the role and tries the key, at every change, when it is asked, and every
//! quarter of an hour.

use std::time::Duration;

use hyper::StatusCode;
use jiff::Timestamp;

use super::super::authorize::{KeyName, KeyTrouble, Visitor, can_assume, trouble_with_key};
use super::super::clock::later;
use super::super::server::Shared;
use super::super::world::{AwsKms, KeyCheck, KeyState, World};
use super::access_roles::cannot_assume;
use super::error::Refusal;
use super::events;
use super::projects::not_found;

const PERIOD: Duration = Duration::from_mins(15);

/// Tries the keys whose time has come: nothing happens in this world while nobody asks.
pub(super) async fn make_up(shared: &Shared, now: Timestamp) {
    let due: Vec<String> = shared
        .world()
        .atlas
        .projects
        .iter()
        .filter(|project| project.aws_kms.is_some() && later(project.key_check.at, PERIOD) <= now)
        .map(|project| project.id.clone())
        .collect();
    for group in due {
        try_present(shared, &group, now).await;
    }
}

/// Tries the key of a project's setting, and returns whether it works; nothing where there is no setting.
///
/// Where it works no longer, Atlas shuts the encrypted clusters down, and starts them again when it works again.
pub(super) async fn try_present(shared: &Shared, group: &str, now: Timestamp) -> Option<bool> {
    let present = shared.world().atlas.project(group)?.aws_kms.clone()?;
    let valid = examine(shared, group, &present).await.is_ok();
    record(&mut shared.world(), group, KeyCheck { at: now, valid });
    Some(valid)
}

/// Writes down how a try of the key went.
pub(super) fn record(world: &mut World, group: &str, check: KeyCheck) {
    let Some(project) = world.atlas.project_mut(group) else {
        return;
    };
    let before = std::mem::replace(&mut project.key_check, check);
    for cluster in project
        .clusters
        .iter_mut()
        .filter(|cluster| cluster.encryption == "AWS")
    {
        cluster.stopped = !check.valid;
    }
    if project.aws_kms.is_some() && before.valid != check.valid {
        let kind = if check.valid {
            "ENCRYPTION_AT_REST_CONFIG_IS_VALID"
        } else {
            "ENCRYPTION_AT_REST_CONFIG_NO_LONGER_VALID"
        };
        events::record(world, group, kind, check.at);
    }
}

/// Refuses any change while the present setting doesn't work.
pub(super) async fn check_present(shared: &Shared, group: &str, present: &AwsKms) -> Result<(), Refusal> {
    examine(shared, group, present).await.map_err(|_| {
        Refusal::bad_request(
            "ENCRYPTION_AT_REST_SETTINGS_INVALID",
            "The present encryption at rest settings are invalid. Make the key valid first.",
        )
    })
}

/// Does what Atlas does with a setting: gets into the role and uses the key.
pub(super) async fn examine(shared: &Shared, group: &str, kms: &AwsKms) -> Result<(), Refusal> {
    let Some(role_id) = &kms.role_id else {
        return examine_as_user(&shared.world(), kms);
    };
    let not_authorized = || {
        let detail = format!("The cloud provider access role {role_id} is not authorized.");
        Refusal::bad_request("CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED", detail).about(role_id.as_str())
    };
    let (role_arn, atlas) = {
        let world = shared.world();
        let project = world.atlas.project(group).ok_or_else(|| not_found(group))?;
        let role = project.access_role(role_id).ok_or_else(not_authorized)?;
        let arn = role
            .iam_role_arn
            .clone()
            .filter(|_| role.authorized.is_some())
            .ok_or_else(not_authorized)?;
        let atlas = Visitor {
            account_arn: world.atlas.aws_account_arn.clone(),
            external_id: role.external_id.clone(),
            addresses: world.atlas.source_addresses(project),
        };
        (arn, atlas)
    };
    let facts = shared.ask_role(&role_arn).await;
    if !facts.is_some_and(|facts| can_assume(&facts, &atlas)) {
        return Err(cannot_assume(&role_arn));
    }
    let region = kms.region.to_lowercase().replace('_', "-");
    let facts = match KeyName::read(&kms.key, &region, &role_arn) {
        Some(name) => shared.ask_key(&role_arn, &name).await,
        None => None,
    };
    match trouble_with_key(facts.as_ref(), &role_arn, &atlas) {
        None => Ok(()),
        Some(trouble) => Err(refusal(trouble, &kms.key)),
    }
}

/// Tries a key with the credentials of an IAM user: this world has no such users, so nothing but the key can be wrong.
fn examine_as_user(world: &World, kms: &AwsKms) -> Result<(), Refusal> {
    let key = world
        .aws
        .keys
        .iter()
        .find(|key| key.id == kms.key || key.arn == kms.key);
    let trouble = match key {
        None => KeyTrouble::NotFound,
        Some(key) if key.is_usable() => return Ok(()),
        Some(key) => match key.state {
            KeyState::PendingDeletion => KeyTrouble::PendingDeletion,
            KeyState::PendingImport => KeyTrouble::PendingImport,
            _ => KeyTrouble::NotEnabled,
        },
    };
    Err(refusal(trouble, &kms.key))
}

fn refusal(trouble: KeyTrouble, key: &str) -> Refusal {
    match trouble {
        KeyTrouble::NotFound => Refusal::new(
            StatusCode::NOT_FOUND,
            "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND",
            format!("No AWS customer master key with ID {key} was found."),
        )
        .about(key),
        KeyTrouble::NotPermitted => Refusal::bad_request(
            "NO_PERMISSION_TO_ENCRYPT_DECRYPT",
            "The role has no permission to encrypt and decrypt with the customer master key.",
        ),
        KeyTrouble::NotEnabled => Refusal::bad_request(
            "AWS_KMS_CUSTOMER_MASTER_KEY_NOT_ENABLED",
            "The AWS customer master key is not enabled.",
        ),
        KeyTrouble::PendingDeletion => Refusal::bad_request(
            "AWS_KMS_CUSTOMER_MASTER_KEY_PENDING_DELETION",
            "The AWS customer master key is pending deletion.",
        ),
        KeyTrouble::PendingImport => Refusal::bad_request(
            "AWS_KMS_CUSTOMER_MASTER_KEY_PENDING_IMPORT",
            "The AWS customer master key is pending import.",
        ),
    }
}
