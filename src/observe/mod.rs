//! What is asked at once, from both clouds. Reads only.

mod state;

pub use state::{AwsIdentity, Fetched, Lookup, Observation, ObservedState, Unfinished};
