//! The simulator, asked over its socket as any client asks it.

mod access_roles;
mod clusters;
mod encryption;
mod external;
mod faults;
mod iam;
mod kms;
pub(crate) mod openapi;
mod scenarios;
mod sign_in;
mod support;
mod trust;
