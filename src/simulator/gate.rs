//! Where calls are held until a test lets them go.

use tokio::sync::watch;

/// Holds calls.
#[derive(Debug)]
pub(super) struct Gate {
    held: watch::Sender<usize>,
    opened: watch::Sender<()>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            held: watch::Sender::new(0),
            opened: watch::Sender::new(()),
        }
    }
}

impl Gate {
    /// Waits until the gate is opened; a call whose client has gone is dropped here.
    pub(super) async fn hold(&self) {
        let mut opened = self.opened.subscribe();
        let _held = Held::one(&self.held);
        // An error would be a gate that is gone, and this one is borrowed.
        opened.changed().await.ok();
    }

    /// Lets all go that are held now.
    pub(super) fn open(&self) {
        self.opened.send_replace(());
    }

    /// Waits until exactly so many calls are held.
    pub(super) async fn until_held(&self, calls: usize) {
        self.held.subscribe().wait_for(|held| *held == calls).await.ok();
    }
}

/// Counts one held call for as long as it lives.
struct Held<'a>(&'a watch::Sender<usize>);

impl<'a> Held<'a> {
    fn one(held: &'a watch::Sender<usize>) -> Self {
        held.send_modify(|held| *held += 1);
        Self(held)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|held| *held -= 1);
    }
}
