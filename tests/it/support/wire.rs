//! What the simulator saw on the wire.

use atlas_cmk::simulator::{Control, Exchange};

/// Returns whether an exchange asked for a change, whatever became of it.
pub(crate) fn is_change(exchange: &Exchange) -> bool {
    let name = exchange.operation.rsplit(':').next().unwrap_or_default();
    let reads = ["Get", "get", "List", "list", "Describe", "Simulate", "digestChallenge"];
    exchange.method != "GET" && !reads.iter().any(|read| name.starts_with(read)) && !name.contains("oken")
}

/// Returns the operations that asked for a change, in order.
pub(crate) fn changes(control: &Control) -> Vec<String> {
    let exchanges = control.requests().into_iter().filter(is_change);
    exchanges.map(|exchange| exchange.operation).collect()
}
