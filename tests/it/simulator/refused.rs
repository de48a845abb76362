//! What AWS refuses and stand-ins are known to let pass, as far as no other file here holds it: those about trust
//! policies, sizes and names are in `iam`, those about key policies and states of keys in `kms`, other partitions in
//! `partitions`, Atlas and the external ID in `trust`, the policy simulation in `simulate`.

use aws_sdk_sts::operation::assume_role::{AssumeRoleError, AssumeRoleOutput};
use serde_json::{Value, json};

use super::support::{GOOD_KEY, SETTLED, Sim, aws_code, aws_message, permission, sdk, sdk_in, start, start_with};

const OPERATOR: &str = "arn:aws:iam::111122223333:role/PlatformEngineer";
const DISABLED: &str = "0d9b4a72-6e15-4c3f-8a26-f1b7e0c95d48";
const MULTI_REGION: &str = "mrk-0b7c3d9e5f1a42688e4d6c2b1a9f7053";

fn trusting(principal: &str) -> Value {
    let mut trust = Sim::trust("e-1");
    trust["Statement"][0]["Principal"]["AWS"] = json!(principal);
    trust
}

async fn assume(
    sim: &Sim,
    role: &str,
    external_id: Option<&str>,
) -> Result<AssumeRoleOutput, aws_sdk_sts::error::SdkError<AssumeRoleError>> {
    let call = aws_sdk_sts::Client::new(&sim.sdk()).assume_role();
    let call = call.role_arn(role).role_session_name("probe");
    call.set_external_id(external_id.map(str::to_owned)).send().await
}

#[tokio::test]
async fn assume_role_without_or_with_a_wrong_external_id() {
    let sim = start().await;
    let role = sim.create_role("atlas", &trusting(OPERATOR)).await;
    for external_id in [None, Some("e-2"), Some("E-1")] {
        let refused = assume(&sim, &role, external_id).await.unwrap_err();
        assert_eq!(refused.raw_response().unwrap().status().as_u16(), 403);
        let refused = Err::<(), _>(refused);
        assert_eq!(
            aws_message(refused),
            format!(
                "User: arn:aws:sts::111122223333:assumed-role/PlatformEngineer/dana is not authorized to perform: \
                 sts:AssumeRole on resource: {role}"
            )
        );
        assert_eq!(aws_code(assume(&sim, &role, external_id).await), "AccessDenied");
    }
    let entered = assume(&sim, &role, Some("e-1")).await.unwrap();
    let credentials = entered.credentials.unwrap();
    let session = sdk(sim.simulator.base_url(), &credentials.access_key_id);
    let identity = aws_sdk_sts::Client::new(&session).get_caller_identity().send().await;
    assert_eq!(
        identity.unwrap().arn.as_deref(),
        Some("arn:aws:sts::111122223333:assumed-role/atlas/probe")
    );
}

/// A session has what its role's policies give, and nothing of who assumed the role.
#[tokio::test]
async fn assume_role_gives_the_roles_own_rights() {
    let sim = start().await;
    let role = sim.create_role("atlas", &trusting(OPERATOR)).await;
    let keys = async || {
        let credentials = assume(&sim, &role, Some("e-1")).await.unwrap().credentials.unwrap();
        let session = aws_sdk_kms::Client::new(&sdk(sim.simulator.base_url(), &credentials.access_key_id));
        let described = session.describe_key().key_id(GOOD_KEY).send().await;
        (aws_code(described), aws_code(session.list_keys().send().await))
    };
    let denied = || "AccessDeniedException".to_owned();
    assert_eq!(keys().await, (denied(), denied()));
    sim.permit("atlas", &permission(GOOD_KEY)).await;
    assert_eq!(keys().await, (String::new(), denied()));
}

#[tokio::test]
async fn assume_role_of_a_role_that_is_not_there_or_trusts_somebody_else() {
    let sim = start().await;
    let nobody = "arn:aws:iam::111122223333:role/nobody";
    assert_eq!(aws_code(assume(&sim, nobody, Some("e-1")).await), "AccessDenied");
    let atlas = sim.create_role("atlas", &Sim::trust("e-1")).await;
    assert_eq!(aws_code(assume(&sim, &atlas, Some("e-1")).await), "AccessDenied");
}

/// A trust policy that names the account leaves it to the account's own policies.
#[tokio::test]
async fn assume_role_where_the_account_decides() {
    let statement = |action: &str| json!({ "Effect": "Allow", "Action": action, "Resource": "*" });
    for (actions, expected) in [("*", ""), ("iam:*", "AccessDenied")] {
        let rights = json!({ "Statement": statement(actions) }).to_string();
        let sim = start_with(&format!("{SETTLED}\n[aws]\npermissions = ['''{rights}''']")).await;
        let role = sim.create_role("atlas", &trusting("111122223333")).await;
        assert_eq!(aws_code(assume(&sim, &role, Some("e-1")).await), expected, "{actions}");
    }
}

#[tokio::test]
async fn inline_policy_of_11950_characters() {
    let sim = start().await;
    let put = async |length: usize| {
        let mut policy = permission(GOOD_KEY);
        let missing = length - policy.to_string().len() - r#""Sid":"","#.len();
        policy["Statement"][0]["Sid"] = json!("x".repeat(missing));
        assert_eq!(policy.to_string().len(), length);
        let put = sim
            .iam()
            .put_role_policy()
            .role_name("data-platform")
            .policy_name("kms");
        aws_code(put.policy_document(policy.to_string()).send().await)
    };
    assert_eq!(put(11_950).await, "LimitExceeded");
    assert_eq!(put(10_241).await, "LimitExceeded");
    assert_eq!(put(10_240).await, "");
}

#[tokio::test]
async fn policy_version_that_is_none_in_every_kind_of_policy() {
    let sim = start().await;
    let results = async |version: &str| {
        let versioned = |mut policy: Value| {
            policy["Version"] = json!(version);
            policy.to_string()
        };
        let trust = sim.iam().update_assume_role_policy().role_name("data-platform");
        let trust = trust.policy_document(versioned(Sim::trust("x"))).send().await;
        let inline = sim
            .iam()
            .put_role_policy()
            .role_name("data-platform")
            .policy_name("kms");
        let inline = inline.policy_document(versioned(permission(GOOD_KEY))).send().await;
        let open = json!({ "Statement": [{
            "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:root" }, "Action": "kms:*", "Resource": "*",
        }] });
        let key = sim
            .kms()
            .put_key_policy()
            .key_id(GOOD_KEY)
            .policy(versioned(open))
            .send()
            .await;
        [aws_code(trust), aws_code(inline), aws_code(key)]
    };
    for version in ["2012-10-18", "2020-03-17", ""] {
        assert_eq!(
            results(version).await,
            [
                "MalformedPolicyDocument",
                "MalformedPolicyDocument",
                "MalformedPolicyDocumentException"
            ],
            "{version:?}"
        );
    }
    for version in ["2012-10-17", "2008-10-17"] {
        assert_eq!(results(version).await, ["", "", ""], "{version}");
    }
}

#[tokio::test]
async fn key_policy_that_is_not_json_makes_no_key() {
    let sim = start().await;
    let count = async || sim.kms().list_keys().send().await.unwrap().keys.unwrap().len();
    let before = count().await;
    for policy in ["not json", "{", "[]", "\"text\"", "{\"Statement\": 1}"] {
        let created = sim.kms().create_key().policy(policy).send().await;
        assert_eq!(aws_code(created), "MalformedPolicyDocumentException", "{policy}");
    }
    assert_eq!(count().await, before);
}

#[tokio::test]
async fn encrypt_with_a_disabled_key() {
    let sim = start().await;
    let encrypt = async || {
        let text = aws_sdk_kms::primitives::Blob::new("text");
        let call = sim.kms().encrypt().key_id(DISABLED).plaintext(text);
        aws_code(call.send().await)
    };
    assert_eq!(encrypt().await, "DisabledException");
    sim.kms().enable_key().key_id(DISABLED).send().await.unwrap();
    assert_eq!(encrypt().await, "");
    sim.kms().disable_key().key_id(DISABLED).send().await.unwrap();
    assert_eq!(encrypt().await, "DisabledException");
}

async fn with_multi_region_key() -> Sim {
    start_with(&format!(
        "{SETTLED}\n[[key]]\nid = \"{MULTI_REGION}\"\nmulti_region = true"
    ))
    .await
}

fn in_ireland(sim: &Sim) -> aws_sdk_kms::Client {
    let credentials = sim.simulator.credentials();
    let sdk = sdk_in(sim.simulator.base_url(), &credentials.aws_access_key_id, "eu-west-1");
    aws_sdk_kms::Client::new(&sdk)
}

async fn replicate(kms: &aws_sdk_kms::Client, key: &str, region: &str) -> String {
    aws_code(kms.replicate_key().key_id(key).replica_region(region).send().await)
}

#[tokio::test]
async fn replicate_a_replica() {
    let sim = with_multi_region_key().await;
    let answer = sim
        .kms()
        .replicate_key()
        .key_id(MULTI_REGION)
        .replica_region("eu-west-1");
    let replica = answer
        .description("Orders")
        .send()
        .await
        .unwrap()
        .replica_key_metadata
        .unwrap();
    assert_eq!(
        (replica.arn.as_deref(), replica.description.as_deref()),
        (
            Some("arn:aws:kms:eu-west-1:111122223333:key/mrk-0b7c3d9e5f1a42688e4d6c2b1a9f7053"),
            Some("Orders")
        )
    );
    let there = in_ireland(&sim);
    let regions = there.describe_key().key_id(MULTI_REGION).send().await.unwrap();
    let regions = regions.key_metadata.unwrap().multi_region_configuration.unwrap();
    assert_eq!(regions.multi_region_key_type.unwrap().as_str(), "REPLICA");
    assert_eq!(regions.primary_key.unwrap().region.as_deref(), Some("us-east-1"));

    assert_eq!(
        replicate(&there, MULTI_REGION, "eu-central-1").await,
        "UnsupportedOperationException"
    );
    assert_eq!(
        replicate(&sim.kms(), MULTI_REGION, "eu-west-1").await,
        "AlreadyExistsException"
    );
    assert_eq!(
        replicate(&sim.kms(), MULTI_REGION, "cn-north-1").await,
        "ValidationException"
    );
    sim.kms().disable_key().key_id(MULTI_REGION).send().await.unwrap();
    assert_eq!(
        replicate(&sim.kms(), MULTI_REGION, "eu-central-1").await,
        "DisabledException"
    );
}

#[tokio::test]
async fn replicate_a_single_region_key() {
    let sim = start().await;
    let refused = replicate(&sim.kms(), GOOD_KEY, "eu-west-1").await;
    assert_eq!(refused, "UnsupportedOperationException");
    assert!(
        in_ireland(&sim)
            .list_keys()
            .send()
            .await
            .unwrap()
            .keys
            .unwrap()
            .is_empty()
    );
}

/// To replicate takes the right to make a key in the other region.
#[tokio::test]
async fn replicate_without_the_right_to_create_there() {
    let only_here = json!({ "Statement": [
        { "Effect": "Allow", "Action": "kms:*", "Resource": "*" },
        { "Effect": "Deny", "Action": "kms:CreateKey", "Resource": "*",
            "Condition": { "StringNotEquals": { "aws:RequestedRegion": ["us-east-1", "us-west-2"] } } },
    ] });
    let rights = format!("[aws]\npermissions = ['''{only_here}''']");
    let key = format!("[[key]]\nid = \"{MULTI_REGION}\"\nmulti_region = true");
    let sim = start_with(&format!("{SETTLED}\n{rights}\n{key}")).await;
    assert_eq!(
        replicate(&sim.kms(), MULTI_REGION, "eu-west-1").await,
        "AccessDeniedException"
    );
    assert_eq!(replicate(&sim.kms(), MULTI_REGION, "us-west-2").await, "");
}
