//! What an IAM role's policies allow beyond the use of a key: Atlas would get it too.

use serde_json::Value;

use super::PolicyDocument;
use super::edit::is_ours;
use super::key_use::KEY_ACTIONS;
use super::statement::{Effect, effect, texts};

/// Lists the permissions of a role's policies beyond the three actions on keys, in their order, each once, as
/// `s3:* on arn:aws:s3:::bucket`.
///
/// - A wildcard is beyond, `kms:*` and `kms:De*` too: it allows more than the three actions, now or with AWS's next one.
/// - With `key_arn` the three actions on anything else than that key are beyond, except in a statement of our making:
///   keys that it holds were permitted by us, as in a change of keys. Without `key_arn` they aren't looked at, since no
///   key is chosen yet.
/// - Conditions are mentioned, not weighed; a Deny elsewhere isn't subtracted. What can't be read is listed as such.
pub fn beyond_key_use(policies: &[&PolicyDocument], key_arn: Option<&str>) -> Vec<String> {
    let mut beyond: Vec<String> = Vec::new();
    for statement in policies.iter().flat_map(|policy| policy.statements()) {
        for permission in permissions(statement, key_arn) {
            if !beyond.contains(&permission) {
                beyond.push(permission);
            }
        }
    }
    beyond
}

fn permissions(statement: &Value, key_arn: Option<&str>) -> Vec<String> {
    match effect(statement) {
        Effect::Deny => return Vec::new(),
        Effect::Allow if is_ours(statement) => return Vec::new(),
        Effect::Allow => {}
        Effect::Unreadable => return vec![unreadable(statement)],
    }
    let (Some(actions), Some(resources)) = (
        either(statement, "Action", "NotAction"),
        either(statement, "Resource", "NotResource"),
    ) else {
        return vec![unreadable(statement)];
    };
    let condition = if statement.get("Condition").is_some() {
        " (under a condition)"
    } else {
        ""
    };
    let pairs = actions
        .iter()
        .flat_map(|action| resources.iter().map(move |resource| (action, resource)));
    pairs
        .filter(|(action, resource)| !is_key_use(action, resource, key_arn))
        .map(|(action, resource)| format!("{action} on {resource}{condition}"))
        .collect()
}

/// Returns an element's texts, or what its negative twin leaves as one text; nothing where neither is there.
fn either(statement: &Value, element: &str, twin: &str) -> Option<Vec<String>> {
    match (statement.get(element), statement.get(twin)) {
        (Some(named), None) => Some(texts(named)?.into_iter().map(str::to_owned).collect()),
        (None, Some(named)) => Some(vec![format!("everything but {}", texts(named)?.join(", "))]),
        (None, None) => Some(Vec::new()),
        (Some(_), Some(_)) => None,
    }
}

fn is_key_use(action: &str, resource: &str, key_arn: Option<&str>) -> bool {
    KEY_ACTIONS.iter().any(|known| known.eq_ignore_ascii_case(action)) && key_arn.is_none_or(|key| key == resource)
}

fn unreadable(statement: &Value) -> String {
    format!("a statement that can't be read: {statement}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::new_key_policy;
    use super::*;

    const KEY: &str = "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const OTHER: &str = "arn:aws:kms:eu-west-1:444455556666:key/99999999-12ab-34cd-56ef-1234567890ab";

    fn beyond(statements: &Value) -> Vec<String> {
        let document = PolicyDocument::from_value(json!({"Statement": statements}));
        beyond_key_use(&[&document], Some(KEY))
    }

    #[test]
    fn our_own_policy_is_nothing_beyond() {
        let ours = new_key_policy(OTHER).unwrap();
        assert!(beyond_key_use(&[&ours], Some(KEY)).is_empty());
        assert!(beyond_key_use(&[&ours], None).is_empty());
    }

    #[test]
    fn everything_else_is_listed_once() {
        let statements = json!([
            {"Effect": "Allow", "Action": ["s3:*", "kms:decrypt"], "Resource": ["arn:aws:s3:::a", KEY]},
            {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::a"},
            {"Effect": "Deny", "Action": "*", "Resource": "*"},
            {"Effect": "Allow", "Action": "kms:*", "Resource": KEY, "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
            {"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "NotResource": "arn:aws:s3:::b"},
            {"Effect": "Allow", "Action": "x:Y"},
            {"effect": "Allow"},
        ]);
        assert_eq!(
            beyond(&statements),
            [
                "s3:* on arn:aws:s3:::a",
                &format!("s3:* on {KEY}"),
                "kms:decrypt on arn:aws:s3:::a",
                &format!("kms:* on {KEY} (under a condition)"),
                "everything but iam:*, sts:* on everything but arn:aws:s3:::b",
                r#"a statement that can't be read: {"effect":"Allow"}"#,
            ]
        );
    }

    #[test]
    fn other_keys_are_beyond_once_a_key_is_chosen() {
        let statement = json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": ["*", OTHER, KEY]});
        assert_eq!(
            beyond(&statement),
            ["kms:Decrypt on *", &format!("kms:Decrypt on {OTHER}")]
        );
        let document = PolicyDocument::from_value(json!({"Statement": [statement]}));
        assert!(beyond_key_use(&[&document], None).is_empty());
    }
}
