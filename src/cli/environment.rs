//! What the environment says. An empty variable counts as unset.

use secrecy::SecretString;

use crate::atlas::Credential;
use crate::problem::Problem;

const PUBLIC_KEY: &str = "MONGODB_ATLAS_PUBLIC_API_KEY";
const PRIVATE_KEY: &str = "MONGODB_ATLAS_PRIVATE_API_KEY";
const CLIENT_ID: &str = "MONGODB_ATLAS_CLIENT_ID";
const CLIENT_SECRET: &str = "MONGODB_ATLAS_CLIENT_SECRET";
/// The project's ID.
pub(super) const PROJECT_ID: &str = "MONGODB_ATLAS_PROJECT_ID";
const BASE_URL: &str = "MONGODB_ATLAS_BASE_URL";
/// Where Atlas is, unless the environment says otherwise.
const CLOUD: &str = "https://cloud.mongodb.com";

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

    /// Returns Atlas's base URL.
    pub(super) fn base_url(&self) -> String {
        self.get(BASE_URL).unwrap_or_else(|| CLOUD.to_owned())
    }

    /// Returns the Atlas credential: the service account's if there is one, else the API key.
    ///
    /// # Errors
    /// There is none, or only half of one.
    pub(super) fn credential(&self) -> Result<Credential, Problem> {
        let half = |has: &str, lacks: &str| {
            Err(Problem::input(format!("{has} is set, but {lacks} isn't"))
                .hint(format!("set {lacks} too, or unset {has}")))
        };
        match (self.get(CLIENT_ID), self.get(CLIENT_SECRET)) {
            (Some(client_id), Some(secret)) => {
                return Ok(Credential::ServiceAccount {
                    client_id,
                    client_secret: SecretString::from(secret),
                });
            }
            (Some(_), None) => return half(CLIENT_ID, CLIENT_SECRET),
            (None, Some(_)) => return half(CLIENT_SECRET, CLIENT_ID),
            (None, None) => {}
        }
        match (self.get(PUBLIC_KEY), self.get(PRIVATE_KEY)) {
            (Some(public_key), Some(key)) => Ok(Credential::ApiKey {
                public_key,
                private_key: SecretString::from(key),
            }),
            (Some(_), None) => half(PUBLIC_KEY, PRIVATE_KEY),
            (None, Some(_)) => half(PRIVATE_KEY, PUBLIC_KEY),
            (None, None) => Err(Problem::input("there is no Atlas credential")
                .hint(format!(
                    "set {CLIENT_ID} and {CLIENT_SECRET} (a service account with Project Owner on the project)"
                ))
                .hint(format!("or set {PUBLIC_KEY} and {PRIVATE_KEY} (an API key)"))
                .hint("without an account: atlas-cmk demo")),
        }
    }
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
            (BASE_URL, ""),
            (PUBLIC_KEY, "k"),
            (PRIVATE_KEY, "p\n"),
        ]);
        let environment = Environment(&get);
        assert_eq!(environment.base_url(), CLOUD);
        assert!(matches!(environment.credential(), Ok(Credential::ApiKey { .. })));
    }

    #[test]
    fn half_a_credential_names_the_other_half() {
        let get = with(&[(PUBLIC_KEY, "k")]);
        let problem = Environment(&get).credential().unwrap_err();
        assert!(problem.message.contains(PRIVATE_KEY), "{problem}");
    }
}
