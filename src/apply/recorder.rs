//! Numbers events, keeps them in the journal and hands them on, in one order.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::mpsc::UnboundedSender;

use super::event::{Event, EventKind};
use super::journal::Journal;

/// Where a run tells its events. Clones tell the same run's.
#[derive(Clone, Debug)]
pub(crate) struct Recorder(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    began: Instant,
    next: u64,
    journal: Journal,
    sink: UnboundedSender<Event>,
}

impl Recorder {
    pub(crate) fn new(journal: Journal, sink: UnboundedSender<Event>) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            began: Instant::now(),
            next: 0,
            journal,
            sink,
        })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // A panic of another step can't have left the journal half-way: each entry is one write.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tell(&self, kind: EventKind) {
        let mut inner = self.inner();
        let elapsed = inner.began.elapsed().as_millis();
        let event = Event {
            kind,
            index: inner.next,
            elapsed_ms: u64::try_from(elapsed).unwrap_or(u64::MAX),
        };
        inner.next += 1;
        inner.journal.told(&event);
        // Nobody listens any more once the front end has gone; the run ends by its own rules.
        if inner.sink.send(event).is_err() {
            tracing::debug!("nobody listens to the run's events");
        }
    }

    /// Lets a step write to the journal.
    pub(crate) fn journal<T>(&self, write: impl FnOnce(&mut Journal) -> T) -> T {
        write(&mut self.inner().journal)
    }
}
