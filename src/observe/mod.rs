//! What is asked at once, from both clouds. Reads only.

mod state;

pub use crate::domain::aws_identity::AwsIdentity;
pub use state::{Fetched, Lookup, Observation, ObservedState, Unfinished};
