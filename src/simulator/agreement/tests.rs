//! The comparison. Where the diagnosis says that it can't know, the simulator may say either; else they must agree.

use std::cell::Cell;
use std::sync::Mutex;

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestRunner};
use serde_json::{Value, json};

use super::super::authorize::{KeyName, Visitor, ask_key, ask_role, can_assume, trouble_with_key};
use super::super::scenario::Scenario;
use super::super::world::{Grant as WorldGrant, Lagging, ManagedPolicy, RoleDocuments, World};
use super::policies::{ATLAS_ACCOUNT, Case, EXTERNAL_ID, Grant, KEY_ID, OTHER_ACCOUNT, ROLE_ACCOUNT, Setting};
use crate::domain::arn::{KeyArn, RoleArn};
use crate::domain::iam_role::{IamRole, IamRoleDetail, NamedPolicy};
use crate::domain::key::{Grant as KnownGrant, Key, Rotation};
use crate::domain::policy::{Access, Arrival, AtlasSide, Entry, KeyPolicy, KeySide, PolicyDocument};

const CONTROL_PLANE: [&str; 2] = ["198.51.100.7", "2001:db8::7"];
const NODES: [&str; 1] = ["192.0.2.10"];
const BOUNDARY: &str = "arn:aws:iam::111122223333:policy/boundary";

fn now() -> Timestamp {
    "2026-11-25T08:00:00Z".parse().unwrap()
}

/// What the simulator says: whether Atlas may assume the IAM role, and whether it may use the key.
fn simulated(case: &Case) -> (bool, bool) {
    let setting = &case.setting;
    let (mut world, now) = (world(case), now());
    let visitor = |addresses: &[&str]| Visitor {
        account_arn: setting.atlas(),
        external_id: EXTERNAL_ID.to_owned(),
        addresses: addresses.iter().map(|&address| address.to_owned()).collect(),
    };
    let role = ask_role(&mut world, now, &setting.role()).unwrap();
    let name = KeyName {
        account: setting.key_account.to_owned(),
        region: setting.region.to_owned(),
        id: KEY_ID.to_owned(),
    };
    let key = ask_key(&mut world, now, &setting.role(), &name).unwrap();
    let everywhere = [&CONTROL_PLANE[..], &NODES].concat();
    (
        can_assume(&role, &visitor(&CONTROL_PLANE)),
        trouble_with_key(Some(&key), &setting.role(), &visitor(&everywhere)).is_none(),
    )
}

/// The world before its policies are set; each is built once.
fn bare_world(setting: &Setting) -> World {
    static BUILT: Mutex<Vec<(String, World)>> = Mutex::new(Vec::new());
    let mut built = BUILT.lock().unwrap();
    let name = setting.key();
    if let Some((_, world)) = built.iter().find(|(known, _)| *known == name) {
        return world.clone();
    }
    let (partition, region, key_account) = (setting.partition, setting.region, setting.key_account);
    let scenario = format!(
        r#"
        [[project]]
        name = "Claims"
        id = "66c0e51b7d3a4f9286c1b0d4"
        [aws]
        account = "{ROLE_ACCOUNT}"
        partition = "{partition}"
        region = "{region}"
        [[role]]
        name = "atlas"
        path = "/team/"
        trust = '{{"Version": "2012-10-17", "Statement": [{{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}}]}}'
        [[key]]
        id = "{KEY_ID}"
        account = "{key_account}"
        "#
    );
    let world = Scenario::parse(&scenario).unwrap().world(now());
    built.push((name, world.clone()));
    world
}

fn world(case: &Case) -> World {
    let setting = &case.setting;
    let partition = setting.partition;
    let mut world = bare_world(setting);
    let placed = |documents: &[Value]| documents.iter().map(|one| setting.place(one)).collect::<Vec<_>>();
    let managed = |number: usize| format!("arn:{partition}:iam::{ROLE_ACCOUNT}:policy/p{number}");
    for (number, document) in placed(&case.attached).into_iter().enumerate() {
        let arn = managed(number);
        world.aws.policies.push(ManagedPolicy { arn, document });
    }
    if let Some(boundary) = &case.boundary {
        world.aws.policies.push(ManagedPolicy {
            arn: BOUNDARY.to_owned(),
            document: setting.place(boundary),
        });
    }
    let role = world.aws.role_by_arn_mut(&setting.role()).unwrap();
    role.trust = Lagging::settled(Some(setting.place(&case.trust)));
    role.boundary = case.boundary.as_ref().map(|_| BOUNDARY.to_owned());
    let inline = placed(&case.inline).into_iter().enumerate();
    role.documents = Lagging::settled(RoleDocuments {
        inline: inline.map(|(number, text)| (format!("i{number}"), text)).collect(),
        attached: (0..case.attached.len()).map(managed).collect(),
    });
    let key = world.aws.key_mut(KEY_ID).unwrap();
    assert_eq!(key.arn, setting.key());
    key.policy = Lagging::settled(setting.place(&case.key_policy));
    key.grants = case
        .grants
        .iter()
        .map(|grant| WorldGrant {
            id: "g".to_owned(),
            name: String::new(),
            grantee: grantee(setting, grant),
            operations: grant.operations.iter().map(|&one| one.to_owned()).collect(),
            encryption_context: if grant.is_constrained {
                vec![("x".to_owned(), "y".to_owned())]
            } else {
                Vec::new()
            },
            created: now(),
        })
        .collect();
    world
}

fn grantee(setting: &Setting, grant: &Grant) -> String {
    if grant.is_ours {
        setting.role()
    } else {
        format!("arn:{}:iam::{ROLE_ACCOUNT}:role/other", setting.partition)
    }
}

/// What the diagnosis says of the same two questions.
fn diagnosed(case: &Case) -> (Access, Access) {
    let setting = &case.setting;
    let read = |document: &Value| PolicyDocument::parse(&setting.place(document)).unwrap();
    let named = |documents: &[Value]| {
        let named = documents.iter().enumerate().map(|(number, document)| NamedPolicy {
            name: number.to_string(),
            document: Some(read(document)),
        });
        named.collect()
    };
    let role = IamRoleDetail {
        role: IamRole {
            name: "atlas".to_owned(),
            arn: RoleArn::parse(&setting.role()).unwrap(),
            created: None,
            description: None,
            trust: read(&case.trust),
            boundary: case.boundary.as_ref().map(|_| BOUNDARY.to_owned()),
        },
        inline: named(&case.inline),
        attached: named(&case.attached),
        boundary_document: case.boundary.as_ref().map(read),
    };
    let key = Key {
        arn: KeyArn::parse(&setting.key()).unwrap(),
        aliases: Vec::new(),
        description: String::new(),
        state: "Enabled".to_owned(),
        spec: "SYMMETRIC_DEFAULT".to_owned(),
        usage: "ENCRYPT_DECRYPT".to_owned(),
        origin: "AWS_KMS".to_owned(),
        manager: "CUSTOMER".to_owned(),
        multi_region: false,
        rotation: Rotation::Off,
        deletion: None,
    };
    let grants: Vec<_> = case
        .grants
        .iter()
        .map(|grant| KnownGrant {
            grantee: grantee(setting, grant),
            operations: grant.operations.iter().map(|&one| one.to_owned()).collect(),
            constrained: grant.is_constrained,
        })
        .collect();
    let key_policy = read(&case.key_policy);
    let [control_plane, nodes] = [&CONTROL_PLANE[..], &NODES].map(|addresses| {
        let networks = addresses
            .iter()
            .map(|address| address.parse::<std::net::IpAddr>().unwrap().into());
        networks.collect::<Vec<ipnet::IpNet>>()
    });
    let (principal, key_arn) = (setting.atlas(), setting.key());
    let entry = Entry {
        atlas: Some(AtlasSide {
            principal: &principal,
            external_id: EXTERNAL_ID,
        }),
        role: &role,
        key: Some(KeySide {
            arn: &key_arn,
            key: Some(&key),
            policy: KeyPolicy::Known(&key_policy),
            grants: Some(&grants),
        }),
        arrival: Arrival {
            control_plane: Some(&control_plane),
            nodes: Some(&nodes),
            private: false,
            now: Some(now()),
        },
    };
    (entry.trust(), entry.key_use())
}

/// Compares one answer of each.
fn agree(what: &str, diagnosed: &Access, simulated: bool) -> TestCaseResult {
    let agrees = match diagnosed {
        Access::GetsIn => simulated,
        Access::Stopped(_) => !simulated,
        Access::Unknown(_) => true,
    };
    let says = if simulated { "lets in" } else { "refuses" };
    prop_assert!(
        agrees,
        "{}: the simulator {}, the diagnosis says {:?}",
        what,
        says,
        diagnosed
    );
    Ok(())
}

/// How often each answer was given.
#[derive(Default)]
struct Tally {
    gets_in: Cell<u32>,
    stopped: Cell<u32>,
    unknown: Cell<u32>,
}

impl Tally {
    fn count(&self, access: &Access) {
        let counter = match access {
            Access::GetsIn => &self.gets_in,
            Access::Stopped(_) => &self.stopped,
            Access::Unknown(_) => &self.unknown,
        };
        counter.set(counter.get() + 1);
    }

    /// Asserts that each answer was given often enough for the comparison to mean something.
    fn assert_mixed(&self, cases: u32) {
        let counts = [&self.gets_in, &self.stopped, &self.unknown].map(Cell::get);
        assert!(counts.iter().all(|count| count * 20 > cases), "of {cases}: {counts:?}");
    }
}

/// `PROPTEST_CASES` asks for another number of cases.
#[test]
fn the_two_agree_on_random_policies() {
    let more = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|number| number.parse().ok());
    let cases = more.unwrap_or(3_000);
    let mut runner = TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    });
    let (trust, key_use) = (Tally::default(), Tally::default());
    let outcome = runner.run(&Case::any(), |case| {
        let (diagnosed, simulated) = (diagnosed(&case), simulated(&case));
        agree("trust", &diagnosed.0, simulated.0)?;
        agree("key use", &diagnosed.1, simulated.1)?;
        trust.count(&diagnosed.0);
        key_use.count(&diagnosed.1);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    trust.assert_mixed(cases);
    key_use.assert_mixed(cases);
}

/// A case of one account that both let in.
fn plain() -> Case {
    Case {
        setting: Setting {
            partition: "aws",
            region: "eu-west-1",
            key_account: ROLE_ACCOUNT,
        },
        trust: json!({ "Version": "2012-10-17", "Statement": demanding() }),
        inline: vec![json!({ "Statement": { "Effect": "Allow", "Action": "kms:*", "Resource": "arn:aws:kms:*" } })],
        attached: Vec::new(),
        boundary: None,
        key_policy: json!({ "Statement": {
            "Effect": "Allow", "Principal": { "AWS": ROLE_ACCOUNT }, "Action": "kms:*", "Resource": "*",
        }}),
        grants: Vec::new(),
    }
}

fn demanding() -> Value {
    json!({
        "Effect": "Allow", "Principal": { "AWS": ATLAS_ACCOUNT }, "Action": "sts:AssumeRole",
        "Condition": { "StringEquals": { "sts:ExternalId": EXTERNAL_ID } },
    })
}

#[test]
fn a_plain_case_is_let_in_by_both_in_every_setting() {
    for (partition, region) in [
        ("aws", "eu-west-1"),
        ("aws-us-gov", "us-gov-west-1"),
        ("aws-cn", "cn-north-1"),
    ] {
        for key_account in [ROLE_ACCOUNT, OTHER_ACCOUNT] {
            let setting = Setting {
                partition,
                region,
                key_account,
            };
            let case = Case { setting, ..plain() };
            assert_eq!(simulated(&case), (true, true), "{setting:?}");
            assert_eq!(diagnosed(&case), (Access::GetsIn, Access::GetsIn), "{setting:?}");
        }
    }
}

/// Judges a trust policy by both.
fn trust(statements: &Value) -> (bool, Access) {
    let case = Case {
        trust: json!({ "Version": "2012-10-17", "Statement": statements }),
        ..plain()
    };
    (simulated(&case).0, diagnosed(&case).0)
}

/// Judges a change of the plain case by both.
fn key_use(change: impl FnOnce(&mut Case)) -> (bool, Access) {
    let mut case = plain();
    change(&mut case);
    (simulated(&case).1, diagnosed(&case).1)
}

/// Once they disagreed: the diagnosis looked at the right statement alone.
#[test]
fn an_open_statement_beside_the_right_one_is_not_let_pass() {
    for principal in [json!("*"), json!({ "AWS": "arn:aws:iam::536727724300:root" })] {
        let open = json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" });
        let (simulated, diagnosed) = trust(&json!([demanding(), open]));
        assert!(!simulated && matches!(diagnosed, Access::Unknown(_)), "{diagnosed:?}");
    }
    let open = json!({ "Effect": "Allow", "Principal": { "AWS": ATLAS_ACCOUNT }, "Action": "sts:AssumeRole" });
    let nobody = json!({
        "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole",
        "Condition": { "Null": { "sts:ExternalId": "true" } },
    });
    assert_eq!(trust(&json!([open, nobody])), (true, Access::GetsIn));
}

/// Once they disagreed: the diagnosis took another word than `true` and `false` for one of them.
#[test]
fn what_is_no_boolean_decides_nothing() {
    let null = json!({
        "Effect": "Allow", "Principal": { "AWS": ATLAS_ACCOUNT }, "Action": "sts:AssumeRole",
        "Condition": { "Null": { "sts:ExternalId": EXTERNAL_ID } },
    });
    assert!(matches!(trust(&null).1, Access::Unknown(_)));
}

/// Once they disagreed: the simulator stopped every `*` of a resource at the next colon ("IAM JSON policy elements:
/// Resource"), and took a statement of a key policy without a resource for one on all.
#[test]
fn resources_are_read_alike() {
    let deny = json!({ "Statement": { "Effect": "Deny", "Action": "kms:*", "Resource": "arn:*:key/1234*" } });
    let (simulated, diagnosed) = key_use(|case| case.attached = vec![deny]);
    assert!(!simulated && matches!(diagnosed, Access::Stopped(_)), "{diagnosed:?}");

    let nothing = json!({ "Statement": { "Effect": "Allow", "Principal": "*", "Action": "kms:*" } });
    let (simulated, diagnosed) = key_use(|case| case.key_policy = nothing);
    assert!(!simulated && matches!(diagnosed, Access::Stopped(_)), "{diagnosed:?}");
}

/// Once they disagreed: the simulator held a grant's constraint against `DescribeKey` too ("Grant constraints").
#[test]
fn a_grants_constraint_is_none_for_describing_the_key() {
    let grant = |operations: &[&'static str], is_constrained| Grant {
        is_ours: true,
        operations: operations.to_vec(),
        is_constrained,
    };
    let (simulated, diagnosed) = key_use(|case| {
        case.key_policy = json!({ "Statement": [] });
        case.grants = vec![grant(&["DescribeKey"], true), grant(&["Encrypt", "Decrypt"], false)];
    });
    assert_eq!((simulated, diagnosed), (true, Access::GetsIn));
}
