//! The project's setting: which role, which key, and what keeps Atlas from using them.

use std::time::Duration;

use atlas_cmk::simulator::world::KeyState;
use reqwest::Method;
use serde_json::{Value, json};

use super::openapi::assert_exchanges_fit;
use super::support::{GOOD_KEY, SETTLED, Sim, V2023, aws_kms, permission, start, start_with};

/// Everything but the permission and the setting; returns the access role's id.
pub(super) async fn authorized(sim: &Sim) -> String {
    let (id, external_id) = sim.access_role().await;
    let arn = sim.create_role("atlas", &Sim::trust(&external_id)).await;
    assert_eq!(sim.authorize(&id, &arn).await.status, 200);
    id
}

/// Enables with a role that has one policy.
async fn enable_with(policy: &Value, key: &str) -> (u16, String) {
    let sim = start().await;
    let id = authorized(&sim).await;
    sim.permit("atlas", policy).await;
    let reply = sim.enable(&id, key).await;
    (reply.status, reply.code().to_owned())
}

fn not_permitted() -> (u16, String) {
    (400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT".to_owned())
}

fn granted() -> (u16, String) {
    (200, String::new())
}

#[tokio::test]
async fn a_setting_that_was_never_made_is_there_with_nulls() {
    let sim = start().await;
    let reply = sim.atlas.get(&sim.project("/encryptionAtRest"), V2023).await;
    assert_eq!(reply.body["awsKms"]["enabled"], false);
    assert_eq!(reply.body["awsKms"]["customerMasterKeyID"], Value::Null);
    assert_eq!(reply.body["googleCloudKms"]["enabled"], false);
}

#[tokio::test]
async fn the_whole_way_fits_the_description() {
    let sim = start().await;
    let id = sim.set_up().await;
    let reply = sim.atlas.get(&sim.project("/encryptionAtRest"), V2023).await;
    assert_eq!(
        reply.body["awsKms"],
        json!({
            "accessKeyID": null,
            "customerMasterKeyID": GOOD_KEY,
            "enabled": true,
            "region": "US_EAST_1",
            "requirePrivateNetworking": false,
            "roleId": id,
            "valid": true,
        })
    );
    let role = sim
        .atlas
        .get(&sim.project(&format!("/cloudProviderAccess/{id}")), V2023)
        .await;
    assert_eq!(role.body["featureUsages"][0]["featureType"], "ENCRYPTION_AT_REST");
    assert_eq!(
        role.body["featureUsages"][0]["featureId"]["groupId"],
        json!(sim.simulator.credentials().project_id)
    );
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn each_of_the_three_actions_is_needed() {
    for missing in ["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"] {
        let mut policy = permission(GOOD_KEY);
        policy["Statement"][0]["Action"]
            .as_array_mut()
            .unwrap()
            .retain(|action| action != missing);
        assert_eq!(
            enable_with(&policy, GOOD_KEY).await,
            not_permitted(),
            "without {missing}"
        );
    }
}

#[tokio::test]
async fn wildcards_and_other_keys_are_told_apart() {
    let mut wide = permission("*");
    wide["Statement"][0]["Action"] = json!("kms:*");
    assert_eq!(enable_with(&wide, GOOD_KEY).await, granted());
    assert_eq!(
        enable_with(&permission("arn:aws:kms:*:111122223333:key/7c1e*"), GOOD_KEY).await,
        granted()
    );
    let other = GOOD_KEY.replace("7c1e2f60", "00000000");
    assert_eq!(enable_with(&permission(&other), GOOD_KEY).await, not_permitted());
    let alias = "arn:aws:kms:us-east-1:111122223333:alias/orders-data";
    assert_eq!(enable_with(&permission(alias), GOOD_KEY).await, not_permitted());
}

#[tokio::test]
async fn a_deny_in_the_role_or_in_the_key_policy_wins() {
    let mut policy = permission(GOOD_KEY);
    let deny = json!({ "Effect": "Deny", "Action": "kms:Dec*", "Resource": "*" });
    policy["Statement"].as_array_mut().unwrap().push(deny);
    assert_eq!(enable_with(&policy, GOOD_KEY).await, not_permitted());

    let sim = start().await;
    let id = authorized(&sim).await;
    sim.permit("atlas", &permission(GOOD_KEY)).await;
    let denies = json!({
        "Statement": [
            { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:root" }, "Action": "kms:*", "Resource": "*" },
            { "Effect": "Deny", "Principal": { "AWS": "arn:aws:iam::111122223333:role/atlas" },
              "Action": "kms:Encrypt", "Resource": "*" },
        ],
    });
    put_key_policy(&sim, &denies).await;
    sim.enable(&id, GOOD_KEY)
        .await
        .expect(400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT");
}

#[tokio::test]
async fn an_attached_policy_counts_and_a_source_address_is_looked_at() {
    let sim = start().await;
    let id = authorized(&sim).await;
    sim.control.edit(|world| {
        let role = world.aws.role_mut("atlas").unwrap();
        role.documents.change(
            |documents| {
                documents
                    .attached
                    .push("arn:aws:iam::aws:policy/PowerUserAccess".to_owned());
            },
            0,
        );
    });
    assert_eq!(sim.enable(&id, GOOD_KEY).await.status, 200);

    let own = "198.51.100.0/24";
    let nodes = "198.18.0.0/15";
    for (blocks, expected) in [
        (vec!["203.0.113.0/24"], not_permitted()),
        (vec![own], not_permitted()),
        (vec![nodes], not_permitted()),
        (vec![own, nodes], granted()),
        // Without the last one of Atlas's own.
        (vec!["198.51.100.0/26", "198.51.100.64/32", nodes], not_permitted()),
    ] {
        let mut policy = permission(GOOD_KEY);
        policy["Statement"][0]["Condition"] = json!({ "IpAddress": { "aws:SourceIp": blocks } });
        assert_eq!(enable_with(&policy, GOOD_KEY).await, expected, "{blocks:?}");
    }
}

async fn put_key_policy(sim: &Sim, policy: &Value) {
    let put = sim
        .kms()
        .put_key_policy()
        .key_id(GOOD_KEY)
        .policy_name("default")
        .policy(policy.to_string());
    put.send().await.unwrap();
}

#[tokio::test]
async fn a_key_policy_has_to_let_iam_decide_or_name_the_role() {
    let sim = start().await;
    let id = authorized(&sim).await;
    sim.permit("atlas", &permission(GOOD_KEY)).await;
    let mut policy = json!({
        "Statement": [
            { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:role/PlatformEngineer" },
              "Action": "kms:*", "Resource": "*" },
        ],
    });
    put_key_policy(&sim, &policy).await;
    sim.enable(&id, GOOD_KEY)
        .await
        .expect(400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT");

    policy["Statement"].as_array_mut().unwrap().push(json!({
        "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:role/atlas" },
        "Action": ["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"], "Resource": "*",
    }));
    put_key_policy(&sim, &policy).await;
    assert_eq!(sim.enable(&id, GOOD_KEY).await.status, 200);
}

#[tokio::test]
async fn a_key_of_another_account_needs_its_arn_and_both_policies() {
    let foreign = "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let scenario = |policy: &str| {
        format!(
            "{SETTLED}\n[[key]]\nid = \"1234abcd-12ab-34cd-56ef-1234567890ab\"\naccount = \"444455556666\"\npolicy = '''{policy}'''"
        )
    };
    let lets_in =
        r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}}"#;
    let sim = start_with(&scenario(lets_in)).await;
    let id = authorized(&sim).await;
    sim.enable(&id, foreign)
        .await
        .expect(400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT");
    sim.permit("atlas", &permission(foreign)).await;
    assert_eq!(sim.enable(&id, foreign).await.status, 200);
    let by_id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    sim.enable(&id, by_id)
        .await
        .expect(404, "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND");

    let sim = start_with(&scenario(&lets_in.replace("111122223333", "444455556666"))).await;
    let id = authorized(&sim).await;
    sim.permit("atlas", &permission(foreign)).await;
    sim.enable(&id, foreign)
        .await
        .expect(400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT");
}

#[tokio::test]
async fn each_state_of_a_key_has_its_own_refusal() {
    let sim = start().await;
    let id = authorized(&sim).await;
    sim.permit("atlas", &permission("*")).await;
    for (state, code) in [
        (KeyState::Disabled, "AWS_KMS_CUSTOMER_MASTER_KEY_NOT_ENABLED"),
        (
            KeyState::PendingDeletion,
            "AWS_KMS_CUSTOMER_MASTER_KEY_PENDING_DELETION",
        ),
        (KeyState::PendingImport, "AWS_KMS_CUSTOMER_MASTER_KEY_PENDING_IMPORT"),
    ] {
        sim.control
            .edit(|world| world.aws.key_mut(GOOD_KEY).unwrap().state = state);
        sim.enable(&id, GOOD_KEY).await.expect(400, code);
    }
    let asymmetric = "5e60b7d8-91c4-4fa3-8d2b-c7f4a1e93b05";
    sim.enable(&id, asymmetric)
        .await
        .expect(400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT");
}

#[tokio::test]
async fn a_key_is_looked_for_where_it_is_said_to_be() {
    let sim = start().await;
    let id = authorized(&sim).await;
    sim.permit("atlas", &permission("*")).await;
    let not_found = (404, "AWS_CUSTOMER_MASTER_KEY_NOT_FOUND");
    let other_region = sim.set_encryption(aws_kms(&id, GOOD_KEY, "EU_WEST_1")).await;
    other_region.expect(not_found.0, not_found.1);
    for key in [
        GOOD_KEY.replace("7c1e", "0000"),
        GOOD_KEY.replace("arn:aws:", "arn:aws-cn:"),
        "alias/orders-data".to_owned(),
    ] {
        sim.enable(&id, &key).await.expect(not_found.0, not_found.1);
    }
    assert_eq!(
        sim.enable(&id, "7c1e2f60-3b9a-4d58-9e47-0a5d6c8b1f23").await.status,
        200
    );
    let reply = sim.atlas.get(&sim.project("/encryptionAtRest"), V2023).await;
    assert_eq!(
        reply.body["awsKms"]["customerMasterKeyID"],
        "7c1e2f60-3b9a-4d58-9e47-0a5d6c8b1f23"
    );
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused_by_name() {
    let sim = start().await;
    let id = authorized(&sim).await;
    let good = aws_kms(&id, GOOD_KEY, "US_EAST_1");
    let with = |field: &str, value: Value| {
        let mut block = good.clone();
        block[field] = value;
        block
    };
    for (block, code) in [
        (with("region", json!("us-east-1")), "AWS_KMS_REGION_NOT_SUPPORTED"),
        (with("region", json!("GLOBAL")), "AWS_KMS_REGION_NOT_SUPPORTED"),
        (
            with("secretAccessKey", json!("secret")),
            "AWS_KMS_CREDENTIALS_AUTH_DEPRECATED",
        ),
        (with("valid", json!(true)), "ATTRIBUTE_READ_ONLY"),
        (with("customerMasterKeyID", Value::Null), "MISSING_ATTRIBUTE"),
        (with("roleId", json!("nope")), "INVALID_ATTRIBUTE"),
        (with("colour", json!("red")), "INVALID_ATTRIBUTE"),
        (
            with("roleId", json!("66a1c0de4b7f2e0d9c3a5b10")),
            "CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED",
        ),
    ] {
        sim.set_encryption(block).await.expect(400, code);
    }
    let path = sim.project("/encryptionAtRest");
    let body = json!({ "enabledForSearchNodes": true });
    let reply = sim.atlas.call(Method::PATCH, &path, V2023, Some(body)).await;
    reply.expect(400, "MISSING_ENCRYPTION_AT_REST_PROVIDER");
    let (unfinished, _) = sim.access_role().await;
    sim.enable(&unfinished, GOOD_KEY)
        .await
        .expect(400, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED");
}

#[tokio::test]
async fn permissions_are_seen_after_the_questions_they_take() {
    let sim = start_with(&SETTLED.replace("permissions = 0", "permissions = 3")).await;
    let id = authorized(&sim).await;
    sim.permit("atlas", &permission(GOOD_KEY)).await;
    for _ in 0..3 {
        sim.enable(&id, GOOD_KEY)
            .await
            .expect(400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT");
    }
    assert_eq!(sim.enable(&id, GOOD_KEY).await.status, 200);
    assert_eq!(sim.control.count("enableEncryptionAtRest"), 4);
}

#[tokio::test]
async fn reading_the_setting_tries_the_key() {
    let sim = start().await;
    let id = sim.set_up().await;
    assert_eq!(sim.valid().await, json!(true));
    sim.kms().disable_key().key_id(GOOD_KEY).send().await.unwrap();
    assert_eq!(sim.valid().await, json!(false));
    sim.enable(&id, "mrk-4f8d1c0b7a2e4596b3d8e1f0a9c7254d")
        .await
        .expect(400, "ENCRYPTION_AT_REST_SETTINGS_INVALID");
    sim.kms().enable_key().key_id(GOOD_KEY).send().await.unwrap();
    assert_eq!(sim.valid().await, json!(true));

    let trust = Sim::trust("11111111-1111-4111-8111-111111111111").to_string();
    sim.iam()
        .update_assume_role_policy()
        .role_name("atlas")
        .policy_document(trust)
        .send()
        .await
        .unwrap();
    assert_eq!(sim.valid().await, json!(false));
}

#[tokio::test]
async fn switching_off_is_refused_while_a_cluster_uses_it() {
    let sim = start().await;
    sim.set_up().await;
    sim.control
        .edit(|world| world.atlas.projects[0].cluster_mut("orders").unwrap().encryption = "AWS".to_owned());
    sim.set_encryption(json!({ "enabled": false }))
        .await
        .expect(409, "CANNOT_DISABLE_ENCRYPTION_AT_REST");
    sim.control
        .edit(|world| world.atlas.projects[0].cluster_mut("orders").unwrap().encryption = "NONE".to_owned());
    assert_eq!(sim.set_encryption(json!({ "enabled": false })).await.status, 200);
    sim.control.advance(Duration::from_secs(1));
    assert_eq!(sim.valid().await, Value::Null);
}
