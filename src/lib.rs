//! Customer-managed AWS KMS keys for MongoDB Atlas: the library behind the `atlas-cmk` binary.
//!
//! Everything is one pipeline that the wizard, the commands and the demo all walk:
//! observe → check → choose → plan → apply → verify. See `ARCHITECTURE.md`.

pub mod apply;
pub mod atlas;
pub mod aws;
pub mod checklist;
pub mod domain;
pub mod observe;
pub mod plan;
pub mod problem;
pub mod simulator;
pub mod ui;
pub mod verify;
pub mod wizard;
