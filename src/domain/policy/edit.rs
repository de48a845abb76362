//! Our own statements, and how they join what is there.
//!
//! IAM replaces whole documents. Whatever others wrote (statements, unknown elements, their order, a missing `Version`)
//! comes back as it was: a document is only ever added to.

use serde_json::{Value, json};

use super::evaluate::{key_use_is_given, trust_is_given};
use super::statement::{Effect, effect, texts};
use super::{PolicyDocument, PolicyError};

/// What Atlas does with a key, and all that its IAM role needs (Atlas documentation, "Manage Customer Keys with AWS
/// KMS").
pub const KEY_ACTIONS: [&str; 3] = ["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"];

/// What came of joining our statement with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// An Allow that is there already gives it.
    Already,
    /// The document to write.
    Changed(PolicyDocument),
}

impl Merged {
    /// Returns the document to write, if there is one.
    pub fn changed(self) -> Option<PolicyDocument> {
        match self {
            Self::Already => None,
            Self::Changed(document) => Some(document),
        }
    }

    /// Returns the document as it is afterwards.
    #[must_use]
    pub fn or(self, existing: &PolicyDocument) -> PolicyDocument {
        self.changed().unwrap_or_else(|| existing.clone())
    }
}

/// Returns the trust policy of a new IAM role: the principal and external ID that Atlas gave, nothing else.
///
/// # Errors
/// [`PolicyError::NotExact`]: one of them would open the role to others.
pub fn new_trust(principal: &str, external_id: &str) -> Result<PolicyDocument, PolicyError> {
    Ok(document(&trust_statement(principal, external_id)?))
}

/// Adds a statement for a principal and external ID to a trust policy, unless an Allow there does the same.
///
/// A Deny in the document isn't looked at: it stands in the way before and after, which
/// [`trust_verdict`](super::trust_verdict) tells.
///
/// # Errors
/// [`PolicyError::NotExact`] as in [`new_trust`]; [`PolicyError::NotAnObject`] and [`PolicyError::OddStatement`] for a
/// document that AWS wouldn't have taken.
pub fn merge_trust(existing: &PolicyDocument, principal: &str, external_id: &str) -> Result<Merged, PolicyError> {
    let statement = trust_statement(principal, external_id)?;
    if trust_is_given(existing, principal, external_id) {
        return Ok(Merged::Already);
    }
    append(existing, statement).map(Merged::Changed)
}

/// Returns the policy that lets an IAM role use a key as Atlas needs it.
///
/// # Errors
/// [`PolicyError::NotExact`]: the text would name more than one key.
pub fn new_key_policy(key_arn: &str) -> Result<PolicyDocument, PolicyError> {
    Ok(document(&key_statement(key_arn)?))
}

/// Adds the use of a key to our inline policy, unless Allows there give it already. Keys that are there stay: the old
/// key is needed while anything is encrypted with it.
///
/// The ARN joins a statement of exactly our making, else it gets a statement of its own. A Deny isn't looked at, as in
/// [`merge_trust`].
///
/// # Errors
/// As for [`merge_trust`].
pub fn merge_key_access(existing: Option<&PolicyDocument>, key_arn: &str) -> Result<Merged, PolicyError> {
    let statement = key_statement(key_arn)?;
    let Some(existing) = existing else {
        return Ok(Merged::Changed(document(&statement)));
    };
    if key_use_is_given(existing, key_arn) {
        return Ok(Merged::Already);
    }
    let mut value = existing.value().clone();
    let ours = match value.get_mut("Statement") {
        Some(Value::Array(list)) => list.iter_mut().find(|statement| is_ours(statement)),
        Some(one) => Some(one).filter(|statement| is_ours(statement)),
        None => None,
    };
    let Some(resource) = ours.and_then(|statement| statement.get_mut("Resource")) else {
        return append(existing, statement).map(Merged::Changed);
    };
    match resource {
        Value::Array(keys) => keys.push(key_arn.into()),
        one => *one = json!([one.take(), key_arn]),
    }
    Ok(Merged::Changed(PolicyDocument(value)))
}

/// Returns whether a statement is exactly what we write: an Allow of the three actions on whole key ARNs, and nothing
/// that narrows or widens it. A `Sid` that someone gave it doesn't count.
pub(super) fn is_ours(statement: &Value) -> bool {
    let Some(elements) = statement.as_object() else {
        return false;
    };
    let plain = elements
        .keys()
        .all(|name| matches!(name.as_str(), "Sid" | "Effect" | "Action" | "Resource"));
    let list = |name| elements.get(name).and_then(texts).unwrap_or_default();
    let (actions, keys) = (list("Action"), list("Resource"));
    plain
        && effect(statement) == Effect::Allow
        && actions.len() == KEY_ACTIONS.len()
        && KEY_ACTIONS.iter().all(|action| actions.contains(action))
        && !keys.is_empty()
        && keys.iter().all(|key| key.contains(":key/") && is_exact(key))
}

fn document(statement: &Value) -> PolicyDocument {
    PolicyDocument(json!({ "Version": "2012-10-17", "Statement": [statement] }))
}

fn trust_statement(principal: &str, external_id: &str) -> Result<Value, PolicyError> {
    Ok(json!({
        "Effect": "Allow",
        "Principal": { "AWS": exact("the principal", principal)? },
        "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": { "sts:ExternalId": exact("the external ID", external_id)? } },
    }))
}

fn key_statement(key_arn: &str) -> Result<Value, PolicyError> {
    Ok(json!({
        "Effect": "Allow",
        "Action": KEY_ACTIONS,
        "Resource": exact("a key", key_arn)?,
    }))
}

/// Lets nothing into a statement of ours that would mean more than itself, wherever it came from.
fn exact<'a>(purpose: &'static str, given: &'a str) -> Result<&'a str, PolicyError> {
    if is_exact(given) {
        return Ok(given);
    }
    Err(PolicyError::NotExact {
        purpose,
        given: given.to_owned(),
    })
}

fn is_exact(text: &str) -> bool {
    !text.is_empty() && !text.contains(['*', '?']) && !text.contains("${")
}

fn append(existing: &PolicyDocument, statement: Value) -> Result<PolicyDocument, PolicyError> {
    let mut value = existing.value().clone();
    let elements = value.as_object_mut().ok_or(PolicyError::NotAnObject)?;
    match elements.get_mut("Statement") {
        None => {
            elements.insert("Statement".to_owned(), json!([statement]));
        }
        Some(Value::Array(list)) => list.push(statement),
        Some(one @ Value::Object(_)) => *one = json!([one.take(), statement]),
        Some(_) => return Err(PolicyError::OddStatement),
    }
    Ok(PolicyDocument(value))
}
