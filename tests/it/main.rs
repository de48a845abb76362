//! The one integration test binary.

mod atlas_client;
mod atlas_recorded;
