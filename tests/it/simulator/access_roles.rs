//! Access roles that are there already: other features' and other people's, and those that move.

use reqwest::Method;
use serde_json::json;

use super::openapi::assert_exchanges_fit;
use super::support::{SETTLED, Sim, V2023, start, start_with};

#[tokio::test]
async fn an_access_role_moves_to_another_iam_role_that_trusts_it() {
    let sim = start().await;
    let (id, external_id) = sim.access_role().await;
    let first = sim.create_role("first", &Sim::trust(&external_id)).await;
    let second = sim.create_role("second", &Sim::trust(&external_id)).await;
    let stranger = sim
        .create_role("stranger", &Sim::trust("11111111-1111-4111-8111-111111111111"))
        .await;
    assert_eq!(sim.authorize(&id, &first).await.status, 200);
    sim.authorize(&id, &stranger).await.expect(400, "CANNOT_ASSUME_ROLE");
    let path = sim.project(&format!("/cloudProviderAccess/{id}"));
    assert_eq!(
        sim.atlas.get(&path, V2023).await.body["iamAssumedRoleArn"],
        json!(first),
        "a refusal changes nothing"
    );
    let moved = sim.authorize(&id, &second).await;
    assert_eq!(moved.body["iamAssumedRoleArn"], json!(second));
    assert_eq!(moved.text("atlasAssumedRoleExternalId"), external_id);
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn what_other_features_use_is_told_and_kept() {
    let scenario = r#"
        [[project]]
        name = "Orders"
        roles = ["GROUP_OWNER"]
        [[project.access_role]]
        id = "66a1c0de4b7f2e0d9c3a5b01"
        iam_role_arn = "arn:aws:iam::111122223333:role/lake"
        used_by = ["ATLAS_DATA_LAKE"]
        [[project.access_role]]
        iam_role_arn = "arn:aws:iam::111122223333:role/export"
        used_by = ["EXPORT_SNAPSHOT", "PUSH_BASED_LOG_EXPORT"]
    "#;
    let sim = start_with(&format!("{SETTLED}{scenario}")).await;
    let list = sim.atlas.get(&sim.project("/cloudProviderAccess"), V2023).await;
    let roles = list.body["awsIamRoles"].as_array().unwrap();
    assert_eq!(roles[0]["featureUsages"][0]["featureType"], "ATLAS_DATA_LAKE");
    assert_eq!(roles[1]["featureUsages"][1]["featureType"], "PUSH_BASED_LOG_EXPORT");
    let path = sim.project("/cloudProviderAccess/AWS/66a1c0de4b7f2e0d9c3a5b01");
    let refused = sim.atlas.call(Method::DELETE, &path, V2023, None).await;
    assert_eq!((refused.status, refused.code()), (400, ""));
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn a_deleted_access_role_is_gone_for_everything() {
    let sim = start().await;
    let (id, external_id) = sim.access_role().await;
    let arn = sim.create_role("atlas", &Sim::trust(&external_id)).await;
    let path = sim.project(&format!("/cloudProviderAccess/AWS/{id}"));
    assert_eq!(sim.atlas.call(Method::DELETE, &path, V2023, None).await.status, 204);
    let gone = "CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND";
    sim.authorize(&id, &arn).await.expect(404, gone);
    sim.atlas
        .call(Method::DELETE, &path, V2023, None)
        .await
        .expect(404, gone);
    sim.enable(&id, super::support::GOOD_KEY)
        .await
        .expect(400, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED");
    let wrong = path.replace("/AWS/", "/AZURE/");
    sim.atlas
        .call(Method::DELETE, &wrong, V2023, None)
        .await
        .expect(400, "INVALID_PROVIDER");
}
