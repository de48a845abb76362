//! The kinds of step, with the values that each needs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Output, Slot};
use crate::domain::arn::{KeyArn, RoleArn};
use crate::domain::cluster::{EncryptionProvider, NewCluster};
use crate::domain::policy::{self, Merged, PolicyDocument, PolicyError};
use crate::domain::project::AwsKmsSetting;
use crate::domain::region::Region;
use crate::plan::desired::NewKeySettings;

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Atlas `createCloudProviderAccessRole`.
    CreateAccessRole,
    /// IAM `CreateRole`.
    CreateIamRole {
        /// The name.
        name: String,
        /// The path: `/`, or `/…/`.
        path: String,
        /// The ARN of its permissions boundary.
        permissions_boundary: Option<String>,
        /// Tags.
        tags: BTreeMap<String, String>,
        /// Whom it trusts.
        principal: Slot,
        /// On which external ID.
        external_id: Slot,
    },
    /// IAM `UpdateAssumeRolePolicy`.
    UpdateTrustPolicy {
        /// The role's name.
        role: String,
        /// The trust policy that it was planned from; `None`: it can't be read, and whatever is there is kept.
        before: Option<PolicyDocument>,
        /// Whom it is to trust too.
        principal: Slot,
        /// On which external ID.
        external_id: Slot,
        /// What else changes in it.
        mend: TrustMend,
    },
    /// KMS `CreateKey` with KMS's default key policy.
    CreateKey(NewKeySettings),
    /// KMS `CreateAlias`.
    CreateAlias {
        /// The alias.
        alias: String,
        /// The key's ARN.
        key: Slot,
    },
    /// KMS `EnableKeyRotation`.
    EnableRotation {
        /// Days between rotations.
        days: u16,
        /// The key's ARN.
        key: Slot,
    },
    /// KMS `PutKeyPolicy`: one statement more for the IAM role, all others kept.
    UpdateKeyPolicy {
        /// The key.
        key: KeyArn,
        /// The key policy that it was planned from.
        before: PolicyDocument,
        /// The IAM role's ARN.
        iam_role: Slot,
    },
    /// IAM `PutRolePolicy`: the three actions on each key.
    PutRolePolicy {
        /// The role's name.
        role: String,
        /// The inline policy's name.
        policy: String,
        /// The inline policy that it was planned from.
        before: Option<PolicyDocument>,
        /// The keys' ARNs, the present one first.
        keys: Vec<Slot>,
    },
    /// Atlas `authorizeCloudProviderAccessRole`.
    AuthorizeAccessRole {
        /// The access role's ID.
        access_role: Slot,
        /// The IAM role's ARN.
        iam_role: Slot,
        /// The IAM role that it is authorized for now.
        before: Option<RoleArn>,
    },
    /// Atlas `updateEncryptionAtRest`.
    EnableProjectSetting {
        /// The access role's ID.
        access_role: Slot,
        /// The IAM role's ARN: its account decides in which form Atlas gets the key.
        iam_role: Slot,
        /// The key's ARN.
        key: Slot,
        /// The key's region.
        region: Region,
        /// The setting that it was planned from. Where its access role isn't known, any will do.
        before: AwsKmsSetting,
    },
    /// Atlas `updateCluster`: a paused cluster is resumed, alone.
    ResumeCluster {
        /// The cluster's name.
        name: String,
    },
    /// Atlas `updateCluster`: a cluster leaves another provider's key.
    ReleaseCluster {
        /// The cluster's name.
        name: String,
        /// The provider that it leaves.
        from: EncryptionProvider,
    },
    /// Atlas `updateCluster`.
    EncryptCluster {
        /// The cluster's name.
        name: String,
    },
    /// Atlas `createCluster`.
    CreateCluster(NewCluster),
    /// KMS `CancelKeyDeletion`.
    CancelKeyDeletion {
        /// The key.
        key: KeyArn,
    },
    /// KMS `EnableKey`.
    EnableKey {
        /// The key.
        key: KeyArn,
    },
    /// Atlas `getEncryptionAtRest`, until Atlas says that it can use the key.
    AwaitValid,
}

/// What changes in a trust policy beside the statement for Atlas.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustMend {
    /// The external ID of an access role that was deleted: it is replaced, instead of a statement added.
    pub replaces: Option<String>,
    /// Whether deleted principals are taken out.
    pub drops_dead: bool,
}

impl TrustMend {
    /// Returns what becomes of a trust policy.
    ///
    /// # Errors
    /// As [`policy::merge_trust`].
    pub fn apply(&self, before: &PolicyDocument, principal: &str, external_id: &str) -> Result<Merged, PolicyError> {
        let living = if self.drops_dead {
            policy::without_dead_principals(before)
        } else {
            None
        };
        let mended = match &self.replaces {
            Some(old) => policy::replace_external_id(living.as_ref().unwrap_or(before), principal, old, external_id)?,
            None => None,
        };
        let changed = mended.or(living);
        let merged = policy::merge_trust(changed.as_ref().unwrap_or(before), principal, external_id)?;
        Ok(match (merged, changed) {
            (Merged::Already, Some(changed)) => Merged::Changed(changed),
            (merged, _) => merged,
        })
    }
}

/// Adds the use of several keys to an inline policy.
///
/// # Errors
/// As [`policy::merge_key_access`].
pub fn merge_keys(before: Option<&PolicyDocument>, keys: &[String]) -> Result<Merged, PolicyError> {
    let mut changed: Option<PolicyDocument> = None;
    for key in keys {
        let merged = policy::merge_key_access(changed.as_ref().or(before), key)?;
        changed = merged.changed().or(changed);
    }
    Ok(changed.map_or(Merged::Already, Merged::Changed))
}

impl Action {
    /// Returns the values that it brings about.
    pub(super) fn produces(&self) -> &'static [Output] {
        match self {
            Self::CreateAccessRole => &[Output::AccessRoleId, Output::AtlasPrincipal, Output::ExternalId],
            Self::CreateIamRole { .. } => &[Output::IamRoleArn],
            Self::CreateKey(_) => &[Output::KeyArn],
            _ => &[],
        }
    }

    /// Returns the values that it works with and that an earlier step may bring about.
    pub fn slots_mut(&mut self) -> Vec<&mut Slot> {
        match self {
            Self::CreateAccessRole
            | Self::CreateKey(_)
            | Self::ResumeCluster { .. }
            | Self::ReleaseCluster { .. }
            | Self::EncryptCluster { .. }
            | Self::CreateCluster(_)
            | Self::CancelKeyDeletion { .. }
            | Self::EnableKey { .. }
            | Self::AwaitValid => Vec::new(),
            Self::CreateIamRole {
                principal, external_id, ..
            }
            | Self::UpdateTrustPolicy {
                principal, external_id, ..
            } => vec![principal, external_id],
            Self::CreateAlias { key, .. } | Self::EnableRotation { key, .. } => vec![key],
            Self::UpdateKeyPolicy { iam_role, .. } => vec![iam_role],
            Self::PutRolePolicy { keys, .. } => keys.iter_mut().collect(),
            Self::AuthorizeAccessRole {
                access_role, iam_role, ..
            } => vec![access_role, iam_role],
            Self::EnableProjectSetting {
                access_role,
                iam_role,
                key,
                ..
            } => vec![access_role, iam_role, key],
        }
    }

    /// Returns the document that it replaces and the one that it writes, where it writes a policy.
    pub(super) fn policy_change(&self) -> Option<(Option<&PolicyDocument>, PolicyDocument)> {
        match self {
            Self::CreateIamRole {
                principal, external_id, ..
            } => {
                let trust = policy::new_trust(&principal.show(), &external_id.show());
                Some((None, trust.ok()?))
            }
            Self::UpdateTrustPolicy {
                before,
                principal,
                external_id,
                mend,
                ..
            } => {
                let before = before.as_ref()?;
                let merged = mend.apply(before, &principal.show(), &external_id.show());
                Some((Some(before), merged.ok()?.or(before)))
            }
            Self::UpdateKeyPolicy { key, before, iam_role } => {
                let merged = policy::merge_key_policy(before, &iam_role.show(), key.as_str());
                Some((Some(before), merged.ok()?.or(before)))
            }
            Self::PutRolePolicy { before, keys, .. } => {
                let keys: Vec<_> = keys.iter().map(Slot::show).collect();
                let merged = merge_keys(before.as_ref(), &keys).ok()?;
                Some((before.as_ref(), merged.changed().or_else(|| before.clone())?))
            }
            _ => None,
        }
    }

    /// Returns whether it moves a project from an IAM user's credentials to an access role.
    pub(in crate::plan) fn is_switch(&self) -> bool {
        matches!(self, Self::EnableProjectSetting { before, .. } if before.uses_iam_user())
    }
}
