//! A world of documents for the tests of the judgement, and what is expected of it.

use ipnet::IpNet;
use serde_json::{Value, json};

use super::super::{default_key_policy, new_key_policy, new_trust};
use super::*;
use crate::domain::arn::{KeyArn, RoleArn};
use crate::domain::iam_role::{IamRole, NamedPolicy};
use crate::domain::key::Rotation;

pub(super) const ATLAS: &str = "arn:aws:iam::536727724300:root";
pub(super) const ID: &str = "22222222-aaaa-4bbb-8ccc-0123456789ab";
pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const OTHER: &str = "444455556666";
pub(super) const ROLE: &str = "arn:aws:iam::111122223333:role/team/ExampleRole";
pub(super) const BOUNDARY: &str = "arn:aws:iam::111122223333:policy/limit";

/// A world of documents, as it is by default: one account, the default key policy, a role with all that it needs.
pub(super) struct World {
    pub(super) role: IamRoleDetail,
    pub(super) key: Key,
    pub(super) policy: Option<PolicyDocument>,
    pub(super) grants: Option<Vec<Grant>>,
    pub(super) control_plane: Option<Vec<IpNet>>,
    pub(super) nodes: Option<Vec<IpNet>>,
    pub(super) private: bool,
}

pub(super) fn key_arn(account: &str) -> String {
    format!("arn:aws:kms:us-west-2:{account}:key/1234abcd-12ab-34cd-56ef-1234567890ab")
}

pub(super) fn document(statements: &Value) -> PolicyDocument {
    PolicyDocument::from_value(json!({"Version": "2012-10-17", "Statement": statements}))
}

pub(super) fn named(name: &str, statements: &Value) -> NamedPolicy {
    NamedPolicy {
        name: name.to_owned(),
        document: Some(document(statements)),
    }
}

pub(super) fn nets(list: &[&str]) -> Vec<IpNet> {
    list.iter().map(|text| addresses::parse(text).unwrap()).collect()
}

/// An Allow or a Deny of a key policy.
pub(super) fn of_key(effect: &str, principal: &Value, action: &Value) -> Value {
    json!({"Effect": effect, "Principal": principal, "Action": action, "Resource": "*"})
}

pub(super) fn with_condition(mut statement: Value, condition: Value) -> Value {
    statement["Condition"] = condition;
    statement
}

impl World {
    /// The key is in this account.
    pub(super) fn with_key_in(account: &str) -> Self {
        let arn = key_arn(account);
        let role = IamRoleDetail {
            role: IamRole {
                name: "ExampleRole".to_owned(),
                arn: RoleArn::parse(ROLE).unwrap(),
                created: None,
                description: None,
                trust: new_trust(ATLAS, ID).unwrap(),
                boundary: None,
            },
            inline: vec![NamedPolicy {
                name: "use".to_owned(),
                document: Some(new_key_policy(&arn).unwrap()),
            }],
            attached: Vec::new(),
            boundary_document: None,
        };
        Self {
            role,
            key: Key {
                arn: KeyArn::parse(&arn).unwrap(),
                aliases: Vec::new(),
                description: String::new(),
                state: "Enabled".to_owned(),
                spec: "SYMMETRIC_DEFAULT".to_owned(),
                usage: "ENCRYPT_DECRYPT".to_owned(),
                origin: "AWS_KMS".to_owned(),
                manager: "CUSTOMER".to_owned(),
                multi_region: false,
                rotation: Rotation::Unknown,
                deletion: None,
            },
            policy: Some(default_key_policy("aws", account)),
            grants: Some(Vec::new()),
            control_plane: Some(nets(&["198.51.100.7/32"])),
            nodes: Some(nets(&["192.0.2.10/32"])),
            private: false,
        }
    }

    pub(super) fn one_account() -> Self {
        Self::with_key_in(ACCOUNT)
    }

    /// The key policy of the other account names the role's account.
    pub(super) fn two_accounts() -> Self {
        let named = of_key(
            "Allow",
            &json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}),
            &json!("kms:*"),
        );
        let mut world = Self::with_key_in(OTHER);
        world.policy = Some(document(&json!([named])));
        world
    }

    pub(super) fn key_policy(mut self, statements: &Value) -> Self {
        self.policy = Some(document(statements));
        self
    }

    pub(super) fn trust(mut self, statements: &Value) -> Self {
        self.role.role.trust = document(statements);
        self
    }

    pub(super) fn no_role_policy(mut self) -> Self {
        self.role.inline.clear();
        self
    }

    pub(super) fn role_policy(mut self, statements: &Value) -> Self {
        self.role.inline.push(named("more", statements));
        self
    }

    pub(super) fn boundary(mut self, statements: Option<&Value>) -> Self {
        self.role.role.boundary = Some(BOUNDARY.to_owned());
        self.role.boundary_document = statements.map(document);
        self
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(super) fn judge(&self) -> Access {
        let entry = Entry {
            atlas: Some(AtlasSide {
                principal: ATLAS,
                external_id: ID,
            }),
            role: &self.role,
            key: Some(KeySide {
                arn: self.key.arn.as_str(),
                key: Some(&self.key),
                policy: self.policy.as_ref().map_or(
                    KeyPolicy::Unread("it belongs to account 444455556666"),
                    KeyPolicy::Known,
                ),
                grants: self.grants.as_deref(),
            }),
            arrival: Arrival {
                control_plane: self.control_plane.as_deref(),
                nodes: self.nodes.as_deref(),
                private: self.private,
                now: "2026-11-25T08:00:00Z".parse().ok(),
            },
        };
        entry.judge()
    }

    #[track_caller]
    pub(super) fn gets_in(&self) {
        assert_eq!(self.judge(), Access::GetsIn);
    }

    /// Asserts that it is stopped there, and words of the reason.
    #[track_caller]
    pub(super) fn stopped(&self, place: &str, words: &[&str]) -> Obstacle {
        match self.judge() {
            Access::Stopped(obstacle) => checked(obstacle, place, words),
            other => panic!("not stopped: {other:?}"),
        }
    }

    #[track_caller]
    pub(super) fn unknown(&self, place: &str, words: &[&str]) -> Obstacle {
        match self.judge() {
            Access::Unknown(obstacle) => checked(obstacle, place, words),
            other => panic!("not unknown: {other:?}"),
        }
    }
}

#[track_caller]
pub(super) fn checked(obstacle: Obstacle, place: &str, words: &[&str]) -> Obstacle {
    assert!(obstacle.place.to_string().contains(place), "{obstacle:#?}");
    let told = format!("{obstacle} {}", obstacle.fix);
    for word in words {
        assert!(told.contains(word), "{word:?} isn't in {told:?}");
    }
    obstacle
}

pub(super) fn everyone() -> Value {
    json!({"AWS": "*"})
}

pub(super) fn this_role() -> Value {
    json!({"AWS": ROLE})
}

pub(super) fn use_it() -> Value {
    json!(["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"])
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:?} {:?} {:?}",
            self.role.inline, self.role.boundary_document, self.policy
        )
    }
}
