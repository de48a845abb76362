//! `apply` over real sockets, as the commands and the wizard call it: what goes on the wire, what is told, and what there
//! is afterwards, whatever happens in between.

mod again;
mod failing;
mod interrupted;
mod killed;
mod lost;
mod meanwhile;
mod not_yet;
mod rollout;
mod stopping;
mod trust;

use atlas_cmk::simulator::{Effect, Fault};

/// Returns the fault that a service refuses an operation with a code; with Atlas an empty one is none.
fn refused(operation: &str, status: u16, code: &str) -> Fault {
    let effect = Effect::Refused {
        status,
        code: code.to_owned(),
        detail: "no".to_owned(),
    };
    Fault::new(operation, effect)
}
