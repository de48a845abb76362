//! The calls, typed.

use ipnet::IpNet;
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::auth::Credential;
use super::body::{self, AwsKmsUpdate};
use super::client::Client;
use super::error::Error;
use super::wire;
use crate::domain::access_role::AccessRole;
use crate::domain::arn::RoleArn;
use crate::domain::atlas_addresses::NodeAddresses;
use crate::domain::cluster::{Cluster, NewCluster};
use crate::domain::project::{AtlasIdentity, CompliancePolicy, EncryptionSetting, PrivateEndpoint, Project};
use crate::domain::snapshot::Snapshot;

/// Root, projects, access roles, encryption setting and its private endpoints, snapshots, addresses of nodes.
const V2023_01_01: &str = "application/vnd.atlas.2023-01-01+json";
/// Backup Compliance Policy.
const V2023_10_01: &str = "application/vnd.atlas.2023-10-01+json";
/// Addresses of the control plane.
const V2023_11_15: &str = "application/vnd.atlas.2023-11-15+json";
/// Clusters read; service accounts.
const V2024_08_05: &str = "application/vnd.atlas.2024-08-05+json";
/// Clusters changed and created.
const V2024_10_23: &str = "application/vnd.atlas.2024-10-23+json";
/// Flex clusters.
const V2024_11_13: &str = "application/vnd.atlas.2024-11-13+json";

impl Client {
    /// Returns who the credential is, with its roles where Atlas tells them (`getSystemStatus`,
    /// `getGroupServiceAccount`).
    ///
    /// # Errors
    /// The credential is wrong, or Atlas can't be asked. That the roles can't be read is none.
    pub async fn identity(&self, project_id: Option<&str>) -> Result<AtlasIdentity, Error> {
        // Either call proves the credential as well.
        let mut secret_expires = None;
        let roles = match (self.credential(), project_id) {
            (Credential::ServiceAccount { client_id, .. }, Some(project)) => {
                let call = self.get(&["groups", project, "serviceAccounts", client_id], "", V2024_08_05)?;
                let account = self.call::<wire::ServiceAccount>(&call).await;
                account.map(|account| {
                    secret_expires = account.secret_expires();
                    account.into_roles(project)
                })
            }
            (Credential::ApiKey { .. } | Credential::ServiceAccount { .. }, _) => {
                let call = self.get(&[], "", V2023_01_01)?;
                let status = self.call::<wire::SystemStatus>(&call).await;
                status.map(wire::SystemStatus::into_roles)
            }
        };
        let roles = match roles {
            Err(error) if hides_roles(&error) => None,
            roles => roles?,
        };
        self.remember_roles(roles.as_ref());
        Ok(AtlasIdentity {
            kind: self.credential().kind(),
            id: self.credential().id().to_owned(),
            roles,
            secret_expires,
        })
    }

    /// Returns all projects that the credential can see, by name (`listGroups`).
    pub async fn projects(&self) -> Result<Vec<Project>, Error> {
        let mut projects: Vec<Project> = self
            .list::<wire::Project, _>(&["groups"], V2023_01_01, |project: &Project| &project.id)
            .await?;
        projects.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Ok(projects)
    }

    /// Returns a project (`getGroup`).
    pub async fn project(&self, id: &str) -> Result<Project, Error> {
        let call = self.get(&["groups", id], "", V2023_01_01)?;
        Ok(self.call::<wire::Project>(&call).await?.into())
    }

    /// Returns the project's access roles for AWS, as Atlas orders them (`listGroupCloudProviderAccess`; not paged).
    pub async fn access_roles(&self, project: &str) -> Result<Vec<AccessRole>, Error> {
        let call = self.get(&["groups", project, "cloudProviderAccess"], "", V2023_01_01)?;
        Ok(self.call::<wire::CloudProviderAccess>(&call).await?.into())
    }

    /// Returns an access role (`getGroupCloudProviderAccess`).
    pub async fn access_role(&self, project: &str, role_id: &str) -> Result<AccessRole, Error> {
        let call = self.get(&["groups", project, "cloudProviderAccess", role_id], "", V2023_01_01)?;
        Ok(self.call::<wire::AccessRole>(&call).await?.into())
    }

    /// Creates an access role (`createGroupCloudProviderAccess`). Sent twice it makes two.
    pub async fn create_access_role(&self, project: &str) -> Result<AccessRole, Error> {
        let call = self.change(
            Method::POST,
            &["groups", project, "cloudProviderAccess"],
            V2023_01_01,
            &body::create_access_role(),
        )?;
        Ok(self.call::<wire::AccessRole>(&call).await?.into())
    }

    /// Ties an access role to an IAM role (`authorizeGroupCloudProviderAccessRole`).
    pub async fn authorize_access_role(
        &self,
        project: &str,
        role_id: &str,
        iam_role: &RoleArn,
    ) -> Result<AccessRole, Error> {
        let call = self.change(
            Method::PATCH,
            &["groups", project, "cloudProviderAccess", role_id],
            V2023_01_01,
            &body::authorize(iam_role.as_str()),
        )?;
        Ok(self.call::<wire::AccessRole>(&call).await?.into())
    }

    /// Returns the project's encryption setting; the call itself makes Atlas check the key (`getEncryptionAtRest`).
    pub async fn encryption_setting(&self, project: &str) -> Result<EncryptionSetting, Error> {
        let call = self.get(&["groups", project, "encryptionAtRest"], "", V2023_01_01)?;
        Ok(self.call::<wire::EncryptionAtRest>(&call).await?.into())
    }

    /// Sets the project's AWS key; Atlas tries it at once (`updateEncryptionAtRest`).
    pub async fn enable_encryption(&self, project: &str, update: &AwsKmsUpdate) -> Result<EncryptionSetting, Error> {
        let call = self.change(
            Method::PATCH,
            &["groups", project, "encryptionAtRest"],
            V2023_01_01,
            &body::enable_encryption(update),
        )?;
        Ok(self.call::<wire::EncryptionAtRest>(&call).await?.into())
    }

    /// Returns all dedicated and shared clusters, by name (`listGroupClusters`).
    pub async fn clusters(&self, project: &str) -> Result<Vec<Cluster>, Error> {
        self.clusters_of::<wire::Cluster>(&["groups", project, "clusters"], V2024_08_05)
            .await
    }

    /// Returns all Flex clusters, by name (`listGroupFlexClusters`).
    pub async fn flex_clusters(&self, project: &str) -> Result<Vec<Cluster>, Error> {
        self.clusters_of::<wire::FlexCluster>(&["groups", project, "flexClusters"], V2024_11_13)
            .await
    }

    async fn clusters_of<W>(&self, segments: &[&str], media_type: &'static str) -> Result<Vec<Cluster>, Error>
    where
        W: DeserializeOwned + Into<Cluster>,
    {
        let mut clusters: Vec<Cluster> = self
            .list::<W, _>(segments, media_type, |cluster: &Cluster| &cluster.name)
            .await?;
        clusters.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(clusters)
    }

    /// Returns a cluster of `/clusters` (`getGroupCluster`).
    pub async fn cluster(&self, project: &str, name: &str) -> Result<Cluster, Error> {
        let call = self.get(&["groups", project, "clusters", name], "", V2024_08_05)?;
        Ok(self.call::<wire::Cluster>(&call).await?.into())
    }

    /// Creates a cluster, encrypted from the start; it is `CREATING` for some minutes (`createGroupCluster`).
    pub async fn create_cluster(&self, project: &str, new: &NewCluster) -> Result<Cluster, Error> {
        let call = self.change(
            Method::POST,
            &["groups", project, "clusters"],
            V2024_10_23,
            &body::create_cluster(new),
        )?;
        Ok(self.call::<wire::Cluster>(&call).await?.into())
    }

    /// Switches a cluster to the project's AWS key (`updateGroupCluster`).
    pub async fn encrypt_cluster(&self, project: &str, name: &str) -> Result<Cluster, Error> {
        self.change_cluster(project, name, &body::encrypt_cluster()).await
    }

    /// Switches a cluster to Atlas's own encryption (`updateGroupCluster`).
    pub async fn decrypt_cluster(&self, project: &str, name: &str) -> Result<Cluster, Error> {
        self.change_cluster(project, name, &body::decrypt_cluster()).await
    }

    /// Resumes a paused cluster (`updateGroupCluster`).
    pub async fn resume_cluster(&self, project: &str, name: &str) -> Result<Cluster, Error> {
        self.change_cluster(project, name, &body::resume_cluster()).await
    }

    async fn change_cluster(&self, project: &str, name: &str, body: &Value) -> Result<Cluster, Error> {
        let call = self.change(Method::PATCH, &["groups", project, "clusters", name], V2024_10_23, body)?;
        Ok(self.call::<wire::Cluster>(&call).await?.into())
    }

    /// Returns the networks that Atlas's control plane calls from, each once; asked without a credential
    /// (`listControlPlaneIpAddresses`).
    pub async fn control_plane_addresses(&self) -> Result<Vec<IpNet>, Error> {
        let call = self.get_open(&["unauth", "controlPlaneIPAddresses"], V2023_11_15)?;
        Ok(self.call::<wire::ControlPlaneAddresses>(&call).await?.into())
    }

    /// Returns the networks that the nodes of each cluster call from (`getGroupIpAddresses`).
    pub async fn node_addresses(&self, project: &str) -> Result<Vec<NodeAddresses>, Error> {
        let call = self.get(&["groups", project, "ipAddresses"], "", V2023_01_01)?;
        Ok(self.call::<wire::ProjectAddresses>(&call).await?.into())
    }

    /// Returns the project's Backup Compliance Policy; the default one where it has none
    /// (`getGroupBackupCompliancePolicy`).
    pub async fn compliance_policy(&self, project: &str) -> Result<CompliancePolicy, Error> {
        let call = self.get(&["groups", project, "backupCompliancePolicy"], "", V2023_10_01)?;
        match self.call::<wire::CompliancePolicy>(&call).await {
            Ok(policy) => Ok(policy.into()),
            // Atlas's own 404, not a gateway's, and not one about the project.
            Err(error) if error.status() == Some(404) && error.code().is_some_and(|code| code != "GROUP_NOT_FOUND") => {
                Ok(CompliancePolicy::default())
            }
            Err(error) => Err(error),
        }
    }

    /// Returns the project's private endpoints to AWS KMS, by region (`listGroupEncryptionAtRestPrivateEndpoints`).
    pub async fn private_endpoints(&self, project: &str) -> Result<Vec<PrivateEndpoint>, Error> {
        let segments = ["groups", project, "encryptionAtRest", "AWS", "privateEndpoints"];
        let endpoints = self
            .list::<wire::PrivateEndpoint, wire::PrivateEndpoint>(&segments, V2023_01_01, |endpoint| &endpoint.id)
            .await?;
        let mut endpoints: Vec<PrivateEndpoint> = endpoints.into_iter().map(Into::into).collect();
        endpoints.sort_by(|a, b| a.region.cmp(&b.region));
        Ok(endpoints)
    }

    /// Returns a dedicated cluster's snapshots (`listGroupClusterBackupSnapshots`; of a sharded cluster
    /// `listGroupClusterBackupSnapshotShardedClusters`, which isn't paged).
    pub async fn snapshots(&self, project: &str, cluster: &Cluster) -> Result<Vec<Snapshot>, Error> {
        let name = cluster.name.as_str();
        let all = ["groups", project, "clusters", name, "backup", "snapshots"];
        let snapshots = if cluster.cluster_type == "REPLICASET" {
            self.list::<wire::Snapshot, wire::Snapshot>(&all, V2023_01_01, |snapshot| &snapshot.id)
                .await?
        } else {
            let call = self.get(&[&all[..], &["shardedClusters"]].concat(), "", V2023_01_01)?;
            self.call::<wire::Page<wire::Snapshot>>(&call).await?.results
        };
        Ok(snapshots.into_iter().map(|snapshot| snapshot.of(name)).collect())
    }
}

/// Returns whether an error only says that this credential may not look at its own roles there.
fn hides_roles(error: &Error) -> bool {
    match error.code() {
        Some(code) => {
            matches!(
                code,
                "USER_UNAUTHORIZED"
                    | "NOT_IN_GROUP"
                    | "USER_CANNOT_ACCESS_GROUP"
                    | "USER_CANNOT_ACCESS_ORG"
                    | "ACCESS_FORBIDDEN"
                    | "GROUP_NOT_FOUND"
                    | "RESOURCE_NOT_FOUND"
            ) || error.status() == Some(404)
        }
        None => matches!(error.status(), Some(403 | 404)),
    }
}
