//! IAM `PutRolePolicy`: the whole inline policy is replaced, so it is read again right before.

use super::trust_policy::changed_meanwhile;
use super::{Attempt, Context, Done, Ended};
use crate::apply::not_yet::{Operation, Refusal};
use crate::domain::policy::{self, PolicyDocument};
use crate::plan::{Output, Slot, merge_keys};
use crate::problem::Problem;

pub(super) async fn put(
    context: &Context,
    role: &str,
    name: &str,
    before: Option<&PolicyDocument>,
    keys: &[Slot],
) -> Result<Done, Ended> {
    let keys: Vec<_> = keys.iter().map(|key| context.resolve(key)).collect::<Result<_, _>>()?;
    let Some(after) = merge_keys(before, &keys).map_err(Problem::from)?.changed() else {
        return Ok(Done::already_so(format!("{role} may use the key")));
    };
    // A role that this run created has no policy that somebody could have changed.
    let made_now = context.produced(Output::IamRoleArn).is_some();
    let written = context
        .persist(Operation::PutRolePolicy, |attempt: Attempt| {
            let after = &after;
            async move {
                if !made_now || attempt.uncertain {
                    let now = context.aws().inline_policy(role, name).await?;
                    if now.as_ref() == Some(after) {
                        return Ok(false);
                    }
                    if now.as_ref() != before {
                        return Err(Refusal::ours(changed_meanwhile("inline policy", role)));
                    }
                    if let Some(now) = now {
                        context
                            .run
                            .recorder
                            .journal(|journal| journal.replaced(&format!("{name} of {role}"), now.value().clone()))
                            .map_err(Refusal::ours)?;
                    }
                }
                context.aws().put_role_policy(role, name, after).await?;
                Ok(true)
            }
        })
        .await?;
    if !written {
        return Ok(Done::already_so(format!("{role} may use the key")));
    }
    context.changed(|fresh| fresh.iam = true);
    Ok(Done::changed(format!("{name}: {}", policy::KEY_ACTIONS.join(", "))))
}
