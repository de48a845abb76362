//! What IAM's own errors mean.

use super::{Error, Story};

pub(super) fn story(error: &Error, code: &str) -> Option<Story> {
    let words = error.message().unwrap_or_default();
    // Recordings have this code with a plural s too.
    if code.starts_with("MalformedPolicyDocument") {
        return Some(if words.contains("rincipal") {
            Story::new("IAM refuses a principal in the policy: deleted, of another partition, or not visible yet")
                .hint("remove statements whose principal is an AROA… or AIDA… ID: what they named is gone")
        } else {
            Story::new("IAM refuses the policy document")
                .hint("its own words say what is wrong; a statement that was there before may be at fault too")
        });
    }
    Some(match code {
        "EntityAlreadyExists" => Story::new("there is an IAM role of this name, in some spelling of its letters")
            .hint("use that IAM role, or choose another name"),
        "NoSuchEntity" => Story::new("there is no such IAM role or policy in this account")
            .hint("give the name without its path, and check the account"),
        "LimitExceeded" => over_quota(words),
        "UnmodifiableEntity" => Story::new("AWS made this IAM role for a service of its own and lets nobody change it")
            .hint("choose another IAM role"),
        "ConcurrentModification" | "ConcurrentModificationException" => {
            Story::new("someone else is changing this IAM role right now")
                .hint("ask who else works on it, and try again in some minutes")
        }
        "DeleteConflict" => Story::new("the IAM role still has policies").hint("detach and delete its policies first"),
        "PolicyEvaluation" | "PolicyEvaluationException" => Story::new("IAM couldn't simulate the policies")
            .hint("it would have been a hint only: what is allowed shows when it is done"),
        "InvalidInput" | "ValidationError" => Story::new("IAM doesn't take one of the values")
            .hint("its own words say which: correct it where you gave it"),
        _ => return None,
    })
}

/// Says which quota of IAM it is, by the name that IAM gives it.
fn over_quota(words: &str) -> Story {
    let raise = "or have the quota raised: AWS console, Service Quotas, IAM";
    if words.contains("ACLSizePerRole") {
        return Story::new(
            "the IAM role's trust policy would be longer than the account's quota (AssumeRolePolicySizeQuota)",
        )
        .hint("remove statements that nobody needs from it, or use another IAM role")
        .hint(raise);
    }
    if words.to_ascii_lowercase().contains("policy size") {
        return Story::new(
            "the IAM role's inline policies together would be longer than the quota (RolePolicySizeQuota)",
        )
        .hint("shorten them, move some into managed policies, or use another IAM role");
    }
    if words.contains("RolesPerAccount") {
        return Story::new("the account has as many IAM roles as its quota allows (RolesQuota)")
            .hint("use an IAM role that is there, or delete one that nobody needs")
            .hint(raise);
    }
    Story::new("a quota of IAM is used up: IAM roles of the account, or the size of a policy")
        .hint("shorten the role's policies, or use another IAM role")
        .hint(raise)
}
