//! Atlas CLI's profiles: read, never written. Secrets are in its file, or since version 2 in the system's keyring.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use etcetera::BaseStrategy as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::environment::{CLOUD, address_of_service};
use crate::atlas::Credential;
use crate::domain::profile::{AtlasProfile, ProfileKind};
use crate::problem::Problem;

/// The profile that Atlas CLI uses where none is named.
pub(super) const DEFAULT: &str = "default";

/// What the keyring's library puts before a value that it has encoded.
const ENCODED: &str = "go-keyring-base64:";

/// Reads one entry of a keyring, by service and account; `None` where there is none.
///
/// # Errors
/// Why the keyring can't be read.
pub(super) type Keyring = fn(&str, &str) -> Result<Option<SecretString>, String>;

/// Atlas CLI's configuration file and the keyring beside it.
pub(super) struct AtlasProfiles {
    path: PathBuf,
    entries: BTreeMap<String, Entry>,
    keyring: Keyring,
}

/// A top-level entry of the file: a profile, or a setting of Atlas CLI itself.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Profile(Box<Profile>),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct Profile {
    auth_type: Option<String>,
    service: Option<String>,
    ops_manager_url: Option<String>,
    project_id: Option<String>,
    public_api_key: Option<SecretString>,
    private_api_key: Option<SecretString>,
    client_id: Option<SecretString>,
    client_secret: Option<SecretString>,
    access_token: Option<SecretString>,
}

impl AtlasProfiles {
    /// Reads the file of this machine's user; without one there are no profiles.
    ///
    /// # Errors
    /// It can't be read.
    pub(super) fn of_user() -> Result<Self, Problem> {
        match folder() {
            Some(folder) => Self::at(folder.join("atlascli").join("config.toml"), system_keyring),
            None => Ok(Self {
                path: PathBuf::new(),
                entries: BTreeMap::new(),
                keyring: system_keyring,
            }),
        }
    }

    fn at(path: PathBuf, keyring: Keyring) -> Result<Self, Problem> {
        let entries = match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|error| not_toml(&path, &text, &error))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => {
                return Err(Problem::input("Atlas CLI's configuration file can't be read")
                    .at(path.display().to_string())
                    .caused_by(&error));
            }
        };
        Ok(Self { path, entries, keyring })
    }

    /// Returns the profiles of a text, with an empty keyring.
    #[cfg(test)]
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let path = PathBuf::from("config.toml");
        let entries = toml::from_str(text).map_err(|error| not_toml(&path, text, &error))?;
        let keyring = |_: &str, _: &str| Ok(None);
        Ok(Self { path, entries, keyring })
    }

    /// Returns all profiles, by name, without asking the keyring: that can make the system ask a person.
    pub(super) fn list(&self) -> Vec<AtlasProfile> {
        let profiles = self.entries.iter().filter_map(|(name, entry)| match entry {
            Entry::Profile(profile) => Some(profile.shown(name)),
            Entry::Other(_) => None,
        });
        profiles.collect()
    }

    /// Returns a profile that can be used, without its credential.
    ///
    /// # Errors
    /// There is no such profile, it isn't Atlas's, or it is a person's own sign-in.
    pub(super) fn find(&self, name: &str) -> Result<AtlasProfile, Problem> {
        let (name, profile) = self.named(name)?;
        if profile.ops_manager_url.is_none()
            && let Some(service) = profile.service.as_deref()
            && address_of_service(service).is_none()
        {
            return Err(self
                .unusable(name, &format!("it is of the service `{service}`, which isn't Atlas"))
                .hint("name a profile whose service is `cloud` or `cloudgov`"));
        }
        let shown = profile.shown(name);
        if !shown.is_usable() {
            return Err(self
                .unusable(
                    name,
                    "it is a person's own sign-in, whose tokens belong to Atlas CLI alone",
                )
                .hint(
                    "make a service account or an API key with Project Owner (Atlas, Project Access Manager, \
                     Applications) and sign in with that: `atlas auth login`",
                )
                .hint("or set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET"));
        }
        Ok(shown)
    }

    /// Returns the credential of a profile; from the keyring where it isn't in the file.
    ///
    /// # Errors
    /// As of [`find`](Self::find), and where the credential isn't to be had.
    pub(super) fn load(&self, name: &str) -> Result<Credential, Problem> {
        let kind = self.find(name)?.kind;
        let (name, profile) = self.named(name)?;
        self.credential(name, profile, kind)
    }

    fn named(&self, name: &str) -> Result<(&str, &Profile), Problem> {
        let entry = |name: &str| match self.entries.get_key_value(name) {
            Some((name, Entry::Profile(profile))) => Some((name.as_str(), profile.as_ref())),
            _ => None,
        };
        // Atlas CLI writes names in small letters.
        let found = entry(name).or_else(|| entry(&name.to_lowercase()));
        found.ok_or_else(|| self.no_such_profile(name))
    }

    fn credential(&self, name: &str, profile: &Profile, kind: ProfileKind) -> Result<Credential, Problem> {
        if kind != ProfileKind::ApiKey {
            let id = self.secret(name, "client_id", profile.client_id.as_ref())?;
            let secret = self.secret(name, "client_secret", profile.client_secret.as_ref())?;
            if let (Some(id), Some(client_secret)) = (id, secret) {
                return Ok(Credential::ServiceAccount {
                    client_id: id.expose_secret().to_owned(),
                    client_secret,
                });
            }
        }
        if kind != ProfileKind::ServiceAccount {
            let public = self.secret(name, "public_api_key", profile.public_api_key.as_ref())?;
            let private = self.secret(name, "private_api_key", profile.private_api_key.as_ref())?;
            if let (Some(public), Some(private_key)) = (public, private) {
                return Ok(Credential::ApiKey {
                    public_key: public.expose_secret().to_owned(),
                    private_key,
                });
            }
        }
        Err(self
            .unusable(
                name,
                "its credential is neither in the file nor in the system's keyring",
            )
            .hint(format!("sign in again: `atlas auth login --profile {name}`")))
    }

    /// Returns a value of a profile: the file's, else the keyring's.
    fn secret(&self, name: &str, key: &str, in_file: Option<&SecretString>) -> Result<Option<SecretString>, Problem> {
        if let Some(secret) = in_file.filter(|secret| !secret.expose_secret().is_empty()) {
            return Ok(Some(secret.clone()));
        }
        let found = (self.keyring)(&format!("atlascli_{name}"), key).map_err(|why| {
            self.unusable(
                name,
                &format!("the system's keyring, where its credential is, can't be read: {why}"),
            )
            .hint("unlock the keyring and try again")
            .hint("or set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET")
        })?;
        Ok(found.filter(|secret| !secret.expose_secret().is_empty()))
    }

    fn no_such_profile(&self, name: &str) -> Problem {
        let known: Vec<String> = self.list().into_iter().map(|profile| profile.name).collect();
        let problem =
            Problem::input(format!("there is no Atlas CLI profile `{name}`")).at(self.path.display().to_string());
        if known.is_empty() {
            problem.hint("Atlas CLI has no profile on this machine: `atlas auth login` makes one")
        } else {
            problem.hint(format!("Atlas CLI profiles on this machine: {}", known.join(", ")))
        }
    }

    fn unusable(&self, name: &str, why: &str) -> Problem {
        Problem::input(format!("the Atlas CLI profile `{name}` can't be used: {why}"))
            .at(self.path.display().to_string())
    }
}

impl Profile {
    fn shown(&self, name: &str) -> AtlasProfile {
        let kind = match self.auth_type.as_deref() {
            Some("service_account") => ProfileKind::ServiceAccount,
            Some("user_account") => ProfileKind::UserAccount,
            Some("api_keys") => ProfileKind::ApiKey,
            _ if self.client_id.is_some() => ProfileKind::ServiceAccount,
            _ if self.public_api_key.is_some() => ProfileKind::ApiKey,
            _ if self.access_token.is_some() => ProfileKind::UserAccount,
            _ => ProfileKind::Unknown,
        };
        let some = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let of_service = self.service.as_deref().and_then(address_of_service);
        let base_url = some(&self.ops_manager_url).map_or_else(
            || of_service.unwrap_or(CLOUD).to_owned(),
            |url| url.trim_end_matches('/').to_owned(),
        );
        // The public halves only: they are no secret.
        let id = self.client_id.as_ref().or(self.public_api_key.as_ref());
        AtlasProfile {
            name: name.to_owned(),
            kind,
            id: id.map(|id| id.expose_secret().to_owned()).filter(|id| !id.is_empty()),
            base_url,
            project_id: some(&self.project_id),
        }
    }
}

/// Says where the file isn't TOML. Not the parser's words: they show the line, and there may be a secret in it.
fn not_toml(path: &Path, text: &str, error: &toml::de::Error) -> Problem {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(1, |before| before.matches('\n').count() + 1);
    Problem::input("Atlas CLI's configuration file isn't TOML")
        .at(format!("{}:{line}", path.display()))
        .hint("correct that line, or sign in with MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET")
}

/// Returns the user's configuration folder, as Atlas CLI (Go's `os.UserConfigDir`) finds it.
fn folder() -> Option<PathBuf> {
    let strategy = etcetera::base_strategy::choose_native_strategy().ok()?;
    Some(if cfg!(target_os = "macos") {
        strategy.data_dir()
    } else {
        strategy.config_dir()
    })
}

fn system_keyring(service: &str, account: &str) -> Result<Option<SecretString>, String> {
    match keyring::Entry::new(service, account).and_then(|entry| entry.get_password()) {
        Ok(value) => decoded(value).map(Some),
        Err(keyring::Error::NoEntry) => Ok(None),
        Err(keyring::Error::NoDefaultStore) => Err("there is none on this machine".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Returns what was stored: on macOS Atlas CLI's library encodes it.
fn decoded(value: String) -> Result<SecretString, String> {
    let Some(encoded) = value.strip_prefix(ENCODED) else {
        return Ok(value.into());
    };
    let bytes = STANDARD.decode(encoded).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.map(Into::into)
        .ok_or_else(|| "an entry isn't what Atlas CLI writes".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_keyring(_: &str, _: &str) -> Result<Option<SecretString>, String> {
        Err("there is none on this machine".to_owned())
    }

    #[expect(clippy::unnecessary_wraps, reason = "a keyring can fail")]
    fn keyring(service: &str, account: &str) -> Result<Option<SecretString>, String> {
        let value = match (service, account) {
            ("atlascli_default", "client_id") => "mdb_sa_id_6a79",
            ("atlascli_default", "client_secret") => "mdb_sa_sk_hush",
            ("atlascli_old", "public_api_key") => "abcdefgh",
            ("atlascli_old", "private_api_key") => "0e6f-hush",
            _ => return Ok(None),
        };
        Ok(Some(value.to_owned().into()))
    }

    fn profiles(text: &str, keyring: Keyring) -> AtlasProfiles {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        AtlasProfiles::at(path, keyring).unwrap()
    }

    const VERSION_2: &str = r#"
        version = 2
        telemetry_enabled = false
        [default]
        auth_type = "service_account"
        org_id = "5f1c0d2e3b4a596877869501"
        project_id = "6a793f832c88faeba59bc3c2"
        service = "cloud"
        [gov]
        auth_type = "api_keys"
        service = "cloudgov"
        [old]
        service = "cloud"
        [person]
        auth_type = "user_account"
        service = "cloud"
        [plain]
        public_api_key = "ijklmnop"
        private_api_key = "in-file-hush"
        ops_manager_url = "https://cloud.mongodbgov.com/"
    "#;

    #[test]
    fn profiles_are_listed_without_the_keyring() {
        let list = profiles(VERSION_2, no_keyring).list();
        let names: Vec<_> = list
            .iter()
            .map(|profile| (profile.name.as_str(), profile.kind))
            .collect();
        assert_eq!(
            names,
            [
                ("default", ProfileKind::ServiceAccount),
                ("gov", ProfileKind::ApiKey),
                ("old", ProfileKind::Unknown),
                ("person", ProfileKind::UserAccount),
                ("plain", ProfileKind::ApiKey),
            ]
        );
        assert_eq!(list[0].project_id.as_deref(), Some("6a793f832c88faeba59bc3c2"));
        assert_eq!(list[1].base_url, "https://cloud.mongodbgov.com");
        assert_eq!(list[4].base_url, "https://cloud.mongodbgov.com");
        assert_eq!((list[4].id.as_deref(), &list[0].id), (Some("ijklmnop"), &None));
        assert!(!list[3].is_usable() && list[2].is_usable());
        assert!(!format!("{list:?}").contains("hush"), "{list:?}");
    }

    #[test]
    fn credentials_come_from_the_file_or_the_keyring() {
        let all = profiles(VERSION_2, keyring);
        let id = |name: &str| all.load(name).map(|credential| credential.id().to_owned());
        assert_eq!(id("default"), Ok("mdb_sa_id_6a79".to_owned()));
        assert_eq!(id("OLD"), Ok("abcdefgh".to_owned()));
        assert_eq!(id("plain"), Ok("ijklmnop".to_owned()));
        let credential = all.load("default").unwrap();
        assert!(!format!("{credential:?}").contains("hush"), "{credential:?}");
        // What is in the file needs no keyring.
        assert!(profiles(VERSION_2, no_keyring).load("plain").is_ok());
    }

    #[test]
    fn what_can_not_be_used_says_why_and_what_to_do() {
        let all = profiles(VERSION_2, keyring);
        for (name, message, hint) in [
            ("person", "a person's own sign-in", "service account"),
            (
                "gov",
                "neither in the file nor in the system's keyring",
                "atlas auth login --profile gov",
            ),
            (
                "nobody",
                "there is no Atlas CLI profile `nobody`",
                "default, gov, old, person, plain",
            ),
            ("version", "there is no Atlas CLI profile `version`", "default"),
        ] {
            let problem = all.load(name).unwrap_err();
            assert!(problem.message.contains(message), "{problem:?}");
            assert!(problem.hints[0].contains(hint), "{problem:?}");
            assert!(problem.place.is_some());
        }
        let locked = profiles(VERSION_2, no_keyring).load("default").unwrap_err();
        assert!(
            locked.message.contains("keyring") && locked.hints[0].contains("unlock"),
            "{locked:?}"
        );
        let other = profiles(
            "[ops]\nservice = 'ops-manager'\npublic_api_key = 'a'\nprivate_api_key = 'b'",
            keyring,
        );
        assert!(other.load("ops").unwrap_err().message.contains("ops-manager"));
    }

    #[test]
    fn a_file_that_is_not_toml_is_told_by_its_line_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, "[default]\nprivate_api_key = hush-hush\n").unwrap();
        let problem = AtlasProfiles::at(path, keyring).err().unwrap();
        assert!(
            problem.place.as_ref().unwrap().ends_with("config.toml:2"),
            "{problem:?}"
        );
        assert!(!format!("{problem:?}").contains("hush"), "{problem:?}");
        let absent = AtlasProfiles::at(folder.path().join("absent.toml"), keyring).unwrap();
        assert_eq!(absent.list(), []);
    }

    #[test]
    fn what_the_keyring_of_macos_holds_is_decoded() {
        assert_eq!(
            decoded("go-keyring-base64:aHVzaA==".to_owned())
                .unwrap()
                .expose_secret(),
            "hush"
        );
        assert_eq!(decoded("plain".to_owned()).unwrap().expose_secret(), "plain");
        assert!(decoded("go-keyring-base64:%%".to_owned()).unwrap_err().len() > 10);
    }
}
