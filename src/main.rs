//! The `atlas-cmk` binary.
fn main() {}
