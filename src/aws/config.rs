//! From what the operator chose to clients.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::identity::IdentityCache;
use aws_config::imds;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_config::{AppName, BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::os_shim_internal::{Env, Fs};

use super::http;
use super::settings::{self, Settings, SignIn, environment};
use crate::domain::profile::AwsProfile;
use crate::domain::region::Region;
use crate::problem::Problem;

/// Tries of one request, the first one counted.
const ATTEMPTS: u32 = 3;
const CONNECT: Duration = Duration::from_secs(10);
const ATTEMPT: Duration = Duration::from_secs(30);
/// How long credentials may take: a `credential_process` can ask a person for a code.
const SIGN_IN: Duration = Duration::from_mins(1);
/// Off EC2 the metadata address may swallow packets; nobody waits longer than this for it.
const METADATA: Duration = Duration::from_millis(1500);

/// What the operator chose, option before configuration file. Where it says nothing, variables and profile do.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// The name of an AWS profile.
    pub profile: Option<String>,
    /// The region of the key.
    pub region: Option<Region>,
}

/// Where the services are to be reached, if not at AWS's own addresses.
#[derive(Clone, Debug, Default)]
struct Endpoints {
    iam: Option<String>,
    kms: Option<String>,
    sts: Option<String>,
}

/// IAM, KMS and STS with one identity, KMS in one region. Cheap to clone.
#[derive(Clone)]
pub struct Aws {
    pub(super) iam: aws_sdk_iam::Client,
    pub(super) kms: aws_sdk_kms::Client,
    pub(super) sts: aws_sdk_sts::Client,
    /// How to get fresh credentials, for an error's hint.
    pub(super) sign_in: Arc<SignIn>,
    /// The caller's ARN, once somebody asked.
    pub(super) caller: Arc<OnceLock<String>>,
    /// What it was connected by; none where it stands in for AWS.
    choice: Option<Choice>,
    sdk: SdkConfig,
    endpoints: Endpoints,
    region: Region,
}

impl std::fmt::Debug for Aws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Aws")
            .field("region", &self.region)
            .field("endpoints", &self.endpoints)
            .finish_non_exhaustive()
    }
}

impl Aws {
    /// Finds profile, region, endpoints and where credentials come from. Sends nothing yet.
    ///
    /// A profile that is named (by choice or in `AWS_PROFILE`) is used alone, also where `AWS_ACCESS_KEY_ID` is set: the
    /// SDK's own chain would take that key and act in another account.
    ///
    /// # Errors
    /// What is wrong with the choice, a variable or the profile: no such profile, no region, an endpoint without https.
    pub async fn connect(choice: &Choice) -> Result<Self, Problem> {
        Self::connect_in(choice, environment(), &Fs::real()).await
    }

    /// Returns the AWS profiles on this machine, by name. Sends nothing.
    ///
    /// # Errors
    /// The profile files can't be read.
    pub async fn profiles() -> Result<Vec<AwsProfile>, Problem> {
        settings::profiles(&environment(), &Fs::real()).await
    }

    /// Connects in a given environment, without empty variables. The SDK's credential providers read the real one.
    pub(super) async fn connect_in(choice: &Choice, env: Env, fs: &Fs) -> Result<Self, Problem> {
        let settings = Settings::load(choice.profile.as_deref(), env, fs).await?;
        let region = settings.region(choice.region)?;
        // Where credentials are fetched is the SDK's business; that it isn't over plain http is ours.
        for service in ["SSO", "SSO OIDC"] {
            settings.endpoint(service)?;
        }
        let endpoints = Endpoints {
            iam: settings.endpoint("IAM")?,
            kms: settings.endpoint("KMS")?,
            sts: settings.endpoint("STS")?,
        };
        let sdk = base()
            .use_fips(settings.fips())
            .use_dual_stack(settings.dual_stack())
            .credentials_provider(credentials(&settings, region))
            .build();
        let aws = Self::assemble(
            sdk,
            endpoints,
            region,
            Arc::new(settings.sign_in().await),
            Arc::default(),
        );
        Ok(Self {
            choice: Some(choice.clone()),
            ..aws
        })
    }

    /// Returns the same again with what files hold now: the SDK reads a profile's session keys once. Sends nothing yet.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn renewed(&self) -> Result<Self, Problem> {
        match &self.choice {
            Some(choice) => {
                let region = Some(self.region);
                Self::connect(&Choice {
                    region,
                    ..choice.clone()
                })
                .await
            }
            None => Ok(self.clone()),
        }
    }

    /// Returns clients of a server on this machine that stands in for AWS: no variable, no file, no proxy, no metadata.
    pub fn simulated(endpoint: &str, access_key_id: &str, secret_access_key: &str, region: Region) -> Self {
        let keys = Credentials::new(access_key_id, secret_access_key, None, None, "simulator");
        let sdk = base()
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .build();
        let sign_in = SignIn::Renew("use the access key of the simulator".to_owned());
        let endpoint = Some(endpoint.to_owned());
        let endpoints = Endpoints {
            iam: endpoint.clone(),
            kms: endpoint.clone(),
            sts: endpoint,
        };
        Self::assemble(sdk, endpoints, region, Arc::new(sign_in), Arc::default())
    }

    fn assemble(
        sdk: SdkConfig,
        endpoints: Endpoints,
        region: Region,
        sign_in: Arc<SignIn>,
        caller: Arc<OnceLock<String>>,
    ) -> Self {
        let sdk = sdk.into_builder().region(aws_config::Region::new(region.aws())).build();
        let mut iam = aws_sdk_iam::config::Builder::from(&sdk);
        iam.set_endpoint_url(endpoints.iam.clone());
        let mut sts = aws_sdk_sts::config::Builder::from(&sdk);
        sts.set_endpoint_url(endpoints.sts.clone());
        Self {
            iam: aws_sdk_iam::Client::from_conf(iam.build()),
            kms: kms(&sdk, &endpoints),
            sts: aws_sdk_sts::Client::from_conf(sts.build()),
            sign_in,
            caller,
            choice: None,
            sdk,
            endpoints,
            region,
        }
    }

    /// Returns the region of the keys.
    pub fn region(&self) -> Region {
        self.region
    }

    /// Returns the same identity with the keys of another region.
    #[must_use]
    pub fn with_region(&self, region: Region) -> Self {
        let aws = Self::assemble(
            self.sdk.clone(),
            self.endpoints.clone(),
            region,
            Arc::clone(&self.sign_in),
            Arc::clone(&self.caller),
        );
        Self {
            choice: self.choice.clone(),
            ..aws
        }
    }

    /// Returns the KMS client of any region, by AWS's name: also of one where Atlas can't use keys.
    pub(super) fn kms_in(&self, region: &str) -> aws_sdk_kms::Client {
        if region == self.region.aws() {
            return self.kms.clone();
        }
        let sdk = self
            .sdk
            .to_builder()
            .region(aws_config::Region::new(region.to_owned()))
            .build();
        kms(&sdk, &self.endpoints)
    }
}

fn kms(sdk: &SdkConfig, endpoints: &Endpoints) -> aws_sdk_kms::Client {
    let mut kms = aws_sdk_kms::config::Builder::from(sdk);
    kms.set_endpoint_url(endpoints.kms.clone());
    aws_sdk_kms::Client::from_conf(kms.build())
}

/// Returns what holds for every client: how long, how often, over which HTTP client, under which name.
fn base() -> aws_types::sdk_config::Builder {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT);
    let mut sdk = SdkConfig::builder();
    sdk.set_app_name(AppName::new(env!("CARGO_PKG_NAME")).ok());
    sdk.behavior_version(BehaviorVersion::latest())
        .http_client(http::client())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts.build())
        // One for the three services: else each would ask for a code, or read the metadata, by itself.
        .identity_cache(IdentityCache::lazy().load_timeout(SIGN_IN).build())
}

/// Returns where credentials come from: the profile that is named, else the SDK's usual places in their usual order.
fn credentials(settings: &Settings, region: Region) -> SharedCredentialsProvider {
    let common = ProviderConfig::without_region()
        .with_region(Some(aws_config::Region::new(region.aws())))
        .with_http_client(http::client())
        .with_use_fips(Some(settings.fips()))
        .with_use_dual_stack(Some(settings.dual_stack()));
    let profile = ProfileFileCredentialsProvider::builder()
        .configure(&common)
        .profile_files(settings.files().clone())
        .profile_name(settings.profile())
        .build();
    if settings.is_named() {
        return SharedCredentialsProvider::new(profile);
    }
    let mut chain = CredentialsProviderChain::first_try("variables", EnvironmentVariableCredentialsProvider::new())
        .or_else("AWS profile `default`", profile);
    if settings.has("AWS_WEB_IDENTITY_TOKEN_FILE") {
        let provider = WebIdentityTokenCredentialsProvider::builder()
            .configure(&common)
            .build();
        chain = chain.or_else("web identity token", provider);
    }
    let container = [
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ];
    if container.iter().any(|variable| settings.has(variable)) {
        let provider = EcsCredentialsProvider::builder().configure(&common).build();
        chain = chain.or_else("container", provider);
    }
    let metadata = imds::Client::builder()
        .configure(&common)
        .operation_timeout(METADATA)
        .build();
    let metadata = imds::credentials::ImdsCredentialsProvider::builder()
        .configure(&common)
        .imds_client(metadata)
        .build();
    SharedCredentialsProvider::new(chain.or_else("EC2 metadata", metadata))
}
