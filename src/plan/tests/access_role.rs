//! Which access role is ours: decided by what is there, never guessed.

use super::{ACCESS_ROLE, EXTERNAL_ID, ROLE, fixture, known, plan, planned, refused, steps};
use crate::domain::access_role::AccessRole;
use crate::domain::arn::RoleArn;
use crate::domain::policy::PolicyDocument;
use crate::observe::fixture::OTHER_EXTERNAL_ID;
use crate::observe::{Fetched, ObservedState, Unfinished};
use crate::plan::AccessRoleChoice;

const OTHER: &str = "65f0c1a2b3c4d5e6f70819ff";
const THIRD_EXTERNAL_ID: &str = "1c2d3e4f-0000-4000-8000-00000000abcd";

fn with(access_roles: Vec<AccessRole>) -> ObservedState {
    ObservedState {
        access_roles: Fetched::Known(access_roles),
        ..fixture::first_time()
    }
}

/// Returns the access role that a plan uses; `None`: it makes one.
fn used(observed: &ObservedState) -> Option<String> {
    let plan = planned(observed);
    if steps(&plan).contains(&"create-access-role") {
        return None;
    }
    let settled = plan
        .settled
        .iter()
        .find(|settled| settled.what == "Atlas access role")
        .unwrap();
    Some(settled.found.split([',', ' ']).next().unwrap().to_owned())
}

fn trusting(external_ids: &[&str]) -> PolicyDocument {
    let statements: Vec<_> = external_ids
        .iter()
        .map(|id| fixture::trust(id).statements()[0].clone())
        .collect();
    fixture::document(serde_json::json!({ "Version": "2012-10-17", "Statement": statements }))
}

#[test]
fn the_one_that_the_setting_uses() {
    let mut observed = with(vec![
        fixture::authorized(OTHER, OTHER_EXTERNAL_ID, ROLE),
        fixture::authorized(ACCESS_ROLE, EXTERNAL_ID, "another"),
    ]);
    fixture::choose_role(
        &mut observed,
        ROLE,
        Some(fixture::role(ROLE, trusting(&[OTHER_EXTERNAL_ID]))),
    );
    assert_eq!(used(&observed).as_deref(), Some(OTHER), "while no key is set up");
    observed.setting = Fetched::Known(fixture::setting(ACCESS_ROLE, fixture::KEY));
    assert_eq!(used(&observed).as_deref(), Some(ACCESS_ROLE));
}

#[test]
fn without_its_id_the_one_that_serves_the_setting() {
    let mut serving = fixture::authorized(ACCESS_ROLE, EXTERNAL_ID, "another");
    serving.features.push(AccessRole::ENCRYPTION_AT_REST.to_owned());
    let mut observed = with(vec![fixture::authorized(OTHER, OTHER_EXTERNAL_ID, "another"), serving]);
    let mut setting = fixture::setting(ACCESS_ROLE, fixture::KEY);
    setting.aws.role_id = None;
    observed.setting = Fetched::Known(setting);
    assert_eq!(used(&observed).as_deref(), Some(ACCESS_ROLE));
}

#[test]
fn the_one_that_points_to_the_chosen_iam_role() {
    let mut observed = with(vec![
        fixture::authorized(OTHER, OTHER_EXTERNAL_ID, "another"),
        fixture::authorized(ACCESS_ROLE, EXTERNAL_ID, ROLE),
    ]);
    fixture::choose_role(
        &mut observed,
        ROLE,
        Some(fixture::role(ROLE, trusting(&[OTHER_EXTERNAL_ID]))),
    );
    assert_eq!(
        used(&observed).as_deref(),
        Some(ACCESS_ROLE),
        "before one that it trusts"
    );
}

/// The IAM role was deleted behind it: the one that takes its place has the same ARN.
#[test]
fn the_one_that_points_to_the_iam_role_that_is_created_again() {
    let observed = with(vec![fixture::authorized(ACCESS_ROLE, EXTERNAL_ID, ROLE)]);
    assert_eq!(used(&observed).as_deref(), Some(ACCESS_ROLE));
    let elsewhere = [
        "arn:aws:iam::444455556666:role/atlas-cmk-orders",
        "arn:aws-cn:iam::111122223333:role/atlas-cmk-orders",
        "arn:aws:iam::111122223333:role/team/atlas-cmk-orders",
    ];
    for arn in elsewhere {
        let mut observed = observed.clone();
        known(&mut observed.access_roles)[0].iam_role_arn = RoleArn::parse(arn).ok();
        assert_eq!(used(&observed), None, "{arn}");
    }
}

#[test]
fn the_one_whose_external_id_the_iam_role_trusts() {
    let mut observed = with(vec![
        fixture::access_role(OTHER, OTHER_EXTERNAL_ID),
        fixture::access_role(ACCESS_ROLE, EXTERNAL_ID),
    ]);
    fixture::choose_role(
        &mut observed,
        ROLE,
        Some(fixture::role(ROLE, trusting(&[EXTERNAL_ID, THIRD_EXTERNAL_ID]))),
    );
    assert_eq!(used(&observed).as_deref(), Some(ACCESS_ROLE));
}

#[test]
fn of_two_that_point_to_the_iam_role_the_one_that_it_trusts() {
    let mut observed = with(vec![
        fixture::authorized(OTHER, OTHER_EXTERNAL_ID, ROLE),
        fixture::authorized(ACCESS_ROLE, EXTERNAL_ID, ROLE),
    ]);
    fixture::choose_role(&mut observed, ROLE, Some(fixture::role(ROLE, trusting(&[EXTERNAL_ID]))));
    assert_eq!(used(&observed).as_deref(), Some(ACCESS_ROLE));
}

#[test]
fn of_two_that_are_alike_none_is_guessed() {
    let pointing = || {
        vec![
            fixture::authorized(OTHER, OTHER_EXTERNAL_ID, ROLE),
            fixture::authorized(ACCESS_ROLE, EXTERNAL_ID, ROLE),
        ]
    };
    let unfinished = vec![
        fixture::access_role(OTHER, OTHER_EXTERNAL_ID),
        fixture::access_role(ACCESS_ROLE, EXTERNAL_ID),
    ];
    let both = trusting(&[EXTERNAL_ID, OTHER_EXTERNAL_ID]);
    for (access_roles, trust) in [
        (pointing(), both.clone()),
        (pointing(), fixture::foreign_trust()),
        (unfinished, both),
    ] {
        let mut observed = with(access_roles);
        fixture::choose_role(&mut observed, ROLE, Some(fixture::role(ROLE, trust)));
        let problems = refused(&observed, &fixture::desired());
        let [problem] = problems.as_slice() else {
            panic!("{problems:?}")
        };
        assert!(
            problem.message.contains(OTHER) && problem.message.contains(ACCESS_ROLE),
            "{problem:?}"
        );
        assert!(!problem.hints.is_empty());
        // The way out: one of them is picked.
        let mut desired = fixture::desired();
        desired.access_role = AccessRoleChoice::Picked(OTHER.to_owned());
        assert!(plan(&observed, &desired).is_ok());
    }
}

#[test]
fn the_one_that_the_journal_began() {
    let mut observed = with(vec![
        fixture::access_role(OTHER, OTHER_EXTERNAL_ID),
        fixture::access_role(ACCESS_ROLE, EXTERNAL_ID),
    ]);
    let began = |ids: &[&str]| {
        vec![Unfinished::AccessRole {
            found: ids.iter().map(|id| (*id).to_owned()).collect(),
        }]
    };
    observed.unfinished = began(&[ACCESS_ROLE]);
    assert_eq!(used(&observed).as_deref(), Some(ACCESS_ROLE));
    // Nothing came of it: there is none to adopt.
    observed.unfinished = began(&[]);
    assert_eq!(used(&observed), None);
    // One that is gone since isn't there any more.
    observed.unfinished = began(&["65f0c1a2b3c4d5e6f7081900"]);
    assert_eq!(used(&observed), None);
    // Several are asked about, and never is another one made meanwhile.
    observed.unfinished = began(&[ACCESS_ROLE, OTHER]);
    let problems = refused(&observed, &fixture::desired());
    assert!(problems[0].message.contains("interrupted"), "{problems:?}");
}

/// Somebody else may have made and authorized one since the interrupted run: that one has an owner.
#[test]
fn one_that_was_authorized_since_is_not_the_journals() {
    let mut observed = with(vec![
        fixture::authorized(OTHER, OTHER_EXTERNAL_ID, "data-lake"),
        fixture::access_role(ACCESS_ROLE, EXTERNAL_ID),
    ]);
    observed.unfinished = vec![Unfinished::AccessRole {
        found: vec![OTHER.to_owned(), ACCESS_ROLE.to_owned()],
    }];
    assert_eq!(used(&observed).as_deref(), Some(ACCESS_ROLE));
}

#[test]
fn the_one_that_the_operator_picked() {
    let mut observed = with(vec![
        fixture::authorized(ACCESS_ROLE, EXTERNAL_ID, ROLE),
        fixture::access_role(OTHER, OTHER_EXTERNAL_ID),
    ]);
    fixture::choose_role(&mut observed, ROLE, Some(fixture::role(ROLE, trusting(&[EXTERNAL_ID]))));
    let mut desired = fixture::desired();
    desired.access_role = AccessRoleChoice::Picked(OTHER.to_owned());
    let plan = plan(&observed, &desired).unwrap();
    assert!(plan.settled[0].found.starts_with(OTHER), "{:?}", plan.settled);
    desired.access_role = AccessRoleChoice::Picked("65f0c1a2b3c4d5e6f7081900".to_owned());
    let problems = refused(&observed, &desired);
    assert!(problems[0].message.contains("no longer there"), "{problems:?}");
}

/// "Headless, if none is ours, a new one is made": the others are told with all that is known of them.
#[test]
fn unfinished_ones_that_show_no_sign_of_ours_are_left_alone_and_listed() {
    let observed = with(vec![
        fixture::access_role(ACCESS_ROLE, EXTERNAL_ID),
        fixture::access_role(OTHER, OTHER_EXTERNAL_ID),
        fixture::authorized("65f0c1a2b3c4d5e6f7081933", "another", "data-lake"),
    ]);
    assert_eq!(used(&observed), None);
    for choice in [AccessRoleChoice::Recognized, AccessRoleChoice::New] {
        let mut desired = fixture::desired();
        desired.access_role = choice;
        let plan = plan(&observed, &desired).unwrap();
        assert!(steps(&plan).contains(&"create-access-role"));
        let told = &plan.notes[0];
        for part in [
            "2 access roles",
            ACCESS_ROLE,
            OTHER,
            EXTERNAL_ID,
            OTHER_EXTERNAL_ID,
            "2026-11-20",
        ] {
            assert!(told.contains(part), "{told}");
        }
    }

    // Finished ones of others aren't worth a word.
    let observed = with(vec![fixture::authorized(OTHER, OTHER_EXTERNAL_ID, "data-lake")]);
    assert_eq!(used(&observed), None);
    assert!(planned(&observed).notes.is_empty());
}

#[test]
fn pointing_ours_to_another_iam_role_names_all_that_moves() {
    let mut ours = fixture::authorized(ACCESS_ROLE, EXTERNAL_ID, "before");
    ours.features = vec!["ATLAS_DATA_LAKE".to_owned(), AccessRole::ENCRYPTION_AT_REST.to_owned()];
    let mut observed = with(vec![ours]);
    fixture::choose_role(&mut observed, ROLE, Some(fixture::role(ROLE, trusting(&[EXTERNAL_ID]))));
    let plan = planned(&observed);
    let authorize = super::step(&plan, "authorize-access-role");
    assert_eq!(authorize.title(), "Point the access role to the IAM role");
    assert!(
        plan.notes[0].contains("ATLAS_DATA_LAKE, ENCRYPTION_AT_REST"),
        "{:?}",
        plan.notes
    );
}
