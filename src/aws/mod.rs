//! The AWS clients: thin over the SDK, in the field's words.
//!
//! - `config`: from what the operator chose to clients; `settings`: variables and profiles; `sso`: when a sign-in ended; `http`: who goes past a proxy
//! - `sts`, `iam`, `kms`: the calls, each with its pages and its "there is none"
//! - `key_access`: a key's policy, grants and way back; `limits`: quotas, and what IAM's simulation allows
//! - `error`: what went wrong and whether it may have happened all the same; `explain`: the same for operators
//!
//! The SDK repeats what is throttled, timed out or answered with 5xx (standard mode, 3 attempts), except for
//! [`Aws::create_key`], which would make a second key.

mod config;
mod error;
mod explain;
mod http;
mod iam;
mod key_access;
mod kms;
mod limits;
mod settings;
mod sso;
mod sts;

pub use config::{Aws, Choice};
pub use error::{Error, ErrorKind};
pub use iam::NewRole;
pub use kms::NewKey;
