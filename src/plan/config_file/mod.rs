//! What is wanted, as a TOML file: read with the line of everything that is wrong, written with comments.

mod clusters;
mod read;
mod source;
#[cfg(test)]
mod tests;
mod write;

use super::desired::{
    AccessRoleChoice, Choices, ClusterChoice, DesiredState, KeyChoice, NewCluster, RoleChoice, Rollout,
};
use crate::domain::project::ProjectRef;
use crate::domain::region::Region;

pub use read::read;
pub use write::write;

/// The name of the file that is read where none is given.
pub const DEFAULT_NAME: &str = "atlas-cmk.toml";

/// A configuration file, every value in it judged. What may be given elsewhere too is optional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// `[project] id` or `name`.
    pub project: Option<ProjectRef>,
    /// `[aws] region`, or the region in the key's ARN.
    pub region: Option<Region>,
    /// `[aws] profile`.
    pub profile: Option<String>,
    /// `[aws] half`.
    pub aws_half: Option<String>,
    /// `[role]`.
    pub role: RoleChoice,
    /// `[role] access_role`.
    pub access_role: AccessRoleChoice,
    /// `[role] drop_dead_principals`.
    pub drop_dead_principals: bool,
    /// `[key]`.
    pub key: KeyChoice,
    /// `[key] extend_policy`.
    pub extend_key_policy: bool,
    /// `[clusters] encrypt`.
    pub clusters: ClusterChoice,
    /// `[clusters] rollout`.
    pub rollout: Rollout,
    /// `[clusters] resume`.
    pub resume: Vec<String>,
    /// `[[clusters.create]]`.
    pub create: Vec<NewCluster>,
}

impl ConfigFile {
    /// Returns what is wanted on a project and in a region, both as they were settled between option, file and
    /// environment.
    pub fn desired(self, project_id: String, region: Region) -> DesiredState {
        DesiredState {
            project_id,
            region,
            role: self.role,
            access_role: self.access_role,
            key: self.key,
            clusters: self.clusters,
            rollout: self.rollout,
            resume: self.resume,
            create: self.create,
            extend_key_policy: self.extend_key_policy,
            drop_dead_principals: self.drop_dead_principals,
            aws_half: self.aws_half,
        }
    }

    /// Returns what is chosen so far, where project or region may still be open.
    pub fn choices(self, project_id: Option<String>, region: Option<Region>) -> Choices {
        Choices {
            project_id,
            region,
            role: Some(self.role),
            access_role: self.access_role,
            key: Some(self.key),
            clusters: Some(self.clusters),
            rollout: self.rollout,
            resume: self.resume,
            create: self.create,
            extend_key_policy: self.extend_key_policy,
            drop_dead_principals: self.drop_dead_principals,
            aws_half: self.aws_half,
        }
    }
}
