//! What holds for every text that is read into the field's words.

use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::arn::{self, KeyArn, RoleArn};
use super::key::KeyRef;
use super::name;
use super::region::Region;
use super::text::{safe_block, safe_line};

/// Texts of any characters, and such as look like ARNs.
fn any_text() -> impl Strategy<Value = String> {
    let arn_like =
        "( )?arn:(aws|aws-cn|x)?:(iam|kms|s3)?:[a-z*-]{0,4}:([0-9]{12}|[0-9]{0,3}):(role/|key/|root)?[ -~é]{0,12}";
    prop_oneof![
        any::<String>(),
        arn_like,
        "arn:[:/a-z]{0,12}",
        "[a-zA-Z_ -]{0,16}[0-9]?"
    ]
}

fn role_arn() -> impl Strategy<Value = String> {
    "arn:aws(-cn|-us-gov)?:iam::[0-9]{12}:role/([a-z]{1,4}/){0,3}[A-Za-z0-9_+=,.@-]{1,64}"
}

fn key_arn() -> impl Strategy<Value = String> {
    "arn:aws(-cn|-us-gov)?:kms:(us-east-1|ap-south-2|[a-z]{2}-[a-z]{4,7}-[1-9]):[0-9]{12}:key/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})"
}

/// Writes a value as the journal and saved plans do, and reads it back.
fn stored_and_read<T: Serialize + DeserializeOwned>(value: &T) -> T {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_text_makes_a_reader_panic(text in any_text()) {
        let _ = (arn::partition(&text), arn::account(&text), arn::is_account(&text));
        let _ = (name::check_role_name(&text), name::check_alias(&text), name::is_key_id(&text));
        let _ = KeyRef::parse(&text);
        if let Ok(role) = RoleArn::parse(&text) {
            prop_assert_eq!(RoleArn::parse(&role.to_string()).unwrap(), role.clone());
            prop_assert_eq!(&stored_and_read(&role), &role);
            let resource = ["role", role.path(), role.name()].concat();
            prop_assert!(role.as_str().ends_with(&resource));
        }
        if let Ok(key) = KeyArn::parse(&text) {
            prop_assert_eq!(KeyArn::parse(&key.to_string()).unwrap(), key);
        }
        match Region::parse(&text) {
            Ok(region) => prop_assert_eq!(Region::parse(&region.to_string()).unwrap(), region),
            Err(unknown) => prop_assert!(unknown.to_string().contains(text.trim())),
        }
    }

    #[test]
    fn a_roles_arn_is_its_parts(text in role_arn()) {
        let role = RoleArn::parse(&text).unwrap();
        let (partition, account, path, name) = (role.partition(), role.account(), role.path(), role.name());
        prop_assert_eq!(format!("arn:{partition}:iam::{account}:role{path}{name}"), text);
        prop_assert!(path.starts_with('/') && path.ends_with('/') && !name.contains('/'));
    }

    #[test]
    fn a_keys_arn_is_its_parts(text in key_arn()) {
        let key = KeyArn::parse(&text).unwrap();
        let (partition, region, account, id) = (key.partition(), key.region_name(), key.account(), key.key_id());
        prop_assert_eq!(format!("arn:{partition}:kms:{region}:{account}:key/{id}"), text.clone());
        prop_assert_eq!(key.region().map(Region::aws), Region::all().map(Region::aws).find(|known| *known == region));
        prop_assert_eq!(&stored_and_read(&key), &key);
        prop_assert_eq!(KeyRef::parse(&text), Ok(KeyRef::Arn(key)));
    }

    #[test]
    fn a_regions_spellings_are_one(nth in any::<prop::sample::Index>(), upper in any::<u32>(), space in " {0,2}") {
        let region = *nth.get(&Region::all().collect::<Vec<_>>());
        for form in [region.aws().to_owned(), region.atlas()] {
            let spelt: String = form
                .char_indices()
                .map(|(at, c)| if upper >> (at % 32) & 1 == 1 { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
                .collect();
            prop_assert_eq!(Region::parse(&format!("{space}{spelt}{space}")), Ok(region));
        }
        prop_assert_eq!(stored_and_read(&region), region);
    }

    #[test]
    fn safe_text_is_inert_and_stays_so(text in any::<String>()) {
        let (line, block) = (safe_line(&text), safe_block(&text));
        prop_assert!(!line.chars().any(char::is_control));
        prop_assert!(!block.chars().any(|c| c.is_control() && c != '\n'));
        prop_assert_eq!(&safe_line(&line), &line);
        prop_assert_eq!(&safe_block(&block), &block);
        prop_assert_eq!(block.matches('\n').count(), text.matches('\n').count());
    }

    #[test]
    fn a_slug_is_a_name_for_a_role_and_an_alias(text in any_text()) {
        if let Some(slug) = name::slug(&text) {
            prop_assert_eq!(name::check_role_name(&slug), Ok(()));
            prop_assert_eq!(name::check_alias(&format!("alias/{slug}")), Ok(()));
        }
    }
}
