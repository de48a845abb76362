//! The Atlas project, its encryption setting, and who the caller is there.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::region::Region;

/// An Atlas project (the API says `group`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// 24 hex digits.
    pub id: String,
    /// The name, foreign text.
    pub name: String,
    /// The organization's ID.
    pub org_id: String,
    /// Which regions it may use.
    pub regions: RegionRestriction,
}

/// `regionUsageRestrictions` of a project: only Atlas for Government restricts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RegionRestriction {
    /// All regions.
    #[default]
    None,
    /// AWS GovCloud regions only.
    GovRegionsOnly,
    /// FedRAMP's commercial regions only.
    CommercialFedrampRegionsOnly,
    /// A restriction that this program doesn't know.
    #[serde(untagged)]
    Other(String),
}

/// A project's Backup Compliance Policy (API operation `getGroupBackupCompliancePolicy`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompliancePolicy {
    /// `ACTIVE`, …; `None` where the project has none.
    pub state: Option<String>,
    /// Whether it demands encryption with a customer-managed key.
    pub demands_encryption: bool,
}

/// A private endpoint of the project to AWS KMS (API operation `listGroupEncryptionAtRestPrivateEndpoints`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivateEndpoint {
    /// The region as Atlas writes it.
    pub region: String,
    /// `INITIATING`, `PENDING_ACCEPTANCE`, `ACTIVE`, `FAILED`, `PENDING_RECREATION`, `DELETING`.
    pub status: String,
    /// What Atlas says of a failed one, foreign text.
    pub error: Option<String>,
}

/// How the Atlas credential signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// API key with HTTP digest.
    ApiKey,
    /// Service account with OAuth client credentials.
    ServiceAccount,
}

/// A role of the caller on an organization or a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGrant {
    /// `GROUP_OWNER`, `ORG_OWNER`, …
    pub role: String,
    /// The project that it holds for.
    pub project_id: Option<String>,
    /// The organization that it holds for.
    pub org_id: Option<String>,
}

/// Who the Atlas credential is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtlasIdentity {
    /// How it signs in.
    pub kind: CredentialKind,
    /// The public key or the client ID: no secret.
    pub id: String,
    /// Its roles; `None` where Atlas doesn't tell.
    pub roles: Option<Vec<RoleGrant>>,
    /// When the secret that is used ends, where Atlas tells: a service account's last one to expire.
    pub secret_expires: Option<Timestamp>,
}

impl AtlasIdentity {
    /// Returns whether it is Project Owner; `None` where Atlas doesn't tell.
    pub fn owns(&self, project_id: &str) -> Option<bool> {
        let roles = self.roles.as_ref()?;
        Some(
            roles
                .iter()
                .any(|grant| grant.role == "GROUP_OWNER" && grant.project_id.as_deref() == Some(project_id)),
        )
    }
}

/// `awsKms` of the project's encryption setting (API operation `getEncryptionAtRest`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwsKmsSetting {
    /// Whether a customer-managed AWS key is set up for the project.
    pub enabled: bool,
    /// The access role's ID; Atlas may leave it out.
    pub role_id: Option<String>,
    /// Key ID or full ARN, as it was sent.
    pub key: Option<String>,
    /// The key's region, if it is one that this program knows.
    pub region: Option<Region>,
    /// The region as Atlas wrote it.
    pub region_name: Option<String>,
    /// The access key ID of IAM-user credentials: the old way.
    pub access_key_id: Option<String>,
    /// Whether Atlas could use the key at its last check.
    pub valid: Option<bool>,
    /// Whether Atlas may reach the key by private networking only.
    pub require_private_networking: Option<bool>,
}

impl AwsKmsSetting {
    /// Returns whether the project uses an IAM user's credentials: the old way, before access roles.
    pub fn uses_iam_user(&self) -> bool {
        self.enabled && self.access_key_id.is_some() && self.role_id.is_none()
    }
}

/// The project's encryption setting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncryptionSetting {
    /// The AWS part.
    pub aws: AwsKmsSetting,
    /// Whether the Azure part is on.
    pub azure_enabled: bool,
    /// Whether the Google part is on.
    pub gcp_enabled: bool,
    /// Whether search nodes use the customer's key too.
    pub search_nodes: Option<bool>,
}
