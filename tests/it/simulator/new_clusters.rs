//! Clusters that are made: with encryption from the start, or not at all.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::clusters::{cluster, encrypt};
use super::openapi::assert_exchanges_fit;
use super::support::{CLUSTERS_CHANGE, GOOD_KEY, Reply, Sim, start};

/// A new cluster as the API wants it.
fn new_cluster(name: &str, size: &str, region: &str, encryption: &str) -> Value {
    json!({
        "name": name,
        "clusterType": "REPLICASET",
        "encryptionAtRestProvider": encryption,
        "replicationSpecs": [{ "regionConfigs": [{
            "providerName": "AWS",
            "regionName": region,
            "priority": 7,
            "electableSpecs": { "instanceSize": size, "nodeCount": 3 },
        }] }],
    })
}

async fn create(sim: &Sim, body: Value) -> Reply {
    sim.atlas
        .call(Method::POST, &sim.project("/clusters"), CLUSTERS_CHANGE, Some(body))
        .await
}

#[tokio::test]
async fn a_cluster_is_made_with_encryption_from_the_start() {
    let sim = start().await;
    let wanted = new_cluster("ledger", "M10", "US_EAST_1", "AWS");
    create(&sim, wanted.clone())
        .await
        .expect(400, "ENCRYPTION_AT_REST_NOT_ENABLED");
    sim.set_up().await;
    sim.kms().disable_key().key_id(GOOD_KEY).send().await.unwrap();
    create(&sim, wanted.clone())
        .await
        .expect(400, "ENCRYPTION_AT_REST_SETTINGS_INVALID");
    sim.kms().enable_key().key_id(GOOD_KEY).send().await.unwrap();

    let made = create(&sim, wanted.clone()).await;
    assert_eq!((made.status, &made.body["stateName"]), (201, &json!("CREATING")));
    assert_eq!(encrypt(&sim, "ledger").await.status, 409);
    sim.control.advance(Duration::from_secs(10));
    let done = cluster(&sim, "ledger").await;
    assert_eq!(done.body["stateName"], "IDLE");
    assert_eq!(done.body["encryptionAtRestProvider"], "AWS");
    create(&sim, wanted).await.expect(400, "DUPLICATE_CLUSTER_NAME");
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn a_cluster_that_cannot_be_made_is_refused_by_name() {
    let sim = start().await;
    let with = |change: fn(&mut Value)| {
        let mut body = new_cluster("ledger", "M10", "US_EAST_1", "NONE");
        change(&mut body);
        body
    };
    for (body, code) in [
        (
            new_cluster("prototypes", "M10", "US_EAST_1", "NONE"),
            "DUPLICATE_CLUSTER_NAME",
        ),
        (
            new_cluster("two words", "M10", "US_EAST_1", "NONE"),
            "INVALID_ATTRIBUTE",
        ),
        (new_cluster("ledger", "M10", "US_MIDDLE_1", "NONE"), "INVALID_REGION"),
        (new_cluster("ledger", "M10", "US_GOV_WEST_1", "NONE"), "INVALID_REGION"),
        (
            new_cluster("ledger", "M5", "US_EAST_1", "NONE"),
            "INSUFFICIENT_INSTANCE_SIZE",
        ),
        (with(|body| body["name"] = Value::Null), "MISSING_ATTRIBUTE"),
        (with(|body| body["replicationSpecs"] = json!([])), "INVALID_ATTRIBUTE"),
        (with(|body| body["stateName"] = json!("IDLE")), "ATTRIBUTE_READ_ONLY"),
        (with(|body| body["paused"] = json!(true)), "INVALID_ATTRIBUTE"),
        (
            with(|body| body["replicationSpecs"][0]["regionConfigs"][0]["electableSpecs"]["nodeCount"] = json!(2)),
            "INVALID_ATTRIBUTE",
        ),
    ] {
        create(&sim, body).await.expect(400, code);
    }
    sim.control
        .edit(|world| world.atlas.projects[0].roles = vec!["GROUP_READ_ONLY".to_owned()]);
    create(&sim, new_cluster("ledger", "M10", "US_EAST_1", "NONE"))
        .await
        .expect(401, "USER_UNAUTHORIZED");
}

#[tokio::test]
async fn government_wants_an_m20_in_its_regions() {
    let sim = start().await;
    sim.set_up().await;
    sim.control
        .edit(|world| world.atlas.projects[0].region_restriction = Some("COMMERCIAL_FEDRAMP_REGIONS_ONLY".to_owned()));
    encrypt(&sim, "billing").await.expect(400, "INSUFFICIENT_INSTANCE_SIZE");
    assert_eq!(encrypt(&sim, "orders").await.status, 200);
    create(&sim, new_cluster("ledger", "M10", "US_EAST_1", "AWS"))
        .await
        .expect(400, "INSUFFICIENT_INSTANCE_SIZE");
    create(&sim, new_cluster("ledger", "M20", "US_GOV_WEST_1", "AWS"))
        .await
        .expect(400, "INVALID_REGION");
    assert_eq!(
        create(&sim, new_cluster("ledger", "M20", "US_EAST_1", "AWS"))
            .await
            .status,
        201
    );
}
