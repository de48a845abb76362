//! Ctrl-C and a friendly kill.

use tokio::signal::unix::{SignalKind, signal};

use crate::problem::{Kind, Problem};

/// Waits for the next Ctrl-C, SIGTERM or SIGHUP.
pub(super) async fn asked_to_stop() {
    let (Ok(mut terminate), Ok(mut hang_up)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup())) else {
        // Without a handler the system's own way of ending stays in force.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
}

/// Runs something that only reads, until it is done or the operator stops it.
///
/// # Errors
/// Its own, or that it was interrupted.
pub(super) async fn or_interrupted<T>(work: impl Future<Output = Result<T, Vec<Problem>>>) -> Result<T, Vec<Problem>> {
    tokio::select! {
        result = work => result,
        () = asked_to_stop() => Err(vec![interrupted()]),
    }
}

/// Returns what is said of something that was stopped before it changed anything.
pub(super) fn interrupted() -> Problem {
    Problem::new(Kind::Interrupted, "interrupted; nothing was changed")
}
