//! The simulator, asked over its socket as any client asks it.

mod access_roles;
mod around_clusters;
mod clusters;
mod encryption;
mod expiry;
mod external;
mod faults;
mod grants;
mod iam;
mod identities;
mod kms;
mod new_clusters;
pub(crate) mod openapi;
mod partitions;
mod quotas;
mod refused;
mod rights;
mod scenarios;
mod settings;
mod sign_in;
mod simulate;
pub(crate) mod support;
mod trust;
mod ways_in;
