//! The cancel ladder: first finish what is in flight, then drop it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// Asks a run to stop. Clones ask the same run.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    gently: CancellationToken,
    at_once: CancellationToken,
}

/// A run was asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stopped;

impl Stop {
    /// Starts nothing new and lets requests in flight finish.
    pub fn gently(&self) {
        self.gently.cancel();
    }

    /// Drops requests in flight too: whether they were carried out is uncertain then.
    pub fn at_once(&self) {
        self.gently.cancel();
        self.at_once.cancel();
    }

    /// Returns whether the run was asked to stop.
    pub fn is_asked(&self) -> bool {
        self.gently.is_cancelled()
    }

    /// Waits until requests in flight are to be dropped.
    pub(crate) async fn dropped(&self) {
        self.at_once.cancelled().await;
    }

    /// Waits until the run is asked to stop.
    pub(crate) async fn asked(&self) {
        self.gently.cancelled().await;
    }

    /// Returns what is cancelled when the run is asked to stop.
    pub(crate) fn token(&self) -> CancellationToken {
        self.gently.clone()
    }

    /// Waits for something, unless the run is asked to stop first.
    pub(crate) async fn unless_asked<T>(&self, work: impl Future<Output = T>) -> Result<T, Stopped> {
        tokio::select! {
            biased;
            () = self.gently.cancelled() => Err(Stopped),
            done = work => Ok(done),
        }
    }

    /// Sleeps, unless the run is asked to stop first.
    pub(crate) async fn sleep(&self, duration: Duration) -> Result<(), Stopped> {
        self.unless_asked(tokio::time::sleep(duration)).await
    }
}
