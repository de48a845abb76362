//! What is wanted, as a TOML file: read with the line of everything that is wrong, written with comments.

mod read;
mod source;
#[cfg(test)]
mod tests;
mod write;

use super::desired::{AccessRoleChoice, Choices, ClusterChoice, DesiredState, KeyChoice, RoleChoice, Rollout};
use crate::domain::region::Region;

pub use read::read;
pub use write::write;

/// The name of the file that is read where none is given.
pub const DEFAULT_NAME: &str = "atlas-cmk.toml";

/// A configuration file, every value in it judged. What may be given elsewhere too is optional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// `[project] id`: 24 hex digits.
    pub project_id: Option<String>,
    /// `[aws] region`, or the region in the key's ARN.
    pub region: Option<Region>,
    /// `[aws] profile`.
    pub profile: Option<String>,
    /// `[role]`.
    pub role: RoleChoice,
    /// `[key]`.
    pub key: KeyChoice,
    /// `[clusters] encrypt`.
    pub clusters: ClusterChoice,
    /// `[clusters] rollout`.
    pub rollout: Rollout,
}

impl ConfigFile {
    /// Returns what is wanted on a project and in a region, both as they were settled between option, file and
    /// environment.
    pub fn desired(self, project_id: String, region: Region) -> DesiredState {
        DesiredState {
            project_id,
            region,
            role: self.role,
            access_role: AccessRoleChoice::Recognized,
            key: self.key,
            clusters: self.clusters,
            rollout: self.rollout,
            resume: Vec::new(),
            create: Vec::new(),
            extend_key_policy: false,
            drop_dead_principals: false,
        }
    }

    /// Returns what is chosen so far, where project or region may still be open.
    pub fn choices(self, project_id: Option<String>, region: Option<Region>) -> Choices {
        Choices {
            project_id,
            region,
            role: Some(self.role),
            access_role: AccessRoleChoice::Recognized,
            key: Some(self.key),
            clusters: Some(self.clusters),
            rollout: self.rollout,
            resume: Vec::new(),
            create: Vec::new(),
            extend_key_policy: false,
            drop_dead_principals: false,
        }
    }
}
