//! When a wait has run out: not "propagation", but the first thing that doesn't fit.

use std::time::Duration;

use super::perform::Context;
use crate::domain::arn::KeyArn;
use crate::domain::iam_role::IamRoleDetail;
use crate::domain::key::KeyRef;
use crate::domain::policy;
use crate::problem::Problem;

/// Reads trust policy, role policies and key back, and adds to a problem what is found to stand in Atlas's way.
pub(super) async fn explain(context: &Context, problem: Problem, waited: Duration) -> Problem {
    let problem = problem.hint(format!("{} s were waited for it", waited.as_secs()));
    let Some(iam_role) = context.iam_role_name() else { return problem };
    let (role, access_roles) = tokio::join!(context.aws().role_detail(&iam_role), context.access_roles());
    let role = match role {
        Ok(Some(role)) => role,
        Ok(None) => return problem.hint(format!("the IAM role {iam_role} is no longer there")),
        Err(error) => return problem.hint(format!("the IAM role {iam_role} couldn't be read back")).caused_by(&error),
    };
    for access_role in access_roles.iter().filter(|role| context.is_ours(&role.role_id)) {
        let verdict = policy::trust_verdict(&role.role.trust, &access_role.atlas_aws_account_arn, &access_role.external_id);
        if let Some(why) = verdict.why() {
            return problem.hint(format!("the trust policy of {iam_role} stands in the way: {why}"));
        }
    }
    match context.key_arn().and_then(|arn| KeyArn::parse(&arn).ok()) {
        Some(arn) => key(context, &role, &arn, problem).await,
        None => unseen(problem),
    }
}

async fn key(context: &Context, role: &IamRoleDetail, arn: &KeyArn, problem: Problem) -> Problem {
    let documents: Vec<_> = role.policies().filter_map(|policy| policy.document.as_ref()).collect();
    let access = policy::key_access(&documents, arn.as_str());
    if let Some((action, verdict)) = access.missing.first() {
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

/// What can't be read from the account, when all that can be is right.
fn unseen(problem: Problem) -> Problem {
    problem.hint(
        "trust policy, role policy and key state are right; what is left is the key policy, or a rule of the \
         organization (SCP or RCP), which can't be read from here: ask who keeps them",
    )
}
