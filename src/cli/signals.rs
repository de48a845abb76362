//! Ctrl-C and a friendly kill.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::problem::{Kind, Problem};

/// Counts how often the operator asked to stop, from the moment when it is made: none is lost, whatever is being done.
#[derive(Clone, Debug)]
pub(super) struct Signals(watch::Receiver<usize>);

impl Signals {
    /// Begins to count Ctrl-C, SIGTERM and SIGHUP. Where the system refuses a handler, its own way of ending stays in
    /// force.
    pub(super) fn listen() -> Self {
        let (count, counted) = watch::channel(0);
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        for mut signals in kinds.into_iter().filter_map(|kind| signal(kind).ok()) {
            let count = count.clone();
            tokio::spawn(async move { while_asked(&mut signals, &count).await });
        }
        Self(counted)
    }

    /// Waits until the operator has asked to stop so many times.
    pub(super) async fn asked(&self, times: usize) {
        if self.0.clone().wait_for(|count| *count >= times).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Runs something that only reads, until it is done or the operator stops it.
    ///
    /// # Errors
    /// Its own, or that it was interrupted.
    pub(super) async fn or_interrupted<T>(
        &self,
        work: impl Future<Output = Result<T, Vec<Problem>>>,
    ) -> Result<T, Vec<Problem>> {
        tokio::select! {
            biased;
            () = self.asked(1) => {
                Err(vec![Problem::new(Kind::Interrupted, "interrupted; nothing was changed")])
            }
            result = work => result,
        }
    }
}

async fn while_asked(signals: &mut Signal, count: &watch::Sender<usize>) {
    while signals.recv().await.is_some() {
        count.send_modify(|count| *count += 1);
    }
}
