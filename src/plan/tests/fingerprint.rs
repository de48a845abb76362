//! The fingerprint: another one when something that the plan is based on changes, and only then.

use serde_json::json;

use super::{DesiredState, EXTERNAL_ID, ROLE, fixture, known, plan};
use crate::domain::access_role::AccessRole;
use crate::domain::iam_role::NamedPolicy;
use crate::domain::key::KeyRef;
use crate::domain::project::CredentialKind;
use crate::observe::fixture::{ACCESS_ROLE, ALIAS, KEY, MRK, OTHER_EXTERNAL_ID};
use crate::observe::{Fetched, ObservedState};
use crate::plan::{ClusterChoice, INLINE_POLICY, KeyChoice, RoleChoice, Rollout};

/// Returns a world where an IAM role and its policy are there and have to be changed.
fn world() -> ObservedState {
    let mut observed = fixture::first_time();
    let mut role = fixture::role(ROLE, fixture::foreign_trust());
    role.inline.push(NamedPolicy {
        name: INLINE_POLICY.to_owned(),
        document: Some(fixture::key_use(&fixture::key_arn(MRK))),
    });
    fixture::choose_role(&mut observed, ROLE, Some(role));
    observed.access_roles = Fetched::Known(vec![fixture::authorized(ACCESS_ROLE, EXTERNAL_ID, ROLE)]);
    let key = Some(fixture::named_key(KEY));
    fixture::choose_key(&mut observed, KeyRef::Alias(ALIAS.to_owned()), key);
    observed
}

fn fingerprint(observed: &ObservedState, desired: &DesiredState) -> String {
    plan(observed, desired).unwrap().fingerprint.to_string()
}

fn role(observed: &mut ObservedState) -> &mut crate::domain::iam_role::IamRoleDetail {
    let lookup = observed.chosen_role.as_mut().unwrap();
    known(&mut lookup.found).as_mut().unwrap()
}

type Change = (&'static str, fn(&mut ObservedState, &mut DesiredState));

#[test]
fn what_the_plan_is_based_on_changes_it() {
    let changes: &[Change] = &[
        ("a statement in the trust policy", |observed, _| {
            let mut trust = role(observed).role.trust.value().clone();
            trust["Statement"][0]["Condition"] = json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } });
            role(observed).role.trust = fixture::document(trust);
        }),
        ("a key in our inline policy", |observed, _| {
            role(observed).inline[0].document = Some(fixture::key_use(&fixture::key_arn(
                "00000000-12ab-34cd-56ef-1234567890ab",
            )));
        }),
        ("the inline policy is gone", |observed, _| role(observed).inline.clear()),
        ("the IAM role is gone", |observed, _| {
            fixture::choose_role(observed, ROLE, None);
        }),
        ("the setting", |observed, _| {
            known(&mut observed.setting).aws.require_private_networking = Some(true);
        }),
        ("the access role was made anew", |observed, _| {
            known(&mut observed.access_roles)[0].external_id = OTHER_EXTERNAL_ID.to_owned();
        }),
        ("the access role is gone", |observed, _| {
            known(&mut observed.access_roles).clear();
        }),
        ("the access role points elsewhere", |observed, _| {
            let roles = known(&mut observed.access_roles);
            roles[0] = AccessRole {
                features: vec![AccessRole::ENCRYPTION_AT_REST.to_owned()],
                ..fixture::authorized(ACCESS_ROLE, EXTERNAL_ID, "another")
            };
            let mut setting = fixture::setting(ACCESS_ROLE, KEY);
            setting.aws.region = None;
            observed.setting = Fetched::Known(setting);
        }),
        ("another key has the alias", |observed, _| {
            let key = Some(fixture::named_key("00000000-12ab-34cd-56ef-1234567890ab"));
            fixture::choose_key(observed, KeyRef::Alias(ALIAS.to_owned()), key);
        }),
        ("a cluster was encrypted meanwhile", |observed, _| {
            known(&mut observed.clusters)[0] = fixture::encrypted("billing");
        }),
        ("another AWS account", |observed, _| {
            known(&mut observed.aws_identity).account = "444455556666".to_owned();
        }),
        ("fewer clusters", |_, desired| {
            desired.clusters = ClusterChoice::Named(vec!["billing".to_owned()]);
        }),
        ("another order", |_, desired| desired.rollout = Rollout::OneByOne),
        ("another role", |observed, desired| {
            fixture::choose_role(observed, "another", None);
            desired.role = RoleChoice::named("another");
        }),
    ];
    let before = fingerprint(&world(), &fixture::desired());
    let mut all = vec![before];
    for (what, change) in changes {
        let (mut observed, mut desired) = (world(), fixture::desired());
        change(&mut observed, &mut desired);
        let after = fingerprint(&observed, &desired);
        assert!(!all.contains(&after), "{what}");
        all.push(after);
    }
}

#[test]
fn what_it_is_not_based_on_leaves_it() {
    let changes: &[Change] = &[
        ("nothing", |_, _| {}),
        ("time", |observed, _| observed.at = None),
        ("another cluster", |observed, _| {
            known(&mut observed.clusters).push(fixture::cluster("new"));
        }),
        ("a cluster that is not chosen", |observed, _| {
            known(&mut observed.clusters)[2].paused = true;
        }),
        ("a backup", |observed, _| {
            known(&mut observed.clusters)[0].backup = false;
        }),
        ("somebody else's access role", |observed, _| {
            known(&mut observed.access_roles).push(fixture::access_role("65f0c1a2b3c4d5e6f70819ff", OTHER_EXTERNAL_ID));
        }),
        ("a policy beside ours", |observed, _| {
            role(observed).inline.push(NamedPolicy {
                name: "theirs".to_owned(),
                document: Some(fixture::document(json!({ "Statement": [] }))),
            });
        }),
        ("lists for choosing", |observed, _| {
            observed.projects = Fetched::NotLooked;
            observed.iam_roles = Fetched::NotLooked;
            observed.keys = Fetched::NotLooked;
        }),
        ("the project's name", |observed, _| {
            known(&mut observed.project).name = "Renamed".to_owned();
        }),
        ("another credential", |observed, _| {
            known(&mut observed.atlas_identity).kind = CredentialKind::ApiKey;
            known(&mut observed.aws_identity).arn = "arn:aws:iam::111122223333:user/ada".to_owned();
        }),
        ("the key's description", |observed, _| {
            let key = crate::domain::key::Key {
                description: "Orders".to_owned(),
                ..fixture::named_key(KEY)
            };
            fixture::choose_key(observed, KeyRef::Alias(ALIAS.to_owned()), Some(key));
        }),
        ("the same things by other names", |observed, desired| {
            desired.role = RoleChoice::Existing {
                arn: fixture::role_arn(ROLE),
                reuse: true,
            };
            let arn = KeyRef::Arn(fixture::key_arn(KEY));
            fixture::choose_key(observed, arn.clone(), Some(fixture::named_key(KEY)));
            desired.key = KeyChoice::Existing(arn);
        }),
    ];
    let before = fingerprint(&world(), &fixture::desired());
    for (what, change) in changes {
        let (mut observed, mut desired) = (world(), fixture::desired());
        change(&mut observed, &mut desired);
        assert_eq!(fingerprint(&observed, &desired), before, "{what}");
    }
}
