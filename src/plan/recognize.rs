//! Which access role, which external ID and which interrupted key are ours: decided by what is there, never guessed.

use super::desired::{AccessRoleChoice, RoleChoice};
use super::step::role_description;
use crate::domain::access_role::AccessRole;
use crate::domain::arn::RoleArn;
use crate::domain::iam_role::IamRole;
use crate::domain::key::Key;
use crate::domain::policy;
use crate::domain::project::{AwsKmsSetting, EncryptionSetting};
use crate::domain::text::count;
use crate::observe::{Fetched, ObservedState, Unfinished};
use crate::problem::Problem;

/// Returns the access role that is ours: the one that was picked; else the one that the project's setting uses; else
/// one that points to the chosen IAM role; else one that the IAM role trusts; else the one that an interrupted run began.
/// One that is unfinished and shows nothing of that is never guessed to be ours.
///
/// # Errors
/// The picked one is gone, or several fit equally well.
pub(crate) fn our_access_role<'a>(
    observed: &ObservedState,
    choice: &AccessRoleChoice,
    access_roles: &'a [AccessRole],
    setting: &EncryptionSetting,
    role: Option<&RoleChoice>,
) -> Result<Option<&'a AccessRole>, Problem> {
    let by_id = |id: &str| access_roles.iter().find(|candidate| candidate.role_id == id);
    if let AccessRoleChoice::Picked(id) = choice {
        return by_id(id).map(Some).ok_or_else(|| {
            Problem::prerequisite(format!("the access role {id} is no longer there"))
                .hint("look again and pick another, or let a new one be created")
        });
    }
    if setting.aws.enabled {
        let used = match &setting.aws.role_id {
            Some(id) => by_id(id),
            None => access_roles.iter().find(|candidate| candidate.serves_encryption()),
        };
        if used.is_some() {
            return Ok(used);
        }
    }
    if let Some(role) = role {
        let fitting = of_iam_role(observed, access_roles, role);
        let several = count(fitting.len(), "access role");
        let why = format!("{several} belong to the IAM role {}", role.name());
        if let Some(ours) = only(&fitting, &why)? {
            return Ok(Some(ours));
        }
    }
    let begun: Vec<_> = observed
        .unfinished
        .iter()
        .filter_map(|unfinished| match unfinished {
            Unfinished::AccessRole { found } => Some(found),
            Unfinished::Key { .. } => None,
        })
        .flatten()
        .filter_map(|id| by_id(id))
        .filter(|candidate| !candidate.is_authorized())
        .collect();
    let why = format!(
        "an earlier run was interrupted while it created an access role, and {} have appeared since",
        count(begun.len(), "unfinished one")
    );
    only(&begun, &why)
}

/// Tells an access role whose set-up was never finished in one line.
pub(crate) fn unfinished_line(role: &AccessRole) -> String {
    let created = role.created.map(|at| format!(", created {}", at.strftime("%F %T UTC")));
    format!(
        "{}{}, external ID {}, not authorized yet",
        role.role_id,
        created.unwrap_or_default(),
        role.external_id
    )
}

/// Returns the ID of the access role that the setting names and that is no longer there.
pub(crate) fn gone_access_role<'a>(setting: &'a AwsKmsSetting, access_roles: &[AccessRole]) -> Option<&'a str> {
    let named = setting.role_id.as_deref().filter(|_| setting.enabled)?;
    let is_there = |role: &AccessRole| role.role_id == named;
    (!access_roles.iter().any(is_there)).then_some(named)
}

/// An external ID in a trust policy that no access role of the project has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OldExternalId {
    /// Of an access role of this project that was deleted.
    OfThisProject(String),
    /// Whose it is, nothing shows: another project's looks the same, and its clusters would stop without it.
    OfWhomever(String),
}

/// Returns the only external ID in a trust policy, of those that Atlas's statements demand, that no access role of the
/// project has.
pub(crate) fn old_external_id(
    role: &IamRole,
    project_id: &str,
    setting: &AwsKmsSetting,
    access_roles: &[AccessRole],
) -> Option<OldExternalId> {
    let mut principals: Vec<_> = access_roles
        .iter()
        .map(|known| known.atlas_aws_account_arn.clone())
        .collect();
    if principals.is_empty() {
        principals = policy::external_id_principals(&role.trust);
    }
    let mut unknown: Vec<String> = principals
        .iter()
        .flat_map(|principal| policy::external_ids(&role.trust, principal))
        .filter(|external_id| access_roles.iter().all(|known| known.external_id != *external_id))
        .collect();
    unknown.sort();
    unknown.dedup();
    let [old] = unknown.as_slice() else {
        return None;
    };
    let is_this_projects = gone_access_role(setting, access_roles).is_some()
        || role.description.as_deref() == Some(&*role_description(project_id));
    Some(if is_this_projects {
        OldExternalId::OfThisProject(old.clone())
    } else {
        OldExternalId::OfWhomever(old.clone())
    })
}

/// Returns the access roles that belong to an IAM role: those that point to it, of several those that it trusts; where
/// none points to it, those that it trusts.
fn of_iam_role<'a>(
    observed: &ObservedState,
    access_roles: &'a [AccessRole],
    chosen: &RoleChoice,
) -> Vec<&'a AccessRole> {
    let lookup = observed
        .chosen_role
        .as_ref()
        .filter(|lookup| lookup.of == chosen.name());
    let role = match lookup.map(|lookup| &lookup.found) {
        Some(Fetched::Known(found)) => found.as_ref().map(|found| &found.role),
        // It can't be read; what Atlas says of it can.
        Some(Fetched::Failed(_)) => None,
        // What the list shows of it is as good: its policies don't matter here.
        Some(Fetched::Looking | Fetched::NotLooked) | None => match listed(observed, chosen.name()) {
            Some(role) => Some(role),
            None => return Vec::new(),
        },
    };
    let is_trusted = |candidate: &&AccessRole| {
        role.is_some_and(|role| {
            policy::external_ids(&role.trust, &candidate.atlas_aws_account_arn).contains(&candidate.external_id)
        })
    };
    let points_to_it = |candidate: &&AccessRole| {
        let arn = candidate.iam_role_arn.as_ref();
        arn.is_some_and(|arn| role.map_or_else(|| is_to_be(observed, chosen, arn), |role| role.arn == *arn))
    };
    let pointing: Vec<_> = access_roles.iter().filter(points_to_it).collect();
    let trusted = |among: &[&'a AccessRole]| among.iter().copied().filter(is_trusted).collect::<Vec<_>>();
    match pointing.as_slice() {
        [] => access_roles.iter().filter(is_trusted).collect(),
        [_] => pointing,
        several => Some(trusted(several)).filter(|few| !few.is_empty()).unwrap_or(pointing),
    }
}

fn listed<'a>(observed: &'a ObservedState, name: &str) -> Option<&'a IamRole> {
    observed.iam_roles.known()?.iter().find(|role| role.name == name)
}

/// Returns whether an ARN will be that of an IAM role that isn't there yet: one that was deleted behind its access role.
fn is_to_be(observed: &ObservedState, chosen: &RoleChoice, arn: &RoleArn) -> bool {
    match chosen {
        RoleChoice::Existing { arn: wanted, .. } => arn == wanted,
        RoleChoice::Named { name, path, .. } => observed.aws_identity.known().is_some_and(|operator| {
            let place = (arn.partition(), arn.account(), arn.path(), arn.name());
            place
                == (
                    operator.partition.as_str(),
                    operator.account.as_str(),
                    path.as_str(),
                    name.as_str(),
                )
        }),
    }
}

fn only<'a>(candidates: &[&'a AccessRole], why: &str) -> Result<Option<&'a AccessRole>, Problem> {
    match candidates {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        several => {
            let ids: Vec<_> = several.iter().map(|role| role.role_id.as_str()).collect();
            Err(Problem::prerequisite(format!("{why}: {}", ids.join(", ")))
                .hint("pick one on the Role screen, or delete those that nobody needs in Atlas under Integrations"))
        }
    }
}

/// Returns the key that an earlier run created and that isn't found by the alias wanted, yet or because the run was
/// interrupted. One that got another alias, or was scheduled for deletion since, is none.
///
/// # Errors
/// Several keys carry the mark of an interrupted creation, or it can't be looked for now: a second key would be created.
pub(crate) fn interrupted_key<'a>(observed: &'a ObservedState, alias: &str) -> Result<Option<&'a Key>, Problem> {
    let is_ours = |key: &&Key| {
        let is_named = key.aliases.is_empty() || key.aliases.iter().any(|own| own == alias);
        is_named && key.state != "PendingDeletion"
    };
    let mut found = Vec::new();
    for unfinished in &observed.unfinished {
        match unfinished {
            Unfinished::Key { found: keys, .. } => match keys {
                Fetched::Known(keys) => found.extend(keys.iter().filter(is_ours)),
                Fetched::Failed(problem) => return Err(problem.clone()),
                Fetched::NotLooked | Fetched::Looking => {
                    return Err(Problem::internal(
                        "an interrupted creation of a key wasn't looked at yet",
                    ));
                }
            },
            Unfinished::AccessRole { .. } => {}
        }
    }
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        several => {
            let ids: Vec<_> = several.iter().map(|key| key.id()).collect();
            Err(Problem::prerequisite(format!(
                "{} carry the mark of an interrupted creation: {}",
                count(several.len(), "key"),
                ids.join(", ")
            ))
            .hint("choose the one that is to be used by its ID, and delete the others when nothing uses them"))
        }
    }
}
