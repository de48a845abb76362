//! Clusters: pages, kinds, and changes that take time.

use std::time::Duration;

use atlas_cmk::simulator::world::{CompliancePolicy, Work};
use reqwest::Method;
use serde_json::{Value, json};

use super::openapi::assert_exchanges_fit;
use super::support::{CLUSTERS_CHANGE, CLUSTERS_READ, FLEX, GOOD_KEY, Reply, SETTLED, Sim, V2023, start, start_with};

pub(super) async fn cluster(sim: &Sim, name: &str) -> Reply {
    sim.atlas
        .get(&sim.project(&format!("/clusters/{name}")), CLUSTERS_READ)
        .await
}

async fn change(sim: &Sim, name: &str, body: Value) -> Reply {
    sim.atlas
        .call(
            Method::PATCH,
            &sim.project(&format!("/clusters/{name}")),
            CLUSTERS_CHANGE,
            Some(body),
        )
        .await
}

pub(super) async fn encrypt(sim: &Sim, name: &str) -> Reply {
    change(sim, name, json!({ "encryptionAtRestProvider": "AWS" })).await
}

fn names(reply: &Reply) -> Vec<String> {
    let results = reply.body["results"].as_array().unwrap();
    results
        .iter()
        .map(|cluster| cluster["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn every_kind_of_cluster_fits_the_description() {
    let sim = start().await;
    let list = sim.atlas.get(&sim.project("/clusters"), CLUSTERS_READ).await;
    assert_eq!(
        names(&list),
        ["orders", "billing", "catalog", "reports-archive", "playground"]
    );
    assert_eq!(list.body["totalCount"], 5);
    assert_eq!(
        list.body["results"][4]["replicationSpecs"][0]["regionConfigs"][0]["providerName"],
        "TENANT"
    );
    let flex = sim.atlas.get(&sim.project("/flexClusters"), FLEX).await;
    assert_eq!(names(&flex), ["prototypes"]);
    assert_eq!(cluster(&sim, "orders").await.status, 200);
    sim.atlas.get("/api/atlas/v2/orgs", V2023).await;
    sim.atlas.get("/api/atlas/v2/groups?itemsPerPage=2", V2023).await;
    sim.atlas.get(&sim.project(""), V2023).await;
    sim.atlas.get("/api/atlas/v2", V2023).await;
    sim.atlas
        .get("/api/atlas/v2/unauth/controlPlaneIPAddresses", "2023-11-15")
        .await;
    let client = &sim.simulator.credentials().client_id;
    sim.atlas
        .get(&sim.project(&format!("/serviceAccounts/{client}")), CLUSTERS_READ)
        .await;
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn lists_come_in_pages_that_miss_nothing() {
    let sim = start_with("based_on = \"crowded\"\n[pace]\nlatency_ms = 0").await;
    let mut seen = Vec::new();
    for page in 1..=3 {
        let path = sim.project(&format!("/clusters?pageNum={page}&itemsPerPage=500"));
        let reply = sim.atlas.get(&path, CLUSTERS_READ).await;
        assert_eq!(reply.body["totalCount"], 1005);
        seen.extend(names(&reply));
    }
    assert_eq!(seen.len(), 1005);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 1005, "no cluster stands on two pages");

    let first = sim.atlas.get(&sim.project("/clusters"), CLUSTERS_READ).await;
    assert_eq!(names(&first).len(), 100);
    let rels: Vec<&str> = first.body["links"]
        .as_array()
        .unwrap()
        .iter()
        .map(|link| link["rel"].as_str().unwrap())
        .collect();
    assert_eq!(rels, ["self", "next"]);
    let silent = sim
        .atlas
        .get(
            &sim.project("/clusters?includeCount=false&itemsPerPage=1"),
            CLUSTERS_READ,
        )
        .await;
    assert!(silent.body.get("totalCount").is_none());
    for bad in ["itemsPerPage=501", "itemsPerPage=0", "pageNum=0", "pageNum=x"] {
        let reply = sim
            .atlas
            .get(&sim.project(&format!("/clusters?{bad}")), CLUSTERS_READ)
            .await;
        reply.expect(400, "INVALID_ATTRIBUTE");
    }
    assert_exchanges_fit(&sim.control.requests()[..4]);
}

#[tokio::test]
async fn a_change_takes_the_time_that_its_size_takes() {
    let sim = start().await;
    sim.set_up().await;
    let reply = encrypt(&sim, "orders").await;
    assert_eq!((reply.status, &reply.body["stateName"]), (200, &json!("UPDATING")));
    assert_eq!(encrypt(&sim, "billing").await.status, 200);

    sim.control.advance(Duration::from_secs(10));
    assert_eq!(
        cluster(&sim, "billing").await.body["stateName"],
        "IDLE",
        "an M10 takes 10 s here"
    );
    assert_eq!(cluster(&sim, "orders").await.body["stateName"], "UPDATING");
    sim.control.advance(Duration::from_secs(10));
    let done = cluster(&sim, "orders").await;
    assert_eq!(done.body["stateName"], "IDLE");
    assert_eq!(done.body["encryptionAtRestProvider"], "AWS");
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn the_same_again_changes_nothing() {
    let sim = start().await;
    sim.set_up().await;
    encrypt(&sim, "orders").await;
    sim.control.advance(Duration::from_mins(1));
    let again = encrypt(&sim, "orders").await;
    assert_eq!((again.status, &again.body["stateName"]), (200, &json!("IDLE")));
}

#[tokio::test]
async fn without_the_projects_setting_no_cluster_is_encrypted() {
    let sim = start().await;
    encrypt(&sim, "orders")
        .await
        .expect(400, "ENCRYPTION_AT_REST_NOT_ENABLED");
    assert_eq!(cluster(&sim, "orders").await.body["encryptionAtRestProvider"], "NONE");
}

#[tokio::test]
async fn clusters_that_cannot_be_changed_say_why() {
    let sim = start().await;
    sim.set_up().await;
    encrypt(&sim, "reports-archive")
        .await
        .expect(409, "CANNOT_UPDATE_PAUSED_CLUSTER");
    encrypt(&sim, "playground")
        .await
        .expect(400, "CANNOT_USE_ENCRYPTION_AT_REST_TENANT");
    encrypt(&sim, "prototypes")
        .await
        .expect(400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API");
    encrypt(&sim, "nowhere").await.expect(404, "CLUSTER_NOT_FOUND");
    let missing = cluster(&sim, "nowhere").await;
    assert_eq!(
        missing.body["parameters"],
        json!(["nowhere", sim.simulator.credentials().project_id])
    );
    cluster(&sim, "prototypes")
        .await
        .expect(400, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API");

    encrypt(&sim, "orders").await;
    let busy = encrypt(&sim, "orders").await;
    assert_eq!(
        (busy.status, busy.body.get("errorCode")),
        (409, None),
        "no code is published for a busy cluster"
    );

    sim.control.edit(|world| {
        let project = &mut world.atlas.projects[0];
        project.cluster_mut("billing").unwrap().encryption = "AZURE".to_owned();
        project.cluster_mut("catalog").unwrap().work = Some(Work {
            state: "DELETING".to_owned(),
            until: None,
        });
    });
    encrypt(&sim, "billing")
        .await
        .expect(409, "CANNOT_CHANGE_ENCRYPTION_AT_REST_PROVIDER");
    encrypt(&sim, "catalog")
        .await
        .expect(400, "CLUSTER_ALREADY_REQUESTED_DELETION");
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn a_paused_cluster_is_resumed_alone_and_then_changed() {
    let sim = start().await;
    sim.set_up().await;
    let name = "reports-archive";
    let both = json!({ "paused": false, "encryptionAtRestProvider": "AWS" });
    change(&sim, name, both)
        .await
        .expect(409, "CANNOT_UPDATE_PAUSED_CLUSTER");
    let resumed = change(&sim, name, json!({ "paused": false })).await;
    assert_eq!((resumed.status, &resumed.body["stateName"]), (200, &json!("UPDATING")));
    assert_eq!(encrypt(&sim, name).await.status, 409);
    sim.control.advance(Duration::from_secs(20));
    assert_eq!(encrypt(&sim, name).await.status, 200);
    sim.control.advance(Duration::from_secs(20));
    let pause = async || change(&sim, name, json!({ "paused": true })).await;
    pause().await.expect(400, "CANNOT_PAUSE_RECENTLY_RESUMED_CLUSTER");
    sim.control.advance(Duration::from_hours(1));
    assert_eq!(pause().await.status, 200);
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn a_cluster_on_another_kms_goes_to_none_first() {
    let sim = start().await;
    sim.set_up().await;
    sim.control.edit(|world| {
        let project = &mut world.atlas.projects[0];
        project.other_kms = vec!["AZURE".to_owned()];
        project.cluster_mut("catalog").unwrap().encryption = "AZURE".to_owned();
    });
    let setting = sim.atlas.get(&sim.project("/encryptionAtRest"), V2023).await;
    assert_eq!(setting.body["azureKeyVault"]["enabled"], true);
    encrypt(&sim, "catalog")
        .await
        .expect(409, "CANNOT_CHANGE_ENCRYPTION_AT_REST_PROVIDER");
    let release = async || change(&sim, "catalog", json!({ "encryptionAtRestProvider": "NONE" })).await;
    assert_eq!(release().await.status, 200);
    sim.control.advance(Duration::from_secs(20));
    assert_eq!(encrypt(&sim, "catalog").await.status, 200);
    sim.control.advance(Duration::from_secs(20));

    let back = async |provider: &str| change(&sim, "catalog", json!({ "encryptionAtRestProvider": provider })).await;
    back("AZURE")
        .await
        .expect(409, "CANNOT_CHANGE_ENCRYPTION_AT_REST_PROVIDER");
    back("GCP").await.expect(400, "ENCRYPTION_AT_REST_NOT_ENABLED");
    sim.control.edit(|world| {
        world.atlas.projects[0].compliance = Some(CompliancePolicy {
            encryption_at_rest: true,
            email: "ines@example.com".to_owned(),
            first_name: "Ines".to_owned(),
            last_name: "Falk".to_owned(),
        });
    });
    release()
        .await
        .expect(400, "CANNOT_DISABLE_ENCRYPTION_AT_REST_WITH_BACKUP_COMPLIANCE_POLICY");
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn each_state_has_its_end() {
    let scenario = format!(
        "{SETTLED}{}",
        r#"
        [[project]]
        name = "Orders"
        roles = ["GROUP_OWNER"]
        [[project.cluster]]
        name = "new"
        size = "M30"
        region = "US_EAST_1"
        state = "CREATING"
        state_seconds = 30
        [[project.cluster]]
        name = "broken"
        size = "M30"
        region = "US_EAST_1"
        state = "REPAIRING"
        state_seconds = 30
        [[project.cluster]]
        name = "old"
        size = "M30"
        region = "US_EAST_1"
        encryption = "AWS"
        state = "DELETING"
        state_seconds = 30
        [[project.cluster]]
        name = "restoring"
        size = "M30"
        region = "US_EAST_1"
        restore_seconds = 30
        "#
    );
    let sim = start_with(&scenario).await;
    sim.set_up().await;
    for name in ["new", "broken"] {
        assert_eq!(encrypt(&sim, name).await.status, 409, "{name}");
    }
    encrypt(&sim, "old")
        .await
        .expect(400, "CLUSTER_ALREADY_REQUESTED_DELETION");
    encrypt(&sim, "restoring")
        .await
        .expect(400, "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE");
    let off = async || sim.set_encryption(json!({ "enabled": false })).await;
    off().await.expect(409, "CANNOT_DISABLE_ENCRYPTION_AT_REST");

    sim.control.advance(Duration::from_secs(30));
    cluster(&sim, "old").await.expect(404, "CLUSTER_NOT_FOUND");
    for name in ["new", "broken", "restoring"] {
        assert_eq!(encrypt(&sim, name).await.status, 200, "{name}");
    }
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn an_invalid_key_blocks_changes() {
    let sim = start().await;
    sim.set_up().await;
    sim.kms().disable_key().key_id(GOOD_KEY).send().await.unwrap();
    encrypt(&sim, "orders")
        .await
        .expect(400, "ENCRYPTION_AT_REST_SETTINGS_INVALID");
}

#[tokio::test]
async fn read_only_and_unknown_attributes_are_refused() {
    let sim = start().await;
    for (body, code) in [
        (json!({ "stateName": "IDLE" }), "ATTRIBUTE_READ_ONLY"),
        (json!({ "encryptionAtRestProvider": "aws" }), "INVALID_ENUM_VALUE"),
        (json!({ "encryptionAtRestProvider": true }), "INVALID_ATTRIBUTE"),
        (json!({ "colour": "red" }), "INVALID_ATTRIBUTE"),
    ] {
        change(&sim, "orders", body).await.expect(400, code);
    }
}
