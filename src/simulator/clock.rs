//! The time that the simulated world lives in.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// How time passes in the simulated world.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Time {
    /// Time runs by itself, `speed` times as fast as outside.
    Running {
        /// How much faster than outside; values that make no sense count as 1.
        speed: f64,
    },
    /// Time stands still until [`Control::advance`](super::Control::advance) moves it.
    Manual,
}

/// 2026-08-10T09:00:00Z: by hand, time starts at the same moment in every run, so that answers can be compared.
const MANUAL_START: i64 = 1_786_352_400;

#[derive(Debug)]
pub(super) enum Clock {
    Running {
        speed: f64,
        began: Instant,
        start: Timestamp,
    },
    Manual {
        now: Mutex<Timestamp>,
    },
}

impl Clock {
    pub(super) fn new(time: Time) -> Self {
        match time {
            Time::Running { speed } => {
                let speed = if speed.is_finite() && speed > 0.0 { speed } else { 1.0 };
                Self::Running {
                    speed,
                    began: Instant::now(),
                    start: Timestamp::now(),
                }
            }
            Time::Manual => Self::Manual {
                now: Mutex::new(Timestamp::from_second(MANUAL_START).unwrap_or(Timestamp::UNIX_EPOCH)),
            },
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        match self {
            Self::Running { speed, began, start } => later(*start, began.elapsed().mul_f64(*speed)),
            Self::Manual { now } => *now.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Returns what an answer's `Date` says: clients hold it against their own clock, and sign by that.
    pub(super) fn date(&self) -> Timestamp {
        match self {
            Self::Running { .. } => Timestamp::now(),
            Self::Manual { .. } => self.now(),
        }
    }

    /// Moves time that is moved by hand; running time takes no notice.
    pub(super) fn advance(&self, by: Duration) {
        if let Self::Manual { now } = self {
            let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
            *now = later(*now, by);
        }
    }

    /// Returns how long a pause of the world lasts outside: not at all where time is moved by hand.
    pub(super) fn outside(&self, pause: Duration) -> Duration {
        match self {
            Self::Running { speed, .. } => pause.div_f64(*speed),
            Self::Manual { .. } => Duration::ZERO,
        }
    }

    /// Returns how long a pause lasts outside that somebody asked for: as long as it says where time is moved by hand.
    pub(super) fn outside_or_same(&self, pause: Duration) -> Duration {
        match self {
            Self::Running { .. } => self.outside(pause),
            Self::Manual { .. } => pause,
        }
    }
}

/// Returns the moment that lies `by` after `moment`, or the last one that can be told.
pub(super) fn later(moment: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by)
        .ok()
        .and_then(|by| moment.checked_add(by).ok())
        .unwrap_or(Timestamp::MAX)
}

/// Writes a moment as both clouds do: UTC, whole seconds.
pub(super) fn text(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
