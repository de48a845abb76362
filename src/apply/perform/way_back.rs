//! KMS `CancelKeyDeletion` and `EnableKey`: the key in use is made usable again.

use super::{Attempt, Context, Done, Ended};
use crate::apply::not_yet::{Operation, Refusal};
use crate::domain::arn::KeyArn;
use crate::domain::key::KeyRef;
use crate::problem::Problem;

pub(super) async fn cancel_deletion(context: &Context, key: &KeyArn) -> Result<Done, Ended> {
    let changed = context
        .persist(Operation::CancelKeyDeletion, |_: Attempt| async {
            if state(context, key).await? != "PendingDeletion" {
                return Ok(false);
            }
            context.aws().cancel_key_deletion(key).await?;
            Ok(true)
        })
        .await?;
    Ok(if changed {
        Done::changed(format!("{key} stays; it is disabled until it is enabled"))
    } else {
        Done::already_so(format!("{key} isn't about to be deleted"))
    })
}

pub(super) async fn enable(context: &Context, key: &KeyArn) -> Result<Done, Ended> {
    let changed = context
        .persist(Operation::EnableKey, |_: Attempt| async {
            if state(context, key).await? == "Enabled" {
                return Ok(false);
            }
            context.aws().enable_key(key).await?;
            Ok(true)
        })
        .await?;
    context.changed(|fresh| fresh.key = true);
    Ok(if changed {
        Done::changed(format!("{key} is enabled"))
    } else {
        Done::already_so(format!("{key} is enabled"))
    })
}

async fn state(context: &Context, key: &KeyArn) -> Result<String, Refusal> {
    match context.aws().key(&KeyRef::Arn(key.clone())).await? {
        Some(found) => Ok(found.state),
        None => Err(Refusal::ours(
            Problem::service(format!("the key {key} is no longer there"))
                .hint("look into AWS CloudTrail for who deleted it, and ask MongoDB support before anything else"),
        )),
    }
}
