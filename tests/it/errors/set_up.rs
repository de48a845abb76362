//! Codes of the calls to Atlas that set encryption up: access role, project setting, cluster.

use atlas_cmk::simulator::Fault;

use super::Again::{No, OnceIdle, ToTheLimit};
use super::{PARAMETER, Row, WORDS, is_told, refusal, rig_with, try_all};
use crate::support::program::Program;

const CREATE: &str = "createAccessRole";
const AUTHORIZE: &str = "authorizeAccessRole";
const SETTING: &str = "enableEncryptionAtRest";
const CLUSTER: &str = "updateCluster";

/// After the wait: all that can be read is right, so it is somebody else's rule.
const ALL_RIGHT: &str = "trust policy, role policies, key and key policy are right";
const ENDPOINTS: &[&str] = &["private endpoints to KMS still exist", "delete them first"];
const COMPLIANCE: &[&str] = &["Backup Compliance Policy demands encryption", "MongoDB support"];
const SMALL: &[&str] = &["tier is too small", "M10 or larger"];

#[rustfmt::skip]
const ACCESS_ROLES: [Row; 8] = [
    (AUTHORIZE, 400, "CANNOT_ASSUME_ROLE", WORDS, ToTheLimit,
        &["can't assume the IAM role", PARAMETER, "external ID", "the trust policy is right", "SCP"]),
    (AUTHORIZE, 400, "", "Invalid AWS credentials.", ToTheLimit, &["the trust policy is right"]),
    (AUTHORIZE, 404, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND", WORDS, No, &["access role is gone", "look again"]),
    (AUTHORIZE, 409, "", WORDS, No, &["conflicts with the present state"]),
    (AUTHORIZE, 409, "BRAND_NEW", WORDS, No, &["conflicts with the present state"]),
    (AUTHORIZE, 401, "USER_UNAUTHORIZED", WORDS, No, &["Project Owner"]),
    (CREATE, 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST", WORDS, No, &["API access list", PARAMETER]),
    (CREATE, 400, "BRAND_NEW", WORDS, No, &["Atlas refused the request (400)"]),
];

#[tokio::test]
async fn access_roles() {
    try_all(ACCESS_ROLES, is_told).await;
}

#[rustfmt::skip]
const PROJECT_SETTING: [Row; 22] = [
    (SETTING, 400, "CANNOT_ASSUME_ROLE", WORDS, ToTheLimit, &["can't assume the IAM role", PARAMETER, ALL_RIGHT]),
    (SETTING, 400, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED", WORDS, ToTheLimit,
        &["isn't authorized, or Atlas doesn't see it yet", "authorize it first"]),
    (SETTING, 400, "INVALID_AWS_CREDENTIALS", WORDS, ToTheLimit, &["can't use the key", "key policy", ALL_RIGHT]),
    (SETTING, 400, "", "Invalid AWS credentials.", ToTheLimit, &[ALL_RIGHT]),
    (SETTING, 400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT", WORDS, ToTheLimit,
        &["isn't allowed to encrypt and decrypt", "kms:DescribeKey", "aws:SourceIp", ALL_RIGHT]),
    (SETTING, 404, "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND", WORDS, ToTheLimit,
        &["no such key in this region and account", "full ARN"]),
    (SETTING, 400, "AWS_KMS_CUSTOMER_MASTER_KEY_NOT_ENABLED", WORDS, No, &["disabled", "aws kms enable-key"]),
    (SETTING, 400, "AWS_KMS_CUSTOMER_MASTER_KEY_PENDING_DELETION", WORDS, No,
        &["cancel-key-deletion", "aws kms enable-key"]),
    (SETTING, 400, "AWS_KMS_CUSTOMER_MASTER_KEY_PENDING_IMPORT", WORDS, No, &["no key material", "import it"]),
    (SETTING, 400, "AWS_KMS_REGION_NOT_SUPPORTED", WORDS, No, &["in this region", "another region"]),
    (SETTING, 400, "AWS_KMS_CREDENTIALS_AUTH_DEPRECATED", WORDS, No, &["IAM user", "role-based access"]),
    (SETTING, 400, "MISSING_ENCRYPTION_AT_REST_PROVIDER", WORDS, No, &["report it"]),
    (SETTING, 400, "INVALID_ENCRYPTION_AT_REST_PROVIDER", WORDS, No, &["provider is unknown"]),
    (SETTING, 400, "ENCRYPTION_AT_REST_SETTINGS_INVALID", WORDS, No, &["make the present key usable first"]),
    (SETTING, 409, "CANNOT_DISABLE_ENCRYPTION_AT_REST", WORDS, No, &["set each to NONE"]),
    (SETTING, 400, "CANNOT_DISABLE_ENCRYPTION_AT_REST_DUE_TO_PRIVATE_ENDPOINTS", WORDS, No, ENDPOINTS),
    (SETTING, 400,
        "CANNOT_DISABLE_ENCRYPTION_AT_REST_REQUIRE_PRIVATE_NETWORKING_WHILE_PRIVATE_ENDPOINTS_EXIST", WORDS, No,
        ENDPOINTS),
    (SETTING, 400, "CANNOT_DISABLE_ENCRYPTION_AT_REST_WITH_BACKUP_COMPLIANCE_POLICY", WORDS, No, COMPLIANCE),
    (SETTING, 400,
        "CAN_NOT_DISABLE_ALL_ENCRYPTION_AT_REST_SETTINGS_WHILE_BACKUP_COMPLIANCE_POLICY_ENCRYPTION_ENABLED", WORDS, No,
        COMPLIANCE),
    (SETTING, 409, "", WORDS, No, &["conflicts with the present state"]),
    (SETTING, 405, "WRITES_NOT_ALLOWED_DURING_APP_UPGRADES", WORDS, ToTheLimit,
        &["is being upgraded", "try again in some minutes"]),
    (SETTING, 400, "VALIDATION_ERROR", WORDS, No, &["doesn't accept a value"]),
];

#[tokio::test]
async fn project_setting() {
    try_all(PROJECT_SETTING, is_told).await;
}

#[rustfmt::skip]
const CLUSTERS: [Row; 19] = [
    (CLUSTER, 400, "ENCRYPTION_AT_REST_NOT_ENABLED", WORDS, ToTheLimit, &["isn't enabled", "enable it first"]),
    (CLUSTER, 400, "ENCRYPTION_AT_REST_PROVIDER_NOT_SUPPORTED", WORDS, No,
        &["can't use a customer-managed key", "M10 or larger", "provider and region"]),
    (CLUSTER, 409, "CANNOT_CHANGE_ENCRYPTION_AT_REST_PROVIDER", WORDS, No, &["NONE first", "two initial syncs"]),
    (CLUSTER, 400, "CANNOT_USE_ENCRYPTION_AT_REST_TENANT", WORDS, No, SMALL),
    (CLUSTER, 400, "TENANT_CLUSTER_UPDATE_UNSUPPORTED", WORDS, No, SMALL),
    (CLUSTER, 400, "INSUFFICIENT_INSTANCE_SIZE", WORDS, No, SMALL),
    (CLUSTER, 400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", WORDS, No, &["`orders` is a Flex cluster"]),
    (CLUSTER, 400, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", WORDS, No, &["report it"]),
    (CLUSTER, 409, "CANNOT_UPDATE_PAUSED_CLUSTER", WORDS, No, &["is paused", "resume it"]),
    (CLUSTER, 400, "CANNOT_PAUSE_RECENTLY_RESUMED_CLUSTER", WORDS, No, &["pause it later, by hand"]),
    (CLUSTER, 400, "CLUSTER_ALREADY_REQUESTED_DELETION", WORDS, No, &["is being deleted", "leave it out"]),
    (CLUSTER, 404, "CLUSTER_NOT_FOUND", WORDS, No, &["`orders`", "look again"]),
    (CLUSTER, 409, "CANNOT_MODIFY_CLUSTER_WITH_RUNNING_LIVE_IMPORT", WORDS, No,
        &["live import", "finish or cancel it"]),
    (CLUSTER, 409, "OUT_OF_CAPACITY", WORDS, No, &["no machines", "try again later"]),
    (CLUSTER, 409, "NO_CAPACITY", WORDS, No, &["no machines", "try again later"]),
    (CLUSTER, 400, "INVALID_SNAPSHOT_RESTORE_ENCRYPTION", WORDS, No, &["same provider"]),
    (CLUSTER, 400, "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE", WORDS, OnceIdle, &["orders"]),
    (CLUSTER, 409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", WORDS, OnceIdle, &["orders"]),
    (CLUSTER, 409, "BRAND_NEW", WORDS, OnceIdle, &["orders"]),
];

#[tokio::test]
async fn clusters() {
    try_all(CLUSTERS, is_told).await;
}

/// The limit is the operator's, at the usual pace; what comes after it is the diagnosis, and the run can go on later.
#[tokio::test(flavor = "multi_thread")]
async fn the_binary_keeps_the_limit_that_was_given() {
    let rows = [
        (AUTHORIZE, 400, "CANNOT_ASSUME_ROLE", "the trust policy is right"),
        (AUTHORIZE, 400, "", "the trust policy is right"),
        (SETTING, 400, "INVALID_AWS_CREDENTIALS", ALL_RIGHT),
        (SETTING, 400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT", ALL_RIGHT),
        (SETTING, 404, "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND", "full ARN"),
        ("iam:PutRolePolicy", 404, "NoSuchEntity", "without its path"),
        ("kms:CreateAlias", 400, "NotFoundException", "check region and account"),
    ];
    try_all(rows, |(operation, status, code, says)| async move {
        let rig = rig_with(operation).await;
        let program = Program::on(&rig.simulator);
        program.config(
            "[role]\nname = \"atlas-cmk-orders\"\n[key]\nalias = \"alias/atlas-orders\"\ncreate = true\n\
             [clusters]\nencrypt = [\"orders\"]\n",
        );
        rig.control
            .fault(Fault::new(operation, refusal(operation, status, code, WORDS)));
        let ran = program.run(&["apply", "--yes", "--wait-limit", "3"]).await.exits(1);
        for words in [
            says,
            WORDS,
            code,
            "at most 3 s",
            "it was tried for",
            "the same command carries on",
        ] {
            assert!(
                ran.stdout.contains(words),
                "{operation} {code}: {words:?} isn't in {}",
                ran.stdout
            );
        }
        let count = rig.control.count(operation);
        assert!((2..=5).contains(&count), "{operation} {code}: {count} requests");
    })
    .await;
}
