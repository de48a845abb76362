//! The bodies of the requests that change something: the review shows them, the client sends them.

use serde_json::{Value, json};

use crate::domain::region::Region;

/// The AWS part of the project's encryption setting, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsKmsUpdate {
    /// The access role's ID.
    pub role_id: String,
    /// Full key ARN, or the ID of a multi-Region key.
    pub key: String,
    /// The key's region.
    pub region: Region,
    /// As it is now; left out where Atlas didn't say.
    pub require_private_networking: Option<bool>,
}

/// Returns the body of `createCloudProviderAccessRole`.
pub fn create_access_role() -> Value {
    json!({ "providerName": "AWS" })
}

/// Returns the body of `authorizeCloudProviderAccessRole`.
pub fn authorize(iam_role_arn: &str) -> Value {
    json!({ "providerName": "AWS", "iamAssumedRoleArn": iam_role_arn })
}

/// Returns the body of `updateEncryptionAtRest`: the AWS part whole, the other providers' parts left out.
pub fn enable_encryption(update: &AwsKmsUpdate) -> Value {
    let mut aws = json!({
        "enabled": true,
        "roleId": update.role_id,
        "customerMasterKeyID": update.key,
        "region": update.region.atlas(),
    });
    if let Some(required) = update.require_private_networking {
        aws["requirePrivateNetworking"] = required.into();
    }
    json!({ "awsKms": aws })
}

/// Returns the body of `updateCluster` that switches a cluster to the customer-managed AWS key.
pub fn encrypt_cluster() -> Value {
    json!({ "encryptionAtRestProvider": "AWS" })
}
