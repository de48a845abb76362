//! What the project's encryption setting holds now doesn't stand in the way.

use super::subject::{self, NotTold, Subject, read};
use super::{About, Check};
use crate::domain::key::same_key;
use crate::domain::project::{AwsKmsSetting, EncryptionSetting};
use crate::domain::text::safe_line;
use crate::observe::ObservedState;
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
        return ABOUT.failed(
            format!(
                "the key in use ({in_use}) isn't valid: Atlas can't reach it and shuts the encrypted clusters down"
            ),
            "first restore it: cancel its deletion, enable it, let the IAM role use it; then look again. Until then \
             neither the key nor the setting can be changed",
        );
    }
    if let Some(id) = &aws.access_key_id {
        return ABOUT.failed(
            format!(
                "the key in use ({in_use}) is reached with the credentials of an IAM user ({})",
                shortened(id)
            ),
            "the move to an IAM role can't be undone and isn't offered yet",
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
        ABOUT.failed(
            format!("the project uses the key {in_use}, chosen is {wanted}"),
            "choose the key in use. A change of key isn't offered yet: it means an initial sync of every encrypted \
             cluster, and the old key must stay for the snapshots that need it",
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
    if choices.region.is_some_and(|chosen| aws.region != Some(chosen)) {
        return Some(ABOUT.failed(
            format!(
                "the project uses the key in {}, chosen is another region",
                safe_line(&region)
            ),
            format!("choose {}. A change of region isn't offered yet", safe_line(&region)),
        ));
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
