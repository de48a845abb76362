//! Where credentials come from: what the program was given, a profile on this machine, or what is typed.

use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::profile::{AtlasProfile, AwsProfile};
use crate::domain::project::CredentialKind;

/// The Atlas credential that is used.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum AtlasSource {
    /// What options and environment say.
    #[default]
    Given,
    /// A profile of the Atlas CLI, by name.
    Profile(String),
    /// What was typed.
    Typed(TypedCredential),
}

/// A credential that was typed. It's kept in memory alone.
#[derive(Clone, Debug)]
pub struct TypedCredential {
    /// How it signs in.
    pub kind: CredentialKind,
    /// The client ID or the public key.
    pub id: String,
    /// The client secret or the private key.
    pub secret: SecretString,
    /// Where its Atlas is.
    pub base_url: String,
}

impl PartialEq for TypedCredential {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.id == other.id
            && self.base_url == other.base_url
            && self.secret.expose_secret() == other.secret.expose_secret()
    }
}

/// The AWS credentials that are used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AwsSource {
    /// What options and environment say.
    #[default]
    Given,
    /// A profile of the AWS CLI, by name.
    Profile(String),
}

/// The credentials of both sides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sources {
    /// Atlas.
    pub atlas: AtlasSource,
    /// AWS.
    pub aws: AwsSource,
}

/// The profiles found on this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profiles {
    /// Those of the Atlas CLI.
    pub atlas: Vec<AtlasProfile>,
    /// Those of the AWS CLI.
    pub aws: Vec<AwsProfile>,
}
