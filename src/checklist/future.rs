//! What the documents will be once the plan has been carried out: what it adds is known before.

use super::subject::{self, Subject};
use crate::domain::arn::RoleArn;
use crate::domain::iam_role::{IamRole, IamRoleDetail, NamedPolicy};
use crate::domain::key::Key;
use crate::domain::policy::{self, PolicyDocument};
use crate::observe::ObservedState;
use crate::plan::{Choices, INLINE_POLICY, RoleChoice};

/// A UUID like any: the external ID of an access role that isn't created yet has as many characters.
const ANY_UUID: &str = "00000000-0000-0000-0000-000000000000";

/// The IAM role as it will be.
pub(super) struct Planned {
    /// With the trust policy as it is, and the policy for the key added where it lacks.
    pub(super) role: IamRoleDetail,
    /// The trust policy as it will be, if the plan writes it.
    pub(super) trust: Option<PolicyDocument>,
    /// The inline policy as it will be, if the plan writes it.
    pub(super) inline: Option<PolicyDocument>,
    /// Whether it is still to be created.
    pub(super) is_new: bool,
}

/// The key as it is or will be.
pub(super) enum PlannedKey<'a> {
    /// It is there.
    There(&'a Key),
    /// It will be created, with an ARN of this form and the default key policy.
    New(String),
}

impl PlannedKey<'_> {
    pub(super) fn arn(&self) -> &str {
        match self {
            Self::There(key) => key.arn.as_str(),
            Self::New(arn) => arn,
        }
    }
}

/// Returns the key as it is or will be, where that is known.
pub(super) fn key<'a>(observed: &'a ObservedState, choices: &Choices) -> Option<PlannedKey<'a>> {
    match subject::key(observed, choices) {
        Subject::Found(key) => Some(PlannedKey::There(key)),
        Subject::ToCreate => {
            let identity = observed.aws_identity.known()?;
            let (partition, account) = (&identity.partition, &identity.account);
            let region = choices.region?;
            Some(PlannedKey::New(format!(
                "arn:{partition}:kms:{region}:{account}:key/{ANY_UUID}"
            )))
        }
        Subject::NotChosen | Subject::Unread(_) | Subject::Missing => None,
    }
}

/// Returns the IAM role as it will be, where that is known; without a key its policies stay as they are.
pub(super) fn role(observed: &ObservedState, choices: &Choices, key_arn: Option<&str>) -> Option<Planned> {
    let (mut role, is_new) = match subject::iam_role(observed, choices) {
        Subject::Found(detail) => (detail.clone(), false),
        Subject::ToCreate => (new_role(observed, choices.role.as_ref()?)?, true),
        Subject::NotChosen | Subject::Unread(_) | Subject::Missing => return None,
    };
    let ours = subject::access_role(observed, choices).ok().flatten();
    let known = observed.access_roles.known().and_then(|roles| roles.first());
    let partition = role.role.arn.partition();
    let stand_in = format!("arn:{partition}:iam::000000000000:root");
    let principal = ours
        .or(known)
        .map_or(stand_in.as_str(), |one| &one.atlas_aws_account_arn);
    let external_id = ours.map_or(ANY_UUID, |ours| &ours.external_id);
    let trust = if is_new {
        policy::new_trust(principal, external_id).ok()
    } else {
        policy::merge_trust(&role.role.trust, principal, external_id)
            .ok()
            .and_then(policy::Merged::changed)
    };
    let before = role.inline_policy(INLINE_POLICY);
    let inline = key_arn.and_then(|key| {
        let merged = policy::merge_key_access(before, key).ok()?;
        let documents: Vec<_> = role.policies().filter_map(|one| one.document.as_ref()).collect();
        let is_complete = policy::key_access(&documents, key).is_complete();
        merged.changed().filter(|_| !is_complete)
    });
    if let Some(document) = &inline {
        let document = Some(document.clone());
        match role.inline.iter_mut().find(|one| one.name == INLINE_POLICY) {
            Some(ours) => ours.document = document,
            None => role.inline.push(NamedPolicy {
                name: INLINE_POLICY.to_owned(),
                document,
            }),
        }
    }
    Some(Planned {
        role,
        trust,
        inline,
        is_new,
    })
}

/// Returns the IAM role that the plan creates, before it has policies.
fn new_role(observed: &ObservedState, choice: &RoleChoice) -> Option<IamRoleDetail> {
    let RoleChoice::Named {
        name,
        path,
        permissions_boundary,
        ..
    } = choice
    else {
        return None;
    };
    let identity = observed.aws_identity.known()?;
    let arn = format!("arn:{}:iam::{}:role{path}{name}", identity.partition, identity.account);
    Some(IamRoleDetail {
        role: IamRole {
            name: name.clone(),
            arn: RoleArn::parse(&arn).ok()?,
            created: None,
            description: None,
            trust: PolicyDocument::from_value(serde_json::json!({ "Version": "2012-10-17", "Statement": [] })),
            boundary: permissions_boundary.clone(),
        },
        inline: Vec::new(),
        attached: Vec::new(),
        boundary_document: None,
    })
}
