//! Codes of the calls that set encryption up: access roles, the project's setting, clusters.

use super::super::error::Error;
use crate::problem::Problem;

/// Codes of access roles and the project's encryption setting.
pub(super) fn on_setting(error: &Error, code: &str) -> Option<Problem> {
    let permissions = "check that the IAM role's policy allows kms:DescribeKey, kms:Encrypt and \
     kms:Decrypt on the key's ARN";
    let problem = match code {
        "CANNOT_ASSUME_ROLE" => Problem::service(format!(
            "Atlas can't assume the IAM role {}",
            error.parameter(0).unwrap_or("that was chosen")
        ))
        .hint(
            "check the role's trust policy: Atlas's principal, `sts:AssumeRole`, the \
             external ID of this access role, and no Deny",
        )
        .hint("check that the ARN has the role's path, and is of the same partition")
        .hint("if all that is right, an organization's service control policy may forbid it"),
        "CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED" => Problem::service(format!(
            "the Atlas access role {} isn't authorized, or Atlas doesn't see it yet",
            error.parameter(0).unwrap_or_default()
        ))
        .hint("authorize it first; run again, and it is a step of the plan"),
        "INVALID_AWS_CREDENTIALS" => Problem::service("Atlas can't use the key with the IAM role that it was given")
            .hint(permissions)
            .hint("check the key policy: it must let IAM decide (the account's root principal) or name the role")
            .hint("check that the key is in the region that was given"),
        "NO_PERMISSION_TO_ENCRYPT_DECRYPT" => {
            Problem::service("the IAM role isn't allowed to encrypt and decrypt with the key")
                .hint(permissions)
                .hint("check both policies for a Deny and for conditions such as `aws:SourceIp`")
        }
        "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND" => Problem::service("Atlas finds no such key in this region and account")
            .hint("check the key's region; a key in another account than the role's needs its full ARN"),
        "AWS_KMS_CUSTOMER_MASTER_KEY_NOT_ENABLED" => {
            Problem::service("the KMS key is disabled").hint("enable it: aws kms enable-key --key-id …")
        }
        "AWS_KMS_CUSTOMER_MASTER_KEY_PENDING_DELETION" => Problem::service("the KMS key is going to be deleted")
            .hint("cancel that: aws kms cancel-key-deletion --key-id …")
            .hint("then enable it, since cancelling leaves it disabled: aws kms enable-key --key-id …"),
        "AWS_KMS_CUSTOMER_MASTER_KEY_PENDING_IMPORT" => {
            Problem::service("the KMS key has no key material yet").hint("import it, or choose another key")
        }
        "AWS_KMS_REGION_NOT_SUPPORTED" => {
            Problem::service("Atlas can't use KMS keys in this region").hint("choose a key in another region")
        }
        "AWS_KMS_CREDENTIALS_AUTH_DEPRECATED" => {
            Problem::service("Atlas takes no credentials of an IAM user any more").hint("use role-based access")
        }
        "INVALID_ENCRYPTION_AT_REST_PROVIDER" => {
            Problem::service("the encryption provider is unknown to Atlas, or not set up for the project")
                .hint("enable the project's encryption setting first")
        }
        "ENCRYPTION_AT_REST_SETTINGS_INVALID" => Problem::service(
            "the project's present encryption setting is invalid, and Atlas takes no change until it is valid",
        )
        .hint(
            "make the present key usable first: cancel its deletion, enable it, restore \
             the role's permissions; then look again",
        ),
        "CANNOT_DISABLE_ENCRYPTION_AT_REST" => {
            Problem::service("clusters still use the project's key").hint("set each to NONE and wait until it is IDLE")
        }
        "CANNOT_DISABLE_ENCRYPTION_AT_REST_DUE_TO_PRIVATE_ENDPOINTS"
        | "CANNOT_DISABLE_ENCRYPTION_AT_REST_REQUIRE_PRIVATE_NETWORKING_WHILE_PRIVATE_ENDPOINTS_EXIST" => {
            Problem::service("private endpoints to KMS still exist").hint("delete them first, which takes some minutes")
        }
        "CANNOT_DISABLE_ENCRYPTION_AT_REST_WITH_BACKUP_COMPLIANCE_POLICY"
        | "CAN_NOT_DISABLE_ALL_ENCRYPTION_AT_REST_SETTINGS_WHILE_BACKUP_COMPLIANCE_POLICY_ENCRYPTION_ENABLED" => {
            Problem::service("the project's Backup Compliance Policy demands encryption")
                .hint("only the person named in the policy can have MongoDB support change it")
        }
        _ => return None,
    };
    Some(problem)
}

/// Codes of clusters.
pub(super) fn on_cluster(error: &Error, code: &str) -> Option<Problem> {
    let cluster = error.cluster();
    let larger = "customer-managed keys need M10 or larger (Atlas for Government: M20)";
    let problem = match code {
        "ENCRYPTION_AT_REST_NOT_ENABLED" => Problem::service("the project's encryption setting isn't enabled")
            .hint("enable it first; run again, and it is a step of the plan"),
        "ENCRYPTION_AT_REST_PROVIDER_NOT_SUPPORTED" => {
            Problem::service("this cluster can't use a customer-managed key")
                .hint(larger)
                .hint("check its provider and region")
        }
        "CANNOT_CHANGE_ENCRYPTION_AT_REST_PROVIDER" => Problem::service("another provider's key encrypts the cluster")
            .hint("set it to NONE first and wait until it is IDLE: two initial syncs"),
        "CANNOT_USE_ENCRYPTION_AT_REST_TENANT" | "TENANT_CLUSTER_UPDATE_UNSUPPORTED" | "INSUFFICIENT_INSTANCE_SIZE" => {
            Problem::service("the cluster's tier is too small for customer-managed keys").hint(larger)
        }
        "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API" => Problem::service(format!(
            "{cluster} is a Flex cluster: it can't use a customer-managed key"
        ))
        .hint(larger),
        "CANNOT_UPDATE_PAUSED_CLUSTER" => {
            Problem::service("the cluster is paused").hint("resume it, wait until it is IDLE, and run again")
        }
        "CANNOT_PAUSE_RECENTLY_RESUMED_CLUSTER" => {
            Problem::service("the cluster was resumed a short time ago and can't be paused yet")
                .hint("pause it later, by hand")
        }
        "CLUSTER_ALREADY_REQUESTED_DELETION" => Problem::service("the cluster is being deleted").hint("leave it out"),
        "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE" | "ATLAS_CLUSTER_RESTORE_IN_PROGRESS" => {
            Problem::service("a restore of the cluster runs").hint("wait until the cluster is IDLE, and run again")
        }
        "CANNOT_MODIFY_CLUSTER_WITH_RUNNING_LIVE_IMPORT" => {
            Problem::service("a live import into the cluster runs").hint("finish or cancel it, and run again")
        }
        "OUT_OF_CAPACITY" | "NO_CAPACITY" => {
            Problem::service("the cloud provider has no machines for this in the cluster's region now")
                .hint("try again later")
        }
        "INVALID_SNAPSHOT_RESTORE_ENCRYPTION" => {
            Problem::service("snapshot and target cluster don't match in their encryption")
                .hint("choose a target with the same provider and a valid key")
        }
        "CANNOT_DOWNLOAD_SNAPSHOT_WITH_ENCRYPTION" => {
            Problem::service("an encrypted snapshot can't be downloaded").hint("restore it instead")
        }
        _ => return None,
    };
    Some(problem)
}
