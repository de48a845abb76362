//! Atlas `createCloudProviderAccessRole`: sent twice it makes a second one.

use super::{Attempt, Context, Done, Ended};
use crate::apply::not_yet::{Operation, Refusal};
use crate::domain::access_role::AccessRole;
use crate::domain::text::count;
use crate::plan::Output;
use crate::problem::Problem;

pub(super) async fn create(context: &Context) -> Result<Done, Ended> {
    let known: Vec<String> = list(context)
        .await
        .map_err(|refusal| refusal.problem)?
        .into_iter()
        .map(id)
        .collect();
    context
        .run
        .recorder
        .journal(|journal| journal.access_role_begun(known.clone()))?;
    let created = context
        .persist(Operation::CreateAccessRole, |attempt| once(context, attempt, &known))
        .await;
    let role = match created {
        Ok(role) => role,
        Err(ended) => return Err(give_up(context, &known, ended).await),
    };
    context
        .run
        .recorder
        .journal(|journal| journal.access_role_created(&role.role_id))?;
    context.produce(Output::AtlasPrincipal, role.atlas_aws_account_arn);
    context.produce(Output::ExternalId, role.external_id);
    context.produce(Output::AccessRoleId, role.role_id.clone());
    Ok(Done::changed(format!(
        "Atlas access role {}; AWS knows nothing of it yet",
        role.role_id
    )))
}

fn id(role: AccessRole) -> String {
    role.role_id
}

async fn list(context: &Context) -> Result<Vec<AccessRole>, Refusal> {
    Ok(context.atlas.access_roles(context.project_id()).await?)
}

async fn once(context: &Context, attempt: Attempt, known: &[String]) -> Result<AccessRole, Refusal> {
    if attempt.uncertain {
        let mut appeared: Vec<_> = list(context)
            .await?
            .into_iter()
            .filter(|role| !known.contains(&role.role_id))
            .collect();
        match appeared.len() {
            0 => {}
            1 => return Ok(appeared.remove(0)),
            several => {
                return Err(Refusal::ours(
                    Problem::service(format!(
                        "the answer to the creation was lost and {} have appeared since",
                        count(several, "access role")
                    ))
                    .hint("start again and pick one of them, or delete those that nobody needs in Atlas"),
                ));
            }
        }
    }
    Ok(context.atlas.create_access_role(context.project_id()).await?)
}

/// Takes the intent back out of the journal where it is certain that nothing was created.
async fn give_up(context: &Context, known: &[String], ended: Ended) -> Ended {
    let nothing_new = match list(context).await {
        Ok(roles) => roles.iter().all(|role| known.contains(&role.role_id)),
        Err(_) => false,
    };
    if nothing_new
        && let Err(problem) = context
            .run
            .recorder
            .journal(crate::apply::journal::Journal::access_role_abandoned)
    {
        tracing::warn!(%problem, "the intent stays in the journal");
    }
    ended
}
