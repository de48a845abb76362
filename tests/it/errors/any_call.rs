//! Codes that any call to Atlas can meet, here the read of the project's setting by the binary.

use atlas_cmk::simulator::{Aws, Effect, Fault};

use super::{PARAMETER, WORDS, refusal, try_all};
use crate::support::program::{Program, clouds};

const READ: &str = "getEncryptionAtRest";
const NOT_A_MEMBER: &[&str] = &[
    "doesn't belong to project",
    "check the project ID",
    "Project Owner can add",
];
const OUR_FAULT: &[&str] = &["report it to the authors of atlas-cmk"];
const VALUE: &[&str] = &[
    "doesn't accept a value in the request",
    "if it is a value that you typed",
];
const LIST: &[&str] = &["add", "to the API access list", "IP access list (Network Access)"];

/// HTTP status, code, exit code, and what the operator reads.
type Read = (u16, &'static str, i32, &'static [&'static str]);

#[rustfmt::skip]
const ROWS: [Read; 46] = [
    (401, "USER_UNAUTHORIZED", 3, &["lacks the role Project Read Only on project", "can give it"]),
    (401, "NOT_IN_GROUP", 3, NOT_A_MEMBER),
    (401, "USER_CANNOT_ACCESS_GROUP", 3, NOT_A_MEMBER),
    (401, "USER_CANNOT_ACCESS_ORG", 3, &["doesn't belong to this organization"]),
    (401, "NO_CURRENT_USER", 3, &["doesn't belong to this organization"]),
    (401, "UNAUTHORIZED", 3, &["doesn't accept the credential", "API key pair"]),
    (401, "UNEXPECTED_ERROR", 3, &["doesn't accept the credential", "API key pair"]),
    (403, "IP_ADDRESS_NOT_ON_ACCESS_LIST", 3, &["Atlas refuses", PARAMETER, "API access list"]),
    (403, "IP_ADDRESS_NOT_ON_WHITELIST", 3, LIST),
    (403, "ORG_REQUIRES_ACCESS_LIST", 3, &["the organization wants an API access list", PARAMETER]),
    (403, "ORG_REQUIRES_WHITELIST", 3, LIST),
    (403, "RESOURCE_REQUIRES_WHITELIST", 3, LIST),
    (403, "RESOURCE_REQUIRES_ACCESS_LIST", 3, LIST),
    (403, "ACCESS_FORBIDDEN", 3, &["doesn't allow this call", "Project Read Only", "access list"]),
    (403, "FEATURE_UNSUPPORTED", 3, &["plan or cluster tier", "M10 or larger"]),
    (403, "UNSUPPORTED_FOR_CURRENT_PLAN", 3, &["plan or cluster tier", "billing plan"]),
    (402, "ACCOUNT_SUSPENDED", 3, &["billing stops", "an Organization Owner must settle it"]),
    (402, "NO_PAYMENT_INFORMATION_FOUND", 3, &["billing stops", "an Organization Owner must settle it"]),
    (404, "GROUP_NOT_FOUND", 3, NOT_A_MEMBER),
    (404, "RESOURCE_NOT_FOUND", 1, &["no such thing in Atlas", "look again"]),
    (404, "CLUSTER_NOT_FOUND", 1, &["doesn't find the cluster in project", "look again"]),
    (404, "INVALID_GROUP_ID", 2, &["is no project ID", "24 hex digits"]),
    (400, "INVALID_JSON", 1, VALUE),
    (400, "MALFORMED_JSON", 1, VALUE),
    (400, "VALIDATION_ERROR", 1, VALUE),
    (400, "INVALID_ATTRIBUTE", 1, VALUE),
    (400, "MISSING_ATTRIBUTE", 1, VALUE),
    (400, "INVALID_ENUM_VALUE", 1, VALUE),
    (400, "ATTRIBUTE_READ_ONLY", 1, VALUE),
    (400, "INVALID_PATH_PARAMETER", 1, VALUE),
    (400, "INVALID_PROVIDER", 1, VALUE),
    (400, "INVALID_REGION", 1, VALUE),
    (400, "INVALID_VERSION_DATE", 1, OUR_FAULT),
    (406, "", 1, OUR_FAULT),
    (410, "VERSION_GONE", 1, &["has removed the API version", "update atlas-cmk"]),
    (410, "", 1, &["has removed the API version", "update atlas-cmk"]),
    (405, "WRITES_NOT_ALLOWED_DURING_APP_UPGRADES", 1, &["is being upgraded", "try again in some minutes"]),
    (404, "UNEXPECTED_ERROR", 1, &["an error of its own (404)", "MongoDB support", "status.mongodb.com"]),
    (401, "", 3, &["doesn't accept the credential"]),
    (402, "", 3, &["billing stops"]),
    (403, "", 3, &["doesn't allow this call"]),
    (404, "", 1, &["no such thing in Atlas"]),
    (409, "", 1, &["conflicts with the present state"]),
    (400, "BRAND_NEW", 1, &["Atlas refused the request (400)"]),
    (418, "BRAND_NEW", 1, &["Atlas refused the request (418)"]),
    (409, "BRAND_NEW", 1, &["conflicts with the present state"]),
];

/// One request each: none of these gets better by asking again.
#[tokio::test(flavor = "multi_thread")]
async fn each_code_is_told_after_one_request() {
    try_all(ROWS, |(status, code, exit, says)| async move {
        let simulator = clouds("first-time", Aws::Own).await;
        let control = simulator.control();
        control.fault(Fault::new(READ, refusal(READ, status, code, WORDS)));
        let ran = Program::on(&simulator).run(&["status"]).await.exits(exit);
        assert_eq!(ran.stdout, "", "{code}");
        for words in says
            .iter()
            .copied()
            .chain([WORDS, code, "GET /groups/", "/encryptionAtRest", "hint: "])
        {
            assert!(
                ran.stderr.contains(words),
                "{status} {code}: {words:?} isn't in {}",
                ran.stderr
            );
        }
        assert_eq!(control.count(READ), 1, "{code}");
    })
    .await;
}

/// A limit that asks for more patience than anybody has is told at once, with the time that it asks for.
#[tokio::test(flavor = "multi_thread")]
async fn limits_are_told_with_the_wait_that_atlas_asks_for() {
    let rows: [Read; 4] = [
        (
            429,
            "RATE_LIMITED",
            1,
            &["limits the rate of requests and asks to wait 3600 s"],
        ),
        (
            429,
            "RATE_LIMITED_TOKEN_BUCKET",
            1,
            &["asks to wait 3600 s", "other programs"],
        ),
        (429, "", 1, &["asks to wait 3600 s"]),
        (
            503,
            "SERVICE_UNAVAILABLE",
            1,
            &["Atlas is unavailable (503)", "status.mongodb.com"],
        ),
    ];
    try_all(rows, |(status, code, exit, says)| async move {
        let simulator = clouds("first-time", Aws::Own).await;
        let control = simulator.control();
        let effect = Effect::With {
            effect: Box::new(refusal(READ, status, code, WORDS)),
            headers: vec![("retry-after".to_owned(), "3600".to_owned())],
        };
        control.fault(Fault::new(READ, effect));
        let ran = Program::on(&simulator).run(&["status"]).await.exits(exit);
        for words in says.iter().chain(&[WORDS, "GET /groups/"]) {
            assert!(ran.stderr.contains(words), "{code}: {words:?} isn't in {}", ran.stderr);
        }
        assert_eq!(control.count(READ), 1, "{code}");
    })
    .await;
}

/// A digest challenge to an answer of a fresh one is no challenge any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_pair_is_told_as_one() {
    let simulator = clouds("first-time", Aws::Own).await;
    let program = Program::on(&simulator).with("MONGODB_ATLAS_PRIVATE_API_KEY", "11111111-2222-3333-4444-555555555555");
    let ran = program.run(&["status"]).await.exits(3);
    assert!(ran.stderr.contains("public or private key is wrong"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("11111111"), "{}", ran.stderr);
    assert_eq!(simulator.control().count(READ), 0);
}
