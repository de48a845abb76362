//! When a wait has run out: not "propagation", but the first thing that doesn't fit.

use jiff::Timestamp;

use super::perform::Context;
use crate::domain::arn::{KeyArn, RoleArn};
use crate::domain::key::KeyRef;
use crate::domain::policy::{Access, Arrival, AtlasSide, Entry, KeyPolicy, KeySide, Obstacle};
use crate::plan::Action;
use crate::problem::Problem;

/// Reads trust policy, role policies, key and key policy back, and adds to a problem what is found to stand in Atlas's way.
pub(super) async fn explain(context: &Context, mut problem: Problem) -> Problem {
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
    let aws = context.aws();
    let (role, access_role) = tokio::join!(
        aws.role_detail(iam_role.name()),
        context.atlas().access_role(context.project_id(), &access_role)
    );
    let role = match role {
        Ok(Some(role)) => role,
        Ok(None) => return problem.hint(format!("the IAM role {iam_role} is no longer there")),
        Err(error) => return problem.hint("the IAM role couldn't be read back").caused_by(&error),
    };
    let access_role = access_role.ok();
    let key = match key
        .and_then(|key| context.resolve(key).ok())
        .map(|arn| KeyArn::parse(&arn))
    {
        Some(Ok(arn)) => match aws.key(&KeyRef::Arn(arn.clone())).await {
            Ok(Some(key)) => Some(key),
            Ok(None) => return problem.hint(format!("the key {arn} is not there")),
            Err(error) => {
                problem = problem.hint("the key couldn't be read back").caused_by(&error);
                None
            }
        },
        Some(Err(_)) | None => None,
    };
    let (policy, grants) = match &key {
        Some(key) => {
            let (policy, grants) = tokio::join!(aws.key_policy(&key.arn), aws.grants(&key.arn));
            (policy.map_err(|error| error.to_string()), grants.ok())
        }
        None => (Err(String::new()), None),
    };
    let entry = Entry {
        atlas: access_role.as_ref().map(|access_role| AtlasSide {
            principal: &access_role.atlas_aws_account_arn,
            external_id: &access_role.external_id,
        }),
        role: &role,
        key: key.as_ref().map(|key| KeySide {
            arn: key.arn.as_str(),
            key: Some(key),
            policy: match &policy {
                Ok(policy) => KeyPolicy::Known(policy),
                Err(reason) => KeyPolicy::Unread(reason),
            },
            grants: grants.as_deref(),
        }),
        arrival: Arrival {
            now: Some(Timestamp::now()),
            ..Arrival::default()
        },
    };
    let right = if key.is_some() {
        "trust policy, role policies, key and key policy are right"
    } else {
        "the trust policy is right"
    };
    told(problem, &entry.judge(), right)
}

/// Adds what was judged: what stands in the way, or what is left where all that was read is `right`.
fn told(problem: Problem, access: &Access, right: &str) -> Problem {
    match access {
        Access::Stopped(obstacle) => with_statement(
            problem
                .hint(format!("what stands in the way is {obstacle}"))
                .hint(obstacle.fix.clone()),
            obstacle,
        ),
        Access::Unknown(obstacle) => with_statement(
            problem
                .hint(format!(
                    "all else that can be read is right; what isn't known is {obstacle}"
                ))
                .hint(obstacle.fix.clone())
                .hint(ORGANIZATION),
            obstacle,
        ),
        Access::GetsIn => problem.hint(format!("{right}; {ORGANIZATION}")),
    }
}

/// What can't be read from an account, when all that can be is right.
const ORGANIZATION: &str = "a rule of the organization (SCP or RCP) may stand in the way: ask whoever keeps it";

fn with_statement(problem: Problem, obstacle: &Obstacle) -> Problem {
    match &obstacle.hand_over {
        Some(statement) => problem.hint(format!("the statement that lets Atlas in: {statement}")),
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::policy::Place;

    fn obstacle() -> Obstacle {
        Obstacle {
            place: Place::KeyPolicy("arn:aws:kms:us-east-1:111122223333:key/k".to_owned()),
            statement: Some(json!({"Effect": "Allow"})),
            why: "it names nobody".to_owned(),
            fix: "add the statement".to_owned(),
            hand_over: Some(json!({"Sid": "ours"})),
            addresses: Vec::new(),
        }
    }

    #[test]
    fn the_first_thing_in_the_way_is_named_with_what_to_do_and_the_statement() {
        let hints = |access| told(Problem::service("timed out"), &access, "the trust policy is right").hints;
        assert_eq!(
            hints(Access::Stopped(obstacle())),
            [
                "what stands in the way is the key policy of arn:aws:kms:us-east-1:111122223333:key/k: it names nobody: \
                 {\"Effect\":\"Allow\"}",
                "add the statement",
                "the statement that lets Atlas in: {\"Sid\":\"ours\"}",
            ]
        );
        let unknown = hints(Access::Unknown(obstacle()));
        assert!(
            unknown[0].starts_with("all else that can be read is right"),
            "{unknown:?}"
        );
        assert_eq!(unknown[2], ORGANIZATION);
        assert_eq!(
            hints(Access::GetsIn),
            [format!("the trust policy is right; {ORGANIZATION}")]
        );
    }
}
