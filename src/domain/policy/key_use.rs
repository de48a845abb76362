//! Whether an IAM role's policies let it use a key as Atlas does.

use super::PolicyDocument;
use super::context::{self, Origin};
use super::evaluate::{Verdict, assess_all, conclude, is_given};
use super::statement::{Assessment, Request};

/// What Atlas does with a key, and all that its IAM role needs (Atlas documentation, "Manage Customer Keys with AWS
/// KMS").
pub const KEY_ACTIONS: [&str; 3] = ["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"];

/// Judges whether an IAM role's own policies, taken together, let it do an action on a key.
///
/// These are only the role's policies: a permissions boundary must allow too and is judged by itself, and the key policy
/// has its say.
pub fn key_verdict(policies: &[&PolicyDocument], action: &str, key_arn: &str) -> Verdict {
    conclude(
        &assess_key(policies, action, key_arn),
        &format!("{action} on {key_arn}"),
    )
}

/// Returns whether Allows already give the three actions on a key, whatever else is denied.
pub(super) fn key_use_is_given(policy: &PolicyDocument, key_arn: &str) -> bool {
    KEY_ACTIONS
        .iter()
        .all(|action| is_given(&assess_key(&[policy], action, key_arn)))
}

fn assess_key<'a>(policies: &[&'a PolicyDocument], action: &str, key_arn: &str) -> Vec<Assessment<'a>> {
    let request = Request {
        principal: None,
        action,
        resource: Some(key_arn),
        context: &context::using(None, key_arn, Origin::default()),
    };
    assess_all(policies, &request)
}

/// What an IAM role lacks to use a key as Atlas does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAccess {
    /// The actions of [`KEY_ACTIONS`] that aren't plainly allowed, and why.
    pub missing: Vec<(&'static str, Verdict)>,
}

impl KeyAccess {
    /// Returns whether all three actions are allowed.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }
}

/// Judges the three actions that Atlas needs on a key; see [`key_verdict`].
pub fn key_access(policies: &[&PolicyDocument], key_arn: &str) -> KeyAccess {
    let verdicts = KEY_ACTIONS
        .into_iter()
        .map(|action| (action, key_verdict(policies, action, key_arn)));
    KeyAccess {
        missing: verdicts.filter(|(_, verdict)| !verdict.is_allowed()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const KEY: &str = "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    fn document(statements: &Value) -> PolicyDocument {
        PolicyDocument::from_value(json!({"Version": "2012-10-17", "Statement": statements}))
    }

    fn using(actions: &Value, resources: &Value) -> Value {
        json!({"Effect": "Allow", "Action": actions, "Resource": resources})
    }

    #[test]
    fn key_use_may_come_from_several_policies() {
        let first = document(&json!([using(
            &json!("kms:D*"),
            &json!("arn:aws:kms:*:444455556666:key/*")
        )]));
        let second = document(&json!([{"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::*"}]));
        assert!(key_access(&[&first, &second], KEY).is_complete());
        let missing: Vec<_> = key_access(&[&first], KEY)
            .missing
            .into_iter()
            .map(|(action, _)| action)
            .collect();
        assert_eq!(missing, ["kms:Encrypt"]);
        assert_eq!(key_access(&[], KEY).missing.len(), 3);
    }

    #[test]
    fn another_key_is_nearest_and_another_service_is_not() {
        let other_key = using(&json!(KEY_ACTIONS), &json!(KEY.replace("1234abcd", "99999999")));
        let everything_else = using(&json!("s3:*"), &json!("*"));
        let policy = document(&json!([everything_else, other_key]));
        let verdict = key_verdict(&[&policy], "kms:Decrypt", KEY);
        assert!(
            matches!(&verdict, Verdict::NotAllowed { nearest: Some(near), .. } if *near == other_key),
            "{verdict:?}"
        );
        let policy = document(&json!([everything_else]));
        assert!(matches!(
            key_verdict(&[&policy], "kms:Decrypt", KEY),
            Verdict::NotAllowed { nearest: None, .. }
        ));
    }

    #[test]
    fn keys_of_other_partitions_and_aliases_are_other_resources() {
        let chinese = KEY.replace("arn:aws:", "arn:aws-cn:");
        let policy = document(&json!([using(
            &json!("kms:*"),
            &json!([chinese, "arn:aws:kms:eu-west-1:444455556666:alias/*"])
        )]));
        assert_eq!(key_access(&[&policy], KEY).missing.len(), 3);
        assert!(key_access(&[&policy], &chinese).is_complete());
    }

    #[test]
    fn an_address_condition_leaves_key_use_unknown() {
        let mut statement = using(&json!(KEY_ACTIONS), &json!(KEY));
        statement["Condition"] = json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}});
        let policy = document(&json!([statement]));
        for (action, verdict) in key_access(&[&policy], KEY).missing {
            assert!(matches!(verdict, Verdict::Unknown { .. }), "{action} {verdict:?}");
        }
    }

    #[test]
    fn a_principal_has_no_place_in_an_identity_policy() {
        let mut statement = using(&json!(KEY_ACTIONS), &json!(KEY));
        statement["Principal"] = json!("*");
        let verdict = key_verdict(&[&document(&statement)], "kms:Decrypt", KEY);
        assert!(
            verdict
                .why()
                .unwrap()
                .ends_with("its element Principal isn't understood here"),
            "{verdict:?}"
        );
    }

    /// "IAM JSON policy elements: Version": variables are plain text in the first version, the default.
    #[test]
    fn variables_are_variables_in_the_second_version_only() {
        let statement = using(&json!("kms:*"), &json!("arn:aws:kms:*:*:key/${aws:PrincipalTag/key}"));
        let second = document(&statement);
        assert!(matches!(
            key_verdict(&[&second], "kms:Decrypt", KEY),
            Verdict::Unknown { .. }
        ));
        for first in [
            json!({"Statement": statement}),
            json!({"Version": "2008-10-17", "Statement": statement}),
        ] {
            let first = PolicyDocument::from_value(first);
            assert!(matches!(
                key_verdict(&[&first], "kms:Decrypt", KEY),
                Verdict::NotAllowed { .. }
            ));
        }
    }
}
