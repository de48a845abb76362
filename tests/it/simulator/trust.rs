//! Who Atlas gets in: the trust policy and everything in it.
//!
//! Cloud stand-ins are known to hand out credentials whatever the trust policy says; each of these tests fails if this
//! one does.

use reqwest::Method;
use serde_json::{Value, json};

use super::support::{SETTLED, Sim, V2023, start, start_with};

const OTHER_ID: &str = "11111111-1111-4111-8111-111111111111";

/// Who else exists: nobody can be named in a policy who doesn't.
const OTHERS: [&str; 2] = ["arn:aws:iam::999988887777:root", "arn:aws:iam::536727724300:role/other"];

/// Authorizes a role whose trust policy is the right one, changed.
async fn authorize_with(change: impl FnOnce(&mut Value, &str)) -> (u16, String) {
    let sim = start_with(&format!("{SETTLED}\n[aws]\nother_principals = {OTHERS:?}")).await;
    let (id, external_id) = sim.access_role().await;
    let mut trust = Sim::trust(&external_id);
    change(&mut trust["Statement"], &external_id);
    let arn = sim.create_role("atlas", &trust).await;
    let reply = sim.authorize(&id, &arn).await;
    if reply.status != 200 {
        assert_eq!(reply.body["parameters"], json!([arn]));
        assert_eq!(reply.header("x-error-code"), reply.code());
    }
    (reply.status, reply.code().to_owned())
}

fn granted() -> (u16, String) {
    (200, String::new())
}

fn refused() -> (u16, String) {
    (400, "CANNOT_ASSUME_ROLE".to_owned())
}

#[tokio::test]
async fn the_policy_that_atlas_asks_for_lets_it_in() {
    assert_eq!(authorize_with(|_, _| ()).await, granted());
}

#[tokio::test]
async fn without_the_external_id_nobody_is_let_in() {
    let without = |statement: &mut Value, _: &str| {
        statement[0].as_object_mut().unwrap().remove("Condition");
    };
    assert_eq!(authorize_with(without).await, refused());
}

#[tokio::test]
async fn another_external_id_is_refused() {
    let other = |statement: &mut Value, _: &str| {
        statement[0]["Condition"] = json!({ "StringEquals": { "sts:ExternalId": OTHER_ID } });
    };
    assert_eq!(authorize_with(other).await, refused());
}

#[tokio::test]
async fn letter_case_counts_unless_the_operator_says_otherwise() {
    let upper = |operator: &'static str| {
        move |statement: &mut Value, id: &str| {
            statement[0]["Condition"] = json!({ operator: { "sts:ExternalId": id.to_uppercase() } });
        }
    };
    assert_eq!(authorize_with(upper("StringEquals")).await, refused());
    assert_eq!(authorize_with(upper("StringEqualsIgnoreCase")).await, granted());
    let wrong = |statement: &mut Value, _: &str| {
        statement[0]["Condition"] = json!({ "StringEqualsIgnoreCase": { "sts:ExternalId": OTHER_ID } });
    };
    assert_eq!(authorize_with(wrong).await, refused());
}

#[tokio::test]
async fn patterns_are_patterns_only_for_string_like() {
    let pattern = |operator: &'static str| {
        move |statement: &mut Value, id: &str| {
            let start: String = id.chars().take(8).collect();
            statement[0]["Condition"] = json!({ operator: { "sts:ExternalId": format!("{start}*") } });
        }
    };
    assert_eq!(authorize_with(pattern("StringLike")).await, granted());
    assert_eq!(authorize_with(pattern("StringEquals")).await, refused());
}

#[tokio::test]
async fn if_exists_lets_in_whoever_sends_no_id_and_so_is_refused() {
    let if_exists = |statement: &mut Value, id: &str| {
        statement[0]["Condition"] = json!({ "StringEqualsIfExists": { "sts:ExternalId": id } });
    };
    assert_eq!(authorize_with(if_exists).await, refused());
}

#[tokio::test]
async fn another_principal_is_refused_and_the_account_number_is_as_good_as_its_root() {
    let principal = |value: Value| move |statement: &mut Value, _: &str| statement[0]["Principal"] = value;
    assert_eq!(
        authorize_with(principal(json!({ "AWS": "arn:aws:iam::999988887777:root" }))).await,
        refused()
    );
    assert_eq!(
        authorize_with(principal(json!({ "AWS": "arn:aws:iam::536727724300:role/other" }))).await,
        refused()
    );
    assert_eq!(
        authorize_with(principal(json!({ "Service": "ec2.amazonaws.com" }))).await,
        refused()
    );
    assert_eq!(
        authorize_with(principal(json!({ "AWS": ["999988887777", "536727724300"] }))).await,
        granted()
    );
}

#[tokio::test]
async fn another_action_is_refused() {
    let action = |value: Value| move |statement: &mut Value, _: &str| statement[0]["Action"] = value;
    assert_eq!(authorize_with(action(json!("sts:TagSession"))).await, refused());
    assert_eq!(
        authorize_with(action(json!(["sts:TagSession", "sts:assumerole"]))).await,
        granted()
    );
}

#[tokio::test]
async fn a_deny_wins_over_an_allow() {
    let deny = |condition: Value| {
        move |statements: &mut Value, _: &str| {
            let mut deny = statements[0].clone();
            deny["Effect"] = json!("Deny");
            deny["Condition"] = condition;
            statements.as_array_mut().unwrap().push(deny);
        }
    };
    assert_eq!(authorize_with(deny(json!({}))).await, refused());
    let not_ours = json!({ "StringEquals": { "sts:ExternalId": OTHER_ID } });
    assert_eq!(authorize_with(deny(not_ours)).await, granted());
}

#[tokio::test]
async fn a_role_that_is_not_there_is_refused() {
    let sim = start().await;
    let (id, _) = sim.access_role().await;
    sim.authorize(&id, "arn:aws:iam::111122223333:role/nobody")
        .await
        .expect(400, "CANNOT_ASSUME_ROLE");
    sim.authorize(&id, "nobody").await.expect(400, "INVALID_ATTRIBUTE");
}

#[tokio::test]
async fn the_path_belongs_to_the_arn() {
    let sim = start().await;
    let (id, external_id) = sim.access_role().await;
    let made = sim.iam().create_role().role_name("atlas").path("/team/atlas/");
    made.assume_role_policy_document(Sim::trust(&external_id).to_string())
        .send()
        .await
        .unwrap();
    sim.authorize(&id, "arn:aws:iam::111122223333:role/atlas")
        .await
        .expect(400, "CANNOT_ASSUME_ROLE");
    assert_eq!(
        sim.authorize(&id, "arn:aws:iam::111122223333:role/team/atlas/atlas")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn each_access_role_has_its_own_external_id_and_two_creates_make_two() {
    let sim = start().await;
    let (first, first_external) = sim.access_role().await;
    let (second, second_external) = sim.access_role().await;
    assert_ne!(first, second);
    assert_ne!(first_external, second_external);
    let arn = sim.create_role("atlas", &Sim::trust(&first_external)).await;
    sim.authorize(&second, &arn).await.expect(400, "CANNOT_ASSUME_ROLE");
    let authorized = sim.authorize(&first, &arn).await;
    assert_eq!(authorized.body["authorizedDate"], "2026-08-10T09:00:00Z");
    assert_eq!(authorized.body["iamAssumedRoleArn"], json!(arn));

    let list = sim.atlas.get(&sim.project("/cloudProviderAccess"), V2023).await;
    let dates: Vec<&Value> = list.body["awsIamRoles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|role| &role["authorizedDate"])
        .collect();
    assert_eq!(dates, [&json!("2026-08-10T09:00:00Z"), &Value::Null]);
}

#[tokio::test]
async fn a_new_role_and_a_new_trust_policy_are_seen_after_the_questions_they_take() {
    let sim = start_with(&SETTLED.replace("trust = 0", "trust = 2")).await;
    let (id, external_id) = sim.access_role().await;
    let arn = sim.create_role("atlas", &Sim::trust(&external_id)).await;
    for _ in 0..2 {
        sim.authorize(&id, &arn).await.expect(400, "CANNOT_ASSUME_ROLE");
    }
    assert_eq!(sim.authorize(&id, &arn).await.status, 200);

    // The old policy is what counts for two more questions after a change, too.
    let wrong = Sim::trust(OTHER_ID).to_string();
    sim.iam()
        .update_assume_role_policy()
        .role_name("atlas")
        .policy_document(wrong)
        .send()
        .await
        .unwrap();
    assert_eq!(sim.authorize(&id, &arn).await.status, 200);
    assert_eq!(sim.authorize(&id, &arn).await.status, 200);
    sim.authorize(&id, &arn).await.expect(400, "CANNOT_ASSUME_ROLE");
}

#[tokio::test]
async fn an_access_role_can_be_deleted_only_while_nothing_uses_it() {
    let sim = start().await;
    let id = sim.set_up().await;
    let path = sim.project(&format!("/cloudProviderAccess/AWS/{id}"));
    let refused = sim.atlas.call(Method::DELETE, &path, V2023, None).await;
    assert_eq!((refused.status, refused.code()), (400, ""));

    assert_eq!(sim.set_encryption(json!({ "enabled": false })).await.status, 200);
    assert_eq!(sim.atlas.call(Method::DELETE, &path, V2023, None).await.status, 204);
    let gone = sim
        .atlas
        .get(&sim.project(&format!("/cloudProviderAccess/{id}")), V2023)
        .await;
    gone.expect(404, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND");
}

#[tokio::test]
async fn what_is_read_only_or_unknown_is_refused() {
    let sim = start().await;
    let path = sim.project("/cloudProviderAccess");
    for (body, code) in [
        (
            json!({ "providerName": "AWS", "roleId": "66a1c0de4b7f2e0d9c3a5b10" }),
            "ATTRIBUTE_READ_ONLY",
        ),
        (json!({ "providerName": "AWS", "color": "red" }), "INVALID_ATTRIBUTE"),
        (json!({ "providerName": "aws" }), "INVALID_ENUM_VALUE"),
        (json!({}), "MISSING_ATTRIBUTE"),
        (json!([]), "MALFORMED_JSON"),
    ] {
        sim.atlas
            .call(Method::POST, &path, V2023, Some(body))
            .await
            .expect(400, code);
    }
    let list = sim.atlas.get(&path, V2023).await;
    assert_eq!(
        list.body,
        json!({ "awsIamRoles": [], "azureServicePrincipals": [], "gcpServiceAccounts": [] })
    );
}
