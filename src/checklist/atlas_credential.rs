//! Atlas accepts the credential.

use std::fmt::Write as _;

use jiff::SignedDuration;

use super::subject::read;
use super::{About, Check};
use crate::domain::project::CredentialKind;
use crate::domain::text::{count, safe_line};
use crate::observe::ObservedState;

const ABOUT: About = About {
    id: "atlas-credential",
    why: "Everything in Atlas is read and changed with it.",
    blocks: "everything in Atlas",
};

/// How long before a secret's end it is told: time enough to make a new one.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

pub(super) fn check(observed: &ObservedState) -> Check {
    let identity = match read(&observed.atlas_identity) {
        Ok(identity) => identity,
        Err(why) => return ABOUT.unread_or_refused("the Atlas credential", why),
    };
    let kind = match identity.kind {
        CredentialKind::ApiKey => "API key",
        CredentialKind::ServiceAccount => "service account",
    };
    let mut found = format!("{kind} {}", safe_line(&identity.id));
    if let Some(projects) = observed.projects.known() {
        if projects.is_empty() {
            return ABOUT.warning(
                format!("{found}, which sees no project"),
                "invite it to a project: in Atlas, the project's Access Manager",
            );
        }
        let _ = write!(found, ", sees {}", count(projects.len(), "project"));
    }
    if let (Some(ends), Some(now)) = (identity.secret_expires, observed.at) {
        let renew = "create a new secret: in Atlas, Organization Access Manager, Applications";
        if ends <= now {
            return ABOUT.warning(format!("{found}; its secret ended at {ends}"), renew);
        }
        if ends <= now + SOON {
            return ABOUT.warning(format!("{found}; its secret ends soon, at {ends}"), renew);
        }
    }
    ABOUT.passed(found)
}
