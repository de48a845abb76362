//! The address of this machine is on the API access list of the Atlas credential, where there is one.

use super::subject::{Unread, read};
use super::{About, Check};
use crate::domain::project::CredentialKind;
use crate::observe::{Fetched, ObservedState};
use crate::problem::Problem;

const ABOUT: About = About {
    id: "api-access-list",
    why: "An organization may let its API be called from listed addresses only. The list is the credential's own: the \
          project's network access list is for databases and has nothing to do with it.",
    blocks: "everything in Atlas",
};

/// Atlas's codes for an address or a credential that the list keeps out.
const CODES: [&str; 6] = [
    "IP_ADDRESS_NOT_ON_ACCESS_LIST",
    "IP_ADDRESS_NOT_ON_WHITELIST",
    "ORG_REQUIRES_ACCESS_LIST",
    "ORG_REQUIRES_WHITELIST",
    "RESOURCE_REQUIRES_ACCESS_LIST",
    "RESOURCE_REQUIRES_WHITELIST",
];

pub(super) fn check(observed: &ObservedState) -> Check {
    if let Some(refusal) = refusal(observed) {
        let where_to = match observed.atlas_identity.known().map(|identity| &identity.kind) {
            Some(CredentialKind::ApiKey) => "the API key's Access List (Organization Access Manager, API Keys)",
            Some(CredentialKind::ServiceAccount) => {
                "the service account's API Access List (Organization Access Manager, Applications)"
            }
            None => {
                "the credential's API Access List (Organization Access Manager: API Keys, or Applications for a service \
                 account)"
            }
        };
        let mut check = ABOUT.failed_by(refusal);
        check.fix = format!("add that address to {where_to}, not to the project's network access list");
        return check;
    }
    let answered = [
        observed.atlas_identity.known().is_some(),
        observed.projects.known().is_some(),
        observed.project.known().is_some(),
    ];
    if answered.contains(&true) {
        return ABOUT.passed("Atlas answers this machine");
    }
    let why = read(&observed.atlas_identity).err().unwrap_or(Unread::NotYet);
    ABOUT.unread("Atlas", why)
}

/// Returns the first refusal among Atlas's answers that is about the list.
fn refusal(observed: &ObservedState) -> Option<&Problem> {
    fn of<T>(part: &Fetched<T>) -> Option<&Problem> {
        part.problem()
    }
    let problems = [
        of(&observed.atlas_identity),
        of(&observed.projects),
        of(&observed.project),
        of(&observed.access_roles),
        of(&observed.setting),
        of(&observed.clusters),
        of(&observed.flex_clusters),
        of(&observed.node_addresses),
        of(&observed.compliance),
        of(&observed.private_endpoints),
        of(&observed.snapshots),
    ];
    let is_about_it = |problem: &&Problem| problem.code.as_deref().is_some_and(|code| CODES.contains(&code));
    problems.into_iter().flatten().find(is_about_it)
}
