//! Random worlds and wishes: what a plan brings about leaves nothing to do, its steps stand in order, and nothing is
//! touched that wasn't asked for.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use super::outcome::outcome;
use super::{Action, EXTERNAL_ID, KEY, Output, ROLE, Slot, StepId, fixture, plan};
use crate::domain::access_role::AccessRole;
use crate::domain::arn::KeyArn;
use crate::domain::cluster::{Cluster, ClusterState, EncryptionProvider};
use crate::domain::iam_role::{IamRoleDetail, NamedPolicy};
use crate::domain::key::{Key, KeyRef, Rotation};
use crate::domain::policy::PolicyDocument;
use crate::domain::project::EncryptionSetting;
use crate::domain::region::Region;
use crate::observe::fixture::{ALIAS, MRK, OTHER_EXTERNAL_ID};
use crate::observe::{Fetched, Lookup, ObservedState, Unfinished};
use crate::plan::{
    AccessRoleChoice, ClusterChoice, DesiredState, INLINE_POLICY, KeyChoice, NewCluster, NewKeySettings, Plan,
    RoleChoice, Rollout, SavedPlan,
};
use crate::problem::Kind;

const ACCESS_ROLES: [(&str, &str); 3] = [
    ("65f0c1a2b3c4d5e6f70819a1", EXTERNAL_ID),
    ("65f0c1a2b3c4d5e6f70819a2", OTHER_EXTERNAL_ID),
    ("65f0c1a2b3c4d5e6f70819a3", "1c2d3e4f-0000-4000-8000-00000000abcd"),
];
const DEAD: &str = "AROAEXAMPLEID12345678";
const CLUSTERS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 1024,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn access_roles() -> impl Strategy<Value = Vec<AccessRole>> {
    let one = |(id, external_id): (&'static str, &'static str)| {
        let features = subsequence(vec![AccessRole::ENCRYPTION_AT_REST, "ATLAS_DATA_LAKE"], 0..=2);
        (select(vec![None, Some(ROLE), Some("another")]), features).prop_map(move |(role, features)| AccessRole {
            features: features.into_iter().map(str::to_owned).collect(),
            ..match role {
                Some(role) => fixture::authorized(id, external_id, role),
                None => fixture::access_role(id, external_id),
            }
        })
    };
    subsequence(ACCESS_ROLES.to_vec(), 0..=3).prop_flat_map(move |some| some.into_iter().map(one).collect::<Vec<_>>())
}

fn setting() -> impl Strategy<Value = EncryptionSetting> {
    let role = select(vec![
        None,
        Some(ACCESS_ROLES[0].0),
        Some(ACCESS_ROLES[1].0),
        Some("gone"),
    ]);
    let key = select(vec![
        KEY.to_owned(),
        MRK.to_owned(),
        fixture::key_arn(KEY).to_string(),
        "00000000-12ab-34cd-56ef-1234567890ab".to_owned(),
    ]);
    let region = select(vec!["us-east-1", "eu-west-1"]);
    let valid = select(vec![Some(true), Some(true), Some(false), None]);
    let is_user = prop::bool::weighted(0.2);
    (any::<bool>(), role, key, region, valid, is_user).prop_map(|(enabled, role, key, region, valid, is_user)| {
        let mut setting = fixture::setting("", &key);
        if !enabled {
            return EncryptionSetting::default();
        }
        setting.aws.role_id = role.map(str::to_owned);
        setting.aws.region = Region::parse(region).ok();
        setting.aws.valid = valid;
        if is_user {
            setting.aws.role_id = None;
            setting.aws.access_key_id = Some("AKIAIOSFODNN7EXAMPLE".to_owned());
        }
        setting
    })
}

fn trust_statement() -> impl Strategy<Value = Value> {
    let of = |id: &str| fixture::trust(id).statements()[0].clone();
    let mut conditional = of(EXTERNAL_ID);
    conditional["Condition"]["IpAddress"] = json!({ "aws:SourceIp": "203.0.113.0/24" });
    let foreign = fixture::foreign_trust().statements()[0].clone();
    let deny = json!({ "Effect": "Deny", "Principal": { "AWS": "444455556666" }, "Action": "sts:AssumeRole" });
    let dead = json!({ "Effect": "Allow", "Principal": { "AWS": DEAD }, "Action": "sts:AssumeRole" });
    select(vec![
        dead,
        foreign,
        of(EXTERNAL_ID),
        of(OTHER_EXTERNAL_ID),
        of("of-nobody"),
        conditional,
        deny,
    ])
}

fn policy_statement() -> impl Strategy<Value = Value> {
    let of = |id: &str| fixture::key_use(&fixture::key_arn(id)).statements()[0].clone();
    let mut conditional = of(KEY);
    conditional["Condition"] = json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } });
    select(vec![
        of(KEY),
        of(MRK),
        conditional,
        json!({ "Effect": "Allow", "Action": "kms:*", "Resource": "*" }),
        json!({ "Effect": "Allow", "Action": "kms:Encrypt", "Resource": fixture::key_arn(KEY).as_str() }),
        json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" }),
        json!({ "Effect": "Deny", "Action": "kms:ScheduleKeyDeletion", "Resource": "*" }),
    ])
}

fn document(statements: &[Value]) -> crate::domain::policy::PolicyDocument {
    fixture::document(json!({ "Version": "2012-10-17", "Statement": statements }))
}

fn iam_role() -> impl Strategy<Value = Option<IamRoleDetail>> {
    let policy = || prop::option::of(prop::collection::vec(policy_statement(), 0..3));
    let trust = prop::collection::vec(trust_statement(), 1..4);
    let role = (trust, policy(), policy(), policy()).prop_map(|(trust, ours, theirs, attached)| {
        let named = |name: &str, statements: Vec<Value>| NamedPolicy {
            name: name.to_owned(),
            document: Some(document(&statements)),
        };
        let mut detail = fixture::role(ROLE, document(&trust));
        detail
            .inline
            .extend(theirs.map(|statements| named("theirs", statements)));
        detail
            .inline
            .extend(ours.map(|statements| named(INLINE_POLICY, statements)));
        detail
            .attached
            .extend(attached.map(|statements| named("attached", statements)));
        detail
    });
    prop::option::of(role)
}

fn key() -> impl Strategy<Value = Key> {
    let rotation = select(vec![Rotation::Off, Rotation::On(Some(365)), Rotation::Unknown]);
    (select(vec![KEY, MRK]), rotation).prop_map(|(id, rotation)| Key {
        rotation,
        ..fixture::key(id)
    })
}

fn clusters() -> impl Strategy<Value = Vec<Cluster>> {
    let one = |name: &'static str| {
        let encryption = select(vec![
            EncryptionProvider::None,
            EncryptionProvider::None,
            EncryptionProvider::Aws,
            EncryptionProvider::Gcp,
        ]);
        let state = select(vec![ClusterState::Idle, ClusterState::Idle, ClusterState::Updating]);
        (encryption, state, prop::bool::weighted(0.1)).prop_map(move |(encryption, state, paused)| Cluster {
            state,
            paused,
            encryption,
            ..fixture::cluster(name)
        })
    };
    subsequence(CLUSTERS.to_vec(), 0..=6).prop_flat_map(move |some| some.into_iter().map(one).collect::<Vec<_>>())
}

fn unfinished() -> impl Strategy<Value = Vec<Unfinished>> {
    let access_role = subsequence(ACCESS_ROLES.to_vec(), 0..=2).prop_map(|found| Unfinished::AccessRole {
        found: found.into_iter().map(|(id, _)| id.to_owned()).collect(),
    });
    let key = prop::collection::vec(key(), 0..=1).prop_map(|found| Unfinished::Key {
        marker: "m-1".to_owned(),
        found: Fetched::Known(found),
    });
    (prop::option::of(access_role), prop::option::of(key))
        .prop_map(|(access_role, key)| access_role.into_iter().chain(key).collect())
}

/// Returns what a look at the key in use found: its state, where it was looked at.
fn state_in_use() -> impl Strategy<Value = Option<&'static str>> {
    select(vec![
        None,
        Some("Enabled"),
        Some("Enabled"),
        Some("Disabled"),
        Some("PendingDeletion"),
    ])
}

fn look_at_key_in_use(observed: &mut ObservedState, state: &str) {
    let Some(aws) = observed.setting.known().map(|setting| setting.aws.clone()) else {
        return;
    };
    let (Some(of), Some(region)) = (aws.key, aws.region) else {
        return;
    };
    let id = of.rsplit('/').next().unwrap();
    let arn = format!("arn:aws:kms:{}:{}:key/{id}", region.aws(), fixture::ACCOUNT);
    let key = Key {
        arn: KeyArn::parse(&arn).unwrap(),
        state: state.to_owned(),
        ..fixture::key(id)
    };
    observed.key_in_use = Some(Lookup {
        of,
        found: Fetched::Known(Some(key)),
    });
}

fn key_policy() -> impl Strategy<Value = Option<PolicyDocument>> {
    let to = |principal: &str| json!({ "Effect": "Allow", "Principal": { "AWS": principal }, "Action": "kms:*", "Resource": "*" });
    let documents = select(vec![
        to("arn:aws:iam::111122223333:root"),
        to("arn:aws:iam::111122223333:role/admin"),
    ]);
    prop::option::of(documents.prop_map(|statement| document(&[statement])))
}

fn world() -> impl Strategy<Value = ObservedState> {
    let named = key().prop_map(|key| Key {
        aliases: vec![ALIAS.to_owned()],
        ..key
    });
    let parts = (
        access_roles(),
        setting(),
        iam_role(),
        prop::option::of(named),
        clusters(),
        unfinished(),
        (state_in_use(), key_policy()),
    );
    parts.prop_map(
        |(access_roles, setting, role, key, clusters, unfinished, (state, key_policy))| {
            let mut observed = fixture::first_time();
            observed.access_roles = Fetched::Known(access_roles);
            observed.setting = Fetched::Known(setting);
            observed.clusters = Fetched::Known(clusters);
            observed.unfinished = unfinished;
            if let Some(state) = state {
                look_at_key_in_use(&mut observed, state);
            }
            if let (Some(key), Some(_)) = (&key, &key_policy) {
                observed.key_policy = Some(Lookup {
                    of: key.arn.clone(),
                    found: Fetched::Known(key_policy),
                });
            }
            fixture::choose_role(&mut observed, ROLE, role);
            fixture::choose_key(&mut observed, KeyRef::Alias(ALIAS.to_owned()), key);
            observed
        },
    )
}

/// Returns a wish that goes with a world: what it names was looked up there.
fn wish() -> impl Strategy<Value = DesiredState> {
    let role = select(vec![
        RoleChoice::Existing {
            arn: fixture::role_arn(ROLE),
            reuse: true,
        },
        RoleChoice::named(ROLE),
    ]);
    let key = (any::<bool>(), any::<bool>(), prop::option::of(90_u16..2560)).prop_map(
        |(must_exist, multi_region, rotation_days)| {
            if must_exist {
                return KeyChoice::Existing(KeyRef::Alias(ALIAS.to_owned()));
            }
            KeyChoice::CreateUnlessThere(NewKeySettings {
                rotation_days,
                multi_region,
                ..NewKeySettings::new(ALIAS)
            })
        },
    );
    let access_role = prop_oneof![
        4 => Just(AccessRoleChoice::Recognized),
        1 => Just(AccessRoleChoice::New),
        1 => select(ACCESS_ROLES.to_vec()).prop_map(|(id, _)| AccessRoleChoice::Picked(id.to_owned())),
    ];
    let clusters = prop_oneof![
        Just(ClusterChoice::Eligible),
        subsequence(CLUSTERS.to_vec(), 0..=2)
            .prop_map(|names| ClusterChoice::Named(names.into_iter().map(str::to_owned).collect())),
    ];
    let rollout = select(vec![Rollout::Together, Rollout::Canary, Rollout::OneByOne]);
    let resume = subsequence(CLUSTERS.to_vec(), 0..=2)
        .prop_map(|names| names.into_iter().map(str::to_owned).collect::<Vec<_>>());
    let create = prop::option::weighted(0.2, select(vec!["f", "new"])).prop_map(|name| {
        name.map(|name| NewCluster {
            name: name.to_owned(),
            provider: "AWS".to_owned(),
            region: "US_EAST_1".to_owned(),
            instance_size: "M10".to_owned(),
        })
    });
    let rest = (
        prop::option::weighted(0.3, resume),
        create,
        any::<bool>(),
        any::<bool>(),
        prop::option::weighted(0.2, select(vec!["atlas-cmk-aws", "../admin"])),
    );
    (role, access_role, key, clusters, rollout, rest).prop_map(
        |(role, access_role, key, clusters, rollout, (resume, create, extend, drop, half))| DesiredState {
            role,
            access_role,
            key,
            clusters,
            rollout,
            resume: resume.unwrap_or_default(),
            create: create.into_iter().collect(),
            extend_key_policy: extend,
            drop_dead_principals: drop,
            aws_half: half.map(str::to_owned),
            ..fixture::desired()
        },
    )
}

/// Returns the values that a step's values come from, itself aside, however far back.
fn brought_about_before(plan: &Plan, id: &StepId) -> BTreeSet<Output> {
    let step = plan.step(id).unwrap();
    let mut outputs = BTreeSet::new();
    for earlier in &step.depends_on {
        outputs.extend(plan.step(earlier).unwrap().produces());
        outputs.extend(brought_about_before(plan, earlier));
    }
    outputs
}

/// Every step is there once, stands behind those that it depends on, and through them has every value that it needs.
fn assert_order(plan: &Plan) {
    let mut before = BTreeSet::new();
    for step in &plan.steps {
        assert!(
            step.depends_on.iter().all(|id| before.contains(id)),
            "{step:?} stands too early"
        );
        let there = brought_about_before(plan, &step.id);
        assert!(
            step.needs().iter().all(|output| there.contains(output)),
            "{step:?} can begin before it has what it needs"
        );
        assert!(before.insert(step.id.clone()), "{} twice", step.id);
    }
}

/// Every name in a step is one that was asked for, or that belongs to what was asked for.
fn assert_asked_for(plan: &Plan, observed: &ObservedState) {
    let desired = &plan.desired;
    let role_arn = fixture::role_arn(desired.role.name());
    let access_roles = observed.access_roles.known().unwrap();
    let is_ours = |slot: &Slot| match slot {
        Slot::After(output) => *output == Output::AccessRoleId,
        Slot::Known(id) => access_roles.iter().any(|role| role.role_id == *id),
    };
    let is_role = |slot: &Slot| match slot {
        Slot::After(output) => *output == Output::IamRoleArn,
        Slot::Known(arn) => arn == role_arn.as_str(),
    };
    for step in &plan.steps {
        let asked_for = match &step.action {
            Action::CreateAccessRole => true,
            Action::CreateIamRole { name, .. } => name == desired.role.name(),
            Action::UpdateTrustPolicy { role, .. } => role == desired.role.name(),
            Action::PutRolePolicy { role, policy, .. } => role == desired.role.name() && policy == INLINE_POLICY,
            Action::CreateKey(settings) => desired.key == KeyChoice::CreateUnlessThere(settings.clone()),
            Action::CreateAlias { alias, .. } => desired.key.key_ref() == KeyRef::Alias(alias.clone()),
            Action::EnableRotation { days, .. } => {
                matches!(&desired.key, KeyChoice::CreateUnlessThere(new) if new.rotation_days == Some(*days))
            }
            Action::AuthorizeAccessRole {
                access_role, iam_role, ..
            } => is_ours(access_role) && is_role(iam_role),
            Action::EnableProjectSetting {
                access_role,
                iam_role,
                region,
                before,
                ..
            } => {
                let at = *region == desired.region || before.uses_iam_user();
                is_ours(access_role) && is_role(iam_role) && at
            }
            Action::EncryptCluster { name } => match &desired.clusters {
                ClusterChoice::Eligible => true,
                ClusterChoice::Named(names) => names.contains(name),
            },
            Action::ResumeCluster { name } => desired.resume.contains(name),
            Action::ReleaseCluster { name, .. } => {
                matches!(&desired.clusters, ClusterChoice::Named(names) if names.contains(name))
            }
            Action::CreateCluster(new) => desired.create.contains(new),
            Action::UpdateKeyPolicy { iam_role, .. } => desired.extend_key_policy && is_role(iam_role),
            Action::CancelKeyDeletion { key } | Action::EnableKey { key } => {
                let lookup = observed.key_in_use.as_ref().unwrap();
                lookup
                    .found
                    .known()
                    .unwrap()
                    .as_ref()
                    .is_some_and(|used| used.arn == *key)
            }
            Action::AwaitValid => observed.setting.known().unwrap().aws.enabled,
        };
        assert!(asked_for, "{step:?}");
    }
    // One access role, the same in every step.
    let mut used = plan.steps.iter().filter_map(|step| match &step.action {
        Action::AuthorizeAccessRole { access_role, .. } | Action::EnableProjectSetting { access_role, .. } => {
            Some(access_role)
        }
        _ => None,
    });
    if let Some(first) = used.next() {
        assert!(used.all(|other| other == first));
    }
}

/// Beside what its steps name, a plan leaves everything as it was.
fn assert_rest_untouched(plan: &Plan, before: &ObservedState, after: &ObservedState) {
    let used: BTreeSet<String> = plan
        .steps
        .iter()
        .filter_map(|step| match &step.action {
            Action::AuthorizeAccessRole { access_role, .. } | Action::EnableProjectSetting { access_role, .. } => {
                Some(access_role.show())
            }
            _ => None,
        })
        .collect();
    let after_roles = after.access_roles.known().unwrap();
    for role in before.access_roles.known().unwrap() {
        assert!(used.contains(&role.role_id) || after_roles.contains(role), "{role:?}");
    }
    let named: BTreeSet<_> = plan.clusters().collect();
    let pairs = before
        .clusters
        .known()
        .unwrap()
        .iter()
        .zip(after.clusters.known().unwrap());
    for (old, new) in pairs {
        assert!(named.contains(old.name.as_str()) || old == new, "{new:?}");
    }
    let role = |observed: &ObservedState| {
        let lookup = observed.chosen_role.clone().unwrap();
        lookup.found.known().cloned().unwrap()
    };
    if let (Some(old), Some(new)) = (role(before), role(after)) {
        let (had, has) = (old.role.trust.statements(), new.role.trust.statements());
        let mend = plan.steps.iter().find_map(|step| match &step.action {
            Action::UpdateTrustPolicy { mend, .. } => Some(mend),
            _ => None,
        });
        // Of the statements that were there only the replaced external ID's and deleted principals' are others now.
        let stays = |statement: &&&Value| {
            let replaced = mend.and_then(|mend| mend.replaces.as_deref());
            let text = statement.to_string();
            let names_the_old_id = replaced.is_some_and(|id| text.contains(id));
            let names_the_dead = mend.is_some_and(|mend| mend.drops_dead) && text.contains(DEAD);
            !names_the_old_id && !names_the_dead
        };
        let kept: Vec<_> = had.iter().filter(stays).collect();
        let mut left = has.iter();
        assert!(
            kept.iter().all(|statement| left.any(|now| *now == **statement)),
            "every statement stays"
        );
        assert!(has.len() <= had.len() + 1);
        let theirs = |detail: &IamRoleDetail| {
            let others = detail.policies().filter(|policy| policy.name != INLINE_POLICY);
            others.cloned().collect::<Vec<_>>()
        };
        assert_eq!(theirs(&old), theirs(&new));
    }
    assert_eq!(before.flex_clusters, after.flex_clusters);
    assert_eq!(before.project, after.project);
}

fn enables_key(plan: &Plan) -> bool {
    plan.steps
        .iter()
        .any(|step| matches!(step.action, Action::EnableKey { .. }))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_plan_leaves_nothing_to_do_and_touches_nothing_else(observed in world(), desired in wish()) {
        let plan = match plan(&observed, &desired) {
            Ok(plan) => plan,
            Err(problems) => {
                prop_assert!(!problems.is_empty());
                prop_assert!(problems.iter().all(|problem| problem.kind == Kind::Prerequisite), "{problems:?}");
                return Ok(());
            }
        };
        let text = SavedPlan::new("https://cloud.mongodb.com", None, plan.clone()).to_text().unwrap();
        prop_assert_eq!(SavedPlan::read(&text, "plan.json").map(|saved| saved.plan), Ok(plan.clone()));
        assert_order(&plan);
        assert_asked_for(&plan, &observed);
        let after = outcome(&observed, &plan);
        assert_rest_untouched(&plan, &observed, &after);
        let again = super::plan(&after, &desired);
        if enables_key(&plan) {
            // Everything else waited for this.
            prop_assert!(!again.as_ref().is_ok_and(enables_key), "{again:#?}");
            return Ok(());
        }
        prop_assert!(again.as_ref().is_ok_and(Plan::is_empty), "{again:#?}");
    }

    /// An interrupted run carried out part of a plan: what is planned then does the rest, and nothing twice.
    #[test]
    fn what_is_planned_after_a_part_is_the_rest(desired in wish(), observed in world(), kept in 0_usize..10) {
        let Ok(whole) = plan(&observed, &desired) else { return Ok(()) };
        let mut part = whole.clone();
        part.steps.truncate(kept);
        // The journal finds a key without its alias and an access role without an owner; here only whole things count.
        let makes = |step: &super::Step| {
            matches!(step.action, Action::CreateKey(_) | Action::CreateAccessRole | Action::CreateAlias { .. })
        };
        if whole.steps.iter().any(makes) || enables_key(&whole) {
            return Ok(());
        }
        let rest = plan(&outcome(&observed, &part), &desired).unwrap();
        let mut left = whole.steps.get(kept..).unwrap_or_default().iter();
        for step in &rest.steps {
            // After the move to an access role, what is left is a plain change of key.
            let is_it = |planned: &StepId| *planned == step.id || planned.as_str() == "change-key" && step.id.as_str() == "enable-project-setting";
            prop_assert!(left.any(|planned| is_it(&planned.id)), "{} was done, or wasn't planned", step.id);
        }
    }
}
