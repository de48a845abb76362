//! Replicas of multi-Region keys.

use serde_json::{Value, json};

use super::super::super::policy::Context;
use super::super::super::world::{KeyState, KmsKey, Lagging, default_key_policy};
use super::super::failure::Failure;
use super::super::partition_of_region;
use super::describe::metadata;
use super::lookup::{Names, check_state};
use super::{Call, denied, policy, tags};

/// Makes a replica of a multi-Region key in another region, with a policy and tags of its own.
pub(super) fn replicate(call: &mut Call<'_>) -> Result<Value, Failure> {
    let region = call.required("ReplicaRegion")?;
    let tags = tags::read(call.body)?;
    let primary = call.key("KeyId", Names::OfKeys, "ReplicateKey")?.clone();
    if !primary.multi_region || primary.replica_of.is_some() {
        let message = format!("{} is not a multi-Region primary key.", primary.arn);
        return Err(Failure::bad_request("UnsupportedOperationException", message));
    }
    check_state(&primary, &[KeyState::Enabled])?;
    if partition_of_region(&region) != call.world.aws.partition {
        let message = format!("{region} is not a region of this partition.");
        return Err(Failure::bad_request("ValidationException", message));
    }
    let relative = |key: &&KmsKey| key.id == primary.id && key.account == primary.account && key.region == region;
    if let Some(present) = call.world.aws.keys.iter().find(relative) {
        let message = format!("{} already exists.", present.arn);
        return Err(Failure::bad_request("AlreadyExistsException", message));
    }
    let (account, partition) = (&primary.account, &call.world.aws.partition);
    let arn = format!("arn:{partition}:kms:{region}:{account}:key/{}", primary.id);
    let there = Context::default()
        .with("aws:RequestedRegion", &region)
        .with_tags("aws:RequestTag", &tags)
        .with_all("aws:TagKeys", tags.iter().map(|(name, _)| name.clone()));
    let permit = |action: &str, resource: &str| call.rights.check(action, resource, resource, there.clone());
    permit("kms:CreateKey", "*").map_err(denied)?;
    if !tags.is_empty() {
        permit("kms:TagResource", &arn).map_err(denied)?;
    }
    let given = call.text("Policy").map(str::to_owned);
    let text = given.clone().unwrap_or_else(|| default_key_policy(partition, account));
    let propagation = call.world.propagation;
    let replica = KmsKey {
        arn,
        region,
        aliases: Vec::new(),
        description: call.text("Description").unwrap_or_default().to_owned(),
        state: if propagation.creating_key > 0 {
            KeyState::Creating
        } else {
            KeyState::Enabled
        },
        replica_of: Some(primary.region.clone()),
        created: call.now,
        policy: Lagging::settled(text.clone()),
        grants: Vec::new(),
        tags,
        unseen: propagation.new_key,
        creating: propagation.creating_key,
        ..primary
    };
    if let Some(given) = given {
        policy::check(call, &given, &replica)?;
    }
    call.world.aws.keys.push(replica.clone());
    Ok(json!({
        "ReplicaKeyMetadata": metadata(&call.world.aws, &replica),
        "ReplicaPolicy": text,
        "ReplicaTags": replica.tags.iter().map(tags::show).collect::<Vec<_>>(),
    }))
}
