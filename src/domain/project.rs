//! The Atlas project, its encryption setting, and who the caller is there.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::name;
use super::region::Region;

/// The longest name that Atlas takes for a project, in characters (API schema `Group`).
const LONGEST_NAME: usize = 64;

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

/// How an operator names a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProjectRef {
    /// By its ID: 24 hex digits.
    Id(String),
    /// By its name, which more than one organization can have.
    Name(String),
}

impl ProjectRef {
    /// Reads an ID, a name, or the address of the project's page (`https://cloud.mongodb.com/v2/<id>#/…`), without the
    /// space around it.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.starts_with("https://") || text.starts_with("http://") {
            return of_page(text)
                .map(Self::Id)
                .ok_or_else(|| "not the address of a project's page: it has the project's ID after `/v2/`".to_owned());
        }
        let id = text.to_ascii_lowercase();
        if name::is_atlas_id(&id) {
            return Ok(Self::Id(id));
        }
        match text.chars().count() {
            0 => Err("the project is empty: give its ID, its name, or the address of its page".to_owned()),
            1..=LONGEST_NAME if !text.chars().any(char::is_control) => Ok(Self::Name(text.to_owned())),
            _ => Err("neither a project's ID (24 hex digits), nor its name, nor the address of its page".to_owned()),
        }
    }
}

impl fmt::Display for ProjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(text) | Self::Name(text) => f.write_str(text),
        }
    }
}

/// Returns the project's ID in the address of one of its pages.
fn of_page(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("/v2/")?;
    let id = rest.split(['#', '/', '?']).next()?.to_ascii_lowercase();
    name::is_atlas_id(&id).then_some(id)
}

impl Project {
    /// Says why a cluster is too small.
    pub const TOO_SMALL: &'static str = "M10, Atlas for Government needs M20 or larger";

    /// Returns whether a dedicated cluster of this instance size can't use a customer-managed key here: Atlas for
    /// Government needs M20 or larger.
    pub fn is_too_small(&self, instance_size: &str) -> bool {
        self.regions != RegionRestriction::None && instance_size == "M10"
    }
}

/// `regionUsageRestrictions` of a project: only Atlas for Government restricts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RegionRestriction {
    /// All regions.
    #[default]
    None,
    /// AWS `GovCloud` regions only.
    GovRegionsOnly,
    /// `FedRAMP`'s commercial regions only.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// API key with HTTP digest.
    ApiKey,
    /// Service account with OAuth client credentials.
    ServiceAccount,
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ApiKey => "API key",
            Self::ServiceAccount => "service account",
        })
    }
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

impl RoleGrant {
    /// Returns the role as Atlas's pages write it: `Project Owner` for `GROUP_OWNER`.
    pub fn title(&self) -> String {
        let mut words = self.role.split('_').map(|word| {
            let mut letters = word.chars();
            let first = letters.next().into_iter();
            first
                .chain(letters.map(|letter| letter.to_ascii_lowercase()))
                .collect::<String>()
        });
        let scope = match words.next().unwrap_or_default().as_str() {
            "Group" => "Project".to_owned(),
            "Org" => "Organization".to_owned(),
            other => other.to_owned(),
        };
        [scope].into_iter().chain(words).collect::<Vec<_>>().join(" ")
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_written_as_atlas_writes_them() {
        for (role, title) in [
            ("GROUP_OWNER", "Project Owner"),
            ("GROUP_READ_ONLY", "Project Read Only"),
            ("ORG_MEMBER", "Organization Member"),
        ] {
            let grant = RoleGrant {
                role: role.to_owned(),
                project_id: None,
                org_id: None,
            };
            assert_eq!(grant.title(), title);
        }
    }

    const ID: &str = "6a793f832c88faeba59bc3c2";

    #[test]
    fn a_project_is_named_by_id_name_or_page() {
        let id = ProjectRef::Id(ID.to_owned());
        for text in [
            ID,
            " 6A793F832C88FAEBA59BC3C2\n",
            "https://cloud.mongodb.com/v2/6a793f832c88faeba59bc3c2#/overview",
            "https://cloud.mongodb.com/v2/6a793f832c88faeba59bc3c2#/security/advanced?x=1",
            "https://cloud.mongodbgov.com/v2/6a793f832c88faeba59bc3c2",
        ] {
            assert_eq!(ProjectRef::parse(text), Ok(id.clone()), "{text}");
        }
        for name in ["Orders", "6a79", "Orders & Billing (prod)", "결제"] {
            assert_eq!(ProjectRef::parse(name), Ok(ProjectRef::Name(name.to_owned())));
        }
        for odd in [
            "",
            "  ",
            "a\nb",
            "https://cloud.mongodb.com/v2#/org/5f1c0d2e3b4a596877869501/projects",
            "https://cloud.mongodb.com/v2/orders",
        ] {
            assert!(ProjectRef::parse(odd).is_err(), "{odd:?}");
        }
        assert!(ProjectRef::parse(&"x".repeat(65)).is_err());
    }
}
