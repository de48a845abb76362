//! Grants of a key: what they allow, and how they are listed.

use serde_json::json;

use super::support::{SETTLED, Sim, permission, start_with};

const ROLE: &str = "arn:aws:iam::111122223333:role/atlas";
const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/9d0c5b7e-31f8-4a26-8e94-c6a2f1d7b053";

/// A key that its policy keeps for one team, and a grant of it.
async fn start_with_grant(operations: &[&str], more: &str) -> Sim {
    let key = format!(
        r#"{SETTLED}
[[key]]
id = "9d0c5b7e-31f8-4a26-8e94-c6a2f1d7b053"
policy = '{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111122223333:role/PlatformEngineer"}},"Action":"kms:*","Resource":"*"}}}}'
[[key.grant]]
name = "atlas"
grantee = "{ROLE}"
operations = {operations:?}
{more}"#
    );
    start_with(&key).await
}

async fn enable(sim: &Sim) -> (u16, String) {
    let (id, external_id) = sim.access_role().await;
    sim.create_role("atlas", &Sim::trust(&external_id)).await;
    assert_eq!(sim.authorize(&id, ROLE).await.status, 200);
    let reply = sim.enable(&id, KEY).await;
    (reply.status, reply.code().to_owned())
}

#[tokio::test]
async fn a_grant_lets_the_role_use_a_key_whose_policy_doesnt_know_it() {
    let sim = start_with_grant(&["Encrypt", "Decrypt", "DescribeKey"], "").await;
    assert_eq!(enable(&sim).await, (200, String::new()));
}

#[tokio::test]
async fn a_grant_that_lacks_an_operation_or_wants_a_context_is_not_enough() {
    let refused = (400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT".to_owned());
    let sim = start_with_grant(&["Encrypt", "DescribeKey"], "").await;
    assert_eq!(enable(&sim).await, refused);
    let sim = start_with_grant(
        &["Encrypt", "Decrypt", "DescribeKey"],
        "encryption_context = { tenant = \"a\" }",
    )
    .await;
    assert_eq!(enable(&sim).await, refused);
}

#[tokio::test]
async fn a_deny_outweighs_a_grant() {
    let sim = start_with_grant(&["Encrypt", "Decrypt", "DescribeKey"], "").await;
    let (id, external_id) = sim.access_role().await;
    sim.create_role("atlas", &Sim::trust(&external_id)).await;
    let mut deny = permission(KEY);
    deny["Statement"][0]["Effect"] = json!("Deny");
    sim.permit("atlas", &deny).await;
    assert_eq!(sim.authorize(&id, ROLE).await.status, 200);
    sim.enable(&id, KEY)
        .await
        .expect(400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT");
}

#[tokio::test]
async fn grants_are_listed_with_what_they_allow() {
    let sim = start_with_grant(&["Encrypt"], "encryption_context = { tenant = \"a\" }").await;
    let list = sim.kms().list_grants().key_id(KEY).send().await.unwrap();
    let grants = list.grants.unwrap();
    let [grant] = grants.as_slice() else {
        panic!("{grants:?}")
    };
    assert_eq!(grant.grant_id.as_ref().unwrap().len(), 64);
    assert_eq!(grant.grantee_principal.as_deref(), Some(ROLE));
    assert_eq!(grant.operations.as_ref().unwrap()[0].as_str(), "Encrypt");
    let constraints = grant.constraints.as_ref().unwrap();
    assert_eq!(constraints.encryption_context_subset.as_ref().unwrap()["tenant"], "a");

    let other = sim
        .kms()
        .create_key()
        .send()
        .await
        .unwrap()
        .key_metadata
        .unwrap()
        .key_id;
    let none = sim.kms().list_grants().key_id(other).send().await.unwrap();
    assert!(none.grants.unwrap().is_empty());
}
