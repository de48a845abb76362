//! The planner, from worlds to steps. What makes a plan unsafe although it could be carried out (a key in another
//! state, permissions beyond the key) is the checklist's to say, and asked of it in its tests.

mod access_role;
mod clusters;
mod fingerprint;
mod key;
mod outcome;
mod policies;
mod property;
mod role;
mod ways_in;

use super::{Action, DesiredState, Output, Plan, Slot, Step, StepId, plan};
use crate::observe::fixture::{self, ACCESS_ROLE, EXTERNAL_ID, KEY, PRINCIPAL, ROLE};
use crate::observe::{Fetched, ObservedState};
use crate::problem::{Kind, Problem};

fn known<T>(fetched: &mut Fetched<T>) -> &mut T {
    match fetched {
        Fetched::Known(value) => value,
        _ => panic!("the fixture knows it"),
    }
}

/// Plans for what the fixture wants.
fn planned(observed: &ObservedState) -> Plan {
    plan(observed, &fixture::desired()).unwrap()
}

/// Returns why there is no plan.
fn refused(observed: &ObservedState, desired: &DesiredState) -> Vec<Problem> {
    plan(observed, desired).unwrap_err()
}

/// Returns the names of a plan's steps.
fn steps(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.id.as_str()).collect()
}

/// Returns a step of a plan, which must have it.
#[track_caller]
fn step<'a>(plan: &'a Plan, id: &str) -> &'a Step {
    plan.step(&StepId::new(id))
        .unwrap_or_else(|| panic!("no {id} in {:?}", steps(plan)))
}

fn after(step: &Step) -> Vec<&str> {
    step.depends_on.iter().map(StepId::as_str).collect()
}

fn value(text: &str) -> Slot {
    Slot::Known(text.to_owned())
}

#[test]
fn the_first_time_everything_is_made_in_order() {
    let plan = planned(&fixture::first_time());
    let edges: Vec<_> = plan
        .steps
        .iter()
        .map(|step| format!("{} <- {}", step.id, after(step).join(" ")))
        .collect();
    assert_eq!(
        edges,
        [
            "create-access-role <- ",
            "create-iam-role <- create-access-role",
            "create-key <- ",
            "enable-rotation <- create-key",
            "create-alias <- create-key enable-rotation",
            "put-role-policy <- create-iam-role create-key",
            "authorize-access-role <- create-access-role create-iam-role",
            "enable-project-setting <- create-access-role authorize-access-role create-key put-role-policy",
            "encrypt-cluster:orders <- enable-project-setting",
            "encrypt-cluster:billing <- enable-project-setting",
        ]
    );
    assert_eq!(
        step(&plan, "create-iam-role").action,
        Action::CreateIamRole {
            name: ROLE.to_owned(),
            path: "/".to_owned(),
            permissions_boundary: None,
            tags: std::collections::BTreeMap::new(),
            principal: Slot::After(Output::AtlasPrincipal),
            external_id: Slot::After(Output::ExternalId),
        }
    );
    assert!(plan.settled.is_empty() && plan.notes.is_empty(), "{plan:#?}");
    assert_eq!(plan.account, fixture::ACCOUNT);
}

#[test]
fn where_all_is_done_there_is_nothing_to_do_and_it_is_said() {
    let plan = planned(&fixture::all_done());
    assert!(plan.is_empty(), "{:?}", steps(&plan));
    let settled: Vec<_> = plan.settled.iter().map(|settled| settled.what.as_str()).collect();
    assert_eq!(
        settled,
        [
            "Atlas access role",
            "Trust policy",
            "IAM role",
            "Key",
            "Role's policy",
            "Key policy",
            "Project setting",
            "Clusters"
        ]
    );
    assert!(plan.notes.is_empty(), "{:?}", plan.notes);
}

#[test]
fn one_missing_piece_is_one_step() {
    type Change = fn(&mut ObservedState);
    let cases: [(Change, &str); 4] = [
        (
            |observed| {
                let role = fixture::role(ROLE, fixture::trust(EXTERNAL_ID));
                fixture::choose_role(observed, ROLE, Some(role));
            },
            "put-role-policy",
        ),
        (
            |observed| {
                let mut role = fixture::ready_role(ROLE, EXTERNAL_ID, &fixture::key_arn(KEY));
                role.role.trust = fixture::foreign_trust();
                fixture::choose_role(observed, ROLE, Some(role));
            },
            "update-trust-policy",
        ),
        (
            |observed| known(&mut observed.access_roles)[0].authorized = None,
            "authorize-access-role",
        ),
        (
            |observed| known(&mut observed.clusters)[0] = fixture::cluster("billing"),
            "encrypt-cluster:billing",
        ),
    ];
    for (change, wanted) in cases {
        let mut observed = fixture::all_done();
        change(&mut observed);
        assert_eq!(steps(&planned(&observed)), [wanted]);
    }
}

/// A cluster isn't begun while what makes the key usable is still being mended.
#[test]
fn what_mends_an_enabled_key_comes_before_the_clusters() {
    let mut observed = fixture::all_done();
    let role = fixture::role(ROLE, fixture::foreign_trust());
    fixture::choose_role(&mut observed, ROLE, Some(role));
    known(&mut observed.access_roles)[0].authorized = None;
    known(&mut observed.clusters)[0] = fixture::cluster("billing");
    let plan = planned(&observed);
    assert_eq!(
        after(step(&plan, "encrypt-cluster:billing")),
        ["update-trust-policy", "put-role-policy", "authorize-access-role"]
    );
}

#[test]
fn what_is_not_read_is_no_plan() {
    let unread = |change: fn(&mut ObservedState)| {
        let mut observed = fixture::first_time();
        change(&mut observed);
        refused(&observed, &fixture::desired())
    };
    // Not asked yet is a fault of the program; what a service refused is told as it was told.
    let problems = unread(|observed| observed.clusters = Fetched::NotLooked);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].kind, Kind::Internal);
    for change in [
        (|observed| observed.chosen_role = None) as fn(&mut ObservedState),
        |observed| observed.chosen_key = None,
        |observed| observed.setting = Fetched::Looking,
    ] {
        assert_eq!(unread(change)[0].kind, Kind::Internal);
    }
    let problems = unread(|observed| {
        observed.access_roles = Fetched::Failed(Problem::service("Atlas is away"));
        observed.aws_identity = Fetched::Failed(Problem::prerequisite("the sign-in has ended"));
    });
    let told: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(told, ["the sign-in has ended", "Atlas is away"], "all of it is told");
}

/// An answer about another role or key than the one that is wanted now decides nothing.
#[test]
fn a_lookup_of_something_else_is_no_lookup() {
    let mut observed = fixture::first_time();
    let desired = fixture::desired();
    fixture::choose_role(&mut observed, "another", None);
    fixture::choose_key(&mut observed, crate::domain::key::KeyRef::Id(KEY.to_owned()), None);
    let problems = refused(&observed, &desired);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems.iter().all(|problem| problem.kind == Kind::Internal));
}

#[test]
fn the_setting_is_sent_whole_and_from_what_was_there() {
    let mut observed = fixture::all_done();
    known(&mut observed.setting).aws.key = Some(fixture::MRK.to_owned());
    known(&mut observed.setting).aws.require_private_networking = Some(true);
    let plan = planned(&observed);
    assert_eq!(steps(&plan), ["enable-project-setting"]);
    let step = step(&plan, "enable-project-setting");
    assert_eq!(step.title(), "Change the project's encryption setting");
    let body = step.request(fixture::PROJECT).body;
    assert_eq!(
        body,
        serde_json::json!({ "awsKms": {
            "enabled": true,
            "roleId": ACCESS_ROLE,
            "customerMasterKeyID": fixture::key_arn(KEY).as_str(),
            "region": "US_EAST_1",
            "requirePrivateNetworking": true,
        }})
    );
}

#[test]
fn a_setting_in_another_region_or_switched_off_is_a_step() {
    type Change = fn(&mut crate::domain::project::AwsKmsSetting);
    let changes: [Change; 4] = [
        |aws| aws.region = crate::domain::region::Region::parse("eu-west-1").ok(),
        |aws| aws.region = None,
        |aws| aws.enabled = false,
        |aws| aws.key = None,
    ];
    for change in changes {
        let mut observed = fixture::all_done();
        change(&mut known(&mut observed.setting).aws);
        assert_eq!(steps(&planned(&observed)), ["enable-project-setting"]);
    }
}

/// Official clients read `roleId` from the answer, though it is declared write-only: it may be missing.
#[test]
fn a_setting_without_its_access_role_is_judged_by_who_serves_it() {
    let mut observed = fixture::all_done();
    known(&mut observed.setting).aws.role_id = None;
    assert!(planned(&observed).is_empty());
    known(&mut observed.access_roles)[0].features.clear();
    assert_eq!(steps(&planned(&observed)), ["enable-project-setting"]);
}

#[test]
fn a_dependency_names_only_steps_that_are_there() {
    let mut observed = fixture::first_time();
    observed.access_roles = Fetched::Known(vec![fixture::authorized(ACCESS_ROLE, EXTERNAL_ID, ROLE)]);
    let role = fixture::ready_role(ROLE, EXTERNAL_ID, &fixture::key_arn(KEY));
    fixture::choose_role(&mut observed, ROLE, Some(role));
    fixture::choose_key(
        &mut observed,
        fixture::desired().key.key_ref(),
        Some(fixture::named_key(KEY)),
    );
    let plan = planned(&observed);
    assert_eq!(
        steps(&plan),
        [
            "enable-project-setting",
            "encrypt-cluster:orders",
            "encrypt-cluster:billing"
        ]
    );
    assert!(after(&plan.steps[0]).is_empty());
    let Action::EnableProjectSetting {
        access_role, iam_role, ..
    } = &plan.steps[0].action
    else {
        panic!("{:?}", plan.steps[0]);
    };
    assert_eq!(access_role, &value(ACCESS_ROLE));
    assert_eq!(iam_role, &value(fixture::role_arn(ROLE).as_str()));
}

#[test]
fn every_step_says_what_it_is() {
    for step in planned(&fixture::first_time()).steps {
        let request = step.request(fixture::PROJECT);
        assert!(!step.title().is_empty() && !step.why().is_empty());
        assert!(
            ["Atlas", "IAM", "KMS"].contains(&request.service) && !request.call.is_empty(),
            "{request:?}"
        );
        assert!(request.body.is_object(), "{request:?}");
    }
    assert_eq!(value(PRINCIPAL).show(), PRINCIPAL);
    assert_eq!(
        Slot::After(Output::ExternalId).show(),
        "<external ID, known after apply>"
    );
}
