//! Digest and OAuth.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::openapi::assert_exchanges_fit;
use super::support::{Atlas, CLUSTERS_READ, Reply, SETTLED, V2023, start, start_with};

#[tokio::test]
async fn a_request_without_credentials_is_challenged_as_atlas_does() {
    let sim = start().await;
    let url = format!("{}{}", sim.simulator.base_url(), sim.project("/clusters"));
    let reply = Reply::read(sim.atlas.http.get(url).send().await.unwrap()).await;
    assert_eq!(reply.status, 401);
    let challenge = reply.header("www-authenticate");
    assert!(
        challenge.starts_with(r#"Digest realm="MMS Public API", domain="", nonce=""#),
        "{challenge}"
    );
    assert!(
        challenge.ends_with(r#"", algorithm=MD5, qop="auth", stale=false"#),
        "{challenge}"
    );
    assert_eq!(
        reply.body,
        json!({
            "error": 401,
            "reason": "Unauthorized",
            "detail": "You are not authorized for this resource.",
            "errorCode": "UNEXPECTED_ERROR",
        })
    );
    assert_eq!(sim.control.count("digestChallenge"), 1);
}

#[tokio::test]
async fn the_right_key_pair_is_let_in_and_a_wrong_one_is_not() {
    let sim = start().await;
    assert_eq!(sim.atlas.get("/api/atlas/v2", V2023).await.status, 200);

    let wrong = Atlas::new(sim.simulator.base_url(), sim.simulator.credentials()).with_password("not-it");
    let refused = wrong.get("/api/atlas/v2", V2023).await;
    assert_eq!(refused.status, 401);
    assert!(refused.header("www-authenticate").contains("stale=false"));
}

#[tokio::test]
async fn an_answer_for_one_path_opens_no_other() {
    let sim = start().await;
    let path = "/api/atlas/v2/groups?pageNum=1";
    assert_eq!(sim.atlas.get(path, V2023).await.status, 200);
    let sent = sim.control.requests().last().unwrap().clone();
    assert_eq!(sent.path, "/api/atlas/v2/groups");
    // The log shows the scheme alone, so the header has to be made again here, for another target.
    let credentials = sim.simulator.credentials();
    let url = format!("{}/api/atlas/v2/groups", sim.simulator.base_url());
    let challenged = sim.atlas.http.get(&url).send().await.unwrap();
    let mut prompt = digest_auth::parse(challenged.headers()["www-authenticate"].to_str().unwrap()).unwrap();
    let context = digest_auth::AuthContext::new(&credentials.public_key, &credentials.private_key, path);
    let header = prompt.respond(&context).unwrap().to_header_string();
    assert_eq!(
        sim.atlas
            .http
            .get(url)
            .header("authorization", header)
            .send()
            .await
            .unwrap()
            .status(),
        401
    );
}

#[tokio::test]
async fn a_nonce_goes_stale_and_a_new_one_is_offered() {
    let sim = start().await;
    assert_eq!(sim.atlas.get("/api/atlas/v2", V2023).await.status, 200);
    sim.control.advance(Duration::from_secs(121));
    assert_eq!(sim.atlas.get("/api/atlas/v2", V2023).await.status, 200);
    let stale = sim.control.requests().into_iter().filter(|exchange| {
        exchange
            .response_headers
            .iter()
            .any(|(_, value)| value.contains("stale=true"))
    });
    assert_eq!(stale.count(), 1);
}

async fn token(sim: &super::support::Sim, secret: &str, grant: &str) -> Reply {
    let url = format!("{}/api/oauth/token", sim.simulator.base_url());
    let credentials = sim.simulator.credentials();
    let request = sim
        .atlas
        .http
        .post(url)
        .basic_auth(&credentials.client_id, Some(secret));
    Reply::read(request.form(&[("grant_type", grant)]).send().await.unwrap()).await
}

async fn with_token(sim: &super::support::Sim, token: &str) -> Reply {
    let request = sim.atlas.http.get(format!("{}/api/atlas/v2", sim.simulator.base_url()));
    let request = request
        .bearer_auth(token)
        .header("accept", "application/vnd.atlas.2023-01-01+json");
    Reply::read(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_service_account_gets_a_token_that_ends() {
    let sim = start().await;
    let secret = sim.simulator.credentials().client_secret.clone();
    let reply = token(&sim, &secret, "client_credentials").await;
    assert_eq!((reply.status, &reply.body["expires_in"]), (200, &json!(3600)));

    let inside = with_token(&sim, &reply.text("access_token")).await;
    assert_eq!(inside.status, 200);
    assert!(inside.body["apiKey"].is_null());

    sim.control.advance(Duration::from_secs(3601));
    assert_eq!(with_token(&sim, &reply.text("access_token")).await.status, 401);
}

#[tokio::test]
async fn wrong_secrets_and_wrong_grants_have_oauths_own_errors() {
    let sim = start().await;
    let refused = token(&sim, "mdb_sa_sk_wrong", "client_credentials").await;
    assert_eq!(
        (refused.status, refused.text("error")),
        (401, "invalid_client".to_owned())
    );
    let secret = sim.simulator.credentials().client_secret.clone();
    let refused = token(&sim, &secret, "password").await;
    assert_eq!(
        (refused.status, refused.text("error")),
        (400, "unsupported_grant_type".to_owned())
    );
    assert_eq!(with_token(&sim, "made-up").await.status, 401);
}

#[tokio::test]
async fn a_revoked_token_is_dead() {
    let sim = start().await;
    let credentials = sim.simulator.credentials().clone();
    let reply = token(&sim, &credentials.client_secret, "client_credentials").await;
    let access_token = reply.text("access_token");
    let revoke = sim
        .atlas
        .http
        .post(format!("{}/api/oauth/revoke", sim.simulator.base_url()));
    let revoke = revoke.basic_auth(&credentials.client_id, Some(&credentials.client_secret));
    let form = [("token", access_token.as_str()), ("token_type_hint", "access_token")];
    assert_eq!(revoke.form(&form).send().await.unwrap().status(), 200);
    assert_eq!(with_token(&sim, &access_token).await.status, 401);
}

#[tokio::test]
async fn more_than_ten_sign_ins_a_minute_are_refused_without_retry_after() {
    let sim = start().await;
    let secret = sim.simulator.credentials().client_secret.clone();
    for _ in 0..10 {
        assert_eq!(token(&sim, &secret, "client_credentials").await.status, 200);
    }
    let refused = token(&sim, &secret, "client_credentials").await;
    refused.expect(429, "RATE_LIMITED");
    assert_eq!(refused.header("retry-after"), "");
    sim.control.advance(Duration::from_secs(61));
    assert_eq!(token(&sim, &secret, "client_credentials").await.status, 200);
}

#[tokio::test]
async fn versions_are_exact() {
    let sim = start().await;
    for media_type in ["application/json", "*/*", "application/vnd.atlas.2023-01-02+json"] {
        let path = sim.project("/clusters");
        let reply = sim.atlas.try_call(Method::GET, &path, media_type, None).await.unwrap();
        assert_eq!(reply.status, 406, "{media_type}");
    }
    let reply = sim.atlas.get(&sim.project("/encryptionAtRest"), V2023).await;
    assert_eq!(
        reply.header("content-type"),
        "application/vnd.atlas.2023-01-01+json;charset=utf-8"
    );
}

#[tokio::test]
async fn rights_are_checked_as_atlas_names_them() {
    let sim = start().await;
    sim.control
        .edit(|world| world.atlas.projects[0].roles = vec!["GROUP_READ_ONLY".to_owned()]);
    assert_eq!(
        sim.atlas.get(&sim.project("/cloudProviderAccess"), V2023).await.status,
        200
    );
    let body = json!({ "providerName": "AWS" });
    let reply = sim
        .atlas
        .call(Method::POST, &sim.project("/cloudProviderAccess"), V2023, Some(body))
        .await;
    reply.expect(401, "USER_UNAUTHORIZED");

    let reply = sim
        .atlas
        .get("/api/atlas/v2/groups/aaaaaaaaaaaaaaaaaaaaaaaa", V2023)
        .await;
    reply.expect(401, "NOT_IN_GROUP");
    let reply = sim.atlas.get("/api/atlas/v2/groups/Orders", V2023).await;
    reply.expect(404, "INVALID_GROUP_ID");
    assert_eq!(reply.header("x-error-code"), "INVALID_GROUP_ID");
    let reply = sim.atlas.get("/api/atlas/v2/nothing", V2023).await;
    reply.expect(404, "RESOURCE_NOT_FOUND");
}

#[tokio::test]
async fn the_api_key_knows_its_roles_and_sees_its_projects() {
    let sim = start().await;
    let root = sim.atlas.get("/api/atlas/v2", V2023).await;
    let project_id = sim.simulator.credentials().project_id.clone();
    let roles = root.body["apiKey"]["roles"].as_array().unwrap().clone();
    assert!(
        roles.contains(&json!({ "groupId": project_id, "roleName": "GROUP_OWNER" })),
        "{roles:?}"
    );

    let list = sim.atlas.get("/api/atlas/v2/groups", V2023).await;
    let names: Vec<&str> = list.body["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Orders", "Marketing Site", "Warehouse"]);
    assert_eq!(list.body["totalCount"], 3);

    let client = &sim.simulator.credentials().client_id;
    let account = sim
        .atlas
        .get(&sim.project(&format!("/serviceAccounts/{client}")), "2024-08-05")
        .await;
    assert_eq!(account.body["roles"], json!(["GROUP_OWNER"]));
}

#[tokio::test]
async fn an_expired_secret_is_an_invalid_client_and_its_end_can_be_read_before() {
    let sim = start().await;
    let credentials = sim.simulator.credentials().clone();
    let expires = async || {
        let path = sim.project(&format!("/serviceAccounts/{}", credentials.client_id));
        sim.atlas.get(&path, CLUSTERS_READ).await.body["secrets"][0]["expiresAt"].clone()
    };
    assert_eq!(expires().await, "2026-11-08T09:00:00Z");
    sim.control.advance(Duration::from_hours(24 * 90));
    assert_eq!(expires().await, "2026-11-08T09:00:00Z");
    let refused = token(&sim, &credentials.client_secret, "client_credentials").await;
    assert_eq!(
        (refused.status, refused.text("error")),
        (401, "invalid_client".to_owned())
    );
    sim.atlas
        .get(
            &sim.project("/serviceAccounts/mdb_sa_id_000000000000000000000000"),
            CLUSTERS_READ,
        )
        .await
        .expect(404, "RESOURCE_NOT_FOUND");
    assert_exchanges_fit(&sim.control.requests());
}

/// The answers to a read and to a change when the credential has this access list.
async fn read_and_change(list: &str) -> (super::support::Sim, Reply, Reply) {
    let sim = start_with(&format!("{SETTLED}\n[atlas.access_list]\n{list}")).await;
    let path = sim.project("/cloudProviderAccess");
    let read = sim.atlas.get(&path, V2023).await;
    let body = json!({ "providerName": "AWS" });
    let change = sim.atlas.call(Method::POST, &path, V2023, Some(body)).await;
    (sim, read, change)
}

#[tokio::test]
async fn a_credential_is_used_from_its_access_list_alone() {
    let (sim, read, change) = read_and_change("entries = [\"192.0.2.0/24\"]").await;
    for reply in [&read, &change] {
        reply.expect(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST");
        assert_eq!(reply.body["parameters"], json!(["203.0.113.9"]));
    }
    let open = sim
        .atlas
        .get("/api/atlas/v2/unauth/controlPlaneIPAddresses", "2023-11-15")
        .await;
    assert_eq!(open.status, 200, "nobody signs in for it");
    let secret = sim.simulator.credentials().client_secret.clone();
    let got = token(&sim, &secret, "client_credentials").await;
    assert_eq!(got.status, 200, "the list counts when a token is used, not before");
    with_token(&sim, &got.text("access_token"))
        .await
        .expect(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST");

    for entry in ["203.0.113.0/24", "203.0.113.9", "0.0.0.0/0"] {
        let (sim, read, change) = read_and_change(&format!("entries = [\"{entry}\"]\nrequired = true")).await;
        assert_eq!((read.status, change.status), (200, 200), "{entry}");
        sim.atlas.get("/api/atlas/v2", V2023).await;
        assert_exchanges_fit(&sim.control.requests());
    }
}

#[tokio::test]
async fn an_organization_may_require_an_access_list() {
    let (sim, read, change) = read_and_change("required = true").await;
    read.expect(403, "ORG_REQUIRES_ACCESS_LIST");
    change.expect(403, "ORG_REQUIRES_ACCESS_LIST");
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn reads_may_come_through_where_changes_do_not() {
    let (sim, read, change) = read_and_change("entries = [\"192.0.2.7\"]\nchanges_only = true").await;
    assert_eq!(read.status, 200);
    change.expect(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST");
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn what_only_owners_may_read_is_refused_to_others() {
    let sim = start().await;
    let policy = async || {
        sim.atlas
            .get(&sim.project("/backupCompliancePolicy"), "2023-10-01")
            .await
    };
    let none = policy().await;
    assert_eq!((none.status, none.body), (200, json!({})), "no policy is no error");
    sim.control
        .edit(|world| world.atlas.projects[0].roles = vec!["GROUP_READ_ONLY".to_owned()]);
    policy().await.expect(401, "USER_UNAUTHORIZED");
    sim.atlas
        .get(&sim.project("/encryptionAtRest/AWS/privateEndpoints"), V2023)
        .await
        .expect(401, "USER_UNAUTHORIZED");
    for path in ["/ipAddresses", "/events", "/clusters/orders/backup/snapshots"] {
        assert_eq!(sim.atlas.get(&sim.project(path), V2023).await.status, 200, "{path}");
    }
    assert_exchanges_fit(&sim.control.requests());
}

#[tokio::test]
async fn two_projects_may_have_one_name() {
    let twice = "[[project]]\nname = \"Orders\"\nroles = [\"GROUP_OWNER\"]\n";
    let sim = start_with(&format!("{SETTLED}\n{twice}{twice}")).await;
    let list = sim.atlas.get("/api/atlas/v2/groups", V2023).await;
    let projects = list.body["results"].as_array().unwrap();
    assert_eq!(projects.len(), 2);
    assert_eq!(projects[0]["name"], projects[1]["name"]);
    assert_ne!(projects[0]["id"], projects[1]["id"]);
}
