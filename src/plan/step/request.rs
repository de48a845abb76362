//! The request that each step sends, as the review shows it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::{Action, Step};
use crate::atlas::body;
use crate::domain::arn::{KeyArn, RoleArn};
use crate::domain::key;
use crate::domain::name::{MARKER_TAG, PROJECT_TAG};
use crate::domain::policy;

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

impl Step {
    /// Returns the request that it sends; what is known only after apply stands in it in angle brackets.
    pub fn request(&self, project_id: &str) -> Request {
        let atlas = |method: &str, path: &str, body: Value| Request {
            service: "Atlas",
            call: format!("{method} /api/atlas/v2/groups/{project_id}/{path}"),
            body,
        };
        let cluster = |name: &str, body: Value| atlas("PATCH", &format!("clusters/{name}"), body);
        let document = || {
            self.policy_change()
                .map(|(_, after)| after.value().clone())
                .unwrap_or_default()
        };
        match &self.action {
            Action::CreateAccessRole => atlas("POST", "cloudProviderAccess", body::create_access_role()),
            Action::CreateIamRole { .. } => iam("CreateRole", self.new_role(project_id, &document())),
            Action::UpdateTrustPolicy {
                role,
                before: None,
                principal,
                external_id,
                ..
            } => {
                let added = policy::new_trust(&principal.show(), &external_id.show());
                let statement = added.map(|trust| trust.value()["Statement"][0].clone());
                iam(
                    "UpdateAssumeRolePolicy",
                    json!({ "RoleName": role, "AddedStatement": statement.unwrap_or_default() }),
                )
            }
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
            Action::UpdateKeyPolicy { key, .. } => {
                kms("PutKeyPolicy", json!({ "KeyId": key.as_str(), "Policy": document() }))
            }
            Action::CancelKeyDeletion { key } => kms("CancelKeyDeletion", json!({ "KeyId": key.as_str() })),
            Action::EnableKey { key } => kms("EnableKey", json!({ "KeyId": key.as_str() })),
            Action::PutRolePolicy { role, policy, .. } => iam(
                "PutRolePolicy",
                json!({ "RoleName": role, "PolicyName": policy, "PolicyDocument": document() }),
            ),
            Action::AuthorizeAccessRole {
                access_role, iam_role, ..
            } => atlas(
                "PATCH",
                &format!("cloudProviderAccess/{}", access_role.show()),
                body::authorize(&iam_role.show()),
            ),
            Action::EnableProjectSetting { .. } => {
                let update = self.setting_body().map(|update| body::enable_encryption(&update));
                atlas("PATCH", "encryptionAtRest", update.unwrap_or_default())
            }
            Action::ResumeCluster { name } => cluster(name, body::resume_cluster()),
            Action::ReleaseCluster { name, .. } => cluster(name, body::decrypt_cluster()),
            Action::EncryptCluster { name } => cluster(name, body::encrypt_cluster()),
            Action::CreateCluster(new) => atlas("POST", "clusters", body::create_cluster(new)),
            Action::AwaitValid => atlas("GET", "encryptionAtRest", json!({})),
        }
    }

    /// Returns the parameters of `CreateRole`; those that aren't given aren't sent.
    fn new_role(&self, project_id: &str, trust: &Value) -> Value {
        let Action::CreateIamRole {
            name,
            path,
            permissions_boundary,
            tags,
            ..
        } = &self.action
        else {
            return Value::Null;
        };
        let mut role = json!({
            "RoleName": name,
            "AssumeRolePolicyDocument": trust,
            "Description": role_description(project_id),
            "Tags": tag_list(tags, project_id),
        });
        if path != "/" {
            role["Path"] = path.as_str().into();
        }
        if let Some(boundary) = permissions_boundary {
            role["PermissionsBoundary"] = boundary.as_str().into();
        }
        role
    }

    fn setting_body(&self) -> Option<body::AwsKmsUpdate> {
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
        Some(body::AwsKmsUpdate {
            role_id: access_role.show(),
            key: atlas_key(&iam_role.show(), &key.show()),
            region: *region,
            require_private_networking: before.require_private_networking,
        })
    }
}

fn iam(call: &str, body: Value) -> Request {
    Request {
        service: "IAM",
        call: call.to_owned(),
        body,
    }
}

fn kms(call: &str, body: Value) -> Request {
    Request {
        service: "KMS",
        call: call.to_owned(),
        body,
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
