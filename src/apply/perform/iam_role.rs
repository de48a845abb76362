//! IAM `CreateRole`.

use std::collections::BTreeMap;

use super::{Attempt, Context, Done, Ended};
use crate::apply::not_yet::{Operation, Refusal};
use crate::aws::NewRole;
use crate::domain::iam_role::IamRole;
use crate::domain::policy;
use crate::plan::{Output, Slot, role_description, with_project_tag};
use crate::problem::Problem;

/// What a new role is called and where it stands.
pub(super) struct Place<'a> {
    pub(super) name: &'a str,
    pub(super) path: &'a str,
    pub(super) permissions_boundary: Option<&'a str>,
}

pub(super) async fn create(
    context: &Context,
    place: Place<'_>,
    tags: &BTreeMap<String, String>,
    principal: &Slot,
    external_id: &Slot,
) -> Result<Done, Ended> {
    let (principal, external_id) = (context.resolve(principal)?, context.resolve(external_id)?);
    let tags = with_project_tag(tags, context.project_id());
    let trust = policy::new_trust(&principal, &external_id).map_err(Problem::from)?;
    let description = role_description(context.project_id());
    let wanted = NewRole {
        name: place.name,
        path: place.path,
        permissions_boundary: place.permissions_boundary,
        trust: &trust,
        description: Some(&description),
        tags: &tags,
    };
    let (role, created) = context
        .persist(Operation::CreateIamRole, |_: Attempt| {
            once(context, &wanted, &principal, &external_id)
        })
        .await?;
    context.changed(|fresh| {
        fresh.role = true;
        fresh.iam = true;
    });
    context.produce(Output::IamRoleArn, role.arn.as_str());
    Ok(if created {
        Done::changed(role.arn.to_string())
    } else {
        Done::already_so(role.arn.to_string())
    })
}

/// Creates it; a role of that name that trusts this very external ID can only be the one that a lost answer was about.
async fn once(
    context: &Context,
    wanted: &NewRole<'_>,
    principal: &str,
    external_id: &str,
) -> Result<(IamRole, bool), Refusal> {
    let taken = match context.aws().create_role(wanted).await {
        Ok(role) => return Ok((role, true)),
        Err(error) if error.is("EntityAlreadyExists") => error,
        Err(error) => return Err(error.into()),
    };
    match context.aws().role_detail(wanted.name).await? {
        Some(found) if policy::trust_verdict(&found.role.trust, principal, external_id).is_allowed() => {
            Ok((found.role, false))
        }
        _ => Err(Refusal::ours(Problem::from(taken).hint(
            "somebody created it since the plan was made: plan again, or choose another name",
        ))),
    }
}
