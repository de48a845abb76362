//! Tags as they are typed: `team=platform, stage=prod`.

use std::collections::BTreeMap;

use crate::domain::name::{MARKER_TAG, PROJECT_TAG};

/// No resource takes more (IAM and KMS: 50), and two are ours.
const MOST: usize = 48;

/// Reads `key=value` pairs between commas (IAM API reference, `Tag`).
///
/// # Errors
/// A sentence for the operator.
pub(crate) fn parse(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut tags = BTreeMap::new();
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(format!("a tag is written key=value, with commas between tags: {pair}"));
        };
        let (key, value) = (key.trim(), value.trim());
        check(key, value)?;
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(format!("the tag {key} is there twice"));
        }
    }
    if tags.len() > MOST {
        return Err(format!("at most {MOST} tags, these are {}", tags.len()));
    }
    Ok(tags)
}

fn check(key: &str, value: &str) -> Result<(), String> {
    let (key_length, value_length) = (key.chars().count(), value.chars().count());
    if !(1..=128).contains(&key_length) {
        return Err(format!(
            "a tag's key has 1 to 128 characters, this one has {key_length}"
        ));
    }
    if value_length > 256 {
        return Err(format!(
            "a tag's value has at most 256 characters, {key} has {value_length}"
        ));
    }
    if key.to_ascii_lowercase().starts_with("aws:") {
        return Err(format!("tags that begin with aws: are AWS's own: {key}"));
    }
    if [PROJECT_TAG, MARKER_TAG].contains(&key) {
        return Err(format!("the tag {key} is set by this program"));
    }
    let taken = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    match key.chars().chain(value.chars()).find(|c| !taken(*c)) {
        Some(bad) => Err(format!(
            "a tag can't contain {bad:?}: letters, digits, spaces and _.:/=+-@ only"
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_with_space_around_them() {
        let tags = parse(" team = platform , stage=prod,,").unwrap();
        assert_eq!(tags.len(), 2);
        assert_eq!((tags["team"].as_str(), tags["stage"].as_str()), ("platform", "prod"));
        assert!(parse("  ").unwrap().is_empty());
        assert_eq!(parse("a=b=c").unwrap()["a"], "b=c");
    }

    #[test]
    fn what_aws_would_refuse_is_refused() {
        for text in [
            "team",
            "=x",
            "aws:x=y",
            "AWS:x=y",
            "a=1,a=2",
            "a=\"b\"",
            "atlas-cmk:project=x",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&format!("{}=x", "k".repeat(129))).is_err());
        assert!(parse(&format!("k={}", "v".repeat(257))).is_err());
    }
}
