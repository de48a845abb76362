//! What operators are told, from the socket on: a selection; the table of all codes is tested beside the sentences.

use atlas_cmk::domain::project::AtlasIdentity;
use atlas_cmk::problem::{Kind, Problem};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::{PROJECT, Server, access_role, html, ok, refusal, reply, update};

type Script = Box<dyn Fn() -> Response + Send + Sync>;

/// Everything that an operator can come to see of a problem.
fn shown(problem: &Problem) -> String {
    let place = problem.place.as_deref().unwrap_or_default();
    [
        problem.message.as_str(),
        place,
        &problem.hints.join("\n"),
        &problem.causes.join("\n"),
    ]
    .join("\n")
}

async fn refused(answer: impl Fn() -> Response + Send + Sync + 'static) -> Problem {
    let server = Server::start(move |_, _| answer()).await;
    let error = server.client().enable_encryption(PROJECT, &update()).await.unwrap_err();
    error.into()
}

#[tokio::test]
async fn pages_nothing_and_halves_never_reach_the_screen() {
    let body = |status: StatusCode, text: &'static str| {
        move || (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
    };
    let in_value = r#"{"awsKms":"<!DOCTYPE html><html>Sign in</html>"}"#;
    let cases: [(Script, &str); 9] = [
        (Box::new(|| html(200)), "no JSON in it (200)"),
        (Box::new(|| html(404)), "without a word of the Atlas API (404)"),
        (
            Box::new(|| html(407)),
            "the proxy between here and Atlas wants a login (407)",
        ),
        (Box::new(|| html(502)), "a gateway answered instead of Atlas (502)"),
        (Box::new(|| html(503)), "Atlas is unavailable (503)"),
        (Box::new(body(StatusCode::OK, "")), "no JSON in it (200)"),
        (
            Box::new(body(StatusCode::OK, r#"{"awsKms":{"enabl"#)),
            "it ends too early",
        ),
        (
            Box::new(body(StatusCode::OK, r#"{"awsKms":nonsense}"#)),
            "it isn't JSON",
        ),
        (Box::new(body(StatusCode::OK, in_value)), "a value doesn't fit"),
    ];
    for (answer, words) in cases {
        let problem = refused(answer).await;
        let shown = shown(&problem);
        assert!(shown.contains(words), "{words:?} isn't in {shown}");
        for foreign in ["<html", "DOCTYPE", "Unavailable<", "enabl", "nonsense"] {
            let word = if foreign == "enabl" { "\"enabl" } else { foreign };
            assert!(!shown.contains(word), "{shown}");
        }
        assert!(!problem.hints.is_empty());
    }
}

#[tokio::test]
async fn a_write_that_is_refused_after_reads_that_were_not_says_which_role_it_needs() {
    let server = Server::start(|seen, _| match seen.method.as_str() {
        "GET" => ok(&json!({"apiKey": {"roles": [{"groupId": PROJECT, "roleName": "GROUP_READ_ONLY"}]}})),
        _ => refusal(401, "USER_UNAUTHORIZED"),
    })
    .await;
    let client = server.client();
    let AtlasIdentity { roles, .. } = client.identity(Some(PROJECT)).await.unwrap();
    assert_eq!(roles.map(|roles| roles.len()), Some(1));
    let problem: Problem = client.enable_encryption(PROJECT, &update()).await.unwrap_err().into();
    assert_eq!(
        problem.message,
        format!(
            "the Atlas credential is known, but lacks the role Project Owner on project {PROJECT}; it has Project Read Only there"
        )
    );
    assert_eq!(problem.kind, Kind::Prerequisite);
}

#[tokio::test]
async fn an_access_list_that_refuses_a_write_is_told_from_the_networks_own() {
    let server = Server::start(|seen, _| match seen.method.as_str() {
        "GET" => ok(&json!({"awsIamRoles": [access_role()]})),
        _ => reply(
            403,
            &json!({"error": 403, "errorCode": "IP_ADDRESS_NOT_ON_ACCESS_LIST", "parameters": ["203.0.113.9"],
                "detail": "IP address 203.0.113.9 is not allowed to access this resource."}),
        ),
    })
    .await;
    let client = server.client();
    assert_eq!(client.access_roles(PROJECT).await.unwrap().len(), 1);
    let before = server.count();
    let error = client.create_access_role(PROJECT).await.unwrap_err();
    assert!(!error.may_have_happened());
    assert_eq!(server.count(), before + 1);
    let shown = shown(&error.into());
    for words in [
        "203.0.113.9",
        "API access list of the API key or service account",
        "IP access list (Network Access) is for database connections",
    ] {
        assert!(shown.contains(words), "{words:?} isn't in {shown}");
    }
}

#[tokio::test]
async fn a_code_that_nobody_knows_is_told_with_all_that_is_known() {
    let problem = refused(|| {
        reply(
            418,
            &json!({"error": 418, "errorCode": "BRAND_NEW", "detail": "Kettle first.", "parameters": null}),
        )
    })
    .await;
    let shown = shown(&problem);
    for words in ["(418)", "Kettle first.", "PATCH /groups/", "/encryptionAtRest"] {
        assert!(shown.contains(words), "{words:?} isn't in {shown}");
    }
    assert_eq!(problem.code.as_deref(), Some("BRAND_NEW"));
}
