//! What a key is.

use serde_json::{Value, json};

use super::super::super::world::{AwsWorld, KeyState, KmsKey};
use super::super::failure::Failure;
use super::lookup::{Names, does_not_exist};
use super::{Call, seconds};

pub(super) fn describe(call: &mut Call<'_>) -> Result<Value, Failure> {
    let key = call.key("KeyId", Names::OfKeysAndAliases, "DescribeKey")?;
    if key.unseen > 0 {
        key.unseen -= 1;
        return Err(does_not_exist(&key.arn));
    }
    let shown = key.clone();
    if key.creating > 0 {
        key.creating -= 1;
        if key.creating == 0 && key.state == KeyState::Creating {
            key.state = KeyState::Enabled;
        }
    }
    Ok(json!({ "KeyMetadata": metadata(&call.world.aws, &shown) }))
}

/// Returns a key's metadata as KMS shows them.
pub(super) fn metadata(aws: &AwsWorld, key: &KmsKey) -> Value {
    let mut shown = json!({
        "AWSAccountId": key.account,
        "Arn": key.arn,
        "CreationDate": seconds(key.created),
        "CustomerMasterKeySpec": key.spec,
        "Description": key.description,
        "Enabled": key.is_usable(),
        "KeyId": key.id,
        "KeyManager": key.manager,
        "KeySpec": key.spec,
        "KeyState": key.state.name(),
        "KeyUsage": key.usage,
        "MultiRegion": key.multi_region,
        "Origin": key.origin,
    });
    if key.spec == "SYMMETRIC_DEFAULT" {
        shown["EncryptionAlgorithms"] = json!(["SYMMETRIC_DEFAULT"]);
    }
    if key.multi_region {
        shown["MultiRegionConfiguration"] = regions(aws, key);
    }
    if let Some(deletion) = key.deletion {
        shown["DeletionDate"] = seconds(deletion);
    }
    shown
}

/// Shows where a multi-Region key has its primary and its replicas.
fn regions(aws: &AwsWorld, key: &KmsKey) -> Value {
    let show = |key: &KmsKey| json!({ "Arn": key.arn, "Region": key.region });
    let relatives = || {
        aws.keys
            .iter()
            .filter(|other| other.id == key.id && other.account == key.account)
    };
    let replicas: Vec<Value> = relatives()
        .filter(|other| other.replica_of.is_some())
        .map(show)
        .collect();
    let primary = relatives().find(|other| other.replica_of.is_none()).unwrap_or(key);
    json!({
        "MultiRegionKeyType": if key.replica_of.is_some() { "REPLICA" } else { "PRIMARY" },
        "PrimaryKey": show(primary),
        "ReplicaKeys": replicas,
    })
}
