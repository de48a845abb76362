//! Atlas's questions about AWS, asked of another endpoint.
//!
//! With it the Atlas half stands in front of an AWS stand-in that others wrote, and judges what that one stores by the
//! rules of `authorize`, since such stand-ins grant what AWS denies.

use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_kms::types::{KeySpec, KeyState as KmsState, KeyUsageType};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use super::authorize::{KeyFacts, KeyName, RoleFacts};
use super::policy::{Context, Document, Policies};
use super::world::KeyState;

/// Another AWS endpoint.
#[derive(Debug)]
pub(super) struct External {
    iam: aws_sdk_iam::Client,
    kms: aws_sdk_kms::Client,
}

impl External {
    /// Makes clients that know nothing of the environment: no profile, no proxy.
    pub(super) fn new(endpoint: &str, region: &str) -> Self {
        // Made without a proxy, this client uses none, whatever the environment says.
        let http = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .build_https();
        let credentials = Credentials::new("testing", "testing", None, None, "simulator");
        let region = Region::new(region.to_owned());
        let iam = aws_sdk_iam::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(credentials.clone())
            .region(region.clone())
            .endpoint_url(endpoint)
            .http_client(http.clone())
            .build();
        let kms = aws_sdk_kms::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(credentials)
            .region(region)
            .endpoint_url(endpoint)
            .http_client(http)
            .build();
        Self {
            iam: aws_sdk_iam::Client::from_conf(iam),
            kms: aws_sdk_kms::Client::from_conf(kms),
        }
    }

    /// Reads a role's trust policy.
    pub(super) async fn role(&self, now: Timestamp, arn: &str) -> Option<RoleFacts> {
        let answer = self.iam.get_role().role_name(name_of(arn)).send().await.ok()?;
        let role = answer.role?;
        let trust = Document::read(&decoded(
            role.assume_role_policy_document.as_deref().unwrap_or_default(),
        ));
        // Looked up by name: a wrong path or account in the ARN is another role.
        (role.arn == arn).then(|| RoleFacts {
            arn: arn.to_owned(),
            trust,
            resource_control: Vec::new(),
            context: Context::at(now),
        })
    }

    /// Reads a key with its policy, and the policies of the role that is to use it.
    ///
    /// Grants are left out; an organization's policies can't be read from an account.
    pub(super) async fn key(&self, now: Timestamp, role_arn: &str, name: &KeyName) -> Option<KeyFacts> {
        // The region goes along, since one endpoint serves them all.
        let region = aws_sdk_kms::config::Builder::default().region(Region::new(name.region.clone()));
        let metadata = self
            .kms
            .describe_key()
            .key_id(&name.id)
            .customize()
            .config_override(region.clone())
            .send()
            .await
            .ok()?
            .key_metadata?;
        let arn = metadata.arn?;
        // Stand-ins find a key of any region and account; AWS doesn't.
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        if parts.get(3) != Some(&name.region.as_str()) || parts.get(4) != Some(&name.account.as_str()) {
            return None;
        }
        let policy = self
            .kms
            .get_key_policy()
            .key_id(&name.id)
            .policy_name("default")
            .customize()
            .config_override(region)
            .send()
            .await
            .ok()?
            .policy?;
        let usage = metadata.key_usage.unwrap_or(KeyUsageType::EncryptDecrypt);
        Some(KeyFacts {
            account: name.account.clone(),
            state: state(metadata.key_state.as_ref()),
            spec: metadata
                .key_spec
                .unwrap_or(KeySpec::SymmetricDefault)
                .as_str()
                .to_owned(),
            // Some stand-ins leave it empty where it is the default.
            usage: Some(usage.as_str())
                .filter(|usage| !usage.is_empty())
                .unwrap_or("ENCRYPT_DECRYPT")
                .to_owned(),
            policy: Document::read(&policy),
            granted: Vec::new(),
            resource_control: Vec::new(),
            role: Policies {
                identity: self.policies(name_of(role_arn)).await,
                boundary: self.boundary(name_of(role_arn)).await,
                service_control: Vec::new(),
            },
            context: Context::at(now)
                .with("aws:ResourceAccount", &name.account)
                .with("aws:RequestedRegion", &name.region),
            arn,
        })
    }

    /// Reads all policies of a role; what can't be read allows nothing.
    async fn policies(&self, role: &str) -> Vec<Document> {
        let mut policies = Vec::new();
        let names = self.iam.list_role_policies().role_name(role).send().await;
        for name in names.map(|answer| answer.policy_names).unwrap_or_default() {
            if let Ok(answer) = self
                .iam
                .get_role_policy()
                .role_name(role)
                .policy_name(name)
                .send()
                .await
            {
                policies.push(Document::read(&decoded(&answer.policy_document)));
            }
        }
        let attached = self.iam.list_attached_role_policies().role_name(role).send().await;
        for policy in attached
            .ok()
            .and_then(|answer| answer.attached_policies)
            .unwrap_or_default()
        {
            if let Some(arn) = policy.policy_arn
                && let Some(document) = self.managed(&arn).await
            {
                policies.push(document);
            }
        }
        policies
    }

    async fn boundary(&self, role: &str) -> Option<Document> {
        let role = self.iam.get_role().role_name(role).send().await.ok()?.role?;
        let arn = role.permissions_boundary?.permissions_boundary_arn?;
        // A boundary that can't be read limits to nothing.
        Some(self.managed(&arn).await.unwrap_or_default())
    }

    async fn managed(&self, arn: &str) -> Option<Document> {
        let version = self
            .iam
            .get_policy()
            .policy_arn(arn)
            .send()
            .await
            .ok()?
            .policy?
            .default_version_id?;
        let answer = self
            .iam
            .get_policy_version()
            .policy_arn(arn)
            .version_id(version)
            .send()
            .await
            .ok()?;
        Some(Document::read(&decoded(&answer.policy_version?.document?)))
    }
}

fn state(state: Option<&KmsState>) -> KeyState {
    match state {
        Some(KmsState::Enabled) => KeyState::Enabled,
        Some(KmsState::Updating) => KeyState::Updating,
        Some(KmsState::Creating) => KeyState::Creating,
        Some(KmsState::PendingDeletion) => KeyState::PendingDeletion,
        Some(KmsState::PendingImport) => KeyState::PendingImport,
        Some(KmsState::PendingReplicaDeletion) => KeyState::PendingReplicaDeletion,
        Some(KmsState::Disabled) => KeyState::Disabled,
        _ => KeyState::Unavailable,
    }
}

fn name_of(role_arn: &str) -> &str {
    role_arn.rsplit('/').next().unwrap_or(role_arn)
}

/// Decodes a document where it is encoded, as some stand-ins forget.
fn decoded(document: &str) -> String {
    if document.trim_start().starts_with('{') {
        document.to_owned()
    } else {
        percent_decode_str(document).decode_utf8_lossy().into_owned()
    }
}
