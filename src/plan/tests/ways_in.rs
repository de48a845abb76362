//! Each starting point that isn't the common one.

use serde_json::json;

use super::outcome::outcome;
use super::{
    ACCESS_ROLE, Action, EXTERNAL_ID, KEY, ROLE, Slot, after, fixture, known, plan, planned, refused, step, steps,
};
use crate::domain::arn::KeyArn;
use crate::domain::cluster::{Cluster, ClusterState, EncryptionProvider, NewCluster};
use crate::domain::key::{Grant, Key, KeyRef};
use crate::domain::policy::PolicyDocument;
use crate::domain::snapshot::Snapshot;
use crate::observe::fixture::{ALIAS, MRK, OTHER_EXTERNAL_ID};
use crate::observe::{Fetched, Lookup, ObservedState};
use crate::plan::{ClusterChoice, KeyChoice, Plan, RoleChoice, Undo};
use crate::problem::Problem;

const OLD_KEY: &str = "00000000-12ab-34cd-56ef-1234567890ab";

/// Sets the key in use, and what a look at it found.
fn use_key(observed: &mut ObservedState, key: Key) {
    let setting = &mut known(&mut observed.setting).aws;
    setting.key = Some(key.arn.to_string());
    observed.key_in_use = Some(Lookup {
        of: key.arn.to_string(),
        found: Fetched::Known(Some(key)),
    });
}

fn set_key_policy(observed: &mut ObservedState, key: &KeyArn, found: Fetched<Option<PolicyDocument>>) {
    observed.key_policy = Some(Lookup { of: key.clone(), found });
}

fn administered() -> PolicyDocument {
    fixture::document(json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "Administrators", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:role/admin" },
        "Action": "kms:*", "Resource": "*",
    }]}))
}

/// A project on an IAM user's credentials, with a key by its ARN, and nothing of ours yet.
fn on_iam_user() -> ObservedState {
    let mut observed = fixture::first_time();
    let mut setting = fixture::setting(ACCESS_ROLE, "");
    setting.aws.role_id = None;
    setting.aws.access_key_id = Some("AKIAIOSFODNN7EXAMPLE".to_owned());
    observed.setting = Fetched::Known(setting);
    use_key(&mut observed, fixture::key(OLD_KEY));
    observed.clusters = Fetched::Known(vec![fixture::encrypted("billing"), fixture::encrypted("orders")]);
    observed
}

fn keys(plan: &Plan) -> Vec<String> {
    let Action::PutRolePolicy { keys, .. } = &step(plan, "put-role-policy").action else {
        panic!("{plan:?}")
    };
    keys.iter().map(Slot::show).collect()
}

#[track_caller]
fn assert_leaves_nothing(observed: &ObservedState, plan: &Plan) {
    let again = super::plan(&outcome(observed, plan), &plan.desired);
    assert!(again.as_ref().is_ok_and(Plan::is_empty), "{again:#?}");
}

#[test]
fn a_project_on_an_iam_user_keeps_its_key_and_the_move_is_marked() {
    let mut observed = on_iam_user();
    let mut desired = fixture::desired();
    desired.key = KeyChoice::Existing(KeyRef::Arn(fixture::key_arn(OLD_KEY)));
    fixture::choose_key(&mut observed, desired.key.key_ref(), Some(fixture::key(OLD_KEY)));
    let plan = plan(&observed, &desired).unwrap();
    assert_eq!(
        steps(&plan),
        [
            "create-access-role",
            "create-iam-role",
            "put-role-policy",
            "authorize-access-role",
            "enable-project-setting"
        ]
    );
    let irreversible: Vec<_> = plan.irreversible().map(|step| step.id.as_str()).collect();
    assert_eq!(irreversible, ["enable-project-setting"]);
    assert!(matches!(step(&plan, "enable-project-setting").undo(), Undo::Never(_)));
    let told = plan.notes.join("\n");
    assert!(
        told.contains("AKIA…MPLE") && !told.contains("AKIAIOSFODNN7EXAMPLE"),
        "{told}"
    );
    assert_leaves_nothing(&observed, &plan);
}

#[test]
fn another_key_is_a_second_change_after_the_move() {
    let observed = on_iam_user();
    let plan = planned(&observed);
    assert_eq!(
        keys(&plan),
        [
            fixture::key_arn(OLD_KEY).to_string(),
            "<key ARN, known after apply>".to_owned()
        ]
    );
    let (first, second) = (step(&plan, "enable-project-setting"), step(&plan, "change-key"));
    assert_eq!(
        first.request(fixture::PROJECT).body["awsKms"]["customerMasterKeyID"],
        fixture::key_arn(OLD_KEY).as_str()
    );
    assert!(after(second).contains(&"enable-project-setting"));
    assert_eq!(plan.irreversible().count(), 1);
    assert_leaves_nothing(&observed, &plan);

    // The role needs access to the present key first: without a sight of it there is no plan.
    let mut unseen = observed;
    known(&mut unseen.setting).aws.key = Some(OLD_KEY.to_owned());
    assert!(refused(&unseen, &fixture::desired())[0].message.contains(OLD_KEY));
}

#[test]
fn both_keys_are_permitted_before_a_change_and_the_old_one_is_guarded() {
    let mut observed = fixture::all_done();
    use_key(&mut observed, fixture::key(OLD_KEY));
    let role = fixture::ready_role(ROLE, EXTERNAL_ID, &fixture::key_arn(OLD_KEY));
    fixture::choose_role(&mut observed, ROLE, Some(role));
    let of = |cluster: &str, key: &str| Snapshot {
        cluster: cluster.to_owned(),
        taken: None,
        key: Some(key.to_owned()),
    };
    observed.snapshots = Fetched::Known(vec![
        of("orders", OLD_KEY),
        of("orders", OLD_KEY),
        of("billing", OLD_KEY),
    ]);
    let plan = planned(&observed);
    assert_eq!(steps(&plan), ["put-role-policy", "enable-project-setting"]);
    let (_, document) = step(&plan, "put-role-policy").policy_change().unwrap();
    let text = document.to_json();
    assert!(text.contains(OLD_KEY) && text.contains(KEY), "{text}");
    assert!(
        plan.notes
            .iter()
            .any(|note| note.contains("3 snapshots (billing: 1, orders: 2)")),
        "{:?}",
        plan.notes
    );
    assert!(!serde_json::to_string(&plan.steps).unwrap().contains("Deletion"));
    assert_leaves_nothing(&observed, &plan);

    // An IAM role that never had the old key gets both.
    fixture::choose_role(
        &mut observed,
        ROLE,
        Some(fixture::role(ROLE, fixture::trust(EXTERNAL_ID))),
    );
    let both = planned(&observed);
    assert_eq!(
        keys(&both),
        [fixture::key_arn(OLD_KEY).to_string(), fixture::key_arn(KEY).to_string()]
    );
}

#[test]
fn to_another_region_of_a_multi_region_key_only_the_region_changes() {
    let mut observed = fixture::all_done();
    let ireland = KeyArn::parse(&format!("arn:aws:kms:eu-west-1:{}:key/{MRK}", fixture::ACCOUNT)).unwrap();
    let mut desired = fixture::desired();
    desired.region = crate::domain::region::Region::parse("eu-west-1").unwrap();
    desired.key = KeyChoice::Existing(KeyRef::Id(MRK.to_owned()));
    observed.region = Some(desired.region);
    known(&mut observed.setting).aws.key = Some(MRK.to_owned());
    observed.key_in_use = Some(Lookup {
        of: MRK.to_owned(),
        found: Fetched::Known(Some(fixture::key(MRK))),
    });
    let role = fixture::ready_role(ROLE, EXTERNAL_ID, &fixture::key_arn(MRK));
    fixture::choose_role(&mut observed, ROLE, Some(role));
    let replica = Key {
        arn: ireland.clone(),
        ..fixture::key(MRK)
    };
    fixture::choose_key(&mut observed, desired.key.key_ref(), Some(replica));
    let moved = plan(&observed, &desired).unwrap();
    assert_eq!(steps(&moved), ["put-role-policy", "enable-project-setting"]);
    assert_eq!(keys(&moved), [ireland.to_string()]);
    let body = step(&moved, "enable-project-setting").request("").body;
    assert_eq!(
        (&body["awsKms"]["customerMasterKeyID"], &body["awsKms"]["region"]),
        (&json!(MRK), &json!("EU_WEST_1"))
    );
    assert!(
        moved.notes.iter().any(|note| note.contains("nothing is re-encrypted")),
        "{:?}",
        moved.notes
    );

    // A single-Region key can't go there, and it is said why.
    desired.key = KeyChoice::Existing(KeyRef::Id(KEY.to_owned()));
    use_key(&mut observed, fixture::key(KEY));
    fixture::choose_key(&mut observed, desired.key.key_ref(), None);
    let problems = refused(&observed, &desired);
    assert!(problems[0].hints[0].contains("single-Region"), "{problems:?}");
}

#[test]
fn a_key_in_danger_leaves_only_the_way_back() {
    for (state, wanted) in [
        (
            "PendingDeletion",
            &["cancel-key-deletion", "enable-key", "await-valid"][..],
        ),
        ("Disabled", &["enable-key", "await-valid"]),
    ] {
        let mut observed = fixture::all_done();
        known(&mut observed.clusters)[0] = fixture::cluster("billing");
        known(&mut observed.setting).aws.valid = Some(false);
        let mut key = fixture::key(KEY);
        key.state = state.to_owned();
        key.deletion = "2026-12-01T00:00:00Z".parse().ok();
        use_key(&mut observed, key);
        let plan = planned(&observed);
        assert_eq!(steps(&plan), wanted);
        assert!(plan.is_way_back() && plan.notes.len() == 2, "{:?}", plan.notes);
        // Then, and only then, the rest.
        let again = super::plan(&outcome(&observed, &plan), &plan.desired).unwrap();
        assert_eq!(steps(&again), ["encrypt-cluster:billing"]);
    }
    let mut observed = fixture::all_done();
    let mut key = fixture::key(KEY);
    key.state = "PendingImport".to_owned();
    use_key(&mut observed, key);
    assert!(
        refused(&observed, &fixture::desired())[0]
            .message
            .contains("key material")
    );
}

#[test]
fn what_makes_a_setting_valid_again_comes_before_all_else() {
    let mut observed = fixture::all_done();
    known(&mut observed.setting).aws.valid = Some(false);
    known(&mut observed.clusters)[0] = fixture::cluster("billing");
    fixture::choose_role(
        &mut observed,
        ROLE,
        Some(fixture::role(ROLE, fixture::trust(EXTERNAL_ID))),
    );
    let plan = planned(&observed);
    assert_eq!(
        steps(&plan),
        ["put-role-policy", "await-valid", "encrypt-cluster:billing"]
    );
    assert_eq!(after(step(&plan, "await-valid")), ["put-role-policy"]);
    assert_eq!(after(step(&plan, "encrypt-cluster:billing")), ["await-valid"]);
    assert_leaves_nothing(&observed, &plan);
}

#[test]
fn a_key_policy_is_extended_on_request_and_else_written_out() {
    let mut observed = fixture::first_time();
    let mut desired = fixture::desired();
    fixture::choose_key(&mut observed, desired.key.key_ref(), Some(fixture::named_key(KEY)));
    let arn = fixture::key_arn(KEY);
    set_key_policy(&mut observed, &arn, Fetched::Known(Some(administered())));
    let told = plan(&observed, &desired).unwrap();
    assert_eq!(told.handouts.len(), 1);
    assert!(
        told.handouts[0].text.contains(fixture::role_arn(ROLE).as_str()),
        "{:?}",
        told.handouts
    );
    assert!(
        told.notes.iter().any(|note| note.contains("extend_policy = true")),
        "{:?}",
        told.notes
    );

    desired.extend_key_policy = true;
    let extended = plan(&observed, &desired).unwrap();
    assert!(extended.handouts.is_empty());
    assert_eq!(after(step(&extended, "update-key-policy")), ["create-iam-role"]);
    assert!(after(step(&extended, "enable-project-setting")).contains(&"update-key-policy"));
    let (before, document) = step(&extended, "update-key-policy").policy_change().unwrap();
    assert_eq!(document.statements()[..1], before.unwrap().statements()[..]);
    assert_eq!(document.statements().len(), 2);
    assert_leaves_nothing(&observed, &extended);

    // A grant does as well.
    observed.key_grants = Some(Lookup {
        of: arn,
        found: Fetched::Known(Some(vec![Grant {
            grantee: fixture::role_arn(ROLE).to_string(),
            operations: ["DescribeKey", "Encrypt", "Decrypt"].map(str::to_owned).to_vec(),
            constrained: false,
        }])),
    });
    assert!(!steps(&plan(&observed, &desired).unwrap()).contains(&"update-key-policy"));
}

#[test]
fn a_key_of_another_account_goes_to_atlas_whole_and_its_owner_is_told() {
    let foreign = KeyArn::parse(&format!("arn:aws:kms:us-east-1:444455556666:key/{MRK}")).unwrap();
    let mut observed = fixture::first_time();
    let mut desired = fixture::desired();
    desired.key = KeyChoice::Existing(KeyRef::Arn(foreign.clone()));
    let key = Key {
        arn: foreign.clone(),
        ..fixture::key(MRK)
    };
    fixture::choose_key(&mut observed, desired.key.key_ref(), Some(key));
    let denied = Fetched::Failed(Problem::service("AWS KMS refuses kms:GetKeyPolicy"));
    set_key_policy(&mut observed, &foreign, denied);
    desired.extend_key_policy = true;
    let plan = plan(&observed, &desired).unwrap();
    assert!(!steps(&plan).contains(&"update-key-policy"), "it can't be read");
    assert_eq!(plan.handouts.len(), 1);
    assert!(
        plan.notes.iter().any(|note| note.contains("444455556666")),
        "{:?}",
        plan.notes
    );
    let authorized = outcome(&observed, &plan);
    assert_eq!(
        authorized.setting.known().unwrap().aws.key.as_deref(),
        Some(foreign.as_str())
    );
}

#[test]
fn partitions_are_not_mixed_and_not_assumed() {
    let mut observed = fixture::first_time();
    let mut desired = fixture::desired();
    if let Fetched::Known(aws) = &mut observed.aws_identity {
        aws.partition = "aws-cn".to_owned();
    }
    let plan_in_china = plan(&observed, &desired).unwrap();
    assert_eq!(
        plan_in_china.iam_role,
        format!("arn:aws-cn:iam::{}:role/{ROLE}", fixture::ACCOUNT)
    );
    assert!(
        plan_in_china
            .needed_permissions()
            .iter()
            .all(|needed| !needed.resource.contains("arn:aws:"))
    );
    desired.key = KeyChoice::Existing(KeyRef::Arn(fixture::key_arn(KEY)));
    fixture::choose_key(&mut observed, desired.key.key_ref(), Some(fixture::key(KEY)));
    let problems = refused(&observed, &desired);
    assert!(
        problems[0].message.contains("aws-cn") && problems[0].message.contains("in aws:"),
        "{problems:?}"
    );
}

#[test]
fn a_role_is_created_with_its_path_and_boundary() {
    let observed = fixture::first_time();
    let mut desired = fixture::desired();
    let boundary = "arn:aws:iam::111122223333:policy/boundary";
    desired.role = RoleChoice::Named {
        name: ROLE.to_owned(),
        reuse: false,
        tags: std::collections::BTreeMap::new(),
        path: "/team/atlas/".to_owned(),
        permissions_boundary: Some(boundary.to_owned()),
    };
    let plan = plan(&observed, &desired).unwrap();
    let body = step(&plan, "create-iam-role").request(fixture::PROJECT).body;
    assert_eq!(
        (&body["Path"], &body["PermissionsBoundary"]),
        (&json!("/team/atlas/"), &json!(boundary))
    );
    assert!(
        plan.iam_role.ends_with(":role/team/atlas/atlas-cmk-orders"),
        "{}",
        plan.iam_role
    );
    assert_leaves_nothing(&observed, &plan);
}

/// The access role was deleted elsewhere, and the IAM role still demands its external ID.
#[test]
fn the_external_id_of_a_deleted_access_role_is_replaced() {
    let mut observed = fixture::all_done();
    let other = fixture::authorized("65f0c1a2b3c4d5e6f70819ff", OTHER_EXTERNAL_ID, "data-lake");
    observed.access_roles = Fetched::Known(vec![other]);
    let plan = planned(&observed);
    assert_eq!(
        steps(&plan),
        [
            "create-access-role",
            "update-trust-policy",
            "authorize-access-role",
            "enable-project-setting"
        ]
    );
    assert!(
        plan.notes.iter().any(|note| note.contains("no longer there")),
        "{:?}",
        plan.notes
    );
    let after = outcome(&observed, &plan);
    let role = after
        .chosen_role
        .as_ref()
        .unwrap()
        .found
        .known()
        .unwrap()
        .as_ref()
        .unwrap();
    let trust = role.role.trust.to_json();
    assert_eq!(role.role.trust.statements().len(), 1);
    assert!(!trust.contains(EXTERNAL_ID), "{trust}");
    assert_leaves_nothing(&observed, &plan);
}

/// Nothing shows whose it is: another project's clusters would stop.
#[test]
fn an_external_id_that_may_be_another_projects_stays() {
    let mut observed = fixture::first_time();
    fixture::choose_role(
        &mut observed,
        ROLE,
        Some(fixture::role(ROLE, fixture::trust(OTHER_EXTERNAL_ID))),
    );
    let plan = planned(&observed);
    let (_, document) = step(&plan, "update-trust-policy").policy_change().unwrap();
    assert_eq!(document.statements().len(), 2);
    assert!(
        plan.notes.iter().any(|note| note.contains(OTHER_EXTERNAL_ID)),
        "{:?}",
        plan.notes
    );
}

#[test]
fn deleted_principals_go_only_on_request() {
    let mut observed = fixture::first_time();
    let dead = "AROAEXAMPLEID12345678";
    let trust = json!({ "Version": "2012-10-17", "Statement": [
        { "Sid": "gone", "Effect": "Allow", "Principal": { "AWS": dead }, "Action": "sts:AssumeRole" },
    ]});
    fixture::choose_role(&mut observed, ROLE, Some(fixture::role(ROLE, fixture::document(trust))));
    let mut desired = fixture::desired();
    for (drop, statements) in [(false, 2), (true, 1)] {
        desired.drop_dead_principals = drop;
        let plan = plan(&observed, &desired).unwrap();
        let (_, document) = step(&plan, "update-trust-policy").policy_change().unwrap();
        assert_eq!(document.statements().len(), statements);
        assert!(plan.notes.iter().any(|note| note.contains(dead)), "{:?}", plan.notes);
        assert_leaves_nothing(&observed, &plan);
    }
}

#[test]
fn paused_and_foreign_clusters_take_their_steps_first() {
    let mut observed = fixture::all_done();
    let paused = Cluster {
        paused: true,
        ..fixture::cluster("billing")
    };
    let foreign = Cluster {
        encryption: EncryptionProvider::Gcp,
        ..fixture::cluster("orders")
    };
    observed.clusters = Fetched::Known(vec![paused, foreign]);
    let mut desired = fixture::desired();
    assert!(refused(&observed, &desired)[0].hints[0].contains("resume"));
    desired.resume = vec!["billing".to_owned()];
    let plan = plan(&observed, &desired).unwrap();
    assert_eq!(
        steps(&plan),
        [
            "release-cluster:orders",
            "encrypt-cluster:orders",
            "resume-cluster:billing",
            "encrypt-cluster:billing"
        ]
    );
    assert_eq!(after(step(&plan, "encrypt-cluster:orders")), ["release-cluster:orders"]);
    assert_eq!(
        after(step(&plan, "encrypt-cluster:billing")),
        ["resume-cluster:billing"]
    );
    assert!(
        plan.notes.iter().any(|note| note.contains("two initial syncs")),
        "{:?}",
        plan.notes
    );
    assert_leaves_nothing(&observed, &plan);

    // Every eligible cluster: one that may be resumed is meant, one on another provider's key isn't.
    desired.clusters = ClusterChoice::Eligible;
    assert_eq!(
        steps(&super::plan(&observed, &desired).unwrap()),
        ["resume-cluster:billing", "encrypt-cluster:billing"]
    );
}

#[test]
fn a_new_cluster_comes_after_the_setting_and_its_cost_is_said() {
    let mut observed = fixture::first_time();
    observed.clusters = Fetched::Known(Vec::new());
    let new = NewCluster {
        name: "fresh".to_owned(),
        provider: "AWS".to_owned(),
        region: "US_EAST_1".to_owned(),
        instance_size: "M10".to_owned(),
    };
    let mut desired = fixture::desired();
    desired.clusters = ClusterChoice::Eligible;
    desired.create = vec![new];
    let made = plan(&observed, &desired).unwrap();
    assert_eq!(after(step(&made, "create-cluster:fresh")), ["enable-project-setting"]);
    assert!(
        made.notes.iter().any(|note| note.contains("charged")),
        "{:?}",
        made.notes
    );
    assert_leaves_nothing(&observed, &made);

    // The one of an interrupted run is waited for; one that isn't encrypted is somebody else's.
    let mut creating = outcome(&observed, &made);
    known(&mut creating.clusters)[0].state = ClusterState::Creating;
    assert_eq!(steps(&plan(&creating, &desired).unwrap()), ["create-cluster:fresh"]);
    known(&mut creating.clusters)[0] = fixture::cluster("fresh");
    desired.clusters = ClusterChoice::Named(Vec::new());
    assert!(refused(&creating, &desired)[0].message.contains("fresh"));
}

#[test]
fn what_is_needed_in_aws_names_the_things_themselves() {
    let plan = planned(&fixture::first_time());
    let needed = plan.needed_permissions();
    let has = |action: &str, resource: &str| {
        needed
            .iter()
            .any(|needed| needed.action == action && needed.resource == resource)
    };
    assert!(has("iam:CreateRole", fixture::role_arn(ROLE).as_str()));
    assert!(has("kms:CreateKey", "*"));
    assert!(has(
        "kms:CreateAlias",
        &format!("arn:aws:kms:us-east-1:{}:{ALIAS}", fixture::ACCOUNT)
    ));
    assert!(planned(&fixture::all_done()).needed_permissions().is_empty());
}
