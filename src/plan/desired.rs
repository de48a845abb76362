//! What the operator wants: what the configuration file holds and what the wizard's screens fill in.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::arn::RoleArn;
pub use crate::domain::cluster::NewCluster;
use crate::domain::key::{Key, KeyRef, Rotation};
use crate::domain::name::DEFAULT_ROTATION_DAYS;
use crate::domain::region::Region;

/// The IAM role that Atlas is to assume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoleChoice {
    /// The role with this name: used if it exists, else created.
    Named {
        /// Without a path.
        name: String,
        /// Whether permissions beyond the use of the key are accepted on an existing role: Atlas gets them too.
        reuse: bool,
        /// Tags for a role that is created.
        tags: BTreeMap<String, String>,
        /// The path of a role that is created: `/` or `/…/`.
        path: String,
        /// The ARN of the permissions boundary of a role that is created.
        permissions_boundary: Option<String>,
    },
    /// The role with this ARN, which must exist.
    Existing {
        /// Its ARN, path included.
        arn: RoleArn,
        /// As above.
        reuse: bool,
    },
}

impl RoleChoice {
    /// Returns the choice of a role by its name, with everything else as it is by default.
    pub fn named(name: impl Into<String>) -> Self {
        Self::Named {
            name: name.into(),
            reuse: false,
            tags: BTreeMap::new(),
            path: "/".to_owned(),
            permissions_boundary: None,
        }
    }

    /// Returns the role's name, without a path.
    pub fn name(&self) -> &str {
        match self {
            Self::Named { name, .. } => name,
            Self::Existing { arn, .. } => arn.name(),
        }
    }

    /// Returns whether permissions beyond the use of the key are accepted.
    pub fn reuse(&self) -> bool {
        match self {
            Self::Named { reuse, .. } | Self::Existing { reuse, .. } => *reuse,
        }
    }
}

/// Settings of a key that hold when it is created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKeySettings {
    /// The alias, with `alias/`.
    pub alias: String,
    /// The description.
    pub description: String,
    /// Days between automatic rotations; `None`: off.
    pub rotation_days: Option<u16>,
    /// Whether the key can have replicas in other regions.
    pub multi_region: bool,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl NewKeySettings {
    /// Returns the settings of a key with this alias as they are by default: rotated each year, of one region.
    pub fn new(alias: impl Into<String>) -> Self {
        Self {
            alias: alias.into(),
            description: String::new(),
            rotation_days: Some(DEFAULT_ROTATION_DAYS),
            multi_region: false,
            tags: BTreeMap::new(),
        }
    }

    /// Says what of this doesn't hold for a key that is there already, one sentence each. What KMS doesn't tell is
    /// unknown, never a deviation.
    pub fn deviations(&self, key: &Key) -> Vec<String> {
        let mut deviations = Vec::new();
        if self.multi_region != key.multi_region {
            let is = if key.multi_region {
                "a multi-Region"
            } else {
                "a single-Region"
            };
            deviations.push(format!("{} is {is} key; that can't be changed.", self.alias));
        }
        let differs = match (self.rotation_days, key.rotation) {
            (_, Rotation::Unknown) | (None, Rotation::Off) | (Some(_), Rotation::On(None)) => false,
            (Some(wanted), Rotation::On(Some(is))) => wanted != is,
            (None, Rotation::On(_)) | (Some(_), Rotation::Off) => true,
        };
        if differs {
            deviations.push(format!(
                "Rotation of {} is {}; the configured period holds for a key that is created and changes nothing here.",
                self.alias, key.rotation
            ));
        }
        deviations
    }
}

/// The customer-managed key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyChoice {
    /// A key that must exist.
    Existing(KeyRef),
    /// The key with this alias: used if it exists, else created.
    CreateUnlessThere(NewKeySettings),
}

impl KeyChoice {
    /// Returns what to look up in KMS.
    pub fn key_ref(&self) -> KeyRef {
        match self {
            Self::Existing(key) => key.clone(),
            Self::CreateUnlessThere(settings) => KeyRef::Alias(settings.alias.clone()),
        }
    }
}

/// The clusters to encrypt. Clusters that are encrypted already and not named stay as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClusterChoice {
    /// Every eligible cluster of the project.
    Eligible,
    /// These, by name.
    Named(Vec<String>),
}

/// In which order clusters are switched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rollout {
    /// All at the same time.
    #[default]
    Together,
    /// The first alone; the rest when it is IDLE again.
    Canary,
    /// Each when the one before is IDLE again.
    OneByOne,
}

impl fmt::Display for Rollout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Together => "together",
            Self::Canary => "canary",
            Self::OneByOne => "one-by-one",
        })
    }
}

/// Which Atlas access role is ours, where nothing that is there decides it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccessRoleChoice {
    /// The one that is recognized as ours, or the only one whose set-up was never finished; else a new one.
    #[default]
    Recognized,
    /// As above, but unfinished ones that nothing shows to be ours are left alone.
    New,
    /// This one, picked by the operator: 24 hex digits.
    Picked(String),
}

/// What the operator wants, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesiredState {
    /// 24 hex digits.
    pub project_id: String,
    /// The key's region.
    pub region: Region,
    /// The IAM role.
    pub role: RoleChoice,
    /// The Atlas access role.
    pub access_role: AccessRoleChoice,
    /// The key.
    pub key: KeyChoice,
    /// The clusters.
    pub clusters: ClusterChoice,
    /// Their order.
    pub rollout: Rollout,
    /// Paused clusters among them that may be resumed first, by name.
    pub resume: Vec<String>,
    /// Clusters to create, encrypted from the start.
    pub create: Vec<NewCluster>,
    /// Whether the key policy may get one statement more where it doesn't let the IAM role in.
    pub extend_key_policy: bool,
    /// Whether deleted principals may be taken out of the trust policy, which can't be written with them.
    pub drop_dead_principals: bool,
    /// The folder that the AWS half is written to, where the AWS administrator is to carry it out; `None`: it is carried
    /// out from here.
    pub aws_half: Option<String>,
}

/// What the operator has chosen so far: a [`DesiredState`] in the making.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// 24 hex digits.
    pub project_id: Option<String>,
    /// The key's region.
    pub region: Option<Region>,
    /// The IAM role.
    pub role: Option<RoleChoice>,
    /// The Atlas access role.
    pub access_role: AccessRoleChoice,
    /// The key.
    pub key: Option<KeyChoice>,
    /// The clusters.
    pub clusters: Option<ClusterChoice>,
    /// Their order.
    pub rollout: Rollout,
    /// Paused clusters among them that may be resumed first, by name.
    pub resume: Vec<String>,
    /// Clusters to create, encrypted from the start.
    pub create: Vec<NewCluster>,
    /// Whether the key policy may get one statement more where it doesn't let the IAM role in.
    pub extend_key_policy: bool,
    /// Whether deleted principals may be taken out of the trust policy, which can't be written with them.
    pub drop_dead_principals: bool,
    /// The folder that the AWS half is written to, where the AWS administrator is to carry it out; `None`: it is carried
    /// out from here.
    pub aws_half: Option<String>,
}

impl Choices {
    /// Returns what is wanted, once every choice is made.
    pub fn complete(&self) -> Option<DesiredState> {
        Some(DesiredState {
            project_id: self.project_id.clone()?,
            region: self.region?,
            role: self.role.clone()?,
            access_role: self.access_role.clone(),
            key: self.key.clone()?,
            clusters: self.clusters.clone()?,
            rollout: self.rollout,
            resume: self.resume.clone(),
            create: self.create.clone(),
            extend_key_policy: self.extend_key_policy,
            drop_dead_principals: self.drop_dead_principals,
            aws_half: self.aws_half.clone(),
        })
    }
}

impl From<DesiredState> for Choices {
    fn from(desired: DesiredState) -> Self {
        Self {
            project_id: Some(desired.project_id),
            region: Some(desired.region),
            role: Some(desired.role),
            access_role: desired.access_role,
            key: Some(desired.key),
            clusters: Some(desired.clusters),
            rollout: desired.rollout,
            resume: desired.resume,
            create: desired.create,
            extend_key_policy: desired.extend_key_policy,
            drop_dead_principals: desired.drop_dead_principals,
            aws_half: desired.aws_half,
        }
    }
}
