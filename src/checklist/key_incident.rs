//! The key in use isn't disabled and isn't about to be deleted: else the encrypted clusters stop.

use super::subject::{Unread, read};
use super::{About, Check};
use crate::domain::key::{Key, same_key};
use crate::domain::text::safe_line;
use crate::observe::ObservedState;

const ABOUT: About = About {
    id: "key-incident",
    why: "Atlas checks the key every 15 minutes. While it is disabled or pending deletion, Atlas shuts the encrypted clusters \
          down, and neither the key nor the setting can be changed.",
    blocks: "everything",
};

pub(super) fn check(observed: &ObservedState) -> Check {
    let setting = match read(&observed.setting) {
        Ok(setting) => setting,
        Err(why) => return ABOUT.unread("the project's encryption setting", why),
    };
    let Some(in_use) = setting.aws.key.as_deref().filter(|_| setting.aws.enabled) else {
        return ABOUT.passed("no key in AWS is in use");
    };
    match key_in_use(observed, in_use) {
        Ok(Some(key)) => judge(key),
        Ok(None) => ABOUT.unknown(
            format!(
                "the key in use ({}) isn't found in this account and region",
                safe_line(in_use)
            ),
            "sign in to the key's account (--aws-profile), or ask its owner for the key's state",
        ),
        Err(why) => ABOUT.unread("the key in use", why),
    }
}

/// Returns the key in use: looked up as such, or as the chosen one.
fn key_in_use<'a>(observed: &'a ObservedState, in_use: &str) -> Result<Option<&'a Key>, Unread<'a>> {
    let lookup = observed.key_in_use.as_ref().filter(|lookup| lookup.of == in_use);
    let found = lookup.map_or(Err(Unread::NotYet), |lookup| read(&lookup.found));
    if let Ok(Some(key)) = found {
        return Ok(Some(key));
    }
    let chosen = observed
        .chosen_key
        .as_ref()
        .and_then(|lookup| lookup.found.known()?.as_ref());
    match chosen.filter(|key| same_key(in_use, &key.arn)) {
        Some(key) => Ok(Some(key)),
        None => found.map(Option::as_ref),
    }
}

fn judge(key: &Key) -> Check {
    let (id, region) = (key.id(), key.arn.region_name());
    let enable = format!("enable it: aws kms enable-key --key-id {id} --region {region}");
    let look = "look again: Atlas must say that the key is valid";
    let consequence = "Atlas shuts the encrypted clusters down at its next check";
    match key.state.as_str() {
        "Disabled" => ABOUT.failed(
            format!("the key in use ({}) is disabled: {consequence}", key.arn),
            format!("1. {enable}; 2. {look}"),
        ),
        "PendingDeletion" => {
            let when = key.deletion.map_or(String::new(), |at| format!(" on {at}"));
            ABOUT.failed(
                format!("the key in use ({}) will be deleted{when}: {consequence}", key.arn),
                format!(
                    "1. cancel the deletion, which leaves it disabled: aws kms cancel-key-deletion --key-id {id} --region \
                     {region}; 2. {enable}; 3. {look}"
                ),
            )
        }
        Key::UNREADABLE => ABOUT.unknown(
            format!("the state of the key in use ({}) isn't told to you", key.arn),
            "let kms:DescribeKey be allowed to you, or ask its owner for the key's state",
        ),
        "Enabled" => ABOUT.passed(format!("the key in use ({}) is enabled", key.arn)),
        state => ABOUT.warning(
            format!("the key in use ({}) is in state {}", key.arn, safe_line(state)),
            "look at it in AWS: Atlas needs it Enabled",
        ),
    }
}
