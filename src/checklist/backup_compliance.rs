//! Whether a Backup Compliance Policy forbids to switch the encryption off again.

use super::subject::read;
use super::{About, Check};
use crate::domain::text::safe_line;
use crate::observe::ObservedState;

const ABOUT: About = About {
    id: "backup-compliance",
    why: "Where a project's Backup Compliance Policy demands encryption with a customer-managed key, it can't be switched \
          off again.",
    blocks: "switching off",
};

pub(super) fn check(observed: &ObservedState) -> Check {
    let policy = match read(&observed.compliance) {
        Ok(policy) => policy,
        Err(why) => return ABOUT.unread("the project's Backup Compliance Policy", why),
    };
    match &policy.state {
        None => ABOUT.passed("the project has no Backup Compliance Policy"),
        Some(state) if policy.demands_encryption => ABOUT.warning(
            format!(
                "the project's Backup Compliance Policy ({}) demands encryption with a customer-managed key",
                safe_line(state)
            ),
            "nothing, if that is meant: only MongoDB Support can take the policy away",
        ),
        Some(state) => ABOUT.passed(format!(
            "the project's Backup Compliance Policy ({}) doesn't demand encryption",
            safe_line(state)
        )),
    }
}
