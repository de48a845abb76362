//! The IAM role: its trust policy and our inline policy, made or added to.

use serde_json::json;

use super::{ACCESS_ROLE, Action, EXTERNAL_ID, KEY, PRINCIPAL, ROLE, fixture, plan, planned, refused, step, steps};
use crate::domain::arn::RoleArn;
use crate::domain::iam_role::{IamRoleDetail, NamedPolicy};
use crate::domain::policy::PolicyDocument;
use crate::observe::fixture::{MRK, OTHER_EXTERNAL_ID};
use crate::observe::{Fetched, ObservedState};
use crate::plan::{INLINE_POLICY, RoleChoice};
use crate::problem::Problem;

/// Returns a world where the key is there and our access role points to the IAM role; the role is as given.
fn with(role: IamRoleDetail) -> ObservedState {
    let mut observed = fixture::first_time();
    observed.access_roles = Fetched::Known(vec![fixture::authorized(ACCESS_ROLE, EXTERNAL_ID, ROLE)]);
    fixture::choose_role(&mut observed, ROLE, Some(role));
    fixture::choose_key(
        &mut observed,
        fixture::desired().key.key_ref(),
        Some(fixture::named_key(KEY)),
    );
    observed
}

fn policy(name: &str, statement: &serde_json::Value) -> NamedPolicy {
    NamedPolicy {
        name: name.to_owned(),
        document: Some(fixture::document(
            json!({ "Version": "2012-10-17", "Statement": [statement] }),
        )),
    }
}

/// Returns what a step writes.
fn written(observed: &ObservedState, id: &str) -> PolicyDocument {
    let plan = planned(observed);
    let (_, after) = step(&plan, id).policy_change().unwrap();
    after
}

fn only(problems: &[Problem]) -> &Problem {
    assert_eq!(problems.len(), 1, "{problems:?}");
    &problems[0]
}

#[test]
fn a_trust_policy_keeps_all_and_gets_one_statement() {
    let before = fixture::document(json!({
        "Version": "2008-10-17",
        "Id": "Theirs",
        "Statement": [
            { "Sid": "First", "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" },
            { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::444455556666:root" }, "Action": "sts:AssumeRole", "Unheard": [1] },
            { "Effect": "Deny", "Principal": { "AWS": "arn:aws:iam::444455556666:user/x" }, "Action": "sts:AssumeRole" },
        ],
    }));
    let observed = with(fixture::role(ROLE, before.clone()));
    let after = written(&observed, "update-trust-policy");
    let (kept, added) = after.value()["Statement"].as_array().unwrap().split_at(3);
    assert_eq!(kept, before.value()["Statement"].as_array().unwrap());
    assert_eq!(
        added,
        [json!({
            "Effect": "Allow",
            "Principal": { "AWS": PRINCIPAL },
            "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "sts:ExternalId": EXTERNAL_ID } },
        })]
    );
    assert_eq!(
        (&after.value()["Version"], &after.value()["Id"]),
        (&json!("2008-10-17"), &json!("Theirs"))
    );
}

#[test]
fn a_role_that_trusts_atlas_already_gets_no_step() {
    for trust in [
        fixture::trust(EXTERNAL_ID),
        // Said in other words.
        fixture::document(json!({
            "Statement": {
                "Effect": "Allow",
                "Principal": { "AWS": ["536727724300", "444455556666"] },
                "Action": ["sts:*"],
                "Condition": { "StringLike": { "STS:externalid": [OTHER_EXTERNAL_ID, EXTERNAL_ID] } },
            },
        })),
    ] {
        let plan = planned(&with(fixture::role(ROLE, trust)));
        assert!(!steps(&plan).contains(&"update-trust-policy"), "{:?}", steps(&plan));
        assert!(plan.settled.iter().any(|settled| settled.what == "Trust policy"));
    }
}

#[test]
fn another_external_id_is_no_trust() {
    let observed = with(fixture::role(ROLE, fixture::trust(OTHER_EXTERNAL_ID)));
    let after = written(&observed, "update-trust-policy");
    assert_eq!(after.statements().len(), 2, "the old one stays");
}

/// What can't be told from here isn't taken for a refusal: our statement is added where none gives it.
#[test]
fn trust_under_a_condition_that_nobody_here_can_judge() {
    let mut statement = fixture::trust(EXTERNAL_ID).statements()[0].clone();
    statement["Condition"]["IpAddress"] = json!({ "aws:SourceIp": "203.0.113.0/24" });
    let trust = fixture::document(json!({ "Version": "2012-10-17", "Statement": [statement] }));
    let after = written(&with(fixture::role(ROLE, trust)), "update-trust-policy");
    assert_eq!(after.statements().len(), 2);
}

#[test]
fn a_deny_in_the_trust_policy_is_a_problem_and_nothing_is_added_beside_it() {
    let deny = json!({ "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole" });
    let trust = fixture::document(json!({ "Version": "2012-10-17", "Statement": [deny] }));
    let problems = refused(&with(fixture::role(ROLE, trust)), &fixture::desired());
    assert!(only(&problems).message.contains("explicit Deny"), "{problems:?}");
}

#[test]
fn a_trust_policy_that_nobody_can_edit_is_a_problem() {
    let trust = fixture::document(json!({ "Version": "2012-10-17", "Statement": "odd" }));
    let problems = refused(&with(fixture::role(ROLE, trust)), &fixture::desired());
    assert!(only(&problems).message.contains("Statement"), "{problems:?}");
}

#[test]
fn a_role_without_our_policy_gets_it_and_one_that_may_use_the_key_otherwise_does_not() {
    let role = || fixture::role(ROLE, fixture::trust(EXTERNAL_ID));
    let key = fixture::key_arn(KEY);
    assert_eq!(written(&with(role()), "put-role-policy"), fixture::key_use(&key));

    let mut elsewhere = role();
    elsewhere.attached.push(policy(
        "arn:aws:iam::111122223333:policy/keys",
        &json!({ "Effect": "Allow", "Action": "kms:*", "Resource": "arn:aws:kms:*:111122223333:key/*" }),
    ));
    let mut in_two = role();
    for (name, action) in [("a", json!(["kms:Encrypt", "kms:Decrypt"])), ("b", json!("kms:Desc*"))] {
        let statement = json!({ "Effect": "Allow", "Action": action, "Resource": key.as_str() });
        in_two.inline.push(policy(name, &statement));
    }
    for role in [elsewhere, in_two] {
        let plan = planned(&with(role));
        assert!(!steps(&plan).contains(&"put-role-policy"), "{:?}", steps(&plan));
    }
}

#[test]
fn two_of_the_three_actions_are_not_enough() {
    let mut role = fixture::role(ROLE, fixture::trust(EXTERNAL_ID));
    let statement = json!({ "Effect": "Allow", "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*" });
    role.inline.push(policy("p", &statement));
    assert!(steps(&planned(&with(role))).contains(&"put-role-policy"));
}

/// The old key is needed while anything is encrypted with it.
#[test]
fn our_policy_keeps_the_keys_that_it_holds() {
    let role = fixture::ready_role(ROLE, EXTERNAL_ID, &fixture::key_arn(MRK));
    let observed = with(role.clone());
    let plan = planned(&observed);
    let Action::PutRolePolicy { policy, before, .. } = &step(&plan, "put-role-policy").action else {
        panic!("{plan:?}");
    };
    assert_eq!(
        (policy.as_str(), before.as_ref()),
        (INLINE_POLICY, role.inline_policy(INLINE_POLICY))
    );
    let after = written(&observed, "put-role-policy");
    assert_eq!(
        after.value()["Statement"][0]["Resource"],
        json!([fixture::key_arn(MRK).as_str(), fixture::key_arn(KEY).as_str()])
    );
}

#[test]
fn our_policy_that_cannot_be_read_is_never_replaced() {
    let mut role = fixture::role(ROLE, fixture::trust(EXTERNAL_ID));
    role.inline.push(NamedPolicy {
        name: INLINE_POLICY.to_owned(),
        document: None,
    });
    let problems = refused(&with(role), &fixture::desired());
    assert!(only(&problems).message.contains("can't be read"), "{problems:?}");
}

#[test]
fn a_deny_on_the_key_is_a_problem() {
    let mut role = fixture::role(ROLE, fixture::trust(EXTERNAL_ID));
    let statement = json!({ "Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*" });
    role.attached.push(policy("arn:aws:iam::aws:policy/No", &statement));
    let problems = refused(&with(role), &fixture::desired());
    assert!(only(&problems).message.contains("can't use the key"), "{problems:?}");
}

#[test]
fn a_role_that_must_exist_does_or_there_is_no_plan() {
    let arn = RoleArn::parse("arn:aws:iam::111122223333:role/team/atlas/orders").unwrap();
    let mut desired = fixture::desired();
    desired.role = RoleChoice::Existing {
        arn: arn.clone(),
        reuse: false,
    };
    let mut observed = fixture::first_time();
    fixture::choose_role(&mut observed, "orders", None);
    assert!(
        only(&refused(&observed, &desired))
            .message
            .contains("there is no IAM role")
    );
    // One of the same name on another path is another role.
    let mut role = fixture::role("orders", fixture::foreign_trust());
    fixture::choose_role(&mut observed, "orders", Some(role.clone()));
    assert!(only(&refused(&observed, &desired)).message.contains(arn.as_str()));
    role.role.arn = arn.clone();
    fixture::choose_role(&mut observed, "orders", Some(role));
    let plan = plan(&observed, &desired).unwrap();
    let Action::AuthorizeAccessRole { iam_role, .. } = &step(&plan, "authorize-access-role").action else {
        panic!("{plan:?}");
    };
    assert_eq!(iam_role.show(), arn.as_str(), "the path belongs to the ARN");
}

#[test]
fn a_named_role_that_is_there_is_used() {
    let plan = planned(&with(fixture::role(ROLE, fixture::foreign_trust())));
    assert!(!steps(&plan).contains(&"create-iam-role"));
    let after: Vec<_> = super::after(step(&plan, "enable-project-setting"));
    assert_eq!(after, ["update-trust-policy", "put-role-policy"]);
}
