//! The Atlas Admin API client: one send path, typed calls, errors in the operator's words.
//!
//! `client` signs, sends and repeats a `call`; `auth` makes the signatures, `address` the URLs, which no ID and no name
//! can change. `operations` are the calls, `pages` reads lists, `wire` is what comes back. `body` is what is sent, plain
//! data that the plan shows as well. `error` is what went wrong, `advice` what to do about it.

mod address;
mod advice;
mod auth;
pub mod body;
mod call;
mod client;
mod error;
mod operations;
mod pages;
mod patience;
pub mod wire;

pub use auth::Credential;
pub use body::AwsKmsUpdate;
pub use client::{Attempt, Client, Notify};
pub use error::{Error, ErrorKind, Field};
pub use patience::Patience;
