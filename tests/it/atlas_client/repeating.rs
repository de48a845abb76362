//! What is tried again, how often, and what never is.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use atlas_cmk::atlas::{Attempt, ErrorKind, Patience};
use atlas_cmk::problem::Problem;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use futures::{StreamExt as _, stream};
use tokio::io::AsyncReadExt as _;

use super::{PROJECT, Server, access_role, client, html, ok, project, quick, refusal, update, with};

#[tokio::test]
async fn retry_after_is_waited_for_and_told() {
    let server = Server::start(|_, before| match before {
        0 => with(refusal(429, "RATE_LIMITED"), "retry-after", "1"),
        _ => ok(&project()),
    })
    .await;
    let told: Arc<Mutex<Vec<Attempt>>> = Arc::default();
    let sink = Arc::clone(&told);
    let client = server
        .client()
        .with_notify(Arc::new(move |attempt| sink.lock().unwrap().push(attempt)));
    let started = Instant::now();
    client.project(PROJECT).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.count(), 2);
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].request, format!("GET /groups/{PROJECT}"));
    assert_eq!(told[0].code.as_deref(), Some("RATE_LIMITED"));
    assert!(
        told[0].next_try >= Duration::from_secs(1) && told[0].reason.contains("slow down"),
        "{told:?}"
    );
}

#[tokio::test]
async fn limits_without_retry_after_hold_back_changes_too() {
    let server = Server::start(|_, before| match before {
        0 | 1 => refusal(429, "RATE_LIMITED_TOKEN_BUCKET"),
        2 => refusal(503, "SERVICE_UNAVAILABLE"),
        _ => ok(&access_role()),
    })
    .await;
    server.client().create_access_role(PROJECT).await.unwrap();
    assert_eq!(server.count(), 4);
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_told_at_once() {
    let server = Server::start(|_, _| with(refusal(503, "SERVICE_UNAVAILABLE"), "retry-after", "3600")).await;
    let error = server.client().project(PROJECT).await.unwrap_err();
    assert_eq!((server.count(), error.retry_after), (1, Some(Duration::from_hours(1))));
}

#[tokio::test]
async fn patience_with_limits_ends() {
    let server = Server::start(|_, _| refusal(429, "RATE_LIMITED")).await;
    let patience = Patience {
        total: Duration::from_millis(100),
        ..quick()
    };
    let error = server
        .client()
        .with_patience(patience)
        .project(PROJECT)
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(429));
    assert!((3..=20).contains(&server.count()), "{}", server.count());
}

#[tokio::test]
async fn a_page_of_a_gateway_is_repeated_for_reads_alone_and_never_shown() {
    let server = Server::start(|_, before| if before < 2 { html(503) } else { ok(&project()) }).await;
    server.client().project(PROJECT).await.unwrap();
    assert_eq!(server.count(), 3);

    let server = Server::start(|_, _| html(503)).await;
    let error = server.client().encrypt_cluster(PROJECT, "orders").await.unwrap_err();
    assert_eq!(server.count(), 1);
    assert!(error.may_have_happened());
    let problem = Problem::from(error);
    assert_eq!(problem.message, "Atlas is unavailable (503)");
    assert!(!format!("{problem:?}").contains('<'), "{problem:?}");
}

#[tokio::test]
async fn the_services_own_errors_are_repeated_a_few_times_for_reads_alone() {
    for status in [500, 502, 504] {
        let server = Server::start(move |_, _| refusal(status, "UNEXPECTED_ERROR")).await;
        let error = server.client().project(PROJECT).await.unwrap_err();
        assert_eq!((server.count(), error.status()), (5, Some(status)));
        let error = server.client().enable_encryption(PROJECT, &update()).await.unwrap_err();
        assert_eq!((server.count(), error.may_have_happened()), (6, true));
    }
}

#[tokio::test]
async fn answers_without_json_are_clear_errors() {
    for (response, words) in [
        (html as fn(u16) -> Response, "no JSON"),
        (
            (|status| StatusCode::from_u16(status).unwrap().into_response()) as fn(u16) -> Response,
            "no JSON",
        ),
    ] {
        let server = Server::start(move |_, _| response(200)).await;
        let problem = Problem::from(server.client().project(PROJECT).await.unwrap_err());
        assert!(problem.message.contains(words), "{problem:?}");
        assert_eq!(server.count(), 1);
    }
    let server = Server::start(|_, _| html(407)).await;
    let problem = Problem::from(server.client().project(PROJECT).await.unwrap_err());
    assert!(problem.message.contains("proxy"), "{problem:?}");
}

#[tokio::test]
async fn an_endless_answer_is_given_up() {
    let server = Server::start(|_, _| {
        let chunk = Bytes::from(vec![b' '; 1 << 20]);
        Response::new(Body::from_stream(stream::repeat(Ok::<_, Infallible>(chunk)).take(64)))
    })
    .await;
    let error = server.client().project(PROJECT).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Decode { .. }), "{error:?}");
}

/// Takes requests and hangs up.
async fn hang_up() -> (String, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count: Arc<AtomicUsize> = Arc::default();
    let taken = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.read(&mut [0; 4096]).await;
            taken.fetch_add(1, Ordering::SeqCst);
        }
    });
    (url, count)
}

#[tokio::test]
async fn a_cut_connection_is_tried_again_for_reads_alone() {
    let (url, count) = hang_up().await;
    let error = client(&url).encrypt_cluster(PROJECT, "orders").await.unwrap_err();
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert!(error.may_have_happened(), "{error:?}");
    assert!(
        matches!(error.kind, ErrorKind::Transport { reached: true, .. }),
        "{error:?}"
    );
    let problem = Problem::from(error);
    assert!(!format!("{problem:?}").contains("http://"), "{problem:?}");

    let error = client(&url).project(PROJECT).await.unwrap_err();
    assert_eq!(count.load(Ordering::SeqCst), 1 + 5);
    assert!(!error.may_have_happened());
}

#[tokio::test]
async fn a_cut_in_the_middle_of_an_answer_counts_as_one() {
    let server = Server::start(|_, before| {
        if before > 0 {
            return ok(&project());
        }
        let parts = vec![Ok(Bytes::from_static(b"{\"id\":")), Err(std::io::Error::other("cut"))];
        Response::new(Body::from_stream(stream::iter(parts)))
    })
    .await;
    server.client().project(PROJECT).await.unwrap();
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn a_host_that_never_answered_is_given_up_soon() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let started = Instant::now();
    let error = client(&url).create_access_role(PROJECT).await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(2));
    assert!(
        matches!(error.kind, ErrorKind::Transport { reached: false, .. }),
        "{error:?}"
    );
    assert!(!error.may_have_happened());
    assert!(Problem::from(error).message.contains("can't be reached"));
}
