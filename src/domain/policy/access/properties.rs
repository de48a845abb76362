//! What holds for every world.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::world::*;
use super::*;

fn effect() -> impl Strategy<Value = &'static str> {
    select(vec!["Allow", "Allow", "Deny"])
}

fn statement() -> impl Strategy<Value = Value> {
    let action = select(vec![json!("kms:*"), json!("kms:Decrypt"), use_it(), json!("s3:*")]);
    let resource = select(vec![json!("*"), json!(key_arn(ACCOUNT)), json!(key_arn(OTHER))]);
    let condition = prop::option::of(select(vec![
        json!({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}),
        json!({"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "2001:db8::/32"]}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        json!({"Bool": {"aws:SecureTransport": "true"}}),
    ]));
    (effect(), action, resource, condition).prop_map(|(effect, action, resource, condition)| {
        let mut statement = json!({"Effect": effect, "Action": action, "Resource": resource});
        if let Some(condition) = condition {
            statement["Condition"] = condition;
        }
        statement
    })
}

fn key_statement() -> impl Strategy<Value = Value> {
    let principal = select(vec![
        json!("*"),
        this_role(),
        json!({"AWS": ACCOUNT}),
        json!({"AWS": OTHER}),
    ]);
    (statement(), principal).prop_map(|(mut statement, principal)| {
        statement["Principal"] = principal;
        statement["Resource"] = json!("*");
        statement
    })
}

fn some_of<T: std::fmt::Debug>(one: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    prop::collection::vec(one, 0..4)
}

fn any_world() -> impl Strategy<Value = World> {
    let parts = (
        any::<bool>(),
        some_of(statement()),
        prop::option::of(prop::option::of(some_of(statement()))),
        prop::option::of(some_of(key_statement())),
        any::<bool>(),
    );
    parts.prop_map(|(one_account, role, boundary, key, addresses)| {
        let mut world = World::with_key_in(if one_account { ACCOUNT } else { OTHER });
        world.role.inline = vec![named("p", &json!(role))];
        if let Some(document) = boundary {
            world = world.boundary(document.map(|statements| json!(statements)).as_ref());
        }
        world.policy = key.map(|statements| document(&json!(statements)));
        if !addresses {
            world.nodes = None;
        }
        world
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    /// A Deny more never lets Atlas in, and what is stopped stays so.
    #[test]
    fn a_deny_more_never_helps(world in any_world(), mut deny in statement()) {
        let before = world.judge();
        deny["Effect"] = json!("Deny");
        let after = world.role_policy(&json!([deny])).judge();
        prop_assert!(before == Access::GetsIn || after != Access::GetsIn);
        prop_assert!(!matches!(before, Access::Stopped(_)) || matches!(after, Access::Stopped(_)));
    }

    /// An unconditional Allow on both sides, and nothing that denies or can't be read: Atlas gets in.
    #[test]
    fn plain_allows_on_both_sides_let_in(role in some_of(statement()), key in some_of(key_statement()), one_account in any::<bool>()) {
        let allows = |all: Vec<Value>| all.into_iter().filter(|one| one["Effect"] == "Allow").collect::<Vec<_>>();
        let account = if one_account { ACCOUNT } else { OTHER };
        let mut key = allows(key);
        key.push(of_key("Allow", &json!({"AWS": ACCOUNT}), &json!("kms:*")));
        let world = World::with_key_in(account).role_policy(&json!(allows(role))).key_policy(&json!(key));
        prop_assert_eq!(world.judge(), Access::GetsIn);
    }

    /// The statement that is said to stop Atlas stands in the document that is named, and it isn't an Allow of all.
    #[test]
    fn what_is_named_is_there(world in any_world()) {
        let judged = world.judge();
        let Some(Obstacle { place, statement: Some(statement), .. }) = judged.obstacle() else { return Ok(()) };
        let document = match place {
            Place::InlinePolicy { .. } => world.role.inline[0].document.as_ref(),
            Place::Boundary(_) => world.role.boundary_document.as_ref(),
            Place::KeyPolicy(_) => world.policy.as_ref(),
            other => panic!("{other}"),
        };
        prop_assert!(document.unwrap().statements().contains(&statement));
    }

    /// To read more never turns a yes into a no or a no into a yes.
    #[test]
    fn to_read_more_never_contradicts(world in any_world()) {
        let known = world.judge();
        let blind = world.with(|world| {
            world.control_plane = None;
            world.policy = None;
        }).judge();
        match blind {
            Access::GetsIn => prop_assert_eq!(known, Access::GetsIn),
            Access::Stopped(_) => prop_assert!(matches!(known, Access::Stopped(_))),
            Access::Unknown(_) => {}
        }
    }
}
