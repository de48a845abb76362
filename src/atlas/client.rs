//! The one send path: signing, repeating, judging what comes back.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use reqwest::Method;
use reqwest::header::{HeaderValue, LOCATION};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::address::BaseUrl;
use super::auth::{self, Challenge, Credential, Signed, Signing, Token, TokenAnswer};
use super::call::{Answer, Body, Call};
use super::error::{Again, Error, ErrorKind};
use super::patience::{self, Patience};
use super::wire;
use crate::domain::project::RoleGrant;
use crate::problem::Problem;

/// How many challenges one request answers; a nonce that is stale at once, again and again, ends here.
const CHALLENGES: usize = 4;

/// The token endpoint as operators see it.
const TOKEN_REQUEST: &str = "POST /api/oauth/token";

/// Who is told each time the client is going to try again by itself.
pub type Notify = Arc<dyn Fn(Attempt) + Send + Sync>;

/// An attempt that failed and is going to be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The request: `GET /groups/…/clusters`.
    pub request: String,
    /// The service's error code.
    pub code: Option<String>,
    /// Why it failed, in the operator's words.
    pub reason: String,
    /// When it is tried again, from now.
    pub next_try: Duration,
    /// For how long it is tried at most, from the first try on; `None`: a few times.
    pub limit: Option<Duration>,
}

/// The Atlas Admin API. Clones share connections, digest challenge and token.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    notify: Option<Notify>,
    /// Ends all patience.
    stop: CancellationToken,
    patience: Patience,
}

struct Inner {
    base: BaseUrl,
    http: reqwest::Client,
    credential: Credential,
    signing: Signing,
    /// The caller's roles, as Atlas told them last.
    roles: Mutex<Option<Vec<RoleGrant>>>,
    /// Whether anything has ever answered: a host that never did is given up sooner.
    answered: AtomicBool,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.base_url())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Returns a client for a base URL: `https://cloud.mongodb.com`, `https://cloud.mongodbgov.com`, a simulator.
    ///
    /// # Errors
    /// The base URL isn't https (or http to this machine), or the credential can't be sent.
    pub fn new(base_url: &str, credential: Credential) -> Result<Self, Problem> {
        let base = BaseUrl::parse(base_url)?;
        credential.check()?;
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("atlas-cmk/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .timeout(Duration::from_mins(1));
        if base.is_loopback() {
            builder = builder.no_proxy();
        } else {
            builder = builder.https_only(true);
        }
        let http = builder
            .build()
            .map_err(|error| Problem::internal("the HTTP client can't be set up").caused_by(&error))?;
        Ok(Self {
            inner: Arc::new(Inner {
                base,
                http,
                credential,
                signing: Signing::default(),
                roles: Mutex::default(),
                answered: AtomicBool::new(false),
            }),
            notify: None,
            stop: CancellationToken::new(),
            patience: Patience::default(),
        })
    }

    /// Returns the base URL, normalized.
    pub fn base_url(&self) -> &str {
        self.inner.base.as_str()
    }

    /// Returns the same client that tells this one about each attempt that it is going to repeat.
    #[must_use]
    pub fn with_notify(&self, notify: Notify) -> Self {
        Self {
            notify: Some(notify),
            ..self.clone()
        }
    }

    /// Returns the same client that sends nothing again once this is cancelled. What is in flight then is finished.
    #[must_use]
    pub fn with_stop(&self, stop: CancellationToken) -> Self {
        Self { stop, ..self.clone() }
    }

    /// Returns the same client with other pauses.
    #[must_use]
    pub fn with_patience(&self, patience: Patience) -> Self {
        Self {
            patience,
            ..self.clone()
        }
    }

    /// Returns the same client that goes on with reads for so long while the connection is gone or Atlas reports errors of
    /// its own: for whoever waits for something that goes on meanwhile.
    #[must_use]
    pub fn with_outage(&self, limit: Duration) -> Self {
        self.with_patience(Patience {
            outage: Some(limit),
            ..self.patience
        })
    }

    pub(super) fn credential(&self) -> &Credential {
        &self.inner.credential
    }

    /// Keeps the caller's roles, to name them where one is lacking.
    pub(super) fn remember_roles(&self, roles: Option<&Vec<RoleGrant>>) {
        if let Some(roles) = roles {
            *self.inner.roles.lock().unwrap_or_else(PoisonError::into_inner) = Some(roles.clone());
        }
    }

    /// Revokes the token, if there is one: a service account may have 100 of them. Best effort, a few seconds at most.
    pub async fn close(&self) {
        let Some(token) = self.inner.signing.token.lock().await.token.take() else {
            return;
        };
        let Ok(address) = self.inner.base.oauth("revoke") else {
            return;
        };
        let request = auth::basic(self.inner.http.post(address.url), &self.inner.credential)
            .timeout(Duration::from_secs(5))
            .form(&token.revocation());
        match request.send().await {
            Ok(answer) => tracing::debug!(status = answer.status().as_u16(), "token revoked"),
            Err(error) => tracing::debug!(error = %error.without_url(), "token not revoked"),
        }
    }

    /// Returns a read.
    pub(super) fn get(&self, segments: &[&str], query: &str, media_type: &'static str) -> Result<Call, Error> {
        self.request(Method::GET, segments, query, media_type, Body::None)
    }

    /// Returns a read that anyone may make.
    pub(super) fn get_open(&self, segments: &[&str], media_type: &'static str) -> Result<Call, Error> {
        let call = self.get(segments, "", media_type)?;
        Ok(Call { open: true, ..call })
    }

    /// Returns a change.
    pub(super) fn change(
        &self,
        method: Method,
        segments: &[&str],
        media_type: &'static str,
        body: &Value,
    ) -> Result<Call, Error> {
        self.request(
            method,
            segments,
            "",
            media_type,
            Body::Json(body.to_string().into_bytes()),
        )
    }

    fn request(
        &self,
        method: Method,
        segments: &[&str],
        query: &str,
        media_type: &'static str,
        body: Body,
    ) -> Result<Call, Error> {
        match self.inner.base.api(segments, query) {
            Ok(address) => Ok(Call {
                request: format!("{method} {}", address.shown),
                method,
                address,
                media_type,
                body,
                open: false,
            }),
            Err(segment) => Err(Error {
                request: format!("{method} /{}", segments.join("/")),
                kind: ErrorKind::Name(segment),
                retry_after: None,
                tries: 0,
                given_up: false,
                roles: None,
                changes: false,
            }),
        }
    }

    /// Sends a request, repeats it where that is safe, and reads the answer.
    pub(super) async fn call<T: DeserializeOwned>(&self, call: &Call) -> Result<T, Error> {
        let answer = self.send(call).await?;
        wire::read(&answer.body).map_err(|reason| {
            let json = answer.body.trim_ascii_start().first() == Some(&b'{');
            call.error(if json {
                ErrorKind::Decode { reason }
            } else {
                ErrorKind::NotJson {
                    status: answer.status.as_u16(),
                }
            })
        })
    }

    /// Sends until there is a success, or an error that going on can't help.
    async fn send(&self, call: &Call) -> Result<Answer, Error> {
        let started = Instant::now();
        let mut limits = self.patience.limits();
        let mut faults = self.patience.faults();
        let mut tries = 0;
        loop {
            tries += 1;
            let mut error = match self.attempt(call).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            // What the token endpoint refused has had its own patience.
            if error.request != call.request {
                return Err(error);
            }
            error.tries = tries;
            let (pause, limit) = match error.again() {
                Again::No => (None, None),
                Again::Later => {
                    let per_minute = call.is_token() && error.status() == Some(429);
                    let asked = error.retry_after.or(per_minute.then_some(self.patience.token));
                    let asked = asked.map(|asked| asked + patience::jitter(asked));
                    (asked.or_else(|| limits.next()), Some(self.patience.total))
                }
                Again::Fault => (faults.next(), self.patience.outage),
                Again::Unreached if self.inner.answered.load(Ordering::Relaxed) => {
                    (faults.next(), self.patience.outage)
                }
                Again::Unreached => (faults.next(), Some(self.patience.unreached)),
            };
            let in_time = |pause: &Duration| limit.is_none_or(|limit| started.elapsed() + *pause <= limit);
            let Some(pause) = pause.filter(in_time) else {
                return Err(error);
            };
            if !self.stop.is_cancelled() {
                self.tell(&error, pause, limit);
            }
            if self.stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                error.given_up = true;
                return Err(error);
            }
        }
    }

    fn tell(&self, error: &Error, pause: Duration, limit: Option<Duration>) {
        tracing::debug!(error = %error, pause_ms = pause.as_millis(), "trying again");
        if let Some(notify) = &self.notify {
            notify(Attempt {
                request: error.request.clone(),
                code: error.code().map(str::to_owned),
                reason: error.reason(),
                next_try: pause,
                limit,
            });
        }
    }

    /// Signs and sends once, which for digest and for an old token takes two requests.
    async fn attempt(&self, call: &Call) -> Result<Answer, Error> {
        let answer = match &self.inner.credential {
            _ if call.open || call.is_token() => self.once(call, None).await?,
            Credential::ApiKey { .. } => self.digest(call).await?,
            Credential::ServiceAccount { .. } => self.bearer(call).await?,
        };
        if answer.status.is_success() {
            return Ok(answer);
        }
        let mut error = call.error(if answer.status.is_redirection() {
            let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok());
            let target = location.and_then(|location| call.address.url.join(location).ok());
            ErrorKind::Redirect {
                host: target.and_then(|url| url.host_str().map(str::to_owned)),
            }
        } else {
            ErrorKind::read(answer.status.as_u16(), &answer.body)
        });
        error.retry_after = patience::retry_after(&answer.headers, Timestamp::now());
        if error.code() == Some("USER_UNAUTHORIZED") {
            let roles = self.inner.roles.lock().unwrap_or_else(PoisonError::into_inner);
            error.roles.clone_from(&roles);
        }
        Err(error)
    }

    /// Signs with HTTP digest: the challenge that is kept first, then whatever the server asks.
    async fn digest(&self, call: &Call) -> Result<Answer, Error> {
        let Inner {
            credential, signing, ..
        } = &*self.inner;
        let url = &call.address.url;
        let uri = url
            .query()
            .map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let signed = Signed {
            method: call.method.as_str(),
            uri: &uri,
            body: call.body(),
        };
        let mut authorization = signing.answer_kept(credential, &signed);
        let mut answered: Option<Challenge> = None;
        for round in 0.. {
            let answer = self.once(call, authorization.take()).await?;
            let challenge = Challenge::read(&answer.headers).filter(|_| answer.refuses_signature());
            let Some(mut challenge) = challenge else {
                if let Some(good) = answered {
                    signing.keep(good);
                }
                return Ok(answer);
            };
            // A kept challenge may have died without a word; a fresh one that was answered for nothing has not.
            if answered.is_some() && !challenge.is_stale() {
                break;
            }
            authorization = challenge.answer(credential, &signed);
            if round == CHALLENGES || authorization.is_none() {
                return Ok(answer);
            }
            answered = Some(challenge);
        }
        Err(call.error(ErrorKind::WrongKeys))
    }

    /// Signs with the token; a refused one is replaced once.
    async fn bearer(&self, call: &Call) -> Result<Answer, Error> {
        let (header, number) = self.token(None).await?;
        let answer = self.once(call, Some(header)).await?;
        if !answer.refuses_signature() {
            return Ok(answer);
        }
        let (header, _) = self.token(Some(number)).await?;
        self.once(call, Some(header)).await
    }

    /// Returns the process's token, a new one where it is about to end or where this one was refused.
    fn token(&self, refused: Option<u64>) -> BoxFuture<'_, Result<(HeaderValue, u64), Error>> {
        // Boxed: a token is fetched by the same send path that needs it.
        Box::pin(async move {
            let signing = &self.inner.signing;
            let ended = signing.sign_ins.load(Ordering::Relaxed);
            let mut kept = signing.token.lock().await;
            let last = kept.token.as_ref().map_or(0, |token| token.number);
            if let Some(token) = kept.token.as_ref().filter(|token| token.is_fresh(Instant::now()))
                && refused.is_none_or(|number| token.number != number)
            {
                return Ok((token.header(), token.number));
            }
            if let Some((_, error)) = kept.failed.as_ref().filter(|(number, _)| *number > ended) {
                return Err(error.clone());
            }
            let call = self.token_call()?;
            let asked_at = Instant::now();
            let answer = self.call(&call).await;
            let number = signing.sign_ins.fetch_add(1, Ordering::Relaxed) + 1;
            let answer: TokenAnswer = answer.inspect_err(|error| kept.failed = Some((number, error.clone())))?;
            let token = Token::new(answer, last + 1, asked_at).ok_or_else(|| {
                call.error(ErrorKind::Decode {
                    reason: "a token that can't be sent".to_owned(),
                })
            })?;
            let signed = (token.header(), token.number);
            kept.token = Some(token);
            Ok(signed)
        })
    }

    fn token_call(&self) -> Result<Call, Error> {
        let address = self.inner.base.oauth("token").map_err(|path| Error {
            request: TOKEN_REQUEST.to_owned(),
            kind: ErrorKind::Name(path),
            retry_after: None,
            tries: 0,
            given_up: false,
            roles: None,
            changes: false,
        })?;
        Ok(Call {
            method: Method::POST,
            address,
            media_type: "application/json",
            body: Body::TokenForm,
            open: false,
            request: TOKEN_REQUEST.to_owned(),
        })
    }

    async fn once(&self, call: &Call, authorization: Option<HeaderValue>) -> Result<Answer, Error> {
        let Inner {
            http,
            credential,
            answered,
            ..
        } = &*self.inner;
        call.once(http, credential, authorization, || {
            answered.store(true, Ordering::Relaxed);
        })
        .await
    }
}
