//! Aliases.

use serde_json::{Value, json};

use super::super::super::world::{KeyState, KmsKey};
use super::super::failure::Failure;
use super::lookup::{Names, check_state};
use super::{Call, seconds};

const PER_KEY: usize = 50;

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Failure> {
    call.check_rights("ListAliases", "*")?;
    let only = match call.text("KeyId") {
        None => None,
        Some(_) => Some(call.position("KeyId", Names::OfKeys)?),
    };
    let aws = &call.world.aws;
    let only = only.and_then(|index| aws.keys.get(index));
    let meant = |key: &&KmsKey| {
        key.account == call.identity.account && key.region == call.region && only.is_none_or(|only| key.arn == only.arn)
    };
    let mut aliases: Vec<(&str, &KmsKey)> = aws
        .keys
        .iter()
        .filter(meant)
        .flat_map(|key| key.aliases.iter().map(move |alias| (alias.as_str(), key)))
        .collect();
    aliases.sort_unstable_by_key(|(alias, _)| *alias);
    let show = |(alias, key): &(&str, &KmsKey)| {
        json!({
            "AliasArn": format!("arn:{}:kms:{}:{}:{alias}", aws.partition, key.region, key.account),
            "AliasName": alias,
            "CreationDate": seconds(key.created),
            "LastUpdatedDate": seconds(key.created),
            "TargetKeyId": key.id,
        })
    };
    Ok(call.page(&aliases, 100, |(alias, _)| alias, show)?.named("Aliases"))
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Value, Failure> {
    let alias = call.required("AliasName")?;
    check_name(&alias)?;
    let account = &call.identity.account;
    let arn = format!("arn:{}:kms:{}:{account}:{alias}", call.world.aws.partition, call.region);
    call.check_rights("CreateAlias", &arn)?;
    let in_region = |key: &&KmsKey| key.account == *account && key.region == call.region;
    let mut keys = call.world.aws.keys.iter().filter(in_region);
    let taken = keys.any(|key| key.aliases.contains(&alias));
    let key = call.key("TargetKeyId", Names::OfKeys, "CreateAlias")?;
    check_state(
        key,
        &[
            KeyState::Enabled,
            KeyState::Disabled,
            KeyState::PendingImport,
            KeyState::Updating,
            KeyState::Unavailable,
        ],
    )?;
    if taken {
        let message = format!("An alias with the name {arn} already exists");
        return Err(Failure::bad_request("AlreadyExistsException", message));
    }
    if key.aliases.len() >= PER_KEY {
        return Err(Failure::bad_request(
            "LimitExceededException",
            format!("A key can have {PER_KEY} aliases"),
        ));
    }
    key.aliases.push(alias);
    Ok(Value::Null)
}

fn check_name(alias: &str) -> Result<(), Failure> {
    let Some(name) = alias.strip_prefix("alias/") else {
        return Err(Failure::bad_request("ValidationException", "Invalid identifier"));
    };
    if alias.starts_with("alias/aws/") {
        return Err(Failure::bad_request(
            "NotAuthorizedException",
            "The alias prefix alias/aws/ is reserved.",
        ));
    }
    if name.is_empty() || name.len() > 256 {
        let constraint = "Member must have length less than or equal to 256";
        return Err(Failure::constraint(
            "ValidationException",
            alias,
            "aliasName",
            constraint,
        ));
    }
    if name.contains(':') {
        let message = format!("{alias} contains invalid characters for an alias");
        return Err(Failure::bad_request("InvalidAliasNameException", message));
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || "/_-".contains(c)) {
        let constraint = "Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$";
        return Err(Failure::constraint(
            "ValidationException",
            alias,
            "aliasName",
            constraint,
        ));
    }
    Ok(())
}
