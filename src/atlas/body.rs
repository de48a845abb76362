//! Request bodies as plain data: the client sends exactly what the plan shows.

use serde_json::{Value, json};

use crate::domain::cluster::NewCluster;
use crate::domain::region::Region;

/// What `PATCH encryptionAtRest` sets for AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsKmsUpdate {
    /// The access role's ID.
    pub role_id: String,
    /// The key's full ARN, or the ID of a multi-Region key in the role's account.
    pub key: String,
    /// The key's region.
    pub region: Region,
    /// Private networking as it is now; left out where the project has never set it.
    pub require_private_networking: Option<bool>,
}

/// Returns the body of `POST /groups/{id}/cloudProviderAccess`.
pub fn create_access_role() -> Value {
    json!({ "providerName": "AWS" })
}

/// Returns the body of `PATCH /groups/{id}/cloudProviderAccess/{roleId}`.
pub fn authorize(iam_role_arn: &str) -> Value {
    json!({ "providerName": "AWS", "iamAssumedRoleArn": iam_role_arn })
}

/// Returns the body of `PATCH /groups/{id}/encryptionAtRest`: `awsKms` whole, other providers' blocks left out, since a
/// project may use several.
pub fn enable_encryption(update: &AwsKmsUpdate) -> Value {
    let mut aws = json!({
        "enabled": true,
        "roleId": update.role_id,
        "customerMasterKeyID": update.key,
        "region": update.region.atlas(),
    });
    if let Some(required) = update.require_private_networking {
        aws["requirePrivateNetworking"] = Value::Bool(required);
    }
    json!({ "awsKms": aws })
}

/// Returns the body of `PATCH /groups/{id}/clusters/{name}`: that one field, so that nothing else of the cluster moves.
pub fn encrypt_cluster() -> Value {
    json!({ "encryptionAtRestProvider": "AWS" })
}

/// Returns the body of `PATCH /groups/{id}/clusters/{name}` that gives a cluster back to Atlas's own encryption.
pub fn decrypt_cluster() -> Value {
    json!({ "encryptionAtRestProvider": "NONE" })
}

/// Returns the body of `PATCH /groups/{id}/clusters/{name}` that resumes a paused cluster: alone, since Atlas takes no
/// other change together with it.
pub fn resume_cluster() -> Value {
    json!({ "paused": false })
}

/// Returns the body of `POST /groups/{id}/clusters`: a replica set of three nodes, encrypted from the start.
pub fn create_cluster(new: &NewCluster) -> Value {
    json!({
        "name": new.name,
        "clusterType": "REPLICASET",
        "encryptionAtRestProvider": "AWS",
        "replicationSpecs": [{
            "regionConfigs": [{
                "providerName": new.provider,
                "regionName": new.region,
                // The highest there is: the only region has the primary.
                "priority": 7,
                "electableSpecs": { "instanceSize": new.instance_size, "nodeCount": 3 },
            }],
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(require_private_networking: Option<bool>) -> AwsKmsUpdate {
        AwsKmsUpdate {
            role_id: "6a793f88c0eb9e7a17716581".to_owned(),
            key: "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab".to_owned(),
            region: Region::parse("us-east-1").unwrap(),
            require_private_networking,
        }
    }

    #[test]
    fn the_setting_is_sent_whole_and_alone() {
        assert_eq!(
            enable_encryption(&update(None)).to_string(),
            r#"{"awsKms":{"enabled":true,"roleId":"6a793f88c0eb9e7a17716581","customerMasterKeyID":"arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab","region":"US_EAST_1"}}"#
        );
    }

    #[test]
    fn private_networking_is_sent_as_it_is() {
        assert_eq!(
            enable_encryption(&update(Some(false)))["awsKms"]["requirePrivateNetworking"],
            false
        );
    }

    #[test]
    fn a_cluster_gets_one_field() {
        assert_eq!(encrypt_cluster().to_string(), r#"{"encryptionAtRestProvider":"AWS"}"#);
        assert_eq!(decrypt_cluster().to_string(), r#"{"encryptionAtRestProvider":"NONE"}"#);
        assert_eq!(resume_cluster().to_string(), r#"{"paused":false}"#);
    }

    #[test]
    fn a_new_cluster_has_three_nodes_and_is_encrypted() {
        let new = NewCluster {
            name: "ledger".to_owned(),
            provider: "AZURE".to_owned(),
            region: "EUROPE_WEST".to_owned(),
            instance_size: "M10".to_owned(),
        };
        assert_eq!(
            create_cluster(&new).to_string(),
            r#"{"name":"ledger","clusterType":"REPLICASET","encryptionAtRestProvider":"AWS","replicationSpecs":[{"regionConfigs":[{"providerName":"AZURE","regionName":"EUROPE_WEST","priority":7,"electableSpecs":{"instanceSize":"M10","nodeCount":3}}]}]}"#
        );
    }
}
