//! What holds for every document, whatever its shape.

mod judging;
mod mending;
mod merging;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::statement::{Effect, effect};
use super::*;

const ATLAS: &str = "arn:aws:iam::111122223333:root";
const ID: &str = "22222222-aaaa-4bbb-8ccc-0123456789ab";
const OTHER_ID: &str = "11111111-aaaa-4bbb-8ccc-0123456789ab";
const ROLE: &str = "arn:aws:iam::111122223333:role/one";
const DEAD: &str = "AROAEXAMPLEID12345678";
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
        json!({"AWS": ROLE}),
        json!({"AWS": DEAD}),
        json!({"AWS": [ATLAS, DEAD, ROLE]}),
        json!({"AWS": ["AIDAEXAMPLEID12345678"], "Service": "ec2.amazonaws.com"}),
        json!({"Service": ["ec2.amazonaws.com"]}),
        json!({"Federated": "accounts.google.com", "AWS": "999900001111"}),
    ]);
    let action = select(vec![
        json!("sts:AssumeRole"),
        json!(["sts:TagSession", "sts:assumerole"]),
        json!("*"),
        json!("kms:D*"),
        json!("kms:*KeyPolicy"),
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

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
