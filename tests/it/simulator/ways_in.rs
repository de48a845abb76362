//! The starting points that come with the program: each is what its first lines say.

use aws_sdk_kms::types::KeyState;
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Sim, V2023, aws_code, aws_kms, aws_message, permission, start_with};

async fn start_named(name: &str) -> Sim {
    let settled = "[propagation]\ntrust = 0\npermissions = 0\nkey_policy = 0";
    start_with(&format!("based_on = \"{name}\"\n{settled}")).await
}

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/3f8a6d10-52be-4c97-b1e4-7d09c5a2f836";
const OURS: &str = "66b4a8113f7e2c90d1b5a4e2";

async fn trust_of(sim: &Sim, role: &str) -> Value {
    let role = sim.iam().get_role().role_name(role).send().await.unwrap().role.unwrap();
    let document = role.assume_role_policy_document.unwrap();
    let document = percent_encoding::percent_decode_str(&document).decode_utf8().unwrap();
    serde_json::from_str(&document).unwrap()
}

/// Adds the statement that Atlas needs to a role's trust policy.
async fn add_statement(sim: &Sim, role: &str) -> Result<(), (String, String)> {
    let mut trust = trust_of(sim, role).await;
    let ours = Sim::trust("5b0f7c1e-9d24-4a68-8e3b-71c2d0f6a495")["Statement"][0].clone();
    match &mut trust["Statement"] {
        Value::Array(statements) => statements.push(ours),
        one => *one = json!([one, ours]),
    }
    let update = || sim.iam().update_assume_role_policy().role_name(role);
    let update = || update().policy_document(trust.to_string()).send();
    match update().await {
        Ok(_) => Ok(()),
        Err(_) => Err((aws_code(update().await), aws_message(update().await))),
    }
}

/// Authorizes the unfinished access role with an IAM role and tries the key.
async fn finish(sim: &Sim, role: &str) -> (u16, String) {
    let arn = sim
        .iam()
        .get_role()
        .role_name(role)
        .send()
        .await
        .unwrap()
        .role
        .unwrap()
        .arn;
    sim.permit(role, &permission(KEY)).await;
    let authorized = sim.authorize(OURS, &arn).await;
    if authorized.status != 200 {
        return (authorized.status, authorized.code().to_owned());
    }
    let enabled = sim.set_encryption(aws_kms(OURS, KEY, "EU_WEST_1")).await;
    (enabled.status, enabled.code().to_owned())
}

#[tokio::test]
async fn an_existing_role_can_be_used_with_its_path_and_within_its_boundary() {
    let sim = start_named("existing-role").await;
    assert_eq!(add_statement(&sim, "atlas-encryption").await, Ok(()));
    assert_eq!(finish(&sim, "atlas-encryption").await, (200, String::new()));

    let sim = start_named("existing-role").await;
    assert_eq!(add_statement(&sim, "atlas-limited").await, Ok(()));
    assert_eq!(
        finish(&sim, "atlas-limited").await,
        (400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT".to_owned())
    );
}

#[tokio::test]
async fn an_unfinished_access_role_has_its_statement_and_a_deleted_one_left_its_own() {
    let sim = start_named("existing-role").await;
    assert_eq!(finish(&sim, "atlas-shipments").await, (200, String::new()));
    let sim = start_named("existing-role").await;
    assert_eq!(
        finish(&sim, "atlas-archive").await,
        (400, "CANNOT_ASSUME_ROLE".to_owned())
    );
}

#[tokio::test]
async fn trust_policies_of_every_shape_take_one_statement_more_if_they_can() {
    let sim = start_named("existing-role").await;
    for role in ["reporting-jobs", "organization-readers", "atlas-federation"] {
        assert_eq!(add_statement(&sim, role).await, Ok(()), "{role}");
        assert_eq!(finish(&sim, role).await, (200, String::new()), "{role}");
        assert_eq!(sim.set_encryption(json!({ "enabled": false })).await.status, 200);
    }
    let full = add_statement(&sim, "partner-hub").await.unwrap_err();
    assert_eq!(
        full,
        (
            "LimitExceeded".to_owned(),
            "Cannot exceed quota for ACLSizePerRole: 2048".to_owned()
        )
    );
    let dead = add_statement(&sim, "old-operators").await.unwrap_err();
    assert_eq!(
        dead,
        (
            "MalformedPolicyDocument".to_owned(),
            "Invalid principal in policy: \"AWS\":\"AROAJ5EXAMPLE7QKX2VHM\"".to_owned()
        )
    );
    let protected = add_statement(&sim, "AWSServiceRoleForECS").await.unwrap_err();
    assert_eq!(protected.0, "UnmodifiableEntity");
}

#[tokio::test]
async fn every_trust_policy_but_the_dead_and_the_protected_can_be_written_back_as_it_is() {
    let sim = start_named("existing-role").await;
    for role in sim.iam().list_roles().send().await.unwrap().roles {
        let name = role.role_name();
        let trust = trust_of(&sim, name).await.to_string();
        let update = sim.iam().update_assume_role_policy().role_name(name);
        let code = aws_code(update.policy_document(trust).send().await);
        let expected = match name {
            "old-operators" => "MalformedPolicyDocument",
            "AWSServiceRoleForECS" => "UnmodifiableEntity",
            _ => "",
        };
        assert_eq!(code, expected, "{name}");
    }
}

async fn clusters_on(sim: &Sim, project: &str) -> usize {
    let path = format!("/api/atlas/v2/groups/{project}/clusters");
    let list = sim.atlas.get(&path, super::support::CLUSTERS_READ).await;
    let clusters = list.body["results"].as_array().unwrap();
    clusters
        .iter()
        .filter(|cluster| cluster["encryptionAtRestProvider"] == "AWS")
        .count()
}

#[tokio::test]
async fn the_way_out_of_an_incident_is_to_cancel_then_to_enable() {
    let sim = start_named("incident").await;
    let project = sim.simulator.credentials().project_id.clone();
    assert_eq!(clusters_on(&sim, &project).await, 3);
    assert_eq!(sim.valid().await, json!(false));

    let kms = sim.kms();
    let describe = async |key: &str| {
        kms.describe_key()
            .key_id(key)
            .send()
            .await
            .unwrap()
            .key_metadata
            .unwrap()
    };
    let shown = describe("alias/streaming").await;
    assert_eq!(shown.key_state, Some(KeyState::PendingDeletion));
    assert_eq!(shown.deletion_date.unwrap().secs(), 1_786_352_400 + 4 * 86_400);
    let key = shown.key_id;
    assert_eq!(
        aws_code(kms.enable_key().key_id(&key).send().await),
        "KMSInvalidStateException"
    );
    kms.cancel_key_deletion().key_id(&key).send().await.unwrap();
    assert_eq!(describe(&key).await.key_state, Some(KeyState::Disabled));
    assert_eq!(sim.valid().await, json!(false));
    kms.enable_key().key_id(&key).send().await.unwrap();
    assert_eq!(sim.valid().await, json!(true));

    let payments = "/api/atlas/v2/groups/66d2f8b36e4a1c9f07d5b2e3/encryptionAtRest";
    let setting = sim.atlas.call(Method::GET, payments, V2023, None).await;
    assert_eq!(setting.body["awsKms"]["valid"], json!(false));
    assert_eq!(describe("alias/payments").await.key_state, Some(KeyState::Disabled));
}

#[tokio::test]
async fn an_operator_without_rights_knows_who_they_are_and_another_team_does_the_work() {
    let sim = start_named("admin-elsewhere").await;
    let identity = aws_sdk_sts::Client::new(&sim.sdk())
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    assert_eq!(
        identity.arn.as_deref(),
        Some("arn:aws:sts::111122223333:assumed-role/DatabaseOwner/kim")
    );
    assert_eq!(aws_code(sim.iam().list_roles().send().await), "AccessDenied");
    assert_eq!(aws_code(sim.iam().list_account_aliases().send().await), "AccessDenied");
    assert_eq!(aws_code(sim.kms().list_keys().send().await), "AccessDeniedException");

    let (id, external_id) = sim.access_role().await;
    let admin = aws_sdk_iam::Client::new(&sim.other_sdk());
    let key = super::support::GOOD_KEY;
    let role = admin
        .create_role()
        .role_name("atlas")
        .assume_role_policy_document(Sim::trust(&external_id).to_string())
        .send()
        .await
        .unwrap()
        .role
        .unwrap()
        .arn;
    let put = admin.put_role_policy().role_name("atlas").policy_name("kms");
    put.policy_document(permission(key).to_string()).send().await.unwrap();
    assert_eq!(sim.authorize(&id, &role).await.status, 200);
    assert_eq!(sim.enable(&id, key).await.status, 200);
}
