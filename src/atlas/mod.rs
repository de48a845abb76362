//! The Atlas Admin API client: one send path, typed calls, errors in the operator's words.
//!
//! `client` sends and repeats, `auth` signs, `address` builds URLs that an ID or a name can't change, `operations` are
//! the calls, `wire` what comes back, `body` what is sent (plain data, the plan shows the same), `error` what went
//! wrong and `advice` what to do about it.

mod address;
mod advice;
mod auth;
pub mod body;
mod client;
mod error;
mod operations;
mod patience;
pub mod wire;

pub use auth::Credential;
pub use body::AwsKmsUpdate;
pub use client::{Attempt, Client, Notify};
pub use error::{Error, ErrorKind, Field};
pub use patience::Patience;
