//! The Atlas client on a socket: what it sends, what it repeats, what it never does.

mod digest;
mod errors;
mod lists;
mod oauth;
mod repeating;
mod requests;

use std::time::Duration;

use atlas_cmk::atlas::{AwsKmsUpdate, Client, Credential, Patience};
use atlas_cmk::domain::region::Region;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::support::server::{Seen, Server};

const PROJECT: &str = "6a793f832c88faeba59bc3c2";

impl Seen {
    fn page(&self) -> usize {
        let (_, number) = self.target.split_once("pageNum=").unwrap();
        number.parse().unwrap()
    }
}

impl Server {
    fn client(&self) -> Client {
        client(&self.url)
    }
}

fn client(url: &str) -> Client {
    let key = Credential::ApiKey {
        public_key: "abcdefgh".to_owned(),
        private_key: "0e6f-hush".to_owned().into(),
    };
    Client::new(url, key).unwrap().with_patience(quick())
}

fn service_account(url: &str) -> Client {
    let account = Credential::ServiceAccount {
        client_id: "mdb_sa_id_6a793f832c88faeba59bc3c2".to_owned(),
        client_secret: "mdb_sa_sk_hush".to_owned().into(),
    };
    Client::new(url, account).unwrap().with_patience(quick())
}

fn quick() -> Patience {
    Patience {
        first: Duration::from_millis(5),
        longest: Duration::from_millis(20),
        total: Duration::from_secs(5),
        unreached: Duration::from_millis(100),
        token: Duration::from_millis(200),
        ..Patience::default()
    }
}

fn ok(body: &Value) -> Response {
    reply(200, body)
}

fn reply(status: u16, body: &Value) -> Response {
    let json = [(
        header::CONTENT_TYPE,
        "application/vnd.atlas.2023-01-01+json;charset=utf-8",
    )];
    (StatusCode::from_u16(status).unwrap(), json, body.to_string()).into_response()
}

fn refusal(status: u16, code: &str) -> Response {
    reply(
        status,
        &json!({"error": status, "errorCode": code, "detail": "The words.", "parameters": []}),
    )
}

fn html(status: u16) -> Response {
    let page = "<!DOCTYPE html><html><body>Unavailable</body></html>";
    (
        StatusCode::from_u16(status).unwrap(),
        [(header::CONTENT_TYPE, "text/html")],
        page,
    )
        .into_response()
}

fn with(mut response: Response, name: &'static str, value: &str) -> Response {
    response.headers_mut().insert(name, value.parse().unwrap());
    response
}

fn project() -> Value {
    json!({"id": PROJECT, "name": "orders", "orgId": "a0123456789abcdef012345a"})
}

fn access_role() -> Value {
    json!({"providerName": "AWS", "roleId": "6a793f88c0eb9e7a17716581", "authorizedDate": null,
        "atlasAWSAccountArn": "arn:aws:iam::299602853325:root",
        "atlasAssumedRoleExternalId": "b63a96a9-5e21-4eee-9902-a3cdc7a0d81e"})
}

fn cluster(name: &str) -> Value {
    json!({"name": name, "clusterType": "REPLICASET", "stateName": "IDLE", "encryptionAtRestProvider": "NONE"})
}

fn update() -> AwsKmsUpdate {
    AwsKmsUpdate {
        role_id: "6a793f88c0eb9e7a17716581".to_owned(),
        key: "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab".to_owned(),
        region: Region::parse("us-east-1").unwrap(),
        require_private_networking: None,
    }
}
