//! Keys: the list, and new ones.

use serde_json::{Value, json};

use super::super::super::policy::Context;
use super::super::super::world::{KeyState, KmsKey, Lagging, default_key_policy};
use super::super::failure::Failure;
use super::describe::metadata;
use super::{Call, denied, policy, tags};

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Failure> {
    call.check_rights("ListKeys", "*")?;
    let aws = &call.world.aws;
    let account = &call.identity.account;
    let own = |key: &&KmsKey| key.account == *account && key.region == call.region && key.unseen == 0;
    let mut keys: Vec<&KmsKey> = aws.keys.iter().filter(own).collect();
    keys.sort_by(|one, other| one.id.cmp(&other.id));
    let show = |key: &&KmsKey| json!({ "KeyArn": key.arn, "KeyId": key.id });
    let page = call.page(&keys, 1000, |key| &key.id, show)?;
    for key in &mut call.world.aws.keys {
        key.unseen = key.unseen.saturating_sub(1);
    }
    Ok(page.named("Keys"))
}

/// Makes a key; each call makes another one.
pub(super) fn create(call: &mut Call<'_>) -> Result<Value, Failure> {
    let spec = call
        .text("KeySpec")
        .or_else(|| call.text("CustomerMasterKeySpec"))
        .unwrap_or("SYMMETRIC_DEFAULT");
    let usage = call.text("KeyUsage").unwrap_or("ENCRYPT_DECRYPT");
    if spec != "SYMMETRIC_DEFAULT" && call.text("KeyUsage").is_none() {
        return Err(Failure::bad_request(
            "ValidationException",
            "You must specify a KeyUsage value for asymmetric keys.",
        ));
    }
    if spec == "SYMMETRIC_DEFAULT" && usage != "ENCRYPT_DECRYPT" {
        let message = format!("KeyUsage {usage} is not compatible with KeySpec {spec}");
        return Err(Failure::bad_request("ValidationException", message));
    }
    let origin = call.text("Origin").unwrap_or("AWS_KMS");
    let description = call.text("Description").unwrap_or_default();
    if description.chars().count() > 8192 {
        let constraint = "Member must have length less than or equal to 8192";
        return Err(Failure::constraint(
            "ValidationException",
            "…",
            "description",
            constraint,
        ));
    }
    let tags = tags::read(call.body)?;
    let tagging = Context::default()
        .with_tags("aws:RequestTag", &tags)
        .with_all("aws:TagKeys", tags.iter().map(|(name, _)| name.clone()))
        .with("kms:KeySpec", spec)
        .with("kms:KeyUsage", usage);
    let permit = |action: &str, resource: &str| call.rights.check(action, resource, resource, tagging.clone());
    permit("kms:CreateKey", "*").map_err(denied)?;
    let multi_region = call
        .body
        .get("MultiRegion")
        .and_then(Value::as_bool)
        .unwrap_or_default();
    let id = if multi_region {
        call.world.ids.multi_region_key()
    } else {
        call.world.ids.uuid()
    };
    let (account, partition) = (&call.identity.account, &call.world.aws.partition);
    let arn = format!("arn:{partition}:kms:{}:{account}:key/{id}", call.region);
    if !tags.is_empty() {
        permit("kms:TagResource", &arn).map_err(denied)?;
    }
    let policy = call.text("Policy").map(str::to_owned);
    let creating = call.world.propagation.creating_key;
    let key = KmsKey {
        arn,
        id,
        region: call.region.to_owned(),
        aliases: Vec::new(),
        description: description.to_owned(),
        state: if origin == "EXTERNAL" {
            KeyState::PendingImport
        } else if creating > 0 {
            KeyState::Creating
        } else {
            KeyState::Enabled
        },
        spec: spec.to_owned(),
        usage: usage.to_owned(),
        origin: origin.to_owned(),
        manager: "CUSTOMER".to_owned(),
        multi_region,
        replica_of: None,
        rotation_days: None,
        created: call.now,
        deletion: None,
        policy: Lagging::settled(policy.clone().unwrap_or_else(|| default_key_policy(partition, account))),
        grants: Vec::new(),
        account: account.clone(),
        tags,
        unseen: call.world.propagation.new_key,
        creating,
    };
    if let Some(policy) = policy {
        policy::check(call, &policy, &key)?;
    }
    let answer = json!({ "KeyMetadata": metadata(&call.world.aws, &key) });
    call.world.aws.keys.push(key);
    Ok(answer)
}
