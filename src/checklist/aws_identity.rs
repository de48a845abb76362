//! The operator is known to AWS, in an account and partition where Atlas can use keys.

use super::subject::{self, read};
use super::{About, Check};
use crate::domain::arn;
use crate::domain::text::safe_line;
use crate::observe::ObservedState;
use crate::plan::{Choices, RoleChoice};

const ABOUT: About = About {
    id: "aws-identity",
    why: "The IAM role and the key are created and changed in this account, by this principal.",
    blocks: "everything in AWS",
};

/// The partitions that have regions Atlas lists.
const PARTITIONS: [&str; 3] = ["aws", "aws-us-gov", "aws-cn"];

pub(super) fn check(observed: &ObservedState, choices: &Choices) -> Check {
    if choices.aws_half.is_some() {
        return ABOUT.passed("you need none: the AWS administrator carries out what is to be done in AWS");
    }
    let identity = match read(&observed.aws_identity) {
        Ok(identity) => identity,
        Err(why) => return ABOUT.unread_or_refused("the AWS identity", why),
    };
    let alias = match &identity.account_alias {
        Some(alias) => format!(" ({})", safe_line(alias)),
        None => String::new(),
    };
    let found = format!("{} in account {}{alias}", safe_line(&identity.arn), identity.account);
    if !PARTITIONS.contains(&identity.partition.as_str()) {
        return ABOUT.failed(
            format!("{found}, partition {}", identity.partition),
            format!(
                "sign in to a partition in which Atlas can use keys: {}",
                PARTITIONS.join(", ")
            ),
        );
    }
    let role = match &choices.role {
        Some(RoleChoice::Existing { arn, .. }) => Some(("IAM role", arn.as_str())),
        _ => None,
    };
    let key = subject::key_arn(observed, choices).map(|arn| ("key", arn.as_str()));
    for (what, whose) in [role, key].into_iter().flatten() {
        let partition = arn::partition(whose).unwrap_or_default();
        if partition != identity.partition {
            return ABOUT.failed(
                format!(
                    "{found}, partition {}; the {what} {whose} is in partition {partition}",
                    identity.partition
                ),
                "sign in to the partition of IAM role and key (--aws-profile), or choose others",
            );
        }
    }
    let elsewhere: Vec<_> = [role, key]
        .into_iter()
        .flatten()
        .filter(|(_, whose)| arn::account(whose) != Some(identity.account.as_str()))
        .map(|(what, whose)| format!("the {what} {whose} is in another account"))
        .collect();
    match elsewhere.as_slice() {
        [] => ABOUT.passed(found),
        elsewhere => ABOUT.warning(
            format!("{found}; {}", elsewhere.join("; ")),
            "if that isn't meant, sign in to the other account (--aws-profile); what lies there is changed by whoever keeps it",
        ),
    }
}
