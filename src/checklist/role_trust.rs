//! The IAM role trusts Atlas: the principal and the external ID that the access role names.

use super::subject::{self, NotTold, Subject, read};
use super::{About, Check};
use crate::domain::access_role::AccessRole;
use crate::domain::iam_role::{IamRole, IamRoleDetail};
use crate::domain::policy::{self, Access, AtlasSide, Entry, Verdict};
use crate::domain::text::safe_line;
use crate::observe::ObservedState;
use crate::plan::permission::{self, Surroundings};
use crate::plan::recognize::{OldExternalId, old_external_id};
use crate::plan::{Choices, RoleChoice};

const ABOUT: About = About {
    id: "role-trust",
    why: "Atlas can assume the IAM role only if its trust policy names Atlas's principal and the access role's external ID.",
    blocks: "the plan",
};

pub(super) fn check(observed: &ObservedState, choices: &Choices) -> Check {
    let choice = choices.role.as_ref();
    let name = choice.map_or("", RoleChoice::name);
    let detail = match subject::iam_role(observed, choices) {
        Subject::NotChosen => {
            return ABOUT.unknown("no IAM role chosen yet", "choose an IAM role, or let one be created");
        }
        Subject::Unread(why) => return ABOUT.unread(&format!("the IAM role {name}"), why),
        Subject::Missing => {
            let wanted = match choice {
                Some(RoleChoice::Existing { arn, .. }) => arn.to_string(),
                _ => name.to_owned(),
            };
            return ABOUT.failed(
                format!("there is no IAM role {wanted}"),
                "look at the name and at the AWS account; or give [role] name, with which it is created",
            );
        }
        Subject::ToCreate => None,
        Subject::Found(detail) => Some(detail),
    };
    if let (Some(RoleChoice::Existing { arn, .. }), Some(detail)) = (choice, detail)
        && detail.role.arn != *arn
    {
        return ABOUT.failed(
            format!("the IAM role of that name is {}, not {arn}", detail.role.arn),
            "look at the path in the ARN and at the AWS account",
        );
    }
    if let Some(detail) = detail.filter(|detail| detail.role.is_kept_by_aws()) {
        return ABOUT.failed(
            format!("{} is kept by AWS, which alone can change it", detail.role.arn),
            "choose another IAM role, or let one be created",
        );
    }
    let ours = match subject::access_role(observed, choices) {
        Ok(ours) => ours,
        Err(NotTold::Unread(why)) => return ABOUT.unread("the project's access roles", why),
        Err(NotTold::Undecided(problem)) => return ABOUT.failed_by(&problem),
    };
    let access_roles = read(&observed.access_roles).map(Vec::as_slice).unwrap_or_default();
    match detail {
        Some(detail) => {
            from_everywhere(observed, detail, ours).unwrap_or_else(|| judge(observed, &detail.role, ours, access_roles))
        }
        None => ABOUT.passed(match ours {
            Some(ours) => format!(
                "{name} will be created and trust exactly {} with external ID {} (access role {})",
                ours.atlas_aws_account_arn, ours.external_id, ours.role_id
            ),
            None => {
                format!("{name} will be created and trust exactly the principal and external ID of the new access role")
            }
        }),
    }
}

/// Judges a trust policy that asks for the address of a request, where Atlas's are known: `None`, it makes no difference.
fn from_everywhere(observed: &ObservedState, detail: &IamRoleDetail, ours: Option<&AccessRole>) -> Option<Check> {
    let ours = ours?;
    let surroundings = Surroundings::of(observed);
    let entry = Entry {
        atlas: Some(AtlasSide {
            principal: &ours.atlas_aws_account_arn,
            external_id: &ours.external_id,
        }),
        role: detail,
        key: None,
        arrival: surroundings.arrival(),
    };
    let name = &detail.role.name;
    match entry.trust() {
        Access::GetsIn => Some(ABOUT.passed(format!(
            "{name} trusts Atlas with external ID {} of access role {}",
            ours.external_id, ours.role_id
        ))),
        Access::Stopped(obstacle) if !obstacle.addresses.is_empty() => Some(ABOUT.warning(
            format!(
                "{name} trusts Atlas with external ID {} of access role {}, but not from all of its addresses",
                ours.external_id, ours.role_id
            ),
            "see ip-restrictions",
        )),
        Access::Stopped(_) | Access::Unknown(_) => None,
    }
}

fn judge(observed: &ObservedState, role: &IamRole, ours: Option<&AccessRole>, access_roles: &[AccessRole]) -> Check {
    let name = &role.name;
    let demanded = match ours {
        Some(ours) => format!("external ID {} of access role {}", ours.external_id, ours.role_id),
        None => "the external ID of the new access role".to_owned(),
    };
    match permission::trust_verdict(role, ours, access_roles) {
        Verdict::Allowed => ABOUT.passed(format!("{name} trusts Atlas with {demanded}")),
        Verdict::Denied { statement, why } => ABOUT.failed(
            format!(
                "{name} can't be assumed by Atlas: {why}: {}",
                safe_line(&statement.to_string())
            ),
            "take that Deny out of its trust policy, or choose another IAM role",
        ),
        Verdict::Unknown { why, .. } => ABOUT.unknown(
            format!("whether {name} trusts Atlas with {demanded} can't be told from its trust policy: {why}"),
            "the plan adds Atlas's statement where none gives it yet; Atlas's authorization is the proof",
        ),
        Verdict::NotAllowed { .. } => to_be_mended(observed, role, ours, access_roles, &demanded),
    }
}

/// Judges a trust policy that the plan gives one statement more, or another external ID in the place of an old one.
fn to_be_mended(
    observed: &ObservedState,
    role: &IamRole,
    ours: Option<&AccessRole>,
    access_roles: &[AccessRole],
    demanded: &str,
) -> Check {
    let name = &role.name;
    let plan = "the plan adds one statement; every statement that is there stays";
    let stand_in = String::from("<external ID, known after apply>");
    let principal = ours
        .or(access_roles.first())
        .map_or(stand_in.as_str(), |role| role.atlas_aws_account_arn.as_str());
    let external_id = ours.map_or(&stand_in, |ours| &ours.external_id);
    if let Err(error) = policy::merge_trust(&role.trust, principal, external_id) {
        return ABOUT.failed(
            format!("the trust policy of {name} can't be changed: {error}"),
            "mend it in IAM, or choose another IAM role",
        );
    }
    if let (Some(project), Some(setting)) = (observed.project.known(), observed.setting.known())
        && let Some(OldExternalId::OfThisProject(old)) = old_external_id(role, &project.id, &setting.aws, access_roles)
    {
        return ABOUT.warning(
            format!(
                "{name} trusts Atlas with external ID {}, of an access role that was deleted, but not with {demanded}",
                safe_line(&old)
            ),
            "the plan replaces the old external ID; every other statement stays",
        );
    }
    let others = other_ids(role, ours, access_roles);
    if others.is_empty() {
        return ABOUT.passed(format!("{name} doesn't trust Atlas yet with {demanded}; {plan}"));
    }
    ABOUT.warning(
        format!(
            "{name} trusts Atlas with {}, but not with {demanded}",
            others.join(" and ")
        ),
        format!("{plan}; take the old one out once nothing uses it"),
    )
}

/// Returns the external IDs under which the role trusts Atlas otherwise, each with the access role that it belongs to.
fn other_ids(role: &IamRole, ours: Option<&AccessRole>, access_roles: &[AccessRole]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for known in access_roles {
        for id in policy::external_ids(&role.trust, &known.atlas_aws_account_arn) {
            if !ids.contains(&id) && ours.is_none_or(|ours| ours.external_id != id) {
                ids.push(id);
            }
        }
    }
    let belongs = |id: &String| match access_roles.iter().find(|known| known.external_id == *id) {
        Some(known) => format!("external ID {id} of access role {}", known.role_id),
        None => format!("external ID {} (of no access role of this project)", safe_line(id)),
    };
    ids.iter().map(belongs).collect()
}
