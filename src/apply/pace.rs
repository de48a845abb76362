//! How long the pauses between questions are.

use std::time::{Duration, Instant};

use backon::{BackoffBuilder as _, ExponentialBuilder};

/// A minute without network must not end a wait; a request into the void takes another one to be given up.
const OUTAGE: Duration = Duration::from_mins(3);

/// How much faster than usual pauses are (the demo's clouds can run faster than real ones), and how long a change may
/// take to spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    speed: f64,
    wait_limit: Option<Duration>,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            speed: 1.0,
            wait_limit: None,
        }
    }
}

impl Pace {
    /// Returns a pace that many times as fast; anything but a positive number is taken as 1.
    pub fn times(speed: f64) -> Self {
        if speed.is_finite() && speed > 0.0 {
            Self {
                speed,
                ..Self::default()
            }
        } else {
            Self::default()
        }
    }

    /// Sets how long a change of IAM, of a key or of a setting may take to spread before it is given up; by default each
    /// has a limit of its own, three minutes where IAM has to spread.
    #[must_use]
    pub fn with_wait_limit(self, limit: Duration) -> Self {
        Self {
            wait_limit: Some(limit),
            ..self
        }
    }

    /// Returns for how long a wait goes on while the service can't be read.
    pub(crate) fn outage(self) -> Duration {
        self.scaled(OUTAGE)
    }

    fn scaled(self, duration: Duration) -> Duration {
        duration.div_f64(self.speed)
    }

    /// A wait while a change of IAM or of a key spreads: pauses of 1 s, doubling to 15 s, with jitter.
    pub(crate) fn propagation(self, limit: Duration) -> LimitedWait {
        LimitedWait {
            pace: self,
            pauses: Box::new(growing(Duration::from_secs(1), 2.0, Duration::from_secs(15))),
            began: Instant::now(),
            paused: Duration::ZERO,
            last: Duration::ZERO,
            limit,
        }
    }

    /// The same, for as long as a change may take to spread: `limit`, where no other was set.
    pub(crate) fn spreading(self, limit: Duration) -> LimitedWait {
        self.propagation(self.wait_limit.unwrap_or(limit))
    }

    /// A wait for people: pauses of 2 s, growing to 30 s, for as long as was set, else `limit`.
    pub(crate) fn for_people(self, limit: Duration) -> LimitedWait {
        LimitedWait {
            pauses: Box::new(growing(Duration::from_secs(2), 1.5, Duration::from_secs(30))),
            ..self.spreading(limit)
        }
    }

    /// A wait with pauses of the same length.
    pub(crate) fn steady(self, pause: Duration, limit: Duration) -> LimitedWait {
        LimitedWait {
            pauses: Box::new(std::iter::repeat(pause)),
            ..self.propagation(limit)
        }
    }

    /// Pauses while a cluster changes: first between 0.5 and 1 s, then ever longer up to 10 s.
    pub(crate) fn cluster(self) -> impl Iterator<Item = Duration> {
        growing(Duration::from_millis(500), 1.4, Duration::from_secs(10)).map(move |pause| self.scaled(pause))
    }
}

fn growing(first: Duration, factor: f32, most: Duration) -> impl Iterator<Item = Duration> + Send + use<> {
    // The builder adds up to as much again at random; half of it stays within the figures above.
    ExponentialBuilder::default()
        .with_min_delay(first / 2)
        .with_factor(factor)
        .with_max_delay(most / 2)
        .without_max_times()
        .with_jitter()
        .build()
        .map(move |pause| pause + first / 2)
}

/// A wait that is given up. At any pace it has as many pauses: they are what counts, where they are shorter than usual.
pub(crate) struct LimitedWait {
    pace: Pace,
    pauses: Box<dyn Iterator<Item = Duration> + Send>,
    began: Instant,
    /// At the usual pace.
    paused: Duration,
    last: Duration,
    limit: Duration,
}

impl LimitedWait {
    /// Returns the next pause; `None` if it would go beyond the limit.
    pub(crate) fn pause(&mut self) -> Option<Duration> {
        let pause = self.pauses.next()?;
        if self.lasted() + pause > self.limit {
            return None;
        }
        self.paused += pause;
        self.last = pause;
        Some(self.pace.scaled(pause))
    }

    /// The last pause was cut short: it doesn't count.
    pub(crate) fn cut_short(&mut self) {
        self.paused = self.paused.saturating_sub(std::mem::take(&mut self.last));
    }

    /// Returns how long it has lasted, at the usual pace.
    pub(crate) fn lasted(&self) -> Duration {
        self.began.elapsed().mul_f64(self.pace.speed.min(1.0)).max(self.paused)
    }

    /// Returns how long it may last at most.
    pub(crate) fn limit(&self) -> Duration {
        self.pace.scaled(self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_within_their_bounds() {
        let pauses: Vec<_> = Pace::default().cluster().take(40).collect();
        assert!(
            pauses[0] >= Duration::from_millis(500) && pauses[0] <= Duration::from_secs(1),
            "{:?}",
            pauses[0]
        );
        assert!(
            pauses.iter().all(|pause| *pause <= Duration::from_millis(10_500)),
            "{pauses:?}"
        );
        assert!(pauses[39] > Duration::from_secs(5), "{:?}", pauses[39]);
        let mut spread = Pace::times(10.0).propagation(Duration::from_mins(3));
        let first = spread.pause();
        assert!(
            first.is_some_and(|pause| pause <= Duration::from_millis(150)),
            "{first:?}"
        );
    }

    #[test]
    fn a_wait_has_as_many_pauses_at_any_pace() {
        for speed in [1.0, 1000.0] {
            let mut wait = Pace::times(speed).propagation(Duration::from_mins(3));
            // A pause that isn't slept through: what was asked for counts.
            let pauses = std::iter::from_fn(|| wait.pause()).count();
            assert!((12..=26).contains(&pauses), "{pauses}");
            assert!(wait.lasted() > Duration::from_secs(160) && wait.lasted() <= Duration::from_mins(3));
            assert_eq!(wait.limit(), Duration::from_mins(3).div_f64(speed));
        }
    }

    #[test]
    fn a_pause_that_was_cut_short_uses_nothing_up() {
        let mut wait = Pace::times(1000.0).for_people(Duration::from_mins(5));
        for _ in 0..1000 {
            assert!(wait.pause().is_some());
            wait.cut_short();
        }
        let pauses = std::iter::from_fn(|| wait.pause()).count();
        assert!((8..=20).contains(&pauses), "{pauses}");
    }

    #[test]
    fn the_limit_that_was_set_holds_for_what_spreads() {
        let minute = Duration::from_mins(1);
        let pace = Pace::default().with_wait_limit(Duration::from_mins(5));
        assert_eq!(pace.spreading(minute).limit(), Duration::from_mins(5));
        assert_eq!(pace.propagation(minute).limit(), minute);
        assert_eq!(Pace::default().spreading(minute).limit(), minute);
    }

    #[test]
    fn nonsense_is_the_usual_pace() {
        for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Pace::times(speed), Pace::default());
        }
    }
}
