//! The Atlas client on a socket: what it sends, what it repeats, what it never does.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use atlas_cmk::atlas::{Attempt, AwsKmsUpdate, Client, Credential, Error, ErrorKind, Patience};
use atlas_cmk::domain::arn::RoleArn;
use atlas_cmk::domain::region::Region;
use atlas_cmk::problem::{Kind, Problem};
use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use crate::support::server::{Seen, Server};

const PROJECT: &str = "6a793f832c88faeba59bc3c2";

impl Seen {
    fn page(&self) -> usize {
        let (_, number) = self.target.split_once("pageNum=").unwrap();
        number.parse().unwrap()
    }
}

impl Server {
    fn client(&self) -> Client {
        client(&self.url)
    }
}

fn client(url: &str) -> Client {
    let key = Credential::ApiKey {
        public_key: "abcdefgh".to_owned(),
        private_key: "0e6f-hush".to_owned().into(),
    };
    Client::new(url, key).unwrap().with_patience(quick())
}

fn service_account(url: &str) -> Client {
    let account = Credential::ServiceAccount {
        client_id: "mdb_sa_id_6a793f832c88faeba59bc3c2".to_owned(),
        client_secret: "mdb_sa_sk_hush".to_owned().into(),
    };
    Client::new(url, account).unwrap().with_patience(quick())
}

fn quick() -> Patience {
    Patience {
        first: Duration::from_millis(5),
        longest: Duration::from_millis(20),
        total: Duration::from_secs(5),
        unreached: Duration::from_millis(100),
        token: Duration::from_millis(200),
        ..Patience::default()
    }
}

fn ok(body: &Value) -> Response {
    reply(200, body)
}

fn reply(status: u16, body: &Value) -> Response {
    let json = [(
        header::CONTENT_TYPE,
        "application/vnd.atlas.2023-01-01+json;charset=utf-8",
    )];
    (StatusCode::from_u16(status).unwrap(), json, body.to_string()).into_response()
}

fn refusal(status: u16, code: &str) -> Response {
    reply(
        status,
        &json!({"error": status, "errorCode": code, "detail": "The words.", "parameters": []}),
    )
}

fn html(status: u16) -> Response {
    let page = "<!DOCTYPE html><html><body>Unavailable</body></html>";
    (
        StatusCode::from_u16(status).unwrap(),
        [(header::CONTENT_TYPE, "text/html")],
        page,
    )
        .into_response()
}

fn with(mut response: Response, name: &'static str, value: &str) -> Response {
    response.headers_mut().insert(name, value.parse().unwrap());
    response
}

fn project() -> Value {
    json!({"id": PROJECT, "name": "orders", "orgId": "a0123456789abcdef012345a"})
}

fn access_role() -> Value {
    json!({"providerName": "AWS", "roleId": "6a793f88c0eb9e7a17716581", "authorizedDate": null,
        "atlasAWSAccountArn": "arn:aws:iam::299602853325:root",
        "atlasAssumedRoleExternalId": "b63a96a9-5e21-4eee-9902-a3cdc7a0d81e"})
}

fn cluster(name: &str) -> Value {
    json!({"name": name, "clusterType": "REPLICASET", "stateName": "IDLE", "encryptionAtRestProvider": "NONE"})
}

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

fn update() -> AwsKmsUpdate {
    AwsKmsUpdate {
        role_id: "6a793f88c0eb9e7a17716581".to_owned(),
        key: "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab".to_owned(),
        region: Region::parse("us-east-1").unwrap(),
        require_private_networking: None,
    }
}

#[tokio::test]
async fn each_call_has_its_version_its_path_and_its_body() {
    let server = Server::start(|seen, _| match seen.target.as_str() {
        "/api/atlas/v2" => ok(&json!({"apiKey": {"roles": [{"groupId": PROJECT, "roleName": "GROUP_OWNER"}]}})),
        target if target.contains("cloudProviderAccess") && seen.method == "GET" && target.ends_with("Access") => {
            ok(&json!({"awsIamRoles": [access_role()]}))
        }
        target if target.contains("cloudProviderAccess") => ok(&access_role()),
        target if target.contains("encryptionAtRest") => ok(&json!({"awsKms": {"enabled": true}})),
        target if target.contains('?') => ok(&json!({"results": [], "totalCount": 0})),
        target if target.contains("/clusters/") => ok(&cluster("orders")),
        _ => ok(&project()),
    })
    .await;
    let client = server.client();
    let role = "6a793f88c0eb9e7a17716581";
    let arn = RoleArn::parse("arn:aws:iam::111122223333:role/team/atlas").unwrap();
    let identity = client.identity(Some(PROJECT)).await.unwrap();
    assert_eq!((identity.id.as_str(), identity.owns(PROJECT)), ("abcdefgh", Some(true)));
    client.projects().await.unwrap();
    client.project(PROJECT).await.unwrap();
    assert_eq!(client.access_roles(PROJECT).await.unwrap().len(), 1);
    client.access_role(PROJECT, role).await.unwrap();
    client.create_access_role(PROJECT).await.unwrap();
    client.authorize_access_role(PROJECT, role, &arn).await.unwrap();
    client.encryption_setting(PROJECT).await.unwrap();
    assert!(client.enable_encryption(PROJECT, &update()).await.unwrap().aws.enabled);
    client.clusters(PROJECT).await.unwrap();
    client.flex_clusters(PROJECT).await.unwrap();
    client.cluster(PROJECT, "orders").await.unwrap();
    client.encrypt_cluster(PROJECT, "orders").await.unwrap();

    let lines: Vec<String> = server
        .seen()
        .iter()
        .map(|seen| {
            assert_eq!(
                seen.header("user-agent"),
                Some(concat!("atlas-cmk/", env!("CARGO_PKG_VERSION")))
            );
            if seen.body.is_empty() {
                assert_eq!(seen.header("content-type"), None);
            } else {
                assert_eq!(seen.header("content-type"), seen.header("accept"));
            }
            let version = seen.header("accept").unwrap();
            let version = version
                .strip_prefix("application/vnd.atlas.")
                .unwrap()
                .strip_suffix("+json")
                .unwrap();
            let path = seen
                .target
                .strip_prefix("/api/atlas/v2")
                .unwrap()
                .replace(PROJECT, "P")
                .replace(role, "R");
            let body = std::str::from_utf8(&seen.body).unwrap().replace(role, "R");
            format!("{version} {} {path} {body}", seen.method).trim_end().to_owned()
        })
        .collect();
    let list = "?includeCount=true&itemsPerPage=500&pageNum=1";
    assert_eq!(
        lines,
        [
            "2023-01-01 GET".to_owned(),
            format!("2023-01-01 GET /groups{list}"),
            "2023-01-01 GET /groups/P".to_owned(),
            "2023-01-01 GET /groups/P/cloudProviderAccess".to_owned(),
            "2023-01-01 GET /groups/P/cloudProviderAccess/R".to_owned(),
            r#"2023-01-01 POST /groups/P/cloudProviderAccess {"providerName":"AWS"}"#.to_owned(),
            r#"2023-01-01 PATCH /groups/P/cloudProviderAccess/R {"providerName":"AWS","iamAssumedRoleArn":"arn:aws:iam::111122223333:role/team/atlas"}"#.to_owned(),
            "2023-01-01 GET /groups/P/encryptionAtRest".to_owned(),
            r#"2023-01-01 PATCH /groups/P/encryptionAtRest {"awsKms":{"enabled":true,"roleId":"R","customerMasterKeyID":"arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab","region":"US_EAST_1"}}"#.to_owned(),
            format!("2024-08-05 GET /groups/P/clusters{list}"),
            format!("2024-11-13 GET /groups/P/flexClusters{list}"),
            "2024-08-05 GET /groups/P/clusters/orders".to_owned(),
            r#"2024-10-23 PATCH /groups/P/clusters/orders {"encryptionAtRestProvider":"AWS"}"#.to_owned(),
        ]
    );
}

#[tokio::test]
async fn names_stay_one_part_of_the_path() {
    let server = Server::start(|_, _| ok(&cluster("x"))).await;
    let client = server.client();
    client.cluster(PROJECT, "../../../orgs?x#y").await.unwrap();
    assert_eq!(
        server.seen()[0].target,
        format!("/api/atlas/v2/groups/{PROJECT}/clusters/..%2F..%2F..%2Forgs%3Fx%23y")
    );
    for name in ["..", ".", ""] {
        let error = client.encrypt_cluster(PROJECT, name).await.unwrap_err();
        assert!(!error.may_have_happened());
        assert_eq!(Problem::from(error).kind, Kind::Input);
    }
    assert_eq!(server.count(), 1);
}

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
    assert_eq!(
        (server.count(), error.retry_after),
        (1, Some(Duration::from_secs(3600)))
    );
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

#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Server::start(|_, _| ok(&project())).await;
    let target = format!("{}elsewhere", other.url);
    let server = Server::start(move |_, _| {
        let moved = StatusCode::TEMPORARY_REDIRECT.into_response();
        with(moved, "location", &target)
    })
    .await;
    let error = server.client().encrypt_cluster(PROJECT, "orders").await.unwrap_err();
    assert_eq!(
        error.kind,
        ErrorKind::Redirect {
            host: Some("127.0.0.1".to_owned())
        }
    );
    assert_eq!((server.count(), other.count()), (1, 0));
    assert!(Problem::from(error).message.contains("redirects to 127.0.0.1"));
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

/// A server half of digest: checks answers, and says what it wants.
struct Digest {
    algorithm: &'static str,
    private_key: &'static str,
    /// How often one nonce may be used.
    uses: usize,
    nonces: Mutex<Vec<HashSet<u32>>>,
}

impl Digest {
    fn new(algorithm: &'static str, private_key: &'static str, uses: usize) -> Self {
        Self {
            algorithm,
            private_key,
            uses,
            nonces: Mutex::default(),
        }
    }

    fn challenge(&self, stale: bool) -> Response {
        let mut nonces = self.nonces.lock().unwrap();
        nonces.push(HashSet::new());
        let challenge = format!(
            r#"Digest realm="MMS Public API", domain="", nonce="n{}", algorithm={}, qop="auth", stale={stale}"#,
            nonces.len() - 1,
            self.algorithm
        );
        with(refusal(401, "UNEXPECTED_ERROR"), "www-authenticate", &challenge)
    }

    fn judge(&self, seen: &Seen) -> Option<Response> {
        let Some(given) = seen.header("authorization") else {
            return Some(self.challenge(false));
        };
        let mut given = digest_auth::AuthorizationHeader::parse(given).unwrap();
        assert_eq!(
            (given.uri.as_str(), given.username.as_str()),
            (seen.target.as_str(), "abcdefgh")
        );
        let response = given.response.clone();
        let context = digest_auth::AuthContext::new_with_method(
            "abcdefgh",
            self.private_key,
            seen.target.as_str(),
            Some(&seen.body[..]),
            digest_auth::HttpMethod::from(seen.method.as_str()),
        );
        given.digest(&context);
        if given.response != response {
            return Some(self.challenge(false));
        }
        let number: usize = given.nonce.strip_prefix('n').unwrap().parse().unwrap();
        let mut nonces = self.nonces.lock().unwrap();
        if nonces[number].len() >= self.uses {
            drop(nonces);
            return Some(self.challenge(true));
        }
        assert!(nonces[number].insert(given.nc), "nc {} came twice", given.nc);
        None
    }
}

#[tokio::test]
async fn a_challenge_is_answered_once_and_reused() {
    for algorithm in ["MD5", "SHA-256"] {
        let digest = Digest::new(algorithm, "0e6f-hush", 100);
        let server = Server::start(move |seen, _| digest.judge(seen).unwrap_or_else(|| ok(&project()))).await;
        let client = server.client();
        for expected in [2, 3, 4] {
            client.project(PROJECT).await.unwrap();
            assert_eq!(server.count(), expected);
        }
    }
}

#[tokio::test]
async fn a_stale_nonce_costs_one_request() {
    let digest = Digest::new("MD5", "0e6f-hush", 2);
    let server = Server::start(move |seen, _| digest.judge(seen).unwrap_or_else(|| ok(&access_role()))).await;
    let client = server.client();
    for expected in [2, 3, 5, 6, 8] {
        client.create_access_role(PROJECT).await.unwrap();
        assert_eq!(server.count(), expected);
    }
}

#[tokio::test]
async fn workers_share_a_challenge() {
    let digest = Digest::new("MD5", "0e6f-hush", 7);
    let server = Server::start(move |seen, _| digest.judge(seen).unwrap_or_else(|| ok(&project()))).await;
    let client = server.client();
    for _ in 0..3 {
        let all = futures::future::join_all((0..20).map(|_| client.project(PROJECT))).await;
        assert!(all.iter().all(Result::is_ok), "{all:?}");
    }
}

#[tokio::test]
async fn wrong_keys_take_two_requests() {
    let digest = Digest::new("MD5", "another", 100);
    let server = Server::start(move |seen, _| digest.judge(seen).unwrap_or_else(|| ok(&project()))).await;
    let error = server.client().identity(None).await.unwrap_err();
    assert_eq!((server.count(), &error.kind), (2, &ErrorKind::WrongKeys));
    let problem = Problem::from(error);
    assert!(
        problem.message.contains("key is wrong") && !format!("{problem:?}").contains("hush"),
        "{problem:?}"
    );
}

#[tokio::test]
async fn a_low_role_is_no_wrong_key_even_beside_a_challenge() {
    let digest = Digest::new("MD5", "0e6f-hush", 100);
    let server = Server::start(move |seen, _| {
        digest.judge(seen).unwrap_or_else(|| {
            let challenge = r#"Digest realm="MMS Public API", nonce="n9", algorithm=MD5, qop="auth""#;
            with(refusal(401, "USER_UNAUTHORIZED"), "www-authenticate", challenge)
        })
    })
    .await;
    let error = server.client().enable_encryption(PROJECT, &update()).await.unwrap_err();
    assert_eq!((server.count(), error.code()), (2, Some("USER_UNAUTHORIZED")));
    assert!(Problem::from(error).message.contains("lacks the role Project Owner"));
}

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

#[test]
fn a_client_shows_no_secret() {
    let shown = format!("{:?}", client("https://cloud.mongodb.com"));
    assert!(
        shown.contains("cloud.mongodb.com") && !shown.contains("hush"),
        "{shown}"
    );
}
