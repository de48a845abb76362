//! What can go wrong with a call, read from what came back. What to tell the operator is in `advice`.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::domain::project::RoleGrant;

/// A call that failed.
#[derive(Clone, Debug)]
pub struct Error {
    /// The request without the base URL: `PATCH /groups/…/encryptionAtRest`.
    pub request: String,
    /// What went wrong.
    pub kind: ErrorKind,
    /// For how long the service asked to be left alone.
    pub retry_after: Option<Duration>,
    /// How often it was sent in all.
    pub tries: usize,
    /// Whether it would have been sent again, if whoever waits for it hadn't asked to stop.
    pub given_up: bool,
    /// The caller's roles where it lacks one, if Atlas has told them before.
    pub(super) roles: Option<Vec<RoleGrant>>,
    /// Whether the request was one that changes something.
    pub(super) changes: bool,
}

/// What went wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Atlas refused, in its own words.
    Api {
        /// The HTTP status.
        status: u16,
        /// `errorCode`.
        code: Option<String>,
        /// `detail`: foreign text, whose wording changes.
        detail: Option<String>,
        /// `parameters`, as text.
        parameters: Vec<String>,
        /// `badRequestDetail.fields`.
        fields: Vec<Field>,
    },
    /// The token endpoint refused, in OAuth's words.
    Token {
        /// The HTTP status.
        status: u16,
        /// `error`: `invalid_client`, …
        error: String,
        /// `error_description`, foreign text.
        description: Option<String>,
    },
    /// A second 401 to an answer to a fresh digest challenge: the key pair is wrong.
    WrongKeys,
    /// No connection, or it broke, or it took too long.
    Transport {
        /// Whether the request may have got there.
        reached: bool,
        /// Whether time ran out.
        timed_out: bool,
        /// Causes, outermost first.
        causes: Vec<String>,
    },
    /// Whoever answers at Atlas's address has a certificate that this machine doesn't trust: nothing was sent.
    Untrusted {
        /// TLS's own words.
        reason: String,
    },
    /// Something that isn't JSON: a page of a gateway, or nothing. It is never shown.
    NotJson {
        /// The HTTP status.
        status: u16,
    },
    /// JSON that doesn't have the shape of this answer.
    Decode {
        /// The parser's words.
        reason: String,
    },
    /// A redirect. It isn't followed: the credential would go with it.
    Redirect {
        /// The host that it leads to.
        host: Option<String>,
    },
    /// A proxy on the way wants a login (407).
    Proxy,
    /// A list whose pages don't add up to its `totalCount`, even when read again.
    Count {
        /// `totalCount`.
        expected: usize,
        /// How many different ones came.
        found: usize,
    },
    /// An ID or a name that can't be a part of a path.
    Name(String),
}

/// One field of a request that Atlas refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The field's path.
    pub name: String,
    /// What is wrong with it, foreign text.
    pub reason: String,
}

/// What may be done about an error by asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// Nothing.
    No,
    /// A limit, or briefly away: not carried out, later again.
    Later,
    /// The service's own error or a broken connection, and asking twice does no harm.
    Fault,
    /// Nobody was reached.
    Unreached,
}

impl ErrorKind {
    /// Reads an answer that isn't a success.
    pub fn read(status: u16, body: &[u8]) -> Self {
        if status == 407 {
            return Self::Proxy;
        }
        let Ok(Value::Object(body)) = serde_json::from_slice(body) else {
            return Self::NotJson { status };
        };
        // Each field by itself: one of another shape must not hide the others.
        let word = |name: &str| body.get(name).and_then(Value::as_str).filter(|word| !word.is_empty());
        // Atlas's `error` is a number, OAuth's a string.
        if let Some(error) = word("error") {
            return Self::Token {
                status,
                error: error.to_owned(),
                description: word("error_description").and_then(plain),
            };
        }
        let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
        let fields = body.get("badRequestDetail").and_then(|detail| detail.get("fields"));
        Self::Api {
            status,
            code: word("errorCode").and_then(plain),
            detail: word("detail").or_else(|| word("reason")).and_then(plain),
            parameters: list(body.get("parameters")).iter().filter_map(text).collect(),
            fields: list(fields).iter().map(Field::read).collect(),
        }
    }
}

impl Field {
    fn read(violation: &Value) -> Self {
        let part = |name: &str| violation.get(name).and_then(text).unwrap_or_default();
        Self {
            name: part("field"),
            reason: part("description"),
        }
    }
}

/// The longest foreign text that is passed on, in characters.
const LONGEST: usize = 600;

/// What tells a page from a sentence.
const MARKUP: [&str; 8] = ["</", "<html", "<!doctype", "<body", "<head", "<p>", "<br", "<div"];

/// Returns foreign text without what nobody wants to read: nothing, markup, the end of something endless.
pub(super) fn plain(text: &str) -> Option<String> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    if text.is_empty() || MARKUP.iter().any(|tag| lower.contains(tag)) {
        return None;
    }
    Some(text.chars().take(LONGEST).collect())
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => plain(text),
        other => plain(&other.to_string()),
    }
}

/// A page of a list took Atlas too long, whatever status it gives to that.
pub(super) const PAGING: &str = "TIMEOUT_WHILE_PAGING";

impl Error {
    /// Returns the service's error code.
    pub fn code(&self) -> Option<&str> {
        match &self.kind {
            ErrorKind::Api { code, .. } => code.as_deref(),
            ErrorKind::Token { error, .. } => Some(error),
            _ => None,
        }
    }

    /// Returns the HTTP status, where there was an answer.
    pub fn status(&self) -> Option<u16> {
        match &self.kind {
            ErrorKind::Api { status, .. } | ErrorKind::Token { status, .. } | ErrorKind::NotJson { status } => {
                Some(*status)
            }
            ErrorKind::WrongKeys => Some(401),
            ErrorKind::Proxy => Some(407),
            _ => None,
        }
    }

    /// Returns whether the change may have been carried out in spite of the error: read before asking again.
    pub fn may_have_happened(&self) -> bool {
        self.changes
            && match &self.kind {
                ErrorKind::Transport { reached, .. } => *reached,
                // 503 with Atlas's own JSON is a refusal.
                ErrorKind::Api { status, .. } => matches!(status, 500 | 502 | 504),
                ErrorKind::NotJson { status } => *status >= 500 || *status < 300,
                ErrorKind::Decode { .. } => true,
                _ => false,
            }
    }

    /// Returns what may be done by asking again.
    pub(super) fn again(&self) -> Again {
        match &self.kind {
            ErrorKind::Transport { reached: false, .. } => Again::Unreached,
            ErrorKind::Transport { reached: true, .. } if !self.changes => Again::Fault,
            kind => match (kind, self.status()) {
                // A gateway's page may come after Atlas has done its work.
                (ErrorKind::NotJson { .. }, Some(503)) if self.changes => Again::No,
                (_, Some(429 | 503)) => Again::Later,
                _ if self.code() == Some(PAGING) && !self.changes => Again::Fault,
                (_, Some(500 | 502 | 504)) if !self.changes => Again::Fault,
                _ => Again::No,
            },
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.request)?;
        match &self.kind {
            ErrorKind::Api { status, code, .. } => match code {
                Some(code) => write!(f, "{code} ({status})"),
                None => write!(f, "refused ({status})"),
            },
            ErrorKind::Token { status, error, .. } => write!(f, "{error} ({status})"),
            ErrorKind::WrongKeys => f.write_str("wrong API key"),
            ErrorKind::Transport { reached: false, .. } => f.write_str("not reached"),
            ErrorKind::Transport { timed_out: true, .. } => f.write_str("no answer in time"),
            ErrorKind::Transport { .. } => f.write_str("connection broken"),
            ErrorKind::Untrusted { .. } => f.write_str("certificate not trusted"),
            ErrorKind::NotJson { status } => write!(f, "no answer of the API ({status})"),
            ErrorKind::Decode { .. } => f.write_str("answer not understood"),
            ErrorKind::Redirect { .. } => f.write_str("redirected"),
            ErrorKind::Proxy => f.write_str("proxy wants a login (407)"),
            ErrorKind::Count { expected, found } => write!(f, "{found} of {expected} came"),
            ErrorKind::Name(_) => f.write_str("unusable name"),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(changes: bool, kind: ErrorKind) -> Error {
        Error {
            request: "X /y".to_owned(),
            kind,
            retry_after: None,
            tries: 1,
            given_up: false,
            roles: None,
            changes,
        }
    }

    fn answer(changes: bool, status: u16, body: &str) -> Error {
        error(changes, ErrorKind::read(status, body.as_bytes()))
    }

    #[test]
    fn atlas_errors_are_read_with_and_without_their_parts() {
        let full = r#"{"error":400,"errorCode":"VALIDATION_ERROR","detail":"No.","parameters":["a",5,null],
            "badRequestDetail":{"fields":[{"field":"awsKms.region","description":"unknown"}]},"new":1}"#;
        assert_eq!(
            ErrorKind::read(400, full.as_bytes()),
            ErrorKind::Api {
                status: 400,
                code: Some("VALIDATION_ERROR".to_owned()),
                detail: Some("No.".to_owned()),
                parameters: vec!["a".to_owned(), "5".to_owned()],
                fields: vec![Field {
                    name: "awsKms.region".to_owned(),
                    reason: "unknown".to_owned()
                }],
            }
        );
        let bare = answer(
            true,
            409,
            r#"{"error":409,"detail":null,"parameters":null,"badRequestDetail":null}"#,
        );
        assert_eq!((bare.code(), bare.status()), (None, Some(409)));
    }

    #[test]
    fn oauth_errors_are_told_from_atlas_errors() {
        let token = answer(
            false,
            401,
            r#"{"error":"invalid_client","error_description":"Bad client"}"#,
        );
        assert_eq!((token.code(), token.status()), (Some("invalid_client"), Some(401)));
        let limited = answer(
            false,
            429,
            r#"{"error":429,"errorCode":"RATE_LIMITED","parameters":["/api/oauth/token",10,1]}"#,
        );
        assert_eq!(limited.code(), Some("RATE_LIMITED"));
    }

    #[test]
    fn pages_of_gateways_are_not_kept() {
        let page = "<!DOCTYPE html><html>Unavailable</html>";
        for (status, body) in [(503, page), (502, ""), (404, "not json")] {
            assert_eq!(ErrorKind::read(status, body.as_bytes()), ErrorKind::NotJson { status });
        }
        assert_eq!(ErrorKind::read(407, page.as_bytes()), ErrorKind::Proxy);
        let inside = format!(r#"{{"error":500,"errorCode":"UNEXPECTED_ERROR","detail":"{page}"}}"#);
        assert!(
            matches!(ErrorKind::read(500, inside.as_bytes()), ErrorKind::Api { detail: None, code: Some(code), .. } if code == "UNEXPECTED_ERROR")
        );
    }

    #[test]
    fn what_may_be_asked_again() {
        let json = r#"{"error":1,"errorCode":"X"}"#;
        let cases = [
            // status, body, a read, a change, a change may have happened
            (429, json, Again::Later, Again::Later, false),
            (429, "", Again::Later, Again::Later, false),
            (503, json, Again::Later, Again::Later, false),
            (503, "<html>", Again::Later, Again::No, true),
            (500, json, Again::Fault, Again::No, true),
            (502, "", Again::Fault, Again::No, true),
            (504, "<html>", Again::Fault, Again::No, true),
            (400, json, Again::No, Again::No, false),
            (409, json, Again::No, Again::No, false),
            (407, "", Again::No, Again::No, false),
        ];
        for (status, body, read, change, happened) in cases {
            assert_eq!(answer(false, status, body).again(), read, "{status} {body}");
            assert_eq!(answer(true, status, body).again(), change, "{status} {body}");
            assert_eq!(
                answer(true, status, body).may_have_happened(),
                happened,
                "{status} {body}"
            );
            assert!(!answer(false, status, body).may_have_happened(), "{status} {body}");
        }
        let transport = |reached| ErrorKind::Transport {
            reached,
            timed_out: false,
            causes: Vec::new(),
        };
        assert_eq!(error(true, transport(true)).again(), Again::No);
        assert!(error(true, transport(true)).may_have_happened());
        assert_eq!(error(true, transport(false)).again(), Again::Unreached);
        assert!(!error(true, transport(false)).may_have_happened());
        assert_eq!(error(false, transport(true)).again(), Again::Fault);
    }
}
