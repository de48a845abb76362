//! Amazon Resource Names: read from what AWS gave, never put together by hand.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::region::Region;

/// A text that isn't the ARN that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {wanted}: {given}")]
pub struct ArnError {
    wanted: &'static str,
    given: String,
}

/// The parts of `arn:partition:service:region:account:resource`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts<'a> {
    partition: &'a str,
    service: &'a str,
    region: &'a str,
    account: &'a str,
    resource: &'a str,
}

fn split(text: &str) -> Option<Parts<'_>> {
    let mut parts = text.splitn(6, ':');
    if parts.next() != Some("arn") {
        return None;
    }
    let parts = Parts {
        partition: parts.next()?,
        service: parts.next()?,
        region: parts.next()?,
        account: parts.next()?,
        resource: parts.next()?,
    };
    let plain = text.chars().all(|c| c.is_ascii_graphic());
    (plain && !parts.partition.is_empty() && !parts.resource.is_empty()).then_some(parts)
}

/// Returns whether a text is a 12-digit account ID.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Returns the partition of any ARN: `aws`, `aws-us-gov`, `aws-cn`, …
pub fn partition(arn: &str) -> Option<&str> {
    split(arn).map(|parts| parts.partition)
}

/// Returns the account of any ARN; `None` where it has none.
pub fn account(arn: &str) -> Option<&str> {
    split(arn)
        .map(|parts| parts.account)
        .filter(|account| is_account(account))
}

macro_rules! arn_type {
    ($(#[$doc:meta])* $name:ident, $wanted:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads it, without the space around it.
            ///
            /// # Errors
            /// The text is no such ARN.
            pub fn parse(text: &str) -> Result<Self, ArnError> {
                let text = text.trim();
                let check: fn(&Parts<'_>) -> bool = $check;
                match split(text) {
                    Some(parts) if check(&parts) => Ok(Self(text.to_owned())),
                    _ => Err(ArnError { wanted: $wanted, given: text.to_owned() }),
                }
            }

            /// Returns the whole ARN.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            fn part(&self, nth: usize) -> &str {
                self.0.splitn(6, ':').nth(nth).unwrap_or_default()
            }

            /// Returns the partition: `aws`, `aws-us-gov`, `aws-cn`, …
            pub fn partition(&self) -> &str {
                self.part(1)
            }

            /// Returns the account: 12 digits.
            pub fn account(&self) -> &str {
                self.part(4)
            }
        }

        impl TryFrom<String> for $name {
            type Error = ArnError;
            fn try_from(text: String) -> Result<Self, ArnError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(arn: $name) -> Self {
                arn.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

arn_type!(
    /// The ARN of an IAM role: `arn:aws:iam::111122223333:role/path/name`.
    RoleArn,
    "the ARN of an IAM role (arn:aws:iam::111122223333:role/name)",
    |parts| {
        parts.service == "iam"
            && is_account(parts.account)
            && parts.resource.strip_prefix("role/").is_some_and(|rest| !rest.is_empty() && !rest.ends_with('/'))
    }
);

arn_type!(
    /// The ARN of a KMS key: `arn:aws:kms:us-east-1:111122223333:key/…`.
    KeyArn,
    "the ARN of a KMS key (arn:aws:kms:us-east-1:111122223333:key/…)",
    |parts| {
        parts.service == "kms"
            && is_account(parts.account)
            && !parts.region.is_empty()
            && parts.resource.strip_prefix("key/").is_some_and(super::name::is_key_id)
    }
);

impl RoleArn {
    /// Returns the role's name, without the path.
    pub fn name(&self) -> &str {
        self.part(5).rsplit('/').next().unwrap_or_default()
    }

    /// Returns the path, with a slash at both ends.
    pub fn path(&self) -> &str {
        let resource = self.part(5).strip_prefix("role").unwrap_or_default();
        resource.strip_suffix(self.name()).unwrap_or("/")
    }
}

impl KeyArn {
    /// Returns the key's ID: a UUID, or `mrk-…` for a multi-Region key.
    pub fn key_id(&self) -> &str {
        self.part(5).strip_prefix("key/").unwrap_or_default()
    }

    /// Returns the region as the ARN has it: `us-east-1`.
    pub fn region_name(&self) -> &str {
        self.part(3)
    }

    /// Returns the region, if Atlas can use keys there.
    pub fn region(&self) -> Option<Region> {
        Region::parse(self.region_name()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_a_name_and_a_path() {
        let arn = RoleArn::parse(" arn:aws-us-gov:iam::111122223333:role/team/atlas/new ").unwrap();
        assert_eq!(
            (arn.partition(), arn.account(), arn.path(), arn.name()),
            ("aws-us-gov", "111122223333", "/team/atlas/", "new")
        );
        assert_eq!(
            RoleArn::parse("arn:aws:iam::111122223333:role/plain").unwrap().path(),
            "/"
        );
    }

    #[test]
    fn what_is_no_role_is_refused() {
        for text in [
            "",
            "role",
            "arn:aws:iam::1111:role/x",
            "arn:aws:iam::111122223333:user/x",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:role/a\u{1b}b",
        ] {
            assert!(RoleArn::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_key_has_an_id_and_a_region() {
        let arn = KeyArn::parse("arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab").unwrap();
        assert_eq!(
            (arn.key_id(), arn.region_name()),
            ("1234abcd-12ab-34cd-56ef-1234567890ab", "eu-west-1")
        );
        assert!(KeyArn::parse("arn:aws:kms:eu-west-1:444455556666:alias/x").is_err());
    }
}
