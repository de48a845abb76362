//! Several people who come in, each with rights and an account of their own.

use serde_json::{Value, json};

use super::support::{GOOD_KEY, SETTLED, Sim, aws_code, aws_message, start_with};

const THEIRS: &str = "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const HOLDINGS: &str = "arn:aws:kms:us-east-1:777788889999:key/9c4e7b20-6a1d-4f85-b3c2-0e8d5f7a1694";

async fn cross_account() -> Sim {
    start_with("based_on = \"cross-account\"\n[propagation]\ntrust = 0\npermissions = 0\nkey_policy = 0").await
}

#[tokio::test]
async fn each_access_key_leads_into_its_own_account() {
    let sim = cross_account().await;
    let who = async |sdk: aws_config::SdkConfig| {
        let identity = aws_sdk_sts::Client::new(&sdk)
            .get_caller_identity()
            .send()
            .await
            .unwrap();
        (
            identity.account.unwrap(),
            identity.arn.unwrap(),
            aws_sdk_iam::Client::new(&sdk)
                .list_account_aliases()
                .send()
                .await
                .unwrap()
                .account_aliases,
        )
    };
    assert_eq!(
        who(sim.sdk()).await,
        (
            "111122223333".to_owned(),
            "arn:aws:sts::111122223333:assumed-role/PlatformEngineer/dana".to_owned(),
            vec!["northgate-apps".to_owned()]
        )
    );
    assert_eq!(
        who(sim.other_sdk()).await,
        (
            "444455556666".to_owned(),
            "arn:aws:sts::444455556666:assumed-role/KeyAdmin/robin".to_owned(),
            vec!["northgate-security".to_owned()]
        )
    );
    let theirs = aws_sdk_iam::Client::new(&sim.other_sdk());
    let roles = theirs.list_roles().send().await.unwrap().roles;
    assert_eq!(
        roles
            .iter()
            .map(aws_sdk_iam::types::Role::role_name)
            .collect::<Vec<_>>(),
        ["KeyAdmin"]
    );
    let made = theirs
        .create_role()
        .role_name("PlatformEngineer")
        .assume_role_policy_document(Sim::trust("x").to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(
        made.role.unwrap().arn,
        "arn:aws:iam::444455556666:role/PlatformEngineer"
    );
}

#[tokio::test]
async fn a_foreign_keys_policy_is_for_its_own_account() {
    let sim = cross_account().await;
    let ours = sim.kms();
    let theirs = aws_sdk_kms::Client::new(&sim.other_sdk());
    let refused = ours.describe_key().key_id(THEIRS).send().await;
    assert!(aws_message(refused).ends_with("because no resource-based policy allows the kms:DescribeKey action"));
    let shown = ours.describe_key().key_id(HOLDINGS).send().await.unwrap();
    assert_eq!(
        shown.key_metadata.unwrap().aws_account_id.as_deref(),
        Some("777788889999")
    );
    for key in [THEIRS, HOLDINGS] {
        let read = ours.get_key_policy().key_id(key).send().await;
        assert_eq!(aws_code(read), "AccessDeniedException", "{key}");
        let write = ours.put_key_policy().key_id(key).policy("{}").send().await;
        assert_eq!(aws_code(write), "AccessDeniedException", "{key}");
        let alias = ours
            .create_alias()
            .alias_name("alias/x")
            .target_key_id(key)
            .send()
            .await;
        assert_eq!(aws_code(alias), "AccessDeniedException", "{key}");
    }
    let policy = theirs
        .get_key_policy()
        .key_id(THEIRS)
        .send()
        .await
        .unwrap()
        .policy
        .unwrap();
    assert!(!policy.contains("111122223333"));
    let ids: Vec<String> = theirs
        .list_keys()
        .send()
        .await
        .unwrap()
        .keys
        .unwrap()
        .into_iter()
        .map(|key| key.key_id.unwrap())
        .collect();
    assert_eq!(ids, ["1234abcd-12ab-34cd-56ef-1234567890ab"]);
}

#[tokio::test]
async fn a_statement_added_by_the_keys_owner_opens_it() {
    let sim = cross_account().await;
    let theirs = aws_sdk_kms::Client::new(&sim.other_sdk());
    let (id, external_id) = sim.access_role().await;
    let role = sim.create_role("atlas", &Sim::trust(&external_id)).await;
    sim.permit("atlas", &super::support::permission("*")).await;
    assert_eq!(sim.authorize(&id, &role).await.status, 200);
    assert_eq!(sim.enable(&id, HOLDINGS).await.status, 200);
    assert_eq!(sim.set_encryption(json!({ "enabled": false })).await.status, 200);
    sim.enable(&id, THEIRS)
        .await
        .expect(400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT");

    let policy = theirs
        .get_key_policy()
        .key_id(THEIRS)
        .send()
        .await
        .unwrap()
        .policy
        .unwrap();
    let mut policy: Value = serde_json::from_str(&policy).unwrap();
    policy["Statement"].as_array_mut().unwrap().push(json!({
        "Effect": "Allow", "Principal": { "AWS": role },
        "Action": ["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"], "Resource": "*",
    }));
    let put = theirs.put_key_policy().key_id(THEIRS).policy(policy.to_string());
    put.send().await.unwrap();
    assert_eq!(sim.enable(&id, THEIRS).await.status, 200);
}

#[tokio::test]
async fn nobody_else_exists_in_other_accounts_than_the_scenario_says() {
    let others = "[aws]\nother_principals = [\"arn:aws:iam::222233334444:role/partner\"]";
    let sim = start_with(&format!("{SETTLED}\n{others}")).await;
    let update = async |principal: &str| {
        let mut trust = Sim::trust("x");
        trust["Statement"][0]["Principal"]["AWS"] = json!(principal);
        let update = sim.iam().update_assume_role_policy().role_name("data-platform");
        aws_message(update.policy_document(trust.to_string()).send().await)
    };
    for known in [
        "arn:aws:iam::222233334444:role/partner",
        "arn:aws:iam::222233334444:root",
        "222233334444",
    ] {
        assert_eq!(update(known).await, "", "{known}");
    }
    for unknown in [
        "arn:aws:iam::222233334444:role/stranger",
        "arn:aws:iam::999900001111:root",
        "999900001111",
        "AIDAEXAMPLEEXAMPLE123",
    ] {
        assert_eq!(
            update(unknown).await,
            format!("Invalid principal in policy: \"AWS\":\"{unknown}\"")
        );
    }
    // KMS says no more than that there is one.
    let policy = json!({ "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action": "kms:*", "Resource": "*" },
        { "Effect": "Allow", "Principal": { "AWS": "999900001111" }, "Action": "kms:Encrypt", "Resource": "*" },
    ]});
    let put = sim.kms().put_key_policy().key_id(GOOD_KEY).policy(policy.to_string());
    assert_eq!(
        aws_message(put.send().await),
        "Policy contains a statement with one or more invalid principals."
    );
}
