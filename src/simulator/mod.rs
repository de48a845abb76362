//! Atlas and AWS on loopback, for the demo and for the tests.
//!
//! The simulator speaks both clouds' real protocols on one port of `127.0.0.1` and keeps their rules: who may assume
//! which role, which key can be used, what takes time. It shares no code with the rest of the crate on purpose: a rule
//! that one side misread would then be wrong on both sides, and no test could see it.
//!
//! | module | holds |
//! |---|---|
//! | `scenario` | the TOML that a world starts from |
//! | `world` | what both clouds know, as plain data |
//! | `clock` | the time that the world lives in |
//! | `policy` | AWS's policy language: grammar and evaluation |
//! | `authorize` | what Atlas may do with a role and a key |
//! | `external` | the same questions, asked of another AWS endpoint |
//! | `atlas`, `aws` | the two halves: one function a call |
//! | `aws::rights` | what the caller of the AWS half may do: every call but STS's is judged by it |
//! | `faults`, `gate`, `exchange` | what goes wrong on purpose, and the record of what was said |
//! | `server`, `control` | the socket, and the handle that tests hold |

#[cfg(test)]
mod agreement;
mod answer;
mod atlas;
mod authorize;
mod aws;
mod clock;
mod control;
mod exchange;
mod external;
mod faults;
mod gate;
mod policy;
mod scenario;
mod server;
pub mod world;

pub use clock::Time;
pub use control::Control;
pub use exchange::Exchange;
pub use faults::{Calls, Effect, Fault};
pub use scenario::{Scenario, ScenarioError};
pub use server::{Aws, Options, Simulator};
pub use world::{Credentials, World};
