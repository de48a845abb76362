//! What the environment says. An empty variable counts as unset.

use secrecy::SecretString;

use crate::atlas::Credential;
use crate::problem::Problem;

/// The variables of an API key, as Atlas CLI and as the Go SDK and Terraform write them.
const API_KEYS: [(&str, &str); 2] = [
    ("MONGODB_ATLAS_PUBLIC_API_KEY", "MONGODB_ATLAS_PRIVATE_API_KEY"),
    ("MONGODB_ATLAS_PUBLIC_KEY", "MONGODB_ATLAS_PRIVATE_KEY"),
];
const CLIENT_ID: &str = "MONGODB_ATLAS_CLIENT_ID";
const CLIENT_SECRET: &str = "MONGODB_ATLAS_CLIENT_SECRET";
/// The project's ID.
pub(super) const PROJECT_ID: &str = "MONGODB_ATLAS_PROJECT_ID";
/// Where Atlas is, as the Go SDK and Terraform and as Atlas CLI write it.
const BASE_URLS: [&str; 2] = ["MONGODB_ATLAS_BASE_URL", "MONGODB_ATLAS_OPS_MANAGER_URL"];
const SERVICE: &str = "MONGODB_ATLAS_SERVICE";
/// Where Atlas is, unless somebody says otherwise.
pub(super) const CLOUD: &str = "https://cloud.mongodb.com";
/// Where Atlas for Government is.
pub(super) const GOVERNMENT: &str = "https://cloud.mongodbgov.com";

/// Returns where a service of Atlas CLI is (`service` of a profile, `MONGODB_ATLAS_SERVICE`); `None`: it isn't Atlas.
pub(super) fn address_of_service(service: &str) -> Option<&'static str> {
    match service {
        "cloud" => Some(CLOUD),
        "cloudgov" => Some(GOVERNMENT),
        _ => None,
    }
}

/// Reads variables; the process's own or a test's.
pub(super) struct Environment<'a>(pub &'a (dyn Fn(&str) -> Option<String> + Sync));

impl Environment<'static> {
    /// Returns the process's own environment.
    pub(super) fn of_process() -> Self {
        Self(&|name| std::env::var(name).ok())
    }
}

impl Environment<'_> {
    /// Returns a variable's value without the space around it; `None` where it is unset or empty.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let value = (self.0)(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// Returns Atlas's base URL and the variable that says it; `None` where none does.
    ///
    /// # Errors
    /// A service that isn't Atlas.
    pub(super) fn base_url(&self) -> Result<Option<(String, &'static str)>, Problem> {
        let set = BASE_URLS
            .into_iter()
            .find_map(|variable| Some((self.get(variable)?, variable)));
        if let Some((url, variable)) = set {
            return Ok(Some((url.trim_end_matches('/').to_owned(), variable)));
        }
        let Some(service) = self.get(SERVICE) else {
            return Ok(None);
        };
        match address_of_service(&service) {
            Some(url) => Ok(Some((url.to_owned(), SERVICE))),
            None => Err(Problem::input(format!("there is no Atlas service `{service}`"))
                .at(SERVICE)
                .hint("it is `cloud` or `cloudgov` (Atlas for Government); or unset it")),
        }
    }

    /// Returns the Atlas credential and the variable of its public half: the service account's if there is one, else the
    /// API key's; `None` where there is neither.
    ///
    /// # Errors
    /// There is only half of one.
    pub(super) fn credential(&self) -> Result<Option<(Credential, &'static str)>, Problem> {
        if let Some((client_id, secret)) = self.pair(CLIENT_ID, CLIENT_SECRET)? {
            let credential = Credential::ServiceAccount {
                client_id,
                client_secret: SecretString::from(secret),
            };
            return Ok(Some((credential, CLIENT_ID)));
        }
        for (public, private) in API_KEYS {
            if let Some((public_key, key)) = self.pair(public, private)? {
                let credential = Credential::ApiKey {
                    public_key,
                    private_key: SecretString::from(key),
                };
                return Ok(Some((credential, public)));
            }
        }
        Ok(None)
    }

    /// Returns two variables that go together.
    fn pair(&self, public: &str, secret: &str) -> Result<Option<(String, String)>, Problem> {
        let half = |has: &str, lacks: &str| {
            Err(Problem::input(format!("{has} is set, but {lacks} isn't"))
                .hint(format!("set {lacks} too, or unset {has}")))
        };
        match (self.get(public), self.get(secret)) {
            (Some(id), Some(secret)) => Ok(Some((id, secret))),
            (Some(_), None) => half(public, secret),
            (None, Some(_)) => half(secret, public),
            (None, None) => Ok(None),
        }
    }
}

/// Says how to give a credential.
pub(super) fn no_credential() -> Problem {
    let (public, private) = API_KEYS[0];
    Problem::input("there is no Atlas credential")
        .hint(format!(
            "set {CLIENT_ID} and {CLIENT_SECRET} (a service account with Project Owner on the project)"
        ))
        .hint(format!("or set {public} and {private} (an API key)"))
        .hint("or name a profile of Atlas CLI with --atlas-profile NAME")
        .hint("without an account: atlas-cmk demo")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let get = with(&[
            (CLIENT_ID, ""),
            (CLIENT_SECRET, " "),
            ("MONGODB_ATLAS_BASE_URL", ""),
            ("MONGODB_ATLAS_PUBLIC_API_KEY", "k"),
            ("MONGODB_ATLAS_PRIVATE_API_KEY", "p\n"),
        ]);
        let environment = Environment(&get);
        assert_eq!(environment.base_url(), Ok(None));
        let (credential, variable) = environment.credential().unwrap().unwrap();
        assert!(matches!(credential, Credential::ApiKey { .. }));
        assert_eq!(variable, "MONGODB_ATLAS_PUBLIC_API_KEY");
    }

    #[test]
    fn an_api_key_is_taken_in_both_spellings_and_a_service_account_before_it() {
        let key = [("MONGODB_ATLAS_PUBLIC_KEY", "k"), ("MONGODB_ATLAS_PRIVATE_KEY", "p")];
        let get = with(&key);
        let (_, variable) = Environment(&get).credential().unwrap().unwrap();
        assert_eq!(variable, "MONGODB_ATLAS_PUBLIC_KEY");
        let both = [&key[..], &[(CLIENT_ID, "mdb_sa_id_1"), (CLIENT_SECRET, "mdb_sa_sk_1")]].concat();
        let get = with(&both);
        let (credential, variable) = Environment(&get).credential().unwrap().unwrap();
        assert_eq!((credential.id(), variable), ("mdb_sa_id_1", CLIENT_ID));
        assert!(Environment(&with(&[])).credential().unwrap().is_none());
    }

    #[test]
    fn half_a_credential_names_the_other_half() {
        for (has, lacks) in API_KEYS {
            let pairs = [(has, "k")];
            let get = with(&pairs);
            let problem = Environment(&get).credential().unwrap_err();
            assert!(problem.message.contains(lacks), "{problem}");
        }
    }

    #[test]
    fn the_address_of_atlas_is_read_as_every_client_writes_it() {
        for (pairs, url) in [
            (
                &[("MONGODB_ATLAS_BASE_URL", "https://cloud.mongodbgov.com/")][..],
                GOVERNMENT,
            ),
            (
                &[("MONGODB_ATLAS_OPS_MANAGER_URL", "https://cloud.mongodbgov.com/")],
                GOVERNMENT,
            ),
            (&[(SERVICE, "cloudgov")], GOVERNMENT),
            (&[(SERVICE, "cloud")], CLOUD),
            (
                &[(SERVICE, "cloudgov"), ("MONGODB_ATLAS_BASE_URL", "http://127.0.0.1:1")],
                "http://127.0.0.1:1",
            ),
        ] {
            let get = with(pairs);
            assert_eq!(Environment(&get).base_url().unwrap().unwrap().0, url);
        }
        let pairs = [(SERVICE, "ops-manager")];
        let get = with(&pairs);
        let problem = Environment(&get).base_url().unwrap_err();
        assert!(
            problem.message.contains("ops-manager") && problem.hints[0].contains("cloudgov"),
            "{problem:?}"
        );
    }
}
