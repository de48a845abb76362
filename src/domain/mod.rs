//! The field's words as plain data: no request, no file, no clock.

pub mod access_role;
pub mod arn;
pub mod atlas_addresses;
pub mod aws_identity;
pub mod cluster;
pub mod iam_role;
pub mod key;
pub mod loopback;
pub mod name;
pub mod permission;
pub mod policy;
pub mod profile;
pub mod project;
pub mod region;
pub mod snapshot;
pub mod text;

#[cfg(test)]
mod properties;
