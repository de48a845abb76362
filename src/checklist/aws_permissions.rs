//! The operator may do in AWS what this plan needs, as far as IAM's simulation tells.

use super::subject::{Unread, read};
use super::{About, Check};
use crate::domain::permission::SimulatedPermission;
use crate::domain::text::{count, safe_line, some_of};
use crate::observe::ObservedState;
use crate::plan::Choices;

const ABOUT: About = About {
    id: "aws-permissions",
    why: "A change that AWS refuses in the middle leaves the work half done. The simulation is a hint: it knows neither key \
          policies nor every policy of the organization.",
    blocks: "the changes in AWS",
};

pub(super) fn check(observed: &ObservedState, choices: &Choices) -> Check {
    if choices.aws_half.is_some() {
        return ABOUT.passed("you need none: the AWS administrator carries out what is to be done in AWS");
    }
    let looked = observed.permissions.as_ref();
    let simulated = match looked.map_or(Err(Unread::NotYet), |lookup| read(&lookup.found)) {
        Ok(Some(simulated)) => simulated,
        Ok(None) => return ABOUT.unknown("IAM's simulation tells nothing about you", ""),
        Err(why) => {
            let check = ABOUT.unread("your permissions in AWS", why);
            return match why {
                Unread::Failed(_) => ABOUT.unknown(
                    check.found,
                    "nothing else depends on it: AWS tells when a change is refused",
                ),
                Unread::NotYet | Unread::Looking => check,
            };
        }
    };
    let refused: Vec<_> = simulated.iter().filter(|one| !one.allowed).collect();
    if refused.is_empty() {
        return ABOUT.passed(match simulated.len() {
            0 => "this plan needs nothing in AWS".to_owned(),
            number => format!(
                "IAM's simulation allows all that this plan needs: {}",
                count(number, "permission")
            ),
        });
    }
    let told: Vec<_> = refused.iter().map(|one| describe(one)).collect();
    let found = format!("IAM's simulation doesn't allow {}", some_of(&told));
    if refused.iter().all(|one| may_be_given_by_a_key_policy(one)) {
        return ABOUT.warning(
            format!("{found}; the key policy may allow it all the same"),
            "if AWS refuses it, let the permission be given to you, or sign in with another profile (--aws-profile)",
        );
    }
    ABOUT.failed(
        found,
        "let these permissions be given to you, or sign in with another profile (--aws-profile)",
    )
}

fn describe(one: &SimulatedPermission) -> String {
    let (needed, decision) = (&one.needed, safe_line(&one.decision));
    format!(
        "{} on {} ({decision})",
        safe_line(&needed.action),
        safe_line(&needed.resource)
    )
}

fn may_be_given_by_a_key_policy(one: &SimulatedPermission) -> bool {
    one.needed.action.starts_with("kms:") && one.needed.resource.contains(":key/") && one.decision == "implicitDeny"
}
