//! Lists: whole or an error.

use std::collections::HashSet;

use atlas_cmk::atlas::ErrorKind;
use axum::response::Response;
use serde_json::{Value, json};

use super::{PROJECT, Seen, Server, cluster, ok, refusal};

/// The page of a list of so many clusters that was asked for.
fn clusters_page(seen: &Seen, total: usize) -> Response {
    let from = (seen.page() - 1) * 500;
    // Backwards, so that sorting is seen.
    let results: Vec<Value> = (from..total.min(from + 500))
        .map(|n| cluster(&format!("c-{:04}", total - n)))
        .collect();
    let evil = json!([{"rel": "next", "href": "http://127.0.0.1:9/steal"}]);
    ok(&json!({"links": evil, "results": results, "totalCount": total}))
}

#[tokio::test]
async fn all_pages_are_read_and_sorted() {
    let server = Server::start(|seen, _| clusters_page(seen, 1203)).await;
    let clusters = server.client().clusters(PROJECT).await.unwrap();
    assert_eq!(clusters.len(), 1203);
    assert!(clusters.is_sorted_by(|a, b| a.name < b.name));
    let pages: HashSet<usize> = server.seen().iter().map(Seen::page).collect();
    assert_eq!((server.count(), pages), (3, HashSet::from([1, 2, 3])));
}

#[tokio::test]
async fn a_failing_second_page_is_an_error() {
    let server = Server::start(|seen, _| match seen.page() {
        2 => refusal(403, "ACCESS_FORBIDDEN"),
        _ => clusters_page(seen, 1203),
    })
    .await;
    let error = server.client().clusters(PROJECT).await.unwrap_err();
    assert_eq!(error.code(), Some("ACCESS_FORBIDDEN"));
    assert_eq!(error.request, format!("GET /groups/{PROJECT}/clusters?pageNum=2"));
}

#[tokio::test]
async fn a_list_that_does_not_add_up_is_read_once_more() {
    // One cluster goes while the first reading is under way.
    let server = Server::start(|seen, before| {
        let total = if before == 0 { 501 } else { 500 };
        clusters_page(seen, total)
    })
    .await;
    assert_eq!(server.client().clusters(PROJECT).await.unwrap().len(), 500);
    assert_eq!(server.count(), 3);

    let server = Server::start(|_, _| ok(&json!({"results": [cluster("a"), cluster("a")], "totalCount": 2}))).await;
    let error = server.client().clusters(PROJECT).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Count { expected: 2, found: 1 });
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn a_list_without_a_count_is_read_until_a_page_is_not_full() {
    let server = Server::start(|seen, _| {
        let number = if seen.page() < 3 { 500 } else { 7 };
        let results: Vec<Value> = (0..number).map(|n| cluster(&format!("{}-{n}", seen.page()))).collect();
        ok(&json!({"results": results, "totalCount": null}))
    })
    .await;
    assert_eq!(server.client().clusters(PROJECT).await.unwrap().len(), 1007);
}
