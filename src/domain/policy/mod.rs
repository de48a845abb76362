//! IAM policy documents, read and edited as JSON so that what we don't understand survives.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A policy document: a trust policy, a role's policy or a key policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PolicyDocument(Value);

// STUB, replaced by the branch `policy`.
impl PolicyDocument {
    /// Stub.
    pub fn from_value(value: Value) -> Self {
        Self(value)
    }
    /// Stub.
    pub fn value(&self) -> &Value {
        &self.0
    }
    /// Stub.
    pub fn pretty(&self) -> String {
        serde_json::to_string_pretty(&self.0).unwrap_or_default()
    }
}
/// Stub.
pub enum Verdict {
    /// Stub.
    Allowed,
    /// Stub.
    NotAllowed {
        /// Stub.
        why: String,
    },
}
impl Verdict {
    /// Stub.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed)
    }
}
/// Stub.
pub struct KeyAccess {
    /// Stub.
    pub missing: Vec<(&'static str, Verdict)>,
}
/// Stub.
pub fn new_trust(principal: &str, external_id: &str) -> PolicyDocument {
    PolicyDocument(
        json!({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":principal},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":external_id}}}]}),
    )
}
/// Stub.
pub fn trust_with(before: &PolicyDocument, _principal: &str, _external_id: &str) -> PolicyDocument {
    before.clone()
}
/// Stub.
pub fn key_access_with(_before: Option<&PolicyDocument>, key_arn: &str) -> PolicyDocument {
    PolicyDocument(
        json!({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["kms:DescribeKey","kms:Encrypt","kms:Decrypt"],"Resource":key_arn}]}),
    )
}
/// Stub.
pub fn trust_verdict(_doc: &PolicyDocument, _principal: &str, _external_id: &str) -> Verdict {
    Verdict::Allowed
}
/// Stub.
pub fn external_ids(_doc: &PolicyDocument, _principal: &str) -> Vec<String> {
    Vec::new()
}
/// Stub.
pub fn key_access(_policies: &[&PolicyDocument], _key_arn: &str) -> KeyAccess {
    KeyAccess { missing: Vec::new() }
}
/// Stub.
pub fn beyond_key_use(_policies: &[&PolicyDocument], _key_arn: Option<&str>) -> Vec<String> {
    Vec::new()
}
