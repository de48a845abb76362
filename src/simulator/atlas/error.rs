//! Refusals in Atlas's form.

use hyper::StatusCode;
use hyper::header::HeaderName;
use serde_json::{Value, json};

use super::super::answer::Answer;

/// A refusal.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    status: StatusCode,
    code: Option<&'static str>,
    detail: String,
    parameters: Vec<Value>,
}

/// Where a refusal's code stands besides the body.
const X_ERROR_CODE: HeaderName = HeaderName::from_static("x-error-code");

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code: Some(code),
            detail: detail.into(),
            parameters: Vec::new(),
        }
    }

    /// Makes one of the refusals for which Atlas publishes no code.
    pub(super) fn without_code(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            code: None,
            detail: detail.into(),
            parameters: Vec::new(),
        }
    }

    /// Adds a parameter, which Atlas's own sentence names too.
    #[must_use]
    pub(super) fn about(mut self, parameter: impl Into<Value>) -> Self {
        self.parameters.push(parameter.into());
        self
    }

    pub(super) fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    pub(super) fn invalid_attribute(attribute: &str) -> Self {
        Self::bad_request("INVALID_ATTRIBUTE", format!("Invalid attribute {attribute} specified.")).about(attribute)
    }

    pub(super) fn missing_attribute(attribute: &str) -> Self {
        Self::bad_request(
            "MISSING_ATTRIBUTE",
            format!("The required attribute {attribute} was not specified."),
        )
        .about(attribute)
    }

    pub(super) fn read_only(attribute: &str) -> Self {
        Self::bad_request(
            "ATTRIBUTE_READ_ONLY",
            format!("The attribute {attribute} is read-only."),
        )
        .about(attribute)
    }

    pub(super) fn invalid_enum(attribute: &str, value: &str) -> Self {
        Self::bad_request(
            "INVALID_ENUM_VALUE",
            format!("An invalid enumeration value {value} was specified for attribute {attribute}."),
        )
        .about(value)
        .about(attribute)
    }

    pub(super) fn into_answer(self) -> Answer {
        let mut body = json!({ "detail": self.detail, "error": self.status.as_u16() });
        if let Some(code) = self.code {
            body["errorCode"] = code.into();
        }
        body["parameters"] = self.parameters.into();
        body["reason"] = self.status.canonical_reason().into();
        let answer = Answer::json(self.status, "application/json", &body);
        match self.code {
            Some(code) => answer.with(X_ERROR_CODE, code),
            None => answer,
        }
    }
}

/// Answers with a code that a fault or a test names.
pub(super) fn refuse(status: u16, code: &str, detail: &str) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut body = json!({ "detail": detail, "error": status.as_u16() });
    if !code.is_empty() {
        body["errorCode"] = code.into();
    }
    body["parameters"] = json!([]);
    body["reason"] = status.canonical_reason().into();
    let answer = Answer::json(status, "application/json", &body);
    if code.is_empty() {
        answer
    } else {
        answer.with(X_ERROR_CODE, code)
    }
}
