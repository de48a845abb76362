//! No document that the plan writes names a deleted principal: AWS wouldn't take it.

use serde_json::Value;

use super::future::{self, PlannedKey};
use super::subject::{Subject, iam_role};
use super::{About, Check};
use crate::domain::policy::{Access, KeyPolicy, PolicyDocument, dead_exceptions, dead_principals};
use crate::domain::text::safe_line;
use crate::observe::ObservedState;
use crate::plan::permission::{Surroundings, key_side};
use crate::plan::{Choices, RoleChoice};

const ABOUT: About = About {
    id: "dead-principals",
    why: "AWS shows a deleted user or role by its unique ID (AIDA…, AROA…) and refuses to take back a document that names one.",
    blocks: "the plan",
};

pub(super) fn check(observed: &ObservedState, choices: &Choices) -> Check {
    let name = choices.role.as_ref().map_or("", RoleChoice::name);
    let trust = match iam_role(observed, choices) {
        Subject::NotChosen => {
            return ABOUT.unknown("no IAM role chosen yet", "choose an IAM role, or let one be created");
        }
        Subject::Unread(why) => return ABOUT.unread(&format!("the IAM role {name}"), why),
        Subject::Missing => return ABOUT.unknown(format!("there is no IAM role {name}"), ""),
        Subject::ToCreate => None,
        Subject::Found(detail) => Some(&detail.role.trust),
    };
    let key = match future::key(observed, choices) {
        Some(PlannedKey::There(key)) => Some(key_side(observed, key)),
        Some(PlannedKey::New(_)) | None => None,
    };
    let key_policy = match key.map(|key| key.policy) {
        Some(KeyPolicy::Known(policy)) => Some(policy),
        Some(KeyPolicy::Unread(_)) | None => None,
    };
    let planned = future::role(observed, choices, key.map(|key| key.arn));
    let writes_trust = planned
        .as_ref()
        .is_some_and(|planned| planned.trust.is_some() && !planned.is_new);
    let surroundings = Surroundings::of(observed);
    let writes_key_policy = choices.extend_key_policy
        && planned.as_ref().zip(key).is_some_and(|(planned, key)| {
            let access = key.lets_in(planned.role.role.arn.as_str(), surroundings.arrival());
            matches!(access, Access::Stopped(_) | Access::Unknown(_))
        });

    let excepts = trust.is_some_and(|trust| !dead_exceptions(trust).is_empty());
    let in_trust = trust.map(described).unwrap_or_default();
    let in_key_policy = key_policy.map(described).unwrap_or_default();
    let told = |place: &str, dead: &[String]| format!("{place} names deleted principals: {}", dead.join("; "));
    let of_trust = told(&format!("the trust policy of {name}"), &in_trust);
    let of_key = told("the key policy", &in_key_policy);
    if !in_key_policy.is_empty() && writes_key_policy {
        return ABOUT.failed(
            of_key,
            "take them out of the key policy in AWS KMS: the plan can't add a statement to it as it is",
        );
    }
    match (in_trust.is_empty(), in_key_policy.is_empty()) {
        (true, true) => ABOUT.passed("no trust policy or key policy that could be read names a deleted principal"),
        (false, _) if writes_trust && excepts => ABOUT.failed(
            of_trust,
            "mend its NotPrincipal in IAM: whom the statement is to cover can't be told from here, so the plan doesn't touch it; or \
             choose another IAM role",
        ),
        (false, _) if writes_trust && choices.drop_dead_principals => {
            ABOUT.passed(format!("{of_trust}; the plan takes them out"))
        }
        (false, _) if writes_trust => ABOUT.failed(
            of_trust,
            "let the plan take them out ([role] drop_dead_principals = true), or take them out in IAM",
        ),
        (false, _) => ABOUT.warning(
            of_trust,
            "nothing now, since the plan doesn't write it; the next write would be refused",
        ),
        (true, false) => ABOUT.warning(
            of_key,
            "nothing now, since the plan doesn't write it; the next write would be refused",
        ),
    }
}

/// Returns each statement that names a deleted principal, with the IDs.
fn described(document: &PolicyDocument) -> Vec<String> {
    let described =
        |(statement, dead): (&Value, Vec<&str>)| safe_line(&format!("{} in {statement}", dead.join(", "))).into_owned();
    dead_principals(document).into_iter().map(described).collect()
}
