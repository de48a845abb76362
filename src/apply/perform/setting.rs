//! Atlas `updateEncryptionAtRest`: Atlas tries the key at once. Done when Atlas says that the setting is valid.

use std::time::Duration;

use super::{Attempt, Context, Done, Ended, Why};
use crate::apply::diagnose;
use crate::apply::not_yet::{Operation, Refusal};
use crate::atlas::body::AwsKmsUpdate;
use crate::domain::project::AwsKmsSetting;
use crate::domain::region::Region;
use crate::plan::{Slot, atlas_key};
use crate::problem::Problem;

/// How long an answer `valid: false` right after enabling may only mean "not yet".
const VALID_LIMIT: Duration = Duration::from_mins(3);

pub(super) async fn enable(
    context: &Context,
    access_role: &Slot,
    iam_role: &Slot,
    key: &Slot,
    region: Region,
    before: &AwsKmsSetting,
) -> Result<Done, Ended> {
    let wanted = AwsKmsUpdate {
        role_id: context.resolve(access_role)?,
        key: atlas_key(&context.resolve(iam_role)?, &context.resolve(key)?),
        region,
        require_private_networking: before.require_private_networking,
    };
    let setting = context
        .persist(Operation::EnableSetting, |attempt: Attempt| {
            let wanted = &wanted;
            async move {
                let now = context.atlas.encryption_setting(context.project_id()).await?.aws;
                if holds(&now, wanted, attempt.uncertain) {
                    return Ok(now);
                }
                if !same_setting(&now, before) {
                    return Err(Refusal::ours(
                        Problem::service(
                            "somebody changed the project's encryption setting since the plan was made; it was left as it is",
                        )
                        .hint("plan again: the new plan starts from what is there now"),
                    ));
                }
                Ok(context.atlas.enable_encryption(context.project_id(), wanted).await?.aws)
            }
        })
        .await?;
    context.changed(|fresh| fresh.setting = true);

    match until_valid(context, setting).await {
        Ok(()) => Ok(Done::changed(format!("valid, with key {}", wanted.key))),
        Err(Ended { why: Why::Stopped, .. }) => Ok(Done::left(
            "the setting was made; whether Atlas can use the key wasn't waited for",
        )),
        Err(failed) => Err(failed),
    }
}

/// Waits until Atlas says that the setting is valid: each question makes it check the key.
pub(super) async fn await_valid(context: &Context) -> Result<Done, Ended> {
    let read = context.atlas.encryption_setting(context.project_id()).await;
    let setting = read.map_err(Refusal::from)?.aws;
    let was_valid = setting.valid == Some(true);
    match until_valid(context, setting).await {
        Ok(()) if was_valid => Ok(Done::already_so("Atlas says that it can use the key")),
        Ok(()) => Ok(Done::changed("Atlas says that it can use the key again")),
        Err(Ended { why: Why::Stopped, .. }) => Ok(Done::left("whether Atlas can use the key wasn't waited for")),
        Err(failed) => Err(failed),
    }
}

/// Reads the setting until Atlas says that it is valid.
async fn until_valid(context: &Context, mut setting: AwsKmsSetting) -> Result<(), Ended> {
    let mut wait = context.run.pace.spreading(VALID_LIMIT);
    if setting.valid != Some(true) {
        context.waiting("Atlas checks whether it can use the key", Some(wait.limit()));
    }
    while setting.valid != Some(true) {
        let Some(pause) = wait.pause() else {
            let problem = Problem::service("Atlas says that it can't use the key")
                .hint(format!("it was looked at for {} s", wait.lasted().as_secs()));
            return Err(diagnose::explain(context, problem).await.into());
        };
        context.run.stop.sleep(pause).await?;
        let read = context.atlas.encryption_setting(context.project_id()).await;
        setting = read.map_err(Refusal::from)?.aws;
    }
    Ok(())
}

/// Tells whether the setting is the one that is wanted.
///
/// Atlas may keep the access role to itself. Where a request of ours may have been carried out, that is no difference.
fn holds(now: &AwsKmsSetting, wanted: &AwsKmsUpdate, sent: bool) -> bool {
    let same_role = match &now.role_id {
        Some(role_id) => *role_id == wanted.role_id,
        None => sent,
    };
    now.enabled && same_role && now.key.as_ref() == Some(&wanted.key) && now.region == Some(wanted.region)
}

/// Compares what was planned from with what is there, but for Atlas's own judgement of it.
///
/// Atlas may keep the access role to itself, and it isn't known where this very run made it; and a key may be told by its
/// ID or its ARN.
fn same_setting(now: &AwsKmsSetting, before: &AwsKmsSetting) -> bool {
    let same_role = match (&now.role_id, &before.role_id) {
        (Some(now), Some(before)) => now == before,
        (Some(_), None) => before.enabled && !before.uses_iam_user(),
        (None, _) => true,
    };
    let id = |setting: &AwsKmsSetting| {
        let key = setting.key.as_deref()?;
        Some(key.rsplit('/').next().unwrap_or(key).to_owned())
    };
    same_role
        && id(now) == id(before)
        && (
            now.enabled,
            now.region,
            &now.access_key_id,
            now.require_private_networking,
        ) == (
            before.enabled,
            before.region,
            &before.access_key_id,
            before.require_private_networking,
        )
}
