//! What the operator's variables and AWS profiles say. An empty variable counts as unset.
//!
//! The SDK reads the same by itself, but takes an empty variable for a value and can't say where an endpoint came from.

use std::collections::HashMap;
use std::path::Path;

use aws_config::profile::ProfileSet;
use aws_runtime::env_config::EnvConfigValue;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_runtime::fs_util::{Os, home_dir};
use aws_types::os_shim_internal::{Env, Fs};
use jiff::Timestamp;
use url::Url;

use super::sso;
use crate::domain::loopback::is_loopback;
use crate::domain::profile::AwsProfile;
use crate::domain::region::Region;
use crate::problem::Problem;

/// How to get fresh credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SignIn {
    /// Through IAM Identity Center.
    Sso {
        /// The profile to sign in with.
        profile: String,
        /// When the last sign-in ended, if it had when the program began.
        ended: Option<Timestamp>,
    },
    /// By other means, in a sentence.
    Renew(String),
}

impl std::fmt::Display for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sso { profile, .. } => write!(f, "sign in: `aws sso login --profile {profile}`"),
            Self::Renew(how) => f.write_str(how),
        }
    }
}

/// How many `source_profile` links are followed before a loop is assumed.
const LINKS: usize = 16;

/// The variables that aren't empty, and the profile that holds.
pub(super) struct Settings {
    env: Env,
    profiles: ProfileSet,
    files: EnvConfigFiles,
    named: bool,
}

/// The environment of this process without its empty variables.
pub(super) fn environment() -> Env {
    let variables: HashMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(_, value)| !value.trim().is_empty())
        .collect();
    Env::from(variables)
}

impl Settings {
    /// Reads the profile files; `profile` is the operator's choice before `AWS_PROFILE`.
    ///
    /// `env` must be without empty variables.
    pub(super) async fn load(profile: Option<&str>, env: Env, fs: &Fs) -> Result<Self, Problem> {
        let (name, place) = match (profile, env.get("AWS_PROFILE")) {
            (Some(chosen), _) => (Some(chosen.to_owned()), None),
            (None, Ok(named)) => (Some(named), Some("AWS_PROFILE")),
            (None, Err(_)) => (None, None),
        };
        let files = files(&env, fs).await;
        let selected = name.clone().unwrap_or_else(|| "default".to_owned());
        let profiles = read(&env, fs, &files, &selected).await?;
        if let Some(name) = &name
            && profiles.get_profile(name).is_none()
        {
            let mut problem = Problem::input(format!("there is no AWS profile `{name}`"));
            if let Some(place) = place {
                problem = problem.at(place);
            }
            let mut known: Vec<&str> = profiles.profiles().collect();
            known.sort_unstable();
            return Err(if known.is_empty() {
                problem.hint("no AWS profile is configured on this machine: run `aws configure sso` or `aws configure`")
            } else {
                problem.hint(format!("AWS profiles on this machine: {}", known.join(", ")))
            });
        }
        Ok(Self {
            env,
            profiles,
            files,
            named: name.is_some(),
        })
    }

    /// Returns the profile's name, and `default` where none is named.
    pub(super) fn profile(&self) -> &str {
        self.profiles.selected_profile()
    }

    /// Returns whether a profile is named: then its credentials alone are used.
    pub(super) fn is_named(&self) -> bool {
        self.named
    }

    /// Returns the profile files to read.
    pub(super) fn files(&self) -> &EnvConfigFiles {
        &self.files
    }

    /// Returns whether a variable is set, and not empty.
    pub(super) fn has(&self, variable: &str) -> bool {
        self.env.get(variable).is_ok()
    }

    /// Returns the region: the choice, `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's.
    pub(super) fn region(&self, chosen: Option<Region>) -> Result<Region, Problem> {
        if let Some(region) = chosen {
            return Ok(region);
        }
        for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            if let Ok(name) = self.env.get(variable) {
                return Region::parse(&name).map_err(|error| Problem::input(error.to_string()).at(variable));
            }
        }
        match self.profiles.get("region").filter(|name| !name.trim().is_empty()) {
            Some(name) => Region::parse(name)
                .map_err(|error| Problem::input(error.to_string()).at(format!("AWS profile `{}`", self.profile()))),
            None => Err(Problem::input("no AWS region is chosen")
                .hint("give the key's region with --region, in AWS_REGION, or as region under [aws] in the configuration file")),
        }
    }

    /// Returns where a service (`IAM`, `KMS`, `STS`) is to be reached, if not at AWS's own address.
    ///
    /// # Errors
    /// The address isn't https, nor http to this machine.
    pub(super) fn endpoint(&self, service: &str) -> Result<Option<String>, Problem> {
        if self.flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls") {
            return Ok(None);
        }
        let Some((given, _)) = EnvConfigValue::new()
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .service_id(service)
            .load(&self.env, Some(&self.profiles))
            .filter(|(given, _)| !given.trim().is_empty())
        else {
            return Ok(None);
        };
        let own = format!("AWS_ENDPOINT_URL_{}", service.replace(' ', "_"));
        let place = [own.as_str(), "AWS_ENDPOINT_URL"]
            .into_iter()
            .find(|variable| self.has(variable))
            .map_or_else(
                || format!("endpoint_url of AWS profile `{}`", self.profile()),
                str::to_owned,
            );
        match judge(given.trim()) {
            Ok(()) => Ok(Some(given.trim().to_owned())),
            Err(why) => Err(Problem::input(format!("the AWS endpoint {why}"))
                .at(place)
                .hint("plain http is for this machine only: https:// elsewhere")),
        }
    }

    /// Returns whether FIPS endpoints are wanted.
    pub(super) fn fips(&self) -> bool {
        self.flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")
    }

    /// Returns whether dual-stack endpoints are wanted.
    pub(super) fn dual_stack(&self) -> bool {
        self.flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")
    }

    fn flag(&self, variable: &str, key: &str) -> bool {
        EnvConfigValue::new()
            .env(variable)
            .profile(key)
            .load(&self.env, Some(&self.profiles))
            .is_some_and(|(value, _)| value.trim().eq_ignore_ascii_case("true"))
    }

    /// Returns how to get fresh credentials of the kind that is in use.
    pub(super) async fn sign_in(&self) -> SignIn {
        if !self.named && self.has("AWS_ACCESS_KEY_ID") {
            return SignIn::Renew(
                "renew AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, where it is used, AWS_SESSION_TOKEN, and start \
                 again (a process keeps the variables that it was started with)"
                    .to_owned(),
            );
        }
        if let Some(profile) = sso_profile(&self.profiles, self.profile()) {
            return SignIn::Sso {
                profile: profile.to_owned(),
                ended: self.sign_in_ended(profile).await,
            };
        }
        if self.named || self.profiles.get_profile(self.profile()).is_some() {
            return SignIn::Renew(format!("renew the credentials of AWS profile `{}`", self.profile()));
        }
        SignIn::Renew(
            "name a profile with --aws-profile or AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; \
             with IAM Identity Center sign in first: `aws sso login --profile NAME`"
                .to_owned(),
        )
    }

    async fn sign_in_ended(&self, profile: &str) -> Option<Timestamp> {
        let profile = self.profiles.get_profile(profile)?;
        let start_url = match profile.get("sso_session") {
            Some(session) => self.profiles.sso_session(session)?.get("sso_start_url")?,
            None => profile.get("sso_start_url")?,
        };
        let home = home_dir(&self.env, Os::real())?;
        sso::ended(Path::new(&home), start_url, Timestamp::now()).await
    }
}

/// Returns the profiles on this machine, by name.
///
/// # Errors
/// The profile files can't be read.
pub(super) async fn profiles(env: &Env, fs: &Fs) -> Result<Vec<AwsProfile>, Problem> {
    let profiles = read(env, fs, &files(env, fs).await, "default").await?;
    let mut all: Vec<AwsProfile> = profiles
        .profiles()
        .filter_map(|name| profiles.get_profile(name))
        .map(|profile| AwsProfile {
            name: profile.name().to_owned(),
            region: profile
                .get("region")
                .map(str::trim)
                .filter(|region| !region.is_empty())
                .map(str::to_owned),
            sso: sso_profile(&profiles, profile.name()).is_some(),
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

async fn read(env: &Env, fs: &Fs, files: &EnvConfigFiles, selected: &str) -> Result<ProfileSet, Problem> {
    aws_config::profile::load(fs, env, files, Some(selected.to_owned().into()))
        .await
        .map_err(|error| Problem::input("the AWS profile files can't be read").caused_by(&error))
}

/// Returns the profile that signs in through IAM Identity Center: this one, or one it takes its credentials from.
fn sso_profile<'a>(profiles: &'a ProfileSet, mut name: &'a str) -> Option<&'a str> {
    for _ in 0..LINKS {
        let profile = profiles.get_profile(name)?;
        if profile.get("sso_session").or(profile.get("sso_start_url")).is_some() {
            return Some(profile.name());
        }
        name = profile.get("source_profile").filter(|source| *source != name)?;
    }
    None
}

/// Returns the profile files that are there. Left to itself the SDK takes an empty variable for a path.
async fn files(env: &Env, fs: &Fs) -> EnvConfigFiles {
    let mut files = EnvConfigFiles::builder();
    for (kind, variable, default) in [
        (EnvConfigFileKind::Config, "AWS_CONFIG_FILE", "~/.aws/config"),
        (
            EnvConfigFileKind::Credentials,
            "AWS_SHARED_CREDENTIALS_FILE",
            "~/.aws/credentials",
        ),
    ] {
        let path = env.get(variable).unwrap_or_else(|_| default.to_owned());
        let path = match (path.strip_prefix("~/"), home_dir(env, Os::real())) {
            (Some(below), Some(home)) => format!("{home}/{below}"),
            _ => path,
        };
        files = match fs.read_to_end(&path).await {
            Ok(_) => files.with_file(kind, path),
            // Two files always, since a set without any isn't allowed.
            Err(_) => files.with_contents(kind, ""),
        };
    }
    files.build()
}

/// Judges an endpoint: https anywhere, http to this machine.
fn judge(given: &str) -> Result<(), String> {
    let url = Url::parse(given).map_err(|_| format!("is no URL: {given}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        // Not shown: there may be a secret in it.
        return Err("can't carry a user name or password".to_owned());
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(&url) => Ok(()),
        _ => Err(format!("must begin with https://: {given}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn profiles_are_listed_with_region_and_kind() {
        let config = "[default]\nregion = eu-west-1\n[profile dev]\nsso_session = corp\nregion =\n\
            [profile derived]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = dev\n\
            [sso-session corp]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n";
        let keys = "[ci]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = hush\n";
        let env = Env::from_slice(&[("AWS_CONFIG_FILE", "/config"), ("AWS_SHARED_CREDENTIALS_FILE", "/keys")]);
        let fs = Fs::from_slice(&[("/config", config), ("/keys", keys)]);
        let found = profiles(&env, &fs).await.unwrap();
        let told: Vec<_> = found
            .iter()
            .map(|profile| (profile.name.as_str(), profile.region.as_deref(), profile.sso))
            .collect();
        assert_eq!(
            told,
            [
                ("ci", None, false),
                ("default", Some("eu-west-1"), false),
                ("derived", None, true),
                ("dev", None, true),
            ]
        );
        assert!(!format!("{found:?}").contains("hush"));
    }
}
