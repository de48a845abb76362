//! What a key is.

use serde_json::{Value, json};

use super::super::super::world::KmsKey;
use super::super::failure::Failure;
use super::lookup::{Names, does_not_exist};
use super::{Call, seconds};

pub(super) fn describe(call: &mut Call<'_>) -> Result<Value, Failure> {
    let key = call.key("KeyId", Names::OfKeysAndAliases, "DescribeKey")?;
    if key.unseen > 0 {
        key.unseen -= 1;
        return Err(does_not_exist(&key.arn));
    }
    Ok(json!({ "KeyMetadata": metadata(key) }))
}

/// Returns a key's metadata as KMS shows them.
pub(super) fn metadata(key: &KmsKey) -> Value {
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
        shown["MultiRegionConfiguration"] = json!({
            "MultiRegionKeyType": "PRIMARY",
            "PrimaryKey": { "Arn": key.arn, "Region": key.region },
            "ReplicaKeys": [],
        });
    }
    if let Some(deletion) = key.deletion {
        shown["DeletionDate"] = seconds(deletion);
    }
    shown
}
