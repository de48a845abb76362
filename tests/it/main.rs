//! The one integration test binary.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]
#![expect(clippy::print_stderr, reason = "a test that skips says so")]

mod apply;
mod atlas_client;
mod atlas_recorded;
mod aws_config;
mod aws_rights;
mod aws_suite;
mod aws_wire;
mod bad_days;
mod errors;
mod figures;
mod headless;
mod in_terminal;
mod interrupted;
mod left_running;
mod observe;
mod secrets;
mod signing_in;
mod simulator;
mod support;
mod walls;
mod ways_in;
