//! The calls that the Atlas half answers: their paths, versions and what they demand of the caller.

use hyper::Method;
use percent_encoding::percent_decode_str;

/// A call of the Atlas Admin API, read from method and path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulator) enum Operation {
    GetSystemStatus,
    ListOrganizations,
    ListProjects,
    GetProject {
        group: String,
    },
    ListAccessRoles {
        group: String,
    },
    CreateAccessRole {
        group: String,
    },
    GetAccessRole {
        group: String,
        role: String,
    },
    AuthorizeAccessRole {
        group: String,
        role: String,
    },
    DeleteAccessRole {
        group: String,
        provider: String,
        role: String,
    },
    GetEncryptionAtRest {
        group: String,
    },
    EnableEncryptionAtRest {
        group: String,
    },
    ListClusters {
        group: String,
    },
    GetCluster {
        group: String,
        name: String,
    },
    CreateCluster {
        group: String,
    },
    UpdateCluster {
        group: String,
        name: String,
    },
    ListSnapshots {
        group: String,
        name: String,
    },
    ListShardedSnapshots {
        group: String,
        name: String,
    },
    ListFlexClusters {
        group: String,
    },
    GetFlexCluster {
        group: String,
        name: String,
    },
    ListPrivateEndpoints {
        group: String,
        provider: String,
    },
    GetCompliancePolicy {
        group: String,
    },
    GetProjectAddresses {
        group: String,
    },
    ListEvents {
        group: String,
    },
    GetServiceAccount {
        group: String,
        client: String,
    },
    ListControlPlaneAddresses,
}

/// What a caller must be, to be allowed a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Demand {
    /// Nobody in particular, not even signed in.
    Nothing,
    /// Signed in.
    SignedIn,
    /// Any role in the project.
    Member,
    /// One of these roles in the project.
    OneOf(&'static [&'static str]),
}

const OWNER: Demand = Demand::OneOf(&["GROUP_OWNER"]);
const CLUSTER_CREATOR: Demand = Demand::OneOf(&["GROUP_OWNER", "GROUP_CLUSTER_CREATOR"]);
const CLUSTER_MANAGER: Demand = Demand::OneOf(&["GROUP_OWNER", "GROUP_CLUSTER_MANAGER"]);

impl Operation {
    /// Reads method and path; `None` where there is nothing.
    pub(super) fn read(method: &Method, path: &str) -> Option<Self> {
        let rest = path.strip_prefix("/api/atlas/v2")?;
        let segments: Vec<String> = rest
            .split('/')
            .skip(1)
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let owned = |text: &&str| (*text).to_owned();
        let operation = match (method.as_str(), segments.as_slice()) {
            ("GET", [] | [""]) => Self::GetSystemStatus,
            ("GET", ["orgs"]) => Self::ListOrganizations,
            ("GET", ["unauth", "controlPlaneIPAddresses"]) => Self::ListControlPlaneAddresses,
            ("GET", ["groups"]) => Self::ListProjects,
            ("GET", ["groups", group]) => Self::GetProject { group: owned(group) },
            ("GET", ["groups", group, "cloudProviderAccess"]) => Self::ListAccessRoles { group: owned(group) },
            ("POST", ["groups", group, "cloudProviderAccess"]) => Self::CreateAccessRole { group: owned(group) },
            ("GET", ["groups", group, "cloudProviderAccess", role]) => Self::GetAccessRole {
                group: owned(group),
                role: owned(role),
            },
            ("PATCH", ["groups", group, "cloudProviderAccess", role]) => Self::AuthorizeAccessRole {
                group: owned(group),
                role: owned(role),
            },
            ("DELETE", ["groups", group, "cloudProviderAccess", provider, role]) => Self::DeleteAccessRole {
                group: owned(group),
                provider: owned(provider),
                role: owned(role),
            },
            ("GET", ["groups", group, "encryptionAtRest"]) => Self::GetEncryptionAtRest { group: owned(group) },
            ("PATCH", ["groups", group, "encryptionAtRest"]) => Self::EnableEncryptionAtRest { group: owned(group) },
            ("GET", ["groups", group, "encryptionAtRest", provider, "privateEndpoints"]) => {
                Self::ListPrivateEndpoints {
                    group: owned(group),
                    provider: owned(provider),
                }
            }
            ("GET", ["groups", group, "backupCompliancePolicy"]) => Self::GetCompliancePolicy { group: owned(group) },
            ("GET", ["groups", group, "ipAddresses"]) => Self::GetProjectAddresses { group: owned(group) },
            ("GET", ["groups", group, "events"]) => Self::ListEvents { group: owned(group) },
            ("GET", ["groups", group, "clusters"]) => Self::ListClusters { group: owned(group) },
            ("POST", ["groups", group, "clusters"]) => Self::CreateCluster { group: owned(group) },
            ("GET", ["groups", group, "clusters", name, "backup", "snapshots"]) => Self::ListSnapshots {
                group: owned(group),
                name: owned(name),
            },
            (
                "GET",
                [
                    "groups",
                    group,
                    "clusters",
                    name,
                    "backup",
                    "snapshots",
                    "shardedClusters",
                ],
            ) => Self::ListShardedSnapshots {
                group: owned(group),
                name: owned(name),
            },
            ("GET", ["groups", group, "clusters", name]) => Self::GetCluster {
                group: owned(group),
                name: owned(name),
            },
            ("PATCH", ["groups", group, "clusters", name]) => Self::UpdateCluster {
                group: owned(group),
                name: owned(name),
            },
            ("GET", ["groups", group, "flexClusters"]) => Self::ListFlexClusters { group: owned(group) },
            ("GET", ["groups", group, "flexClusters", name]) => Self::GetFlexCluster {
                group: owned(group),
                name: owned(name),
            },
            ("GET", ["groups", group, "serviceAccounts", client]) => Self::GetServiceAccount {
                group: owned(group),
                client: owned(client),
            },
            _ => return None,
        };
        Some(operation)
    }

    /// Returns the name under which faults and counts know it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::GetSystemStatus => "getSystemStatus",
            Self::ListOrganizations => "listOrganizations",
            Self::ListProjects => "listProjects",
            Self::GetProject { .. } => "getProject",
            Self::ListAccessRoles { .. } => "listAccessRoles",
            Self::CreateAccessRole { .. } => "createAccessRole",
            Self::GetAccessRole { .. } => "getAccessRole",
            Self::AuthorizeAccessRole { .. } => "authorizeAccessRole",
            Self::DeleteAccessRole { .. } => "deleteAccessRole",
            Self::GetEncryptionAtRest { .. } => "getEncryptionAtRest",
            Self::EnableEncryptionAtRest { .. } => "enableEncryptionAtRest",
            Self::ListClusters { .. } => "listClusters",
            Self::GetCluster { .. } => "getCluster",
            Self::CreateCluster { .. } => "createCluster",
            Self::UpdateCluster { .. } => "updateCluster",
            Self::ListSnapshots { .. } => "listSnapshots",
            Self::ListShardedSnapshots { .. } => "listShardedSnapshots",
            Self::ListFlexClusters { .. } => "listFlexClusters",
            Self::GetFlexCluster { .. } => "getFlexCluster",
            Self::ListPrivateEndpoints { .. } => "listPrivateEndpoints",
            Self::GetCompliancePolicy { .. } => "getCompliancePolicy",
            Self::GetProjectAddresses { .. } => "getProjectAddresses",
            Self::ListEvents { .. } => "listEvents",
            Self::GetServiceAccount { .. } => "getServiceAccount",
            Self::ListControlPlaneAddresses => "listControlPlaneAddresses",
        }
    }

    /// Returns the dates of the versions that it has here.
    pub(super) fn versions(&self) -> &'static [&'static str] {
        match self {
            Self::ListClusters { .. } | Self::GetCluster { .. } | Self::GetServiceAccount { .. } => &["2024-08-05"],
            Self::CreateCluster { .. } | Self::UpdateCluster { .. } => &["2024-10-23", "2024-08-05"],
            Self::GetCompliancePolicy { .. } => &["2023-10-01"],
            Self::ListFlexClusters { .. } | Self::GetFlexCluster { .. } => &["2024-11-13"],
            Self::ListControlPlaneAddresses => &["2023-11-15"],
            _ => &["2023-01-01"],
        }
    }

    /// Returns what the caller must be.
    pub(super) fn demand(&self) -> Demand {
        match self {
            Self::ListControlPlaneAddresses => Demand::Nothing,
            Self::GetSystemStatus | Self::ListOrganizations | Self::ListProjects => Demand::SignedIn,
            Self::CreateAccessRole { .. }
            | Self::AuthorizeAccessRole { .. }
            | Self::DeleteAccessRole { .. }
            | Self::EnableEncryptionAtRest { .. }
            | Self::ListPrivateEndpoints { .. }
            | Self::GetCompliancePolicy { .. } => OWNER,
            Self::CreateCluster { .. } => CLUSTER_CREATOR,
            Self::UpdateCluster { .. } => CLUSTER_MANAGER,
            _ => Demand::Member,
        }
    }

    /// Returns the project that it is about.
    pub(super) fn group(&self) -> Option<&str> {
        match self {
            Self::GetProject { group }
            | Self::ListAccessRoles { group }
            | Self::CreateAccessRole { group }
            | Self::GetAccessRole { group, .. }
            | Self::AuthorizeAccessRole { group, .. }
            | Self::DeleteAccessRole { group, .. }
            | Self::GetEncryptionAtRest { group }
            | Self::EnableEncryptionAtRest { group }
            | Self::ListClusters { group }
            | Self::GetCluster { group, .. }
            | Self::CreateCluster { group }
            | Self::UpdateCluster { group, .. }
            | Self::ListSnapshots { group, .. }
            | Self::ListShardedSnapshots { group, .. }
            | Self::ListPrivateEndpoints { group, .. }
            | Self::GetCompliancePolicy { group }
            | Self::GetProjectAddresses { group }
            | Self::ListEvents { group }
            | Self::ListFlexClusters { group }
            | Self::GetFlexCluster { group, .. }
            | Self::GetServiceAccount { group, .. } => Some(group),
            Self::GetSystemStatus | Self::ListOrganizations | Self::ListProjects | Self::ListControlPlaneAddresses => {
                None
            }
        }
    }

    /// Tells whether it is sent with a body.
    pub(super) fn has_body(&self) -> bool {
        matches!(
            self,
            Self::CreateAccessRole { .. }
                | Self::AuthorizeAccessRole { .. }
                | Self::EnableEncryptionAtRest { .. }
                | Self::CreateCluster { .. }
                | Self::UpdateCluster { .. }
        )
    }

    /// Tells whether it changes something.
    pub(super) fn is_change(&self) -> bool {
        self.has_body() || matches!(self, Self::DeleteAccessRole { .. })
    }

    /// Returns the set of endpoints that share a rate limit, and that limit per minute.
    pub(super) fn rate_limit(&self) -> (&'static str, u32) {
        match self {
            Self::ListAccessRoles { .. }
            | Self::CreateAccessRole { .. }
            | Self::GetAccessRole { .. }
            | Self::AuthorizeAccessRole { .. }
            | Self::DeleteAccessRole { .. } => ("cloudProviderAccess", 2_000),
            Self::GetEncryptionAtRest { .. }
            | Self::EnableEncryptionAtRest { .. }
            | Self::ListPrivateEndpoints { .. } => ("encryptionAtRest", 2_000),
            Self::ListClusters { .. }
            | Self::GetCluster { .. }
            | Self::CreateCluster { .. }
            | Self::UpdateCluster { .. } => ("clusters", 10_000),
            Self::ListEvents { .. } => ("events", 300),
            Self::ListOrganizations => ("orgs", 300),
            _ => ("other", 1_200),
        }
    }
}
