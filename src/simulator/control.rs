//! The handle that tests hold.

use std::sync::Arc;
use std::time::Duration;

use super::exchange::Exchange;
use super::faults::Fault;
use super::server::Shared;
use super::world::World;

/// Looks into a running simulator, changes its world, and disturbs it.
#[derive(Debug, Clone)]
pub struct Control {
    shared: Arc<Shared>,
}

impl Control {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Returns the exchanges so far; of very many only the latest.
    pub fn requests(&self) -> Vec<Exchange> {
        self.shared.log().all()
    }

    /// Returns how often an operation was called, requests without valid credentials not counted.
    pub fn count(&self, operation: &str) -> usize {
        self.shared.log().count(operation)
    }

    /// Sets a fault; its calls are counted from now on.
    pub fn fault(&self, fault: Fault) {
        self.shared.faults().set(fault);
    }

    /// Takes all faults back; calls that are held stay so.
    pub fn clear_faults(&self) {
        self.shared.faults().clear();
    }

    /// Waits until exactly so many calls are held by [`Effect::HoldBefore`](super::Effect::HoldBefore) and
    /// [`Effect::HoldAfter`](super::Effect::HoldAfter).
    pub async fn held(&self, calls: usize) {
        self.shared.gate.until_held(calls).await;
    }

    /// Lets all held calls go on.
    pub fn release(&self) {
        self.shared.gate.open();
    }

    /// Moves time that is moved by hand; running time takes no notice.
    pub fn advance(&self, by: Duration) {
        self.shared.clock.advance(by);
    }

    /// Lets the operator's AWS credentials expire: every call with them is refused until they are renewed.
    pub fn expire_aws_credentials(&self) {
        self.set_expired(true);
    }

    /// Makes the operator's AWS credentials valid again, as signing in again does.
    pub fn renew_aws_credentials(&self) {
        self.set_expired(false);
    }

    fn set_expired(&self, expired: bool) {
        if let Some(operator) = self.shared.world().aws.operator_mut() {
            operator.expired = expired;
        }
    }

    /// Returns the world as it is now, without credentials.
    pub fn world(&self) -> serde_json::Value {
        let now = self.shared.clock.now();
        let mut world = self.shared.world();
        world.atlas.projects.iter_mut().for_each(|project| project.settle(now));
        serde_json::to_value(&*world).unwrap_or_default()
    }

    /// Changes the world behind its clients' backs.
    pub fn edit(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.shared.world());
    }
}
