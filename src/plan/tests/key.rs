//! The key: found by any of its names, made, or finished after an interruption.

use super::{ACCESS_ROLE, Action, KEY, fixture, known, plan, planned, refused, step, steps, value};
use crate::domain::arn::KeyArn;
use crate::domain::key::{Key, KeyRef, Rotation};
use crate::domain::region::Region;
use crate::observe::fixture::{ALIAS, MRK};
use crate::observe::{Fetched, ObservedState, Unfinished};
use crate::plan::{DesiredState, KeyChoice, NewKeySettings, Output, Slot};
use crate::problem::{Kind, Problem};

fn wanting(key: KeyChoice) -> DesiredState {
    DesiredState {
        key,
        ..fixture::desired()
    }
}

fn existing(key: KeyRef) -> (ObservedState, DesiredState) {
    let mut observed = fixture::all_done();
    fixture::choose_key(&mut observed, key.clone(), Some(fixture::named_key(KEY)));
    (observed, wanting(KeyChoice::Existing(key)))
}

fn interrupted(found: Fetched<Vec<Key>>) -> ObservedState {
    ObservedState {
        unfinished: vec![Unfinished::Key {
            marker: "m-1".to_owned(),
            found,
        }],
        ..fixture::first_time()
    }
}

#[test]
fn its_three_names_are_one_key() {
    for name in [
        KeyRef::Alias(ALIAS.to_owned()),
        KeyRef::Id(KEY.to_owned()),
        KeyRef::Arn(fixture::key_arn(KEY)),
    ] {
        let (observed, desired) = existing(name);
        assert!(plan(&observed, &desired).unwrap().is_empty());
    }
}

#[test]
fn id_and_arn_in_the_setting_are_no_difference() {
    for in_use in [KEY, fixture::key_arn(KEY).as_str()] {
        let mut observed = fixture::all_done();
        known(&mut observed.setting).aws.key = Some(in_use.to_owned());
        assert!(planned(&observed).is_empty(), "{in_use}");
    }
}

#[test]
fn one_that_must_exist_and_does_not_is_a_problem() {
    let mut observed = fixture::first_time();
    let id = KeyRef::Id(KEY.to_owned());
    fixture::choose_key(&mut observed, id.clone(), None);
    let problems = refused(&observed, &wanting(KeyChoice::Existing(id)));
    assert!(
        problems.len() == 1
            && problems[0].message.contains("there is no key")
            && problems[0].kind == Kind::Prerequisite,
        "{problems:?}"
    );
}

#[test]
fn what_is_asked_for_at_creation_is_made_and_the_alias_comes_last() {
    let settings = NewKeySettings {
        description: "Orders".to_owned(),
        rotation_days: None,
        multi_region: true,
        ..NewKeySettings::new(ALIAS)
    };
    let with_rotation = plan(
        &fixture::first_time(),
        &wanting(KeyChoice::CreateUnlessThere(NewKeySettings {
            rotation_days: Some(90),
            ..settings.clone()
        })),
    )
    .unwrap();
    let Action::EnableRotation { days, key } = &step(&with_rotation, "enable-rotation").action else {
        panic!("{with_rotation:?}");
    };
    assert_eq!((*days, key), (90, &Slot::After(Output::KeyArn)));

    let without = plan(
        &fixture::first_time(),
        &wanting(KeyChoice::CreateUnlessThere(settings.clone())),
    )
    .unwrap();
    assert!(!steps(&without).contains(&"enable-rotation"));
    assert_eq!(step(&without, "create-key").action, Action::CreateKey(settings));
    assert_eq!(super::after(step(&without, "create-alias")), ["create-key"]);
}

/// What KMS doesn't tell is unknown; what deviates is said and changed by nobody.
#[test]
fn what_holds_at_creation_only_is_a_note_on_a_key_that_is_there() {
    let with = |rotation| {
        let mut observed = fixture::all_done();
        let key = Key {
            rotation,
            ..fixture::named_key(KEY)
        };
        fixture::choose_key(&mut observed, KeyRef::Alias(ALIAS.to_owned()), Some(key));
        let plan = planned(&observed);
        assert!(plan.is_empty(), "{:?}", steps(&plan));
        plan.notes.len()
    };
    assert_eq!(with(Rotation::Off), 1);
    assert_eq!(with(Rotation::On(Some(90))), 1);
    for same_or_unknown in [Rotation::On(Some(365)), Rotation::On(None), Rotation::Unknown] {
        assert_eq!(with(same_or_unknown), 0, "{same_or_unknown:?}");
    }
}

#[test]
fn the_key_of_an_interrupted_run_is_finished_not_made_again() {
    let new = Key {
        rotation: Rotation::Off,
        ..fixture::key(KEY)
    };
    let plan = planned(&interrupted(Fetched::Known(vec![new])));
    let key = value(fixture::key_arn(KEY).as_str());
    assert!(!steps(&plan).contains(&"create-key"), "{:?}", steps(&plan));
    let Action::EnableRotation { key: rotated, .. } = &step(&plan, "enable-rotation").action else {
        panic!("{plan:?}");
    };
    assert_eq!(rotated, &key);
    assert_eq!(
        step(&plan, "create-alias").action,
        Action::CreateAlias {
            alias: ALIAS.to_owned(),
            key
        }
    );

    // Rotation was switched on before the interruption.
    let plan = planned(&interrupted(Fetched::Known(vec![fixture::key(KEY)])));
    assert!(!steps(&plan).contains(&"enable-rotation"), "{:?}", steps(&plan));
}

#[test]
fn an_interrupted_creation_that_left_nothing_is_made_once_more() {
    let deleted = Key {
        state: "PendingDeletion".to_owned(),
        ..fixture::key(KEY)
    };
    for found in [Vec::new(), vec![deleted]] {
        let plan = planned(&interrupted(Fetched::Known(found)));
        assert!(steps(&plan).contains(&"create-key"), "{:?}", steps(&plan));
    }
}

#[test]
fn a_second_key_is_never_made_while_the_first_is_in_doubt() {
    let problem = Problem::service("KMS is away");
    for found in [
        Fetched::Known(vec![fixture::key(KEY), fixture::key(MRK)]),
        Fetched::Failed(problem),
        Fetched::Looking,
        Fetched::NotLooked,
    ] {
        assert_eq!(refused(&interrupted(found), &fixture::desired()).len(), 1);
    }
}

/// Chosen by its own name, a key needs nothing of the interrupted one.
#[test]
fn a_key_that_is_there_ends_the_question() {
    let mut observed = fixture::all_done();
    observed.unfinished = vec![Unfinished::Key {
        marker: "m-1".to_owned(),
        found: Fetched::Failed(Problem::service("KMS is away")),
    }];
    assert!(planned(&observed).is_empty());
}

#[test]
fn a_key_in_another_region_is_a_problem() {
    let arn = KeyArn::parse(&format!("arn:aws:kms:eu-west-1:111122223333:key/{KEY}")).unwrap();
    let mut observed = fixture::all_done();
    let key = Key {
        arn: arn.clone(),
        ..fixture::named_key(KEY)
    };
    fixture::choose_key(&mut observed, KeyRef::Arn(arn.clone()), Some(key));
    let problems = refused(&observed, &wanting(KeyChoice::Existing(KeyRef::Arn(arn))));
    assert!(problems[0].message.contains("isn't in us-east-1"), "{problems:?}");
}

#[test]
fn keys_that_were_looked_at_in_another_region_are_no_answer() {
    let mut desired = fixture::desired();
    desired.region = Region::parse("eu-west-1").unwrap();
    let problems = refused(&fixture::first_time(), &desired);
    assert_eq!(problems[0].kind, Kind::Internal, "{problems:?}");
}

/// Sent by its ID, a change of region later changes one field.
#[test]
fn a_multi_region_key_of_the_roles_account_is_sent_by_its_id() {
    let of_account = |account: &str| {
        let arn = KeyArn::parse(&format!("arn:aws:kms:us-east-1:{account}:key/{MRK}")).unwrap();
        let mut observed = fixture::all_done();
        observed.setting = Fetched::Known(fixture::setting(ACCESS_ROLE, KEY));
        let key = Key {
            arn: arn.clone(),
            ..fixture::key(MRK)
        };
        fixture::choose_key(&mut observed, KeyRef::Arn(arn.clone()), Some(key));
        let plan = plan(&observed, &wanting(KeyChoice::Existing(KeyRef::Arn(arn.clone())))).unwrap();
        let body = step(&plan, "enable-project-setting").request(fixture::PROJECT).body;
        let after = step(&plan, "put-role-policy").policy_change().unwrap().1;
        assert!(after.to_json().contains(arn.as_str()), "the policy names the ARN");
        body["awsKms"]["customerMasterKeyID"].clone()
    };
    assert_eq!(of_account(fixture::ACCOUNT), MRK);
    assert_eq!(
        of_account("444455556666"),
        format!("arn:aws:kms:us-east-1:444455556666:key/{MRK}")
    );
}
