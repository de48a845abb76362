//! Answers that are no answers: pages, nothing, halves, other shapes. What the operator reads has the request and what
//! became of it, and nothing of the answer's form.

use atlas_cmk::simulator::{Aws, Effect, Fault};
use serde_json::{Value, json};

use super::{shown, step_of, try_all};
use crate::support::program::{Program, clouds};
use crate::support::rig::{Rig, SETTLED, SPEED};

const READ: &str = "getEncryptionAtRest";
const JSON: &str = "application/vnd.atlas.2023-01-01+json;charset=utf-8";
const HTML: &str = "text/html";
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sorry</title></head><body><p>Sorry, later.</p></body></html>";

/// What never belongs into an operator's message.
const NEVER: [&str; 14] = [
    "<",
    "DOCTYPE",
    "Sorry",
    "at line",
    "line 1 column",
    "column",
    "\u{1b}",
    "\u{202e}",
    "Some(",
    "None",
    "serde",
    "ErrorKind",
    "expected struct",
    "{\"",
];

fn verbatim(status: u16, content_type: &str, body: impl Into<String>) -> Effect {
    Effect::Verbatim {
        status,
        content_type: content_type.to_owned(),
        body: body.into(),
    }
}

fn assert_plain(text: &str) {
    for never in NEVER {
        assert!(!text.contains(never), "{never:?} is in {text}");
    }
}

/// The answer, its status where it is an error, and what the operator reads; no row is asked again.
#[tokio::test(flavor = "multi_thread")]
async fn reads_by_the_binary() {
    let proxy = Effect::With {
        effect: Box::new(verbatim(503, HTML, PAGE)),
        headers: vec![("retry-after".to_owned(), "3600".to_owned())],
    };
    let foreign =
        json!({"error": 400, "errorCode": "NEW\u{1b}[2J", "detail": "Kettle\u{1b}[31m \u{202e}first\u{9b}2J."});
    let rows: Vec<(Effect, &str)> = vec![
        (verbatim(200, HTML, PAGE), "no JSON in it (200)"),
        (verbatim(200, JSON, PAGE), "no JSON in it (200)"),
        (verbatim(200, JSON, ""), "no JSON in it (200)"),
        (verbatim(200, JSON, "   \n"), "no JSON in it (200)"),
        (verbatim(200, JSON, "null"), "no JSON in it (200)"),
        (
            verbatim(200, JSON, "\u{1b}[2J\u{1b}]0;title\u{7}"),
            "no JSON in it (200)",
        ),
        (verbatim(200, "text/plain", "OK"), "no JSON in it (200)"),
        (
            verbatim(200, JSON, r#"{"awsKms":{"enabled":tr"#),
            "because: it ends too early",
        ),
        (verbatim(200, JSON, r#"{"awsKms":{"#), "because: it ends too early"),
        (verbatim(200, JSON, r#"{"awsKms":nonsense}"#), "because: it isn't JSON"),
        (
            verbatim(200, JSON, r#"{"awsKms":"enabled"}"#),
            "because: awsKms: invalid type",
        ),
        (
            verbatim(200, JSON, r#"{"awsKms":{"enabled":"yes","valid":7}}"#),
            "because: awsKms.enabled: invalid type",
        ),
        (verbatim(200, JSON, r#"{"awsKms":[1,2,3]}"#), "doesn't have the form"),
        (
            verbatim(200, JSON, format!(r#"{{"awsKms":{}"#, "[".repeat(20_000))),
            "doesn't have the form",
        ),
        (verbatim(404, HTML, PAGE), "without a word of the Atlas API (404)"),
        (verbatim(403, HTML, PAGE), "without a word of the Atlas API (403)"),
        (
            verbatim(407, HTML, PAGE),
            "the proxy between here and Atlas wants a login (407)",
        ),
        (
            verbatim(400, "text/plain", "Bad Request"),
            "without a word of the Atlas API (400)",
        ),
        (verbatim(400, JSON, ""), "without a word of the Atlas API (400)"),
        (verbatim(400, JSON, "[]"), "without a word of the Atlas API (400)"),
        (verbatim(400, JSON, "{}"), "Atlas refused the request (400)"),
        (
            verbatim(400, JSON, r#"{"errorCode":7,"detail":["no"],"parameters":"x"}"#),
            "refused the request (400)",
        ),
        (
            verbatim(400, JSON, r#"{"errorCode":null,"detail":null,"reason":null}"#),
            "refused the request (400)",
        ),
        (
            verbatim(409, JSON, json!({"detail": PAGE}).to_string()),
            "conflicts with the present state",
        ),
        (verbatim(400, JSON, foreign.to_string()), "Kettle"),
        (verbatim(302, HTML, PAGE), "redirects to another place"),
        (proxy, "Atlas is unavailable (503)"),
    ];
    try_all(rows, |(effect, says)| async move {
        let simulator = clouds("first-time", Aws::Own).await;
        let control = simulator.control();
        control.fault(Fault::new(READ, effect.clone()));
        let ran = Program::on(&simulator).run(&["status"]).await.exits(1);
        assert_eq!(ran.stdout, "");
        for words in [says, "GET /groups/", "/encryptionAtRest", "hint: "] {
            assert!(
                ran.stderr.contains(words),
                "{effect:?}: {words:?} isn't in {}",
                ran.stderr
            );
        }
        assert_plain(&ran.stderr);
        assert_eq!(control.count(READ), 1, "{effect:?}");
    })
    .await;
}

/// What is missing, null or new in a good answer stops nobody.
#[tokio::test(flavor = "multi_thread")]
async fn good_answers_may_lack_fields_and_have_new_ones() {
    let off: [Value; 5] = [
        json!({}),
        json!({"awsKms": null, "azureKeyVault": null}),
        json!({"awsKms": {}}),
        json!({"awsKms": {"enabled": false, "valid": null, "region": null, "customerMasterKeyID": null}}),
        json!({"awsKms": {"enabled": false, "postQuantum": {"level": [5]}}, "oracleVault": {"enabled": false}, "x": 1}),
    ];
    try_all(off, |body| async move {
        let simulator = clouds("first-time", Aws::Own).await;
        let fault = Fault::new(READ, verbatim(200, "application/json", body.to_string()));
        simulator.control().fault(fault);
        let ran = Program::on(&simulator).run(&["status"]).await.exits(3);
        assert!(
            ran.stdout.contains("Orders") && ran.stderr.is_empty(),
            "{body}: {ran:?}"
        );
        assert_plain(&ran.stdout);
    })
    .await;
}

/// A change whose answer can't be read is looked for, not sent blindly again; what was made is made once.
#[tokio::test]
async fn changes_are_looked_for_where_their_answer_cannot_be_read() {
    let answers = || vec![Effect::CutWithin, Effect::EmptyAnswer];
    let operations = [
        "createAccessRole",
        "authorizeAccessRole",
        "enableEncryptionAtRest",
        "updateCluster",
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "kms:CreateKey",
        "kms:CreateAlias",
    ];
    let rows = operations
        .into_iter()
        .flat_map(|operation| answers().into_iter().map(move |effect| (operation, effect)));
    try_all(rows, |(operation, effect)| async move {
        let rig = Rig::start(SETTLED, SPEED).await.with_clusters(&["orders"]);
        rig.control.fault(Fault::new(operation, effect.clone()).nth(1));
        let told = rig.apply().await.completed();
        for attempt in told.attempts(step_of(operation)) {
            assert_plain(&attempt.reason);
        }
        assert_eq!(
            (rig.access_roles().len(), rig.our_keys().len()),
            (1, 1),
            "{operation} {effect:?}"
        );
        assert_eq!(
            rig.project()["aws_kms"]["role_id"],
            rig.access_roles()[0]["id"],
            "{operation}"
        );
    })
    .await;
}

/// AWS's answers can be garbled as well.
#[tokio::test]
async fn aws_too() {
    let rows: Vec<(&str, Effect, &str)> = vec![
        ("iam:CreateRole", verbatim(400, HTML, PAGE), "no error of AWS's"),
        (
            "iam:CreateRole",
            verbatim(403, "text/xml", "<ErrorResponse><Err"),
            "HTTP 403",
        ),
        ("iam:CreateRole", verbatim(407, HTML, PAGE), "HTTP 407"),
        (
            "kms:CreateKey",
            verbatim(400, "application/x-amz-json-1.1", "{"),
            "HTTP 400",
        ),
        (
            "kms:CreateKey",
            verbatim(400, "application/x-amz-json-1.1", ""),
            "no error of AWS's",
        ),
        ("kms:CreateAlias", verbatim(404, HTML, PAGE), "no error of AWS's"),
    ];
    try_all(rows, |(operation, effect, says)| async move {
        let rig = Rig::start(SETTLED, SPEED).await.with_clusters(&["orders"]);
        rig.control.fault(Fault::new(operation, effect.clone()));
        let told = rig.apply().await.failed(&[step_of(operation)]);
        let problem = told.problem(step_of(operation));
        let shown = shown(problem);
        assert!(shown.contains(says), "{operation} {effect:?}: {shown}");
        assert!(shown.contains("AWS_ENDPOINT_URL"), "{operation} {effect:?}: {shown}");
        assert_plain(&shown);
        assert_eq!(rig.control.count(operation), 1, "{operation} {effect:?}");
    })
    .await;
}
