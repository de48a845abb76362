//! Which key is meant: id, ARN, alias or an alias's ARN.

use super::super::super::world::{AwsWorld, KeyState, KmsKey};
use super::super::failure::Failure;
use super::{Call, denied};

/// What a call takes as the name of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// Id and ARN.
    OfKeys,
    /// Aliases too.
    OfKeysAndAliases,
}

/// The calls that a key of another account answers to.
const ACROSS_ACCOUNTS: [&str; 4] = ["DescribeKey", "Encrypt", "GetKeyRotationStatus", "ListGrants"];

/// The calls that change a key, which nobody may do with AWS's own.
const CHANGES: [&str; 9] = [
    "CancelKeyDeletion",
    "CreateAlias",
    "DisableKey",
    "DisableKeyRotation",
    "EnableKey",
    "EnableKeyRotation",
    "PutKeyPolicy",
    "ScheduleKeyDeletion",
    "TagResource",
];

impl Call<'_> {
    /// Finds the key that the call is about, if the caller may do this with it.
    pub(super) fn key(&mut self, field: &str, names: Names, action: &str) -> Result<&mut KmsKey, Failure> {
        let index = self.position(field, names)?;
        let given = self.required(field)?;
        let gone = || does_not_exist(&given);
        let key = self.world.aws.keys.get(index).ok_or_else(gone)?;
        let action_name = format!("kms:{action}");
        if key.account != self.identity.account && !ACROSS_ACCOUNTS.contains(&action) {
            return Err(denied(self.rights.refusal(&action_name, &key.arn)));
        }
        self.rights.check_key(self.world, key, &action_name).map_err(denied)?;
        if key.manager == "AWS" && CHANGES.contains(&action) {
            return Err(denied(self.rights.refusal(&action_name, &key.arn)));
        }
        self.world.aws.keys.get_mut(index).ok_or_else(gone)
    }

    /// Finds the key that the call names, whatever the caller may do with it.
    pub(super) fn position(&self, field: &str, names: Names) -> Result<usize, Failure> {
        let given = self.required(field)?;
        find(&self.world.aws, &self.identity.account, &given, self.region, names)
    }
}

fn find(aws: &AwsWorld, own_account: &str, given: &str, region: &str, names: Names) -> Result<usize, Failure> {
    let position = |wanted: &dyn Fn(&KmsKey) -> bool| aws.keys.iter().position(wanted);
    if let Some(rest) = given.strip_prefix("arn:") {
        let parts: Vec<&str> = rest.splitn(5, ':').collect();
        let [_, "kms", arn_region, account, resource] = parts.as_slice() else {
            return Err(Failure::bad_request(
                "InvalidArnException",
                format!("{given} is not a valid ARN"),
            ));
        };
        if *arn_region != region {
            return Err(not_found(format!("Invalid arn {arn_region}")));
        }
        if resource.starts_with("alias/") && names == Names::OfKeysAndAliases {
            let wanted = |key: &KmsKey| {
                key.region == region && key.account == *account && key.aliases.iter().any(|alias| alias == resource)
            };
            return position(&wanted).ok_or_else(|| not_found(format!("Alias {given} is not found.")));
        }
        return position(&|key| key.arn == given).ok_or_else(|| does_not_exist(given));
    }
    let own = |key: &KmsKey| key.region == region && key.account == own_account;
    if given.starts_with("alias/") {
        let arn = format!("arn:{}:kms:{region}:{}:{given}", aws.partition, own_account);
        if names == Names::OfKeys {
            return Err(not_found(format!("Invalid keyId '{given}'")));
        }
        return position(&|key| own(key) && key.aliases.iter().any(|alias| alias == given))
            .ok_or_else(|| not_found(format!("Alias {arn} is not found.")));
    }
    let looks_like_id = given.starts_with("mrk-") || (given.len() == 36 && given.matches('-').count() == 4);
    position(&|key| own(key) && key.id == given).ok_or_else(|| {
        if looks_like_id {
            let arn = format!("arn:{}:kms:{region}:{}:key/{given}", aws.partition, own_account);
            does_not_exist(&arn)
        } else {
            not_found(format!("Invalid keyId '{given}'"))
        }
    })
}

pub(super) fn not_found(message: String) -> Failure {
    Failure::bad_request("NotFoundException", message)
}

pub(super) fn does_not_exist(key: &str) -> Failure {
    not_found(format!("Key '{key}' does not exist"))
}

/// Refuses a call that a key's state forbids.
pub(super) fn check_state(key: &KmsKey, allowed: &[KeyState]) -> Result<(), Failure> {
    if allowed.contains(&key.state) {
        return Ok(());
    }
    let state = match key.state {
        KeyState::Disabled => {
            return Err(Failure::bad_request(
                "DisabledException",
                format!("{} is disabled.", key.arn),
            ));
        }
        KeyState::PendingDeletion => "is pending deletion.",
        KeyState::PendingReplicaDeletion => "is pending replica deletion.",
        KeyState::PendingImport => "is pending import.",
        KeyState::Creating => "is being created.",
        KeyState::Unavailable => "is unavailable.",
        KeyState::Enabled | KeyState::Updating => "is not in a state for this.",
    };
    Err(Failure::bad_request(
        "KMSInvalidStateException",
        format!("{} {state}", key.arn),
    ))
}
