//! The Atlas Admin API client.

pub mod body;
