//! Keys: the list, and new ones.

use serde_json::{Value, json};

use super::super::super::world::{KeyState, KmsKey, Lagging, default_key_policy};
use super::super::failure::Failure;
use super::describe::metadata;
use super::{Call, policy, tags};

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Failure> {
    let aws = &call.world.aws;
    let own = |key: &&KmsKey| key.account == aws.account && key.region == call.region && key.unseen == 0;
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
    let (account, partition) = (call.world.aws.account.clone(), call.world.aws.partition.clone());
    let policy = match call.text("Policy") {
        None => default_key_policy(&partition, &account),
        Some(text) => {
            let text = text.to_owned();
            policy::check(call, &text, "*")?;
            text
        }
    };
    let multi_region = call
        .body
        .get("MultiRegion")
        .and_then(Value::as_bool)
        .unwrap_or_default();
    let (spec, usage, origin) = (spec.to_owned(), usage.to_owned(), origin.to_owned());
    let description = description.to_owned();
    let id = if multi_region {
        call.world.ids.multi_region_key()
    } else {
        call.world.ids.uuid()
    };
    let key = KmsKey {
        arn: format!("arn:{partition}:kms:{}:{account}:key/{id}", call.region),
        id,
        account,
        region: call.region.to_owned(),
        aliases: Vec::new(),
        description,
        state: if origin == "EXTERNAL" {
            KeyState::PendingImport
        } else {
            KeyState::Enabled
        },
        spec,
        usage,
        origin,
        manager: "CUSTOMER".to_owned(),
        multi_region,
        rotation_days: None,
        created: call.now,
        deletion: None,
        policy: Lagging::settled(policy),
        tags,
        unseen: call.world.propagation.new_key,
    };
    let answer = json!({ "KeyMetadata": metadata(&key) });
    call.world.aws.keys.push(key);
    Ok(answer)
}
