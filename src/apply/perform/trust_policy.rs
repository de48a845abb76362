//! IAM `UpdateAssumeRolePolicy`: the whole document is replaced, so it is read again right before.

use super::{Attempt, Context, Done, Ended};
use crate::apply::not_yet::{Operation, Refusal};
use crate::domain::policy::PolicyDocument;
use crate::plan::{Slot, TrustMend};
use crate::problem::Problem;

pub(super) async fn update(
    context: &Context,
    role: &str,
    before: Option<&PolicyDocument>,
    principal: &Slot,
    external_id: &Slot,
    mend: &TrustMend,
) -> Result<Done, Ended> {
    let (principal, external_id) = (context.resolve(principal)?, context.resolve(external_id)?);
    let written = context
        .persist(Operation::UpdateTrustPolicy, |_: Attempt| async {
            let now = context.aws().trust_policy(role).await?;
            let merged = mend
                .apply(&now, &principal, &external_id)
                .map_err(|error| Refusal::ours(error.into()))?;
            let Some(after) = merged.changed() else {
                return Ok(false);
            };
            if before.is_some_and(|before| now != *before) {
                return Err(Refusal::ours(changed_meanwhile("trust policy", role)));
            }
            context
                .run
                .recorder
                .journal(|journal| journal.replaced(&format!("trust policy of {role}"), now.value().clone()))
                .map_err(Refusal::ours)?;
            context.aws().update_trust_policy(role, &after).await?;
            Ok(true)
        })
        .await?;
    if !written {
        return Ok(Done::already_so(format!("{role} trusts Atlas with this external ID")));
    }
    context.changed(|fresh| fresh.iam = true);
    let rest = match mend {
        TrustMend { drops_dead: true, .. } => "deleted principals taken out, all else kept",
        TrustMend { replaces: Some(_), .. } => "the old one replaced, all else kept",
        TrustMend { .. } => "all other statements kept",
    };
    Ok(Done::changed(format!(
        "{role} trusts Atlas with external ID {external_id}; {rest}"
    )))
}

/// Says that a document isn't the one that the plan was made from.
pub(super) fn changed_meanwhile(what: &str, owner: &str) -> Problem {
    Problem::service(format!(
        "somebody changed the {what} of {owner} since the plan was made; it was left as it is"
    ))
    .hint("plan again: the new plan starts from what is there now")
}
