//! What of others' making is taken out or replaced in a document, and the statement that a key policy gets.
//!
//! As in `edit`, whatever isn't named comes back as it was.

use serde_json::{Value, json};

use super::edit::{Merged, append, exact};
use super::evaluate::{assess_all, is_given};
use super::key_use::KEY_ACTIONS;
use super::principal::is_unique_id;
use super::statement::{Assessment, Request, texts};
use super::trust::{EXTERNAL_ID, external_ids};
use super::{PolicyDocument, PolicyError};

/// Replaces one external ID by another in the Allow statements for a principal; `None` where none demands the old one.
///
/// # Errors
/// [`PolicyError::NotExact`]: the new one would open the role to others.
pub fn replace_external_id(
    trust: &PolicyDocument,
    principal: &str,
    old: &str,
    new: &str,
) -> Result<Option<PolicyDocument>, PolicyError> {
    let new = exact("the external ID", new)?;
    let mut value = trust.value().clone();
    let mut replaced = false;
    for statement in statements_mut(&mut value) {
        let alone = PolicyDocument(json!({ "Version": "2012-10-17", "Statement": [statement.clone()] }));
        if external_ids(&alone, principal).iter().any(|id| id == old) {
            replaced |= replace_in(statement, old, new);
        }
    }
    Ok(replaced.then_some(PolicyDocument(value)))
}

fn replace_in(statement: &mut Value, old: &str, new: &str) -> bool {
    let Some(operators) = statement.get_mut("Condition").and_then(Value::as_object_mut) else {
        return false;
    };
    let tests = operators.values_mut().filter_map(Value::as_object_mut).flatten();
    let mut replaced = false;
    for (_, values) in tests.filter(|(key, _)| key.eq_ignore_ascii_case(EXTERNAL_ID)) {
        let one_or_more = match values {
            Value::Array(list) => list.iter_mut().collect(),
            one => vec![one],
        };
        for value in one_or_more.into_iter().filter(|value| value.as_str() == Some(old)) {
            *value = new.into();
            replaced = true;
        }
    }
    replaced
}

/// Returns the principals whose Allow statements demand an external ID, each once.
pub fn external_id_principals(trust: &PolicyDocument) -> Vec<String> {
    let mut principals: Vec<String> = Vec::new();
    for statement in trust.statements() {
        let named = statement.get("Principal").and_then(|element| element.get("AWS"));
        for principal in named.and_then(texts).unwrap_or_default() {
            let demands = !external_ids(trust, principal).is_empty();
            if demands && !principals.iter().any(|known| known == principal) {
                principals.push(principal.to_owned());
            }
        }
    }
    principals
}

/// Takes deleted principals out of each `Principal`; a statement that named nobody else goes with them. `None` where
/// there is none. Those that a `NotPrincipal` excepts stay, see [`dead_exceptions`](super::dead_exceptions).
pub fn without_dead_principals(document: &PolicyDocument) -> Option<PolicyDocument> {
    let mut value = document.value().clone();
    let mut changed = false;
    let mut lives = |statement: &mut Value| {
        let left = bury(statement);
        changed |= left != Left::All;
        left != Left::None
    };
    match value.get_mut("Statement")? {
        Value::Array(list) => list.retain_mut(lives),
        one => {
            if !lives(one) {
                *one = json!([]);
            }
        }
    }
    changed.then_some(PolicyDocument(value))
}

/// Who is left of those that a statement named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    All,
    Some,
    None,
}

/// Takes deleted principals out of a statement's `Principal`.
fn bury(statement: &mut Value) -> Left {
    let Some(kinds) = statement.get_mut("Principal").and_then(Value::as_object_mut) else {
        return Left::All;
    };
    let is_dead = |value: &Value| value.as_str().is_some_and(is_unique_id);
    match kinds.get_mut("AWS") {
        Some(Value::Array(list)) if list.iter().any(is_dead) => {
            list.retain(|value| !is_dead(value));
            if list.is_empty() {
                kinds.shift_remove("AWS");
            }
        }
        Some(one) if is_dead(one) => _ = kinds.shift_remove("AWS"),
        _ => return Left::All,
    }
    if kinds.is_empty() { Left::None } else { Left::Some }
}

/// Returns the statement by which a key policy lets an IAM role use its key as Atlas does.
///
/// # Errors
/// [`PolicyError::NotExact`]: the text would name more than one role.
pub fn key_policy_statement(iam_role_arn: &str) -> Result<Value, PolicyError> {
    Ok(json!({
        "Sid": "AtlasEncryptionAtRest",
        "Effect": "Allow",
        "Principal": { "AWS": exact("the principal", iam_role_arn)? },
        "Action": KEY_ACTIONS,
        "Resource": "*",
    }))
}

/// Adds that statement to a key policy, unless an Allow there does the same. Every statement that is there stays, so that
/// nobody is locked out.
///
/// # Errors
/// As [`key_policy_statement`], and for a document that KMS wouldn't have taken.
pub fn merge_key_policy(policy: &PolicyDocument, iam_role_arn: &str, key_arn: &str) -> Result<Merged, PolicyError> {
    let mut statement = key_policy_statement(iam_role_arn)?;
    let given = |action: &&str| is_given(&assess(policy, iam_role_arn, action, key_arn));
    if KEY_ACTIONS.iter().all(given) {
        return Ok(Merged::Already);
    }
    // A Sid is unique in its document.
    let taken = policy
        .statements()
        .iter()
        .any(|known| known.get("Sid") == statement.get("Sid"));
    if let Some(elements) = statement.as_object_mut().filter(|_| taken) {
        elements.remove("Sid");
    }
    append(policy, statement).map(Merged::Changed)
}

fn assess<'a>(policy: &'a PolicyDocument, iam_role_arn: &str, action: &str, key_arn: &str) -> Vec<Assessment<'a>> {
    let request = Request {
        principal: Some(iam_role_arn),
        action,
        resource: Some(key_arn),
        context: &[],
    };
    assess_all(&[policy], &request)
}

fn statements_mut(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let statements = match document.get_mut("Statement") {
        Some(Value::Array(list)) => list.iter_mut().collect(),
        Some(one @ Value::Object(_)) => vec![one],
        _ => Vec::new(),
    };
    statements.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATLAS: &str = "arn:aws:iam::536727724300:root";
    const OLD: &str = "11111111-aaaa-4bbb-8ccc-0123456789ab";
    const NEW: &str = "22222222-aaaa-4bbb-8ccc-0123456789ab";
    const ROLE: &str = "arn:aws:iam::111122223333:role/team/atlas";
    const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    fn document(statements: &Value) -> PolicyDocument {
        PolicyDocument::from_value(json!({ "Version": "2012-10-17", "Statement": statements }))
    }

    fn trusting(principal: &str, id: &Value) -> Value {
        json!({
            "Sid": "kept", "Effect": "Allow", "Principal": { "AWS": principal }, "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "sts:externalid": id, "aws:PrincipalTag/x": OLD } },
        })
    }

    #[test]
    fn only_the_old_external_id_of_that_principal_is_replaced() {
        let other = trusting("arn:aws:iam::444455556666:root", &json!(OLD));
        let trust = document(&json!([other, trusting(ATLAS, &json!(["x", OLD]))]));
        let after = replace_external_id(&trust, ATLAS, OLD, NEW).unwrap().unwrap();
        assert_eq!(after.statements(), [&other, &trusting(ATLAS, &json!(["x", NEW]))]);
        assert_eq!(replace_external_id(&after, ATLAS, OLD, NEW), Ok(None));
        let one = PolicyDocument::from_value(json!({ "Statement": trusting(ATLAS, &json!(OLD)) }));
        let after = replace_external_id(&one, ATLAS, OLD, NEW).unwrap().unwrap();
        assert_eq!(after.value()["Statement"], trusting(ATLAS, &json!(NEW)));
        assert!(replace_external_id(&one, ATLAS, OLD, "*").is_err());
    }

    #[test]
    fn dead_principals_go_and_the_living_stay() {
        let dead = "AROAEXAMPLEID12345678";
        let trust = document(&json!([
            { "Effect": "Allow", "Principal": { "AWS": dead }, "Action": "sts:AssumeRole" },
            { "Effect": "Allow", "Principal": { "AWS": [dead, ROLE] }, "Action": "sts:AssumeRole" },
            { "Effect": "Allow", "Principal": { "AWS": ["AIDAEXAMPLEID12345678"], "Service": "ec2.amazonaws.com" }, "Action": "x" },
            { "Effect": "Allow", "Principal": "*", "Action": "x" },
        ]));
        let after = without_dead_principals(&trust).unwrap();
        assert_eq!(
            after.value()["Statement"],
            json!([
                { "Effect": "Allow", "Principal": { "AWS": [ROLE] }, "Action": "sts:AssumeRole" },
                { "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "x" },
                { "Effect": "Allow", "Principal": "*", "Action": "x" },
            ])
        );
        assert_eq!(without_dead_principals(&after), None);
    }

    #[test]
    fn a_key_policy_gets_one_statement_more_and_no_other() {
        let root = json!({
            "Sid": "AtlasEncryptionAtRest", "Effect": "Allow",
            "Principal": { "AWS": "arn:aws:iam::111122223333:root" }, "Action": "kms:*", "Resource": "*",
        });
        let open = document(&json!([root]));
        assert_eq!(merge_key_policy(&open, ROLE, KEY), Ok(Merged::Already));

        let mut admin = root;
        admin["Principal"] = json!({ "AWS": "arn:aws:iam::111122223333:role/admin" });
        let closed = document(&json!([admin]));
        let after = merge_key_policy(&closed, ROLE, KEY).unwrap().changed().unwrap();
        assert_eq!(after.statements()[0], &admin);
        assert_eq!(after.statements().len(), 2);
        assert_eq!(after.statements()[1].get("Sid"), None, "it is taken");
        assert_eq!(merge_key_policy(&after, ROLE, KEY), Ok(Merged::Already));
    }

    /// Without them a Deny would cover somebody else, or nobody could be named at all.
    #[test]
    fn what_a_not_principal_excepts_is_never_taken_out() {
        let dead = "AROAEXAMPLEID12345678";
        let excepting =
            json!({ "Effect": "Deny", "NotPrincipal": { "AWS": [dead, ROLE] }, "Action": "sts:AssumeRole" });
        assert_eq!(without_dead_principals(&document(&json!([excepting]))), None);
        let gone = json!({ "Effect": "Allow", "Principal": { "AWS": dead }, "Action": "sts:AssumeRole" });
        let after = without_dead_principals(&document(&json!([gone, excepting]))).unwrap();
        assert_eq!(after.value()["Statement"], json!([excepting]));
    }

    #[test]
    fn a_single_statement_stays_one_or_leaves_an_empty_list() {
        let dead = "AROAEXAMPLEID12345678";
        let both = document(&json!({ "Effect": "Allow", "Principal": { "AWS": [ROLE, dead] }, "Action": "x" }));
        let after = without_dead_principals(&both).unwrap();
        assert_eq!(
            after.value()["Statement"],
            json!({ "Effect": "Allow", "Principal": { "AWS": [ROLE] }, "Action": "x" })
        );
        let alone = document(&json!({ "Effect": "Allow", "Principal": { "AWS": dead }, "Action": "x" }));
        assert_eq!(without_dead_principals(&alone).unwrap().value()["Statement"], json!([]));
    }
}
