//! What goes wrong on purpose: which call, which time, and how.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Something that goes wrong with one operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The operation's name, as in [`Exchange::operation`](super::Exchange::operation), or [`ANY`](Self::ANY).
    pub operation: String,
    /// Which of its calls.
    pub calls: Calls,
    /// What happens to them.
    pub effect: Effect,
}

/// Which calls of an operation a fault meets.
///
/// Calls are counted from 1, from the moment when the fault was set; requests without valid credentials don't count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Calls {
    /// Every call.
    All,
    /// The calls with these numbers.
    Only(Vec<usize>),
}

/// What happens to a call that a fault meets.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// The answer comes later, by this much of the world's time (outside time where it is moved by hand).
    Delay(Duration),
    /// 429, or what AWS calls throttling; nothing is changed.
    Throttled {
        /// Seconds for `Retry-After`; without the header where absent.
        retry_after: Option<u64>,
    },
    /// A 5xx from a machine in front of the service, as an HTML page; nothing is changed.
    Html {
        /// HTTP status.
        status: u16,
    },
    /// A 5xx from the service itself, in its own form; nothing is changed.
    ServerError {
        /// HTTP status.
        status: u16,
    },
    /// The call is carried out, and answered by 200 without a body.
    EmptyAnswer,
    /// The service refuses; nothing is changed.
    Refused {
        /// HTTP status.
        status: u16,
        /// The service's error code; with Atlas an empty one leaves `errorCode` out.
        code: String,
        /// The sentence that comes with it.
        detail: String,
    },
    /// AWS says that the caller's credentials have expired; nothing is changed.
    ExpiredCredentials,
    /// An answer word for word; nothing is changed.
    Verbatim {
        /// HTTP status.
        status: u16,
        /// The answer's media type.
        content_type: String,
        /// The answer's body.
        body: String,
    },
    /// The connection ends before anything was changed.
    CutBefore,
    /// The call is carried out, and the connection ends without an answer.
    CutAfter,
    /// The call is carried out, and the connection ends in the middle of its answer.
    CutWithin,
    /// What another effect does, with headers more in its answer.
    With {
        /// The other effect.
        effect: Box<Effect>,
        /// Names and values.
        headers: Vec<(String, String)>,
    },
    /// The call waits for [`Control::release`](super::Control::release), then is carried out and answered; never, if
    /// its client has gone by then.
    HoldBefore,
    /// The call is carried out, and its answer waits for [`Control::release`](super::Control::release).
    HoldAfter,
}

impl Fault {
    /// In place of an operation's name: every operation. Calls are counted over all of them.
    pub const ANY: &str = "*";

    /// Makes a fault that meets every call of `operation`.
    pub fn new(operation: impl Into<String>, effect: Effect) -> Self {
        Self {
            operation: operation.into(),
            calls: Calls::All,
            effect,
        }
    }

    /// Restricts the fault to one call, counted from 1.
    #[must_use]
    pub fn nth(mut self, call: usize) -> Self {
        self.calls = Calls::Only(vec![call]);
        self
    }

    /// Restricts the fault to a row of calls, counted from 1.
    #[must_use]
    pub fn calls(mut self, calls: RangeInclusive<usize>) -> Self {
        self.calls = Calls::Only(calls.collect());
        self
    }
}

/// The faults that are set, each with the calls that it has seen.
#[derive(Debug, Default)]
pub(super) struct Faults {
    set: Vec<(Fault, usize)>,
}

impl Faults {
    pub(super) fn set(&mut self, fault: Fault) {
        self.set.push((fault, 0));
    }

    pub(super) fn clear(&mut self) {
        self.set.clear();
    }

    /// Counts one call and returns what happens to it: all the delays, and the first effect that decides the answer.
    pub(super) fn meet(&mut self, operation: &str) -> (Duration, Option<Effect>) {
        let mut delay = Duration::ZERO;
        let mut decided = None;
        let is_met = |fault: &Fault| fault.operation == operation || fault.operation == Fault::ANY;
        for (fault, seen) in self.set.iter_mut().filter(|(fault, _)| is_met(fault)) {
            *seen += 1;
            let meets = match &fault.calls {
                Calls::All => true,
                Calls::Only(calls) => calls.contains(seen),
            };
            match &fault.effect {
                Effect::Delay(by) if meets => delay += *by,
                effect if meets && decided.is_none() => decided = Some(effect.clone()),
                _ => {}
            }
        }
        (delay, decided)
    }
}
