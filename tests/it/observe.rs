//! What is observed at once: every question asked, none of them twice.

use std::collections::BTreeMap;

use atlas_cmk::atlas::{Client, Credential};
use atlas_cmk::domain::key::KeyRef;
use atlas_cmk::observe::{Clouds, Fetched, ObservedState, Scope, Traces};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::aws_wire::{arn, iam, kms, metadata, operation};
use crate::support::server::{Seen, Server};

const PROJECT: &str = "6a793f832c88faeba59bc3c2";
const IN_USE: &str = "1234abcd-12ab-34cd-56ef-000000000001";
const OTHER: &str = "1234abcd-12ab-34cd-56ef-000000000002";

fn of_atlas(path: &str) -> Value {
    let empty = json!({"results": [], "totalCount": 0});
    match path {
        "" => json!({"apiKey": {"roles": []}}),
        "encryptionAtRest" => json!({"awsKms": {
            "enabled": true, "roleId": "r", "customerMasterKeyID": arn(IN_USE), "region": "US_EAST_1", "valid": true}}),
        "cloudProviderAccess" => json!({"awsIamRoles": []}),
        "controlPlaneIPAddresses" => json!({"outbound": {"aws": {"us-east-1": ["198.51.100.7/32"]}}}),
        "ipAddresses" => json!({"services": {"clusters": [{"clusterName": "orders", "outbound": ["192.0.2.10"]}]}}),
        "clusters" => json!({"results": [{"name": "orders", "clusterType": "REPLICASET", "stateName": "IDLE"}],
            "totalCount": 1}),
        "snapshots" => json!({"results": [{"id": "1", "masterKeyUUID": arn(IN_USE)}, {"id": "2"}], "totalCount": 2}),
        "backupCompliancePolicy" => json!({"state": "ACTIVE", "encryptionAtRestEnabled": true}),
        "privateEndpoints" | "flexClusters" => empty,
        _ => json!({"id": PROJECT, "name": "Orders", "orgId": "5f1c0d2e3b4a596877869501"}),
    }
}

fn answer(seen: &Seen) -> Response {
    if let Some(path) = seen.target.strip_prefix("/api/atlas/v2") {
        let path = path.split('?').next().unwrap();
        let last = path.rsplit('/').next().unwrap();
        return of_atlas(last).to_string().into_response();
    }
    let key = || {
        let body: Value = serde_json::from_slice(&seen.body).unwrap();
        body["KeyId"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
    };
    match operation(seen).as_str() {
        "GetCallerIdentity" => iam(
            "GetCallerIdentity",
            "<Arn>arn:aws:iam::111122223333:user/ada</Arn><Account>111122223333</Account>",
        ),
        "GetAccountSummary" => iam(
            "GetAccountSummary",
            "<SummaryMap><entry><key>RolePolicySizeQuota</key><value>10240</value></entry>\
             <entry><key>AssumeRolePolicySizeQuota</key><value>2048</value></entry></SummaryMap>",
        ),
        "DescribeKey" if key() == "new" => kms(400, &json!({"__type": "NotFoundException"})),
        "DescribeKey" => kms(200, &metadata(&key())),
        "GetKeyPolicy" => kms(200, &json!({"Policy": "{\"Statement\":[]}"})),
        "ListGrants" => kms(200, &json!({"Grants": [], "Truncated": false})),
        "ListAliases" => kms(200, &json!({"Aliases": [], "Truncated": false})),
        "ListAccountAliases" => iam(
            "ListAccountAliases",
            "<AccountAliases/><IsTruncated>false</IsTruncated>",
        ),
        _ => kms(200, &json!({"KeyRotationEnabled": false})),
    }
}

/// Observes with a key chosen, and returns what is known then and what was asked how often.
async fn observe(key: KeyRef) -> (ObservedState, BTreeMap<String, usize>) {
    let server = Server::start(|seen, _| answer(seen)).await;
    let credential = Credential::ApiKey {
        public_key: "abcdefgh".to_owned(),
        private_key: "0e6f-hush".to_owned().into(),
    };
    let clouds = Clouds {
        atlas: Client::new(&server.url, credential).unwrap(),
        aws: server.aws(),
    };
    let scope = Scope::of_choices(PROJECT, None, Some(key));
    let observed = ObservedState::of(&clouds, &scope, &Traces::default()).await;
    let mut asked = BTreeMap::new();
    for seen in server.seen() {
        let what = match seen.target.strip_prefix("/api/atlas/v2") {
            Some(path) => path.split('?').next().unwrap().to_owned(),
            None => format!("{} {}", operation(&seen), String::from_utf8_lossy(&seen.body)),
        };
        *asked.entry(what).or_default() += 1;
    }
    (observed, asked)
}

fn key(id: &str) -> KeyRef {
    KeyRef::parse(&arn(id)).unwrap()
}

#[tokio::test]
async fn everything_is_asked_once() {
    let (observed, asked) = observe(key(IN_USE)).await;
    for (what, times) in &asked {
        assert_eq!(*times, 1, "{what}");
    }
    assert_eq!(observed.control_plane.known().map(Vec::len), Some(1));
    assert_eq!(observed.node_addresses.known().unwrap()[0].cluster, "orders");
    assert!(observed.compliance.known().unwrap().demands_encryption);
    assert_eq!(observed.private_endpoints, Fetched::Known(Vec::new()));
    assert_eq!(observed.quotas.known().unwrap().trust, 2048);
    // The key in use is the one that was looked up.
    let in_use = observed.key_in_use.unwrap();
    assert_eq!(in_use.found.known(), observed.chosen_key.unwrap().found.known());
    assert_eq!(observed.key_policy.unwrap().of.as_str(), arn(IN_USE));
    assert_eq!(observed.key_grants.unwrap().found, Fetched::Known(Some(Vec::new())));
    // Nothing is to be left, so that no snapshot matters.
    assert_eq!(observed.snapshots, Fetched::NotLooked);
}

#[tokio::test]
async fn snapshots_are_looked_at_where_the_key_in_use_is_to_be_left() {
    for chosen in [key(OTHER), KeyRef::Alias("alias/new".to_owned())] {
        let (observed, asked) = observe(chosen).await;
        for (what, times) in &asked {
            assert_eq!(*times, 1, "{what}");
        }
        let in_use = observed.key_in_use.unwrap();
        assert_eq!(in_use.of, arn(IN_USE));
        assert_eq!(in_use.found.known().unwrap().as_ref().unwrap().id(), IN_USE);
        let snapshots = observed.snapshots.known().unwrap();
        assert_eq!((snapshots.len(), snapshots[0].cluster.as_str()), (1, "orders"));
    }
}
