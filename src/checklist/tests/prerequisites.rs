//! The checks of the less common prerequisites, each with every outcome.

use serde_json::{Value, json};

use super::{Case, found};
use crate::checklist::Status::{Failed, Passed, Unknown, Warning};
use crate::checklist::{blocking, blocking_plan, checklist};
use crate::domain::arn::KeyArn;
use crate::domain::cluster::{ClusterState, EncryptionProvider};
use crate::domain::iam_role::NamedPolicy;
use crate::domain::key::{Key, KeyRef};
use crate::domain::permission::{NeededPermission, SimulatedPermission};
use crate::domain::policy::{dead_principals, default_key_policy};
use crate::domain::project::{CompliancePolicy, CredentialKind, PrivateEndpoint, RegionRestriction};
use crate::domain::region::Region;
use crate::observe::fixture::{self, ACCESS_ROLE, ACCOUNT, EXTERNAL_ID, KEY, ROLE};
use crate::observe::{Fetched, Lookup, ObservedState};
use crate::plan::{Choices, ClusterChoice, KeyChoice, NewCluster, plan};
use crate::problem::Problem;

const ROOT: &str = "arn:aws:iam::111122223333:root";
const DEAD: &str = "AROAEXAMPLEID12345678";

fn first(change: impl FnOnce(&mut ObservedState, &mut Choices)) -> Case {
    Case::first_time().with(change)
}

fn done(change: impl FnOnce(&mut ObservedState, &mut Choices)) -> Case {
    Case::all_done().with(change)
}

fn statements(statements: &Value) -> crate::domain::policy::PolicyDocument {
    fixture::document(json!({"Version": "2012-10-17", "Statement": statements}))
}

fn inline(name: &str, all: &Value) -> NamedPolicy {
    NamedPolicy {
        name: name.to_owned(),
        document: Some(statements(all)),
    }
}

/// Returns a case where all is done, with another key policy.
fn key_policy(all: &Value) -> Case {
    done(|observed, _| {
        observed.key_policy = Some(Lookup {
            of: fixture::key_arn(KEY),
            found: Fetched::Known(Some(statements(all))),
        });
    })
}

fn clusters(names: &[&str]) -> ClusterChoice {
    ClusterChoice::Named(names.iter().map(|name| (*name).to_owned()).collect())
}

fn new_cluster(name: &str, size: &str) -> NewCluster {
    NewCluster {
        name: name.to_owned(),
        provider: "AWS".to_owned(),
        region: "EU_WEST_1".to_owned(),
        instance_size: size.to_owned(),
    }
}

#[test]
fn atlas_credential_whose_secret_ends() {
    let ends = |at: &str| first(|observed, _| found(&mut observed.atlas_identity).secret_expires = at.parse().ok());
    ends("2026-11-24T00:00:00Z").expect(
        "atlas-credential",
        Warning,
        &["ended at 2026-11-24", "create a new secret"],
    );
    ends("2026-12-01T00:00:00Z").expect("atlas-credential", Warning, &["ends soon, at 2026-12-01"]);
    ends("2027-11-25T00:00:00Z").expect("atlas-credential", Passed, &["service account"]);
}

#[test]
fn api_access_list() {
    first(|_, _| {}).expect("api-access-list", Passed, &["Atlas answers"]);
    let refused = |kind: Option<CredentialKind>, code: &str| {
        first(|observed, _| {
            match kind {
                Some(kind) => found(&mut observed.atlas_identity).kind = kind,
                None => observed.atlas_identity = Fetched::NotLooked,
            }
            let problem = Problem::prerequisite("Atlas refuses 203.0.113.9: it isn't on the API access list");
            observed.setting = Fetched::Failed(problem.with_code(code));
        })
    };
    let code = "IP_ADDRESS_NOT_ON_ACCESS_LIST";
    refused(Some(CredentialKind::ApiKey), code).expect(
        "api-access-list",
        Failed,
        &[
            "203.0.113.9",
            "the API key's Access List",
            "not to the project's network access list",
        ],
    );
    refused(Some(CredentialKind::ServiceAccount), code).expect("api-access-list", Failed, &["service account's API"]);
    refused(None, "ORG_REQUIRES_ACCESS_LIST").expect("api-access-list", Failed, &["API Keys", "Applications"]);
    refused(None, "USER_UNAUTHORIZED").expect("api-access-list", Passed, &[]);
}

#[test]
fn aws_permissions() {
    let with = |refused: &[(&str, &str, &str)]| {
        let all = refused.iter().map(|(action, resource, decision)| SimulatedPermission {
            needed: NeededPermission {
                action: (*action).to_owned(),
                resource: (*resource).to_owned(),
            },
            allowed: *decision == "allowed",
            decision: (*decision).to_owned(),
        });
        let all = Fetched::Known(Some(all.collect()));
        first(|observed, _| observed.permissions.as_mut().unwrap().found = all)
    };
    let key = fixture::key_arn(KEY).to_string();
    with(&[]).expect("aws-permissions", Passed, &["needs nothing in AWS"]);
    with(&[("iam:CreateRole", "*", "allowed")]).expect("aws-permissions", Passed, &["1 permission"]);
    with(&[
        ("iam:CreateRole", "*", "implicitDeny"),
        ("kms:CreateKey", "*", "allowed"),
    ])
    .expect(
        "aws-permissions",
        Failed,
        &["doesn't allow iam:CreateRole on * (implicitDeny)", "--aws-profile"],
    );
    with(&[("kms:PutKeyPolicy", &key, "implicitDeny")]).expect("aws-permissions", Warning, &["key policy may allow"]);
    with(&[("kms:PutKeyPolicy", &key, "explicitDeny")]).expect("aws-permissions", Failed, &["explicitDeny"]);
    first(|observed, _| observed.permissions = None).expect("aws-permissions", Unknown, &["not looked at yet"]);
    first(|observed, _| {
        let refused = Problem::prerequisite("iam:SimulatePrincipalPolicy isn't allowed to you");
        observed.permissions.as_mut().unwrap().found = Fetched::Failed(refused);
    })
    .expect(
        "aws-permissions",
        Unknown,
        &["SimulatePrincipalPolicy", "nothing else depends on it"],
    );
}

#[test]
fn eligible_cluster_of_an_empty_project_and_of_the_government() {
    let empty = |change: fn(&mut Choices)| {
        first(|observed, choices| {
            observed.clusters = Fetched::Known(Vec::new());
            observed.flex_clusters = Fetched::Known(Vec::new());
            change(choices);
        })
    };
    empty(|_| {}).expect("eligible-cluster", Failed, &["no cluster", "create a cluster"]);
    empty(|choices| choices.create = vec![new_cluster("new", "M10")]).expect(
        "eligible-cluster",
        Warning,
        &["no cluster", "the plan creates 1 cluster"],
    );
    empty(|choices| choices.clusters = Some(clusters(&[]))).expect("eligible-cluster", Warning, &["only the project"]);
    first(|observed, choices| {
        for cluster in found(&mut observed.clusters) {
            cluster.paused = true;
        }
        choices.resume = vec!["orders".to_owned()];
    })
    .expect("eligible-cluster", Warning, &["paused", "the plan makes one so"]);

    let government = |size: &str| {
        first(|observed, _| {
            found(&mut observed.project).regions = RegionRestriction::GovRegionsOnly;
            for cluster in found(&mut observed.clusters) {
                size.clone_into(&mut cluster.instance_size);
            }
        })
    };
    government("M10").expect("eligible-cluster", Failed, &["needs M20 or larger"]);
    government("M10").expect(
        "chosen-clusters",
        Failed,
        &["orders: M10, Atlas for Government needs M20"],
    );
    government("M20").expect("eligible-cluster", Passed, &["2 of 4"]);
}

#[test]
fn chosen_clusters_that_the_plan_makes_ready() {
    let mixed = |names: &[&str], resume: &[&str]| {
        first(|observed, choices| {
            choices.clusters = Some(clusters(names));
            choices.resume = resume.iter().map(|name| (*name).to_owned()).collect();
            let all = found(&mut observed.clusters);
            all[0].paused = true;
            let mut azure = fixture::cluster("azure");
            azure.encryption = EncryptionProvider::Azure;
            let mut busy = azure.clone();
            busy.name = "busy".to_owned();
            busy.state = ClusterState::Updating;
            let mut asleep = azure.clone();
            asleep.name = "asleep".to_owned();
            asleep.paused = true;
            all.extend([azure, busy, asleep]);
        })
    };
    mixed(&["billing"], &[]).expect("chosen-clusters", Failed, &["billing: paused", "resume"]);
    mixed(&["billing", "orders"], &["billing"]).expect(
        "chosen-clusters",
        Warning,
        &["2 clusters to encrypt", "billing is resumed first"],
    );
    mixed(&["azure"], &[]).expect(
        "chosen-clusters",
        Warning,
        &["AZURE to NONE first", "two initial syncs"],
    );
    mixed(&["busy"], &[]).expect("chosen-clusters", Failed, &["busy: busy (UPDATING)"]);
    mixed(&["asleep"], &[]).expect("chosen-clusters", Failed, &["asleep: paused"]);
    mixed(&["asleep"], &["asleep"]).expect(
        "chosen-clusters",
        Warning,
        &["is resumed, then goes from a key in AZURE"],
    );

    let create = |cluster: NewCluster| first(|_, choices| choices.create = vec![cluster]);
    create(new_cluster("new", "M10")).expect(
        "chosen-clusters",
        Passed,
        &["2 clusters to encrypt, 1 cluster to create"],
    );
    create(new_cluster("orders", "M10")).expect("chosen-clusters", Failed, &["a cluster of that name"]);
    create(new_cluster("new", "M10"))
        .with(|observed, _| found(&mut observed.project).regions = RegionRestriction::GovRegionsOnly)
        .expect("chosen-clusters", Failed, &["new: M10, Atlas for Government needs M20"]);
    create(new_cluster("new", "M10"))
        .with(|_, choices| choices.clusters = Some(clusters(&[])))
        .expect(
            "chosen-clusters",
            Passed,
            &["0 clusters to encrypt, 1 cluster to create"],
        );
}

#[test]
fn key_region_of_a_restricted_project() {
    let restricted = |regions: RegionRestriction, region: &str, partition: &str| {
        let (region, partition) = (Region::parse(region).ok(), partition.to_owned());
        first(|observed, choices| {
            found(&mut observed.project).regions = regions;
            found(&mut observed.aws_identity).partition = partition;
            choices.region = region;
        })
    };
    restricted(RegionRestriction::GovRegionsOnly, "us-east-1", "aws").expect(
        "key-region",
        Failed,
        &["AWS GovCloud regions only", "chosen is us-east-1"],
    );
    restricted(RegionRestriction::GovRegionsOnly, "us-gov-west-1", "aws-us-gov").expect("key-region", Passed, &[]);
    restricted(
        RegionRestriction::CommercialFedrampRegionsOnly,
        "us-gov-west-1",
        "aws-us-gov",
    )
    .expect("key-region", Failed, &["FedRAMP's commercial regions only"]);
    restricted(RegionRestriction::CommercialFedrampRegionsOnly, "us-east-1", "aws").expect("key-region", Passed, &[]);
}

#[test]
fn key_policy_of_this_account() {
    first(|_, _| {}).expect("key-policy", Passed, &["will be created with the default key policy"]);
    done(|_, _| {}).expect(
        "key-policy",
        Passed,
        &["lets arn:aws:iam::111122223333:role/atlas-cmk-orders in"],
    );
    let closed = json!([{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/admin"},
        "Action": "kms:*", "Resource": "*"}]);
    key_policy(&closed).expect(
        "key-policy",
        Failed,
        &[
            "neither lets IAM decide",
            "let the plan add one statement",
            "\"AWS\":\"arn:aws:iam::111122223333:role/",
        ],
    );
    key_policy(&closed)
        .with(|_, choices| choices.extend_key_policy = true)
        .expect("key-policy", Passed, &["the plan adds one statement to it"]);
    let denying = json!([default_key_policy("aws", ACCOUNT).statements()[0],
        {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}]);
    key_policy(&denying)
        .with(|_, choices| choices.extend_key_policy = true)
        .expect(
            "key-policy",
            Failed,
            &["explicit Deny covers kms:Decrypt", "take that Deny out"],
        );
    done(|observed, _| {
        let refused = Problem::prerequisite("kms:GetKeyPolicy isn't allowed to you");
        observed.key_policy.as_mut().unwrap().found = Fetched::Failed(refused);
    })
    .expect(
        "key-policy",
        Unknown,
        &["kms:GetKeyPolicy isn't allowed", "\"kms:DescribeKey\""],
    );
    // A Deny of the role's own policies doesn't hide what the key policy lacks.
    key_policy(&closed)
        .with(|observed, _| {
            let deny = json!([{"Effect": "Deny", "Action": "kms:*", "Resource": "*"}]);
            let lookup = observed.chosen_role.as_mut().unwrap();
            let role = found(&mut lookup.found).as_mut().unwrap();
            role.inline.push(inline("deny", &deny));
        })
        .expect("key-policy", Failed, &["neither lets IAM decide"]);
    // What another document hinders is told there.
    key_policy(&json!([default_key_policy("aws", ACCOUNT).statements()[0]]))
        .with(|observed, _| {
            let mut key = fixture::named_key(KEY);
            key.state = "Disabled".to_owned();
            let of = observed.chosen_key.as_ref().unwrap().of.clone();
            fixture::choose_key(observed, of, Some(key));
        })
        .expect("key-policy", Passed, &["lets"]);
}

#[test]
fn key_policy_of_another_account() {
    let arn = KeyArn::parse(&format!("arn:aws:kms:us-east-1:444455556666:key/{KEY}")).unwrap();
    let with = |policy: Option<Value>| {
        let arn = arn.clone();
        first(|observed, choices| {
            let key = Key {
                arn: arn.clone(),
                ..fixture::key(KEY)
            };
            choices.key = Some(KeyChoice::Existing(KeyRef::Arn(arn.clone())));
            fixture::choose_key(observed, KeyRef::Arn(arn.clone()), Some(key));
            observed.key_policy = policy.map(|all| Lookup {
                of: arn,
                found: Fetched::Known(Some(statements(&all))),
            });
        })
    };
    with(None).expect(
        "key-policy",
        Unknown,
        &[
            "the key belongs to another account",
            "whoever keeps the key in account 444455556666",
            "role/atlas-cmk-orders",
        ],
    );
    with(Some(json!([default_key_policy("aws", "444455556666").statements()[0]]))).expect(
        "key-policy",
        Failed,
        &["names neither the IAM role", "account 444455556666"],
    );
    let named = json!([{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": ["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"], "Resource": "*"}]);
    with(Some(named)).expect("key-policy", Passed, &["lets"]);
}

#[test]
fn ip_restrictions() {
    first(|_, _| {}).expect("ip-restrictions", Passed, &["no policy that could be read asks"]);
    let office = |effect: &str, operator: &str, ranges: Value| {
        let mut statement = json!({"Effect": effect, "Action": "kms:*", "Resource": "*"});
        statement["Condition"] = json!({operator: {"aws:SourceIp": ranges}});
        done(|observed, _| {
            let mut role = fixture::role(ROLE, fixture::trust(EXTERNAL_ID));
            if effect == "Deny" {
                role = fixture::ready_role(ROLE, EXTERNAL_ID, &fixture::key_arn(KEY));
            }
            role.inline.push(inline("office", &json!([statement])));
            fixture::choose_role(observed, ROLE, Some(role));
        })
    };
    office("Allow", "IpAddress", json!(["203.0.113.0/24"])).expect(
        "ip-restrictions",
        Failed,
        &[
            "198.51.100.7, 192.0.2.10 of Atlas's addresses are shut out",
            "the inline policy office",
            "node addresses change",
        ],
    );
    office("Allow", "IpAddress", json!(["198.51.100.0/24", "192.0.2.0/24"])).expect(
        "ip-restrictions",
        Passed,
        &["1 statement asks", "node addresses change"],
    );
    let deny = || office("Deny", "NotIpAddress", json!(["198.51.100.0/24", "2001:db8::/32"]));
    deny().expect("ip-restrictions", Failed, &["192.0.2.10 of Atlas's"]);
    deny()
        .with(|observed, _| found(&mut observed.node_addresses)[0].addresses = vec!["2001:db8::7/128".parse().unwrap()])
        .expect("ip-restrictions", Passed, &["lets all of Atlas's in"]);
    deny()
        .with(|observed, _| observed.node_addresses = Fetched::Failed(Problem::service("the service is away")))
        .expect(
            "ip-restrictions",
            Unknown,
            &["1 statement asks", "the nodes' addresses: can't be read"],
        );
    deny()
        .with(|observed, _| found(&mut observed.setting).aws.require_private_networking = Some(true))
        .expect("ip-restrictions", Unknown, &["private endpoints", "aws:SourceVpce"]);
    let mut trust = fixture::trust(EXTERNAL_ID).value().clone();
    trust["Statement"][0]["Condition"]["IpAddress"] = json!({"aws:SourceIp": "192.0.2.0/24"});
    done(|observed, _| {
        let mut role = fixture::ready_role(ROLE, EXTERNAL_ID, &fixture::key_arn(KEY));
        role.role.trust = fixture::document(trust);
        fixture::choose_role(observed, ROLE, Some(role));
    })
    .expect(
        "ip-restrictions",
        Failed,
        &["198.51.100.7 of Atlas's", "the trust policy"],
    );
}

#[test]
fn policy_sizes() {
    first(|_, _| {}).expect("policy-sizes", Passed, &["IAM takes 2048)", "IAM takes 10240)"]);
    let large = |size: usize| {
        first(|observed, _| {
            let mut role = fixture::role(ROLE, fixture::foreign_trust());
            let sid = "x".repeat(size);
            let more = json!([{"Sid": sid, "Effect": "Allow", "Action": "kms:DescribeKey", "Resource": "*"}]);
            role.inline.push(inline("more", &more));
            fixture::choose_role(observed, ROLE, Some(role));
        })
    };
    large(10_100).expect("policy-sizes", Failed, &["inline policies of 10", "managed policy"]);
    large(9_000).expect("policy-sizes", Passed, &["inline policies of 9"]);
    large(9_000)
        .with(|observed, _| found(&mut observed.quotas).inline = 9_000)
        .expect("policy-sizes", Failed, &["IAM takes 9000)"]);
    large(10)
        .with(|observed, _| {
            let lookup = observed.chosen_role.as_mut().unwrap();
            found(&mut lookup.found).as_mut().unwrap().inline[0].document = None;
        })
        .expect("policy-sizes", Unknown, &["couldn't be read: more"]);
}

#[test]
fn dead_principals_in_the_trust_policy() {
    first(|_, _| {}).expect("dead-principals", Passed, &["names a deleted principal"]);
    let dead = || {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": DEAD}, "Action": "sts:AssumeRole"});
        let trust = statements(&json!([statement]));
        assert_eq!(dead_principals(&trust).len(), 1);
        first(|observed, _| fixture::choose_role(observed, ROLE, Some(fixture::role(ROLE, trust))))
    };
    dead().expect(
        "dead-principals",
        Failed,
        &[DEAD, "\"Action\":\"sts:AssumeRole\"", "let the plan take them out"],
    );
    dead().with(|_, choices| choices.drop_dead_principals = true).expect(
        "dead-principals",
        Passed,
        &[DEAD, "the plan takes them out"],
    );
    done(|observed, _| {
        let mut role = fixture::ready_role(ROLE, EXTERNAL_ID, &fixture::key_arn(KEY));
        let mut trust = role.role.trust.value().clone();
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": DEAD}, "Action": "sts:AssumeRole"});
        trust["Statement"].as_array_mut().unwrap().push(statement);
        role.role.trust = fixture::document(trust);
        fixture::choose_role(observed, ROLE, Some(role));
    })
    .expect("dead-principals", Warning, &[DEAD, "the next write would be refused"]);
}

/// The plan takes nothing out of a `NotPrincipal`: AWS would refuse the write all the same.
#[test]
fn dead_principals_that_a_deny_excepts_are_nothing_for_the_plan() {
    let gone = json!({"Effect": "Allow", "Principal": {"AWS": DEAD}, "Action": "sts:AssumeRole"});
    let excepting = json!({"Effect": "Deny", "NotPrincipal": {"AWS": [DEAD, ROOT]}, "Action": "sts:AssumeRole"});
    let trust = statements(&json!([gone, excepting]));
    first(|observed, choices| {
        fixture::choose_role(observed, ROLE, Some(fixture::role(ROLE, trust)));
        choices.drop_dead_principals = true;
    })
    .expect("dead-principals", Failed, &[DEAD, "mend its NotPrincipal in IAM"]);
}

#[test]
fn dead_principals_in_the_key_policy() {
    let closed =
        json!([{"Effect": "Allow", "Principal": {"AWS": DEAD}, "Action": "kms:*", "Resource": "arn:aws:kms:x"}]);
    key_policy(&closed).expect("dead-principals", Warning, &["the key policy names", DEAD]);
    key_policy(&closed)
        .with(|_, choices| choices.extend_key_policy = true)
        .expect("dead-principals", Failed, &[DEAD, "take them out of the key policy"]);
}

#[test]
fn existing_setting_that_is_invalid_names_what_stands_in_the_way() {
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"});
    key_policy(&json!([default_key_policy("aws", ACCOUNT).statements()[0], deny]))
        .with(|observed, _| found(&mut observed.setting).aws.valid = Some(false))
        .expect(
            "existing-setting",
            Failed,
            &["isn't valid", "What stands in the way: the key policy", "kms:Encrypt"],
        );
    done(|observed, _| {
        found(&mut observed.setting).aws.valid = Some(false);
        let stranger = fixture::role(ROLE, fixture::foreign_trust());
        fixture::choose_role(observed, ROLE, Some(stranger));
    })
    .expect(
        "existing-setting",
        Warning,
        &[
            "What stands in the way: the trust policy",
            "the plan adds what lacks, then waits",
        ],
    );
    done(|observed, _| {
        found(&mut observed.setting).aws.valid = Some(false);
        let mut role = fixture::ready_role(ROLE, EXTERNAL_ID, &fixture::key_arn(KEY));
        let deny = json!([{"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}]);
        role.inline.push(inline("guard", &deny));
        fixture::choose_role(observed, ROLE, Some(role));
    })
    .expect(
        "existing-setting",
        Failed,
        &["the inline policy guard", "first restore it"],
    );
}

#[test]
fn key_incident() {
    first(|_, _| {}).expect("key-incident", Passed, &["no key in AWS is in use"]);
    done(|_, _| {}).expect("key-incident", Passed, &["is enabled"]);
    let in_state = |state: &str| {
        done(|observed, _| {
            let key = Key {
                state: state.to_owned(),
                deletion: "2026-12-01T00:00:00Z".parse().ok(),
                ..fixture::named_key(KEY)
            };
            observed.key_in_use.as_mut().unwrap().found = Fetched::Known(Some(key));
        })
    };
    in_state("Disabled").expect(
        "key-incident",
        Failed,
        &["is disabled", "1. enable it", "2. look again"],
    );
    in_state("PendingDeletion").expect(
        "key-incident",
        Failed,
        &[
            "will be deleted on 2026-12-01",
            "1. cancel the deletion",
            "2. enable it",
            "3. look again",
            "shuts the encrypted",
        ],
    );
    in_state("Unavailable").expect("key-incident", Warning, &["state Unavailable"]);
    in_state(Key::UNREADABLE).expect("key-incident", Unknown, &["isn't told to you"]);
    let unseen = |found: Fetched<Option<Key>>| {
        done(|observed, choices| {
            observed.key_in_use.as_mut().unwrap().found = found;
            observed.chosen_key = None;
            choices.key = None;
        })
    };
    unseen(Fetched::Known(None)).expect("key-incident", Unknown, &["isn't found in this account and region"]);
    unseen(Fetched::Failed(Problem::service("the service is away"))).expect("key-incident", Unknown, &["is away"]);
    // The key that was chosen is the one in use.
    done(|observed, _| observed.key_in_use = None).expect("key-incident", Passed, &["is enabled"]);
}

#[test]
fn the_way_back_from_an_incident_is_stopped_by_what_it_needs_alone() {
    let incident = done(|observed, _| {
        let disabled = Key {
            state: "Disabled".to_owned(),
            ..fixture::named_key(KEY)
        };
        observed.key_in_use.as_mut().unwrap().found = Fetched::Known(Some(disabled));
        found(&mut observed.setting).aws.valid = Some(false);
    });
    let plan = plan(&incident.observed, &incident.choices.complete().unwrap()).unwrap();
    assert!(plan.is_way_back());
    let stopped_by = |case: &Case| {
        let checks = checklist(&case.observed, &case.choices);
        assert!(!blocking(&checks).is_empty());
        let ids = blocking_plan(&checks, &plan).into_iter().map(|check| check.id);
        ids.collect::<Vec<_>>()
    };
    assert!(stopped_by(&incident).is_empty());
    let refused = incident.with(|observed, _| {
        observed.aws_identity = Fetched::Failed(Problem::prerequisite("the credentials have expired"));
    });
    assert_eq!(stopped_by(&refused), ["aws-identity"]);
}

#[test]
fn backup_compliance() {
    let with = |state: Option<&str>, demands_encryption| {
        let state = state.map(str::to_owned);
        first(|observed, _| {
            observed.compliance = Fetched::Known(CompliancePolicy {
                state,
                demands_encryption,
            });
        })
    };
    with(None, false).expect("backup-compliance", Passed, &["no Backup Compliance Policy"]);
    with(Some("ACTIVE"), false).expect("backup-compliance", Passed, &["doesn't demand encryption"]);
    with(Some("ACTIVE"), true).expect("backup-compliance", Warning, &["ACTIVE", "demands encryption"]);
}

#[test]
fn private_networking() {
    done(|_, _| {}).expect("private-networking", Passed, &["isn't required"]);
    let with = |endpoints: &[(&str, &str)]| {
        let endpoints = endpoints.iter().map(|(region, status)| PrivateEndpoint {
            region: (*region).to_owned(),
            status: (*status).to_owned(),
            error: (*status == "FAILED").then(|| "no capacity".to_owned()),
        });
        let endpoints = Fetched::Known(endpoints.collect());
        done(|observed, _| {
            found(&mut observed.setting).aws.require_private_networking = Some(true);
            observed.private_endpoints = endpoints;
        })
    };
    with(&[]).expect("private-networking", Failed, &["no private endpoint", "create one"]);
    with(&[("US_EAST_1", "ACTIVE")]).expect("private-networking", Passed, &["US_EAST_1 ACTIVE"]);
    for (status, words) in [
        ("INITIATING", "wait until it is ACTIVE"),
        ("PENDING_ACCEPTANCE", "accept it in AWS"),
        ("PENDING_RECREATION", "makes it anew"),
        ("FAILED", "delete it and create it again"),
        ("DELETING", "wait until it is gone"),
        ("ODD", "look at it in Atlas"),
    ] {
        with(&[("US_EAST_1", "ACTIVE"), ("EU_WEST_1", status)]).expect("private-networking", Warning, &[status, words]);
    }
    with(&[("EU_WEST_1", "FAILED")]).expect("private-networking", Warning, &["no capacity"]);
    with(&[("US_EAST_1", "ACTIVE")])
        .with(|_, choices| choices.create = vec![new_cluster("new", "M10")])
        .expect("private-networking", Failed, &["new (EU_WEST_1)"]);
}

#[test]
fn an_access_role_that_is_no_ones_yet_leaves_the_trust_to_the_plan() {
    first(|observed, _| {
        observed.access_roles = Fetched::Known(vec![fixture::access_role(ACCESS_ROLE, EXTERNAL_ID)]);
        fixture::choose_role(observed, ROLE, Some(fixture::role(ROLE, fixture::foreign_trust())));
    })
    .expect("role-trust", Passed, &["the plan adds one statement"]);
}
