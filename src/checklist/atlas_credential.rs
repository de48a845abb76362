//! Atlas accepts the credential.

use std::fmt::Write as _;

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
    ABOUT.passed(found)
}
