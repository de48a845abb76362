//! Every check with each outcome that it can have; those that another test asks for more closely are left out there.

use serde_json::json;

use super::{Case, found};
use crate::checklist::Status::{Failed, Passed, Unknown, Warning};
use crate::checklist::{Status, checklist};
use crate::domain::arn::{KeyArn, RoleArn};
use crate::domain::cluster::ClusterState;
use crate::domain::iam_role::{IamRoleDetail, NamedPolicy};
use crate::domain::key::{Key, KeyRef};
use crate::observe::fixture::{self, ACCESS_ROLE, ALIAS, EXTERNAL_ID, KEY, OTHER_EXTERNAL_ID, ROLE};
use crate::observe::{Fetched, Lookup, ObservedState, Unfinished};
use crate::plan::{AccessRoleChoice, Choices, ClusterChoice, KeyChoice, RoleChoice};
use crate::problem::Problem;

/// A service that doesn't answer: nothing is known.
fn away<T>() -> Fetched<T> {
    Fetched::Failed(Problem::service("the service is away").hint("try again in a minute"))
}

/// A refusal that stays.
fn refused<T>() -> Fetched<T> {
    Fetched::Failed(Problem::prerequisite("that isn't allowed to you").hint("ask who may"))
}

fn first(change: impl FnOnce(&mut ObservedState, &mut Choices)) -> Case {
    Case::first_time().with(change)
}

fn done(change: impl FnOnce(&mut ObservedState, &mut Choices)) -> Case {
    Case::all_done().with(change)
}

/// Returns a case with a key of this kind where all is done.
fn with_key(change: fn(&mut Key)) -> Case {
    done(|observed, _| {
        let mut key = fixture::named_key(KEY);
        change(&mut key);
        fixture::choose_key(observed, KeyRef::Alias(ALIAS.to_owned()), Some(key));
    })
}

/// Returns a case with an IAM role of this kind where all is done.
fn with_role(change: impl FnOnce(&mut IamRoleDetail)) -> Case {
    done(|observed, _| {
        let mut role = fixture::ready_role(ROLE, EXTERNAL_ID, &fixture::key_arn(KEY));
        change(&mut role);
        fixture::choose_role(observed, ROLE, Some(role));
    })
}

fn named(name: &str, document: &serde_json::Value) -> NamedPolicy {
    NamedPolicy {
        name: name.to_owned(),
        document: Some(fixture::document(document.clone())),
    }
}

fn unread_role<T>(found: Fetched<Option<T>>) -> Lookup<String, T> {
    Lookup {
        of: ROLE.to_owned(),
        found,
    }
}

fn unread_key(found: Fetched<Option<Key>>) -> Lookup<KeyRef, Key> {
    Lookup {
        of: KeyRef::Alias(ALIAS.to_owned()),
        found,
    }
}

/// A check, a part that isn't answered, and one that is being looked at.
type Change<'a> = (&'a str, fn(&mut ObservedState), fn(&mut ObservedState));

fn assert_unknown(parts: &[Change<'_>]) {
    for (id, away, looking) in parts {
        done(|observed, _| away(observed)).expect(id, Unknown, &["service is away", "try again in a minute"]);
        done(|observed, _| looking(observed)).expect(id, Unknown, &["being looked at"]);
    }
}

#[test]
fn what_a_service_does_not_answer_is_unknown_and_what_was_asked_for_is_being_looked_at() {
    let parts: [Change<'_>; 10] = [
        (
            "atlas-credential",
            |seen| seen.atlas_identity = away(),
            |seen| seen.atlas_identity = Fetched::Looking,
        ),
        (
            "project-owner",
            |seen| seen.project = away(),
            |seen| seen.atlas_identity = Fetched::Looking,
        ),
        (
            "eligible-cluster",
            |seen| seen.clusters = away(),
            |seen| seen.flex_clusters = Fetched::Looking,
        ),
        (
            "chosen-clusters",
            |seen| seen.flex_clusters = away(),
            |seen| seen.clusters = Fetched::Looking,
        ),
        (
            "aws-identity",
            |seen| seen.aws_identity = away(),
            |seen| seen.aws_identity = Fetched::Looking,
        ),
        (
            "key-usable",
            |seen| seen.chosen_key = Some(unread_key(away())),
            |seen| seen.chosen_key = Some(unread_key(Fetched::Looking)),
        ),
        (
            "role-trust",
            |seen| seen.chosen_role = Some(unread_role(away())),
            |seen| seen.access_roles = Fetched::Looking,
        ),
        (
            "role-trust",
            |seen| seen.access_roles = away(),
            |seen| seen.setting = Fetched::Looking,
        ),
        (
            "role-policy",
            |seen| seen.chosen_role = Some(unread_role(away())),
            |seen| seen.chosen_role = Some(unread_role(Fetched::Looking)),
        ),
        (
            "existing-setting",
            |seen| seen.setting = away(),
            |seen| seen.access_roles = Fetched::Looking,
        ),
    ];
    assert_unknown(&parts);
}

#[test]
fn the_less_common_prerequisites_are_unknown_too() {
    let parts: [Change<'_>; 9] = [
        (
            "key-policy",
            |seen| seen.chosen_key = Some(unread_key(away())),
            |seen| seen.chosen_key = Some(unread_key(Fetched::Looking)),
        ),
        (
            "ip-restrictions",
            |seen| seen.chosen_role = Some(unread_role(away())),
            |seen| seen.chosen_role = Some(unread_role(Fetched::Looking)),
        ),
        (
            "policy-sizes",
            |seen| seen.chosen_role = Some(unread_role(away())),
            |seen| seen.chosen_role = Some(unread_role(Fetched::Looking)),
        ),
        (
            "dead-principals",
            |seen| seen.chosen_role = Some(unread_role(away())),
            |seen| seen.chosen_role = Some(unread_role(Fetched::Looking)),
        ),
        (
            "key-incident",
            |seen| seen.setting = away(),
            |seen| seen.setting = Fetched::Looking,
        ),
        (
            "backup-compliance",
            |seen| seen.compliance = away(),
            |seen| seen.compliance = Fetched::Looking,
        ),
        (
            "private-networking",
            |seen| seen.setting = away(),
            |seen| seen.setting = Fetched::Looking,
        ),
        (
            "private-networking",
            |seen| {
                found(&mut seen.setting).aws.require_private_networking = Some(true);
                seen.private_endpoints = away();
            },
            |seen| {
                found(&mut seen.setting).aws.require_private_networking = Some(true);
                seen.private_endpoints = Fetched::Looking;
            },
        ),
        (
            "api-access-list",
            |seen| {
                seen.project = Fetched::NotLooked;
                seen.projects = Fetched::NotLooked;
                seen.atlas_identity = away();
            },
            |seen| {
                seen.project = Fetched::NotLooked;
                seen.projects = Fetched::NotLooked;
                seen.atlas_identity = Fetched::Looking;
            },
        ),
    ];
    assert_unknown(&parts);
}

#[test]
fn what_is_not_known_of_the_key_or_the_choice_is_unknown() {
    let keyless = |observed: &mut ObservedState, choices: &mut Choices| {
        observed.chosen_key = None;
        choices.key = None;
    };
    for id in ["key-usable", "key-region", "role-policy", "existing-setting"] {
        done(keyless).expect(id, Unknown, &["no key chosen"]);
    }
    for id in ["key-region", "role-policy", "existing-setting"] {
        done(|observed, _| observed.chosen_key = Some(unread_key(away()))).expect(id, Unknown, &["isn't known yet"]);
    }
    for id in ["role-trust", "role-policy"] {
        first(|_, choices| choices.role = None).expect(id, Unknown, &["no IAM role chosen yet"]);
    }
    first(|_, choices| choices.clusters = None).expect("chosen-clusters", Unknown, &["no cluster chosen yet"]);
    first(|_, choices| choices.region = None).expect("key-region", Unknown, &["no region chosen yet"]);
    first(|observed, choices| {
        observed.project = Fetched::NotLooked;
        choices.project_id = None;
    })
    .expect("project-owner", Unknown, &["no project chosen yet", "--project"]);
    // One key that must be there and isn't is told once, by the check that it is about.
    let missing = |observed: &mut ObservedState, choices: &mut Choices| {
        choices.key = Some(KeyChoice::Existing(KeyRef::Id(KEY.to_owned())));
        fixture::choose_key(observed, KeyRef::Id(KEY.to_owned()), None);
    };
    done(missing).expect("key-usable", Failed, &["there is no key"]);
    done(missing).expect("existing-setting", Unknown, &[]);
    done(missing).expect("role-policy", Unknown, &[]);
    let gone = fixture::role_arn("gone");
    first(|observed, choices| {
        fixture::choose_role(observed, "gone", None);
        choices.role = Some(RoleChoice::Existing {
            arn: gone,
            reuse: false,
        });
    })
    .expect("role-policy", Unknown, &["no IAM role gone"]);
}

#[test]
fn atlas_credential() {
    first(|observed, _| observed.projects = Fetched::NotLooked).expect(
        "atlas-credential",
        Passed,
        &["service account"],
    );
    first(|observed, _| observed.projects = Fetched::Known(Vec::new())).expect(
        "atlas-credential",
        Warning,
        &["sees no project", "invite it"],
    );
    first(|observed, _| observed.atlas_identity = refused()).expect("atlas-credential", Failed, &["ask who may"]);
}

#[test]
fn project_owner() {
    first(|_, _| {}).expect("project-owner", Passed, &["Project Owner of Orders"]);
    // No such project, or not one of the credential's.
    first(|observed, _| observed.project = refused()).expect("project-owner", Failed, &["isn't allowed to you"]);
}

#[test]
fn chosen_clusters() {
    let all = |observed: &mut ObservedState, choices: &mut Choices| {
        choices.clusters = Some(ClusterChoice::Eligible);
        found(&mut observed.clusters)[1] = fixture::encrypted("orders");
    };
    first(all).expect("chosen-clusters", Passed, &["every eligible cluster: 1"]);
    done(|_, choices| choices.clusters = Some(ClusterChoice::Eligible)).expect(
        "chosen-clusters",
        Warning,
        &["none to switch now"],
    );
    first(|observed, _| found(&mut observed.clusters)[1] = fixture::encrypted("orders")).expect(
        "chosen-clusters",
        Passed,
        &["1 cluster to encrypt, 1 cluster already encrypted"],
    );
}

#[test]
fn eligible_cluster() {
    let all_busy = |observed: &mut ObservedState, _: &mut Choices| {
        for cluster in found(&mut observed.clusters) {
            cluster.state = ClusterState::Updating;
        }
    };
    first(all_busy).expect(
        "eligible-cluster",
        Failed,
        &["0 of 4", "2 (billing, orders): busy (UPDATING)"],
    );
}

#[test]
fn aws_identity() {
    first(|_, _| {}).expect(
        "aws-identity",
        Passed,
        &["assumed-role/Platform/ada", fixture::ACCOUNT, "(payments-prod)"],
    );
    first(|observed, _| found(&mut observed.aws_identity).partition = "aws-iso".to_owned()).expect(
        "aws-identity",
        Failed,
        &["partition aws-iso", "aws, aws-us-gov, aws-cn"],
    );
    first(|_, choices| {
        let arn = RoleArn::parse("arn:aws:iam::444455556666:role/orders").unwrap();
        choices.role = Some(RoleChoice::Existing { arn, reuse: false });
    })
    .expect(
        "aws-identity",
        Warning,
        &["role/orders is in another account", "--aws-profile"],
    );
    first(|_, choices| {
        let arn = RoleArn::parse("arn:aws-cn:iam::111122223333:role/orders").unwrap();
        choices.role = Some(RoleChoice::Existing { arn, reuse: false });
    })
    .expect("aws-identity", Failed, &["partition aws;", "in partition aws-cn"]);
    first(|_, choices| {
        let arn = KeyArn::parse(&format!("arn:aws:kms:us-east-1:444455556666:key/{KEY}")).unwrap();
        choices.key = Some(KeyChoice::Existing(KeyRef::Arn(arn)));
    })
    .expect("aws-identity", Warning, &["the key", "is in another account"]);
}

#[test]
fn key_usable() {
    with_key(|key| key.state = Key::UNREADABLE.to_owned()).expect("key-usable", Failed, &["kms:DescribeKey"]);
    with_key(|key| key.state = "Creating".to_owned()).expect(
        "key-usable",
        Failed,
        &["Creating", "wait a moment and look again"],
    );
    let interrupted = |keys: Fetched<Vec<Key>>| {
        first(|observed, _| {
            observed.unfinished = vec![Unfinished::Key {
                marker: "m".to_owned(),
                found: keys,
            }];
        })
    };
    interrupted(away()).expect("key-usable", Unknown, &["service is away"]);
    interrupted(refused()).expect("key-usable", Failed, &["ask who may"]);
}

#[test]
fn key_region() {
    first(|_, _| {}).expect("key-region", Passed, &["will be created in us-east-1"]);
    done(|_, _| {}).expect("key-region", Passed, &["the key is in us-east-1"]);
}

#[test]
fn role_trust() {
    first(|_, _| {}).expect(
        "role-trust",
        Passed,
        &["will be created and trust exactly the principal"],
    );
    first(|observed, choices| {
        observed.access_roles = Fetched::Known(vec![fixture::access_role(ACCESS_ROLE, EXTERNAL_ID)]);
        choices.access_role = AccessRoleChoice::Picked(ACCESS_ROLE.to_owned());
    })
    .expect("role-trust", Passed, &["will be created", EXTERNAL_ID, ACCESS_ROLE]);
    first(|_, choices| choices.access_role = AccessRoleChoice::Picked(ACCESS_ROLE.to_owned())).expect(
        "role-trust",
        Failed,
        &["no longer there"],
    );
    done(|_, _| {}).expect("role-trust", Passed, &["trusts Atlas with external ID", EXTERNAL_ID]);

    let statement = |condition: serde_json::Value| {
        let mut trust = fixture::trust(EXTERNAL_ID).value().clone();
        trust["Statement"][0]["Condition"] = condition;
        fixture::document(trust)
    };
    let doubtful = statement(json!({
        "StringEquals": { "sts:ExternalId": EXTERNAL_ID },
        "IpAddress": { "aws:SourceIp": "203.0.113.0/24" },
    }));
    let narrow = || {
        let doubtful = doubtful.clone();
        with_role(|role| role.role.trust = doubtful)
    };
    narrow().expect(
        "role-trust",
        Warning,
        &["not from all of its addresses", "see ip-restrictions"],
    );
    narrow()
        .with(|observed, _| observed.control_plane = Fetched::NotLooked)
        .expect("role-trust", Unknown, &["can't be told", "is the proof"]);
    narrow()
        .with(|observed, _| observed.control_plane = Fetched::Known(vec!["203.0.113.128/25".parse().unwrap()]))
        .expect("role-trust", Passed, &["trusts Atlas with external ID"]);

    let long = json!({ "StringEquals": { "sts:ExternalId": "x".repeat(4000) } });
    with_role(|role| role.role.trust = statement(long)).expect("policy-sizes", Failed, &["4096 is the most"]);

    first(|observed, _| {
        let two = [
            (ACCESS_ROLE, EXTERNAL_ID),
            ("65f0c1a2b3c4d5e6f70819ff", OTHER_EXTERNAL_ID),
        ];
        let two = two.map(|(id, external_id)| fixture::authorized(id, external_id, ROLE));
        observed.access_roles = Fetched::Known(two.to_vec());
        let neither = fixture::role(ROLE, fixture::foreign_trust());
        fixture::choose_role(observed, ROLE, Some(neither));
    })
    .expect("role-trust", Failed, &["2 access roles belong to", "pick one"]);
}

#[test]
fn role_policy() {
    first(|_, _| {}).expect("role-policy", Passed, &["will be created with a policy"]);
    done(|_, _| {}).expect("role-policy", Passed, &["may use the key"]);
    let bounded = |document: Option<serde_json::Value>| {
        with_role(|role| {
            role.role.boundary = Some("arn:aws:iam::111122223333:policy/limit".to_owned());
            role.boundary_document =
                document.map(|statement| fixture::document(json!({"Version": "2012-10-17", "Statement": statement})));
        })
    };
    bounded(None).expect(
        "role-policy",
        Warning,
        &["policy/limit limits it", "look whether the boundary allows"],
    );
    bounded(Some(json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*"}))).expect(
        "role-policy",
        Passed,
        &["policy/limit limits it"],
    );
    bounded(Some(json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}))).expect(
        "role-policy",
        Failed,
        &[
            "policy/limit",
            "doesn't allow kms:DescribeKey",
            "whoever keeps the boundary",
        ],
    );
    let conditional = |condition: serde_json::Value| {
        let mut doubtful = fixture::key_use(&fixture::key_arn(KEY)).value().clone();
        doubtful["Statement"][0]["Condition"] = condition;
        with_role(|role| role.inline = vec![named("p", &doubtful)])
    };
    conditional(json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } })).expect(
        "role-policy",
        Passed,
        &["under a condition", "the plan adds a statement without one"],
    );
    let deny = json!({"Effect": "Deny", "Action": "kms:*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}});
    with_role(|role| {
        role.inline
            .push(named("guard", &json!({"Version": "2012-10-17", "Statement": deny})));
    })
    .expect(
        "role-policy",
        Warning,
        &["the inline policy guard", "a Deny may cover", "that is the proof"],
    );
    first(|_, choices| {
        let mut role = RoleChoice::named(ROLE);
        if let RoleChoice::Named {
            permissions_boundary, ..
        } = &mut role
        {
            *permissions_boundary = Some("arn:aws:iam::111122223333:policy/limit".to_owned());
        }
        choices.role = Some(role);
    })
    .expect(
        "role-policy",
        Warning,
        &["policy/limit", "look whether the boundary allows"],
    );
}

#[test]
fn existing_setting() {
    first(|_, _| {}).expect("existing-setting", Passed, &["no key in AWS is set up"]);
    for (azure, gcp, told) in [
        (true, false, "Azure Key Vault is set up too"),
        (false, true, "Google Cloud KMS is set up too"),
        (true, true, "Azure Key Vault and Google Cloud KMS"),
    ] {
        first(|observed, _| {
            let setting = found(&mut observed.setting);
            (setting.azure_enabled, setting.gcp_enabled) = (azure, gcp);
        })
        .expect("existing-setting", Passed, &[told]);
    }
}

/// What a check blocks doesn't depend on how it stands, and its reason is always told.
#[test]
fn every_check_says_why_it_matters_and_what_it_blocks() {
    let nothing = (ObservedState::default(), Choices::default());
    let refused = ObservedState {
        atlas_identity: refused(),
        aws_identity: refused(),
        ..ObservedState::default()
    };
    let failed = (refused, Choices::from(fixture::desired()));
    let told = |(observed, choices): (ObservedState, Choices)| {
        let checks = checklist(&observed, &choices);
        let all: Vec<_> = checks.iter().map(|check| (check.id, check.why, check.blocks)).collect();
        assert!(checks.iter().all(|check| {
            let advised = !check.fix.is_empty() || check.status != Status::Failed;
            advised && !check.found.is_empty() && !check.why.is_empty() && !check.blocks.is_empty()
        }));
        all
    };
    assert_eq!(told(nothing), told(failed));
}
