//! What Atlas sends: only the fields that are needed, whatever else comes with them.
//!
//! A page of 500 clusters is several megabytes: nothing is collected that isn't read.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::error::plain;
use crate::domain::access_role::AccessRole as DomainAccessRole;
use crate::domain::arn::RoleArn;
use crate::domain::project::{
    AwsKmsSetting, EncryptionSetting, Project as DomainProject, RegionRestriction, RoleGrant,
};
use crate::domain::region::Region;

mod addresses;
mod cluster;
mod protection;

pub use addresses::{ControlPlaneAddresses, ProjectAddresses};
pub use cluster::{Cluster, FlexCluster};
pub use protection::{CompliancePolicy, PrivateEndpoint, Snapshot};

/// Reads one answer.
///
/// # Errors
/// What doesn't fit, without markup or anything endless that may stand in the answer.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Eof => "it ends too early".to_owned(),
        Category::Syntax | Category::Io => "it isn't JSON".to_owned(),
        Category::Data => misfit::<T>(body),
    })
}

/// Returns which value doesn't fit, by its path in the answer, and why. The answer is read a second time for it: keeping
/// track of the path costs something, and most answers are good.
fn misfit<T: DeserializeOwned>(body: &[u8]) -> String {
    let read = serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_slice(body));
    let Err(error) = read else {
        return "a value doesn't fit".to_owned();
    };
    let path = error.path().to_string();
    match plain(&error.inner().to_string()) {
        Some(words) => format!("{path}: {}", in_their_words(&words)),
        None => format!("{path}: a value doesn't fit"),
    }
}

/// Returns the parser's words without the place in the text, which nobody sees, and without the name of a type of this
/// program, which nobody outside knows.
fn in_their_words(words: &str) -> String {
    let words = words.rsplit_once(" at line ").map_or(words, |(words, _)| words);
    let Some((before, after)) = words.split_once("expected struct ") else {
        return words.to_owned();
    };
    let rest = after.split_once(' ').map_or("", |(_, rest)| rest);
    format!("{before}expected an object {rest}").trim_end().to_owned()
}

/// One page of a list. A `next` link is there too; it isn't followed, since it may lead anywhere.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The page's elements. They must be there: a page without them is no empty page.
    pub results: Vec<T>,
    /// How many there are on all pages.
    pub total_count: Option<usize>,
}

/// `GET /`: who calls.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SystemStatus {
    api_key: Option<ApiKey>,
}

#[derive(Debug, Deserialize)]
struct ApiKey {
    roles: Option<Vec<RoleAssignment>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleAssignment {
    role_name: Option<String>,
    group_id: Option<String>,
    org_id: Option<String>,
}

impl SystemStatus {
    /// Returns the API key's roles; `None` where Atlas doesn't tell.
    pub fn into_roles(self) -> Option<Vec<RoleGrant>> {
        let grants = self.api_key?.roles?.into_iter().filter_map(|grant| {
            Some(RoleGrant {
                role: grant.role_name?,
                project_id: grant.group_id,
                org_id: grant.org_id,
            })
        });
        Some(grants.collect())
    }
}

/// A service account as a project sees it.
#[derive(Debug, Deserialize)]
pub struct ServiceAccount {
    roles: Option<Vec<String>>,
    secrets: Option<Vec<Secret>>,
}

/// A secret of a service account; the secret itself never comes back.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Secret {
    expires_at: Option<Timestamp>,
}

impl ServiceAccount {
    /// Returns when the last of its secrets ends; which of them is in use isn't told.
    pub fn secret_expires(&self) -> Option<Timestamp> {
        self.secrets
            .iter()
            .flatten()
            .filter_map(|secret| secret.expires_at)
            .max()
    }

    /// Returns its roles on the project that was asked.
    pub fn into_roles(self, project_id: &str) -> Option<Vec<RoleGrant>> {
        let grants = self.roles?.into_iter().map(|role| RoleGrant {
            role,
            project_id: Some(project_id.to_owned()),
            org_id: None,
        });
        Some(grants.collect())
    }
}

/// A project; the API says `group`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    id: String,
    name: Option<String>,
    org_id: Option<String>,
    region_usage_restrictions: Option<RegionRestriction>,
}

impl From<Project> for DomainProject {
    fn from(project: Project) -> Self {
        Self {
            id: project.id,
            name: project.name.unwrap_or_default(),
            org_id: project.org_id.unwrap_or_default(),
            regions: project.region_usage_restrictions.unwrap_or_default(),
        }
    }
}

/// The project's access roles; those of other providers aren't read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CloudProviderAccess {
    aws_iam_roles: Option<Vec<AccessRole>>,
}

impl From<CloudProviderAccess> for Vec<DomainAccessRole> {
    fn from(access: CloudProviderAccess) -> Self {
        access.aws_iam_roles.into_iter().flatten().map(Into::into).collect()
    }
}

/// An access role. Without its principal and external ID there is nothing to trust: they must be there.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessRole {
    role_id: String,
    #[serde(rename = "atlasAWSAccountArn")]
    atlas_aws_account_arn: String,
    atlas_assumed_role_external_id: String,
    created_date: Option<Timestamp>,
    authorized_date: Option<Timestamp>,
    iam_assumed_role_arn: Option<String>,
    feature_usages: Option<Vec<FeatureUsage>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FeatureUsage {
    feature_type: Option<String>,
}

impl From<AccessRole> for DomainAccessRole {
    fn from(role: AccessRole) -> Self {
        let usages = role.feature_usages.into_iter().flatten();
        Self {
            role_id: role.role_id,
            atlas_aws_account_arn: role.atlas_aws_account_arn,
            external_id: role.atlas_assumed_role_external_id,
            created: role.created_date,
            authorized: role.authorized_date,
            iam_role_arn: role.iam_assumed_role_arn.and_then(|arn| RoleArn::parse(&arn).ok()),
            features: usages.filter_map(|usage| usage.feature_type).collect(),
        }
    }
}

/// The project's encryption setting. `secretAccessKey` has no place here: it is never read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EncryptionAtRest {
    aws_kms: Option<AwsKms>,
    azure_key_vault: Option<OtherKms>,
    google_cloud_kms: Option<OtherKms>,
    enabled_for_search_nodes: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AwsKms {
    enabled: Option<bool>,
    // Declared write-only, yet it comes back: taken where it is.
    role_id: Option<String>,
    #[serde(rename = "customerMasterKeyID")]
    customer_master_key_id: Option<String>,
    region: Option<String>,
    #[serde(rename = "accessKeyID")]
    access_key_id: Option<String>,
    valid: Option<bool>,
    require_private_networking: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct OtherKms {
    enabled: Option<bool>,
}

impl From<AwsKms> for AwsKmsSetting {
    fn from(aws: AwsKms) -> Self {
        let some = |text: Option<String>| text.filter(|text| !text.is_empty());
        let region_name = some(aws.region);
        Self {
            enabled: aws.enabled.unwrap_or_default(),
            role_id: some(aws.role_id),
            key: some(aws.customer_master_key_id),
            region: region_name.as_deref().and_then(|name| Region::parse(name).ok()),
            region_name,
            access_key_id: some(aws.access_key_id),
            valid: aws.valid,
            require_private_networking: aws.require_private_networking,
        }
    }
}

impl From<EncryptionAtRest> for EncryptionSetting {
    fn from(setting: EncryptionAtRest) -> Self {
        let on = |other: Option<OtherKms>| other.and_then(|kms| kms.enabled).unwrap_or_default();
        Self {
            aws: setting.aws_kms.map(Into::into).unwrap_or_default(),
            azure_enabled: on(setting.azure_key_vault),
            gcp_enabled: on(setting.google_cloud_kms),
            search_nodes: setting.enabled_for_search_nodes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(json: &str) -> EncryptionSetting {
        read::<EncryptionAtRest>(json.as_bytes()).unwrap().into()
    }

    #[test]
    fn the_setting_is_read_in_all_its_states() {
        assert_eq!(setting("{}"), EncryptionSetting::default());
        let never = r#"{"awsKms":{"enabled":false,"customerMasterKeyID":null,"region":null,"valid":null},
            "azureKeyVault":{"enabled":false},"googleCloudKms":{"enabled":true}}"#;
        assert_eq!(
            setting(never),
            EncryptionSetting {
                gcp_enabled: true,
                ..EncryptionSetting::default()
            }
        );
        let on = setting(
            r#"{"awsKms":{"enabled":true,"roleId":"r","customerMasterKeyID":"k","region":"US_EAST_1","valid":true,
            "requirePrivateNetworking":false,"secretAccessKey":"hush"},"enabledForSearchNodes":true}"#,
        );
        assert_eq!(on.aws.region.map(Region::aws), Some("us-east-1"));
        assert_eq!((on.aws.role_id.as_deref(), on.aws.valid), (Some("r"), Some(true)));
        assert_eq!(
            (on.search_nodes, on.aws.require_private_networking),
            (Some(true), Some(false))
        );
        assert!(!format!("{on:?}").contains("hush"));
        let new_region = setting(r#"{"awsKms":{"enabled":true,"region":"MOON_1"}}"#);
        assert_eq!(
            (new_region.aws.region, new_region.aws.region_name.as_deref()),
            (None, Some("MOON_1"))
        );
    }

    #[test]
    fn an_access_role_without_an_external_id_is_none() {
        let role = r#"{"roleId":"r","atlasAWSAccountArn":"arn:aws:iam::299602853325:root","authorizedDate":null}"#;
        assert!(read::<AccessRole>(role.as_bytes()).is_err());
    }

    #[test]
    fn the_last_secret_to_end_counts() {
        let account = read::<ServiceAccount>(
            br#"{"secrets":[{"expiresAt":"2026-12-01T00:00:00Z"},{"expiresAt":"2027-03-01T00:00:00Z"},{"id":"x"}]}"#,
        )
        .unwrap();
        assert_eq!(account.secret_expires(), "2027-03-01T00:00:00Z".parse().ok());
        assert_eq!(account.into_roles("p"), None);
    }

    #[test]
    fn roles_are_unknown_where_atlas_does_not_tell() {
        let roles = |json: &str| read::<SystemStatus>(json.as_bytes()).unwrap().into_roles();
        assert_eq!(roles(r#"{"apiKey":null}"#), None);
        assert_eq!(roles(r#"{"apiKey":{"id":"k","roles":null}}"#), None);
        let known = roles(
            r#"{"apiKey":{"roles":[{"groupId":"p","roleName":"GROUP_OWNER"},{"orgId":"o","roleName":"ORG_MEMBER"}]}}"#,
        );
        assert_eq!(known.as_ref().map(Vec::len), Some(2));
        let account = read::<ServiceAccount>(br#"{"clientId":"c","roles":["GROUP_OWNER"]}"#).unwrap();
        assert_eq!(account.secret_expires(), None);
        assert_eq!(account.into_roles("p").unwrap()[0].project_id.as_deref(), Some("p"));
    }
}
