//! One request and one answer.

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};
use tokio::time::Instant;

use super::address::Address;
use super::auth::{self, Credential};
use super::error::{Error, ErrorKind};
use crate::problem::BAD_CERTIFICATE;

/// The largest answer that is read: a page of 500 clusters has several megabytes.
const LARGEST_ANSWER: usize = 32 << 20;

/// One request, before it is signed.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) address: Address,
    /// `Accept`, and `Content-Type` of a body.
    pub(super) media_type: &'static str,
    pub(super) body: Body,
    /// Whether anyone may make it: no credential goes along.
    pub(super) open: bool,
    /// Method and path as operators see them.
    pub(super) request: String,
}

/// What a request carries.
pub(super) enum Body {
    None,
    Json(Vec<u8>),
    /// The form of the token endpoint, which takes HTTP Basic.
    TokenForm,
}

impl Call {
    /// Returns an error with this request.
    pub(super) fn error(&self, kind: ErrorKind) -> Error {
        Error {
            request: self.request.clone(),
            kind,
            retry_after: None,
            tries: 1,
            given_up: false,
            roles: None,
            changes: self.changes(),
        }
    }

    /// A token is nothing that a repetition could spoil.
    fn changes(&self) -> bool {
        self.method != Method::GET && !self.is_token()
    }

    pub(super) fn is_token(&self) -> bool {
        matches!(self.body, Body::TokenForm)
    }

    pub(super) fn body(&self) -> &[u8] {
        match &self.body {
            Body::Json(bytes) => bytes,
            Body::None | Body::TokenForm => &[],
        }
    }

    /// Sends exactly one request and reads what comes back. `on_answer` is called as soon as there is anything.
    pub(super) async fn once(
        &self,
        http: &reqwest::Client,
        credential: &Credential,
        authorization: Option<HeaderValue>,
        on_answer: impl FnOnce(),
    ) -> Result<Answer, Error> {
        let mut request = http
            .request(self.method.clone(), self.address.url.clone())
            .header(ACCEPT, self.media_type);
        request = match &self.body {
            Body::None => request,
            Body::Json(bytes) => request.header(CONTENT_TYPE, self.media_type).body(bytes.clone()),
            Body::TokenForm => auth::basic(request, credential).form(&[("grant_type", "client_credentials")]),
        };
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let started = Instant::now();
        let mut response = request.send().await.map_err(|error| self.error(transport(error)))?;
        on_answer();
        let expected = response
            .content_length()
            .map_or(0, |length| usize::try_from(length).unwrap_or(0));
        let mut body = Vec::with_capacity(expected.min(LARGEST_ANSWER));
        while let Some(chunk) = response.chunk().await.map_err(|error| {
            self.error(match transport(error) {
                // There was an answer, so the request did get there.
                ErrorKind::Transport { timed_out, causes, .. } => ErrorKind::Transport {
                    reached: true,
                    timed_out,
                    causes,
                },
                other => other,
            })
        })? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(self.error(ErrorKind::Decode {
                    reason: format!("longer than {} MiB", LARGEST_ANSWER >> 20),
                }));
            }
            body.extend_from_slice(&chunk);
        }
        tracing::debug!(
            request = self.request,
            status = response.status().as_u16(),
            elapsed_ms = started.elapsed().as_millis(),
            "answer"
        );
        Ok(Answer {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body,
        })
    }
}

/// What came back, whatever the status.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Returns whether it says that the signature isn't good (yet), and not that a role is too low.
    pub(super) fn refuses_signature(&self) -> bool {
        if self.status != StatusCode::UNAUTHORIZED {
            return false;
        }
        match ErrorKind::read(self.status.as_u16(), &self.body) {
            ErrorKind::Api { code: Some(code), .. } => !auth::knows_the_caller(&code),
            _ => true,
        }
    }
}

/// Reads why there is no answer.
fn transport(error: reqwest::Error) -> ErrorKind {
    let error = error.without_url();
    let mut causes = Vec::new();
    let mut next: Option<&dyn std::error::Error> = Some(&error);
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes.dedup();
    // The tunnel through a proxy has no type of its own for it.
    if causes
        .iter()
        .any(|cause| cause.contains("proxy authorization required"))
    {
        return ErrorKind::Proxy;
    }
    if let Some(reason) = causes.iter().find(|cause| cause.starts_with(BAD_CERTIFICATE)) {
        return ErrorKind::Untrusted { reason: reason.clone() };
    }
    ErrorKind::Transport {
        reached: !error.is_connect(),
        timed_out: error.is_timeout(),
        causes,
    }
}
