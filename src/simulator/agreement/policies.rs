//! Random policies over small alphabets, so that what a statement names is often what is asked.
//!
//! They are written for one partition and one region; [`Setting::place`] moves them to another.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

pub(super) const ROLE_ACCOUNT: &str = "111122223333";
pub(super) const OTHER_ACCOUNT: &str = "444455556666";
pub(super) const ATLAS_ACCOUNT: &str = "536727724300";
pub(super) const EXTERNAL_ID: &str = "22222222-aaaa-4bbb-8ccc-0123456789ab";
pub(super) const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

/// Where a case plays.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    pub(super) partition: &'static str,
    pub(super) region: &'static str,
    pub(super) key_account: &'static str,
}

impl Setting {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        let place = select(vec![
            ("aws", "eu-west-1"),
            ("aws-us-gov", "us-gov-west-1"),
            ("aws-cn", "cn-north-1"),
        ]);
        (place, select(vec![ROLE_ACCOUNT, OTHER_ACCOUNT])).prop_map(|((partition, region), key_account)| Self {
            partition,
            region,
            key_account,
        })
    }

    /// Moves a document here.
    pub(super) fn place(&self, document: &Value) -> String {
        document
            .to_string()
            .replace("arn:aws:", &format!("arn:{}:", self.partition))
            .replace("eu-west-1", self.region)
            .replace("KEY-ACCOUNT", self.key_account)
    }

    pub(super) fn role(&self) -> String {
        format!("arn:{}:iam::{ROLE_ACCOUNT}:role/team/atlas", self.partition)
    }

    pub(super) fn key(&self) -> String {
        let Self {
            partition,
            region,
            key_account,
        } = self;
        format!("arn:{partition}:kms:{region}:{key_account}:key/{KEY_ID}")
    }

    pub(super) fn atlas(&self) -> String {
        format!("arn:{}:iam::{ATLAS_ACCOUNT}:root", self.partition)
    }
}

/// A grant on the key.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) is_ours: bool,
    pub(super) operations: Vec<&'static str>,
    pub(super) is_constrained: bool,
}

/// All that decides whether Atlas gets in.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) setting: Setting,
    pub(super) trust: Value,
    pub(super) inline: Vec<Value>,
    pub(super) attached: Vec<Value>,
    pub(super) boundary: Option<Value>,
    pub(super) key_policy: Value,
    pub(super) grants: Vec<Grant>,
}

impl Case {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        let policies = |most| prop::collection::vec(document(Kind::Identity), 0..=most);
        let boundary = prop::option::weighted(0.3, document(Kind::Identity));
        let grants = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(grant(), 1..3)];
        let parts = (
            Setting::any(),
            document(Kind::Trust),
            policies(2),
            policies(1),
            boundary,
            document(Kind::Key),
            grants,
        );
        parts.prop_map(
            |(setting, trust, inline, attached, boundary, key_policy, grants)| Self {
                setting,
                trust,
                inline,
                attached,
                boundary,
                key_policy,
                grants,
            },
        )
    }
}

fn grant() -> impl Strategy<Value = Grant> {
    let operations = select(vec![
        vec!["DescribeKey", "Encrypt", "Decrypt"],
        vec!["DescribeKey"],
        vec!["Decrypt", "Encrypt", "GenerateDataKey"],
    ]);
    (prop::bool::weighted(0.8), operations, prop::bool::weighted(0.3)).prop_map(
        |(is_ours, operations, is_constrained)| Grant {
            is_ours,
            operations,
            is_constrained,
        },
    )
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Trust,
    Identity,
    Key,
}

fn document(kind: Kind) -> impl Strategy<Value = Value> {
    let version = prop_oneof![
        4 => Just(Some("2012-10-17")),
        1 => Just(Some("2008-10-17")),
        1 => Just(None),
    ];
    let statements = (
        prop::collection::vec(statement(kind), 0..3),
        prop::option::weighted(0.6, Just(usual(kind))),
        any::<bool>(),
    );
    (version, statements).prop_map(|(version, (mut statements, usual, first))| {
        if let Some(usual) = usual {
            statements.insert(if first { 0 } else { statements.len() }, usual);
        }
        let statements = match <[Value; 1]>::try_from(statements) {
            Ok([one]) if first => one,
            Ok([one]) => json!([one]),
            Err(several) => Value::Array(several),
        };
        let mut document = Map::new();
        document.extend(version.map(|version| ("Version".to_owned(), json!(version))));
        document.insert("Statement".to_owned(), statements);
        Value::Object(document)
    })
}

/// The statement that lets Atlas in.
fn usual(kind: Kind) -> Value {
    let mut statement = json!({ "Effect": "Allow" });
    let actions = ["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"];
    match kind {
        Kind::Trust => {
            statement["Principal"] = json!({ "AWS": ATLAS_ACCOUNT });
            statement["Action"] = json!("sts:AssumeRole");
            statement["Condition"] = json!({ "StringEquals": { "sts:ExternalId": EXTERNAL_ID } });
        }
        Kind::Identity => {
            statement["Action"] = json!(actions);
            statement["Resource"] = json!(format!("arn:aws:kms:eu-west-1:KEY-ACCOUNT:key/{KEY_ID}"));
        }
        Kind::Key => {
            statement["Principal"] = json!({ "AWS": format!("arn:aws:iam::{ROLE_ACCOUNT}:root") });
            statement["Action"] = json!("kms:*");
            statement["Resource"] = json!("*");
        }
    }
    statement
}

fn statement(kind: Kind) -> impl Strategy<Value = Value> {
    let effect = select(vec!["Allow", "Allow", "Allow", "Deny"]);
    // What an identity policy must have, a key policy may lack: such a statement does nothing.
    let present = prop::array::uniform2(prop::bool::weighted(if kind == Kind::Key { 0.95 } else { 1.0 }));
    let negated = prop::array::uniform3(prop::bool::weighted(0.15));
    let parts = (
        effect,
        principal(kind),
        one_or_more(action(kind)),
        one_or_more(select(resources())),
        conditions(kind),
        present,
        negated,
    );
    parts.prop_map(
        move |(effect, principal, action, resource, condition, [has_action, has_resource], negated)| {
            let named = |plain: &str, is_negated: bool| format!("{}{plain}", if is_negated { "Not" } else { "" });
            let mut elements = Map::new();
            elements.insert("Effect".to_owned(), json!(effect));
            if kind != Kind::Identity {
                elements.insert(named("Principal", negated[0]), principal);
            }
            if has_action {
                elements.insert(named("Action", negated[1]), action);
            }
            if kind != Kind::Trust && has_resource {
                elements.insert(named("Resource", negated[2]), resource);
            }
            elements.extend(condition.map(|condition| ("Condition".to_owned(), condition)));
            Value::Object(elements)
        },
    )
}

/// One text, or a list of some.
fn one_or_more(text: impl Strategy<Value = String> + Clone) -> impl Strategy<Value = Value> {
    prop_oneof![
        text.clone().prop_map(Value::from),
        prop::collection::vec(text, 1..4).prop_map(Value::from),
    ]
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|&text| text.to_owned()).collect()
}

fn principal(kind: Kind) -> impl Strategy<Value = Value> {
    let named = match kind {
        Kind::Trust => texts(&[
            "arn:aws:iam::536727724300:root",
            "536727724300",
            "arn:aws:iam::999900001111:root",
            "arn:aws-iso:iam::536727724300:root",
            "arn:aws:iam::536727724300:role/one",
            "AROAEXAMPLEID12345678",
            "*",
        ]),
        Kind::Identity | Kind::Key => texts(&[
            "arn:aws:iam::111122223333:role/team/atlas",
            "arn:aws:iam::111122223333:root",
            "111122223333",
            "arn:aws:sts::111122223333:assumed-role/atlas/mongodb-atlas",
            "arn:aws:sts::111122223333:assumed-role/other/mongodb-atlas",
            "arn:aws:iam::111122223333:role/other",
            "arn:aws:iam::KEY-ACCOUNT:root",
            "arn:aws-iso:iam::111122223333:root",
            "AROAEXAMPLEID12345678",
            "*",
        ]),
    };
    let aws = one_or_more(select(named)).boxed();
    prop_oneof![
        8 => aws.clone().prop_map(|named| json!({ "AWS": named })),
        1 => Just(json!("*")),
        1 => Just(json!({ "Service": "ec2.amazonaws.com" })),
        1 => aws.prop_map(|named| json!({ "Service": ["ec2.amazonaws.com"], "AWS": named })),
        1 => Just(json!({ "Federated": "cognito-identity.amazonaws.com" })),
    ]
}

fn action(kind: Kind) -> impl Strategy<Value = String> + Clone {
    select(texts(match kind {
        Kind::Trust => &["sts:AssumeRole", "sts:assumerole", "sts:TagSession", "sts:*", "*"],
        Kind::Identity | Kind::Key => &[
            "kms:*",
            "*",
            "kms:Decrypt",
            "KMS:DECRYPT",
            "kms:Encrypt",
            "kms:DescribeKey",
            "kms:De*",
            "kms:?ncrypt",
            "k?s:*crypt",
            "s3:*",
        ],
    }))
}

fn resources() -> Vec<String> {
    texts(&[
        "*",
        "**",
        "arn:aws:kms:eu-west-1:KEY-ACCOUNT:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "arn:aws:kms:eu-west-1:KEY-ACCOUNT:key/99999999-12ab-34cd-56ef-1234567890ab",
        "arn:aws:kms:*:*:key/*",
        "arn:aws:kms:*",
        "arn:aws*",
        "arn:*:kms:*:*:key/1234*ab",
        "arn:*:key/1234*",
        "arn:aws:kms:?????????:KEY-ACCOUNT:key/????????-12ab-*",
        "arn:aws:kms:e*:key/*",
        "arn:aws:kms:e*1:KEY-ACCOUNT:key/*",
        "arn:aws:kms:eu-west-1:111122223333:*",
        "arn:aws:kms:eu-west-1:444455556666:key/*",
        "arn:aws:kms:eu-west-1:KEY-ACCOUNT:alias/*",
        "arn:aws:kms:*:${aws:PrincipalAccount}:key/*",
        "arn:aws:kms:*:*:key/${aws:PrincipalTag/key}",
        "arn:aws:kms:*:*:key/${aws:PrincipalTag/key, '1234abcd-12ab-34cd-56ef-1234567890ab'}",
        "arn:aws:kms:*:*:key/${aws:username, '1234abcd'}*",
        "arn:aws:kms:*:*:key/${aws:username}*",
        "arn:aws:kms:*:*:key/1234${*}",
        "arn:aws:kms:*:*:key/1234${kms:KeySpec}",
        "arn:aws:s3:::*",
    ])
}

fn conditions(kind: Kind) -> impl Strategy<Value = Option<Value>> {
    let tests = prop::collection::vec(test(kind), 1..3).prop_map(|tests| {
        let mut condition = Map::new();
        for (operator, key, values) in tests {
            let keys = condition.entry(operator).or_insert_with(|| json!({}));
            keys[key] = values;
        }
        Value::Object(condition)
    });
    prop::option::weighted(0.5, tests)
}

fn test(kind: Kind) -> impl Strategy<Value = (String, String, Value)> {
    let of_trust: &[(&str, &[&str])] = &[
        ("sts:ExternalId", &[EXTERNAL_ID, "22222222-*", "other", "*"]),
        ("STS:externalid", &[EXTERNAL_ID, "other"]),
    ];
    let own = if kind == Kind::Trust { of_trust } else { OF_KEY_USE };
    let keys: Vec<_> = own.iter().chain(own).chain(OF_ANY).copied().collect();
    (operator(), select(keys)).prop_flat_map(|(operator, (key, values))| {
        let fitting = select(texts(values));
        let any = select(texts(VALUES));
        let value = prop_oneof![3 => fitting, 1 => any];
        let values = prop_oneof![
            3 => one_or_more(value.boxed()),
            1 => select(vec![json!(true), json!(false), json!(["x", true]), json!(10)]),
        ];
        values.prop_map(move |values| (operator.clone(), key.to_owned(), values))
    })
}

const OF_KEY_USE: &[(&str, &[&str])] = &[
    (
        "aws:PrincipalArn",
        &[
            "arn:aws:iam::111122223333:role/team/atlas",
            "arn:aws:iam::*:role/team/*",
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::111122223333:user/*",
            "arn:aws:iam::*",
            "arn:*:role/team/atlas",
            "arn:aws:iam::${aws:PrincipalAccount}:role/team/atlas",
            "${aws:PrincipalArn}",
        ],
    ),
    (
        "kms:CallerAccount",
        &["111122223333", "444455556666", "${aws:PrincipalAccount}"],
    ),
    ("kms:ViaService", &["s3.eu-west-1.amazonaws.com", "*"]),
    ("kms:KeySpec", &["SYMMETRIC_DEFAULT", "RSA_*"]),
    ("kms:KeyUsage", &["ENCRYPT_DECRYPT"]),
    ("kms:KeyOrigin", &["AWS_KMS", "EXTERNAL"]),
    ("kms:MultiRegion", &["true", "false"]),
    ("kms:ResourceAliases", &["alias/claims", "alias/*"]),
    ("kms:EncryptionContext:x", &["y"]),
    (
        "aws:ResourceAccount",
        &["111122223333", "${aws:PrincipalAccount}", "KEY-ACCOUNT"],
    ),
    ("aws:RequestedRegion", &["eu-west-1", "eu-*"]),
    ("aws:PrincipalType", &["AssumedRole", "User"]),
    ("aws:MultiFactorAuthPresent", &["true", "false"]),
    ("aws:MultiFactorAuthAge", &["3600"]),
    ("aws:username", &["*", "dana"]),
    ("aws:PrincipalTag/team", &["data", "${aws:ResourceTag/team}"]),
];

const OF_ANY: &[(&str, &[&str])] = &[
    (
        "aws:SourceIp",
        &[
            "198.51.100.7",
            "198.51.100.0/24",
            "192.0.2.10/32",
            "2001:db8::/32",
            "203.0.113.0/24",
            "0.0.0.0/0",
            "::/0",
        ],
    ),
    ("aws:PrincipalAccount", &["111122223333", "536727724300", "5367*"]),
    ("aws:PrincipalOrgID", &["o-1", "${aws:ResourceOrgID}"]),
    ("aws:SecureTransport", &["true", "false"]),
    (
        "aws:CurrentTime",
        &["2020-01-01T00:00:00Z", "2030-01-01", "2026-11-25T08:00:00Z"],
    ),
    ("aws:EpochTime", &["1500000000", "1900000000"]),
    ("aws:SourceVpce", &["vpce-1", "*"]),
    ("aws:CalledVia", &["athena.amazonaws.com"]),
    ("aws:ViaAWSService", &["false", "true"]),
    ("aws:SourceAccount", &["111122223333"]),
    ("aws:TagKeys", &["team"]),
    ("aws:userid", &["AROA*"]),
];

/// Values of other keys, and what no key has.
const VALUES: &[&str] = &[
    "*",
    "?",
    "",
    "true",
    "false",
    "10",
    "1e1",
    "111122223333",
    "198.51.100.7",
    "2026-11-25T08:00:00Z",
    "QmluYXJ5",
    "${aws:username}",
    "${aws:username, '*'}",
    "${*}",
    "${aws:PrincipalAccount",
    "arn:aws:iam::111122223333:role/team/atlas",
];

fn operator() -> impl Strategy<Value = String> {
    let plain = select(texts(&[
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
        "ArnEquals",
        "ArnNotEquals",
        "ArnLike",
        "ArnNotLike",
        "Bool",
        "BinaryEquals",
        "IpAddress",
        "NotIpAddress",
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEquals",
        "DateEquals",
        "DateNotEquals",
        "DateLessThan",
        "DateLessThanEquals",
        "DateGreaterThan",
        "DateGreaterThanEquals",
    ]));
    let with_more = (
        select(texts(&["", "", "", "ForAnyValue:", "ForAllValues:"])),
        plain,
        select(texts(&["", "", "IfExists"])),
    );
    prop_oneof![
        15 => with_more.prop_map(|(quantifier, plain, ending)| format!("{quantifier}{plain}{ending}")),
        1 => Just("Null".to_owned()),
    ]
}
