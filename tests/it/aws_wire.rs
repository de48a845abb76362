//! The AWS clients on a socket, against answers that moto doesn't give: refusals, cuts, AWS's encoding.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use atlas_cmk::aws::{Aws, Error, ErrorKind, NewKey, NewRole};
use atlas_cmk::domain::key::{Key, KeyRef, Rotation};
use atlas_cmk::domain::policy::PolicyDocument;
use atlas_cmk::domain::region::Region;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use futures::stream;
use serde_json::{Value, json};

use crate::support::server::{Seen, Server};

pub(crate) const ONE: &str = "1234abcd-12ab-34cd-56ef-000000000001";
const TWO: &str = "1234abcd-12ab-34cd-56ef-000000000002";
const GONE: &str = "1234abcd-12ab-34cd-56ef-000000000003";

impl Server {
    pub(crate) fn aws(&self) -> Aws {
        Aws::simulated(&self.url, "testing", "testing", Region::parse("us-east-1").unwrap())
    }
}

/// The operation that was asked for, of KMS or of IAM and STS.
pub(crate) fn operation(seen: &Seen) -> String {
    if let Some(target) = seen.header("x-amz-target") {
        return target.strip_prefix("TrentService.").unwrap().to_owned();
    }
    let form = String::from_utf8(seen.body.to_vec()).unwrap();
    let (_, action) = form.split_once("Action=").unwrap();
    action.split('&').next().unwrap().to_owned()
}

pub(crate) fn kms(status: u16, body: &Value) -> Response {
    (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response()
}

pub(crate) fn refusal(status: u16, code: &str) -> Response {
    kms(status, &json!({"__type": code, "Message": "AWS's words."}))
}

pub(crate) fn iam(operation: &str, result: &str) -> Response {
    format!(
        "<{operation}Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><{operation}Result>{result}\
         </{operation}Result><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></{operation}Response>"
    )
    .into_response()
}

/// Headers, and then nothing more.
fn cut() -> Response {
    let parts = vec![Ok(Bytes::from_static(b"{\"KeyMet")), Err(std::io::Error::other("cut"))];
    axum::body::Body::from_stream(stream::iter(parts)).into_response()
}

pub(crate) fn arn(id: &str) -> String {
    format!("arn:aws:kms:us-east-1:111122223333:key/{id}")
}

pub(crate) fn metadata(id: &str) -> Value {
    json!({"KeyMetadata": {
        "KeyId": id, "Arn": arn(id), "AWSAccountId": "111122223333", "KeyState": "Enabled", "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS", "MultiRegion": false,
    }})
}

fn listed(ids: &[&str]) -> Response {
    let keys: Vec<Value> = ids.iter().map(|id| json!({"KeyId": id, "KeyArn": arn(id)})).collect();
    kms(200, &json!({"Keys": keys, "Truncated": false}))
}

/// The key that a request is about.
fn about(seen: &Seen) -> String {
    let body: Value = serde_json::from_slice(&seen.body).unwrap();
    let key = body["KeyId"].as_str().unwrap();
    key.rsplit('/').next().unwrap().to_owned()
}

async fn create_key(server: &Server) -> Result<Key, Error> {
    let tags = BTreeMap::new();
    let new = NewKey {
        description: "",
        tags: &tags,
        multi_region: false,
    };
    server.aws().create_key(&new).await
}

#[tokio::test]
async fn a_key_that_may_have_been_created_is_not_created_again() {
    for (answer, kind) in [
        (cut as fn() -> Response, None),
        (|| refusal(500, "KMSInternalException"), Some(ErrorKind::Answered(500))),
        (
            || (StatusCode::BAD_GATEWAY, "<html>").into_response(),
            Some(ErrorKind::Answered(502)),
        ),
        (|| (StatusCode::OK, "<html>").into_response(), None),
    ] {
        let server = Server::start(move |_, _| answer()).await;
        let error = create_key(&server).await.unwrap_err();
        assert!(error.may_have_happened(), "{error:?}");
        assert!(kind.is_none_or(|kind| kind == error.kind), "{error:?}");
        assert_eq!(server.count(), 1, "{error:?}");
    }
}

#[tokio::test]
async fn a_key_that_was_certainly_not_created_is_tried_again() {
    let server = Server::start(|_, before| match before {
        0 | 1 => refusal(400, "ThrottlingException"),
        _ => kms(200, &metadata(ONE)),
    })
    .await;
    assert_eq!(create_key(&server).await.unwrap().id(), ONE);
    assert_eq!(server.count(), 3);

    let server = Server::start(|_, _| refusal(400, "AccessDeniedException")).await;
    let error = create_key(&server).await.unwrap_err();
    assert!(error.is_denied() && !error.may_have_happened(), "{error:?}");
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn what_is_safe_to_repeat_is_repeated_by_the_sdk() {
    let server = Server::start(|_, before| match before {
        0 => refusal(500, "KMSInternalException"),
        1 => cut(),
        _ => kms(200, &json!({})),
    })
    .await;
    server.aws().create_alias("alias/orders", ONE).await.unwrap();
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn a_key_that_may_not_be_described_is_listed_as_such() {
    let server = Server::start(|seen, _| match operation(seen).as_str() {
        "ListKeys" => listed(&[ONE, TWO, GONE]),
        "ListAliases" => kms(
            200,
            &json!({"Aliases": [
                {"AliasName": "alias/z-private", "TargetKeyId": TWO},
                {"AliasName": "alias/aws/unused"},
            ], "Truncated": false}),
        ),
        "DescribeKey" if about(seen) == TWO => refusal(400, "AccessDeniedException"),
        "DescribeKey" if about(seen) == GONE => refusal(400, "NotFoundException"),
        "DescribeKey" => kms(200, &metadata(ONE)),
        // Rotation informs; a refusal leaves it unknown.
        _ => refusal(400, "AccessDeniedException"),
    })
    .await;
    let keys = server.aws().keys().await.unwrap();
    let shown: Vec<_> = keys
        .iter()
        .map(|key| (key.label(), key.is_usable(), key.rotation))
        .collect();
    assert_eq!(
        shown,
        [
            ("alias/z-private", false, Rotation::Unknown),
            (ONE, true, Rotation::Unknown)
        ]
    );
    assert_eq!(
        keys[0].unusable_because(),
        ["can't be read: kms:DescribeKey isn't allowed on it"]
    );
}

#[tokio::test]
async fn an_alias_is_kept_where_aliases_may_not_be_listed() {
    let server = Server::start(|seen, _| match operation(seen).as_str() {
        "DescribeKey" => kms(200, &metadata(ONE)),
        _ => refusal(400, "AccessDeniedException"),
    })
    .await;
    let key = server
        .aws()
        .key(&KeyRef::Alias("alias/orders".to_owned()))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((key.id(), key.label()), (ONE, "alias/orders"));
}

#[tokio::test]
async fn a_marker_is_found_past_keys_of_others_and_never_said_to_be_absent_unseen() {
    let tags = |seen: &Seen| match about(seen).as_str() {
        TWO => kms(
            200,
            &json!({"Tags": [{"TagKey": "run", "TagValue": "7"}], "Truncated": false}),
        ),
        _ => refusal(400, "AccessDeniedException"),
    };
    let server = Server::start(move |seen, _| match operation(seen).as_str() {
        "ListKeys" => listed(&[ONE, TWO]),
        "ListResourceTags" => tags(seen),
        "DescribeKey" => kms(200, &metadata(TWO)),
        "ListAliases" => kms(200, &json!({"Aliases": [], "Truncated": false})),
        _ => kms(200, &json!({"KeyRotationEnabled": true, "RotationPeriodInDays": 180})),
    })
    .await;
    let found = server.aws().keys_with_tag("run", "7").await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].id(), found[0].rotation), (TWO, Rotation::On(Some(180))));
    assert_eq!(server.aws().keys_with_tag("run", "8").await.unwrap(), []);

    let server = Server::start(|seen, _| match operation(seen).as_str() {
        "ListKeys" => listed(&[ONE, TWO]),
        _ => refusal(400, "AccessDeniedException"),
    })
    .await;
    assert!(server.aws().keys_with_tag("run", "7").await.unwrap_err().is_denied());
}

/// A role as IAM writes it: its trust policy percent-encoded.
pub(crate) fn role(name: &str, path: &str, arn: &str) -> String {
    let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
    format!(
        "<RoleName>{name}</RoleName><Path>{path}</Path><Arn>{arn}</Arn><RoleId>AROAEXAMPLE</RoleId>\
         <CreateDate>2026-01-02T03:04:05Z</CreateDate><AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument>"
    )
}

pub(crate) fn role_arn(path: &str, name: &str) -> String {
    format!("arn:aws:iam::111122223333:role{path}{name}")
}

#[tokio::test]
async fn roles_come_page_by_page_decoded_and_without_the_service_linked_ones() {
    let server = Server::start(|seen, before| {
        assert_eq!(operation(seen), "ListRoles");
        let member = |name: &str, path: &str| format!("<member>{}</member>", role(name, path, &role_arn(path, name)));
        match before {
            0 => iam(
                "ListRoles",
                &format!(
                    "<Roles>{}{}</Roles><IsTruncated>true</IsTruncated><Marker>m+1</Marker>",
                    member("zeta", "/team/"),
                    member("AWSServiceRoleForRDS", "/aws-service-role/rds.amazonaws.com/")
                ),
            ),
            _ => iam(
                "ListRoles",
                &format!(
                    "<Roles>{}</Roles><IsTruncated>false</IsTruncated>",
                    member("alpha", "/")
                ),
            ),
        }
    })
    .await;
    let roles = server.aws().roles().await.unwrap();
    let names: Vec<_> = roles.iter().map(|role| (role.name.as_str(), role.arn.path())).collect();
    assert_eq!(names, [("alpha", "/"), ("zeta", "/team/")]);
    assert_eq!(
        roles[0].trust.value(),
        &json!({"Version": "2012-10-17", "Statement": []})
    );
    let requests = server.seen();
    assert_eq!(requests.len(), 2);
    assert!(String::from_utf8_lossy(&requests[1].body).contains("Marker=m%2B1"));
}

#[tokio::test]
async fn a_new_role_is_read_until_its_arn_is_one() {
    let server = Server::start(|seen, before| {
        let arn = if before < 2 {
            "AROAEXAMPLE".to_owned()
        } else {
            role_arn("/", "new")
        };
        let operation = operation(seen);
        iam(&operation, &format!("<Role>{}</Role>", role("new", "/", &arn)))
    })
    .await;
    let tags = BTreeMap::new();
    let new = NewRole {
        name: "new",
        path: "/",
        permissions_boundary: None,
        trust: &PolicyDocument::from_value(json!({})),
        description: None,
        tags: &tags,
    };
    assert_eq!(
        server.aws().create_role(&new).await.unwrap().arn.as_str(),
        role_arn("/", "new")
    );
    let operations: Vec<_> = server.seen().iter().map(operation).collect();
    assert_eq!(operations, ["CreateRole", "GetRole", "GetRole"]);
}

#[tokio::test]
async fn a_policy_that_may_not_be_read_is_there_without_its_document() {
    let server = Server::start(|seen, _| {
        let operation = operation(seen);
        match operation.as_str() {
            "GetRole" => iam(
                &operation,
                &format!("<Role>{}</Role>", role("r", "/", &role_arn("/", "r"))),
            ),
            "ListRolePolicies" => iam(
                &operation,
                "<PolicyNames><member>one</member></PolicyNames><IsTruncated>false</IsTruncated>",
            ),
            "ListAttachedRolePolicies" => iam(
                &operation,
                "<AttachedPolicies><member><PolicyName>ReadOnlyAccess</PolicyName>\
                 <PolicyArn>arn:aws:iam::aws:policy/ReadOnlyAccess</PolicyArn></member></AttachedPolicies>\
                 <IsTruncated>false</IsTruncated>",
            ),
            "GetPolicy" => iam(&operation, "<Policy><DefaultVersionId>v190</DefaultVersionId></Policy>"),
            "GetPolicyVersion" => iam(
                &operation,
                "<PolicyVersion><Document>%7B%22Statement%22%3A%22100%25%22%7D</Document></PolicyVersion>",
            ),
            _ => {
                let body = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message>\
                            </Error><RequestId>r-2</RequestId></ErrorResponse>";
                (StatusCode::FORBIDDEN, body).into_response()
            }
        }
    })
    .await;
    let detail = server.aws().role_detail("r").await.unwrap().unwrap();
    assert_eq!(
        (detail.inline[0].name.as_str(), &detail.inline[0].document),
        ("one", &None)
    );
    let attached = &detail.attached[0];
    assert_eq!(attached.name, "arn:aws:iam::aws:policy/ReadOnlyAccess");
    assert_eq!(
        attached.document.as_ref().unwrap().value(),
        &json!({"Statement": "100%"})
    );
}

#[tokio::test]
async fn nothing_is_sent_where_nobody_listens_and_that_is_known_soon() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let aws = Aws::simulated(&url, "testing", "testing", Region::parse("us-east-1").unwrap());
    let begun = Instant::now();
    let error = aws.create_alias("alias/orders", ONE).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unreachable, "{error:?}");
    assert!(!error.may_have_happened() && begun.elapsed() < Duration::from_secs(10));
}
