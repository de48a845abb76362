//! The kinds of step, and what each says of itself: title, reason, request, undo.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::desired::NewKeySettings;
use crate::domain::arn::{KeyArn, RoleArn};
use crate::domain::key;
use crate::domain::name::{MARKER_TAG, PROJECT_TAG};
use crate::domain::policy::{self, PolicyDocument, PolicyError};
use crate::domain::project::AwsKmsSetting;
use crate::domain::region::Region;
use crate::problem::Problem;

/// A step's name, stable between plans: `create-key`, `encrypt-cluster:orders`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(String);

impl StepId {
    /// Returns a step's name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Returns it as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A value that a step brings about and later steps need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// The access role's ID, from Atlas.
    AccessRoleId,
    /// The principal that the trust policy names, from Atlas.
    AtlasPrincipal,
    /// The external ID that the trust policy demands, from Atlas.
    ExternalId,
    /// The IAM role's ARN, from IAM.
    IamRoleArn,
    /// The key's ARN, from KMS; its ID is in it.
    KeyArn,
}

impl Output {
    /// Returns what the value is, in the field's words.
    pub fn noun(self) -> &'static str {
        match self {
            Self::AccessRoleId => "access role ID",
            Self::AtlasPrincipal => "Atlas's AWS principal",
            Self::ExternalId => "external ID",
            Self::IamRoleArn => "IAM role ARN",
            Self::KeyArn => "key ARN",
        }
    }
}

/// The values that the steps done so far have brought about.
pub type Outputs = BTreeMap<Output, String>;

/// A value that is known, or known only after an earlier step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// Known now.
    Known(String),
    /// Known after the step that brings it about.
    After(Output),
}

impl Slot {
    /// Returns the value, or what stands for it until it is known.
    pub fn show(&self) -> String {
        match self {
            Self::Known(value) => value.clone(),
            Self::After(output) => format!("<{}, known after apply>", output.noun()),
        }
    }

    /// Returns the value.
    ///
    /// # Errors
    /// The step that brings it about hasn't run: a fault of this program.
    pub fn resolve(&self, outputs: &Outputs) -> Result<String, Problem> {
        match self {
            Self::Known(value) => Ok(value.clone()),
            Self::After(output) => outputs
                .get(output)
                .cloned()
                .ok_or_else(|| Problem::internal(format!("the {} isn't known yet", output.noun()))),
        }
    }
}

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
        /// Tags.
        tags: BTreeMap<String, String>,
        /// Whom it trusts.
        principal: Slot,
        /// On which external ID.
        external_id: Slot,
    },
    /// IAM `UpdateAssumeRolePolicy`: one statement more, all others kept.
    UpdateTrustPolicy {
        /// The role's name.
        role: String,
        /// The trust policy that it was planned from.
        before: PolicyDocument,
        /// Whom it is to trust too.
        principal: Slot,
        /// On which external ID.
        external_id: Slot,
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
    /// IAM `PutRolePolicy`: the three actions on the key.
    PutRolePolicy {
        /// The role's name.
        role: String,
        /// The inline policy's name.
        policy: String,
        /// The inline policy that it was planned from.
        before: Option<PolicyDocument>,
        /// The key's ARN.
        key: Slot,
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
        /// The setting that it was planned from.
        before: AwsKmsSetting,
    },
    /// Atlas `updateCluster`.
    EncryptCluster {
        /// The cluster's name.
        name: String,
    },
}

/// How a step can be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// By hand, like this.
    ByHand(&'static str),
    /// Not at all, for this reason.
    Never(&'static str),
}

/// A request that a step sends: what is shown in the review is what goes on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Request {
    /// `Atlas`, `IAM` or `KMS`.
    pub service: &'static str,
    /// The method and path, or the operation's name.
    pub call: String,
    /// The body or the parameters. What is known only after apply stands there in angle brackets.
    pub body: Value,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its name.
    pub id: StepId,
    /// What it does.
    pub action: Action,
    /// The steps that must be done before it.
    pub depends_on: Vec<StepId>,
}

impl From<PolicyError> for Problem {
    fn from(error: PolicyError) -> Self {
        Self::prerequisite(error.to_string()).hint("mend the policy document in AWS IAM, or choose another IAM role")
    }
}

impl Step {
    /// Returns its title in plain words.
    pub fn title(&self) -> String {
        match &self.action {
            Action::CreateAccessRole => "Create the Atlas access role".to_owned(),
            Action::CreateIamRole { name, .. } => format!("Create the IAM role {name}"),
            Action::UpdateTrustPolicy { role, .. } => format!("Add Atlas to the trust policy of {role}"),
            Action::CreateKey(settings) if settings.multi_region => "Create the multi-Region key".to_owned(),
            Action::CreateKey(_) => "Create the key".to_owned(),
            Action::CreateAlias { alias, .. } => format!("Name the key {alias}"),
            Action::EnableRotation { days, .. } => format!("Rotate the key every {days} days"),
            Action::PutRolePolicy { role, .. } => format!("Allow {role} to use the key"),
            Action::AuthorizeAccessRole { before: None, .. } => "Authorize the access role in Atlas".to_owned(),
            Action::AuthorizeAccessRole { .. } => "Point the access role to the IAM role".to_owned(),
            Action::EnableProjectSetting { before, .. } if before.enabled => {
                "Change the project's encryption setting".to_owned()
            }
            Action::EnableProjectSetting { .. } => "Enable the key for the project".to_owned(),
            Action::EncryptCluster { name } => format!("Encrypt cluster {name}"),
        }
    }

    /// Returns why it is needed.
    pub fn why(&self) -> &'static str {
        match &self.action {
            Action::CreateAccessRole => {
                "Atlas tells whom the IAM role must trust and which external ID it must demand. AWS knows nothing of it yet."
            }
            Action::CreateIamRole { .. } => "Atlas reaches the key by assuming this role in your AWS account.",
            Action::UpdateTrustPolicy { .. } => {
                "One statement more lets Atlas assume the role; every statement that is there stays."
            }
            Action::CreateKey(_) => "The customer-managed key that encrypts what Atlas's own keys are encrypted with.",
            Action::CreateAlias { .. } => "A name for people; Atlas gets the key's ARN.",
            Action::EnableRotation { .. } => {
                "AWS KMS changes the key material by itself; the key's ID and ARN stay, Atlas needs no change."
            }
            Action::PutRolePolicy { .. } => "The role may describe this key, encrypt and decrypt with it, and no more.",
            Action::AuthorizeAccessRole { .. } => "Atlas assumes the IAM role once and from then on trusts it.",
            Action::EnableProjectSetting { .. } => "Atlas tries the key at once; from then on clusters can use it.",
            Action::EncryptCluster { .. } => {
                "An initial sync re-encrypts each node, one after the other; search indexes are rebuilt. The feature is charged extra."
            }
        }
    }

    /// Returns how it can be undone.
    pub fn undo(&self) -> Undo {
        match &self.action {
            Action::CreateAccessRole | Action::AuthorizeAccessRole { before: None, .. } => {
                Undo::ByHand("delete the access role once nothing uses it")
            }
            Action::CreateIamRole { .. } => Undo::ByHand("delete the IAM role once no access role points to it"),
            Action::UpdateTrustPolicy { .. } => Undo::ByHand("take the one statement out again"),
            Action::CreateKey(_) => {
                Undo::ByHand("schedule its deletion, 7 to 30 days ahead; never while a cluster or a snapshot needs it")
            }
            Action::CreateAlias { .. } => Undo::ByHand("delete the alias"),
            Action::EnableRotation { .. } => Undo::ByHand("switch rotation off"),
            Action::PutRolePolicy { before: None, .. } => Undo::ByHand("delete the inline policy"),
            Action::PutRolePolicy { .. } => Undo::ByHand("put the policy before it back, from the journal"),
            Action::AuthorizeAccessRole { .. } => Undo::ByHand("point it back to the IAM role before"),
            Action::EnableProjectSetting { .. } => {
                Undo::ByHand("set every cluster to NONE, wait until each is IDLE, then switch the setting off")
            }
            Action::EncryptCluster { .. } => Undo::ByHand(
                "set the cluster to NONE: another initial sync; snapshots taken meanwhile keep needing the key",
            ),
        }
    }

    /// Returns the values that it brings about.
    pub fn produces(&self) -> &'static [Output] {
        match &self.action {
            Action::CreateAccessRole => &[Output::AccessRoleId, Output::AtlasPrincipal, Output::ExternalId],
            Action::CreateIamRole { .. } => &[Output::IamRoleArn],
            Action::CreateKey(_) => &[Output::KeyArn],
            _ => &[],
        }
    }

    /// Returns the values that it needs and that an earlier step brings about.
    pub fn needs(&self) -> Vec<Output> {
        let slots: &[&Slot] = match &self.action {
            Action::CreateAccessRole | Action::CreateKey(_) | Action::EncryptCluster { .. } => &[],
            Action::CreateIamRole {
                principal, external_id, ..
            }
            | Action::UpdateTrustPolicy {
                principal, external_id, ..
            } => &[principal, external_id],
            Action::CreateAlias { key, .. }
            | Action::EnableRotation { key, .. }
            | Action::PutRolePolicy { key, .. } => &[key],
            Action::AuthorizeAccessRole {
                access_role, iam_role, ..
            } => &[access_role, iam_role],
            Action::EnableProjectSetting {
                access_role,
                iam_role,
                key,
                ..
            } => &[access_role, iam_role, key],
        };
        let unknown = slots.iter().filter_map(|slot| match slot {
            Slot::Known(_) => None,
            Slot::After(output) => Some(*output),
        });
        unknown.collect()
    }

    /// Returns the document that it replaces and the one that it writes, for a step that writes a policy.
    pub fn policy_change(&self) -> Option<(Option<&PolicyDocument>, PolicyDocument)> {
        match &self.action {
            Action::CreateIamRole {
                principal, external_id, ..
            } => {
                let trust = policy::new_trust(&principal.show(), &external_id.show());
                Some((None, trust.ok()?))
            }
            Action::UpdateTrustPolicy {
                before,
                principal,
                external_id,
                ..
            } => {
                let merged = policy::merge_trust(before, &principal.show(), &external_id.show());
                Some((Some(before), merged.ok()?.or(before)))
            }
            Action::PutRolePolicy { before, key, .. } => {
                let merged = policy::merge_key_access(before.as_ref(), &key.show()).ok()?;
                Some((before.as_ref(), merged.changed().or_else(|| before.clone())?))
            }
            _ => None,
        }
    }

    /// Returns the request that it sends; what is known only after apply stands in it in angle brackets.
    pub fn request(&self, project_id: &str) -> Request {
        let atlas = |method: &str, path: String, body: Value| Request {
            service: "Atlas",
            call: format!("{method} /api/atlas/v2/groups/{project_id}/{path}"),
            body,
        };
        let iam = |call: &str, body: Value| Request {
            service: "IAM",
            call: call.to_owned(),
            body,
        };
        let kms = |call: &str, body: Value| Request {
            service: "KMS",
            call: call.to_owned(),
            body,
        };
        let document = || {
            self.policy_change()
                .map(|(_, after)| after.value().clone())
                .unwrap_or_default()
        };
        match &self.action {
            Action::CreateAccessRole => atlas(
                "POST",
                "cloudProviderAccess".to_owned(),
                crate::atlas::body::create_access_role(),
            ),
            Action::CreateIamRole { name, tags, .. } => iam(
                "CreateRole",
                json!({
                    "RoleName": name,
                    "AssumeRolePolicyDocument": document(),
                    "Description": role_description(project_id),
                    "Tags": tag_list(tags, project_id),
                }),
            ),
            Action::UpdateTrustPolicy { role, .. } => iam(
                "UpdateAssumeRolePolicy",
                json!({ "RoleName": role, "PolicyDocument": document() }),
            ),
            Action::CreateKey(settings) => kms(
                "CreateKey",
                json!({
                    "Description": settings.description,
                    "KeySpec": "SYMMETRIC_DEFAULT",
                    "KeyUsage": "ENCRYPT_DECRYPT",
                    "MultiRegion": settings.multi_region,
                    "Tags": new_key_tags(&settings.tags, project_id),
                }),
            ),
            Action::CreateAlias { alias, key } => {
                kms("CreateAlias", json!({ "AliasName": alias, "TargetKeyId": key.show() }))
            }
            Action::EnableRotation { days, key } => kms(
                "EnableKeyRotation",
                json!({ "KeyId": key.show(), "RotationPeriodInDays": days }),
            ),
            Action::PutRolePolicy { role, policy, .. } => iam(
                "PutRolePolicy",
                json!({ "RoleName": role, "PolicyName": policy, "PolicyDocument": document() }),
            ),
            Action::AuthorizeAccessRole {
                access_role, iam_role, ..
            } => atlas(
                "PATCH",
                format!("cloudProviderAccess/{}", access_role.show()),
                crate::atlas::body::authorize(&iam_role.show()),
            ),
            Action::EnableProjectSetting { .. } => {
                let body = self
                    .setting_body()
                    .map(|update| crate::atlas::body::enable_encryption(&update));
                atlas("PATCH", "encryptionAtRest".to_owned(), body.unwrap_or_default())
            }
            Action::EncryptCluster { name } => atlas(
                "PATCH",
                format!("clusters/{name}"),
                crate::atlas::body::encrypt_cluster(),
            ),
        }
    }

    fn setting_body(&self) -> Option<crate::atlas::body::AwsKmsUpdate> {
        let Action::EnableProjectSetting {
            access_role,
            iam_role,
            key,
            region,
            before,
        } = &self.action
        else {
            return None;
        };
        Some(crate::atlas::body::AwsKmsUpdate {
            role_id: access_role.show(),
            key: atlas_key(&iam_role.show(), &key.show()),
            region: *region,
            require_private_networking: before.require_private_networking,
        })
    }
}

/// Returns the form in which Atlas is told a key, out of the IAM role's and the key's ARN; a text that isn't known yet
/// stays as it is.
pub fn atlas_key(iam_role_arn: &str, key_arn: &str) -> String {
    let Ok(arn) = KeyArn::parse(key_arn) else {
        return key_arn.to_owned();
    };
    let account = RoleArn::parse(iam_role_arn)
        .map(|role| role.account().to_owned())
        .unwrap_or_default();
    key::atlas_form(&arn, &account).to_owned()
}

/// Returns the description of a created IAM role.
pub fn role_description(project_id: &str) -> String {
    format!("Assumed by MongoDB Atlas to use the customer-managed key of project {project_id}")
}

/// Returns the tags of a created resource: the operator's and the one by which it is recognized.
pub fn with_project_tag(tags: &BTreeMap<String, String>, project_id: &str) -> BTreeMap<String, String> {
    let mut tags = tags.clone();
    tags.insert(PROJECT_TAG.to_owned(), project_id.to_owned());
    tags
}

/// A key carries one tag more, by which its creation is found again; its value is made when the step begins.
fn new_key_tags(tags: &BTreeMap<String, String>, project_id: &str) -> Value {
    let mut tags = tags.clone();
    tags.insert(MARKER_TAG.to_owned(), "<made when the step begins>".to_owned());
    tag_list(&tags, project_id)
}

fn tag_list(tags: &BTreeMap<String, String>, project_id: &str) -> Value {
    with_project_tag(tags, project_id)
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}
