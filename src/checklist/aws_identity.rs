//! The operator is known to AWS, in an account and partition where Atlas can use keys.

use super::subject::read;
use super::{About, Check};
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
    match &choices.role {
        Some(RoleChoice::Existing { arn, .. }) if arn.account() != identity.account => ABOUT.failed(
            format!("{found}; the IAM role {arn} is in account {}", arn.account()),
            "sign in to the IAM role's account (--aws-profile), or choose an IAM role of this one",
        ),
        _ => ABOUT.passed(found),
    }
}
