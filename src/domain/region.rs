//! Regions: AWS's form (`us-east-1`) and Atlas's (`US_EAST_1`) are the same thing.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The AWS regions in which Atlas can use a KMS key (`AWSKMSConfiguration.region`, without `GLOBAL`), AWS's form.
const KNOWN: &[&str] = &[
    "us-gov-west-1",
    "us-gov-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-central-2",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ap-south-1",
    "ap-south-2",
    "sa-east-1",
    "cn-north-1",
    "cn-northwest-1",
    "me-south-1",
    "me-central-1",
    "af-south-1",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "ca-west-1",
    "mx-central-1",
];

/// A region that Atlas can use a KMS key in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region(&'static str);

/// A name that is no region Atlas can use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such region that Atlas can use for keys: {given}{}", self.suggestion())]
pub struct UnknownRegion {
    given: String,
    nearest: Option<Region>,
}

impl UnknownRegion {
    fn suggestion(&self) -> String {
        self.nearest
            .map_or_else(String::new, |region| format!("; did you mean {region}?"))
    }
}

impl Region {
    /// Reads either form, whatever the case and the space around it.
    ///
    /// # Errors
    /// The name isn't a region that Atlas lists for AWS KMS; a near one is suggested.
    pub fn parse(given: &str) -> Result<Self, UnknownRegion> {
        let wanted = given.trim().to_ascii_lowercase().replace('_', "-");
        if let Some(known) = KNOWN.iter().find(|known| **known == wanted) {
            return Ok(Self(known));
        }
        let nearest = KNOWN
            .iter()
            .map(|known| (strsim::damerau_levenshtein(known, &wanted), known))
            .min()
            .filter(|(distance, _)| *distance <= 2)
            .map(|(_, known)| Self(known));
        Err(UnknownRegion {
            given: given.trim().to_owned(),
            nearest,
        })
    }

    /// Returns AWS's form: `us-east-1`.
    pub fn aws(self) -> &'static str {
        self.0
    }

    /// Returns Atlas's form: `US_EAST_1`.
    pub fn atlas(self) -> String {
        self.0.to_ascii_uppercase().replace('-', "_")
    }

    /// Returns all regions, in a stable order.
    pub fn all() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(|name| Self(name))
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for Region {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::parse(&name).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_spellings_are_one_region() {
        for spelling in ["us-east-1", "US_EAST_1", "us_east_1", " Us-East-1 "] {
            let region = Region::parse(spelling).unwrap();
            assert_eq!(
                (region.aws(), region.atlas().as_str()),
                ("us-east-1", "US_EAST_1"),
                "{spelling}"
            );
        }
    }

    #[test]
    fn a_near_miss_is_suggested_and_a_far_one_is_not() {
        let near = Region::parse("eu-weast-1").unwrap_err().to_string();
        assert!(near.ends_with("did you mean eu-west-1?"), "{near}");
        let far = Region::parse("mars").unwrap_err().to_string();
        assert!(!far.contains("did you mean"), "{far}");
    }

    #[test]
    fn global_is_no_kms_region() {
        assert!(Region::parse("GLOBAL").is_err());
    }
}
