//! AWS's exceptions, in both protocols' forms.

use hyper::StatusCode;
use serde_json::json;

use super::super::answer::Answer;
use super::xml::escaped;

/// An exception.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    status: StatusCode,
    code: String,
    message: String,
}

impl Failure {
    pub(super) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
        }
    }

    pub(super) fn bad_request(code: &str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    pub(super) fn forbidden(code: &str, message: impl Into<String>) -> Self {
        Self::new(403, code, message)
    }

    pub(super) fn unknown_action(action: &str) -> Self {
        Self::bad_request("InvalidAction", format!("Could not find operation {action}"))
    }

    /// Refuses a value that breaks a constraint of the service's model.
    pub(super) fn constraint(code: &str, value: &str, field: &str, constraint: &str) -> Self {
        Self::bad_request(
            code,
            format!(
                "1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: {constraint}"
            ),
        )
    }

    pub(super) fn as_xml(&self, request_id: &str) -> Answer {
        let kind = if self.status.is_server_error() {
            "Receiver"
        } else {
            "Sender"
        };
        let body = format!(
            "<ErrorResponse><Error><Type>{kind}</Type><Code>{}</Code><Message>{}</Message></Error>\
             <RequestId>{request_id}</RequestId></ErrorResponse>",
            escaped(&self.code),
            escaped(&self.message),
        );
        Answer::new(self.status, "text/xml", body)
    }

    pub(super) fn as_json(&self) -> Answer {
        let body = json!({ "__type": self.code, "message": self.message });
        Answer::json(self.status, "application/x-amz-json-1.1", &body)
    }
}
