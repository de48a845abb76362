//! The token of a service account.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use atlas_cmk::atlas::{Attempt, Error};
use atlas_cmk::problem::{Kind, Problem};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::{PROJECT, Seen, Server, ok, project, quick, refusal, reply, service_account};

/// A server half of OAuth: tokens `t1`, `t2`, …, of which only the last is good.
fn oauth(seen: &Seen, issued: &AtomicUsize) -> Option<Response> {
    if seen.target == "/api/oauth/token" {
        assert_eq!(&seen.body[..], b"grant_type=client_credentials");
        assert!(seen.header("authorization").unwrap().starts_with("Basic "));
        let number = issued.fetch_add(1, Ordering::SeqCst) + 1;
        return Some(ok(
            &json!({"access_token": format!("t{number}"), "expires_in": 3600, "token_type": "Bearer"}),
        ));
    }
    let good = format!("Bearer t{}", issued.load(Ordering::SeqCst));
    (seen.header("authorization") != Some(good.as_str())).then(|| refusal(401, "UNAUTHORIZED"))
}

#[tokio::test]
async fn one_token_serves_all_workers_and_is_revoked_at_the_end() {
    let issued = AtomicUsize::new(0);
    let server = Server::start(move |seen, _| match seen.target.as_str() {
        "/api/oauth/revoke" => StatusCode::OK.into_response(),
        _ => oauth(seen, &issued).unwrap_or_else(|| ok(&project())),
    })
    .await;
    let client = service_account(&server.url);
    let all = futures::future::join_all((0..10).map(|_| client.project(PROJECT))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(server.count(), 11);
    client.clone().close().await;
    client.close().await;
    let last = server.seen().pop().unwrap();
    assert_eq!((server.count(), last.target.as_str()), (12, "/api/oauth/revoke"));
    assert_eq!(&last.body[..], b"token=t1&token_type_hint=access_token");
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_for_all_workers() {
    let issued = Arc::new(AtomicUsize::new(0));
    let server = {
        let issued = Arc::clone(&issued);
        Server::start(move |seen, _| oauth(seen, &issued).unwrap_or_else(|| ok(&project()))).await
    };
    let client = service_account(&server.url);
    client.project(PROJECT).await.unwrap();
    issued.fetch_add(1, Ordering::SeqCst); // As if somebody had revoked it.
    let all = futures::future::join_all((0..10).map(|_| client.project(PROJECT))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(issued.load(Ordering::SeqCst), 3);

    // A token that nobody takes is replaced once and then an error.
    let server = Server::start(|seen, _| match seen.target.as_str() {
        "/api/oauth/token" => ok(&json!({"access_token": "t", "expires_in": 3600})),
        _ => refusal(401, "UNAUTHORIZED"),
    })
    .await;
    let error = service_account(&server.url).project(PROJECT).await.unwrap_err();
    assert_eq!((server.count(), error.code()), (4, Some("UNAUTHORIZED")));
}

#[tokio::test]
async fn the_token_endpoints_limit_is_waited_for_by_one() {
    let issued = AtomicUsize::new(0);
    let server = Server::start(move |seen, before| match before {
        0 => refusal(429, "RATE_LIMITED"),
        _ => oauth(seen, &issued).unwrap_or_else(|| ok(&project())),
    })
    .await;
    let told: Arc<Mutex<Vec<Attempt>>> = Arc::default();
    let sink = Arc::clone(&told);
    let client = service_account(&server.url).with_notify(Arc::new(move |attempt| sink.lock().unwrap().push(attempt)));
    let started = Instant::now();
    let all = futures::future::join_all((0..5).map(|_| client.project(PROJECT))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert!(started.elapsed() >= quick().token);
    assert_eq!(server.count(), 2 + 5);
    let told = told.lock().unwrap();
    assert_eq!((told.len(), told[0].request.as_str()), (1, "POST /api/oauth/token"));
    assert!(told[0].reason.contains("per minute"), "{told:?}");
}

#[tokio::test]
async fn a_wrong_secret_is_told_in_oauths_words_and_not_repeated() {
    let server = Server::start(|_, _| {
        reply(
            401,
            &json!({"error": "invalid_client", "error_description": "The words."}),
        )
    })
    .await;
    let error = service_account(&server.url)
        .create_access_role(PROJECT)
        .await
        .unwrap_err();
    assert_eq!((server.count(), error.code()), (1, Some("invalid_client")));
    assert!(!error.may_have_happened());
    let problem = Problem::from(error);
    assert_eq!(
        (problem.kind, problem.place.as_deref()),
        (Kind::Prerequisite, Some("POST /api/oauth/token"))
    );
}

#[tokio::test]
async fn roles_that_cannot_be_read_are_unknown() {
    async fn identity(status: u16, code: &'static str) -> Result<Option<usize>, Error> {
        let issued = AtomicUsize::new(0);
        let server = Server::start(move |seen, _| oauth(seen, &issued).unwrap_or_else(|| refusal(status, code))).await;
        let identity = service_account(&server.url).identity(Some(PROJECT)).await?;
        Ok(identity.roles.map(|roles| roles.len()))
    }
    assert_eq!(identity(401, "USER_UNAUTHORIZED").await.unwrap(), None);
    assert_eq!(identity(404, "SERVICE_ACCOUNT_NOT_FOUND").await.unwrap(), None);
    let error = identity(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST").await.unwrap_err();
    assert_eq!(error.code(), Some("IP_ADDRESS_NOT_ON_ACCESS_LIST"));

    let issued = AtomicUsize::new(0);
    let server = Server::start(move |seen, _| {
        oauth(seen, &issued).unwrap_or_else(|| ok(&json!({"clientId": "x", "roles": ["GROUP_OWNER"], "secrets": []})))
    })
    .await;
    let identity = service_account(&server.url).identity(Some(PROJECT)).await.unwrap();
    assert_eq!(identity.owns(PROJECT), Some(true));
    let asked = server.seen().pop().unwrap();
    assert_eq!(asked.header("accept"), Some("application/vnd.atlas.2024-08-05+json"));
    assert!(
        asked
            .target
            .ends_with("/serviceAccounts/mdb_sa_id_6a793f832c88faeba59bc3c2")
    );
}

#[tokio::test]
async fn the_token_endpoints_own_errors_are_repeated_without_the_long_wait() {
    let issued = AtomicUsize::new(0);
    let server = Server::start(move |seen, before| match before {
        0 => refusal(503, "SERVICE_UNAVAILABLE"),
        1 => reply(500, &json!({"error": "server_error"})),
        _ => oauth(seen, &issued).unwrap_or_else(|| ok(&project())),
    })
    .await;
    let started = Instant::now();
    service_account(&server.url)
        .create_access_role(PROJECT)
        .await
        .unwrap_err(); // A project is no access role.
    assert!(started.elapsed() < quick().token);
    assert_eq!(server.count(), 4);
}

#[tokio::test]
async fn an_absurd_life_of_a_token_does_no_harm() {
    let server = Server::start(|seen, _| match seen.target.as_str() {
        "/api/oauth/token" => ok(&json!({"access_token": "t", "expires_in": u64::MAX})),
        _ => ok(&project()),
    })
    .await;
    service_account(&server.url).project(PROJECT).await.unwrap();
}
