//! The Atlas credential is Project Owner of the project.

use std::borrow::Cow;

use super::subject::read;
use super::{About, Check};
use crate::domain::project::{AtlasIdentity, Project};
use crate::domain::text::safe_line;
use crate::observe::ObservedState;
use crate::plan::Choices;

const ABOUT: About = About {
    id: "project-owner",
    why: "Only a Project Owner may create and authorize access roles and change the encryption setting.",
    blocks: "every change in Atlas",
};

pub(super) fn check(observed: &ObservedState, choices: &Choices) -> Check {
    if choices.project_id.is_none() && observed.project.known().is_none() {
        return ABOUT.unknown(
            "no project chosen yet",
            "choose one, or give --project, [project] id or MONGODB_ATLAS_PROJECT_ID",
        );
    }
    let project = match read(&observed.project) {
        Ok(project) => project,
        Err(why) => return ABOUT.unread_or_refused("the project", why),
    };
    let identity = match read(&observed.atlas_identity) {
        Ok(identity) => identity,
        Err(why) => return ABOUT.unread("the credential's roles", why),
    };
    let name = format!("{} ({})", safe_line(&project.name), project.id);
    let grant =
        format!("a Project Owner or an Organization Owner can grant it: in Atlas, Access Manager of project {name}");
    match identity.owns(&project.id) {
        Some(true) => ABOUT.passed(format!("Project Owner of {name}")),
        None => ABOUT.unknown(
            format!("Atlas doesn't tell which roles this credential has on {name}"),
            format!("make sure that it is Project Owner; if not, {grant}"),
        ),
        Some(false) if is_organization_owner(identity, project) => ABOUT.warning(
            format!("Organization Owner, but not Project Owner of {name}"),
            format!("if Atlas refuses a change, add the credential as Project Owner: in Atlas, Access Manager of project {name}"),
        ),
        Some(false) => ABOUT.failed(
            match held(identity, project) {
                roles if roles.is_empty() => format!("no role on {name}, needs Project Owner"),
                roles => format!("{} on {name}, needs Project Owner", roles.join(", ")),
            },
            grant,
        ),
    }
}

fn is_organization_owner(identity: &AtlasIdentity, project: &Project) -> bool {
    let grants = identity.roles.iter().flatten();
    grants
        .into_iter()
        .any(|grant| grant.role == "ORG_OWNER" && grant.org_id.as_deref() == Some(project.org_id.as_str()))
}

/// Returns the roles held on the project and its organization, as Atlas's pages call them.
fn held(identity: &AtlasIdentity, project: &Project) -> Vec<Cow<'static, str>> {
    let grants = identity.roles.iter().flatten();
    grants
        .filter(|grant| {
            grant.project_id.as_deref() == Some(project.id.as_str())
                || grant.org_id.as_deref() == Some(project.org_id.as_str())
        })
        .map(|grant| match grant.role.as_str() {
            "GROUP_READ_ONLY" => "Project Read Only".into(),
            "GROUP_CLUSTER_MANAGER" => "Project Cluster Manager".into(),
            "GROUP_BACKUP_MANAGER" => "Project Backup Manager".into(),
            "GROUP_DATA_ACCESS_ADMIN" => "Project Data Access Admin".into(),
            "GROUP_DATA_ACCESS_READ_WRITE" => "Project Data Access Read/Write".into(),
            "GROUP_DATA_ACCESS_READ_ONLY" => "Project Data Access Read Only".into(),
            "ORG_MEMBER" => "Organization Member".into(),
            "ORG_READ_ONLY" => "Organization Read Only".into(),
            "ORG_GROUP_CREATOR" => "Organization Project Creator".into(),
            "ORG_BILLING_ADMIN" => "Organization Billing Admin".into(),
            other => safe_line(other).into_owned().into(),
        })
        .collect()
}
