//! What holds for every document, whatever its shape.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::edit::is_ours;
use super::fact::Fact;
use super::pattern::{Syntax, matches};
use super::statement::{Effect, Request, assess, effect};
use super::truth::Truth;
use super::*;

const ATLAS: &str = "arn:aws:iam::111122223333:root";
const ID: &str = "22222222-aaaa-4bbb-8ccc-0123456789ab";
const KEY: &str = "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const OTHER_KEY: &str = "arn:aws:kms:eu-west-1:444455556666:key/99999999-12ab-34cd-56ef-1234567890ab";

/// Any JSON, with the words of policies often enough in it that it is looked into.
fn any_json() -> impl Strategy<Value = Value> {
    let word = select(vec![
        "Allow",
        "Deny",
        "*",
        "AWS",
        ATLAS,
        ID,
        KEY,
        "sts:AssumeRole",
        "kms:*",
        "kms:Decrypt",
        "${",
        "${x}",
        "arn:::::",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
        word.prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let name = prop_oneof![
            select(vec![
                "Statement",
                "Effect",
                "Principal",
                "NotPrincipal",
                "Action",
                "NotAction",
                "Resource",
                "NotResource",
                "Condition",
                "AWS",
                "StringEquals",
                "ForAllValues:StringLike",
                "sts:ExternalId",
            ])
            .prop_map(str::to_owned),
            "[a-zA-Z:]{0,5}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..5).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn condition() -> impl Strategy<Value = Value> {
    let operator = select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "StringEqualsIfExists",
        "StringNotLikeIfExists",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringNotEquals",
        "ForAnyValue:StringLike",
        "Null",
        "Bool",
        "ArnLike",
        "ArnNotEquals",
        "IpAddress",
        "NumericLessThan",
    ]);
    let key = select(vec![
        "sts:ExternalId",
        "STS:EXTERNALID",
        "aws:SourceIp",
        "aws:PrincipalOrgID",
    ]);
    let value = select(vec![
        json!(ID),
        json!(["x", ID]),
        json!("2222*"),
        json!("true"),
        json!("${aws:x}"),
        json!([]),
    ]);
    prop::collection::vec((operator, key, value), 0..3).prop_map(|tests| {
        let tests = tests
            .into_iter()
            .map(|(operator, key, value)| (operator.to_owned(), json!({key: value})));
        Value::Object(tests.collect())
    })
}

/// A statement as AWS takes it, of any kind of policy.
fn sound_statement() -> impl Strategy<Value = Value> {
    let principal = select(vec![
        json!("*"),
        json!({"AWS": "*"}),
        json!({"AWS": ATLAS}),
        json!({"AWS": ["111122223333", "arn:aws:iam::999900001111:role/x"]}),
        json!({"AWS": "arn:aws:iam::111122223333:role/one"}),
        json!({"AWS": "AROAEXAMPLEID12345678"}),
        json!({"Service": ["ec2.amazonaws.com"]}),
        json!({"Federated": "accounts.google.com", "AWS": "999900001111"}),
    ]);
    let action = select(vec![
        json!("sts:AssumeRole"),
        json!(["sts:TagSession", "sts:assumerole"]),
        json!("*"),
        json!("kms:D*"),
        json!(["kms:Decrypt", "kms:Encrypt", "kms:DescribeKey"]),
        json!(["s3:GetObject"]),
    ]);
    let resource = select(vec![
        json!(KEY),
        json!([OTHER_KEY]),
        json!("*"),
        json!("arn:aws:kms:*:*:key/${aws:x}"),
        json!(["arn:aws:s3:::a"]),
    ]);
    let effect = select(vec!["Allow", "Allow", "Deny"]);
    let negated = prop::array::uniform3(prop::bool::weighted(0.15));
    let parts = (
        effect,
        principal,
        action,
        resource,
        prop::option::of(condition()),
        negated,
        0..4_u8,
    );
    parts.prop_map(|(effect, principal, action, resource, condition, negated, kind)| {
        let name = |plain: &str, negated: bool| {
            if negated {
                format!("Not{plain}")
            } else {
                plain.to_owned()
            }
        };
        let mut elements = Map::new();
        elements.insert("Effect".to_owned(), json!(effect));
        elements.insert(name("Action", negated[0]), action);
        if kind != 0 {
            elements.insert(name("Principal", negated[1]), principal);
        }
        if kind != 1 && kind != 2 {
            elements.insert(name("Resource", negated[2]), resource);
        }
        elements.extend(condition.map(|condition| ("Condition".to_owned(), condition)));
        Value::Object(elements)
    })
}

fn any_statement() -> impl Strategy<Value = Value> {
    let with_more = (sound_statement(), "[A-Za-z]{1,9}", any_json()).prop_map(|(mut statement, name, value)| {
        statement[name] = value;
        statement
    });
    let ours = Just(json!({"Sid": "x", "Effect": "Allow", "Action": KEY_ACTIONS, "Resource": OTHER_KEY}));
    prop_oneof![4 => sound_statement(), 1 => with_more, 1 => ours, 1 => any_json()]
}

fn document_of(statement: impl Strategy<Value = Value>) -> impl Strategy<Value = PolicyDocument> {
    let version = prop::option::of(select(vec!["2012-10-17", "2008-10-17"]));
    let statements = (prop::collection::vec(statement, 0..5), 0..4_u8).prop_map(|(mut list, shape)| {
        let single = list.first().filter(|first| first.is_object()).cloned();
        match (shape, single) {
            (0, _) if list.len() < 2 => None,
            (1, Some(single)) => Some(single),
            _ => Some(Value::Array(std::mem::take(&mut list))),
        }
    });
    let more = || prop::collection::vec(("[a-z]{1,5}", any_json()), 0..3);
    let parts = (version, statements, more(), more());
    parts.prop_map(|(version, statements, before, after)| {
        let mut elements: Map<String, Value> = before.into_iter().collect();
        elements.extend(version.map(|version| ("Version".to_owned(), json!(version))));
        elements.extend(statements.map(|statements| ("Statement".to_owned(), statements)));
        elements.extend(after);
        PolicyDocument::from_value(Value::Object(elements))
    })
}

fn any_document() -> impl Strategy<Value = PolicyDocument> {
    document_of(any_statement())
}

/// A document in which nothing can stand in the way of an Allow.
fn benign_document() -> impl Strategy<Value = PolicyDocument> {
    document_of(sound_statement().prop_filter("no Deny", |statement| effect(statement) == Effect::Allow))
}

/// Asserts that all elements but `Statement` are as they were, in their order.
fn assert_same_around(before: &PolicyDocument, after: &PolicyDocument) {
    let elements = |document: &PolicyDocument| -> Vec<(String, String)> {
        let elements = document.value().as_object().unwrap().iter();
        let others = elements.filter(|(name, _)| *name != "Statement");
        others.map(|(name, value)| (name.clone(), value.to_string())).collect()
    };
    assert_eq!(elements(before), elements(after));
    let place = |document: &PolicyDocument| {
        document
            .value()
            .as_object()
            .unwrap()
            .keys()
            .position(|n| n == "Statement")
    };
    let end = before.value().as_object().unwrap().len();
    assert_eq!(place(before).unwrap_or(end), place(after).unwrap());
}

fn texts_of(document: &PolicyDocument) -> Vec<String> {
    document.statements().into_iter().map(Value::to_string).collect()
}

/// Asserts that only a statement of others keeps a merged document from being a plain yes: a Deny, or an Allow that may let
/// Atlas in without an external ID.
fn assert_allowed_unless_hindered(verdict: &Verdict, others: &PolicyDocument) {
    match verdict {
        Verdict::Allowed => {}
        Verdict::Denied { statement, .. }
        | Verdict::Unknown {
            statement: Some(statement),
            ..
        } => {
            assert!(others.statements().contains(&statement), "{statement}");
            let is_open = verdict.why().is_some_and(|why| why.contains("without an external ID"));
            assert!(effect(statement) != Effect::Allow || is_open, "{statement}");
        }
        Verdict::NotAllowed { .. } | Verdict::Unknown { statement: None, .. } => panic!("{verdict:?}"),
    }
}

fn verdicts(document: &PolicyDocument) -> Vec<Verdict> {
    let keys = KEY_ACTIONS.iter().map(|action| key_verdict(&[document], action, KEY));
    keys.chain([trust_verdict(document, ATLAS, ID)]).collect()
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn merging_trust_only_appends_and_only_once(before in any_document()) {
        let Merged::Changed(after) = merge_trust(&before, ATLAS, ID).unwrap() else {
            assert_allowed_unless_hindered(&trust_verdict(&before, ATLAS, ID), &before);
            return Ok(());
        };
        assert_same_around(&before, &after);
        let (old, new) = (texts_of(&before), texts_of(&after));
        prop_assert_eq!(&new[..old.len()], &old[..]);
        prop_assert_eq!(new.len(), old.len() + 1);
        prop_assert_eq!(merge_trust(&after, ATLAS, ID).unwrap(), Merged::Already);
        assert_allowed_unless_hindered(&trust_verdict(&after, ATLAS, ID), &before);
        prop_assert!(external_ids(&after, ATLAS).iter().any(|id| id == ID));
    }

    #[test]
    fn merging_a_key_only_adds_and_only_once(before in any_document()) {
        let Merged::Changed(after) = merge_key_access(Some(&before), KEY).unwrap() else {
            for (_, verdict) in key_access(&[&before], KEY).missing {
                assert_allowed_unless_hindered(&verdict, &before);
            }
            return Ok(());
        };
        assert_same_around(&before, &after);
        let (old, new) = (before.statements(), after.statements());
        let (old_texts, new_texts) = (texts_of(&before), texts_of(&after));
        let grown: Vec<usize> = (0..old.len()).filter(|at| old_texts[*at] != new_texts[*at]).collect();
        if let [at] = grown[..] {
            prop_assert_eq!(new.len(), old.len());
            prop_assert!(is_ours(old[at]) && is_ours(new[at]));
            let mut without = new[at].clone();
            without["Resource"] = old[at]["Resource"].clone();
            prop_assert_eq!(without.to_string(), old[at].to_string());
            prop_assert_eq!(&new[at]["Resource"], &json!([OTHER_KEY, KEY]));
        } else {
            prop_assert!(grown.is_empty());
            prop_assert_eq!(new.len(), old.len() + 1);
        }
        prop_assert_eq!(merge_key_access(Some(&after), KEY).unwrap(), Merged::Already);
        for (_, verdict) in key_access(&[&after], KEY).missing {
            assert_allowed_unless_hindered(&verdict, &before);
        }
    }

    #[test]
    fn merging_with_what_only_allows_ends_allowed(before in benign_document()) {
        let after = |merged| if let Merged::Changed(after) = merged { after } else { before.clone() };
        let trust = after(merge_trust(&before, ATLAS, ID).unwrap());
        assert_allowed_unless_hindered(&trust_verdict(&trust, ATLAS, ID), &before);
        let policy = after(merge_key_access(Some(&before), KEY).unwrap());
        prop_assert!(key_access(&[&policy], KEY).is_complete());
    }

    #[test]
    fn no_json_makes_it_panic(value in any_json(), statement in any_json()) {
        for value in [json!({"Version": "2012-10-17", "Statement": [statement]}), json!({"Statement": value}), value] {
            let document = PolicyDocument::from_value(value);
            verdicts(&document);
            external_ids(&document, ATLAS);
            beyond_key_use(&[&document], Some(KEY));
            let _ = merge_trust(&document, ATLAS, ID);
            let _ = merge_key_access(Some(&document), KEY);
            let _ = (document.size(), document.pretty());
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*", principal in "\\PC*", id in "\\PC*") {
        let _ = PolicyDocument::parse(&text);
        if let Ok(trust) = new_trust(&principal, &id) {
            prop_assert_eq!(trust_verdict(&trust, &principal, &id), Verdict::Allowed);
            prop_assert_eq!(external_ids(&trust, &principal), [id]);
        }
    }

    #[test]
    fn text_and_document_are_the_same_thing(document in any_document()) {
        let plain = document.to_json();
        let encoded = utf8_percent_encode(&plain, NON_ALPHANUMERIC).to_string();
        for text in [&plain, &encoded, &document.pretty()] {
            prop_assert_eq!(PolicyDocument::parse(text).unwrap().to_json(), plain.clone());
        }
    }

    #[test]
    fn a_deny_more_never_makes_it_allowed(document in any_document(), mut deny in any_statement(), at in any::<prop::sample::Index>()) {
        if let Some(elements) = deny.as_object_mut() {
            elements.insert("Effect".to_owned(), json!("Deny"));
        }
        let mut statements: Vec<Value> = document.statements().into_iter().cloned().collect();
        statements.insert(at.index(statements.len() + 1), deny);
        let mut value = document.value().clone();
        value["Statement"] = json!(statements);
        for (before, after) in verdicts(&document).iter().zip(verdicts(&PolicyDocument::from_value(value))) {
            prop_assert!(before.is_allowed() || !after.is_allowed(), "{:?} {:?}", before, after);
            let denied = |verdict: &Verdict| matches!(verdict, Verdict::Denied { .. });
            prop_assert!(!denied(before) || denied(&after), "{:?} {:?}", before, after);
        }
    }

    /// What is called yes or no without knowing a key stays so whatever the key turns out to be; likewise for one
    /// principal of an account that was judged as a whole.
    #[test]
    fn to_know_more_never_contradicts(statement in any_statement(), variables in any::<bool>(), ip in "[0-9.]{0,4}") {
        let known = [("sts:externalid", Fact::Is(ID))];
        let request = Request { principal: Some(ATLAS), action: "sts:AssumeRole", resource: None, context: &known };
        let coarse = assess(&statement, &request, variables).applies();
        for fact in [Fact::Is(&ip), Fact::Absent] {
            let more = [known[0], ("aws:SourceIp", fact), ("aws:principalorgid", fact)];
            for principal in [ATLAS, "arn:aws:iam::111122223333:role/one", "arn:aws:iam::111122223333:user/two"] {
                let finer = Request { principal: Some(principal), context: &more, ..request };
                let fine = assess(&statement, &finer, variables).applies();
                let unique_id = statement.to_string().contains("AROA");
                prop_assert!(coarse == Truth::Unknown || coarse == fine || unique_id, "{:?} {:?} {}", coarse, fine, statement);
            }
        }
    }

    #[test]
    fn wildcards_match_as_a_plain_recursion_does(pattern in "[ab*?]{0,8}", text in "[ab]{0,8}") {
        fn plain(pattern: &[u8], text: &[u8]) -> bool {
            match (pattern, text) {
                ([], _) => text.is_empty(),
                ([b'*', rest @ ..], _) => plain(rest, text) || (!text.is_empty() && plain(pattern, &text[1..])),
                ([b'?', rest @ ..], [_, more @ ..]) => plain(rest, more),
                ([p, rest @ ..], [t, more @ ..]) => p == t && plain(rest, more),
                _ => false,
            }
        }
        let syntax = Syntax { wildcards: true, ..Syntax::default() };
        prop_assert_eq!(matches(&pattern, &text, syntax), plain(pattern.as_bytes(), text.as_bytes()).into());
    }
}
