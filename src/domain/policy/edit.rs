//! Our own statements, and how they join what is there.
//!
//! IAM replaces whole documents. Whatever others wrote (statements, unknown elements, their order, a missing `Version`)
//! comes back as it was: a document is only ever added to.

use serde_json::{Value, json};

use super::key_use::{KEY_ACTIONS, key_use_is_given};
use super::statement::{Effect, effect, texts};
use super::trust::{ASSUME_ROLE, EXTERNAL_ID, trust_is_given};
use super::{PolicyDocument, PolicyError};

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

/// Returns the key policy that KMS gives a key of an account: it lets IAM decide ("Default key policy").
pub fn default_key_policy(partition: &str, account: &str) -> PolicyDocument {
    document(&json!({
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:{partition}:iam::{account}:root") },
        "Action": "kms:*",
        "Resource": "*",
    }))
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

pub(super) fn trust_statement(principal: &str, external_id: &str) -> Result<Value, PolicyError> {
    Ok(json!({
        "Effect": "Allow",
        "Principal": { "AWS": exact("the principal", principal)? },
        "Action": ASSUME_ROLE,
        "Condition": { "StringEquals": { EXTERNAL_ID: exact("the external ID", external_id)? } },
    }))
}

pub(super) fn key_statement(key_arn: &str) -> Result<Value, PolicyError> {
    Ok(json!({
        "Effect": "Allow",
        "Action": KEY_ACTIONS,
        "Resource": exact("a key", key_arn)?,
    }))
}

/// Lets nothing into a statement of ours that would mean more than itself, wherever it came from.
pub(super) fn exact<'a>(purpose: &'static str, given: &'a str) -> Result<&'a str, PolicyError> {
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

pub(super) fn append(existing: &PolicyDocument, statement: Value) -> Result<PolicyDocument, PolicyError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const ATLAS: &str = "arn:aws:iam::111122223333:root";
    const ID: &str = "22222222-aaaa-4bbb-8ccc-0123456789ab";
    const KEY: &str = "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const OLD_KEY: &str = "arn:aws:kms:eu-west-1:444455556666:key/00000000-12ab-34cd-56ef-1234567890ab";

    fn read(text: &str) -> PolicyDocument {
        PolicyDocument::parse(text).unwrap()
    }

    fn changed(merged: Result<Merged, PolicyError>) -> String {
        match merged {
            Ok(Merged::Changed(document)) => document.to_json(),
            other => panic!("not changed: {other:?}"),
        }
    }

    #[test]
    fn new_documents_say_exactly_what_atlas_needs() {
        assert_eq!(
            new_trust(ATLAS, ID).unwrap().to_json(),
            format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{ATLAS}"}},"Action":"sts:AssumeRole","Condition":{{"StringEquals":{{"sts:ExternalId":"{ID}"}}}}}}]}}"#
            )
        );
        assert_eq!(
            new_key_policy(KEY).unwrap().to_json(),
            format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["kms:DescribeKey","kms:Encrypt","kms:Decrypt"],"Resource":"{KEY}"}}]}}"#
            )
        );
    }

    #[test]
    fn nothing_that_names_more_than_one_gets_into_our_statements() {
        for odd in ["", "*", "arn:aws:iam::*:root", "x?", "${aws:PrincipalTag/id}"] {
            assert!(matches!(new_trust(odd, ID), Err(PolicyError::NotExact { .. })), "{odd}");
            assert!(
                matches!(
                    merge_trust(&new_trust(ATLAS, ID).unwrap(), ATLAS, odd),
                    Err(PolicyError::NotExact { .. })
                ),
                "{odd}"
            );
            assert!(
                matches!(merge_key_access(None, odd), Err(PolicyError::NotExact { .. })),
                "{odd}"
            );
        }
    }

    #[test]
    fn a_single_odd_statement_comes_first_and_unchanged() {
        let existing = read(r#"{"Statement":{"Zebra":[1,{"b":2,"a":1}],"Effect":"Allow"},"Id":"x","Other":null}"#);
        let ours = new_trust(ATLAS, ID).unwrap().statements()[0].to_string();
        assert_eq!(
            changed(merge_trust(&existing, ATLAS, ID)),
            format!(
                r#"{{"Statement":[{{"Zebra":[1,{{"b":2,"a":1}}],"Effect":"Allow"}},{ours}],"Id":"x","Other":null}}"#
            )
        );
    }

    #[test]
    fn a_policy_that_already_trusts_is_left_alone() {
        let existing = read(&format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"111122223333"}},"Action":"sts:*","Condition":{{"StringLike":{{"sts:externalid":["x","{ID}"]}}}}}}]}}"#
        ));
        assert_eq!(merge_trust(&existing, ATLAS, ID), Ok(Merged::Already));
    }

    #[test]
    fn what_aws_would_not_have_taken_is_refused() {
        for odd in [json!("x"), json!(1), json!(null)] {
            let existing = PolicyDocument::from_value(json!({"Statement": odd}));
            assert_eq!(merge_trust(&existing, ATLAS, ID), Err(PolicyError::OddStatement));
            assert_eq!(merge_key_access(Some(&existing), KEY), Err(PolicyError::OddStatement));
        }
        assert_eq!(
            merge_trust(&PolicyDocument::from_value(json!([])), ATLAS, ID),
            Err(PolicyError::NotAnObject)
        );
    }

    #[test]
    fn a_further_key_joins_our_statement() {
        let one = new_key_policy(OLD_KEY).unwrap();
        let two = read(&changed(merge_key_access(Some(&one), KEY)));
        assert_eq!(two.value()["Statement"][0]["Resource"], json!([OLD_KEY, KEY]));
        assert_eq!(merge_key_access(Some(&two), KEY), Ok(Merged::Already));
        let third = KEY.replace("1234abcd", "33333333");
        let three = read(&changed(merge_key_access(Some(&two), &third)));
        assert_eq!(three.value()["Statement"][0]["Resource"], json!([OLD_KEY, KEY, third]));
        assert_eq!(three.statements().len(), 1);
    }

    #[test]
    fn a_statement_that_someone_changed_is_not_ours() {
        let ours = new_key_policy(OLD_KEY).unwrap().statements()[0].clone();
        assert!(is_ours(&ours));
        for (element, value) in [
            ("Effect", json!("Deny")),
            ("Condition", json!({"Bool": {"aws:SecureTransport": "true"}})),
            ("Action", json!(["kms:DescribeKey", "kms:Encrypt", "kms:*"])),
            (
                "Action",
                json!(["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:ReEncryptTo"]),
            ),
            ("Resource", json!("arn:aws:kms:us-east-1:444455556666:key/*")),
            ("Resource", json!([])),
            ("NotResource", json!("x")),
        ] {
            let mut theirs = ours.clone();
            theirs[element] = value;
            assert!(!is_ours(&theirs), "{theirs}");
            let existing = PolicyDocument::from_value(json!({"Statement": theirs}));
            let after = read(&changed(merge_key_access(Some(&existing), KEY)));
            assert_eq!(after.statements().len(), 2);
            assert_eq!(after.statements()[0], &theirs);
        }
    }
}
