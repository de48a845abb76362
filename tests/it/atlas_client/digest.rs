//! HTTP digest, against a server half that checks every answer.

use std::collections::HashSet;
use std::sync::Mutex;

use atlas_cmk::atlas::ErrorKind;
use atlas_cmk::problem::Problem;
use axum::response::Response;

use super::{PROJECT, Seen, Server, access_role, ok, project, refusal, update, with};

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

#[tokio::test]
async fn a_nonce_that_is_always_stale_is_given_up() {
    let digest = Digest::new("MD5", "0e6f-hush", 0);
    let server = Server::start(move |seen, _| digest.judge(seen).unwrap_or_else(|| ok(&project()))).await;
    let error = server.client().project(PROJECT).await.unwrap_err();
    assert_eq!((server.count(), error.code()), (5, Some("UNEXPECTED_ERROR")));
    assert!(Problem::from(error).message.contains("doesn't accept the credential"));
}
