mod outcomes;
mod prerequisites;

use serde_json::json;

use super::render::{json as as_json, text};
use super::{Check, Status, blocking, checklist};
use crate::domain::arn::{KeyArn, RoleArn};
use crate::domain::cluster::ClusterState;
use crate::domain::iam_role::NamedPolicy;
use crate::domain::key::{KeyRef, Rotation};
use crate::domain::project::RoleGrant;
use crate::domain::region::Region;
use crate::observe::fixture::{self, EXTERNAL_ID, KEY, MRK, OTHER_EXTERNAL_ID, ROLE};
use crate::observe::{Fetched, ObservedState, Unfinished};
use crate::plan::{AccessRoleChoice, Choices, ClusterChoice, KeyChoice, NewKeySettings, RoleChoice};
use crate::problem::Problem;

struct Case {
    observed: ObservedState,
    choices: Choices,
}

impl Case {
    fn first_time() -> Self {
        Self::of(fixture::first_time())
    }

    fn all_done() -> Self {
        Self::of(fixture::all_done())
    }

    fn of(observed: ObservedState) -> Self {
        Self {
            observed,
            choices: fixture::desired().into(),
        }
    }

    fn with(mut self, change: impl FnOnce(&mut ObservedState, &mut Choices)) -> Self {
        change(&mut self.observed, &mut self.choices);
        self
    }

    fn check(&self, id: &str) -> Check {
        let checks = checklist(&self.observed, &self.choices);
        checks.into_iter().find(|check| check.id == id).unwrap()
    }

    /// Asserts how a check stands, and words that what it found and advises must have.
    #[track_caller]
    fn expect(&self, id: &str, status: Status, words: &[&str]) {
        let check = self.check(id);
        assert_eq!(check.status, status, "{check:#?}");
        let told = format!("{} {}", check.found, check.fix);
        for word in words {
            assert!(told.contains(word), "{word:?} isn't in {told:?}");
        }
    }
}

fn found<T>(fetched: &mut Fetched<T>) -> &mut T {
    match fetched {
        Fetched::Known(value) => value,
        _ => panic!("the fixture knows it"),
    }
}

fn reuse(choices: &mut Choices) {
    if let Some(RoleChoice::Named { reuse, .. } | RoleChoice::Existing { reuse, .. }) = &mut choices.role {
        *reuse = true;
    }
}

#[test]
fn a_first_time_project_passes_all() {
    let case = Case::first_time();
    let checks = checklist(&case.observed, &case.choices);
    let ids: Vec<_> = checks.iter().map(|check| check.id).collect();
    assert_eq!(
        ids,
        [
            "atlas-credential",
            "project-owner",
            "api-access-list",
            "eligible-cluster",
            "chosen-clusters",
            "aws-identity",
            "aws-permissions",
            "key-usable",
            "key-region",
            "key-policy",
            "role-trust",
            "role-policy",
            "ip-restrictions",
            "policy-sizes",
            "dead-principals",
            "existing-setting",
            "key-incident",
            "backup-compliance",
            "private-networking",
        ]
    );
    for check in &checks {
        assert_eq!(check.status, Status::Passed, "{check:#?}");
        assert!(check.fix.is_empty() && !check.found.is_empty() && !check.why.is_empty());
    }
    assert!(blocking(&checks).is_empty());
}

#[test]
fn what_is_done_passes_too() {
    let case = Case::all_done();
    for check in checklist(&case.observed, &case.choices) {
        assert_eq!(check.status, Status::Passed, "{check:#?}");
    }
}

#[test]
fn nothing_looked_at_or_chosen_is_unknown_and_blocks_nothing() {
    let checks = checklist(&ObservedState::default(), &Choices::default());
    assert!(
        checks.iter().all(|check| check.status == Status::Unknown),
        "{checks:#?}"
    );
    assert!(blocking(&checks).is_empty());
}

#[test]
fn a_refused_credential_fails_and_a_service_that_does_not_answer_proves_nothing() {
    let refused = Problem::prerequisite("Atlas doesn't accept the credential").hint("check the key pair");
    let silent = Problem::service("Atlas can't be reached");
    let with = |problem: Problem| {
        Case::first_time().with(|observed, _| {
            observed.atlas_identity = Fetched::Failed(problem.clone());
            observed.aws_identity = Fetched::Failed(problem);
        })
    };
    for id in ["atlas-credential", "aws-identity"] {
        with(refused.clone()).expect(id, Status::Failed, &["doesn't accept", "check the key pair"]);
        with(silent.clone()).expect(id, Status::Unknown, &["can't be reached"]);
    }
}

#[test]
fn the_role_held_is_named() {
    let grant = |role: &str, project: Option<&str>, org: Option<&str>| RoleGrant {
        role: role.to_owned(),
        project_id: project.map(str::to_owned),
        org_id: org.map(str::to_owned),
    };
    let with = |roles: Option<Vec<RoleGrant>>| {
        Case::first_time().with(|observed, _| found(&mut observed.atlas_identity).roles = roles)
    };
    with(Some(vec![grant("GROUP_READ_ONLY", Some(fixture::PROJECT), None)])).expect(
        "project-owner",
        Status::Failed,
        &[
            "Project Read Only",
            "needs Project Owner",
            "Organization Owner can grant",
            "Orders",
            fixture::PROJECT,
        ],
    );
    with(Some(vec![grant("GROUP_OWNER", Some("ffffffffffffffffffffffff"), None)])).expect(
        "project-owner",
        Status::Failed,
        &["no role on Orders"],
    );
    with(Some(vec![grant("ORG_OWNER", None, Some(fixture::ORG))])).expect(
        "project-owner",
        Status::Warning,
        &["Organization Owner"],
    );
    with(None).expect("project-owner", Status::Unknown, &["doesn't tell"]);
}

#[test]
fn cluster_counts_add_up() {
    Case::first_time().expect(
        "eligible-cluster",
        Status::Passed,
        &[
            "2 of 4 clusters can be encrypted",
            "1 (sandbox): shared tier, needs M10 or larger",
            "1 (scratch): Flex cluster, needs M10 or larger",
        ],
    );
    Case::all_done().expect("eligible-cluster", Status::Passed, &["0 of 4", "2 already are"]);
    let none = |clusters: Vec<_>| {
        Case::first_time().with(|observed, _| {
            observed.clusters = Fetched::Known(clusters);
            observed.flex_clusters = Fetched::Known(Vec::new());
        })
    };
    none(Vec::new()).expect("eligible-cluster", Status::Failed, &["no cluster"]);
    let many = (0..7).map(|nth| fixture::shared(&format!("m0-{nth}"))).collect();
    none(many).expect("eligible-cluster", Status::Failed, &["0 of 7", "m0-4 and 2 more"]);
}

#[test]
fn each_chosen_cluster_that_is_missing_or_ineligible_is_told() {
    let chosen = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Case::first_time().with(|observed, choices| {
            choices.clusters = Some(ClusterChoice::Named(names));
            let clusters = found(&mut observed.clusters);
            clusters[0].paused = true;
            let mut busy = fixture::cluster("busy");
            busy.state = ClusterState::Repairing;
            clusters.push(busy);
        })
    };
    chosen(&["billing", "order", "busy", "sandbox", "orders"]).expect(
        "chosen-clusters",
        Status::Failed,
        &[
            "billing: paused",
            "no cluster order",
            "did you mean orders?",
            "busy: busy (REPAIRING)",
            "sandbox: shared tier",
        ],
    );
    chosen(&["orders"]).expect("chosen-clusters", Status::Passed, &["1 cluster to encrypt"]);
    chosen(&[]).expect("chosen-clusters", Status::Warning, &["encrypts nothing"]);
}

#[test]
fn an_unusable_key_fails_with_the_way_out() {
    let with = |change: fn(&mut crate::domain::key::Key)| {
        Case::first_time().with(|observed, choices| {
            let mut key = fixture::key(KEY);
            change(&mut key);
            choices.key = Some(KeyChoice::Existing(KeyRef::Id(KEY.to_owned())));
            fixture::choose_key(observed, KeyRef::Id(KEY.to_owned()), Some(key));
        })
    };
    with(|_| {}).expect(
        "key-usable",
        Status::Passed,
        &["Enabled, SYMMETRIC_DEFAULT", "rotation 365 days"],
    );
    with(|key| key.state = "Disabled".to_owned()).expect(
        "key-usable",
        Status::Failed,
        &["disabled", "aws kms enable-key --key-id 1234abcd", "--region us-east-1"],
    );
    with(|key| key.state = "PendingDeletion".to_owned()).expect(
        "key-usable",
        Status::Failed,
        &["pending deletion", "cancel-key-deletion", "enable-key"],
    );
    with(|key| key.manager = "AWS".to_owned()).expect("key-usable", Status::Failed, &["managed by AWS", "another key"]);
    with(|key| key.spec = "RSA_2048".to_owned()).expect("key-usable", Status::Failed, &["RSA_2048"]);
    with(|key| key.usage = "SIGN_VERIFY".to_owned()).expect("key-usable", Status::Failed, &["SIGN_VERIFY"]);
    with(|key| key.state = "PendingImport".to_owned()).expect("key-usable", Status::Failed, &["key material"]);
    Case::first_time()
        .with(|observed, choices| {
            choices.key = Some(KeyChoice::Existing(KeyRef::Id(KEY.to_owned())));
            fixture::choose_key(observed, KeyRef::Id(KEY.to_owned()), None);
        })
        .expect("key-usable", Status::Failed, &["there is no key", "us-east-1"]);
}

#[test]
fn a_key_that_deviates_from_what_is_asked_for_is_a_warning() {
    Case::all_done()
        .with(|observed, _| {
            let key = crate::domain::key::Key {
                rotation: Rotation::Off,
                ..fixture::named_key(KEY)
            };
            fixture::choose_key(observed, KeyRef::Alias(fixture::ALIAS.to_owned()), Some(key));
        })
        .expect(
            "key-usable",
            Status::Warning,
            &["Rotation of alias/atlas-orders is off"],
        );
}

#[test]
fn a_key_of_another_account_is_a_warning() {
    let arn = KeyArn::parse(&format!("arn:aws:kms:us-east-1:444455556666:key/{KEY}")).unwrap();
    let case = Case::first_time().with(|observed, choices| {
        let key = crate::domain::key::Key {
            arn: arn.clone(),
            ..fixture::key(KEY)
        };
        choices.key = Some(KeyChoice::Existing(KeyRef::Arn(arn.clone())));
        fixture::choose_key(observed, KeyRef::Arn(arn), Some(key));
    });
    case.expect(
        "key-usable",
        Status::Warning,
        &["444455556666", "key policy must allow"],
    );
}

#[test]
fn a_key_of_an_interrupted_run_is_the_one_judged() {
    let with = |keys: Vec<_>| {
        Case::first_time().with(|observed, _| {
            observed.unfinished = vec![Unfinished::Key {
                marker: "m".to_owned(),
                found: Fetched::Known(keys),
            }];
        })
    };
    with(vec![fixture::key(KEY)]).expect("key-usable", Status::Warning, &[KEY, "interrupted run"]);
    with(vec![fixture::key(KEY), fixture::key(MRK)]).expect("key-usable", Status::Failed, &[KEY, MRK]);
    with(Vec::new()).expect("key-usable", Status::Passed, &["will be created"]);
}

#[test]
fn regions_and_partitions_must_fit() {
    let region = |name| Some(Region::parse(name).unwrap());
    Case::first_time()
        .with(|_, choices| choices.region = region("US_GOV_WEST_1"))
        .expect("key-region", Status::Failed, &["aws-us-gov", "AWS identity", "in aws"]);
    let arn = |text: &str| KeyChoice::Existing(KeyRef::Arn(KeyArn::parse(text).unwrap()));
    Case::first_time()
        .with(|_, choices| choices.key = Some(arn(&format!("arn:aws:kms:eu-west-1:111122223333:key/{KEY}"))))
        .expect(
            "key-region",
            Status::Failed,
            &["eu-west-1", "us-east-1 (Atlas: US_EAST_1)"],
        );
    Case::first_time()
        .with(|_, choices| choices.key = Some(arn(&format!("arn:aws:kms:eu-isoe-west-1:111122223333:key/{KEY}"))))
        .expect("key-region", Status::Failed, &["where Atlas can't use keys"]);
    Case::first_time()
        .with(|_, choices| {
            let arn = RoleArn::parse("arn:aws-cn:iam::111122223333:role/x").unwrap();
            choices.role = Some(RoleChoice::Existing { arn, reuse: false });
        })
        .expect("key-region", Status::Failed, &["aws-cn", "IAM role"]);
    for spelling in ["us-east-1", "US_EAST_1", "us_east_1", " Us-East-1 "] {
        Case::all_done()
            .with(|_, choices| choices.region = region(spelling))
            .expect("key-region", Status::Passed, &["us-east-1 (Atlas: US_EAST_1)"]);
    }
}

#[test]
fn a_trust_policy_with_another_external_id_shows_both_and_whose_they_are() {
    let with = |access_roles: Vec<_>, picked: &str| {
        Case::first_time().with(|observed, choices| {
            observed.access_roles = Fetched::Known(access_roles);
            choices.access_role = AccessRoleChoice::Picked(picked.to_owned());
            fixture::choose_role(
                observed,
                ROLE,
                Some(fixture::role(ROLE, fixture::trust(OTHER_EXTERNAL_ID))),
            );
        })
    };
    let ours = fixture::access_role(fixture::ACCESS_ROLE, EXTERNAL_ID);
    let other = fixture::access_role("65f0c1a2b3c4d5e6f70819ff", OTHER_EXTERNAL_ID);
    with(vec![ours.clone(), other], fixture::ACCESS_ROLE).expect(
        "role-trust",
        Status::Warning,
        &[
            &format!("{OTHER_EXTERNAL_ID} of access role 65f0c1a2b3c4d5e6f70819ff"),
            &format!("{EXTERNAL_ID} of access role {}", fixture::ACCESS_ROLE),
            "adds one statement",
        ],
    );
    with(vec![ours], fixture::ACCESS_ROLE).expect(
        "role-trust",
        Status::Warning,
        &[OTHER_EXTERNAL_ID, "of no access role of this project", EXTERNAL_ID],
    );
}

#[test]
fn what_a_trust_policy_lacks_is_added_but_a_deny_fails() {
    let with = |trust| {
        Case::first_time().with(|observed, _| {
            fixture::choose_role(observed, ROLE, Some(fixture::role(ROLE, trust)));
        })
    };
    with(fixture::foreign_trust()).expect("role-trust", Status::Passed, &["adds one statement"]);
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "sts:*"});
    with(fixture::document(json!({"Version": "2012-10-17", "Statement": [deny]}))).expect(
        "role-trust",
        Status::Failed,
        &["explicit Deny", "\"sts:*\"", "take that Deny out"],
    );
    with(fixture::document(json!({"Version": "2012-10-17", "Statement": 3}))).expect(
        "role-trust",
        Status::Failed,
        &["can't be changed"],
    );
    let long = json!([{"Effect": "Allow", "Principal": {"AWS": "999900001111"}, "Action": "sts:AssumeRole", "Sid": "x".repeat(1_990)}]);
    let long = || with(fixture::document(json!({"Version": "2012-10-17", "Statement": long})));
    long().expect("policy-sizes", Status::Failed, &["IAM takes 2048)", "raise the quota"]);
    long().with(|observed, _| observed.quotas = Fetched::NotLooked).expect(
        "policy-sizes",
        Status::Warning,
        &["2048 by default"],
    );
    long()
        .with(|observed, _| found(&mut observed.quotas).trust = 4_096)
        .expect("policy-sizes", Status::Passed, &["IAM takes 4096)"]);
}

#[test]
fn a_role_that_is_not_there_or_belongs_to_aws_fails() {
    let existing = |arn: &str, found| {
        let arn = RoleArn::parse(arn).unwrap();
        Case::first_time().with(|observed, choices| {
            fixture::choose_role(observed, arn.name(), found);
            choices.role = Some(RoleChoice::Existing { arn, reuse: false });
        })
    };
    let arn = fixture::role_arn("gone");
    existing(arn.as_str(), None).expect("role-trust", Status::Failed, &["there is no IAM role", arn.as_str()]);
    let found = fixture::role("gone", fixture::foreign_trust());
    existing("arn:aws:iam::111122223333:role/team/gone", Some(found)).expect("role-trust", Status::Failed, &["path"]);
    let mut linked = fixture::role("x", fixture::foreign_trust());
    linked.role.arn = RoleArn::parse("arn:aws:iam::111122223333:role/aws-service-role/rds/x").unwrap();
    existing(linked.role.arn.clone().as_str(), Some(linked)).expect(
        "role-trust",
        Status::Failed,
        &["AWS, which alone can change it"],
    );
}

#[test]
fn permissions_beyond_the_key_need_to_be_accepted() {
    let with = |policy| {
        Case::first_time().with(|observed, _| {
            let mut role = fixture::ready_role(ROLE, EXTERNAL_ID, &fixture::key_arn(KEY));
            role.attached.push(policy);
            fixture::choose_role(observed, ROLE, Some(role));
            fixture::choose_key(
                observed,
                KeyRef::Alias(fixture::ALIAS.to_owned()),
                Some(fixture::named_key(KEY)),
            );
        })
    };
    let named = |statement| NamedPolicy {
        name: "arn:aws:iam::aws:policy/More".to_owned(),
        document: Some(fixture::document(
            json!({"Version": "2012-10-17", "Statement": [statement]}),
        )),
    };
    let more = || named(json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}));
    with(more()).expect("role-policy", Status::Failed, &["s3:GetObject on *", "reuse = true"]);
    with(more())
        .with(|_, choices| reuse(choices))
        .expect("role-policy", Status::Warning, &["s3:GetObject on *"]);
    with(named(
        json!({"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}),
    ))
    .with(|_, choices| reuse(choices))
    .expect("role-policy", Status::Failed, &["explicit Deny", "kms:Decrypt"]);
    let unread = NamedPolicy {
        document: None,
        ..more()
    };
    with(unread).expect("role-policy", Status::Warning, &["couldn't be read", "policy/More"]);
}

#[test]
fn what_a_role_policy_lacks_is_added_also_for_a_key_that_is_not_there_yet() {
    let role = |observed: &mut ObservedState, statement: serde_json::Value| {
        let mut role = fixture::role(ROLE, fixture::foreign_trust());
        role.inline.push(NamedPolicy {
            name: "p".to_owned(),
            document: Some(fixture::document(
                json!({"Version": "2012-10-17", "Statement": [statement]}),
            )),
        });
        fixture::choose_role(observed, ROLE, Some(role));
    };
    let old = json!({"Effect": "Allow", "Action": "kms:DescribeKey", "Resource": "*"});
    Case::first_time().with(|observed, _| role(observed, old)).expect(
        "role-policy",
        Status::Passed,
        &["the plan adds kms:Encrypt, kms:Decrypt"],
    );
    let deny = json!({"Effect": "Deny", "Action": "kms:*", "Resource": "*"});
    Case::first_time().with(|observed, _| role(observed, deny)).expect(
        "role-policy",
        Status::Failed,
        &["explicit Deny"],
    );
}

#[test]
fn another_key_in_use_is_told_with_what_a_change_means() {
    Case::all_done()
        .with(|observed, _| found(&mut observed.setting).aws.key = Some(MRK.to_owned()))
        .expect(
            "existing-setting",
            Status::Warning,
            &[MRK, KEY, "initial sync", "Keep the old key"],
        );
    Case::all_done()
        .with(|observed, choices| {
            choices.key = Some(KeyChoice::CreateUnlessThere(NewKeySettings::new("alias/new")));
            fixture::choose_key(observed, KeyRef::Alias("alias/new".to_owned()), None);
        })
        .expect("existing-setting", Status::Warning, &["one that would be created"]);
    Case::all_done()
        .with(|observed, _| found(&mut observed.setting).aws.key = Some(KEY.to_owned()))
        .expect("existing-setting", Status::Passed, &["already"]);
    Case::all_done()
        .with(|_, choices| choices.region = Some(Region::parse("eu-west-1").unwrap()))
        .expect("existing-setting", Status::Failed, &["us-east-1", "single-Region key"]);
    Case::all_done()
        .with(|observed, choices| {
            found(&mut observed.setting).aws.key = Some(MRK.to_owned());
            choices.key = Some(KeyChoice::Existing(KeyRef::Id(MRK.to_owned())));
            fixture::choose_key(observed, KeyRef::Id(MRK.to_owned()), Some(fixture::key(MRK)));
            choices.region = Some(Region::parse("eu-west-1").unwrap());
        })
        .expect(
            "existing-setting",
            Status::Warning,
            &["chosen is eu-west-1", "only the region changes"],
        );
}

#[test]
fn another_iam_role_behind_the_access_role_is_a_warning_and_another_access_role_fails() {
    Case::all_done()
        .with(|observed, choices| {
            choices.role = Some(RoleChoice::named("new"));
            fixture::choose_role(observed, "new", None);
        })
        .expect(
            "existing-setting",
            Status::Warning,
            &["points to", "chosen is new", "ENCRYPTION_AT_REST"],
        );
    Case::all_done()
        .with(|observed, choices| {
            let id = "65f0c1a2b3c4d5e6f70819ff";
            found(&mut observed.access_roles).push(fixture::access_role(id, OTHER_EXTERNAL_ID));
            choices.access_role = AccessRoleChoice::Picked(id.to_owned());
        })
        .expect("existing-setting", Status::Failed, &["picked is"]);
    Case::all_done()
        .with(|observed, _| found(&mut observed.setting).aws.role_id = Some("gone".to_owned()))
        .expect("existing-setting", Status::Failed, &["isn't listed"]);
}

#[test]
fn the_old_way_and_an_invalid_key_fail() {
    let old = Case::all_done().with(|observed, _| {
        let aws = &mut found(&mut observed.setting).aws;
        aws.role_id = None;
        aws.access_key_id = Some("AKIAIOSFODNN7EXAMPLE".to_owned());
    });
    old.expect(
        "existing-setting",
        Status::Warning,
        &["AKIA…MPLE", "IAM user", "the key stays", "can't be undone"],
    );
    assert!(!old.check("existing-setting").found.contains("IOSFODNN7"));
    Case::all_done()
        .with(|observed, _| found(&mut observed.setting).aws.valid = Some(false))
        .expect("existing-setting", Status::Failed, &["isn't valid", "first restore it"]);
    Case::all_done()
        .with(|observed, _| found(&mut observed.setting).aws.valid = None)
        .expect("existing-setting", Status::Warning, &["doesn't tell"]);
}

#[test]
fn foreign_text_is_made_safe() {
    let case = Case::first_time().with(|observed, _| {
        found(&mut observed.project).name = "\u{1b}[2J".to_owned();
        found(&mut observed.clusters)[2].name = "a\nb".to_owned();
        observed.setting = Fetched::Failed(Problem::service("\u{1b}]52;c;x\u{7}"));
    });
    let checks = checklist(&case.observed, &case.choices);
    for check in &checks {
        let told = format!("{}{}", check.found, check.fix);
        assert!(!told.chars().any(char::is_control), "{told:?}");
    }
}

#[test]
fn the_list_is_aligned_and_right_without_colour() {
    let case = Case::all_done().with(|observed, _| {
        found(&mut observed.setting).aws.valid = Some(false);
        found(&mut observed.atlas_identity).roles = None;
        fixture::choose_role(
            observed,
            ROLE,
            Some(fixture::ready_role(ROLE, EXTERNAL_ID, &fixture::key_arn(MRK))),
        );
        let disabled = crate::domain::key::Key {
            state: "Disabled".to_owned(),
            ..fixture::named_key(KEY)
        };
        observed.key_in_use.as_mut().unwrap().found = Fetched::Known(Some(disabled.clone()));
        fixture::choose_key(observed, KeyRef::Alias(fixture::ALIAS.to_owned()), Some(disabled));
    });
    let checks = checklist(&case.observed, &case.choices);
    insta::assert_snapshot!(text(&checks));
    let value = as_json(&checks);
    let keys: Vec<_> = value["checks"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "status", "found", "why", "fix", "blocks"]);
    assert_eq!(value["checks"][15]["id"], "existing-setting");
    assert_eq!(value["checks"][15]["status"], "failed");
}
