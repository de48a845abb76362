//! A project's setting after its first time: other keys, other credentials, keys gone invalid, switching off.

use std::time::Duration;

use atlas_cmk::simulator::world::{AwsKms, KeyState};
use serde_json::{Value, json};

use super::encryption::authorized;
use super::openapi::assert_exchanges_fit;
use super::support::{CLUSTERS_READ, GOOD_KEY, SETTLED, Sim, V2023, aws_kms, permission, start, start_with};

#[tokio::test]
async fn a_setting_with_the_credentials_of_an_iam_user_moves_to_a_role_and_never_back() {
    let sim = start().await;
    sim.control.edit(|world| {
        world.atlas.projects[0].aws_kms = Some(AwsKms {
            role_id: None,
            access_key_id: Some("AKIAIOSFODNN7EXAMPLE".to_owned()),
            key: GOOD_KEY.to_owned(),
            region: "US_EAST_1".to_owned(),
            require_private_networking: false,
        });
    });
    let before = setting(&sim).await;
    assert_eq!(before["accessKeyID"], "AKIAIOSFODNN7EXAMPLE");
    assert_eq!((&before["roleId"], &before["valid"]), (&Value::Null, &json!(true)));

    let id = sim.set_up().await;
    let after = setting(&sim).await;
    assert_eq!((&after["roleId"], &after["accessKeyID"]), (&json!(id), &Value::Null));
    let back = json!({
        "enabled": true, "accessKeyID": "AKIAIOSFODNN7EXAMPLE", "secretAccessKey": "secret",
        "customerMasterKeyID": GOOD_KEY, "region": "US_EAST_1",
    });
    sim.set_encryption(back)
        .await
        .expect(400, "AWS_KMS_CREDENTIALS_AUTH_DEPRECATED");
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn the_key_of_an_iam_user_has_to_be_usable_too() {
    let sim = start().await;
    sim.control.edit(|world| {
        world.atlas.projects[0].aws_kms = Some(AwsKms {
            role_id: None,
            access_key_id: Some("AKIAIOSFODNN7EXAMPLE".to_owned()),
            key: GOOD_KEY.to_owned(),
            region: "US_EAST_1".to_owned(),
            require_private_networking: false,
        });
        world.aws.key_mut(GOOD_KEY).unwrap().state = KeyState::Disabled;
    });
    assert_eq!(sim.valid().await, json!(false));
    let (id, _) = sim.access_role().await;
    sim.enable(&id, GOOD_KEY)
        .await
        .expect(400, "ENCRYPTION_AT_REST_SETTINGS_INVALID");
}

#[tokio::test]
async fn another_key_takes_the_place_of_the_first() {
    let other = "mrk-4f8d1c0b7a2e4596b3d8e1f0a9c7254d";
    let sim = start().await;
    let id = sim.set_up().await;
    sim.enable(&id, other)
        .await
        .expect(400, "NO_PERMISSION_TO_ENCRYPT_DECRYPT");
    assert_eq!(
        setting(&sim).await["customerMasterKeyID"],
        GOOD_KEY,
        "a refusal changes nothing"
    );
    sim.permit("atlas", &permission("*")).await;
    assert_eq!(sim.enable(&id, other).await.status, 200);
    assert_eq!(setting(&sim).await["customerMasterKeyID"], other);
}

#[tokio::test]
async fn the_access_role_may_be_left_out_of_the_answer() {
    let sim = start().await;
    sim.set_up().await;
    sim.control.edit(|world| world.atlas.projects[0].hides_role_id = true);
    assert_eq!(setting(&sim).await["roleId"], Value::Null);
    assert_eq!(sim.valid().await, json!(true));
}

#[tokio::test]
async fn each_side_of_government_has_its_own_regions() {
    let sim = start().await;
    let id = authorized(&sim).await;
    sim.permit("atlas", &permission("*")).await;
    let unsupported = "AWS_KMS_REGION_NOT_SUPPORTED";
    let refused_there = async |restriction: Option<&str>, region: &str| {
        let restriction = restriction.map(str::to_owned);
        sim.control
            .edit(|world| world.atlas.projects[0].region_restriction = restriction);
        let reply = sim.set_encryption(aws_kms(&id, GOOD_KEY, region)).await;
        reply.code() == unsupported
    };
    for (restriction, region, refused) in [
        (None, "US_EAST_1", false),
        (None, "CN_NORTH_1", false),
        (None, "US_GOV_WEST_1", true),
        (Some("GOV_REGIONS_ONLY"), "US_GOV_WEST_1", false),
        (Some("GOV_REGIONS_ONLY"), "US_WEST_2", true),
        (Some("COMMERCIAL_FEDRAMP_REGIONS_ONLY"), "US_WEST_2", false),
        (Some("COMMERCIAL_FEDRAMP_REGIONS_ONLY"), "US_GOV_EAST_1", true),
        (Some("COMMERCIAL_FEDRAMP_REGIONS_ONLY"), "CN_NORTH_1", true),
    ] {
        assert_eq!(
            refused_there(restriction, region).await,
            refused,
            "{restriction:?} {region}"
        );
    }
    let project = sim.atlas.get(&sim.project(""), V2023).await;
    assert_eq!(
        project.body["regionUsageRestrictions"],
        "COMMERCIAL_FEDRAMP_REGIONS_ONLY"
    );
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn the_key_is_tried_every_quarter_of_an_hour() {
    let sim = start().await;
    sim.set_up().await;
    sim.control
        .edit(|world| world.atlas.projects[0].cluster_mut("orders").unwrap().encryption = "AWS".to_owned());
    let stopped = || sim.control.world()["atlas"]["projects"][0]["clusters"][0]["stopped"] == json!(true);
    let look = async || sim.atlas.get(&sim.project("/clusters"), CLUSTERS_READ).await;
    sim.kms().disable_key().key_id(GOOD_KEY).send().await.unwrap();
    sim.control.advance(Duration::from_mins(14));
    look().await;
    assert!(!stopped(), "nobody has tried the key since");
    sim.control.advance(Duration::from_mins(1));
    let list = look().await;
    assert!(stopped());
    assert_eq!(
        list.body["results"][0]["stateName"], "IDLE",
        "its state doesn't show it"
    );
    assert_eq!(events(&sim, "").await[0], "ENCRYPTION_AT_REST_CONFIG_NO_LONGER_VALID");

    sim.kms().enable_key().key_id(GOOD_KEY).send().await.unwrap();
    assert_eq!(sim.valid().await, json!(true), "asking tries the key at once");
    assert!(!stopped());
    assert_eq!(
        events(&sim, "").await,
        [
            "ENCRYPTION_AT_REST_CONFIG_IS_VALID",
            "ENCRYPTION_AT_REST_CONFIG_NO_LONGER_VALID",
            "ENCRYPTION_AT_REST_CONFIGURATION_UPDATED",
            "CLOUD_PROVIDER_ACCESS_AWS_IAM_ROLE_UPDATED",
            "CLOUD_PROVIDER_ACCESS_AWS_IAM_ROLE_ADDED",
        ]
    );
    let chosen = "?eventType=ENCRYPTION_AT_REST_CONFIG_IS_VALID&eventType=CLOUD_PROVIDER_ACCESS_AWS_IAM_ROLE_ADDED";
    assert_eq!(events(&sim, chosen).await.len(), 2);
    assert_eq!(events(&sim, "?minDate=2026-08-10T09:10:00Z").await.len(), 2);
    assert_eq!(events(&sim, "?itemsPerPage=1&pageNum=5").await.len(), 1);
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn what_forbids_to_switch_off_says_so() {
    let scenario = format!(
        "{SETTLED}{}",
        r#"
        [[project]]
        name = "Orders"
        roles = ["GROUP_OWNER"]
        [project.compliance]
        encryption_at_rest = true
        email = "ines@example.com"
        first_name = "Ines"
        last_name = "Falk"
        [[project.cluster]]
        name = "orders"
        size = "M30"
        region = "US_EAST_1"
        [[project.private_endpoint]]
        region = "US_EAST_1"
        [[project.private_endpoint]]
        region = "US_WEST_2"
        status = "FAILED"
        error = "the endpoint was rejected"
        "#
    );
    let sim = start_with(&scenario).await;
    let id = sim.set_up().await;
    let mut private = aws_kms(&id, GOOD_KEY, "US_EAST_1");
    private["requirePrivateNetworking"] = json!(true);
    assert_eq!(sim.set_encryption(private.clone()).await.status, 200);
    assert_eq!(sim.enable(&id, GOOD_KEY).await.status, 200);
    assert_eq!(
        setting(&sim).await["requirePrivateNetworking"],
        true,
        "what isn't sent stays"
    );
    private["requirePrivateNetworking"] = json!(false);
    sim.set_encryption(private).await.expect(
        400,
        "CANNOT_DISABLE_ENCRYPTION_AT_REST_REQUIRE_PRIVATE_NETWORKING_WHILE_PRIVATE_ENDPOINTS_EXIST",
    );
    let off = async || sim.set_encryption(json!({ "enabled": false })).await;
    off()
        .await
        .expect(400, "CANNOT_DISABLE_ENCRYPTION_AT_REST_DUE_TO_PRIVATE_ENDPOINTS");

    let endpoints = sim
        .atlas
        .get(&sim.project("/encryptionAtRest/AWS/privateEndpoints"), V2023)
        .await;
    assert_eq!(endpoints.body["totalCount"], 2);
    assert_eq!(endpoints.body["results"][0]["status"], "ACTIVE");
    assert_eq!(
        endpoints.body["results"][1]["errorMessage"],
        "the endpoint was rejected"
    );
    sim.control
        .edit(|world| world.atlas.projects[0].private_endpoints.clear());
    off().await.expect(
        400,
        "CAN_NOT_DISABLE_ALL_ENCRYPTION_AT_REST_SETTINGS_WHILE_BACKUP_COMPLIANCE_POLICY_ENCRYPTION_ENABLED",
    );
    let policy = sim
        .atlas
        .get(&sim.project("/backupCompliancePolicy"), "2023-10-01")
        .await;
    assert_eq!(policy.body["encryptionAtRestEnabled"], true);
    assert_exchanges_fit(&sim.control.requests());

    sim.control
        .edit(|world| world.atlas.projects[0].compliance.as_mut().unwrap().encryption_at_rest = false);
    assert_eq!(off().await.status, 200);
}

async fn setting(sim: &Sim) -> Value {
    sim.atlas.get(&sim.project("/encryptionAtRest"), V2023).await.body["awsKms"].clone()
}

async fn events(sim: &Sim, query: &str) -> Vec<String> {
    let reply = sim.atlas.get(&sim.project(&format!("/events{query}")), V2023).await;
    let results = reply.body["results"].as_array().unwrap();
    results
        .iter()
        .map(|event| event["eventTypeName"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_addresses_of_version_6_count_too() {
    let sim = start().await;
    let id = authorized(&sim).await;
    let mut policy = permission(GOOD_KEY);
    policy["Statement"][0]["Condition"] =
        json!({ "IpAddress": { "aws:SourceIp": ["198.51.100.0/24", "198.18.0.0/15", "2001:db8:7::/48"] } });
    sim.permit("atlas", &policy).await;
    let own = |block: &str| {
        let block = block.to_owned();
        sim.control.edit(|world| {
            let regions = world.atlas.control_plane.entry("aws".to_owned()).or_default();
            regions.insert("eu-west-1".to_owned(), vec![block]);
        });
    };
    own("2001:db8:7:1::/64");
    assert_eq!(sim.enable(&id, GOOD_KEY).await.status, 200);
    let published = sim
        .atlas
        .get("/api/atlas/v2/unauth/controlPlaneIPAddresses", "2023-11-15")
        .await;
    assert_eq!(
        published.body["outbound"]["aws"]["eu-west-1"],
        json!(["2001:db8:7:1::/64"])
    );
    own("2001:db8:8::/64");
    assert_eq!(sim.valid().await, json!(false));
}
