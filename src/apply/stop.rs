//! The reins of a run: the cancel ladder (first finish what is in flight, then drop it), and the word to go on at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Asks a run to stop, or not to wait any longer for somebody who has acted. Clones ask the same run.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    gently: CancellationToken,
    at_once: CancellationToken,
    go_on: Arc<Notify>,
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

    /// Lets the run look at once where it waits for somebody to act.
    pub fn go_on(&self) {
        self.go_on.notify_waiters();
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

    /// Sleeps until the time is over or the run is to look at once, unless it is asked to stop first; returns whether
    /// the time is over.
    pub(crate) async fn rest(&self, duration: Duration) -> Result<bool, Stopped> {
        self.unless_asked(async {
            tokio::select! {
                () = self.go_on.notified() => false,
                () = tokio::time::sleep(duration) => true,
            }
        })
        .await
    }

    /// Sleeps, unless the run is asked to stop first.
    pub(crate) async fn sleep(&self, duration: Duration) -> Result<(), Stopped> {
        self.unless_asked(tokio::time::sleep(duration)).await
    }
}
