//! Who is calling: digest with an API key, or a service account's token.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use digest_auth::{AuthContext, AuthorizationHeader, HttpMethod, Qop};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::json;

use super::super::answer::{Answer, Received};
use super::super::clock::later;
use super::super::world::{Challenge, Token, World};
use super::error::refuse;

/// How a caller has shown who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::simulator) enum SignedIn {
    WithApiKey,
    WithToken,
}

const REALM: &str = "MMS Public API";
const TOKEN_LIFE: Duration = Duration::from_hours(1);
/// More live tokens than this are refused.
const TOKENS: usize = 100;
const SIGN_INS_PER_MINUTE: usize = 10;

/// Checks the credentials of a request; the error is the answer to it.
pub(super) fn check(world: &mut World, now: Timestamp, received: &Received) -> Result<SignedIn, Answer> {
    let header = received.header(&AUTHORIZATION);
    match header.split_once(' ') {
        Some(("Bearer", token)) => {
            let live = world
                .atlas
                .tokens
                .get(token.trim())
                .is_some_and(|token| token.expires > now);
            if live {
                Ok(SignedIn::WithToken)
            } else {
                Err(bearer_refusal())
            }
        }
        Some(("Digest", _)) => digest(world, now, received, header),
        _ => Err(challenge(world, now, false)),
    }
}

fn digest(world: &mut World, now: Timestamp, received: &Received, header: &str) -> Result<SignedIn, Answer> {
    let Ok(sent) = AuthorizationHeader::parse(header) else {
        return Err(challenge(world, now, false));
    };
    let fits = sent.realm == REALM
        && sent.uri == received.target()
        && sent.qop == Some(Qop::AUTH)
        && sent.username == world.credentials.public_key
        && {
            let mut expected = sent.clone();
            expected.digest(&AuthContext::new_with_method(
                &world.credentials.public_key,
                &world.credentials.private_key,
                &sent.uri,
                Option::<&[u8]>::None,
                HttpMethod::from(received.method.as_str()),
            ));
            expected.response == sent.response
        };
    if !fits {
        return Err(challenge(world, now, false));
    }
    match world.atlas.nonces.get(&sent.nonce) {
        Some(nonce) if nonce.expires > now => Ok(SignedIn::WithApiKey),
        // Right answer to an old question: the client is told to try with a new nonce.
        _ => Err(challenge(world, now, true)),
    }
}

fn challenge(world: &mut World, now: Timestamp, stale: bool) -> Answer {
    let nonce = world.ids.token();
    world.atlas.nonces.retain(|_, nonce| nonce.expires > now);
    let expires = later(now, Duration::from_secs(world.atlas.nonce_seconds));
    world.atlas.nonces.insert(nonce.clone(), Challenge { expires });
    let header =
        format!("Digest realm=\"{REALM}\", domain=\"\", nonce=\"{nonce}\", algorithm=MD5, qop=\"auth\", stale={stale}");
    let body = json!({
        "error": 401,
        "reason": "Unauthorized",
        "detail": "You are not authorized for this resource.",
        "errorCode": "UNEXPECTED_ERROR",
    });
    Answer::json(StatusCode::UNAUTHORIZED, "application/json", &body).with(WWW_AUTHENTICATE, header)
}

fn bearer_refusal() -> Answer {
    refuse(401, "UNAUTHORIZED", "You are not authorized for this resource.")
        .with(WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")
}

/// Answers `POST /api/oauth/token`.
pub(super) fn token(world: &mut World, now: Timestamp, received: &Received) -> Answer {
    if let Some(refusal) = client_refusal(world, now, received) {
        return refusal;
    }
    if form(received, "grant_type").as_deref() != Some("client_credentials") {
        return oauth_error(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "Only client_credentials is supported.",
        );
    }
    world
        .atlas
        .sign_ins
        .retain(|moment| later(*moment, Duration::from_mins(1)) > now);
    if world.atlas.sign_ins.len() >= SIGN_INS_PER_MINUTE {
        let body = json!({
            "detail": "The token endpoint was called too often.",
            "error": 429,
            "errorCode": "RATE_LIMITED",
            "parameters": [received.path, SIGN_INS_PER_MINUTE, 1],
            "reason": "Too Many Requests",
        });
        return Answer::json(StatusCode::TOO_MANY_REQUESTS, "application/json", &body);
    }
    world.atlas.sign_ins.push(now);
    world.atlas.tokens.retain(|_, token| token.expires > now);
    if world.atlas.tokens.len() >= TOKENS {
        return oauth_error(
            StatusCode::FORBIDDEN,
            "access_denied",
            "The account has too many live tokens.",
        );
    }
    let token = format!("{}{}", world.ids.token(), world.ids.token());
    world.atlas.tokens.insert(
        token.clone(),
        Token {
            expires: later(now, TOKEN_LIFE),
        },
    );
    let body = json!({ "access_token": token, "expires_in": TOKEN_LIFE.as_secs(), "token_type": "Bearer" });
    Answer::json(StatusCode::OK, "application/json", &body)
}

/// Answers `POST /api/oauth/revoke`.
pub(super) fn revoke(world: &mut World, now: Timestamp, received: &Received) -> Answer {
    if let Some(refusal) = client_refusal(world, now, received) {
        return refusal;
    }
    let Some(token) = form(received, "token") else {
        return oauth_error(StatusCode::BAD_REQUEST, "invalid_request", "The token is missing.");
    };
    // OAuth answers alike whether the token was known or not.
    world.atlas.tokens.remove(&token);
    Answer::empty(StatusCode::OK)
}

/// Refuses a sign-in whose client isn't known, or whose secret has expired: OAuth has one error for both.
fn client_refusal(world: &World, now: Timestamp, received: &Received) -> Option<Answer> {
    if received.method != Method::POST {
        return Some(Answer::empty(StatusCode::METHOD_NOT_ALLOWED));
    }
    let credentials = format!("{}:{}", world.credentials.client_id, world.credentials.client_secret);
    let known = received
        .header(&AUTHORIZATION)
        .strip_prefix("Basic ")
        .and_then(|encoded| STANDARD.decode(encoded).ok());
    if known.as_deref() != Some(credentials.as_bytes()) || world.atlas.secret_expires <= now {
        return Some(oauth_error(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "The client credentials are not valid.",
        ));
    }
    let is_form = received
        .header(&CONTENT_TYPE)
        .starts_with("application/x-www-form-urlencoded");
    (!is_form).then(|| oauth_error(StatusCode::BAD_REQUEST, "invalid_request", "The body has to be a form."))
}

fn oauth_error(status: StatusCode, error: &str, description: &str) -> Answer {
    Answer::json(
        status,
        "application/json",
        &json!({ "error": error, "error_description": description }),
    )
}

fn form(received: &Received, name: &str) -> Option<String> {
    url::form_urlencoded::parse(&received.body)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Answers a call whose set of endpoints has been asked too often.
pub(super) fn rate_limited(set: &str, limit: u32, wait: u64) -> Answer {
    let body = json!({
        "detail": "Rate limit exceeded.",
        "error": 429,
        "errorCode": "RATE_LIMITED_TOKEN_BUCKET",
        "parameters": [set, wait, limit, limit, 60],
        "reason": "Too Many Requests",
    });
    Answer::json(StatusCode::TOO_MANY_REQUESTS, "application/json", &body).with(RETRY_AFTER, wait.to_string())
}
