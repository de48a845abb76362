//! Names and IDs: what each service takes, judged before any request.

use sha2::{Digest as _, Sha256};

/// Returns whether a text is 24 hex digits: an Atlas object's ID.
pub fn is_atlas_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Returns whether a text has the form of a KMS key ID: a UUID, or `mrk-` and 32 hex digits (or a UUID: moto's form).
pub fn is_key_id(text: &str) -> bool {
    let hex = |part: &str| part.bytes().all(|b| b.is_ascii_hexdigit());
    let text = match text.strip_prefix("mrk-") {
        Some(rest) if rest.len() == 32 => return hex(rest),
        Some(rest) => rest,
        None => text,
    };
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == lengths.len()
        && parts
            .iter()
            .zip(lengths)
            .all(|(part, length)| part.len() == length && hex(part))
}

/// Says what is wrong with the name of an IAM role (IAM API reference, `CreateRole`).
///
/// # Errors
/// A sentence for the operator.
pub fn check_role_name(name: &str) -> Result<(), String> {
    let length = name.chars().count();
    if !(1..=64).contains(&length) {
        return Err(format!(
            "an IAM role's name has 1 to 64 characters, this one has {length}"
        ));
    }
    match name
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || "_+=,.@-".contains(*c)))
    {
        Some(bad) => Err(format!(
            "an IAM role's name can't contain {bad:?}: letters, digits and _+=,.@- only"
        )),
        None => Ok(()),
    }
}

/// Says what is wrong with the alias of a key (KMS API reference, `CreateAlias`).
///
/// # Errors
/// A sentence for the operator.
pub fn check_alias(alias: &str) -> Result<(), String> {
    let Some(rest) = alias.strip_prefix("alias/") else {
        return Err("an alias begins with alias/".to_owned());
    };
    if rest.starts_with("aws/") {
        return Err("aliases that begin with alias/aws/ are AWS's own".to_owned());
    }
    let length = rest.chars().count();
    if !(1..=250).contains(&length) {
        return Err(format!(
            "an alias has 1 to 250 characters after alias/, this one has {length}"
        ));
    }
    match rest
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || "/_-".contains(*c)))
    {
        Some(bad) => Err(format!("an alias can't contain {bad:?}: letters, digits and /_- only")),
        None => Ok(()),
    }
}

/// Says what is wrong with the description of a key (KMS API reference, `CreateKey`).
///
/// # Errors
/// A sentence for the operator.
pub fn check_key_description(description: &str) -> Result<(), String> {
    match description.chars().count() {
        0..=8192 => Ok(()),
        length => Err(format!(
            "a key's description has at most 8192 characters, this one has {length}"
        )),
    }
}

/// Says what is wrong with the name of a cluster (the API description's pattern, which is its path's too).
///
/// # Errors
/// A sentence for the operator.
pub fn check_cluster_name(name: &str) -> Result<(), String> {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if plain && !name.is_empty() && !name.starts_with('-') {
        Ok(())
    } else {
        Err(format!(
            "{name:?} can't be a cluster's name: letters, digits and - only, a letter or digit first"
        ))
    }
}

/// Says what is wrong with the instance size of a cluster to create: a customer's key needs M10 or larger (Atlas
/// documentation, "Manage Customer Keys with AWS KMS").
///
/// # Errors
/// A sentence for the operator.
pub fn check_instance_size(size: &str) -> Result<(), String> {
    // `M40`, `R50`, `M40_NVME`.
    let number = size
        .strip_prefix(['M', 'R'])
        .map(|rest| rest.trim_end_matches("_NVME"))
        .and_then(|digits| digits.parse::<u16>().ok());
    match number {
        Some(number) if number >= 10 => Ok(()),
        Some(_) => Err(format!("{size} can't use a customer-managed key: M10 or larger")),
        None => Err(format!("{size:?} is no instance size: M10, M20, M30, …")),
    }
}

/// Says what is wrong with a region of Azure or Google Cloud as Atlas writes it: `EUROPE_WEST`.
///
/// # Errors
/// A sentence for the operator.
pub fn check_atlas_region(region: &str) -> Result<(), String> {
    let plain = region
        .chars()
        .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if plain && !region.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "{region:?} is no region in Atlas's form: EUROPE_WEST, US_EAST_2, …"
        ))
    }
}

/// Says what is wrong with the path of an IAM role (IAM API reference, `CreateRole`).
///
/// # Errors
/// A sentence for the operator.
pub fn check_role_path(path: &str) -> Result<(), String> {
    let length = path.chars().count();
    let is_plain = path.bytes().all(|b| (0x21..=0x7e).contains(&b));
    match path {
        "/" => Ok(()),
        _ if length > 512 => Err(format!(
            "an IAM role's path has at most 512 characters, this one has {length}"
        )),
        _ if !is_plain => Err("an IAM role's path has no spaces and ASCII characters only".to_owned()),
        _ if path.len() > 2 && path.starts_with('/') && path.ends_with('/') => Ok(()),
        _ => Err("an IAM role's path begins and ends with /: /team/atlas/".to_owned()),
    }
}

/// Says what is wrong with the ARN of a managed policy, which a permissions boundary is.
///
/// # Errors
/// A sentence for the operator.
pub fn check_policy_arn(arn: &str) -> Result<(), String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, "iam", "", account, resource]
            if !partition.is_empty()
                && (*account == "aws" || super::arn::is_account(account))
                && resource.strip_prefix("policy/").is_some_and(|name| !name.is_empty())
                && !arn.contains(char::is_whitespace) =>
        {
            Ok(())
        }
        _ => Err("not the ARN of a managed policy: arn:PARTITION:iam::ACCOUNT:policy/NAME".to_owned()),
    }
}

/// The most tags that an operator can give to an IAM role or a key: AWS takes 50, two are this program's own.
pub const MOST_TAGS: usize = 48;

/// Says what is wrong with a tag (IAM and KMS API references, `Tag`).
///
/// # Errors
/// A sentence for the operator.
pub fn check_tag(key: &str, value: &str) -> Result<(), String> {
    let (key_length, value_length) = (key.chars().count(), value.chars().count());
    if !(1..=128).contains(&key_length) {
        return Err(format!(
            "a tag's key has 1 to 128 characters, this one has {key_length}"
        ));
    }
    if value_length > 256 {
        return Err(format!(
            "a tag's value has at most 256 characters, this one has {value_length}"
        ));
    }
    if key.to_ascii_lowercase().starts_with("aws:") {
        return Err("tags that begin with aws: are AWS's own".to_owned());
    }
    if [PROJECT_TAG, MARKER_TAG].contains(&key) {
        return Err("this tag is set by atlas-cmk itself".to_owned());
    }
    let taken = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    match key.chars().chain(value.chars()).find(|c| !taken(*c)) {
        Some(bad) => Err(format!(
            "a tag can't contain {bad:?}: letters, digits, spaces and _.:/=+-@ only"
        )),
        None => Ok(()),
    }
}

/// The days that automatic rotation can have (KMS API reference, `EnableKeyRotation`).
pub const ROTATION_DAYS: std::ops::RangeInclusive<u16> = 90..=2560;

/// The period of automatic rotation that KMS takes by itself.
pub const DEFAULT_ROTATION_DAYS: u16 = 365;

/// The tag by which a created resource is recognized; its value is the project's ID.
pub const PROJECT_TAG: &str = "atlas-cmk:project";

/// The tag by which a key is found again whose creation was interrupted: a [`CreationMark`], made when the step begins.
pub const MARKER_TAG: &str = "atlas-cmk:creation";

/// The mark of one creation of a key: what it was made for, then what no other creation has. 32 hex digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreationMark(String);

impl CreationMark {
    /// Makes a mark; `number`: a random one.
    pub fn new(project_id: &str, alias: &str, number: u64) -> Self {
        Self(format!("{}{number:016x}", Self::purpose(project_id, alias)))
    }

    /// Returns what all marks begin with that were made for a project and an alias.
    pub fn purpose(project_id: &str, alias: &str) -> String {
        let digest = Sha256::digest(format!("{project_id} {alias}"));
        digest
            .iter()
            .take(8)
            .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    }

    /// Returns it as the tag has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Makes a name of the characters that both an IAM role and an alias take, out of any text.
///
/// Returns `None` where nothing is left.
pub fn slug(text: &str) -> Option<String> {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() == 40 {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    (!slug.is_empty()).then(|| slug.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_ids_are_told_from_other_texts() {
        assert!(is_key_id("1234abcd-12ab-34cd-56ef-1234567890ab"));
        assert!(is_key_id("mrk-1234abcd12ab34cd56ef1234567890ab"));
        for text in [
            "",
            "alias/x",
            "1234abcd-12ab-34cd-56ef-1234567890a",
            "mrk-12",
            "1234abcd12ab34cd56ef1234567890ab",
        ] {
            assert!(!is_key_id(text), "{text}");
        }
    }

    #[test]
    fn role_names_keep_to_iams_rules() {
        assert!(check_role_name("atlas-cmk-orders").is_ok());
        assert!(check_role_name("").is_err());
        assert!(check_role_name(&"x".repeat(65)).is_err());
        assert!(check_role_name("a b").unwrap_err().contains("' '"));
    }

    #[test]
    fn aliases_keep_to_kms_rules() {
        assert!(check_alias("alias/atlas-orders").is_ok());
        for alias in ["orders", "alias/", "alias/aws/ebs", "alias/a:b"] {
            assert!(check_alias(alias).is_err(), "{alias}");
        }
    }

    #[test]
    fn slugs_fit_both_rules() {
        assert_eq!(slug("  Orders & Billing (EU) ").as_deref(), Some("orders-billing-eu"));
        assert_eq!(slug("결제"), None);
    }
}
