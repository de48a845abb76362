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
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Verdict {
    Allowed,
    Denied { statement: Value, why: String },
    NotAllowed { nearest: Option<Value>, why: String },
    Unknown { why: String, statement: Option<Value> },
}
impl Verdict {
    /// Stub.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed)
    }
    /// Stub.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Allowed => None,
            Self::Denied { why, .. } | Self::NotAllowed { why, .. } | Self::Unknown { why, .. } => Some(why),
        }
    }
}
/// Stub.
pub struct KeyAccess {
    /// Stub.
    pub missing: Vec<(&'static str, Verdict)>,
}
fn statements(doc: &PolicyDocument) -> Vec<Value> {
    doc.0["Statement"].as_array().cloned().unwrap_or_default()
}
fn with(before: &PolicyDocument, more: &PolicyDocument) -> PolicyDocument {
    let mut value = before.0.clone();
    if let Some(list) = value["Statement"].as_array_mut() {
        list.extend(statements(more));
    }
    PolicyDocument(value)
}
/// Stub.
pub fn new_trust(principal: &str, external_id: &str) -> PolicyDocument {
    PolicyDocument(
        json!({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":principal},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":external_id}}}]}),
    )
}
/// Stub.
pub fn trust_with(before: &PolicyDocument, principal: &str, external_id: &str) -> PolicyDocument {
    with(before, &new_trust(principal, external_id))
}
/// Stub.
pub fn key_access_with(before: Option<&PolicyDocument>, key_arn: &str) -> PolicyDocument {
    let new = PolicyDocument(
        json!({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["kms:DescribeKey","kms:Encrypt","kms:Decrypt"],"Resource":key_arn}]}),
    );
    before.map_or(new.clone(), |before| with(before, &new))
}
/// Stub.
pub fn trust_verdict(doc: &PolicyDocument, principal: &str, external_id: &str) -> Verdict {
    if let Some(statement) = statements(doc).into_iter().find(|s| s["Effect"] == "Deny") {
        return Verdict::Denied {
            statement,
            why: "an explicit Deny covers sts:AssumeRole".to_owned(),
        };
    }
    if external_ids(doc, principal).iter().any(|id| id == external_id) {
        return Verdict::Allowed;
    }
    Verdict::NotAllowed {
        nearest: None,
        why: "no statement allows sts:AssumeRole".to_owned(),
    }
}
/// Stub.
pub fn external_ids(doc: &PolicyDocument, principal: &str) -> Vec<String> {
    statements(doc)
        .iter()
        .filter(|s| s["Principal"]["AWS"] == principal)
        .filter_map(|s| {
            s["Condition"]["StringEquals"]["sts:ExternalId"]
                .as_str()
                .map(str::to_owned)
        })
        .collect()
}
/// Stub.
pub fn key_access(policies: &[&PolicyDocument], key_arn: &str) -> KeyAccess {
    let all: Vec<Value> = policies.iter().flat_map(|doc| statements(doc)).collect();
    let missing = ["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"]
        .into_iter()
        .filter_map(|action| {
            if let Some(statement) = all.iter().find(|s| s["Effect"] == "Deny") {
                return Some((
                    action,
                    Verdict::Denied {
                        statement: statement.clone(),
                        why: format!("an explicit Deny covers {action} on {key_arn}"),
                    },
                ));
            }
            let given = all.iter().any(|s| {
                s["Resource"] == key_arn && s["Action"].as_array().is_some_and(|a| a.contains(&json!(action)))
            });
            (!given).then(|| {
                (
                    action,
                    Verdict::NotAllowed {
                        nearest: None,
                        why: format!("no statement allows {action} on {key_arn}"),
                    },
                )
            })
        });
    KeyAccess {
        missing: missing.collect(),
    }
}
/// Stub.
pub fn beyond_key_use(policies: &[&PolicyDocument], _key_arn: Option<&str>) -> Vec<String> {
    policies
        .iter()
        .flat_map(|doc| statements(doc))
        .filter(|s| s["Effect"] == "Allow" && s["Action"].as_array().is_none_or(|a| a.len() != 3))
        .map(|s| {
            format!(
                "{} on {}",
                s["Action"].as_str().unwrap_or("?"),
                s["Resource"].as_str().unwrap_or("?")
            )
        })
        .collect()
}
