//! What is replaced and taken out in a document, and what a key policy gains: exactly that.

use std::mem::{Discriminant, discriminant};

use super::super::evaluate::{assess_all, conclude};
use super::super::principal::is_unique_id;
use super::super::statement::{Request, texts};
use super::*;

/// What only whoever looks after a key may do.
const ADMINISTRATION: [&str; 4] = [
    "kms:PutKeyPolicy",
    "kms:GetKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:CreateGrant",
];

/// Judges what somebody may do by a key policy, whatever the reason.
fn kind_of_verdict(policy: &PolicyDocument, principal: &str, action: &str) -> Discriminant<Verdict> {
    let request = Request {
        principal: Some(principal),
        action,
        resource: Some(KEY),
        context: &[],
    };
    discriminant(&conclude(&assess_all(&[policy], &request), action))
}

/// A place where two documents differ: the path to it, and what stands there in each.
type Difference<'a> = (Vec<&'a str>, &'a Value, &'a Value);

/// Lists where two documents differ; list entries have no name in the path.
fn differences<'a>(before: &'a Value, after: &'a Value) -> Vec<Difference<'a>> {
    let below = |name: Option<&'a str>, before: &'a Value, after: &'a Value| {
        let mut found = differences(before, after);
        for (path, ..) in &mut found {
            path.splice(0..0, name);
        }
        found
    };
    match (before, after) {
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            let pairs = old.iter().zip(new);
            pairs.flat_map(|(old, new)| below(None, old, new)).collect()
        }
        (Value::Object(old), Value::Object(new)) if old.keys().eq(new.keys()) => {
            let pairs = old.iter().zip(new.values());
            pairs
                .flat_map(|((name, old), new)| below(Some(name), old, new))
                .collect()
        }
        _ if before == after => Vec::new(),
        _ => vec![(Vec::new(), before, after)],
    }
}

/// Lists what a statement's `Principal` names in `AWS`.
fn named(statement: &Value) -> Vec<&str> {
    let names = statement.get("Principal").and_then(|element| element.get("AWS"));
    names.and_then(texts).unwrap_or_default()
}

/// Returns a statement without what its `Principal` names in `AWS`.
fn without_names(statement: &Value) -> String {
    let mut statement = statement.clone();
    if let Some(kinds) = statement.get_mut("Principal").and_then(Value::as_object_mut) {
        kinds.shift_remove("AWS");
    }
    statement.to_string()
}

/// A statement that demands the external ID in one of many ways, with the same text where it means something else.
fn demanding_statement() -> impl Strategy<Value = Value> {
    let effect = select(vec!["Allow", "Allow", "Allow", "Deny"]);
    let principal = select(vec![ATLAS, ATLAS, "111122223333", "arn:aws:iam::999900001111:root"]);
    let key = select(vec!["sts:ExternalId", "STS:externalid"]);
    let ids = select(vec![json!(ID), json!(["x", ID]), json!([ID, "x", ID]), json!(["x"])]);
    let elsewhere = select(vec!["aws:PrincipalTag/id", "sts:RoleSessionName", "sts:ExternalIds"]);
    (effect, principal, key, ids, prop::option::of(elsewhere)).prop_map(|(effect, principal, key, ids, elsewhere)| {
        let mut tests = Map::from_iter([(key.to_owned(), ids)]);
        tests.extend(elsewhere.map(|other| (other.to_owned(), json!([ID]))));
        json!({
            "Sid": ID, "Effect": effect, "Principal": { "AWS": principal }, "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": tests },
        })
    })
}

fn is_dead(statement: &Value) -> bool {
    named(statement).into_iter().any(is_unique_id)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn merging_a_key_policy_only_appends_and_only_once(before in any_document()) {
        let Merged::Changed(after) = merge_key_policy(&before, ROLE, KEY).unwrap() else {
            return Ok(());
        };
        assert_same_around(&before, &after);
        let (old, new) = (texts_of(&before), texts_of(&after));
        prop_assert_eq!(&new[..old.len()], &old[..]);
        prop_assert_eq!(new.len(), old.len() + 1);
        prop_assert_eq!(merge_key_policy(&after, ROLE, KEY).unwrap(), Merged::Already);
        let mut ours = after.statements()[old.len()].clone();
        if let Some(sid) = ours.as_object_mut().unwrap().shift_remove("Sid") {
            prop_assert!(before.statements().iter().all(|known| known.get("Sid") != Some(&sid)));
        }
        let only = json!({ "Effect": "Allow", "Principal": { "AWS": ROLE }, "Action": KEY_ACTIONS, "Resource": "*" });
        prop_assert_eq!(ours, only);
    }

    /// Nobody is locked out, and nobody but the IAM role gains anything.
    #[test]
    fn a_merged_key_policy_leaves_the_keys_administration_as_it_was(before in any_document()) {
        let after = merge_key_policy(&before, ROLE, KEY).unwrap().or(&before);
        let others = ["arn:aws:iam::111122223333:role/admin", "arn:aws:iam::999900001111:role/x", "999900001111"];
        for principal in others.into_iter().chain([ATLAS, ROLE]) {
            for action in ADMINISTRATION {
                let same = kind_of_verdict(&before, principal, action) == kind_of_verdict(&after, principal, action);
                prop_assert!(same, "{} {}", principal, action);
            }
        }
        for (principal, action) in others.into_iter().flat_map(|other| KEY_ACTIONS.map(|action| (other, action))) {
            let same = kind_of_verdict(&before, principal, action) == kind_of_verdict(&after, principal, action);
            prop_assert!(same, "{} {}", principal, action);
        }
    }

    #[test]
    fn an_account_that_administers_its_key_goes_on_doing_so(mut others in any_document()) {
        let root = default_key_policy("aws", "444455556666").statements()[0].clone();
        let statements: Vec<Value> = others.statements().into_iter().filter(|other| effect(other) == Effect::Allow).cloned().collect();
        let mut value = others.value().clone();
        value["Statement"] = statements.into_iter().chain([root]).collect();
        others = PolicyDocument::from_value(value);
        let after = merge_key_policy(&others, ROLE, KEY).unwrap().or(&others);
        let allowed = discriminant(&Verdict::Allowed);
        prop_assert_eq!(kind_of_verdict(&after, "arn:aws:iam::444455556666:role/admin", "kms:PutKeyPolicy"), allowed);
    }

    #[test]
    fn replacing_an_external_id_touches_nothing_else(before in document_of(prop_oneof![demanding_statement(), any_statement()])) {
        let Some(after) = replace_external_id(&before, ATLAS, ID, OTHER_ID).unwrap() else {
            prop_assert!(external_ids(&before, ATLAS).iter().all(|id| id != ID));
            return Ok(());
        };
        let changed = differences(before.value(), after.value());
        prop_assert!(!changed.is_empty());
        for (path, old, new) in changed {
            prop_assert!(matches!(path[..], ["Statement", "Condition", _, key] if key.eq_ignore_ascii_case("sts:ExternalId")), "{:?}", path);
            prop_assert_eq!(old, &json!(ID));
            prop_assert_eq!(new, &json!(OTHER_ID));
        }
        for (old, new) in before.statements().into_iter().zip(after.statements()) {
            prop_assert!(old == new || effect(old) == Effect::Allow, "{}", old);
        }
        let ids = external_ids(&after, ATLAS);
        prop_assert!(ids.iter().any(|id| id == OTHER_ID) && ids.iter().all(|id| id != ID), "{:?}", ids);
        prop_assert_eq!(replace_external_id(&after, ATLAS, ID, OTHER_ID), Ok(None));
    }

    #[test]
    fn taking_dead_principals_out_leaves_the_living(before in any_document()) {
        let Some(after) = without_dead_principals(&before) else {
            prop_assert!(!before.statements().into_iter().any(is_dead));
            return Ok(());
        };
        assert_same_around(&before, &after);
        prop_assert!(!after.statements().into_iter().any(is_dead));
        prop_assert_eq!(without_dead_principals(&after), None);
        prop_assert_eq!(dead_exceptions(&after), dead_exceptions(&before));

        let mut left = after.statements().into_iter();
        for old in before.statements() {
            let living: Vec<&str> = named(old).into_iter().filter(|name| !is_unique_id(name)).collect();
            let kinds = old.get("Principal").and_then(Value::as_object).map_or(0, Map::len);
            if is_dead(old) && living.is_empty() && kinds == 1 {
                continue;
            }
            let new = left.next().unwrap();
            prop_assert_eq!(named(new), living);
            prop_assert_eq!(without_names(new), without_names(old));
            prop_assert!(new == old || is_dead(old));
        }
        prop_assert_eq!(left.next(), None);
    }
}
