//! How a credential signs requests: HTTP digest for API keys, OAuth client credentials for service accounts.

use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use digest_auth::{AlgorithmType, AuthContext, HttpMethod, WwwAuthenticateHeader};
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::time::Instant;

use super::error::Error;
use crate::domain::project::CredentialKind;
use crate::problem::Problem;

/// What the program signs in to Atlas with. `Debug` hides the secret.
#[derive(Clone, Debug)]
pub enum Credential {
    /// An API key.
    ApiKey {
        /// The public key: no secret.
        public_key: String,
        /// The private key.
        private_key: SecretString,
    },
    /// A service account.
    ServiceAccount {
        /// The client ID, `mdb_sa_id_…`: no secret.
        client_id: String,
        /// The client secret, `mdb_sa_sk_…`.
        client_secret: SecretString,
    },
}

impl Credential {
    /// Returns how it signs in.
    pub fn kind(&self) -> CredentialKind {
        match self {
            Self::ApiKey { .. } => CredentialKind::ApiKey,
            Self::ServiceAccount { .. } => CredentialKind::ServiceAccount,
        }
    }

    /// Returns its public half: the public key or the client ID.
    pub fn id(&self) -> &str {
        match self {
            Self::ApiKey { public_key, .. } => public_key,
            Self::ServiceAccount { client_id, .. } => client_id,
        }
    }

    fn secret(&self) -> &SecretString {
        match self {
            Self::ApiKey { private_key, .. } => private_key,
            Self::ServiceAccount { client_secret, .. } => client_secret,
        }
    }

    /// Refuses what can't be sent, before any request.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let (id, secret) = match self {
            Self::ApiKey { .. } => ("public key", "private key"),
            Self::ServiceAccount { .. } => ("client ID", "client secret"),
        };
        for (name, value) in [(id, self.id()), (secret, self.secret().expose_secret())] {
            if value.is_empty() {
                return Err(Problem::input(format!("the Atlas {name} is empty")));
            }
            if !value.chars().all(|c| c.is_ascii_graphic()) {
                return Err(Problem::input(format!(
                    "the Atlas {name} has a space, a line break or another character in it that no {name} has"
                ))
                .hint("copy it again, without anything around it"));
            }
        }
        Ok(())
    }
}

/// What signing needs beside the credential, shared by all workers.
#[derive(Default)]
pub(super) struct Signing {
    /// The digest challenge that was last answered with success; it counts its own uses.
    challenge: Mutex<Option<WwwAuthenticateHeader>>,
    /// Held while a token is fetched, so that nobody fetches a second.
    pub(super) token: tokio::sync::Mutex<SignIns>,
    /// How many sign-ins have come to an end.
    pub(super) sign_ins: AtomicU64,
}

/// What the token endpoint answered.
#[derive(Default)]
pub(super) struct SignIns {
    /// The one token of this process.
    pub(super) token: Option<Token>,
    /// The last sign-in that failed, by its number: whoever waited for it gets the same answer, since each by itself would
    /// use up the endpoint's limit.
    pub(super) failed: Option<(u64, Error)>,
}

/// A digest challenge that one request got and answers.
pub(super) struct Challenge(WwwAuthenticateHeader);

/// The request that a digest answer is for.
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    /// Path and query as they are sent.
    pub(super) uri: &'a str,
    pub(super) body: &'a [u8],
}

impl Challenge {
    /// Reads the strongest challenge that can be answered.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let challenges = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| {
            // `to_str` lets printable ASCII through alone, which the parser relies on.
            let (scheme, rest) = value.to_str().ok()?.trim().split_once(' ')?;
            scheme
                .eq_ignore_ascii_case("digest")
                .then(|| digest_auth::parse(rest).ok())?
        });
        let strength = |challenge: &WwwAuthenticateHeader| match challenge.algorithm.algo {
            AlgorithmType::MD5 => 0,
            AlgorithmType::SHA2_256 => 1,
            AlgorithmType::SHA2_512_256 => 2,
        };
        challenges.max_by_key(strength).map(Self)
    }

    /// Returns whether only the nonce was too old.
    pub(super) fn is_stale(&self) -> bool {
        self.0.stale
    }

    /// Answers it once more; `None` where it demands what can't be given.
    pub(super) fn answer(&mut self, credential: &Credential, signed: &Signed<'_>) -> Option<HeaderValue> {
        answer(&mut self.0, credential, signed)
    }
}

impl Signing {
    /// Answers the challenge that is known to be good, if there is one.
    pub(super) fn answer_kept(&self, credential: &Credential, signed: &Signed<'_>) -> Option<HeaderValue> {
        let mut kept = self.challenge.lock().unwrap_or_else(PoisonError::into_inner);
        answer(kept.as_mut()?, credential, signed)
    }

    /// Keeps a challenge for the requests that follow, now that an answer to it was accepted. Not earlier: a server
    /// that counts strictly would take a later use that overtakes the first one for a replay.
    pub(super) fn keep(&self, challenge: Challenge) {
        *self.challenge.lock().unwrap_or_else(PoisonError::into_inner) = Some(challenge.0);
    }
}

fn answer(challenge: &mut WwwAuthenticateHeader, credential: &Credential, signed: &Signed<'_>) -> Option<HeaderValue> {
    let context = AuthContext::new_with_method(
        credential.id(),
        credential.secret().expose_secret(),
        signed.uri,
        Some(signed.body),
        HttpMethod::from(signed.method),
    );
    sensitive(&challenge.respond(&context).ok()?.to_header_string())
}

/// An access token and when to get the next one.
pub(super) struct Token {
    header: HeaderValue,
    access: SecretString,
    renew_at: Instant,
    /// Which one of this process it is: tells the refused from its successor.
    pub(super) number: u64,
}

#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    access_token: SecretString,
    expires_in: Option<u64>,
}

impl Token {
    /// Takes an answer of the token endpoint; `None` where the token can't be sent.
    pub(super) fn new(answer: TokenAnswer, number: u64, asked_at: Instant) -> Option<Self> {
        // An hour is what Atlas grants; a token is renewed when a tenth of its life, or two minutes, is left.
        let life = Duration::from_secs(answer.expires_in.unwrap_or(3600)).min(Duration::from_hours(24));
        let margin = (life / 10).min(Duration::from_mins(2));
        Some(Self {
            header: sensitive(&format!("Bearer {}", answer.access_token.expose_secret()))?,
            access: answer.access_token,
            renew_at: asked_at + life.saturating_sub(margin),
            number,
        })
    }

    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    pub(super) fn is_fresh(&self, now: Instant) -> bool {
        now < self.renew_at
    }

    /// Returns the form that revokes it.
    pub(super) fn revocation(&self) -> [(&'static str, &str); 2] {
        [
            ("token", self.access.expose_secret()),
            ("token_type_hint", "access_token"),
        ]
    }
}

/// Adds HTTP Basic with the credential, as the token endpoint wants it.
pub(super) fn basic(request: reqwest::RequestBuilder, credential: &Credential) -> reqwest::RequestBuilder {
    request.basic_auth(credential.id(), Some(credential.secret().expose_secret()))
}

/// Returns a header that `Debug` hides and HTTP/2 doesn't compress.
fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Returns whether a 401 with this code is about roles and membership: who calls is known, and never a wrong password.
pub(super) fn knows_the_caller(code: &str) -> bool {
    !matches!(code, "UNEXPECTED_ERROR" | "UNAUTHORIZED")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credential(secret: &str) -> Credential {
        Credential::ApiKey {
            public_key: "Mufasa".to_owned(),
            private_key: secret.to_owned().into(),
        }
    }

    fn headers(values: &[&str]) -> HeaderMap {
        values
            .iter()
            .map(|value| (WWW_AUTHENTICATE, value.parse().unwrap()))
            .collect()
    }

    const GET: Signed<'_> = Signed {
        method: "GET",
        uri: "/dir/index.html",
        body: &[],
    };

    #[test]
    fn atlas_challenge_is_answered_and_its_uses_are_counted() {
        let given = r#"Digest realm="MMS Public API", domain="", nonce="NSAK", algorithm=MD5, qop="auth", stale=false"#;
        let mut challenge = Challenge::read(&headers(&[given])).unwrap();
        assert!(!challenge.is_stale());
        let credential = credential("Circle of Life");
        let first = challenge.answer(&credential, &GET).unwrap();
        assert!(first.is_sensitive());
        let first = first.to_str().unwrap().to_owned();
        assert!(
            first.contains("nc=00000001") && first.contains(r#"uri="/dir/index.html""#),
            "{first}"
        );
        assert!(!first.contains("Circle"), "{first}");

        let signing = Signing::default();
        assert!(signing.answer_kept(&credential, &GET).is_none());
        signing.keep(challenge);
        for count in ["nc=00000002", "nc=00000003"] {
            let next = signing.answer_kept(&credential, &GET).unwrap();
            assert!(next.to_str().unwrap().contains(count), "{next:?}");
        }
    }

    /// The example of RFC 7616, 3.9.1.
    #[test]
    fn the_algorithm_is_followed() {
        for (algorithm, response) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            (
                "SHA-256",
                "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
            ),
        ] {
            let given = format!(
                r#"realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#
            );
            let mut challenge = digest_auth::parse(&given).unwrap();
            let mut context = AuthContext::new("Mufasa", "Circle of Life", "/dir/index.html");
            context.set_custom_cnonce("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
            assert_eq!(challenge.respond(&context).unwrap().response, response);
        }
    }

    #[test]
    fn the_strongest_readable_challenge_is_taken() {
        let challenge = Challenge::read(&headers(&[
            "Basic realm=\"x\"",
            "Digest realm=\"x\", nonce=\"1\", algorithm=WHAT",
            "Digest realm=\"x\", nonce=\"2\", algorithm=MD5, qop=\"auth\"",
            "digest realm=\"x\", nonce=\"3\", algorithm=SHA-256, qop=\"auth\", stale=true",
        ]))
        .unwrap();
        assert_eq!(challenge.0.nonce, "3");
        assert!(challenge.is_stale());
        for odd in ["Digest", "Digest nonce", "Digest realm=\"", "Bearer x", "Digest =,="] {
            assert!(Challenge::read(&headers(&[odd])).is_none(), "{odd}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let shown = format!("{:?}", credential("hush-hush"));
        assert!(shown.contains("Mufasa") && !shown.contains("hush"), "{shown}");
    }

    #[test]
    fn what_can_not_be_a_key_is_refused_without_showing_it() {
        for secret in ["", "hush\n", "hush hush", "hüsh"] {
            let problem = credential(secret).check().unwrap_err();
            assert!(!format!("{problem:?}").contains("h\u{fc}sh") && !problem.message.contains("hush"));
        }
        assert!(credential("0e6f-4c1d").check().is_ok());
    }

    #[test]
    fn a_token_is_renewed_before_it_ends() {
        let answer = TokenAnswer {
            access_token: "t".to_owned().into(),
            expires_in: Some(3600),
        };
        let asked_at = Instant::now();
        let token = Token::new(answer, 1, asked_at).unwrap();
        assert!(token.is_fresh(asked_at + Duration::from_secs(3400)));
        assert!(!token.is_fresh(asked_at + Duration::from_secs(3500)));
    }
}
