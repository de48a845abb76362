//! What lies around on the operator's machine to sign in with, as far as it may be shown: never a secret.

use std::fmt;

/// Where the Atlas credential comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialSource {
    /// Variables of the environment; the one that names the public half.
    Environment(&'static str),
    /// A profile of Atlas CLI.
    Profile(String),
    /// Typed in; kept in memory alone.
    Typed,
}

impl fmt::Display for CredentialSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(variable) => write!(f, "{variable} of the environment"),
            Self::Profile(name) => write!(f, "profile `{name}` of Atlas CLI"),
            Self::Typed => f.write_str("typed in"),
        }
    }
}

/// What an Atlas CLI profile signs in with (`auth_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileKind {
    /// An API key.
    ApiKey,
    /// A service account.
    ServiceAccount,
    /// A person who signed in with a browser: Atlas CLI's own tokens, which no other program can renew.
    UserAccount,
    /// The file doesn't say; the keyring may.
    Unknown,
}

impl fmt::Display for ProfileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ApiKey => "API key",
            Self::ServiceAccount => "service account",
            Self::UserAccount => "user account",
            Self::Unknown => "API key or service account",
        })
    }
}

/// A profile of Atlas CLI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtlasProfile {
    /// The name: `default`, …
    pub name: String,
    /// What it signs in with.
    pub kind: ProfileKind,
    /// Public key or client ID, where it stands in the file and not in the keyring.
    pub id: Option<String>,
    /// Where its Atlas is: `https://cloud.mongodb.com`, `https://cloud.mongodbgov.com`, …
    pub base_url: String,
    /// The project that it works on.
    pub project_id: Option<String>,
}

impl AtlasProfile {
    /// Returns whether this program can sign in with it.
    pub fn is_usable(&self) -> bool {
        self.kind != ProfileKind::UserAccount
    }
}

/// A profile of the AWS SDKs and CLI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsProfile {
    /// The name: `default`, …
    pub name: String,
    /// Its region, as it stands there.
    pub region: Option<String>,
    /// Whether it signs in through IAM Identity Center (`aws sso login`).
    pub sso: bool,
}
