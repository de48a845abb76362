//! KMS keys: listed, described, created.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_kms::Client;
use aws_sdk_kms::config::retry::RetryConfig;
use aws_sdk_kms::types::{KeyManagerType, KeyMetadata, KeySpec, KeyState, KeyUsageType, OriginType, Tag};
use backon::{ExponentialBuilder, Retryable};
use futures::{StreamExt, TryStreamExt, stream};

use jiff::Timestamp;

use super::{Aws, Error, ErrorKind};
use crate::domain::arn::KeyArn;
use crate::domain::key::{Key, KeyRef, Rotation};

const NOT_FOUND: &str = "NotFoundException";

/// The most keys that KMS gives on one page, and the most aliases.
const KEYS_A_PAGE: i32 = 1000;
const ALIASES_A_PAGE: i32 = 100;

/// Keys that are asked about at the same time.
const AT_ONCE: usize = 24;

/// A key to create: symmetric, for encryption, with material from KMS and KMS's default key policy.
#[derive(Clone, Debug)]
pub struct NewKey<'a> {
    /// What people read in the console.
    pub description: &'a str,
    /// Tags by key.
    pub tags: &'a BTreeMap<String, String>,
    /// Whether it can have replicas in other regions; can't be changed later.
    pub multi_region: bool,
}

impl Aws {
    /// Returns all keys of the region by label, AWS's own included (`ListKeys`, `ListAliases`, all pages; `DescribeKey`
    /// for each, `GetKeyRotationStatus` where rotation can be).
    ///
    /// A key that may not be described is there with the state [`Key::UNREADABLE`].
    pub async fn keys(&self) -> Result<Vec<Key>, Error> {
        let (arns, mut aliases) = tokio::try_join!(self.key_arns(), self.aliases())?;
        let asked = arns.into_iter().map(|arn| {
            let aliases = aliases.remove(arn.key_id()).unwrap_or_default();
            async move {
                match self.describe(&self.kms, arn.as_str()).await {
                    Ok(metadata) => self.with_rotation(&self.kms, metadata, aliases).await.map(Some),
                    Err(error) if error.is_denied() => Ok(Some(Key::unreadable(arn, aliases))),
                    // Gone since it was listed.
                    Err(error) if error.is(NOT_FOUND) => Ok(None),
                    Err(error) => Err(error),
                }
            }
        });
        let keys = stream::iter(asked).buffer_unordered(AT_ONCE);
        let mut keys: Vec<Key> = keys.try_filter_map(|key| async { Ok(key) }).try_collect().await?;
        // Those with a name first.
        keys.sort_by(|a, b| (a.aliases.is_empty(), a.label()).cmp(&(b.aliases.is_empty(), b.label())));
        Ok(keys)
    }

    /// Returns one key; `None` if there is none (`DescribeKey`, then at the same time `GetKeyRotationStatus` and
    /// `ListAliases` for it).
    ///
    /// An ARN is asked for in its own region.
    pub async fn key(&self, key: &KeyRef) -> Result<Option<Key>, Error> {
        let kms = match key {
            KeyRef::Arn(arn) => self.kms_in(arn.region_name()),
            KeyRef::Id(_) | KeyRef::Alias(_) => self.kms.clone(),
        };
        let metadata = match self.describe(&kms, key.as_str()).await {
            Ok(metadata) => metadata,
            Err(error) if error.is(NOT_FOUND) => return Ok(None),
            Err(error) => {
                return match key {
                    // It can be used all the same: by a role that its owner lets in.
                    KeyRef::Arn(arn) if error.is_denied() => Ok(Some(Key::unreadable(arn.clone(), Vec::new()))),
                    _ => Err(error),
                };
            }
        };
        let id = metadata.key_id().to_owned();
        let (aliases, described) = tokio::join!(
            self.aliases_of(&kms, &id),
            self.with_rotation(&kms, metadata, Vec::new())
        );
        let aliases = match aliases {
            Ok(aliases) => aliases,
            // They only name the key; the one that it was asked by is certain. Another account's are nobody's to list.
            Err(error) if error.is_denied() || error.is(NOT_FOUND) => match key {
                KeyRef::Alias(alias) => vec![alias.clone()],
                KeyRef::Arn(_) | KeyRef::Id(_) => Vec::new(),
            },
            Err(error) => return Err(error),
        };
        Ok(Some(Key { aliases, ..described? }))
    }

    /// Returns the keys of the region that carry a tag with this value (`ListKeys`, `ListResourceTags`).
    ///
    /// Finds the key of a [`create_key`](Self::create_key) whose answer never came. Keys whose tags may not be read are
    /// passed over, since a key of ours lets IAM decide.
    ///
    /// # Errors
    /// The refusal, if no key's tags may be read: then it can't be told whether there is such a key.
    pub async fn keys_with_tag(&self, tag: &str, value: &str) -> Result<Vec<Key>, Error> {
        let arns = self.key_arns().await?;
        self.tagged(arns, tag, |own| own == value).await
    }

    /// Returns the keys of the region that have no alias and carry a tag whose value begins so (`ListKeys`,
    /// `ListAliases`, `ListResourceTags`).
    ///
    /// # Errors
    /// As [`keys_with_tag`](Self::keys_with_tag).
    pub async fn nameless_keys_with_tag(&self, tag: &str, prefix: &str) -> Result<Vec<Key>, Error> {
        let (arns, aliases) = tokio::try_join!(self.key_arns(), self.aliases())?;
        let nameless = arns.into_iter().filter(|arn| !aliases.contains_key(arn.key_id()));
        self.tagged(nameless, tag, |own| own.starts_with(prefix)).await
    }

    async fn tagged(
        &self,
        arns: impl IntoIterator<Item = KeyArn>,
        tag: &str,
        is_it: impl Fn(&str) -> bool,
    ) -> Result<Vec<Key>, Error> {
        let is_it = &is_it;
        let asked = arns.into_iter().map(|arn| async move {
            match self.carries(&arn, tag, is_it).await {
                Ok(true) => Ok(Tagged::Yes(arn)),
                Ok(false) => Ok(Tagged::No),
                Err(error) if error.is(NOT_FOUND) => Ok(Tagged::No),
                Err(error) if error.is_denied() => Ok(Tagged::Denied(error)),
                Err(error) => Err(error),
            }
        });
        let answers: Vec<Tagged> = stream::iter(asked).buffer_unordered(AT_ONCE).try_collect().await?;
        let all_denied = !answers.is_empty() && answers.iter().all(|answer| matches!(answer, Tagged::Denied(_)));
        let mut found = Vec::new();
        for answer in answers {
            match answer {
                Tagged::Yes(arn) => found.extend(self.key(&KeyRef::Arn(arn)).await?),
                Tagged::Denied(error) if all_denied => return Err(error),
                Tagged::Denied(_) | Tagged::No => {}
            }
        }
        Ok(found)
    }

    /// Creates a key (`CreateKey`).
    ///
    /// Sent again only where the first try certainly did nothing (throttled, no connection): each `CreateKey` that
    /// arrives makes a key. Where [`Error::may_have_happened`], look with [`keys_with_tag`](Self::keys_with_tag).
    pub async fn create_key(&self, new: &NewKey<'_>) -> Result<Key, Error> {
        const OPERATION: &str = "CreateKey";
        let mut request = self
            .kms
            .create_key()
            .description(new.description)
            .key_usage(KeyUsageType::EncryptDecrypt)
            .key_spec(KeySpec::SymmetricDefault)
            .multi_region(new.multi_region);
        for (key, value) in new.tags {
            let tag = Tag::builder().tag_key(key).tag_value(value).build();
            request = request.tags(tag.map_err(|error| self.unreadable("KMS", OPERATION, error.to_string()))?);
        }
        let send = || async {
            let once = aws_sdk_kms::config::Builder::new().retry_config(RetryConfig::disabled());
            let answer = request.clone().customize().config_override(once).send().await;
            answer.map_err(self.failed("KMS", OPERATION))
        };
        let created = send
            .retry(ExponentialBuilder::default().with_jitter().with_max_times(2))
            .when(|error| error.is_throttled() || error.kind == ErrorKind::Unreachable)
            .await?;
        let metadata = created
            .key_metadata
            .ok_or_else(|| self.unreadable("KMS", OPERATION, "the answer has no key"))?;
        self.key_of(metadata, Vec::new(), Rotation::Off)
    }

    /// Gives a key an alias (`CreateAlias`).
    ///
    /// A repetition after a cut connection may meet the alias that the first try made: `AlreadyExistsException` doesn't
    /// tell whose it is, [`key`](Self::key) by this alias does.
    pub async fn create_alias(&self, alias: &str, key_id: &str) -> Result<(), Error> {
        let request = self.kms.create_alias().alias_name(alias).target_key_id(key_id);
        request.send().await.map_err(self.failed("KMS", "CreateAlias"))?;
        Ok(())
    }

    /// Switches automatic rotation on, or changes its period in days (`EnableKeyRotation`).
    pub async fn enable_rotation(&self, key_id: &str, days: u16) -> Result<(), Error> {
        let request = self
            .kms
            .enable_key_rotation()
            .key_id(key_id)
            .rotation_period_in_days(days.into());
        request.send().await.map_err(self.failed("KMS", "EnableKeyRotation"))?;
        Ok(())
    }

    async fn key_arns(&self) -> Result<Vec<KeyArn>, Error> {
        const OPERATION: &str = "ListKeys";
        let mut pages = self.kms.list_keys().limit(KEYS_A_PAGE).into_paginator().items().send();
        let mut arns = Vec::new();
        while let Some(entry) = pages.next().await {
            let arn = entry
                .map_err(self.failed("KMS", OPERATION))?
                .key_arn
                .unwrap_or_default();
            arns.push(KeyArn::parse(&arn).map_err(|error| self.unreadable("KMS", OPERATION, error.to_string()))?);
        }
        Ok(arns)
    }

    /// Returns the region's aliases by key ID, each sorted.
    async fn aliases(&self) -> Result<HashMap<String, Vec<String>>, Error> {
        let mut pages = self
            .kms
            .list_aliases()
            .limit(ALIASES_A_PAGE)
            .into_paginator()
            .items()
            .send();
        let mut aliases: HashMap<String, Vec<String>> = HashMap::new();
        while let Some(entry) = pages.next().await {
            let entry = entry.map_err(self.failed("KMS", "ListAliases"))?;
            // AWS's own aliases point nowhere until the service has made its key.
            if let (Some(key), Some(alias)) = (entry.target_key_id, entry.alias_name) {
                aliases.entry(key).or_default().push(alias);
            }
        }
        for names in aliases.values_mut() {
            names.sort();
        }
        Ok(aliases)
    }

    async fn aliases_of(&self, kms: &Client, key_id: &str) -> Result<Vec<String>, Error> {
        let mut pages = kms.list_aliases().key_id(key_id).into_paginator().items().send();
        let mut aliases = Vec::new();
        while let Some(entry) = pages.next().await {
            aliases.extend(entry.map_err(self.failed("KMS", "ListAliases"))?.alias_name);
        }
        aliases.sort();
        Ok(aliases)
    }

    async fn carries(&self, arn: &KeyArn, tag: &str, is_it: &impl Fn(&str) -> bool) -> Result<bool, Error> {
        let mut pages = self
            .kms
            .list_resource_tags()
            .key_id(arn.as_str())
            .into_paginator()
            .items()
            .send();
        while let Some(entry) = pages.next().await {
            let entry = entry.map_err(self.failed("KMS", "ListResourceTags"))?;
            if entry.tag_key == tag {
                return Ok(is_it(&entry.tag_value));
            }
        }
        Ok(false)
    }

    async fn describe(&self, kms: &Client, key: &str) -> Result<KeyMetadata, Error> {
        const OPERATION: &str = "DescribeKey";
        let answer = kms
            .describe_key()
            .key_id(key)
            .send()
            .await
            .map_err(self.failed("KMS", OPERATION))?;
        answer
            .key_metadata
            .ok_or_else(|| self.unreadable("KMS", OPERATION, "the answer has no key"))
    }

    async fn with_rotation(&self, kms: &Client, metadata: KeyMetadata, aliases: Vec<String>) -> Result<Key, Error> {
        let mut key = self.key_of(metadata, aliases, Rotation::Unknown)?;
        let can_rotate = key.manager == "CUSTOMER" && key.spec == "SYMMETRIC_DEFAULT" && key.origin == "AWS_KMS";
        if can_rotate && key.state == "Enabled" {
            // It informs and decides nothing: where it can't be read it stays unknown.
            if let Ok(status) = kms.get_key_rotation_status().key_id(key.arn.as_str()).send().await {
                let days = status.rotation_period_in_days.and_then(|days| u16::try_from(days).ok());
                key.rotation = if status.key_rotation_enabled {
                    Rotation::On(days)
                } else {
                    Rotation::Off
                };
            }
        }
        Ok(key)
    }

    fn key_of(&self, metadata: KeyMetadata, aliases: Vec<String>, rotation: Rotation) -> Result<Key, Error> {
        let arn = KeyArn::parse(metadata.arn().unwrap_or_default())
            .map_err(|error| self.unreadable("KMS", "DescribeKey", error.to_string()))?;
        let word = |word: Option<&str>| word.unwrap_or_default().to_owned();
        Ok(Key {
            arn,
            aliases,
            state: word(metadata.key_state().map(KeyState::as_str)),
            spec: word(metadata.key_spec().map(KeySpec::as_str)),
            usage: word(metadata.key_usage().map(KeyUsageType::as_str)),
            origin: word(metadata.origin().map(OriginType::as_str)),
            manager: word(metadata.key_manager().map(KeyManagerType::as_str)),
            multi_region: metadata.multi_region().unwrap_or_default(),
            description: metadata.description.unwrap_or_default(),
            rotation,
            deletion: metadata
                .deletion_date
                .and_then(|at| Timestamp::from_second(at.secs()).ok()),
        })
    }
}

/// What is known about one key's tags.
enum Tagged {
    Yes(KeyArn),
    No,
    Denied(Error),
}
