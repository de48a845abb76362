//! Atlas `authorizeCloudProviderAccessRole`: Atlas assumes the IAM role at once.

use super::{Attempt, Context, Done, Ended};
use crate::apply::not_yet::Operation;
use crate::domain::arn::RoleArn;
use crate::plan::Slot;
use crate::problem::Problem;

pub(super) async fn authorize(context: &Context, access_role: &Slot, iam_role: &Slot) -> Result<Done, Ended> {
    let (id, arn) = (context.resolve(access_role)?, context.resolve(iam_role)?);
    let arn = RoleArn::parse(&arn).map_err(|error| Problem::internal(error.to_string()))?;
    let changed = context
        .persist(Operation::Authorize, |attempt: Attempt| {
            let (id, arn) = (&id, &arn);
            async move {
                if attempt.uncertain {
                    let now = context.atlas.access_role(context.project_id(), id).await?;
                    if now.is_authorized() && now.iam_role_arn.as_ref() == Some(arn) {
                        return Ok(false);
                    }
                }
                context
                    .atlas
                    .authorize_access_role(context.project_id(), id, arn)
                    .await?;
                Ok(true)
            }
        })
        .await?;
    let message = format!("Atlas assumes {arn}");
    Ok(if changed {
        Done::changed(message)
    } else {
        Done::already_so(message)
    })
}
