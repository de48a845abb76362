//! The evidence, from what is observed alone. Pure.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::findings;
use crate::domain::access_role::AccessRole;
use crate::domain::cluster::{Cluster, ClusterKind};
use crate::domain::iam_role::IamRole;
use crate::domain::key::{Key, KeyRef};
use crate::domain::project::{EncryptionSetting, Project};
use crate::observe::{Fetched, ObservedState};
use crate::problem::Problem;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Worth knowing.
    Note,
    /// The encryption is off, invalid or at risk (`status` exits with 3).
    Risk,
}

/// One thing that the operator should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How much it weighs.
    pub weight: Weight,
    /// One or two sentences.
    pub text: String,
}

/// What holds: the JSON form is the contract of `status --output json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// When it was observed.
    pub at: Option<Timestamp>,
    /// The project.
    pub project: Project,
    /// The project's encryption setting.
    pub encryption_at_rest: EncryptionSetting,
    /// The access role that the setting uses.
    pub access_role: Option<AccessRole>,
    /// The IAM role that Atlas assumes.
    pub iam_role: Option<IamRole>,
    /// The key that the setting names.
    pub key: Option<Key>,
    /// All clusters, Flex ones last.
    pub clusters: Vec<Cluster>,
    /// What the operator should know, the weightiest first.
    pub findings: Vec<Finding>,
}

impl Evidence {
    /// Judges what is observed: the project and all of it, the IAM role behind the access role in use as the chosen
    /// role, the setting's key as the chosen key.
    ///
    /// # Errors
    /// A part of the project couldn't be read. An IAM role or key that can't be read is a finding.
    pub fn from_observed(observed: &ObservedState) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let project = part(&observed.project, &mut problems);
        let setting = part(&observed.setting, &mut problems);
        let access_roles = part(&observed.access_roles, &mut problems);
        let dedicated = part(&observed.clusters, &mut problems);
        let flex = part(&observed.flex_clusters, &mut problems);
        let (Some(project), Some(setting), Some(access_roles), Some(dedicated), Some(flex)) =
            (project, setting, access_roles, dedicated, flex)
        else {
            return Err(problems);
        };
        let access_role = used_access_role(setting, access_roles);
        let iam_role = observed
            .chosen_role
            .as_ref()
            .and_then(|lookup| lookup.found.known()?.as_ref());
        let iam_role = iam_role.filter(|found| {
            let pointed = access_role.and_then(|role| role.iam_role_arn.as_ref());
            pointed == Some(&found.role.arn)
        });
        let key = observed
            .chosen_key
            .as_ref()
            .and_then(|lookup| lookup.found.known()?.as_ref());
        let mut evidence = Self {
            at: observed.at,
            project: project.clone(),
            encryption_at_rest: setting.clone(),
            access_role: access_role.cloned(),
            iam_role: iam_role.map(|found| found.role.clone()),
            key: key.filter(|_| setting.aws.enabled).cloned(),
            clusters: dedicated.iter().chain(flex).cloned().collect(),
            findings: Vec::new(),
        };
        evidence.findings = findings::of(&evidence, observed, access_roles, iam_role);
        Ok(evidence)
    }

    /// Returns whether the encryption is off, invalid, at risk or used by no cluster.
    pub fn is_at_risk(&self) -> bool {
        self.findings.iter().any(|finding| finding.weight == Weight::Risk)
    }

    /// Returns how many clusters a key in AWS KMS encrypts, and how many there are that could be.
    pub(crate) fn used_by(&self) -> (usize, usize) {
        let encrypted = self.clusters.iter().filter(|cluster| cluster.is_encrypted()).count();
        let dedicated = self
            .clusters
            .iter()
            .filter(|cluster| cluster.kind == ClusterKind::Dedicated)
            .count();
        (encrypted, dedicated)
    }
}

/// Returns the access role that the setting uses.
pub(super) fn used_access_role<'a>(
    setting: &EncryptionSetting,
    access_roles: &'a [AccessRole],
) -> Option<&'a AccessRole> {
    if !setting.aws.enabled {
        return None;
    }
    match &setting.aws.role_id {
        Some(id) => access_roles.iter().find(|role| role.role_id == *id),
        None => access_roles.iter().find(|role| role.serves_encryption()),
    }
}

/// Returns the key that the setting names.
pub(super) fn used_key(setting: &EncryptionSetting) -> Option<KeyRef> {
    let key = setting.aws.key.as_deref().filter(|_| setting.aws.enabled)?;
    KeyRef::parse(key).ok()
}

fn part<'a, T>(fetched: &'a Fetched<T>, problems: &mut Vec<Problem>) -> Option<&'a T> {
    match fetched {
        Fetched::Known(value) => return Some(value),
        Fetched::Failed(problem) => problems.push(problem.clone()),
        Fetched::NotLooked | Fetched::Looking => {
            problems.push(Problem::internal("a part of the project wasn't looked at"));
        }
    }
    None
}
