//! The one integration test binary.

mod aws_config;
mod aws_suite;
mod support;
