//! IAM policy documents: read, judged and edited as JSON, so that what we don't understand survives.
//!
//! - `pattern`: wildcards and policy variables
//! - `truth`: yes, no, and what can't be known from here
//! - `fact`: what is known of a request's condition keys
//! - `principal`, `condition`, `statement`: whether one statement applies to a request
//! - `evaluate`: what all statements together say
//! - `context`, `addresses`: what is known of Atlas's requests, and where they come from
//! - `access`: whether Atlas gets in, judged from all documents together
//! - `dead`: deleted principals, which keep a document from being written again
//! - `trust`, `key_use`: the two questions asked of a role's policies
//! - `beyond`: what a role's policies allow beyond the use of a key
//! - `edit`: our own statements, and how they join what is there
//! - `mend`: old external IDs replaced, deleted principals taken out, a key policy's statement

mod access;
mod addresses;
mod beyond;
mod condition;
mod context;
mod dead;
mod edit;
mod evaluate;
mod fact;
mod key_use;
mod mend;
mod pattern;
mod principal;
mod statement;
mod trust;
mod truth;

#[cfg(test)]
mod properties;

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use access::{Access, Arrival, AtlasSide, Entry, KeyPolicy, KeySide, Obstacle, Place};
pub use addresses::restricts_addresses;
pub use beyond::beyond_key_use;
pub use dead::{dead_exceptions, dead_ids, dead_principals};
pub use edit::{Merged, default_key_policy, merge_key_access, merge_trust, new_key_policy, new_trust};
pub use evaluate::Verdict;
pub use key_use::{KEY_ACTIONS, KeyAccess, key_access, key_verdict};
pub use mend::{
    external_id_principals, key_policy_statement, merge_key_policy, replace_external_id, without_dead_principals,
};
pub use trust::{external_ids, trust_verdict};

/// Why a policy document can't be read or edited.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The text is no JSON, neither as it stands nor percent-decoded.
    #[error("the policy document isn't JSON: {0}")]
    NotJson(String),
    /// The document is JSON, but no object.
    #[error("the policy document isn't a JSON object")]
    NotAnObject,
    /// `Statement` is neither a statement nor a list of them.
    #[error("the policy document's Statement is neither an object nor a list")]
    OddStatement,
    /// A value that would name more than one thing, or nothing, in a statement of ours.
    #[error(
        "{given:?} can't be {purpose} in a policy: it must name exactly one, without wildcards or policy variables"
    )]
    NotExact {
        /// What it was meant to be.
        purpose: &'static str,
        /// The value.
        given: String,
    },
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
        let text = if text.starts_with('{') {
            Cow::Borrowed(text)
        } else {
            percent_decode_str(text)
                .decode_utf8()
                .map_err(|error| PolicyError::NotJson(error.to_string()))?
        };
        match serde_json::from_str(&text) {
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

    /// Returns the document as indented text, as it is shown.
    pub fn pretty(&self) -> String {
        format!("{:#}", self.0)
    }

    /// Returns the size in characters that counts against IAM's quotas.
    ///
    /// IAM doesn't count white space ("IAM and AWS STS quotas"). White space inside a string is counted here all the
    /// same: the documentation doesn't say, and too large an estimate is the harmless mistake.
    pub fn size(&self) -> usize {
        self.to_json().chars().count()
    }

    /// Returns the statements in their order, whether `Statement` is one or a list.
    pub fn statements(&self) -> Vec<&Value> {
        match self.0.get("Statement") {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(one @ Value::Object(_)) => vec![one],
            _ => Vec::new(),
        }
    }

    /// Returns whether `${…}` is a policy variable here: not in documents of the first version, which is what a missing
    /// `Version` means ("IAM JSON policy elements: Version").
    fn has_variables(&self) -> bool {
        !matches!(
            self.0.get("Version").map(Value::as_str),
            None | Some(Some("2008-10-17"))
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plain_and_encoded_text_is_one_document() {
        let plain = r#" {"Version": "2012-10-17", "Statement": [{"Sid": "100%25+1"}]} "#;
        let encoded =
            "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Sid%22%3A%22100%2525%2B1%22%7D%5D%7D";
        let document = PolicyDocument::parse(plain).unwrap();
        assert_eq!(document, PolicyDocument::parse(encoded).unwrap());
        assert_eq!(document.value()["Statement"][0]["Sid"], "100%25+1");
    }

    #[test]
    fn what_is_no_object_is_refused() {
        assert_eq!(PolicyDocument::parse("[]"), Err(PolicyError::NotAnObject));
        assert_eq!(PolicyDocument::parse("%22x%22"), Err(PolicyError::NotAnObject));
        for text in ["", "{", "%7", "%ff%fe", "not json"] {
            assert!(
                matches!(PolicyDocument::parse(text), Err(PolicyError::NotJson(_))),
                "{text:?}"
            );
        }
    }

    #[test]
    fn order_is_kept_and_white_space_between_the_parts_is_not_counted() {
        let document = PolicyDocument::parse("{ \"b\" : 1,\n \"a\" : \"é x\" }").unwrap();
        assert_eq!(document.to_json(), r#"{"b":1,"a":"é x"}"#);
        assert_eq!(document.size(), 17);
        assert_eq!(document.pretty(), "{\n  \"b\": 1,\n  \"a\": \"é x\"\n}");
    }

    #[test]
    fn one_statement_may_stand_without_a_list() {
        let one = PolicyDocument::from_value(json!({"Statement": {"Sid": "a"}}));
        let list = PolicyDocument::from_value(json!({"Statement": [{"Sid": "a"}]}));
        assert_eq!(one.statements(), list.statements());
        assert!(PolicyDocument::from_value(json!(3)).statements().is_empty());
    }
}
