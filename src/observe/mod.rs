//! What is asked at once, from both clouds. Reads only.

#[cfg(test)]
#[allow(dead_code, reason = "each test takes what it needs")]
pub(crate) mod fixture;
mod look;
mod project;
mod state;
mod traces;

pub use crate::domain::aws_identity::AwsIdentity;
pub use look::{Clouds, Scope, Wanted, look, look_up_key, look_up_permissions, look_up_role};
pub use project::find_project;
pub use state::{Fetched, Lookup, Observation, ObservedState, Unfinished};
pub use traces::{AccessRoleTrace, KeyTrace, Traces};
