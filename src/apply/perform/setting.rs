//! Atlas `updateEncryptionAtRest`: Atlas tries the key at once. Done when Atlas says that the setting is valid.

use std::time::{Duration, Instant};

use super::{Attempt, Context, Done, Ended};
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
    let mut setting = context
        .persist(Operation::EnableSetting, |_: Attempt| {
            let wanted = &wanted;
            async move {
                let now = context.atlas.encryption_setting(context.project_id()).await?.aws;
                if holds(&now, wanted) {
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

    let (since, mut pauses) = (Instant::now(), context.run.pace.propagation());
    let mut told = false;
    while setting.valid != Some(true) {
        if !told {
            context.waiting("Atlas has taken the setting and checks the key", Some(VALID_LIMIT));
            told = true;
        }
        let pause = pauses.next().unwrap_or(VALID_LIMIT);
        if since.elapsed() + pause > VALID_LIMIT {
            let problem = Problem::service("Atlas has taken the setting, but says that it can't use the key");
            return Err(diagnose::explain(context, problem, since.elapsed()).await.into());
        }
        context.run.stop.sleep(pause).await?;
        let read = context.atlas.encryption_setting(context.project_id()).await;
        setting = read.map_err(|error| Refusal::from(error).problem)?.aws;
    }
    Ok(Done::changed(format!("valid, with key {}", wanted.key)))
}

fn holds(now: &AwsKmsSetting, wanted: &AwsKmsUpdate) -> bool {
    now.enabled
        && now.role_id.as_ref() == Some(&wanted.role_id)
        && now.key.as_ref() == Some(&wanted.key)
        && now.region == Some(wanted.region)
}

/// Compares what was planned from with what is there, but for Atlas's own judgement of it.
fn same_setting(now: &AwsKmsSetting, before: &AwsKmsSetting) -> bool {
    AwsKmsSetting {
        valid: None,
        ..now.clone()
    } == AwsKmsSetting {
        valid: None,
        ..before.clone()
    }
}
