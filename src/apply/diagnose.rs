//! When a wait has run out: not "propagation", but the first thing that doesn't fit.

use super::perform::Context;
use crate::domain::arn::{KeyArn, RoleArn};
use crate::domain::iam_role::IamRoleDetail;
use crate::domain::key::KeyRef;
use crate::domain::policy;
use crate::plan::Action;
use crate::problem::Problem;

/// Reads trust policy, role policies and key back, and adds to a problem what is found to stand in Atlas's way.
pub(super) async fn explain(context: &Context, problem: Problem) -> Problem {
    let (access_role, iam_role, key) = match context.action() {
        Action::AuthorizeAccessRole {
            access_role, iam_role, ..
        } => (access_role, iam_role, None),
        Action::EnableProjectSetting {
            access_role,
            iam_role,
            key,
            ..
        } => (access_role, iam_role, Some(key)),
        _ => return problem,
    };
    let (Ok(access_role), Ok(iam_role)) = (context.resolve(access_role), context.resolve(iam_role)) else {
        return problem;
    };
    let Ok(iam_role) = RoleArn::parse(&iam_role) else {
        return problem;
    };
    let (role, access_role) = tokio::join!(
        context.aws().role_detail(iam_role.name()),
        context.atlas().access_role(context.project_id(), &access_role)
    );
    let role = match role {
        Ok(Some(role)) => role,
        Ok(None) => return problem.hint(format!("the IAM role {iam_role} is no longer there")),
        Err(error) => return problem.hint("the IAM role couldn't be read back").caused_by(&error),
    };
    if let Ok(access_role) = access_role {
        let (principal, external_id) = (&access_role.atlas_aws_account_arn, &access_role.external_id);
        if let Some(why) = policy::trust_verdict(&role.role.trust, principal, external_id).why() {
            return problem.hint(format!(
                "the trust policy of {} stands in the way: {why}",
                role.role.name
            ));
        }
    }
    match key
        .and_then(|key| context.resolve(key).ok())
        .and_then(|arn| KeyArn::parse(&arn).ok())
    {
        Some(arn) => explain_key(context, &role, &arn, problem).await,
        None => problem.hint(
            "the trust policy is right; what is left is a rule of the organization (SCP or RCP): ask whoever keeps it",
        ),
    }
}

async fn explain_key(context: &Context, role: &IamRoleDetail, arn: &KeyArn, problem: Problem) -> Problem {
    let documents: Vec<_> = role.policies().filter_map(|policy| policy.document.as_ref()).collect();
    if let Some((action, verdict)) = policy::key_access(&documents, arn.as_str()).missing.first() {
        let why = verdict.why().unwrap_or("no statement allows it");
        return problem.hint(format!("{} isn't allowed {action} on the key: {why}", role.role.name));
    }
    match context.aws().key(&KeyRef::Arn(arn.clone())).await {
        Ok(Some(key)) if !key.is_usable() => {
            problem.hint(format!("the key can't be used: {}", key.unusable_because().join(", ")))
        }
        Ok(Some(_)) => unseen(problem),
        Ok(None) => problem.hint(format!("the key {arn} is not there")),
        Err(error) => problem.hint("the key couldn't be read back").caused_by(&error),
    }
}

/// What can't be read from here, when all that can be is right.
fn unseen(problem: Problem) -> Problem {
    problem.hint(
        "trust policy, role policy and key state are right; what is left is the key policy, or a rule of the \
         organization (SCP or RCP): ask whoever keeps them",
    )
}
