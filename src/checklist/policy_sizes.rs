//! The documents that the plan writes stay within the account's quotas.

use super::future;
use super::subject::{Subject, iam_role};
use super::{About, Check};
use crate::domain::aws_identity::PolicyQuotas;
use crate::domain::policy::PolicyDocument;
use crate::domain::text::safe_line;
use crate::observe::ObservedState;
use crate::plan::{Choices, RoleChoice};

const ABOUT: About = About {
    id: "policy-sizes",
    why: "IAM refuses a document above the account's quota: a trust policy by itself, all inline policies of an IAM role \
          together.",
    blocks: "the plan",
};

/// What IAM takes by default ("IAM and AWS STS quotas").
const DEFAULT: PolicyQuotas = PolicyQuotas {
    inline: 10_240,
    trust: 2_048,
};

/// The most that a raised quota gives a trust policy; that of inline policies can't be raised.
const MOST_TRUST: usize = 4_096;

pub(super) fn check(observed: &ObservedState, choices: &Choices) -> Check {
    let name = choices.role.as_ref().map_or("", RoleChoice::name);
    match iam_role(observed, choices) {
        Subject::NotChosen => {
            return ABOUT.unknown("no IAM role chosen yet", "choose an IAM role, or let one be created");
        }
        Subject::Unread(why) => return ABOUT.unread(&format!("the policies of {name}"), why),
        Subject::Missing => return ABOUT.unknown(format!("there is no IAM role {name}"), ""),
        Subject::ToCreate | Subject::Found(_) => {}
    }
    let key = future::key(observed, choices);
    let Some(planned) = future::role(observed, choices, key.as_ref().map(future::PlannedKey::arn)) else {
        return ABOUT.unknown("the IAM role isn't known yet", "");
    };
    let known = observed.quotas.known();
    let quotas = known.copied().unwrap_or(DEFAULT);
    let trust = planned.trust.as_ref().unwrap_or(&planned.role.role.trust).size();
    let inline: usize = planned
        .role
        .inline
        .iter()
        .filter_map(|one| one.document.as_ref())
        .map(PolicyDocument::size)
        .sum();
    let unread: Vec<_> = planned
        .role
        .inline
        .iter()
        .filter(|one| one.document.is_none())
        .map(|one| safe_line(&one.name).into_owned())
        .collect();
    let whose = if known.is_some() { "" } else { " by default" };
    let found = format!(
        "{name} will have a trust policy of {trust} characters (IAM takes {}{whose}) and inline policies of {inline} together \
         (IAM takes {}{whose})",
        quotas.trust, quotas.inline
    );
    if planned.inline.is_some() && inline > quotas.inline {
        return ABOUT.failed(
            found,
            "take statements that nobody needs out of its inline policies, move them to a managed policy, or choose another \
             IAM role",
        );
    }
    if planned.trust.is_some() && trust > quotas.trust {
        return if known.is_none() && trust <= MOST_TRUST {
            ABOUT.warning(
                found,
                "raise the quota \"Role trust policy length\", or choose another IAM role",
            )
        } else if trust <= MOST_TRUST {
            ABOUT.failed(
                found,
                "raise the quota \"Role trust policy length\", or choose another IAM role",
            )
        } else {
            ABOUT.failed(
                format!("{found}; {MOST_TRUST} is the most that the quota can be raised to"),
                "choose another IAM role, or let one be created",
            )
        };
    }
    if !unread.is_empty() {
        return ABOUT.unknown(
            format!("{found}, without what couldn't be read: {}", unread.join(", ")),
            "let iam:GetRolePolicy be allowed to you",
        );
    }
    ABOUT.passed(found)
}
