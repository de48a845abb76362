//! AWS's codes: those of any call, of IAM and of KMS.

use std::collections::HashSet;
use std::time::Duration;

use atlas_cmk::simulator::{Aws, Effect, Fault};

use super::Again::{BySdk, No, Passing, ToTheLimit};
use super::{Row, WORDS, is_told, try_all};
use crate::support::program::{Program, clouds};

const ROLE: &str = "iam:CreateRole";
const TRUST: &str = "iam:UpdateAssumeRolePolicy";
const POLICY: &str = "iam:PutRolePolicy";
const KEY: &str = "kms:CreateKey";
const KEY_POLICY: &str = "kms:PutKeyPolicy";
const ALIAS: &str = "kms:CreateAlias";
const ROTATION: &str = "kms:EnableKeyRotation";

const NO_POLICY: &str = "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: iam:CreateRole on \
    resource: * because no identity-based policy allows the iam:CreateRole action";
const INVALID: &str = "Invalid principal in policy: \"AWS\":\"arn:aws:iam::536727724300:root\"";
const INVALID_FOR_KEY: &str = "Policy contains a statement with one or more invalid principals.";
const LOCK_OUT: &str = "The new key policy will not allow you to update the key policy in the future.";
const SIZE: &str = "Maximum policy size of 10240 bytes exceeded for role atlas-cmk-orders";
const EXPIRED: &str =
    "Signature expired: 20261125T080000Z is now earlier than 20261125T084500Z (20261125T090000Z - 15 min.)";

#[rustfmt::skip]
const ANY_CALL: [Row; 13] = [
    (ROLE, 403, "AccessDenied", NO_POLICY, No, &["isn't allowed iam:CreateRole", "ask whoever manages"]),
    (ROLE, 403, "AccessDenied", "with an explicit deny in a service control policy", No,
        &["a rule of the organization", "permissions_boundary"]),
    (KEY, 400, "AccessDeniedException", WORDS, No, &["isn't allowed kms:CreateKey"]),
    (ROLE, 403, "InvalidClientTokenId", WORDS, No, &["doesn't know this access key", "partition"]),
    (KEY, 400, "UnrecognizedClientException", WORDS, No, &["doesn't know this access key", "partition"]),
    (ROLE, 403, "SignatureDoesNotMatch", WORDS, No, &["secret access key", "clock"]),
    (ROLE, 403, "SignatureDoesNotMatch", EXPIRED, No, &["clock is off", "set the clock"]),
    (ROLE, 400, "IncompleteSignature", WORDS, No, &["secret access key", "clock"]),
    (ROLE, 400, "RequestExpired", WORDS, No, &["clock is off", "set the clock"]),
    (ROLE, 403, "OptInRequired", WORDS, No, &["isn't switched on", "enable the region"]),
    (ROTATION, 400, "ThrottlingException", WORDS, Passing, &["AWS asks to slow down"]),
    (ROTATION, 500, "InternalFailure", WORDS, Passing, &["an error of its own"]),
    (ROLE, 403, "BrandNew", WORDS, No, &["AWS IAM refused CreateRole (HTTP 403)"]),
];

#[tokio::test]
async fn any_call() {
    try_all(ANY_CALL, is_told).await;
}

#[rustfmt::skip]
const IAM: [Row; 18] = [
    (ROLE, 409, "EntityAlreadyExists", WORDS, No, &["an IAM role of this name", "another name"]),
    (ROLE, 409, "LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000", No,
        &["as many IAM roles as its quota allows", "Service Quotas"]),
    (POLICY, 409, "LimitExceeded", SIZE, No, &["inline policies together", "shorten them"]),
    (TRUST, 409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048", No,
        &["trust policy would be longer"]),
    (POLICY, 409, "LimitExceeded", WORDS, No, &["a quota of IAM is used up"]),
    (ROLE, 400, "MalformedPolicyDocument", WORDS, No, &["IAM refuses the policy document"]),
    (ROLE, 400, "MalformedPolicyDocuments", WORDS, No, &["IAM refuses the policy document"]),
    (ROLE, 400, "MalformedPolicyDocument", INVALID, ToTheLimit, &["refuses a principal", "AROA", "AIDA"]),
    (TRUST, 400, "MalformedPolicyDocument", WORDS, No, &["IAM refuses the policy document"]),
    (TRUST, 400, "MalformedPolicyDocument", INVALID, ToTheLimit, &["refuses a principal", "AROA", "AIDA"]),
    (POLICY, 400, "UnmodifiableEntity", WORDS, No, &["choose another IAM role"]),
    (TRUST, 400, "UnmodifiableEntity", WORDS, No, &["choose another IAM role"]),
    (POLICY, 404, "NoSuchEntity", WORDS, ToTheLimit, &["no such IAM role", "without its path"]),
    (TRUST, 404, "NoSuchEntity", WORDS, No, &["no such IAM role", "without its path"]),
    (ROLE, 409, "ConcurrentModification", WORDS, ToTheLimit, &["someone else is changing", "who else works on it"]),
    (TRUST, 409, "ConcurrentModification", WORDS, ToTheLimit, &["someone else is changing"]),
    (ROLE, 400, "InvalidInput", WORDS, No, &["doesn't take one of the values"]),
    (POLICY, 400, "ValidationError", WORDS, No, &["doesn't take one of the values"]),
];

#[tokio::test]
async fn iam() {
    try_all(IAM, is_told).await;
}

#[rustfmt::skip]
const KMS: [Row; 24] = [
    (ROTATION, 400, "NotFoundException", WORDS, ToTheLimit, &["no such key in this region and account"]),
    (ALIAS, 400, "NotFoundException", WORDS, ToTheLimit, &["no such key in this region and account"]),
    (KEY_POLICY, 400, "NotFoundException", WORDS, No, &["no such key in this region and account"]),
    (ALIAS, 400, "InvalidArnException", WORDS, No, &["doesn't take one of the values"]),
    (KEY, 400, "ValidationException", WORDS, No, &["doesn't take one of the values"]),
    (KEY_POLICY, 400, "MalformedPolicyDocumentException", INVALID_FOR_KEY, ToTheLimit, &["refuses a principal"]),
    (KEY_POLICY, 400, "MalformedPolicyDocumentException", LOCK_OUT, No,
        &["couldn't change it afterwards", "kms:PutKeyPolicy"]),
    (KEY, 400, "MalformedPolicyDocumentException", WORDS, No, &["KMS refuses the key policy"]),
    (KEY, 400, "LimitExceededException", WORDS, No, &["as many keys", "100,000"]),
    (ALIAS, 400, "LimitExceededException", WORDS, BySdk, &["as many aliases", "(50)"]),
    (KEY_POLICY, 400, "LimitExceededException", WORDS, BySdk, &["32 KiB", "remove statements"]),
    (KEY, 400, "TagException", WORDS, No, &["one of the tags", "kms:TagResource"]),
    (KEY, 400, "UnsupportedOperationException", WORDS, No, &["doesn't do CreateKey"]),
    (KEY_POLICY, 400, "UnsupportedOperationException", WORDS, No, &["doesn't do PutKeyPolicy"]),
    (ROTATION, 400, "UnsupportedOperationException", WORDS, No, &["doesn't do EnableKeyRotation"]),
    (ALIAS, 400, "AlreadyExistsException", WORDS, No, &["belongs to another key", "another alias"]),
    (ALIAS, 400, "InvalidAliasNameException", WORDS, No, &["doesn't take this alias", "alias/aws/"]),
    (ROTATION, 400, "DisabledException", WORDS, No, &["the key is disabled", "aws kms enable-key"]),
    (KEY_POLICY, 400, "KMSInvalidStateException", "arn is pending deletion.", No, &["cancel-key-deletion"]),
    (KEY_POLICY, 400, "KMSInvalidStateException", "arn is pending import.", No, &["import the key's material"]),
    (KEY_POLICY, 400, "KMSInvalidStateException", "arn is creating.", ToTheLimit, &["try again in a minute"]),
    (ROTATION, 400, "InvalidKeyUsageException", WORDS, No, &["SYMMETRIC_DEFAULT"]),
    (ROTATION, 500, "KMSInternalException", WORDS, Passing, &["an error of its own"]),
    (ROTATION, 503, "DependencyTimeoutException", WORDS, Passing, &["an error of its own"]),
];

#[tokio::test]
async fn kms() {
    try_all(KMS, is_told).await;
}

/// An expired sign-in pauses a run for as long as a new one may take; what only looks says it at once.
#[tokio::test(flavor = "multi_thread")]
async fn an_expired_sign_in_is_told_by_what_only_looks() {
    let rows = ["ExpiredToken", "ExpiredTokenException"];
    try_all(rows, |code| async move {
        let simulator = clouds("first-time", Aws::Own).await;
        let effect = Effect::Refused {
            status: 403,
            code: code.to_owned(),
            detail: "The security token included in the request is expired".to_owned(),
        };
        simulator.control().fault(Fault::new("sts:GetCallerIdentity", effect));
        let ran = Program::on(&simulator).run(&["check"]).await.exits(3);
        assert!(ran.stdout.contains("the AWS session has expired"), "{}", ran.stdout);
        assert_eq!(simulator.control().count("sts:GetCallerIdentity"), 1, "{code}");
    })
    .await;
}

/// The simulation of policies is a hint: whatever becomes of it, it is unknown, asked once, and the rest goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_that_fails_is_unknown_and_asked_once() {
    let rows = [
        (500, "PolicyEvaluation"),
        (400, "InvalidInput"),
        (404, "NoSuchEntity"),
        (403, "AccessDenied"),
        (400, "Throttling"),
    ];
    try_all(rows, |(status, code)| async move {
        let simulator = clouds("first-time", Aws::Own).await;
        let effect = Effect::Refused {
            status,
            code: code.to_owned(),
            detail: WORDS.to_owned(),
        };
        let control = simulator.control();
        control.fault(Fault::new("iam:SimulatePrincipalPolicy", effect));
        let program = Program::on(&simulator);
        program.config(
            "[role]\nname = \"atlas-cmk-orders\"\n[key]\nalias = \"alias/atlas-orders\"\ncreate = true\n\
             [clusters]\nencrypt = [\"orders\"]\n",
        );
        let checks = tokio::time::timeout(Duration::from_secs(20), program.run(&["check", "--output", "json"]));
        let checks = checks.await.unwrap().exits(0).json();
        let checks = checks["checks"].as_array().unwrap();
        let permissions = checks.iter().find(|check| check["id"] == "aws-permissions").unwrap();
        assert_eq!(permissions["status"], "unknown", "{code}: {permissions}");
        let requests = control.requests();
        let asked: Vec<_> = requests
            .iter()
            .filter(|exchange| exchange.operation == "iam:SimulatePrincipalPolicy")
            .map(|exchange| exchange.request_body.clone())
            .collect();
        let different: HashSet<_> = asked.iter().collect();
        assert!(
            !asked.is_empty() && different.len() == asked.len(),
            "{code}: a question came twice"
        );
    })
    .await;
}
