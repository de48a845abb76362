//! Where a policy asks for the address that a request comes from, it lets all of Atlas's in.

use super::future::{self, PlannedKey};
use super::subject::{Subject, Unread, iam_role, read};
use super::{About, Check};
use crate::domain::policy::{Access, AtlasSide, Entry, KeyPolicy, KeySide, PolicyDocument, restricts_addresses};
use crate::domain::text::{count, safe_line};
use crate::observe::ObservedState;
use crate::plan::permission::{Surroundings, key_side};
use crate::plan::{Choices, RoleChoice};

const ABOUT: About = About {
    id: "ip-restrictions",
    why: "Atlas assumes the IAM role from its control plane and uses the key from there and from every node. An address that \
          a policy leaves out can't reach the key.",
    blocks: "the plan",
};

/// What stays true of an allow list that fits today.
const CHANGES: &str = "node addresses change with a cluster's regions and shards, and when encryption is enabled on a cluster \
                       younger than 12 hours";

pub(super) fn check(observed: &ObservedState, choices: &Choices) -> Check {
    let detail = match iam_role(observed, choices) {
        Subject::NotChosen => {
            return ABOUT.unknown("no IAM role chosen yet", "choose an IAM role, or let one be created");
        }
        Subject::Unread(why) => {
            let name = choices.role.as_ref().map_or("", RoleChoice::name);
            return ABOUT.unread(&format!("the policies of {name}"), why);
        }
        Subject::Missing => return ABOUT.unknown("the IAM role isn't known yet", ""),
        Subject::ToCreate => None,
        Subject::Found(detail) => Some(detail),
    };
    let key = match future::key(observed, choices) {
        Some(PlannedKey::There(key)) => Some(KeySide {
            key: None,
            ..key_side(observed, key)
        }),
        Some(PlannedKey::New(_)) | None => None,
    };
    let mut documents: Vec<&PolicyDocument> = Vec::new();
    if let Some(detail) = detail {
        documents.push(&detail.role.trust);
        documents.extend(detail.policies().filter_map(|policy| policy.document.as_ref()));
        documents.extend(&detail.boundary_document);
    }
    if let Some(KeyPolicy::Known(policy)) = key.map(|key| key.policy) {
        documents.push(policy);
    }
    let restricting = documents
        .iter()
        .flat_map(|document| document.statements())
        .filter(|statement| restricts_addresses(statement))
        .count();
    if restricting == 0 {
        return ABOUT.passed("no policy that could be read asks for the address of a request (aws:SourceIp)");
    }
    let named = format!("{} for the address of a request (aws:SourceIp)", asking(restricting));

    let planned = future::role(observed, choices, key.map(|key| key.arn));
    let Some(role) = detail.or(planned.as_ref().map(|planned| &planned.role)) else {
        return ABOUT.unknown(format!("{named}; the IAM role isn't known yet"), "");
    };
    let atlas = observed.access_roles.known().and_then(|roles| {
        let ours = super::subject::access_role(observed, choices).ok().flatten();
        ours.or(roles
            .iter()
            .find(|one| one.iam_role_arn.as_ref() == Some(&role.role.arn)))
    });
    let surroundings = Surroundings::of(observed);
    let entry = Entry {
        atlas: atlas.map(|ours| AtlasSide {
            principal: &ours.atlas_aws_account_arn,
            external_id: &ours.external_id,
        }),
        role,
        key,
        arrival: surroundings.arrival(),
    };
    for access in [entry.trust(), entry.key_use()] {
        if let Access::Stopped(obstacle) = access
            && let Some(missing) = obstacle.shut_out()
        {
            return ABOUT.failed(
                format!(
                    "{missing} of Atlas's addresses are shut out; {}",
                    safe_line(&obstacle.to_string())
                ),
                format!("add the missing addresses to that statement, or take the condition out; {CHANGES}"),
            );
        }
    }
    let unread = [
        read(&observed.control_plane)
            .err()
            .map(|why| ("the control plane's addresses", why)),
        read(&observed.node_addresses)
            .err()
            .map(|why| ("the nodes' addresses", why)),
    ];
    if let Some((what, why)) = unread.into_iter().flatten().next() {
        return unread_addresses(&named, what, why);
    }
    if entry.arrival.private {
        return ABOUT.unknown(
            format!("{named}; Atlas reaches the key over its private endpoints, where there is no such address"),
            "ask for aws:SourceVpce or aws:VpcSourceIp there instead, or take the condition out",
        );
    }
    ABOUT.passed(format!("{named} and lets all of Atlas's in; {CHANGES}"))
}

fn asking(statements: usize) -> String {
    let verb = if statements == 1 { "asks" } else { "ask" };
    format!("{} {verb}", count(statements, "statement"))
}

fn unread_addresses(named: &str, what: &str, why: Unread<'_>) -> Check {
    let mut check = ABOUT.unread(what, why);
    check.found = format!("{named}; {}", check.found);
    check
}
