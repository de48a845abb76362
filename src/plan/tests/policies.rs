//! The policies that a plan writes: what keeps it from being written is said before the first change.

use serde_json::{Value, json};

use super::{KEY, ROLE, fixture, plan, refused, step, steps};
use crate::domain::policy::default_key_policy;
use crate::observe::{Fetched, ObservedState};
use crate::plan::DesiredState;
use crate::problem::Kind;

const DEAD: &str = "AROAEXAMPLEID12345678";

/// All is done, but for a key policy of these statements, which may be extended.
fn with_key_policy(statements: &Value) -> (ObservedState, DesiredState) {
    let mut observed = fixture::all_done();
    let document = fixture::document(json!({ "Version": "2012-10-17", "Statement": statements }));
    observed.key_policy.as_mut().unwrap().found = Fetched::Known(Some(document));
    let mut desired = fixture::desired();
    desired.extend_key_policy = true;
    (observed, desired)
}

fn default_statement() -> Value {
    default_key_policy("aws", fixture::ACCOUNT).statements()[0].clone()
}

#[test]
fn a_deny_of_the_key_policy_is_nothing_that_a_statement_more_would_mend() {
    let deny = json!({ "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*" });
    let (observed, desired) = with_key_policy(&json!([default_statement(), deny]));
    let problems = refused(&observed, &desired);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].kind, Kind::Prerequisite);
    assert!(
        problems[0].message.contains("explicit Deny covers kms:Decrypt"),
        "{problems:?}"
    );
    assert!(problems[0].hints[0].contains("take that Deny out"), "{problems:?}");
}

/// The planner asks the same judgement as the checks: what is known of Atlas's request counts.
#[test]
fn a_condition_that_atlas_meets_lets_it_in() {
    let allowed = |condition: Value| {
        let statement = json!({
            "Effect": "Allow", "Principal": { "AWS": fixture::role_arn(ROLE).as_str() },
            "Action": ["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"], "Resource": "*", "Condition": condition,
        });
        let (observed, desired) = with_key_policy(&json!([statement]));
        steps(&plan(&observed, &desired).unwrap()).join(" ")
    };
    assert_eq!(
        allowed(json!({ "StringEquals": { "kms:CallerAccount": fixture::ACCOUNT } })),
        ""
    );
    assert_eq!(
        allowed(json!({ "StringEquals": { "kms:CallerAccount": "999900001111" } })),
        "update-key-policy"
    );
    assert_eq!(
        allowed(json!({ "StringEquals": { "aws:PrincipalTag/team": "data" } })),
        "update-key-policy"
    );
}

#[test]
fn a_key_policy_that_names_a_deleted_principal_is_not_written() {
    let gone = json!({ "Effect": "Allow", "Principal": { "AWS": DEAD }, "Action": "kms:*", "Resource": "other" });
    let (observed, mut desired) = with_key_policy(&json!([gone]));
    let problems = refused(&observed, &desired);
    assert!(
        problems.len() == 1 && problems[0].message.contains(DEAD),
        "{problems:?}"
    );
    desired.extend_key_policy = false;
    assert!(plan(&observed, &desired).unwrap().is_empty());
}

/// IAM would refuse the write with it, and without it the statement would cover somebody else.
#[test]
fn a_deleted_principal_that_a_deny_excepts_stops_the_plan_even_where_the_others_may_go() {
    let mut observed = fixture::first_time();
    let trust = |element: &str| {
        fixture::document(json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Deny", element: { "AWS": [DEAD, "arn:aws:iam::536727724300:root"] }, "Action": "sts:TagSession",
        }]}))
    };
    let mut desired = fixture::desired();
    for drop in [false, true] {
        desired.drop_dead_principals = drop;
        fixture::choose_role(&mut observed, ROLE, Some(fixture::role(ROLE, trust("NotPrincipal"))));
        let problems = refused(&observed, &desired);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].message.contains(DEAD), "{problems:?}");
        assert!(
            problems[0].hints[0].contains("mend that statement in IAM"),
            "{problems:?}"
        );
    }
    fixture::choose_role(&mut observed, ROLE, Some(fixture::role(ROLE, trust("Principal"))));
    let plan = plan(&observed, &desired).unwrap();
    let (_, after) = step(&plan, "update-trust-policy").policy_change().unwrap();
    assert!(!after.to_json().contains(DEAD), "{}", after.to_json());
}

/// A trust policy that the plan doesn't write may hold what it likes.
#[test]
fn a_trust_policy_that_stays_as_it_is_hinders_nobody() {
    let mut observed = fixture::all_done();
    let mut role = fixture::ready_role(ROLE, fixture::EXTERNAL_ID, &fixture::key_arn(KEY));
    let mut trust = role.role.trust.value().clone();
    let deny = json!({ "Effect": "Deny", "NotPrincipal": { "AWS": [DEAD] }, "Action": "sts:TagSession" });
    trust["Statement"].as_array_mut().unwrap().push(deny);
    role.role.trust = fixture::document(trust);
    fixture::choose_role(&mut observed, ROLE, Some(role));
    assert!(super::planned(&observed).is_empty());
}
