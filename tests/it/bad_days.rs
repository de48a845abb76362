//! Days on which everything goes wrong that the program can't help: limits, gateways, lists that don't add up, others who
//! answer in Atlas's place, networks that go away.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use atlas_cmk::apply::event::Outcome;
use atlas_cmk::problem::Problem;
use atlas_cmk::simulator::{Aws, Effect, Fault};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use rcgen::CertifiedKey;
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::support::program::{Program, clouds};
use crate::support::rig::{Rig, SETTLED, SPEED};
use crate::support::server::Server;
use crate::support::wire::changes;

const READ: &str = "getEncryptionAtRest";
const CLUSTERS: &str = "listClusters";
const CLUSTER: &str = "encrypt-cluster:orders";

async fn rig() -> Rig {
    Rig::start(SETTLED, SPEED).await.with_clusters(&["orders"])
}

fn refused(status: u16, code: &str) -> Effect {
    Effect::Refused {
        status,
        code: code.to_owned(),
        detail: "no".to_owned(),
    }
}

fn with_headers<const N: usize>(effect: Effect, headers: [(&str, String); N]) -> Effect {
    Effect::With {
        effect: Box::new(effect),
        headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
    }
}

fn http_date(moment: Timestamp) -> String {
    moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn good(body: &serde_json::Value) -> Effect {
    Effect::Verbatim {
        status: 200,
        content_type: "application/vnd.atlas.2024-08-05+json".to_owned(),
        body: body.to_string(),
    }
}

/// Returns the one problem that keeps a plan from being made.
async fn unplanned(rig: &Rig) -> Problem {
    let problems = rig.try_plan().await.unwrap_err();
    problems.into_iter().next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_waited_for_and_said_with_their_end() {
    let limited = || refused(429, "RATE_LIMITED");
    let now = Timestamp::now();
    let until = |offset: SignedDuration| http_date(now + offset + SignedDuration::from_secs(3));
    let here = SignedDuration::ZERO;
    // Atlas's clock, or this machine's, is off: what Atlas says is judged by Atlas's own.
    let [slow, fast] = [-3, 3].map(SignedDuration::from_hours);
    let on = |clock| {
        with_headers(
            limited(),
            [("date", http_date(now + clock)), ("retry-after", until(clock))],
        )
    };
    let rows = [
        with_headers(limited(), [("retry-after", "1".to_owned())]),
        with_headers(limited(), [("retry-after", until(here))]),
        on(slow),
        on(fast),
        limited(),
        refused(503, "SERVICE_UNAVAILABLE"),
        Effect::Html { status: 503 },
    ];
    join_all(rows.map(|effect| async move {
        let simulator = clouds("first-time", Aws::Own).await;
        let control = simulator.control();
        control.fault(Fault::new(READ, effect.clone()).nth(1));
        let began = Instant::now();
        let ran = Program::on(&simulator).run(&["status"]).await.exits(3);
        let took = began.elapsed();
        let (least, most) = (Duration::from_millis(900), Duration::from_secs(20));
        assert!((least..most).contains(&took), "{effect:?}: {took:?}");
        assert_eq!(control.count(READ), 2, "{effect:?}");
        for words in [
            "waiting: GET /groups/",
            "/encryptionAtRest: Atlas ",
            "next try in ",
            ", at most 300 s",
        ] {
            assert!(
                ran.stderr.contains(words),
                "{effect:?}: {words:?} isn't in {}",
                ran.stderr
            );
        }
    }))
    .await;
}

/// Everything is asked at the same time, and a token that has died in the middle is replaced once for all.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_signs_in_once_and_once_more_where_the_token_dies() {
    for (died, sign_ins) in [(false, 1), (true, 2)] {
        let simulator = clouds("first-time", Aws::Own).await;
        let control = simulator.control();
        if died {
            control.fault(Fault::new(READ, refused(401, "UNAUTHORIZED")).nth(1));
        }
        let credentials = simulator.credentials();
        let program = Program::on(&simulator)
            .with("MONGODB_ATLAS_CLIENT_ID", credentials.client_id.as_str())
            .with("MONGODB_ATLAS_CLIENT_SECRET", credentials.client_secret.as_str());
        let _ = program.run(&["status"]).await.exits(3);
        assert_eq!(control.count("getToken"), sign_ins);
        assert_eq!(control.count("revokeToken"), 1, "none is left behind");
    }
}

/// A nonce that is old before it is used, in the whole of a run.
#[tokio::test]
async fn nonces_that_go_stale_are_no_wrong_keys() {
    let rig = rig().await;
    rig.control.edit(|world| world.atlas.nonce_seconds = 4);
    let _ = rig.apply().await.completed();
    let challenges = rig.control.count("digestChallenge");
    assert!(challenges > 3, "{challenges} challenges: the nonce never went stale");
}

#[tokio::test]
async fn five_hundred_for_ever_is_told_before_anything_is_changed() {
    for effect in [Effect::ServerError { status: 500 }, Effect::Html { status: 502 }] {
        let rig = rig().await;
        rig.control.fault(Fault::new(CLUSTERS, effect));
        let problem = unplanned(&rig).await;
        assert_eq!(rig.control.count(CLUSTERS), 5);
        assert!(
            problem.hints.iter().any(|hint| hint.contains("status.mongodb.com")),
            "{problem:?}"
        );
        assert!(
            problem.hints.contains(&"it was tried 5 times".to_owned()),
            "{problem:?}"
        );
        assert_eq!(changes(&rig.control), Vec::<String>::new());
    }
}

/// The sign-in to AWS runs out in the middle: the step waits for a new one, and what was done isn't done again.
#[tokio::test]
async fn a_sign_in_that_runs_out_in_a_run_is_waited_for() {
    let rows = [
        ("iam:CreateRole", "create-iam-role"),
        ("iam:PutRolePolicy", "put-role-policy"),
        ("kms:CreateKey", "create-key"),
        ("kms:EnableKeyRotation", "enable-rotation"),
        ("kms:CreateAlias", "create-alias"),
    ];
    for (operation, step) in rows {
        let rig = rig().await;
        rig.control
            .fault(Fault::new(operation, Effect::ExpiredCredentials).calls(1..=3));
        let told = rig.apply().await.completed();
        let waits = told.waits(step);
        assert_eq!(waits.len(), 3, "{operation}");
        for (waiting_for, limit) in waits {
            assert!(
                waiting_for.contains("the AWS session has expired"),
                "{operation}: {waiting_for}"
            );
            assert!(
                waiting_for.contains("the run goes on by itself"),
                "{operation}: {waiting_for}"
            );
            assert_eq!(limit, Some(9_000), "half an hour at this speed");
        }
        assert_eq!(rig.control.count(operation), 4, "{operation}");
        assert_eq!((rig.access_roles().len(), rig.our_keys().len()), (1, 1), "{operation}");
    }
}

/// What was sent goes on in Atlas; the run says what it couldn't see any more, and the next one finds it done.
#[tokio::test]
async fn five_hundred_for_ever_in_a_wait_ends_with_what_is_done() {
    let rig = rig().await;
    rig.control
        .fault(Fault::new("getCluster", Effect::ServerError { status: 500 }));
    let began = Instant::now();
    let told = rig.apply().await.failed(&[CLUSTER]);
    assert!(began.elapsed() < Duration::from_secs(20));
    assert!(told.done().contains(&"enable-project-setting"));
    let attempts = told.attempts(CLUSTER);
    assert!(!attempts.is_empty());
    assert!(
        attempts.iter().all(|attempt| attempt.limit_ms == Some(900)),
        "three minutes at this speed: {attempts:?}"
    );
    assert!(!told.problem(CLUSTER).hints.is_empty());
    assert_eq!(rig.control.count("updateCluster"), 1);
}

/// A minute without network at this speed is a third of a second.
#[tokio::test]
async fn a_minute_without_network_ends_no_wait() {
    for effect in [
        Effect::CutBefore,
        Effect::Html { status: 503 },
        Effect::ServerError { status: 502 },
    ] {
        let rig = rig().await;
        rig.control.fault(Fault::new("getCluster", effect.clone()).calls(1..=8));
        let told = rig.apply().await.completed();
        assert!(told.attempts(CLUSTER).len() >= 8, "{effect:?}");
        assert_eq!(rig.control.count("updateCluster"), 1, "{effect:?}");
    }
}

#[tokio::test]
async fn answers_that_flap_are_asked_until_they_agree() {
    let rig = rig().await;
    let setting = "enableEncryptionAtRest";
    let rows = [
        (1, refused(400, "CANNOT_ASSUME_ROLE")),
        (2, Effect::ServerError { status: 500 }),
        (3, refused(400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT")),
        (4, Effect::CutBefore),
        (5, refused(400, "INVALID_AWS_CREDENTIALS")),
        (6, refused(400, "")),
    ];
    for (call, effect) in rows {
        rig.control.fault(Fault::new(setting, effect).nth(call));
    }
    let told = rig.apply().await.completed();
    assert_eq!(rig.control.count(setting), 7);
    assert_eq!(told.attempts("enable-project-setting").len(), 6);
    assert_eq!(told.outcome("enable-project-setting").0, Outcome::Done);
}

#[tokio::test]
async fn lists_that_do_not_add_up_are_told_and_nothing_is_planned_from_half() {
    let one =
        json!({"name": "orders", "clusterType": "REPLICASET", "stateName": "IDLE", "encryptionAtRestProvider": "NONE"});
    let rows = [
        (
            json!({"results": [one.clone()], "totalCount": 2}),
            2,
            "Atlas says that the list has 2 entries, but 1 came",
        ),
        (
            json!({"results": [one.clone(), one], "totalCount": 2}),
            2,
            "Atlas says that the list has 2 entries, but 1 came",
        ),
        (json!({"totalCount": 1}), 1, "doesn't have the form"),
        (json!({"results": null, "totalCount": 1}), 1, "doesn't have the form"),
        (
            json!({"results": [{"clusterType": "REPLICASET"}], "totalCount": 1}),
            1,
            "doesn't have the form",
        ),
    ];
    for (body, requests, words) in rows {
        let rig = rig().await;
        rig.control.fault(Fault::new(CLUSTERS, good(&body)));
        let problem = unplanned(&rig).await;
        assert!(problem.message.contains(words), "{body}: {problem:?}");
        assert!(
            problem.place.as_ref().is_some_and(|place| place.contains("/clusters")),
            "{problem:?}"
        );
        assert_eq!(rig.control.count(CLUSTERS), requests, "{body}");
    }
}

#[tokio::test]
async fn a_page_that_takes_too_long_is_asked_for_again() {
    for (status, always) in [(500, false), (400, false), (504, true), (400, true)] {
        let rig = rig().await;
        let fault = Fault::new(CLUSTERS, refused(status, "TIMEOUT_WHILE_PAGING"));
        if always {
            rig.control.fault(fault);
            let problem = unplanned(&rig).await;
            assert!(
                problem.message.contains("took too long over a page of the list"),
                "{problem:?}"
            );
            assert_eq!(rig.control.count(CLUSTERS), 5, "{status}");
        } else {
            rig.control.fault(fault.calls(1..=2));
            assert!(!rig.plan().await.is_empty());
            assert_eq!(rig.control.count(CLUSTERS), 3, "{status}");
        }
    }
}

/// Whatever an answer points to, nothing is asked there.
#[tokio::test(flavor = "multi_thread")]
async fn no_link_and_no_redirect_leads_to_another_host() {
    let other = Server::start(|_, _| StatusCode::OK.into_response()).await;
    let link =
        json!({"results": [], "totalCount": 0, "links": [{"rel": "next", "href": format!("{}page2", other.url)}]});
    let simulator = clouds("first-time", Aws::Own).await;
    simulator.control().fault(Fault::new(CLUSTERS, good(&link)));
    let _ = Program::on(&simulator).run(&["status"]).await.exits(3);

    for status in [301, 302, 303, 307, 308] {
        let simulator = clouds("first-time", Aws::Own).await;
        let moved = Effect::Verbatim {
            status,
            content_type: "text/html".to_owned(),
            body: String::new(),
        };
        let moved = with_headers(moved, [("location", format!("{}elsewhere", other.url))]);
        simulator.control().fault(Fault::new(READ, moved));
        let ran = Program::on(&simulator).run(&["status"]).await.exits(1);
        for words in [
            "redirects to 127.0.0.1",
            "doesn't send the credential there",
            "MONGODB_ATLAS_BASE_URL",
        ] {
            assert!(
                ran.stderr.contains(words),
                "{status}: {words:?} isn't in {}",
                ran.stderr
            );
        }
    }
    assert_eq!(other.count(), 0);
}

/// IDs and names that would lead a request elsewhere are refused before there is any.
#[tokio::test(flavor = "multi_thread")]
async fn no_name_changes_the_path_of_a_request() {
    let simulator = clouds("first-time", Aws::Own).await;
    let id = &simulator.credentials().project_id;
    for project in [
        "../orgs",
        "..",
        "../../oauth/token",
        "a/b",
        "%2e%2e",
        "66a1c0de4b7f2e0d9c3a5b10/../x",
    ] {
        let program = Program::on(&simulator).with("MONGODB_ATLAS_PROJECT_ID", project);
        let _ = program.run(&["status"]).await;
        program.config(&format!("[project]\nid = \"{project}\"\n"));
        let _ = program.run(&["plan"]).await.exits(2);
    }
    for cluster in ["..", "../../x", "a/b", "a?b", "a#b", "a%2fb"] {
        let program = Program::on(&simulator);
        program.config(&format!(
            "[role]\nname = \"atlas-cmk-orders\"\n[key]\nalias = \"alias/atlas-orders\"\ncreate = true\n\
             [clusters]\nencrypt = [\"{cluster}\"]\n"
        ));
        let ran = program.run(&["apply", "--yes"]).await;
        assert!(matches!(ran.code, Some(2 | 3)), "{cluster}: {ran:?}");
    }
    let control = simulator.control();
    assert_eq!(changes(&control), Vec::<String>::new());
    let groups = format!("/api/atlas/v2/groups/{id}");
    for exchange in control
        .requests()
        .iter()
        .filter(|exchange| exchange.path.starts_with("/api/"))
    {
        let path = exchange.path.as_str();
        let known = [
            "/api/atlas/v2",
            "/api/atlas/v2/groups",
            "/api/atlas/v2/unauth/controlPlaneIPAddresses",
        ];
        let below = path.strip_prefix(&groups);
        assert!(known.contains(&path) || below.is_some(), "{path}");
        assert!(!path.contains("..") && !path.contains("%2e"), "{path}");
    }
}

/// Serves TLS with a certificate that it made itself; whoever completes a handshake is counted.
async fn self_signed() -> (String, Arc<AtomicUsize>) {
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let read = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&read);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, counted) = (acceptor.clone(), Arc::clone(&counted));
            tokio::spawn(async move {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let bytes = stream.read(&mut [0; 1024]).await.unwrap_or(0);
                    counted.fetch_add(bytes, Ordering::Relaxed);
                }
            });
        }
    });
    (url, read)
}

/// There is no switch that turns this off, and it isn't tried again: a certificate doesn't get better.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_vouches_for_gets_no_request() {
    let (url, read) = self_signed().await;
    let simulator = clouds("first-time", Aws::Own).await;
    let began = Instant::now();
    let ran = Program::on(&simulator)
        .with("MONGODB_ATLAS_BASE_URL", url.as_str())
        .run(&["status"])
        .await
        .exits(1);
    assert!(began.elapsed() < Duration::from_secs(8), "it was tried again");
    for words in [
        "doesn't trust the certificate",
        "invalid peer certificate",
        "system's trust store",
    ] {
        assert!(ran.stderr.contains(words), "{words:?} isn't in {}", ran.stderr);
    }
    let ran = Program::on(&simulator)
        .with("AWS_ENDPOINT_URL", url.as_str())
        .run(&["check"])
        .await
        .exits(0);
    assert!(
        ran.stdout
            .contains("doesn't trust the certificate that AWS STS's address shows"),
        "{}",
        ran.stdout
    );
    assert_eq!(read.load(Ordering::Relaxed), 0, "something was sent");
}

/// A proxy that wants to know who asks, where the connection is a tunnel through it.
#[tokio::test]
async fn a_proxy_that_wants_a_login_is_told() {
    let proxy = Server::start(|_, _| StatusCode::PROXY_AUTHENTICATION_REQUIRED.into_response()).await;
    let program = Program::bare()
        .with("HTTPS_PROXY", proxy.url.as_str())
        .with("MONGODB_ATLAS_BASE_URL", "https://cloud.mongodb.com")
        .with("MONGODB_ATLAS_PUBLIC_API_KEY", "abcdefgh")
        .with("MONGODB_ATLAS_PRIVATE_API_KEY", "11111111-2222-3333-4444-555555555555")
        .with("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .with("AWS_SECRET_ACCESS_KEY", "hush")
        .with("AWS_REGION", "us-east-1")
        .with("AWS_ENDPOINT_URL", proxy.url.as_str());
    let ran = program
        .run(&["status", "--project", "66a1c0de4b7f2e0d9c3a5b10"])
        .await
        .exits(1);
    assert!(
        ran.stderr
            .contains("the proxy between here and Atlas wants a login (407)"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("HTTPS_PROXY"), "{}", ran.stderr);
}
