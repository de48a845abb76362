//! The parts that every plan needs, all read, and what makes a plan impossible from the start.

use super::incident::key_in_use;
use super::part;
use crate::domain::access_role::AccessRole;
use crate::domain::arn::KeyArn;
use crate::domain::aws_identity::AwsIdentity;
use crate::domain::cluster::Cluster;
use crate::domain::iam_role::IamRoleDetail;
use crate::domain::key::{Key, KeyRef, same_key};
use crate::domain::policy::{Access, PolicyDocument};
use crate::domain::project::{AwsKmsSetting, EncryptionSetting, Project};
use crate::domain::snapshot::Snapshot;
use crate::observe::{Fetched, Lookup, ObservedState};
use crate::plan::desired::{DesiredState, KeyChoice, RoleChoice};
use crate::plan::permission::{Surroundings, key_side};
use crate::plan::recognize::{interrupted_key, our_access_role};
use crate::problem::Problem;

/// The parts that every plan needs.
pub(super) struct World<'a> {
    pub(super) project: &'a Project,
    pub(super) account: &'a str,
    pub(super) access_roles: &'a [AccessRole],
    pub(super) setting: &'a EncryptionSetting,
    pub(super) clusters: Vec<&'a Cluster>,
    /// `None`: it is to be created, or it can't be read.
    pub(super) role: Option<&'a IamRoleDetail>,
    /// Whether it can't be read from here, where somebody else carries the AWS half out.
    pub(super) role_is_unread: bool,
    /// The IAM role's ARN, as it is or will be.
    pub(super) role_arn: String,
    /// `None`: it is to be created.
    pub(super) key: Option<&'a Key>,
    /// Whether the key comes from an interrupted creation, so that what holds at creation is still to be done.
    pub(super) key_is_new: bool,
    /// The key that the setting uses now, if there is one and it is known which.
    pub(super) present_key: Option<KeyArn>,
    /// The wanted key's policy.
    pub(super) key_policy: &'a Fetched<Option<PolicyDocument>>,
    /// Whether the wanted key's own side lets the IAM role in.
    pub(super) key_lets_in: Option<Access>,
    /// Snapshots that need a key of the customer; `None`: not known.
    pub(super) snapshots: Option<&'a [Snapshot]>,
    pub(super) ours: Option<&'a AccessRole>,
}

fn or_none<T>(found: Result<Option<T>, Problem>, problems: &mut Vec<Problem>) -> Option<T> {
    found.unwrap_or_else(|problem| {
        problems.push(problem);
        None
    })
}

/// Returns what a lookup found of the thing that is wanted now.
#[expect(clippy::option_option, reason = "not read, not there, there: all three are meant")]
fn looked_up<'a, K: PartialEq, T>(
    lookup: Option<&'a Lookup<K, T>>,
    wanted: &K,
    what: &str,
    problems: &mut Vec<Problem>,
) -> Option<Option<&'a T>> {
    part(found(lookup, wanted), what, problems).map(Option::as_ref)
}

/// Returns what a lookup found, if it was one of this thing.
fn found<'a, K: PartialEq, T>(lookup: Option<&'a Lookup<K, T>>, wanted: &K) -> &'a Fetched<Option<T>> {
    let lookup = lookup.filter(|lookup| lookup.of == *wanted);
    lookup.map_or(&Fetched::NotLooked, |lookup| &lookup.found)
}

/// Returns the ARN of the IAM role that is wanted, as it is or will be.
pub(super) fn role_arn(observed: &ObservedState, desired: &DesiredState, aws: &AwsIdentity) -> String {
    let name = desired.role.name().to_owned();
    if let Some(Some(found)) = found(observed.chosen_role.as_ref(), &name).known() {
        return found.role.arn.to_string();
    }
    match &desired.role {
        RoleChoice::Existing { arn, .. } => arn.to_string(),
        RoleChoice::Named { name, path, .. } => {
            format!("arn:{}:iam::{}:role{path}{name}", aws.partition, aws.account)
        }
    }
}

impl<'a> World<'a> {
    pub(super) fn read(observed: &'a ObservedState, desired: &DesiredState) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let project = part(&observed.project, "the project", &mut problems);
        let aws = part(&observed.aws_identity, "the AWS identity", &mut problems);
        let access_roles = part(&observed.access_roles, "the project's access roles", &mut problems);
        let setting = part(&observed.setting, "the project's encryption setting", &mut problems);
        let clusters = part(&observed.clusters, "the project's clusters", &mut problems);
        let flex = part(&observed.flex_clusters, "the project's Flex clusters", &mut problems);
        let role_name = desired.role.name().to_owned();
        let role_is_unread =
            desired.aws_half.is_some() && found(observed.chosen_role.as_ref(), &role_name).problem().is_some();
        let role = if role_is_unread {
            None
        } else {
            looked_up(observed.chosen_role.as_ref(), &role_name, "the IAM role", &mut problems)
        };
        let key = looked_up(
            observed.chosen_key.as_ref(),
            &desired.key.key_ref(),
            "the key",
            &mut problems,
        );

        misfits(observed, desired, role, key, &mut problems);
        let (Some(project), Some(aws), Some(access_roles), Some(setting), Some(clusters), Some(flex), Some(key)) =
            (project, aws, access_roles, setting, clusters, flex, key)
        else {
            return Err(problems);
        };
        let role = role.flatten();
        let ours = our_access_role(
            observed,
            &desired.access_role,
            access_roles,
            setting,
            Some(&desired.role),
        );
        let ours = or_none(ours, &mut problems);
        let interrupted = match (&desired.key, key) {
            (KeyChoice::CreateUnlessThere(settings), None) => {
                or_none(interrupted_key(observed, &settings.alias), &mut problems)
            }
            (KeyChoice::CreateUnlessThere(_), Some(_)) | (KeyChoice::Existing(_), _) => None,
        };
        let role_arn = role_arn(observed, desired, aws);
        let key_is_new = interrupted.is_some();
        let key = key.or(interrupted);
        if let Some(problem) = mixed_partitions(&role_arn, aws, key, desired) {
            problems.push(problem);
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let surroundings = Surroundings::of(observed);
        let key_lets_in = key.map(|key| key_side(observed, key).lets_in(&role_arn, surroundings.arrival()));
        Ok(Self {
            project,
            account: &aws.account,
            access_roles,
            setting,
            clusters: clusters.iter().chain(flex).collect(),
            role,
            role_is_unread,
            role_arn,
            key,
            key_is_new,
            present_key: present_key(observed, &setting.aws, key),
            key_policy: key.map_or(&Fetched::NotLooked, |key| found(observed.key_policy.as_ref(), &key.arn)),
            key_lets_in,
            snapshots: observed.snapshots.known().map(Vec::as_slice),
            ours,
        })
    }

    /// Returns whether the wanted key is the one in use.
    pub(super) fn keeps_key(&self) -> bool {
        match (&self.setting.aws.key, self.key) {
            (Some(now), Some(wanted)) => same_key(now, &wanted.arn),
            _ => false,
        }
    }

    /// Returns whether Atlas has shown that it can assume the IAM role: the access role was authorized for it.
    pub(super) fn is_role_proven(&self) -> bool {
        self.ours
            .and_then(|ours| ours.iam_role_arn.as_ref().filter(|_| ours.is_authorized()))
            .is_some_and(|arn| arn.as_str() == self.role_arn)
    }

    /// Returns whether Atlas says that it can use the key in use by way of the IAM role.
    pub(super) fn is_key_proven(&self) -> bool {
        let now = &self.setting.aws;
        now.enabled && now.valid == Some(true) && !now.uses_iam_user() && self.is_role_proven()
    }

    /// Returns the key in use, where another one is wanted.
    pub(super) fn left_key(&self) -> Option<&KeyArn> {
        self.present_key
            .as_ref()
            .filter(|present| self.key.is_none_or(|wanted| wanted.arn != **present))
    }
}

fn present_key(observed: &ObservedState, setting: &AwsKmsSetting, wanted: Option<&Key>) -> Option<KeyArn> {
    let now = setting.key.as_ref().filter(|_| setting.enabled)?;
    if let Some(key) = key_in_use(observed) {
        return Some(key.arn.clone());
    }
    let is_here = |key: &&Key| {
        setting
            .region
            .is_none_or(|region| region.aws() == key.arn.region_name())
    };
    match wanted.filter(|key| same_key(now, &key.arn)).filter(is_here) {
        Some(key) => Some(key.arn.clone()),
        None => KeyArn::parse(now).ok(),
    }
}

/// Adds what of the wish and of what was looked at doesn't go together.
#[expect(clippy::option_option, reason = "not read, not there, there: all three are meant")]
fn misfits(
    observed: &ObservedState,
    desired: &DesiredState,
    role: Option<Option<&IamRoleDetail>>,
    key: Option<Option<&Key>>,
    problems: &mut Vec<Problem>,
) {
    match (role, &desired.role) {
        (Some(None), RoleChoice::Existing { arn, .. }) => problems.push(
            Problem::prerequisite(format!("there is no IAM role {arn}"))
                .hint("look at the role's name and at the AWS account that you are signed in to"),
        ),
        (Some(Some(found)), RoleChoice::Existing { arn, .. }) if found.role.arn != *arn => problems.push(
            Problem::prerequisite(format!("the IAM role is {}, not {arn}", found.role.arn))
                .hint("look at the path in the ARN and at the AWS account that you are signed in to"),
        ),
        _ => {}
    }
    if let (Some(None), KeyChoice::Existing(wanted)) = (&key, &desired.key) {
        let problem = Problem::prerequisite(format!("there is no key {wanted} in {}", desired.region));
        problems.push(match single_region_elsewhere(observed, wanted) {
            Some(region) => problem.hint(format!(
                "it is a single-Region key of {region} and can't move: create a multi-Region key and change to that one, which re-encrypts the clusters"
            )),
            None => problem.hint("look at the region and at the AWS account that you are signed in to"),
        });
    }
    if observed
        .project
        .known()
        .is_some_and(|project| project.id != desired.project_id)
    {
        problems.push(Problem::internal("the project was changed, and wasn't looked at yet"));
    }
    if observed.region.is_some_and(|region| region != desired.region) {
        problems.push(Problem::internal(format!(
            "the keys in {} weren't looked at yet",
            desired.region
        )));
    }
    if let Some(Some(key)) = key
        && key.arn.region_name() != desired.region.aws()
    {
        problems.push(
            Problem::prerequisite(format!("the key {} isn't in {}", key.arn, desired.region))
                .hint("choose the key's region, or a key in this one"),
        );
    }
}

/// Returns the region of the key in use, if it is the wanted one and of one region alone.
fn single_region_elsewhere<'a>(observed: &'a ObservedState, wanted: &KeyRef) -> Option<&'a str> {
    let key = key_in_use(observed).filter(|key| !key.multi_region && wanted.names(key))?;
    Some(key.arn.region_name())
}

/// IAM delegates nothing from one partition to another.
fn mixed_partitions(role_arn: &str, aws: &AwsIdentity, key: Option<&Key>, desired: &DesiredState) -> Option<Problem> {
    let key = match (key, &desired.key) {
        (Some(key), _) => Some(&key.arn),
        (None, KeyChoice::Existing(KeyRef::Arn(arn))) => Some(arn),
        (None, _) => None,
    };
    let role = crate::domain::arn::partition(role_arn).unwrap_or(&aws.partition);
    let (what, other) = match key {
        Some(key) if key.partition() != role => (format!("the key {key}"), key.partition()),
        _ if aws.partition != role => ("your AWS identity".to_owned(), aws.partition.as_str()),
        _ => return None,
    };
    Some(
        Problem::prerequisite(format!(
            "the IAM role {role_arn} is in the partition {role}, {what} in {other}: AWS delegates nothing from one to the other"
        ))
        .hint("choose an IAM role and a key of the same partition"),
    )
}
