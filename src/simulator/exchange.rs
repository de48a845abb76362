//! The record of every request and its answer.

use std::collections::{HashMap, VecDeque};

use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, HeaderMap};
use jiff::Timestamp;

use super::answer::{Answer, Received};

/// Older exchanges are let go when their bodies together grow beyond this, so that a long demo stays small.
const KEPT_BYTES: usize = 32 * 1024 * 1024;

/// One request and what was answered to it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Position among all exchanges of this simulator, from 0, in the order of the answers.
    pub index: usize,
    /// When it was answered, in the simulated world's time.
    pub at: Timestamp,
    /// HTTP method, such as `PATCH`.
    pub method: String,
    /// Path without the query, as it was sent.
    pub path: String,
    /// Query without the question mark; empty where there is none.
    pub query: String,
    /// Headers as they were sent, names in lower case, with the value of `authorization` cut down to its scheme.
    pub request_headers: Vec<(String, String)>,
    /// Body as it was sent; that of a sign-in is not kept.
    pub request_body: Bytes,
    /// What was asked: `enableEncryptionAtRest`, `kms:CreateKey`; `digestChallenge` for a request without credentials.
    pub operation: String,
    /// HTTP status; 0 where the connection was cut instead of an answer.
    pub status: u16,
    /// Headers of the answer, names in lower case.
    pub response_headers: Vec<(String, String)>,
    /// Body of the answer; that of a sign-in is not kept.
    pub response_body: Bytes,
}

impl Exchange {
    /// Returns the request's body as JSON, or null where it is none.
    pub fn request_json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.request_body).unwrap_or_default()
    }

    /// Returns the answer's body as JSON, or null where it is none.
    pub fn response_json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.response_body).unwrap_or_default()
    }
}

/// Operations whose bodies hold a secret.
const SECRET_BODIES: [&str; 2] = ["getToken", "revokeToken"];

#[derive(Debug, Default)]
pub(super) struct Log {
    kept: VecDeque<Exchange>,
    bytes: usize,
    next: usize,
    counts: HashMap<String, usize>,
}

impl Log {
    pub(super) fn record(&mut self, at: Timestamp, operation: &str, received: &Received, answer: Option<&Answer>) {
        let secret = SECRET_BODIES.contains(&operation);
        let body = |bytes: &Bytes| if secret { Bytes::new() } else { bytes.clone() };
        let exchange = Exchange {
            index: self.next,
            at,
            method: received.method.to_string(),
            path: received.path.clone(),
            query: received.query.clone(),
            request_headers: headers(&received.headers),
            request_body: body(&received.body),
            operation: operation.to_owned(),
            status: answer.map_or(0, |answer| answer.status.as_u16()),
            response_headers: answer
                .map(|answer| {
                    answer
                        .headers
                        .iter()
                        .map(|(name, value)| (name.to_string(), value.clone()))
                        .collect()
                })
                .unwrap_or_default(),
            response_body: answer.map(|answer| body(&answer.body)).unwrap_or_default(),
        };
        self.next += 1;
        *self.counts.entry(exchange.operation.clone()).or_default() += 1;
        self.bytes += size(&exchange);
        self.kept.push_back(exchange);
        while self.bytes > KEPT_BYTES {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.bytes -= size(&oldest);
        }
    }

    pub(super) fn all(&self) -> Vec<Exchange> {
        self.kept.iter().cloned().collect()
    }

    pub(super) fn count(&self, operation: &str) -> usize {
        self.counts.get(operation).copied().unwrap_or_default()
    }
}

fn size(exchange: &Exchange) -> usize {
    // The rest of an exchange, headers above all, is about a kilobyte.
    exchange.request_body.len() + exchange.response_body.len() + 1024
}

fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = value.to_str().unwrap_or_default();
            let shown = if name == AUTHORIZATION {
                format!("{} …", value.split(' ').next().unwrap_or_default())
            } else {
                value.to_owned()
            };
            (name.to_string(), shown)
        })
        .collect()
}
