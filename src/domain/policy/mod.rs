//! IAM policy documents, read and edited as JSON so that what we don't understand survives.

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why a policy document can't be read or edited.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The text is no JSON, neither as it stands nor percent-decoded.
    #[error("the policy document isn't JSON: {0}")]
    NotJson(String),
    /// The document is JSON, but no object.
    #[error("the policy document isn't a JSON object")]
    NotAnObject,
}

/// A policy document: a trust policy, a role's policy or a key policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyDocument(Value);

impl PolicyDocument {
    /// Reads a document as AWS gives it: plain JSON, or percent-encoded after RFC 3986 (IAM's answers).
    ///
    /// # Errors
    /// [`PolicyError::NotJson`] and [`PolicyError::NotAnObject`].
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let text = text.trim();
        let read = if text.starts_with('%') {
            let decoded = percent_decode_str(text)
                .decode_utf8()
                .map_err(|error| PolicyError::NotJson(error.to_string()))?;
            serde_json::from_str(&decoded)
        } else {
            serde_json::from_str(text)
        };
        match read {
            Ok(value @ Value::Object(_)) => Ok(Self(value)),
            Ok(_) => Err(PolicyError::NotAnObject),
            Err(error) => Err(PolicyError::NotJson(error.to_string())),
        }
    }

    /// Returns a document that was read elsewhere, as it is.
    pub fn from_value(value: Value) -> Self {
        Self(value)
    }

    /// Returns the document as JSON.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// Returns the document as text without white space, as it is sent.
    pub fn to_json(&self) -> String {
        self.0.to_string()
    }
}
