//! What the project's encryption setting holds now doesn't stand in the way.

use super::subject::{self, NotTold, Subject, read};
use super::{About, Check, Status};
use crate::domain::key::same_key;
use crate::domain::policy::{Access, AtlasSide, Entry, Obstacle, Place};
use crate::domain::project::{AwsKmsSetting, EncryptionSetting};
use crate::domain::text::safe_line;
use crate::observe::ObservedState;
use crate::plan::permission::{Surroundings, key_side};
use crate::plan::{AccessRoleChoice, Choices};

const ABOUT: About = About {
    id: "existing-setting",
    why: "A project has one key in AWS. Another key, IAM role or region in use means re-encrypting what is there, and \
          without a valid key nothing can be changed.",
    blocks: "the plan",
};

pub(super) fn check(observed: &ObservedState, choices: &Choices) -> Check {
    let setting = match read(&observed.setting) {
        Ok(setting) => setting,
        Err(why) => return ABOUT.unread("the project's encryption setting", why),
    };
    let aws = &setting.aws;
    if !aws.enabled {
        return ABOUT.passed(format!("no key in AWS is set up for the project{}", others(setting)));
    }
    let in_use = aws.key.as_deref().map_or("not told".into(), safe_line);
    if aws.valid == Some(false) {
        let obstacle = in_the_way(observed, setting);
        let because = obstacle.as_ref().map_or(String::new(), |obstacle| {
            format!(". What stands in the way: {}", safe_line(&obstacle.to_string()))
        });
        let found = format!(
            "the key in use ({in_use}) isn't valid: Atlas can't reach it and shuts the encrypted clusters down{because}"
        );
        if obstacle.is_some_and(|obstacle| is_mended(observed, choices, setting, &obstacle)) {
            return ABOUT.warning(
                found,
                "the plan adds what lacks, then waits until Atlas says that the key is valid",
            );
        }
        return ABOUT.failed(
            found,
            "first restore it: cancel its deletion, enable it, let the IAM role use it; then look again. Until then \
             neither the key nor the setting can be changed",
        );
    }
    if let Some(id) = &aws.access_key_id {
        let kept = match other_key(observed, choices, aws) {
            Some(Check {
                status: Status::Failed,
                found,
                fix,
                ..
            }) => return ABOUT.failed(found, fix),
            Some(other) => format!("; {}", other.found),
            None => "; the key stays, and the IAM role gets it first".to_owned(),
        };
        return ABOUT.warning(
            format!(
                "the key in use ({in_use}) is reached with the credentials of an IAM user ({}){kept}",
                shortened(id)
            ),
            "the plan moves the project to an IAM role; that can't be undone",
        );
    }
    if let Some(refusal) = other_key(observed, choices, aws) {
        return refusal;
    }
    access_role(observed, choices, setting)
}

/// Judges the key and its region against the chosen ones; `None`: they are the same.
fn other_key(observed: &ObservedState, choices: &Choices, aws: &AwsKmsSetting) -> Option<Check> {
    let in_use = aws.key.as_deref().map_or("not told".into(), safe_line);
    let change = |wanted: &str| {
        ABOUT.warning(
            format!("the project uses the key {in_use}, chosen is {wanted}"),
            "a change of key means an initial sync of every encrypted cluster. Keep the old key: snapshots need the key that \
             they were taken with",
        )
    };
    let key = match subject::key(observed, choices) {
        Subject::Found(key) => key,
        Subject::ToCreate => return Some(change("one that would be created")),
        Subject::NotChosen => {
            return Some(ABOUT.unknown(
                format!("the project uses the key {in_use}; no key chosen yet"),
                "choose that key",
            ));
        }
        Subject::Unread(_) | Subject::Missing => {
            return Some(ABOUT.unknown(
                format!("the project uses the key {in_use}; the chosen one isn't known yet"),
                "",
            ));
        }
    };
    if !aws.key.as_deref().is_some_and(|now| same_key(now, &key.arn)) {
        return Some(change(key.arn.as_str()));
    }
    let region = aws.region.map_or_else(
        || aws.region_name.clone().unwrap_or_default(),
        |region| region.to_string(),
    );
    if let Some(chosen) = choices.region.filter(|chosen| aws.region != Some(*chosen)) {
        let found = format!("the project uses the key in {}, chosen is {chosen}", safe_line(&region));
        return Some(if key.multi_region {
            ABOUT.warning(
                found,
                "only the region changes: the replica there has the same key material",
            )
        } else {
            ABOUT.failed(
                found,
                format!(
                    "choose {}: this is a single-Region key, which has no replica and can't get one",
                    safe_line(&region)
                ),
            )
        });
    }
    None
}

/// Judges the access role and the IAM role behind it, once the key is the same.
fn access_role(observed: &ObservedState, choices: &Choices, setting: &EncryptionSetting) -> Check {
    let ours = match subject::access_role(observed, choices) {
        Ok(ours) => ours,
        Err(NotTold::Unread(why)) => return ABOUT.unread("the project's access roles", why),
        Err(NotTold::Undecided(problem)) => return ABOUT.failed_by(&problem),
    };
    let used = setting.aws.role_id.as_deref();
    if let (Some(used), AccessRoleChoice::Picked(picked)) = (used, &choices.access_role)
        && used != picked
    {
        return ABOUT.failed(
            format!(
                "the project uses the access role {}, picked is {picked}",
                safe_line(used)
            ),
            "take the access role in use. A change of access role isn't offered yet",
        );
    }
    let Some(ours) = ours.filter(|ours| used.is_none_or(|used| used == ours.role_id)) else {
        return ABOUT.failed(
            format!(
                "the project's access role {} isn't listed",
                used.map_or("".into(), safe_line)
            ),
            "look at the project's Integrations in Atlas: without its access role the key can't stay valid",
        );
    };
    let is = ours.iam_role_arn.as_ref();
    let chosen = choices.role.as_ref();
    match (is, chosen) {
        (Some(is), Some(chosen)) if is.name() != chosen.name() => ABOUT.warning(
            format!(
                "the access role {} in use points to {is}, chosen is {}",
                ours.role_id,
                chosen.name()
            ),
            format!(
                "the plan points it to the chosen IAM role, for all that uses it: {}",
                ours.features.join(", ")
            ),
        ),
        _ if setting.aws.valid.is_none() => ABOUT.warning(
            "this key is enabled, but Atlas doesn't tell whether it is valid",
            "look again in a minute",
        ),
        _ => ABOUT.passed(format!(
            "this key is enabled for the project already, and valid{}",
            others(setting)
        )),
    }
}

/// Returns whether the plan adds what lacks: a statement of the IAM role in use for the key in use, both chosen.
fn is_mended(observed: &ObservedState, choices: &Choices, setting: &EncryptionSetting, obstacle: &Obstacle) -> bool {
    let lacks = match obstacle.place {
        Place::TrustPolicy(_) | Place::InlinePolicy { .. } | Place::RolePolicies(_) | Place::ManagedPolicy(_) => true,
        Place::KeyPolicy(_) => choices.extend_key_policy,
        Place::Boundary(_) | Place::Key(_) => false,
    };
    let is_denied = obstacle
        .statement
        .as_ref()
        .is_some_and(|statement| statement["Effect"] == "Deny");
    lacks && !is_denied && obstacle.addresses.is_empty() && other_key(observed, choices, &setting.aws).is_none()
}

/// Returns the first thing that stands in Atlas's way now, where the IAM role and the key in use are the chosen ones.
fn in_the_way(observed: &ObservedState, setting: &EncryptionSetting) -> Option<Obstacle> {
    let used = setting.aws.role_id.as_deref();
    let ours = observed.access_roles.known()?.iter().find(|one| match used {
        Some(used) => one.role_id == used,
        None => one.serves_encryption(),
    })?;
    let role = observed.chosen_role.as_ref()?.found.known()?.as_ref()?;
    let role = Some(role).filter(|role| ours.iam_role_arn.as_ref() == Some(&role.role.arn))?;
    let key = observed.chosen_key.as_ref()?.found.known()?.as_ref()?;
    let key = Some(key).filter(|key| setting.aws.key.as_deref().is_some_and(|now| same_key(now, &key.arn)))?;
    let surroundings = Surroundings::of(observed);
    let access = Entry {
        atlas: Some(AtlasSide {
            principal: &ours.atlas_aws_account_arn,
            external_id: &ours.external_id,
        }),
        role,
        key: Some(key_side(observed, key)),
        arrival: surroundings.arrival(),
    }
    .judge();
    match access {
        Access::Stopped(obstacle) => Some(obstacle),
        Access::GetsIn | Access::Unknown(_) => None,
    }
}

fn others(setting: &EncryptionSetting) -> &'static str {
    match (setting.azure_enabled, setting.gcp_enabled) {
        (false, false) => "",
        (true, false) => "; Azure Key Vault is set up too and stays as it is",
        (false, true) => "; Google Cloud KMS is set up too and stays as it is",
        (true, true) => "; Azure Key Vault and Google Cloud KMS are set up too and stay as they are",
    }
}

/// Returns an access key ID as it may be shown: its first and last four characters.
fn shortened(id: &str) -> String {
    let chars: Vec<char> = id.chars().collect();
    if chars.len() < 12 {
        return "…".to_owned();
    }
    let (head, tail) = (&chars[..4], &chars[chars.len() - 4..]);
    safe_line(&format!(
        "{}…{}",
        head.iter().collect::<String>(),
        tail.iter().collect::<String>()
    ))
    .into_owned()
}
