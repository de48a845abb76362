//! What is asked at once, from both clouds. Reads only.

mod look;
mod state;
mod traces;

pub use crate::domain::aws_identity::AwsIdentity;
pub use look::{Clouds, Scope, Wanted, look, look_up_key, look_up_role};
pub use state::{Fetched, Lookup, Observation, ObservedState, Unfinished};
pub use traces::{AccessRoleTrace, KeyTrace, Traces};
