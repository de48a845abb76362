//! The simulator, asked over its socket as any client asks it.

mod access_roles;
mod around_clusters;
mod clusters;
mod encryption;
mod external;
mod faults;
mod iam;
mod kms;
mod new_clusters;
pub(crate) mod openapi;
mod scenarios;
mod settings;
mod sign_in;
mod support;
mod trust;
