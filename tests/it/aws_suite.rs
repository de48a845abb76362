//! One suite for whatever speaks AWS's protocols: moto, which we didn't write, and the simulator, which we did.
//!
//! It asks nothing that either can't do: what moto doesn't keep of AWS's rules is left to the simulator's own tests.
//! Where the two differ and AWS does what one of them does, a comment says so.

use std::collections::{BTreeMap, BTreeSet};

use atlas_cmk::aws::{Aws, NewKey, NewRole};
use atlas_cmk::domain::key::{Key, KeyRef, Rotation};
use atlas_cmk::domain::policy::PolicyDocument;
use atlas_cmk::domain::region::Region;
use atlas_cmk::problem::Problem;
use atlas_cmk::simulator::{Options, Scenario, Simulator};
use futures::{StreamExt as _, stream};
use serde_json::json;

use crate::support::moto::Moto;

/// An account with nothing in it and room for more roles than usual, as moto's is.
const EMPTY_ACCOUNT: &str = "[[project]]\nname = 'Any'\n[aws.quotas]\nroles = 2000\n";

#[tokio::test]
async fn moto_passes_the_suite() {
    let moto = Moto::start();
    let aws = moto.aws(Region::parse("eu-west-1").unwrap());
    // In a task of its own: every call can move between threads.
    tokio::spawn(async move { suite(&aws).await }).await.unwrap();
}

#[tokio::test]
async fn the_simulator_passes_the_suite() {
    let simulator = Simulator::start(Scenario::parse(EMPTY_ACCOUNT).unwrap(), Options::default())
        .await
        .unwrap();
    let credentials = simulator.credentials();
    let aws = Aws::simulated(
        simulator.base_url(),
        &credentials.aws_access_key_id,
        &credentials.aws_secret_access_key,
        Region::parse("eu-west-1").unwrap(),
    );
    tokio::spawn(async move { suite(&aws).await }).await.unwrap();
}

#[tokio::test]
async fn moto_forgets_on_reset() {
    let moto = Moto::start();
    let aws = moto.aws(Region::parse("us-east-1").unwrap());
    create_role(&aws, "forgotten").await;
    moto.reset().await;
    assert_eq!(aws.role_detail("forgotten").await.unwrap(), None);
}

/// Runs the whole suite. The account is expected to be without what is created here.
pub(crate) async fn suite(aws: &Aws) {
    identity(aws).await;
    roles(aws).await;
    policies(aws).await;
    keys(aws).await;
    key_access(aws).await;
    key_that_is_not_there(aws).await;
    multi_region_key(aws).await;
    other_region(aws).await;
    refusals(aws).await;
    more_than_a_page(aws).await;
}

async fn identity(aws: &Aws) {
    let identity = aws.identity().await.unwrap();
    assert_eq!(identity.account.len(), 12);
    assert_eq!(identity.partition, "aws");
    assert!(identity.arn.contains(&identity.account), "{}", identity.arn);
    assert_eq!(identity.account_alias, None);
}

fn trust(external_id: &str) -> PolicyDocument {
    PolicyDocument::from_value(json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "Atlas",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::536727724300:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
        }],
    }))
}

fn permissions() -> PolicyDocument {
    PolicyDocument::from_value(json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "UseTheKey",
            "Effect": "Allow",
            "Action": ["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"],
            "Resource": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        }],
    }))
}

async fn create_role(aws: &Aws, name: &str) {
    let tags = BTreeMap::from([("made-by".to_owned(), "the suite".to_owned())]);
    let new = NewRole {
        name,
        path: "/",
        permissions_boundary: None,
        trust: &trust("b3f7f4c2-0000-4000-8000-5d0c1c3a9f10"),
        description: Some("Lets Atlas use the key & nothing else"),
        tags: &tags,
    };
    aws.create_role(&new).await.unwrap();
}

async fn roles(aws: &Aws) {
    assert_eq!(aws.role_detail("suite-role").await.unwrap(), None);
    create_role(aws, "suite-role").await;

    let detail = aws.role_detail("suite-role").await.unwrap().unwrap();
    let identity = aws.identity().await.unwrap();
    assert_eq!(
        detail.role.arn.as_str(),
        format!("arn:aws:iam::{}:role/suite-role", identity.account)
    );
    assert_eq!(detail.role.trust, trust("b3f7f4c2-0000-4000-8000-5d0c1c3a9f10"));
    assert_eq!(
        detail.role.description.as_deref(),
        Some("Lets Atlas use the key & nothing else")
    );
    assert!(detail.role.created.is_some());
    assert!(detail.inline.is_empty() && detail.attached.is_empty());

    let listed = aws.roles().await.unwrap();
    let listed: Vec<_> = listed.iter().filter(|role| role.name == "suite-role").collect();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (&listed[0].arn, &listed[0].trust),
        (&detail.role.arn, &detail.role.trust)
    );

    let tags = BTreeMap::new();
    let again = NewRole {
        name: "suite-role",
        path: "/",
        permissions_boundary: None,
        trust: &trust("x"),
        description: None,
        tags: &tags,
    };
    let error = aws.create_role(&again).await.unwrap_err();
    assert!(error.is("EntityAlreadyExists") && !error.may_have_happened(), "{error}");
    let problem = Problem::from(error);
    assert_eq!(problem.code.as_deref(), Some("EntityAlreadyExists"));
    assert!(problem.place.unwrap().starts_with("AWS IAM CreateRole"));
}

async fn policies(aws: &Aws) {
    create_role(aws, "suite-policies").await;

    // What a policy may hold and encoding must not break.
    let changed = trust("100% & <more> + Äé");
    aws.update_trust_policy("suite-policies", &changed).await.unwrap();
    assert_eq!(aws.trust_policy("suite-policies").await.unwrap(), changed);

    assert_eq!(aws.inline_policy("suite-policies", "kms").await.unwrap(), None);
    let permissions = permissions();
    aws.put_role_policy("suite-policies", "kms", &permissions)
        .await
        .unwrap();
    assert_eq!(
        aws.inline_policy("suite-policies", "kms").await.unwrap().as_ref(),
        Some(&permissions)
    );
    // Twice is once.
    aws.put_role_policy("suite-policies", "kms", &permissions)
        .await
        .unwrap();
    let detail = aws.role_detail("suite-policies").await.unwrap().unwrap();
    assert_eq!(detail.role.trust, changed);
    assert_eq!(detail.inline.len(), 1);
    assert_eq!(detail.inline_policy("kms"), Some(&permissions));

    for error in [
        aws.trust_policy("suite-nobody").await.unwrap_err(),
        aws.update_trust_policy("suite-nobody", &changed).await.unwrap_err(),
        aws.put_role_policy("suite-nobody", "kms", &permissions)
            .await
            .unwrap_err(),
    ] {
        assert!(error.is("NoSuchEntity") && !error.is_denied(), "{error}");
    }
    assert_eq!(aws.inline_policy("suite-nobody", "kms").await.unwrap(), None);
}

async fn create_key(aws: &Aws, marker: &str, multi_region: bool) -> Key {
    let tags = BTreeMap::from([
        ("atlas-cmk:run".to_owned(), marker.to_owned()),
        ("team".to_owned(), "data & platform".to_owned()),
    ]);
    let new = NewKey {
        description: "For the suite",
        tags: &tags,
        multi_region,
    };
    aws.create_key(&new).await.unwrap()
}

async fn keys(aws: &Aws) {
    let key = create_key(aws, "marker-1", false).await;
    let other = create_key(aws, "marker-2", false).await;
    assert!(key.is_usable(), "{key:?}");
    assert_eq!(key.arn.region(), Some(aws.region()));
    assert_eq!((key.origin.as_str(), key.multi_region), ("AWS_KMS", false));
    assert_eq!((key.rotation, key.aliases.len()), (Rotation::Off, 0));

    let id = KeyRef::Id(key.id().to_owned());
    let arn = KeyRef::Arn(key.arn.clone());
    let alias = KeyRef::Alias("alias/suite/orders".to_owned());
    assert_eq!(aws.key(&id).await.unwrap().as_ref(), Some(&key));
    assert_eq!(aws.key(&arn).await.unwrap().as_ref(), Some(&key));
    assert_eq!(aws.key(&alias).await.unwrap(), None);

    aws.create_alias("alias/suite/orders", key.id()).await.unwrap();
    let named = aws.key(&alias).await.unwrap().unwrap();
    assert_eq!((named.id(), named.label()), (key.id(), "alias/suite/orders"));
    for target in [key.id(), other.id()] {
        let error = aws.create_alias("alias/suite/orders", target).await.unwrap_err();
        assert!(error.is("AlreadyExistsException"), "{error}");
    }

    aws.enable_rotation(key.id(), 400).await.unwrap();
    let rotating = aws.key(&arn).await.unwrap().unwrap();
    // moto forgets the period.
    assert!(
        matches!(rotating.rotation, Rotation::On(None | Some(400))),
        "{rotating:?}"
    );

    let listed = aws.keys().await.unwrap();
    assert_eq!(listed.iter().find(|listed| listed.arn == key.arn), Some(&rotating));
    assert!(listed.contains(&other));
    assert!(listed.is_sorted_by_key(|key| (key.aliases.is_empty(), key.label().to_owned())));

    assert_eq!(
        aws.keys_with_tag("atlas-cmk:run", "marker-1").await.unwrap(),
        [rotating]
    );
    assert_eq!(aws.keys_with_tag("atlas-cmk:run", "marker-2").await.unwrap(), [other]);
    assert_eq!(aws.keys_with_tag("atlas-cmk:run", "marker-3").await.unwrap(), []);
    assert_eq!(aws.keys_with_tag("team", "marker-1").await.unwrap(), []);
}

async fn key_access(aws: &Aws) {
    let key = create_key(aws, "marker-access", false).await.arn;
    let policy = aws.key_policy(&key).await.unwrap();
    let mut more = policy.value().clone();
    let more_statements = more["Statement"].as_array_mut().unwrap();
    let mut own = more_statements[0].clone();
    own["Sid"] = json!("Once more");
    more_statements.push(own);
    let more = PolicyDocument::from_value(more);
    aws.put_key_policy(&key, &more).await.unwrap();
    assert_eq!(aws.key_policy(&key).await.unwrap(), more);
    assert_eq!(aws.policy_quotas().await.unwrap().inline, 10_240);
}

async fn key_that_is_not_there(aws: &Aws) {
    let absent = "00000000-0000-4000-8000-000000000000";
    assert_eq!(aws.key(&KeyRef::Id(absent.to_owned())).await.unwrap(), None);
    assert_eq!(
        aws.key(&KeyRef::Alias("alias/suite/absent".to_owned())).await.unwrap(),
        None
    );
    for error in [
        aws.create_alias("alias/suite/lost", absent).await.unwrap_err(),
        aws.enable_rotation(absent, 365).await.unwrap_err(),
    ] {
        assert!(error.is("NotFoundException") && !error.may_have_happened(), "{error}");
    }
}

async fn multi_region_key(aws: &Aws) {
    let key = create_key(aws, "marker-multi", true).await;
    assert!(key.multi_region && key.id().starts_with("mrk-"), "{key:?}");
    assert_eq!(aws.key(&KeyRef::Arn(key.arn.clone())).await.unwrap(), Some(key));
}

async fn other_region(aws: &Aws) {
    let elsewhere = aws.with_region(Region::parse("ap-southeast-2").unwrap());
    let key = create_key(&elsewhere, "marker-elsewhere", false).await;
    assert_eq!(key.arn.region_name(), "ap-southeast-2");
    // By its ARN it is found from here, in its own region; by its ID it isn't.
    assert_eq!(
        aws.key(&KeyRef::Arn(key.arn.clone())).await.unwrap().as_ref(),
        Some(&key)
    );
    assert_eq!(aws.key(&KeyRef::Id(key.id().to_owned())).await.unwrap(), None);
    assert!(!aws.keys().await.unwrap().contains(&key));
}

async fn refusals(aws: &Aws) {
    create_role(aws, "suite-refusals").await;
    let mut other_action = trust("0f0e").value().clone();
    other_action["Statement"][0]["Action"] = json!("kms:Decrypt");
    let mut no_resource = permissions().value().clone();
    no_resource["Statement"][0].as_object_mut().unwrap().remove("Resource");
    let mut odd_version = permissions().value().clone();
    odd_version["Version"] = json!("2020-03-17");

    let put = async |document| {
        let document = PolicyDocument::from_value(document);
        aws.put_role_policy("suite-refusals", "kms", &document).await
    };
    let other_action = PolicyDocument::from_value(other_action);
    for error in [
        aws.update_trust_policy("suite-refusals", &other_action)
            .await
            .unwrap_err(),
        put(no_resource).await.unwrap_err(),
        put(odd_version).await.unwrap_err(),
    ] {
        assert!(
            error.is("MalformedPolicyDocument") && !error.may_have_happened(),
            "{error}"
        );
    }
    // What was refused changed nothing.
    let detail = aws.role_detail("suite-refusals").await.unwrap().unwrap();
    assert_eq!(detail.role.trust, trust("b3f7f4c2-0000-4000-8000-5d0c1c3a9f10"));
    assert!(detail.inline.is_empty());

    let key = create_key(aws, "marker-refusals", false).await;
    let error = aws.create_alias("suite/no-prefix", key.id()).await.unwrap_err();
    assert!(error.is("ValidationException"), "{error}");
    assert_eq!(aws.key(&KeyRef::Arn(key.arn.clone())).await.unwrap(), Some(key));
}

/// IAM gives up to 1,000 roles a page; KMS up to 100 aliases, which moto gives all at once.
async fn more_than_a_page(aws: &Aws) {
    let names: BTreeSet<String> = (0..1100).map(|n| format!("page-role-{n:04}")).collect();
    stream::iter(&names)
        .for_each_concurrent(8, |name| create_role(aws, name))
        .await;
    let roles = aws.roles().await.unwrap();
    let listed = roles.iter().filter(|role| role.name.starts_with("page-role-"));
    assert!(listed.map(|role| &role.name).eq(&names));

    let mut keys = Vec::new();
    for n in 0..3 {
        let key = create_key(aws, "marker-pages", false).await;
        let aliases: Vec<String> = (0..40).map(|m| format!("alias/suite/page-{n}-{m:02}")).collect();
        for alias in &aliases {
            aws.create_alias(alias, key.id()).await.unwrap();
        }
        keys.push(Key { aliases, ..key });
    }
    let listed = aws.keys().await.unwrap();
    for key in keys {
        assert!(listed.contains(&key), "{key:?}");
    }
}
