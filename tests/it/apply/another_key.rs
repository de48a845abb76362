//! A project that is set up moves to another key, or to another region of its key: what is asked, what is waited for, and
//! what is there afterwards.

use atlas_cmk::domain::arn::KeyArn;
use atlas_cmk::domain::key::KeyRef;
use atlas_cmk::domain::region::Region;
use atlas_cmk::plan::KeyChoice;
use atlas_cmk::simulator::world::RoleDocuments;
use atlas_cmk::verify;
use futures::future::join_all;

use super::{SETTING, refused};
use crate::support::rig::{Rig, SETTLED, SPEED};
use crate::support::wire::changes;

const LOYALTY: &str = "67c4a8e20d5b1f7936ec8a40";
const MULTI_REGION: &str = "mrk-8a5d3f0c71e94b62a0d7c6e8f5139b24";
const NEXT_KEY: &str = "arn:aws:kms:eu-central-1:444455556666:key/c07e9b45-2f6d-4831-b9a8-0d3c5e71f6a2";

/// From where to where.
#[derive(Clone, Copy, Debug)]
enum Move {
    /// To another key, which the IAM role may not use yet.
    Key,
    /// To the replica of the key in another region, which the IAM role may use already.
    Region,
    /// The same where the IAM role may use the key in its first region alone.
    UnpermittedRegion,
}

fn replica() -> String {
    format!("arn:aws:kms:us-west-2:555566667777:key/{MULTI_REGION}")
}

impl Move {
    async fn rig(self, propagation: &str) -> Rig {
        let (scenario, role, key, clusters) = match self {
            Self::Key => (
                "another-key",
                "atlas-cmk-records",
                NEXT_KEY.to_owned(),
                ["records", "imaging"],
            ),
            Self::Region | Self::UnpermittedRegion => ("multi-region", "atlas-cmk-loyalty", replica(), ["loyalty"; 2]),
        };
        let mut rig = Rig::of(scenario, propagation, SPEED)
            .await
            .with_clusters(&clusters)
            .with_role(role);
        let arn = KeyArn::parse(&key).unwrap();
        if !matches!(self, Self::Key) {
            LOYALTY.clone_into(&mut rig.desired.project_id);
            rig.desired.region = Region::parse("us-west-2").unwrap();
            rig.clouds.aws = rig.clouds.aws.with_region(rig.desired.region);
        }
        rig.desired.key = KeyChoice::Existing(KeyRef::Arn(arn));
        if matches!(self, Self::UnpermittedRegion) {
            rig.control.edit(|world| {
                let documents = &mut world.aws.role_mut(role).unwrap().documents;
                let narrow = |documents: &mut RoleDocuments| {
                    for (_, text) in &mut documents.inline {
                        *text = text.replace("us-west-2", "us-east-1");
                    }
                };
                documents.change(narrow, 0);
            });
        }
        rig
    }
}

#[tokio::test]
async fn a_change_of_region_is_one_field_and_re_encrypts_nothing() {
    let rig = Move::Region.rig(SETTLED).await;
    let before = rig.project();
    assert_eq!(before["aws_kms"]["region"], "US_EAST_1");
    let plan = rig.plan().await;
    assert!(
        plan.notes.iter().any(|note| note.contains("nothing is re-encrypted")),
        "{:?}",
        plan.notes
    );
    let _ = rig.carry_out(&plan).await.completed();
    assert_eq!(changes(&rig.control), ["enableEncryptionAtRest"]);

    let after = rig.project();
    assert_eq!(after["aws_kms"]["region"], "US_WEST_2");
    assert_eq!(after["aws_kms"]["role_id"], before["aws_kms"]["role_id"]);
    assert!(
        after["aws_kms"]["key"].as_str().unwrap().ends_with(MULTI_REGION),
        "{after:#}"
    );
    assert_eq!(after["clusters"], before["clusters"]);
    assert!(rig.plan().await.is_empty());

    let evidence = verify::look(&rig.clouds, LOYALTY).await.unwrap();
    assert!(!evidence.is_at_risk(), "{}", verify::text(&evidence));
    let told = verify::text(&evidence);
    assert!(told.contains("us-west-2") || told.contains("US_WEST_2"), "{told}");
}

#[tokio::test]
async fn a_region_whose_key_is_not_permitted_yet_is_permitted_first() {
    let rig = Move::UnpermittedRegion.rig(SETTLED).await;
    let _ = rig.apply().await.completed();
    assert_eq!(changes(&rig.control), ["iam:PutRolePolicy", "enableEncryptionAtRest"]);
    let policies = rig.iam_role("atlas-cmk-loyalty").unwrap()["documents"].to_string();
    assert!(
        policies.contains("us-east-1") && policies.contains("us-west-2"),
        "{policies}"
    );
    assert_eq!(rig.project()["aws_kms"]["region"], "US_WEST_2");
}

/// The simulator's own lag: the first answers say that the role may not, and the run goes on.
#[tokio::test]
async fn what_has_not_spread_yet_is_waited_for() {
    for way in [Move::Key, Move::UnpermittedRegion] {
        let rig = way
            .rig("[propagation]\ntrust = 0\npermissions = 3\nkey_policy = 0\n")
            .await;
        let told = rig.apply().await.completed();
        let codes: Vec<_> = told.attempts(SETTING.1).into_iter().map(|one| one.code).collect();
        assert!(!codes.is_empty(), "{way:?}");
        let code = Some("NO_PERMISSION_TO_ENCRYPT_DECRYPT".to_owned());
        assert!(codes.iter().all(|one| *one == code), "{way:?}: {codes:?}");
    }
}

/// The move, the refusal, and the seconds for which it is waited out: as on first set-up wherever this run has changed
/// IAM, and none where it hasn't.
#[tokio::test]
async fn each_not_yet_counts_where_this_run_gives_a_reason() {
    use Move::{Key, Region as SameKey, UnpermittedRegion};
    let rows = [
        (Key, 400, "CANNOT_ASSUME_ROLE", 180),
        (Key, 400, "INVALID_AWS_CREDENTIALS", 180),
        (Key, 400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT", 180),
        (Key, 400, "", 180),
        (Key, 405, "WRITES_NOT_ALLOWED_DURING_APP_UPGRADES", 600),
        (Key, 404, "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND", 0),
        (Key, 400, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED", 0),
        (Key, 400, "AWS_KMS_CUSTOMER_MASTER_KEY_NOT_ENABLED", 0),
        (UnpermittedRegion, 400, "CANNOT_ASSUME_ROLE", 180),
        (UnpermittedRegion, 400, "INVALID_AWS_CREDENTIALS", 180),
        (UnpermittedRegion, 400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT", 180),
        (UnpermittedRegion, 400, "", 180),
        (UnpermittedRegion, 404, "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND", 0),
        (SameKey, 400, "CANNOT_ASSUME_ROLE", 180),
        (SameKey, 405, "WRITES_NOT_ALLOWED_DURING_APP_UPGRADES", 600),
        (SameKey, 400, "INVALID_AWS_CREDENTIALS", 0),
        (SameKey, 400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT", 0),
        (SameKey, 400, "", 0),
        (SameKey, 404, "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND", 0),
        (SameKey, 400, "AWS_KMS_REGION_NOT_SUPPORTED", 0),
    ];
    join_all(rows.map(|(way, status, code, seconds)| async move {
        let (operation, step) = SETTING;
        let rig = way.rig(SETTLED).await;
        rig.control.fault(refused(operation, status, code).calls(1..=2));
        let told = rig.apply().await;
        if seconds == 0 {
            let told = told.failed(&[step]);
            assert_eq!(rig.control.count(operation), 1, "{way:?} {code}");
            assert!(!told.problem(step).hints.is_empty(), "{way:?} {code}");
            return;
        }
        let told = told.completed();
        assert_eq!(rig.control.count(operation), 3, "{way:?} {code}");
        let limits: Vec<_> = told.attempts(step).iter().map(|attempt| attempt.limit_ms).collect();
        assert_eq!(limits, [Some(seconds * 1000 / 200); 2], "{way:?} {code}");
    }))
    .await;
}

/// What Atlas meets is found in the policies, and the first statement in the way is named; the setting that was there
/// stays.
#[tokio::test]
async fn after_the_limit_the_first_thing_in_the_way_is_named() {
    for way in [Move::Key, Move::UnpermittedRegion] {
        let rig = way.rig(SETTLED).await;
        let before = rig.project()["aws_kms"].clone();
        let plan = rig.plan().await;
        let role = rig.desired.role.name().to_owned();
        let KeyRef::Arn(key) = rig.desired.key.key_ref() else {
            panic!("it is wanted by its ARN");
        };
        let deny = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"NoMore","Effect":"Deny","Action":"kms:Decrypt","Resource":"{key}"}}]}}"#
        );
        rig.control.edit(|world| {
            let documents = &mut world.aws.role_mut(&role).unwrap().documents;
            let add = |documents: &mut RoleDocuments| {
                documents.inline.push(("somebody-elses".to_owned(), deny));
            };
            documents.change(add, 0);
        });
        let told = rig.carry_out(&plan).await.failed(&[SETTING.1]);
        let hints = told.problem(SETTING.1).hints.join("\n");
        for words in [
            "what stands in the way is",
            "NoMore",
            "somebody-elses",
            "it was tried for 1",
        ] {
            assert!(hints.contains(words), "{way:?}: {words:?} isn't in {hints}");
        }
        assert_eq!(rig.project()["aws_kms"], before, "{way:?}");
        assert!((5..=100).contains(&rig.control.count(SETTING.0)), "{way:?}");
    }
}
