//! What is sent: versions, paths, bodies.

use atlas_cmk::atlas::{ErrorKind, body};
use atlas_cmk::domain::arn::RoleArn;
use atlas_cmk::domain::cluster::NewCluster;
use atlas_cmk::domain::project::CompliancePolicy;
use atlas_cmk::problem::{Kind, Problem};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde_json::json;

use super::{PROJECT, Server, access_role, client, cluster, html, ok, project, refusal, service_account, update, with};

#[tokio::test]
async fn each_call_has_its_version_its_path_and_its_body() {
    let server = Server::start(|seen, _| match seen.target.as_str() {
        "/api/atlas/v2" => ok(&json!({"apiKey": {"roles": [{"groupId": PROJECT, "roleName": "GROUP_OWNER"}]}})),
        target if target.contains("cloudProviderAccess") && seen.method == "GET" && target.ends_with("Access") => {
            ok(&json!({"awsIamRoles": [access_role()]}))
        }
        target if target.contains("cloudProviderAccess") => ok(&access_role()),
        target if target.ends_with("controlPlaneIPAddresses") => ok(&json!({"outbound": {}})),
        target if target.ends_with("/ipAddresses") || target.ends_with("Policy") => ok(&json!({})),
        target if target.ends_with("shardedClusters") => ok(&json!({"results": []})),
        target if target.contains("privateEndpoints") => ok(&json!({"results": [], "totalCount": 0})),
        target if target.contains("encryptionAtRest") => ok(&json!({"awsKms": {"enabled": true}})),
        target if target.contains('?') => ok(&json!({"results": [], "totalCount": 0})),
        target if target.contains("/clusters") => ok(&cluster("orders")),
        _ => ok(&project()),
    })
    .await;
    let client = server.client();
    let role = "6a793f88c0eb9e7a17716581";
    let arn = RoleArn::parse("arn:aws:iam::111122223333:role/team/atlas").unwrap();
    let identity = client.identity(Some(PROJECT)).await.unwrap();
    assert_eq!((identity.id.as_str(), identity.owns(PROJECT)), ("abcdefgh", Some(true)));
    client.projects().await.unwrap();
    client.project(PROJECT).await.unwrap();
    assert_eq!(client.access_roles(PROJECT).await.unwrap().len(), 1);
    client.access_role(PROJECT, role).await.unwrap();
    client.create_access_role(PROJECT).await.unwrap();
    client.authorize_access_role(PROJECT, role, &arn).await.unwrap();
    client.encryption_setting(PROJECT).await.unwrap();
    assert!(client.enable_encryption(PROJECT, &update()).await.unwrap().aws.enabled);
    client.clusters(PROJECT).await.unwrap();
    client.flex_clusters(PROJECT).await.unwrap();
    client.cluster(PROJECT, "orders").await.unwrap();
    client.encrypt_cluster(PROJECT, "orders").await.unwrap();
    let mut orders = client.decrypt_cluster(PROJECT, "orders").await.unwrap();
    client.resume_cluster(PROJECT, "orders").await.unwrap();
    client.create_cluster(PROJECT, &new_cluster()).await.unwrap();
    client.control_plane_addresses().await.unwrap();
    client.node_addresses(PROJECT).await.unwrap();
    client.compliance_policy(PROJECT).await.unwrap();
    client.private_endpoints(PROJECT).await.unwrap();
    client.snapshots(PROJECT, &orders).await.unwrap();
    orders.cluster_type = "SHARDED".to_owned();
    client.snapshots(PROJECT, &orders).await.unwrap();

    let lines: Vec<String> = server
        .seen()
        .iter()
        .map(|seen| {
            assert_eq!(
                seen.header("user-agent"),
                Some(concat!("atlas-cmk/", env!("CARGO_PKG_VERSION")))
            );
            if seen.body.is_empty() {
                assert_eq!(seen.header("content-type"), None);
            } else {
                assert_eq!(seen.header("content-type"), seen.header("accept"));
            }
            let version = seen.header("accept").unwrap();
            let version = version
                .strip_prefix("application/vnd.atlas.")
                .unwrap()
                .strip_suffix("+json")
                .unwrap();
            let path = seen
                .target
                .strip_prefix("/api/atlas/v2")
                .unwrap()
                .replace(PROJECT, "P")
                .replace(role, "R");
            let body = std::str::from_utf8(&seen.body).unwrap().replace(role, "R");
            format!("{version} {} {path} {body}", seen.method).trim_end().to_owned()
        })
        .collect();
    let list = "?includeCount=true&itemsPerPage=500&pageNum=1";
    assert_eq!(
        lines,
        [
            "2023-01-01 GET".to_owned(),
            format!("2023-01-01 GET /groups{list}"),
            "2023-01-01 GET /groups/P".to_owned(),
            "2023-01-01 GET /groups/P/cloudProviderAccess".to_owned(),
            "2023-01-01 GET /groups/P/cloudProviderAccess/R".to_owned(),
            r#"2023-01-01 POST /groups/P/cloudProviderAccess {"providerName":"AWS"}"#.to_owned(),
            r#"2023-01-01 PATCH /groups/P/cloudProviderAccess/R {"providerName":"AWS","iamAssumedRoleArn":"arn:aws:iam::111122223333:role/team/atlas"}"#.to_owned(),
            "2023-01-01 GET /groups/P/encryptionAtRest".to_owned(),
            r#"2023-01-01 PATCH /groups/P/encryptionAtRest {"awsKms":{"enabled":true,"roleId":"R","customerMasterKeyID":"arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab","region":"US_EAST_1"}}"#.to_owned(),
            format!("2024-08-05 GET /groups/P/clusters{list}"),
            format!("2024-11-13 GET /groups/P/flexClusters{list}"),
            "2024-08-05 GET /groups/P/clusters/orders".to_owned(),
            r#"2024-10-23 PATCH /groups/P/clusters/orders {"encryptionAtRestProvider":"AWS"}"#.to_owned(),
            r#"2024-10-23 PATCH /groups/P/clusters/orders {"encryptionAtRestProvider":"NONE"}"#.to_owned(),
            r#"2024-10-23 PATCH /groups/P/clusters/orders {"paused":false}"#.to_owned(),
            format!("2024-10-23 POST /groups/P/clusters {}", body::create_cluster(&new_cluster())),
            "2023-11-15 GET /unauth/controlPlaneIPAddresses".to_owned(),
            "2023-01-01 GET /groups/P/ipAddresses".to_owned(),
            "2023-10-01 GET /groups/P/backupCompliancePolicy".to_owned(),
            format!("2023-01-01 GET /groups/P/encryptionAtRest/AWS/privateEndpoints{list}"),
            format!("2023-01-01 GET /groups/P/clusters/orders/backup/snapshots{list}"),
            "2023-01-01 GET /groups/P/clusters/orders/backup/snapshots/shardedClusters".to_owned(),
        ]
    );
}

fn new_cluster() -> NewCluster {
    NewCluster {
        name: "ledger".to_owned(),
        provider: "AWS".to_owned(),
        region: "US_EAST_1".to_owned(),
        instance_size: "M10".to_owned(),
    }
}

#[tokio::test]
async fn what_anyone_may_ask_is_asked_without_a_credential() {
    let server = Server::start(|_, _| ok(&json!({"outbound": {"aws": {"us-east-1": ["198.51.100.7/32"]}}}))).await;
    for client in [server.client(), service_account(&server.url)] {
        assert_eq!(client.control_plane_addresses().await.unwrap().len(), 1);
    }
    // No token either.
    assert_eq!(server.count(), 2);
    assert!(server.seen().iter().all(|seen| seen.header("authorization").is_none()));
}

#[tokio::test]
async fn a_project_without_a_compliance_policy_is_no_error_and_a_missing_project_is_one() {
    let policy = async |answer: fn() -> axum::response::Response| {
        let server = Server::start(move |_, _| answer()).await;
        server.client().compliance_policy(PROJECT).await
    };
    let none = policy(|| refusal(404, "BACKUP_COMPLIANCE_POLICY_NOT_FOUND")).await;
    assert_eq!(none.unwrap(), CompliancePolicy::default());
    assert!(policy(|| refusal(404, "GROUP_NOT_FOUND")).await.is_err());
    assert!(policy(|| html(404)).await.is_err());
    let demanding = policy(|| ok(&json!({"state": "ACTIVE", "encryptionAtRestEnabled": true}))).await;
    assert!(demanding.unwrap().demands_encryption);
}

#[tokio::test]
async fn a_service_account_says_when_its_secret_ends() {
    let server = Server::start(|seen, _| {
        if seen.target.ends_with("/token") {
            return ok(&json!({"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}));
        }
        ok(&json!({"roles": ["GROUP_OWNER"], "secrets": [
            {"id": "s", "createdAt": "2026-01-01T00:00:00Z", "expiresAt": "2026-12-31T00:00:00Z"}]}))
    })
    .await;
    let identity = service_account(&server.url).identity(Some(PROJECT)).await.unwrap();
    assert_eq!(identity.secret_expires, "2026-12-31T00:00:00Z".parse().ok());
    assert_eq!(identity.owns(PROJECT), Some(true));
}

#[tokio::test]
async fn names_stay_one_part_of_the_path() {
    let server = Server::start(|_, _| ok(&cluster("x"))).await;
    let client = server.client();
    client.cluster(PROJECT, "../../../orgs?x#y").await.unwrap();
    assert_eq!(
        server.seen()[0].target,
        format!("/api/atlas/v2/groups/{PROJECT}/clusters/..%2F..%2F..%2Forgs%3Fx%23y")
    );
    for name in ["..", ".", ""] {
        let error = client.encrypt_cluster(PROJECT, name).await.unwrap_err();
        assert!(!error.may_have_happened());
        assert_eq!(Problem::from(error).kind, Kind::Input);
    }
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Server::start(|_, _| ok(&project())).await;
    let target = format!("{}elsewhere", other.url);
    let server = Server::start(move |_, _| {
        let moved = StatusCode::TEMPORARY_REDIRECT.into_response();
        with(moved, "location", &target)
    })
    .await;
    let error = server.client().encrypt_cluster(PROJECT, "orders").await.unwrap_err();
    assert_eq!(
        error.kind,
        ErrorKind::Redirect {
            host: Some("127.0.0.1".to_owned())
        }
    );
    assert_eq!((server.count(), other.count()), (1, 0));
    assert!(Problem::from(error).message.contains("redirects to 127.0.0.1"));
}

#[test]
fn a_client_shows_no_secret() {
    let shown = format!("{:?}", client("https://cloud.mongodb.com"));
    assert!(
        shown.contains("cloud.mongodb.com") && !shown.contains("hush"),
        "{shown}"
    );
}

#[tokio::test]
async fn calls_can_be_spawned() {
    let server = Server::start(|_, _| ok(&project())).await;
    let client = server.client();
    let task = tokio::spawn(async move { client.project(PROJECT).await });
    assert_eq!(task.await.unwrap().unwrap().name, "orders");
    let client = service_account("http://127.0.0.1:9");
    tokio::spawn(async move {
        let update = update();
        let _ = tokio::join!(
            client.clusters(PROJECT),
            client.projects(),
            client.enable_encryption(PROJECT, &update)
        );
    })
    .abort();
}
