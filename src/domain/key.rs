//! KMS keys, and whether Atlas can use one.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::arn::KeyArn;
use super::name;

/// Automatic rotation of a key's material (`GetKeyRotationStatus`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// Off.
    Off,
    /// On, with the period in days where KMS says it.
    On(Option<u16>),
    /// Not readable, or not for this kind of key.
    Unknown,
}

impl fmt::Display for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::On(None) => f.write_str("on"),
            Self::On(Some(days)) => write!(f, "{days} days"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// A KMS key as `DescribeKey` and its neighbours show it. Enumerations keep AWS's words, since AWS adds to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// The ARN; ID, region and account are in it.
    pub arn: KeyArn,
    /// Aliases with `alias/`, sorted.
    pub aliases: Vec<String>,
    /// The description, foreign text.
    pub description: String,
    /// `Enabled`, `Disabled`, `PendingDeletion`, …
    pub state: String,
    /// `SYMMETRIC_DEFAULT`, `RSA_2048`, …
    pub spec: String,
    /// `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, …
    pub usage: String,
    /// `AWS_KMS`, `EXTERNAL`, `AWS_CLOUDHSM`, …
    pub origin: String,
    /// `CUSTOMER` or `AWS`.
    pub manager: String,
    /// Whether it is a multi-Region key.
    pub multi_region: bool,
    /// Automatic rotation.
    pub rotation: Rotation,
    /// When it will be deleted; `None` unless that is scheduled.
    pub deletion: Option<Timestamp>,
}

/// A grant on a key (`ListGrants`): a permission beside all policies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Whom it permits: an ARN, or a service's name.
    pub grantee: String,
    /// `Decrypt`, `Encrypt`, `DescribeKey`, …: actions without `kms:`.
    pub operations: Vec<String>,
    /// Whether it holds only with an encryption context that it names.
    pub constrained: bool,
}

impl Key {
    /// The state of a key that is there and may not be described: `kms:DescribeKey` is refused for it.
    pub const UNREADABLE: &str = "Unreadable";

    /// Returns a key that may not be described: its ARN, and maybe its aliases, are all that is known.
    pub fn unreadable(arn: KeyArn, aliases: Vec<String>) -> Self {
        let is_aws = aliases.iter().any(|alias| alias.starts_with("alias/aws/"));
        Self {
            multi_region: arn.key_id().starts_with("mrk-"),
            arn,
            aliases,
            description: String::new(),
            state: Self::UNREADABLE.to_owned(),
            spec: String::new(),
            usage: String::new(),
            origin: String::new(),
            manager: if is_aws { "AWS" } else { "CUSTOMER" }.to_owned(),
            rotation: Rotation::Unknown,
            deletion: None,
        }
    }

    /// Returns the key's ID.
    pub fn id(&self) -> &str {
        self.arn.key_id()
    }

    /// Returns the first alias, else the ID: what people call the key.
    pub fn label(&self) -> &str {
        self.aliases.first().map_or_else(|| self.id(), String::as_str)
    }

    /// Says why Atlas can't use the key, most lasting reason first; empty if it can.
    ///
    /// Atlas needs a customer-managed symmetric encryption key that is enabled (documentation, "Manage Customer Keys
    /// with AWS KMS").
    pub fn unusable_because(&self) -> Vec<String> {
        if self.state == Self::UNREADABLE {
            return vec!["can't be read: kms:DescribeKey isn't allowed on it".to_owned()];
        }
        let mut reasons = Vec::new();
        if self.manager != "CUSTOMER" {
            reasons.push("managed by AWS, not by the customer".to_owned());
        }
        if self.spec != "SYMMETRIC_DEFAULT" {
            reasons.push(format!("spec {}, needs SYMMETRIC_DEFAULT", self.spec));
        }
        if self.usage != "ENCRYPT_DECRYPT" {
            reasons.push(format!("usage {}, needs ENCRYPT_DECRYPT", self.usage));
        }
        match self.state.as_str() {
            "Enabled" => {}
            "Disabled" => reasons.push("disabled".to_owned()),
            "PendingDeletion" => reasons.push("pending deletion".to_owned()),
            "PendingImport" => reasons.push("has no key material yet".to_owned()),
            state => reasons.push(format!("state {state}, needs Enabled")),
        }
        reasons
    }

    /// Returns whether Atlas can use it.
    pub fn is_usable(&self) -> bool {
        self.unusable_because().is_empty()
    }

    /// Returns how Atlas is to be told this key (`customerMasterKeyID`): the full ARN; for a multi-Region key in the
    /// role's own account the ID, so that a later change of region changes one field.
    pub fn atlas_form(&self, role_account: &str) -> &str {
        atlas_form(&self.arn, role_account)
    }
}

/// Returns how Atlas is to be told a key; see [`Key::atlas_form`].
pub fn atlas_form<'a>(arn: &'a KeyArn, role_account: &str) -> &'a str {
    if arn.key_id().starts_with("mrk-") && arn.account() == role_account {
        arn.key_id()
    } else {
        arn.as_str()
    }
}

/// Returns whether `customerMasterKeyID`, as Atlas has it, names this key: by full ARN or by ID.
pub fn same_key(customer_master_key_id: &str, arn: &KeyArn) -> bool {
    customer_master_key_id == arn.as_str() || customer_master_key_id == arn.key_id()
}

/// How an operator names a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyRef {
    /// The full ARN.
    Arn(KeyArn),
    /// The ID, in the region chosen.
    Id(String),
    /// An alias with `alias/`, in the region chosen.
    Alias(String),
}

impl KeyRef {
    /// Reads an ARN, an ID or an alias, without the space around it.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.starts_with("arn:") {
            KeyArn::parse(text).map(Self::Arn).map_err(|error| error.to_string())
        } else if text.starts_with("alias/") {
            name::check_alias(text).map(|()| Self::Alias(text.to_owned()))
        } else if name::is_key_id(text) {
            Ok(Self::Id(text.to_owned()))
        } else {
            Err("neither a key's ARN (arn:aws:kms:…:key/…), nor its ID, nor an alias (alias/…)".to_owned())
        }
    }

    /// Returns the text that KMS takes as `KeyId`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Arn(arn) => arn.as_str(),
            Self::Id(text) | Self::Alias(text) => text,
        }
    }

    /// Returns whether it names this key.
    pub fn names(&self, key: &Key) -> bool {
        match self {
            Self::Arn(arn) => *arn == key.arn,
            Self::Id(id) => id == key.id(),
            Self::Alias(alias) => key.aliases.contains(alias),
        }
    }
}

impl fmt::Display for KeyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str) -> Key {
        Key {
            arn: KeyArn::parse(&format!("arn:aws:kms:us-east-1:111122223333:key/{id}")).unwrap(),
            aliases: vec!["alias/orders".to_owned()],
            description: String::new(),
            state: "Enabled".to_owned(),
            spec: "SYMMETRIC_DEFAULT".to_owned(),
            usage: "ENCRYPT_DECRYPT".to_owned(),
            origin: "AWS_KMS".to_owned(),
            manager: "CUSTOMER".to_owned(),
            multi_region: id.starts_with("mrk-"),
            rotation: Rotation::Off,
            deletion: None,
        }
    }

    #[test]
    fn id_and_arn_are_one_key() {
        let key = key("1234abcd-12ab-34cd-56ef-1234567890ab");
        assert!(same_key(key.id(), &key.arn) && same_key(key.arn.as_str(), &key.arn));
        assert!(!same_key("1234abcd-12ab-34cd-56ef-000000000000", &key.arn));
    }

    #[test]
    fn atlas_gets_the_arn_but_the_id_of_a_multi_region_key_of_the_same_account() {
        let single = key("1234abcd-12ab-34cd-56ef-1234567890ab");
        assert_eq!(single.atlas_form("111122223333"), single.arn.as_str());
        let multi = key("mrk-1234abcd12ab34cd56ef1234567890ab");
        assert_eq!(multi.atlas_form("111122223333"), multi.id());
        assert_eq!(multi.atlas_form("444455556666"), multi.arn.as_str());
    }

    #[test]
    fn every_reason_is_told() {
        let mut bad = key("1234abcd-12ab-34cd-56ef-1234567890ab");
        assert!(bad.is_usable());
        bad.state = "PendingDeletion".to_owned();
        bad.usage = "SIGN_VERIFY".to_owned();
        assert_eq!(
            bad.unusable_because(),
            ["usage SIGN_VERIFY, needs ENCRYPT_DECRYPT", "pending deletion"]
        );
    }

    #[test]
    fn two_arns_in_one_paste_are_refused() {
        let one = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        assert!(KeyRef::parse(&format!(" {one}\n")).is_ok());
        assert!(KeyRef::parse(&format!("{one} {one}")).is_err());
    }
}
