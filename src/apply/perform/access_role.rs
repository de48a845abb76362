//! Atlas `createCloudProviderAccessRole`: sent twice it makes a second one.

use super::{Context, Done, Ended};
use crate::apply::journal::Journal;
use crate::apply::not_yet::{Operation, Refusal};
use crate::domain::access_role::AccessRole;
use crate::domain::text::count;
use crate::plan::Output;
use crate::problem::Problem;

pub(super) async fn create(context: &Context) -> Result<Done, Ended> {
    let known: Vec<String> = list(context).await?.into_iter().map(id).collect();
    context
        .run
        .recorder
        .journal(|journal| journal.access_role_begun(known.clone()))?;
    let created = context
        .create_once(
            Operation::CreateAccessRole,
            || appeared(context, &known),
            async || Ok(context.atlas.create_access_role(context.project_id()).await?),
        )
        .await;
    let role = match created {
        Ok(role) => role,
        Err(ended) => {
            if !ended.uncertain {
                abandon(context);
            }
            return Err(ended);
        }
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

/// Finds the access role that a lost answer was about.
async fn appeared(context: &Context, known: &[String]) -> Result<Option<AccessRole>, Refusal> {
    let mut appeared = list(context).await?;
    appeared.retain(|role| !known.contains(&role.role_id));
    if appeared.len() > 1 {
        return Err(Refusal::ours(
            Problem::service(format!(
                "the answer to the creation was lost and {} have appeared since",
                count(appeared.len(), "access role")
            ))
            .hint("start again and pick one of them, or delete those that nobody needs in Atlas"),
        ));
    }
    Ok(appeared.pop())
}

/// Takes the intent back out of the journal: it is certain that nothing was created.
fn abandon(context: &Context) {
    if let Err(problem) = context.run.recorder.journal(Journal::access_role_abandoned) {
        tracing::warn!(%problem, "the intent stays in the journal");
    }
}
