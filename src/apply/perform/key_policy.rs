//! KMS `PutKeyPolicy`: the whole document is replaced, so it is read again right before. It only gains a statement: whoever
//! could change the key policy still can, and KMS's own check against a lock-out is never bypassed.

use super::trust_policy::changed_meanwhile;
use super::{Attempt, Context, Done, Ended};
use crate::apply::not_yet::{Operation, Refusal};
use crate::domain::arn::KeyArn;
use crate::domain::policy::{self, PolicyDocument};
use crate::plan::Slot;

pub(super) async fn update(
    context: &Context,
    key: &KeyArn,
    before: &PolicyDocument,
    iam_role: &Slot,
) -> Result<Done, Ended> {
    let iam_role = context.resolve(iam_role)?;
    let written = context
        .persist(Operation::UpdateKeyPolicy, |_: Attempt| async {
            let now = context.aws().key_policy(key).await?;
            let merged =
                policy::merge_key_policy(&now, &iam_role, key.as_str()).map_err(|error| Refusal::ours(error.into()))?;
            let Some(after) = merged.changed() else {
                return Ok(false);
            };
            if now != *before {
                return Err(Refusal::ours(changed_meanwhile("key policy", key.as_str())));
            }
            context
                .run
                .recorder
                .journal(|journal| journal.replaced(&format!("key policy of {key}"), now.value().clone()))
                .map_err(Refusal::ours)?;
            context.aws().put_key_policy(key, &after).await?;
            Ok(true)
        })
        .await?;
    let message = format!("the key policy of {key} lets {iam_role} use the key");
    if !written {
        return Ok(Done::already_so(message));
    }
    context.changed(|fresh| fresh.iam = true);
    Ok(Done::changed(format!("{message}; all other statements kept")))
}
