//! AWS in China and for the US government: the same rules with other ARNs.

use serde_json::json;

use super::support::{Sim, aws_code, aws_kms, aws_message, permission, sdk_in, start_with};

const GOVERNMENT: &str = r#"
    [atlas]
    aws_account_arn = "arn:aws-us-gov:iam::358363220050:root"
    [[project]]
    name = "Records"
    roles = ["GROUP_OWNER"]
    region_restriction = "GOV_REGIONS_ONLY"
    [aws]
    partition = "aws-us-gov"
    region = "us-gov-west-1"
    [[key]]
    id = "5b0d7e2a-9c41-4f68-83d7-e6a1c0f4b925"
    [propagation]
    trust = 0
    permissions = 0
    key_policy = 0
"#;

const CHINA: &str = "based_on = \"china\"\n[propagation]\ntrust = 0\npermissions = 0\nkey_policy = 0";

/// Goes the whole way with the ARNs of a partition.
async fn whole_way(sim: &Sim, partition: &str, atlas: &str, key: &str, region: &str) {
    let (id, external_id) = sim.access_role().await;
    let mut trust = Sim::trust(&external_id);
    trust["Statement"][0]["Principal"]["AWS"] = json!(format!("arn:{partition}:iam::{atlas}:root"));
    let role = sim.create_role("atlas", &trust).await;
    assert_eq!(role, format!("arn:{partition}:iam::111122223333:role/atlas"));
    assert_eq!(sim.authorize(&id, &role).await.status, 200);
    sim.permit("atlas", &permission(key)).await;
    let reply = sim.set_encryption(aws_kms(&id, key, region)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(sim.valid().await, json!(true));
}

#[tokio::test]
async fn the_whole_way_goes_in_china() {
    let sim = start_with(CHINA).await;
    let key = "arn:aws-cn:kms:cn-north-1:111122223333:key/b1d7f3e9-4c05-4a82-96e8-2f7c0d5a1b43";
    whole_way(&sim, "aws-cn", "536727724300", key, "CN_NORTH_1").await;
    let identity = aws_sdk_sts::Client::new(&sim.sdk()).get_caller_identity().send().await;
    assert_eq!(
        identity.unwrap().arn.as_deref(),
        Some("arn:aws-cn:iam::111122223333:user/ops/wei")
    );
}

#[tokio::test]
async fn the_whole_way_goes_in_gov_cloud() {
    let sim = start_with(GOVERNMENT).await;
    let key = "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/5b0d7e2a-9c41-4f68-83d7-e6a1c0f4b925";
    whole_way(&sim, "aws-us-gov", "358363220050", key, "US_GOV_WEST_1").await;
}

#[tokio::test]
async fn another_partitions_arns_are_refused() {
    let sim = start_with(CHINA).await;
    let put = async |resource: &str| {
        let put = sim
            .iam()
            .put_role_policy()
            .role_name("storefront-tasks")
            .policy_name("kms");
        aws_message(put.policy_document(permission(resource).to_string()).send().await)
    };
    let wrong = "arn:aws:kms:us-east-1:111122223333:key/k";
    assert_eq!(
        put(wrong).await,
        format!("Partition \"aws\" is not valid for resource \"{wrong}\".")
    );
    assert_eq!(put("arn:aws-cn:kms:cn-north-1:111122223333:key/k").await, "");

    let trust = Sim::trust("x").to_string();
    let create = sim.iam().create_role().role_name("atlas");
    let refused = create.assume_role_policy_document(trust).send().await;
    assert_eq!(
        aws_message(refused),
        "Invalid principal in policy: \"AWS\":\"arn:aws:iam::536727724300:root\""
    );
}

#[tokio::test]
async fn an_access_key_is_known_in_its_own_partition_alone() {
    let sim = start_with(CHINA).await;
    let elsewhere = sdk_in(
        sim.simulator.base_url(),
        &sim.simulator.credentials().aws_access_key_id,
        "us-east-1",
    );
    let sts = aws_sdk_sts::Client::new(&elsewhere);
    assert_eq!(aws_code(sts.get_caller_identity().send().await), "InvalidClientTokenId");
    let kms = aws_sdk_kms::Client::new(&elsewhere);
    assert_eq!(aws_code(kms.list_keys().send().await), "UnrecognizedClientException");
}

#[tokio::test]
async fn atlas_of_another_partition_gets_into_no_role() {
    let sim = start_with(&CHINA.replace("[propagation]", "[atlas]\n[propagation]")).await;
    let (id, external_id) = sim.access_role().await;
    // The account's number means the root in the role's own partition.
    let mut trust = Sim::trust(&external_id);
    trust["Statement"][0]["Principal"]["AWS"] = json!("536727724300");
    let role = sim.create_role("atlas", &trust).await;
    sim.authorize(&id, &role).await.expect(400, "CANNOT_ASSUME_ROLE");
}
