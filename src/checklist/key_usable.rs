//! Atlas can use the key: its kind, its state, who manages it.

use super::subject::{self, Subject, Unread};
use super::{About, Check};
use crate::domain::key::Key;
use crate::domain::text::safe_line;
use crate::observe::ObservedState;
use crate::plan::recognize::interrupted_key;
use crate::plan::{Choices, KeyChoice, NewKeySettings};

const ABOUT: About = About {
    id: "key-usable",
    why: "Atlas needs a customer-managed symmetric key for encryption that is enabled. If it isn't, Atlas shuts the \
          encrypted clusters down.",
    blocks: "the plan",
};

pub(super) fn check(observed: &ObservedState, choices: &Choices) -> Check {
    let region = choices
        .region
        .map_or_else(String::new, |region| format!(" in {region}"));
    let choice = choices.key.as_ref();
    match (subject::key(observed, choices), choice) {
        (Subject::NotChosen, _) | (_, None) => ABOUT.unknown("no key chosen yet", "choose a key, or create one"),
        (Subject::Unread(why), Some(choice)) => ABOUT.unread(&format!("the key {}", choice.key_ref()), why),
        (Subject::Missing, Some(choice)) => ABOUT.failed(
            format!("there is no key {}{region} in this account", choice.key_ref()),
            "look at region and account; or choose another key, or let one be created ([key] alias and create = true)",
        ),
        (Subject::ToCreate, Some(KeyChoice::CreateUnlessThere(settings)))
            if let Err(problem) = interrupted_key(observed, &settings.alias) =>
        {
            ABOUT.unread_or_refused("the key of an interrupted run", Unread::Failed(&problem))
        }
        (Subject::ToCreate, Some(choice)) => ABOUT.passed(format!(
            "there is no {}{region} yet; it will be created: {}",
            choice.key_ref(),
            match choice {
                KeyChoice::CreateUnlessThere(settings) => describe_new(settings),
                KeyChoice::Existing(_) => String::new(),
            }
        )),
        (Subject::Found(key), Some(choice)) => judge(observed, choices, key, choice),
    }
}

fn judge(observed: &ObservedState, choices: &Choices, key: &Key, choice: &KeyChoice) -> Check {
    let reasons = key.unusable_because();
    let account = match &choices.role {
        Some(crate::plan::RoleChoice::Existing { arn, .. }) => Some(arn.account()),
        _ => observed.aws_identity.known().map(|identity| identity.account.as_str()),
    };
    let is_elsewhere = account.is_some_and(|account| account != key.arn.account());
    if key.state == Key::UNREADABLE && (is_elsewhere || choices.aws_half.is_some()) {
        return ABOUT.unknown(
            format!(
                "{} is in account {}, and kms:DescribeKey isn't allowed to you on it",
                key.arn,
                key.arn.account()
            ),
            "ask the key's owner whether it is enabled, symmetric and for encryption, and whether its key policy lets the \
             IAM role in; Atlas tries it when it is enabled for the project",
        );
    }
    if !reasons.is_empty() {
        return ABOUT.failed(format!("{}: {}", named(key), reasons.join(", ")), fix(key));
    }
    let found = format!(
        "{}: {}, {}, {}, rotation {}",
        named(key),
        key.state,
        key.spec,
        key.usage,
        key.rotation
    );
    let mut looks = Vec::new();
    if let KeyChoice::CreateUnlessThere(settings) = choice {
        if choice.key_ref().names(key) {
            looks.extend(settings.deviations(key));
        } else {
            looks.push("An interrupted run created it; it gets its alias now.".to_owned());
        }
    }
    if is_elsewhere {
        looks.push(format!(
            "It is in account {}, another than the IAM role's.",
            key.arn.account()
        ));
        return ABOUT.warning(
            format!("{found}. {}", looks.join(" ")),
            "its key policy must allow the IAM role (or its account) kms:DescribeKey, kms:Encrypt and kms:Decrypt: ask \
             the key's owner",
        );
    }
    if looks.is_empty() {
        ABOUT.passed(found)
    } else {
        ABOUT.warning(format!("{found}. {}", looks.join(" ")), "nothing, if that is meant")
    }
}

/// Returns alias and ARN of a key.
fn named(key: &Key) -> String {
    match key.aliases.first() {
        Some(alias) => format!("{} ({})", safe_line(alias), key.arn),
        None => key.arn.to_string(),
    }
}

/// Returns how to make the key usable, where it can be made so.
fn fix(key: &Key) -> String {
    let lasting = key.manager != "CUSTOMER" || key.spec != "SYMMETRIC_DEFAULT" || key.usage != "ENCRYPT_DECRYPT";
    let (id, region) = (key.id(), key.arn.region_name());
    let enable = format!("aws kms enable-key --key-id {id} --region {region}");
    match key.state.as_str() {
        _ if lasting => "choose another key, or create one".to_owned(),
        "Disabled" => format!("enable it: {enable}"),
        "PendingDeletion" => format!(
            "cancel the deletion, which leaves it disabled, then enable it: aws kms cancel-key-deletion --key-id {id} \
             --region {region}, then {enable}"
        ),
        "PendingImport" => "import its key material, or choose another key".to_owned(),
        "Creating" | "Updating" => "wait a moment and look again".to_owned(),
        _ => "choose another key, or create one".to_owned(),
    }
}

fn describe_new(settings: &NewKeySettings) -> String {
    let rotation = match settings.rotation_days {
        Some(days) => format!("rotated every {days} days"),
        None => "not rotated".to_owned(),
    };
    let reach = if settings.multi_region {
        "multi-Region"
    } else {
        "single-Region"
    };
    format!("SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT, {reach}, {rotation}")
}
