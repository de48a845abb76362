//! What is asked at once, from both clouds. Reads only.

#[cfg(test)]
#[allow(dead_code, reason = "each test takes what it needs")]
pub(crate) mod fixture;
mod state;

pub use state::{AwsIdentity, Fetched, Lookup, Observation, ObservedState, Unfinished};
