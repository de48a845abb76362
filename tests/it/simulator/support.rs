//! Clients of both clouds, by hand: the program's own would hide what they have in common with the program.

use std::sync::Mutex;

use atlas_cmk::simulator::{Control, Credentials, Options, Scenario, Simulator, Time};
use aws_credential_types::Credentials as AwsCredentials;
use digest_auth::{AuthContext, HttpMethod, WwwAuthenticateHeader};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, WWW_AUTHENTICATE};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

pub(crate) const V2023: &str = "2023-01-01";
pub(crate) const CLUSTERS_READ: &str = "2024-08-05";
pub(crate) const CLUSTERS_CHANGE: &str = "2024-10-23";
pub(crate) const FLEX: &str = "2024-11-13";

/// A simulator whose time is moved by hand, and clients of it.
pub(crate) struct Sim {
    pub(crate) simulator: Simulator,
    pub(crate) control: Control,
    pub(crate) atlas: Atlas,
}

/// Starts a small world in which changes are seen at once.
pub(crate) async fn start() -> Sim {
    start_with(SETTLED).await
}

pub(crate) async fn start_with(scenario: &str) -> Sim {
    let options = Options {
        time: Time::Manual,
        ..Options::default()
    };
    let simulator = Simulator::start(Scenario::parse(scenario).unwrap(), options)
        .await
        .unwrap();
    let atlas = Atlas::new(simulator.base_url(), simulator.credentials());
    Sim {
        control: simulator.control(),
        atlas,
        simulator,
    }
}

pub(crate) const SETTLED: &str = r#"
    based_on = "first-time"
    [pace]
    cluster_seconds = { default = 20, M10 = 10 }
    [propagation]
    trust = 0
    permissions = 0
    key_policy = 0
"#;

pub(crate) const ACCOUNT: &str = "111122223333";
/// The key of `first-time` that can be used.
pub(crate) const GOOD_KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/7c1e2f60-3b9a-4d58-9e47-0a5d6c8b1f23";

impl Sim {
    pub(crate) fn project(&self, path: &str) -> String {
        format!("/api/atlas/v2/groups/{}{path}", self.simulator.credentials().project_id)
    }

    /// Signs in as the operator, in the scenario's region.
    pub(crate) fn sdk(&self) -> aws_config::SdkConfig {
        let credentials = self.simulator.credentials();
        sdk_in(
            self.simulator.base_url(),
            &credentials.aws_access_key_id,
            &credentials.region,
        )
    }

    /// Signs in with the first access key beside the operator's.
    pub(crate) fn other_sdk(&self) -> aws_config::SdkConfig {
        let credentials = self.simulator.credentials();
        let key = &credentials.further_aws[0];
        sdk_in(self.simulator.base_url(), &key.id, &credentials.region)
    }

    pub(crate) fn iam(&self) -> aws_sdk_iam::Client {
        aws_sdk_iam::Client::new(&self.sdk())
    }

    pub(crate) fn kms(&self) -> aws_sdk_kms::Client {
        aws_sdk_kms::Client::new(&self.sdk())
    }

    /// Makes an access role and returns its id and external id.
    pub(crate) async fn access_role(&self) -> (String, String) {
        let path = self.project("/cloudProviderAccess");
        let made = self
            .atlas
            .call(Method::POST, &path, V2023, Some(json!({ "providerName": "AWS" })))
            .await;
        assert_eq!(made.status, 200, "{}", made.body);
        (made.text("roleId"), made.text("atlasAssumedRoleExternalId"))
    }

    pub(crate) async fn authorize(&self, role_id: &str, iam_role_arn: &str) -> Reply {
        let path = self.project(&format!("/cloudProviderAccess/{role_id}"));
        let body = json!({ "providerName": "AWS", "iamAssumedRoleArn": iam_role_arn });
        self.atlas.call(Method::PATCH, &path, V2023, Some(body)).await
    }

    pub(crate) async fn enable(&self, role_id: &str, key: &str) -> Reply {
        self.set_encryption(aws_kms(role_id, key, "US_EAST_1")).await
    }

    pub(crate) async fn set_encryption(&self, aws_kms: Value) -> Reply {
        let body = json!({ "awsKms": aws_kms });
        self.atlas
            .call(Method::PATCH, &self.project("/encryptionAtRest"), V2023, Some(body))
            .await
    }

    pub(crate) async fn valid(&self) -> Value {
        self.atlas.get(&self.project("/encryptionAtRest"), V2023).await.body["awsKms"]["valid"].clone()
    }

    pub(crate) async fn create_role(&self, name: &str, trust: &Value) -> String {
        let made = self
            .iam()
            .create_role()
            .role_name(name)
            .assume_role_policy_document(trust.to_string())
            .send()
            .await;
        made.unwrap().role.unwrap().arn
    }

    pub(crate) async fn permit(&self, role: &str, policy: &Value) {
        let put = self
            .iam()
            .put_role_policy()
            .role_name(role)
            .policy_name("kms")
            .policy_document(policy.to_string());
        put.send().await.unwrap();
    }

    /// Goes the whole way up to the project's setting; returns the access role's id.
    pub(crate) async fn set_up(&self) -> String {
        let (id, external_id) = self.access_role().await;
        let arn = self.create_role("atlas", &Self::trust(&external_id)).await;
        self.permit("atlas", &permission(GOOD_KEY)).await;
        assert_eq!(self.authorize(&id, &arn).await.status, 200);
        assert_eq!(self.enable(&id, GOOD_KEY).await.status, 200);
        id
    }

    /// The trust policy that Atlas asks for.
    pub(crate) fn trust(external_id: &str) -> Value {
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "AWS": "arn:aws:iam::536727724300:root" },
                "Action": "sts:AssumeRole",
                "Condition": { "StringEquals": { "sts:ExternalId": external_id } },
            }],
        })
    }
}

pub(crate) fn aws_kms(role_id: &str, key: &str, region: &str) -> Value {
    json!({ "enabled": true, "roleId": role_id, "customerMasterKeyID": key, "region": region })
}

/// The policy that Atlas needs on a key.
pub(crate) fn permission(key: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": ["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"],
            "Resource": key,
        }],
    })
}

pub(crate) fn sdk(endpoint: &str, access_key: &str) -> aws_config::SdkConfig {
    sdk_in(endpoint, access_key, "us-east-1")
}

pub(crate) fn sdk_in(endpoint: &str, access_key: &str, region: &str) -> aws_config::SdkConfig {
    let credentials = AwsCredentials::new(access_key, "secret", None, None, "test");
    aws_config::SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::new(region.to_owned()))
        .endpoint_url(endpoint)
        .credentials_provider(aws_sdk_kms::config::SharedCredentialsProvider::new(credentials))
        .http_client(
            aws_smithy_http_client::Builder::new()
                .tls_provider(aws_smithy_http_client::tls::Provider::Rustls(
                    aws_smithy_http_client::tls::rustls_provider::CryptoMode::AwsLc,
                ))
                .build_https(),
        )
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .build()
}

/// An answer of Atlas.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) async fn read(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default();
        Self { status, headers, body }
    }

    pub(crate) fn text(&self, field: &str) -> String {
        self.body[field].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn code(&self) -> &str {
        self.body["errorCode"].as_str().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    pub(crate) fn expect(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.body);
    }
}

/// A client that signs in with digest, and keeps its nonce.
pub(crate) struct Atlas {
    pub(crate) http: Client,
    base: String,
    user: String,
    password: String,
    prompt: Mutex<Option<WwwAuthenticateHeader>>,
}

impl Atlas {
    pub(crate) fn new(base: &str, credentials: &Credentials) -> Self {
        Self {
            http: Client::builder().no_proxy().build().unwrap(),
            base: base.to_owned(),
            user: credentials.public_key.clone(),
            password: credentials.private_key.clone(),
            prompt: Mutex::new(None),
        }
    }

    pub(crate) async fn get(&self, path: &str, version: &str) -> Reply {
        self.call(Method::GET, path, version, None).await
    }

    pub(crate) async fn call(&self, method: Method, path: &str, version: &str, body: Option<Value>) -> Reply {
        let media_type = format!("application/vnd.atlas.{version}+json");
        self.try_call(method, path, &media_type, body).await.unwrap()
    }

    /// Signs in where necessary, and once again where the nonce went stale.
    pub(crate) async fn try_call(
        &self,
        method: Method,
        path: &str,
        media_type: &str,
        body: Option<Value>,
    ) -> reqwest::Result<Reply> {
        loop {
            let kept = self.prompt.lock().unwrap().is_some();
            let response = self.send(&method, path, media_type, body.as_ref()).await?;
            let fresh = response
                .headers()
                .get(WWW_AUTHENTICATE)
                .map(|value| value.to_str().unwrap().to_owned());
            match fresh {
                Some(challenge) if !kept || challenge.contains("stale=true") => {
                    *self.prompt.lock().unwrap() = Some(digest_auth::parse(&challenge).unwrap());
                }
                _ => return Ok(Reply::read(response).await),
            }
        }
    }

    async fn send(
        &self,
        method: &Method,
        path: &str,
        media_type: &str,
        body: Option<&Value>,
    ) -> reqwest::Result<Response> {
        let mut request = self
            .http
            .request(method.clone(), format!("{}{path}", self.base))
            .header(ACCEPT, media_type);
        if let Some(prompt) = &mut *self.prompt.lock().unwrap() {
            let context = AuthContext::new_with_method(
                &self.user,
                &self.password,
                path,
                Option::<&[u8]>::None,
                HttpMethod::from(method.as_str()),
            );
            request = request.header(AUTHORIZATION, prompt.respond(&context).unwrap().to_header_string());
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, media_type).body(body.to_string());
        }
        request.send().await
    }

    pub(crate) fn with_password(mut self, password: &str) -> Self {
        password.clone_into(&mut self.password);
        self
    }
}

/// Returns the code of a failed AWS call.
pub(crate) fn aws_code<T, E>(result: Result<T, E>) -> String
where
    E: aws_sdk_kms::error::ProvideErrorMetadata,
{
    result
        .err()
        .and_then(|error| error.code().map(str::to_owned))
        .unwrap_or_default()
}

/// Returns the sentence of a failed AWS call.
pub(crate) fn aws_message<T, E>(result: Result<T, E>) -> String
where
    E: aws_sdk_kms::error::ProvideErrorMetadata,
{
    result
        .err()
        .and_then(|error| error.message().map(str::to_owned))
        .unwrap_or_default()
}
