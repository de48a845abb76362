//! What is told of clusters besides themselves: addresses of their nodes, snapshots.

use std::time::Duration;

use serde_json::{Value, json};

use super::clusters::encrypt;
use super::openapi::assert_exchanges_fit;
use super::support::{SETTLED, V2023, start, start_with};

#[tokio::test]
async fn addresses_are_told_and_those_of_a_young_cluster_change() {
    let sim = start().await;
    sim.set_up().await;
    let addresses = async || {
        let reply = sim.atlas.get(&sim.project("/ipAddresses"), V2023).await;
        reply.body["services"]["clusters"].as_array().unwrap().clone()
    };
    let before = addresses().await;
    let names: Vec<&Value> = before.iter().map(|cluster| &cluster["clusterName"]).collect();
    assert_eq!(
        names,
        ["orders", "billing", "catalog", "reports-archive"],
        "shared machines have no addresses of their own"
    );
    assert_eq!(before[0]["outbound"].as_array().unwrap().len(), 3);
    encrypt(&sim, "orders").await;
    assert_eq!(addresses().await[0]["futureOutbound"], json!([]), "it is old enough");

    sim.control
        .edit(|world| world.atlas.projects[0].cluster_mut("billing").unwrap().created = jiff::Timestamp::MAX);
    encrypt(&sim, "billing").await;
    let meanwhile = addresses().await[1].clone();
    assert_eq!(meanwhile["outbound"], before[1]["outbound"]);
    assert_eq!(meanwhile["futureOutbound"].as_array().unwrap().len(), 3);
    sim.control.advance(Duration::from_secs(10));
    let after = addresses().await[1].clone();
    assert_eq!(after["outbound"], meanwhile["futureOutbound"]);
    assert_eq!(after["futureOutbound"], json!([]));
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn snapshots_keep_the_key_that_they_were_taken_with() {
    let scenario = format!(
        "{SETTLED}{}",
        r#"
        [[project]]
        name = "Orders"
        roles = ["GROUP_OWNER"]
        [[project.cluster]]
        name = "orders"
        size = "M30"
        region = "US_EAST_1"
        [[project.cluster.snapshot]]
        age_days = 1
        count = 120
        key = "7c1e2f60-3b9a-4d58-9e47-0a5d6c8b1f23"
        [[project.cluster.snapshot]]
        age_days = 200
        kind = "onDemand"
        [[project.cluster]]
        name = "wide"
        size = "M30"
        region = "US_EAST_1"
        kind = "SHARDED"
        [[project.cluster.snapshot]]
        age_days = 2
        key = "7c1e2f60-3b9a-4d58-9e47-0a5d6c8b1f23"
        "#
    );
    let sim = start_with(&scenario).await;
    let snapshots = async |cluster: &str, rest: &str| {
        let path = sim.project(&format!("/clusters/{cluster}/backup/snapshots{rest}"));
        sim.atlas.get(&path, V2023).await
    };
    let first = snapshots("orders", "").await;
    assert_eq!(first.body["totalCount"], 121);
    assert_eq!(first.body["results"].as_array().unwrap().len(), 100);
    assert_eq!(
        first.body["results"][0]["masterKeyUUID"],
        "7c1e2f60-3b9a-4d58-9e47-0a5d6c8b1f23"
    );
    let last = snapshots("orders", "?pageNum=2").await.body["results"][20].clone();
    assert_eq!(last["snapshotType"], "onDemand");
    assert!(last.get("masterKeyUUID").is_none(), "it is from before encryption");

    assert_eq!(snapshots("wide", "").await.body["totalCount"], 0);
    let sharded = snapshots("wide", "/shardedClusters").await;
    assert_eq!(sharded.body["totalCount"], 1);
    assert_eq!(sharded.body["results"][0]["type"], "shardedCluster");
    assert_eq!(snapshots("orders", "/shardedClusters").await.body["results"], json!([]));
    snapshots("nowhere", "").await.expect(404, "CLUSTER_NOT_FOUND");
    assert_exchanges_fit(&sim.control.requests());
}
