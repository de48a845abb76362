//! How long the pauses between questions are.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};

/// How much faster than usual pauses are. The demo's clouds can run faster than real ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace(f64);

impl Default for Pace {
    fn default() -> Self {
        Self(1.0)
    }
}

impl Pace {
    /// Returns a pace that many times as fast; anything but a positive number is taken as 1.
    pub fn times(speed: f64) -> Self {
        if speed.is_finite() && speed > 0.0 {
            Self(speed)
        } else {
            Self::default()
        }
    }

    fn scaled(self, duration: Duration) -> Duration {
        duration.div_f64(self.0)
    }

    /// Pauses while a change of IAM or of a key spreads: first 1 s, doubling to 15 s, with jitter.
    pub(crate) fn propagation(self) -> impl Iterator<Item = Duration> {
        self.growing(Duration::from_secs(1), 2.0, Duration::from_secs(15))
    }

    /// Pauses while a cluster changes: first between 0.5 and 1 s, then ever longer up to 10 s.
    pub(crate) fn cluster(self) -> impl Iterator<Item = Duration> {
        self.growing(Duration::from_millis(500), 1.4, Duration::from_secs(10))
    }

    fn growing(self, first: Duration, factor: f32, most: Duration) -> impl Iterator<Item = Duration> {
        // The builder adds up to as much again at random; half of it stays within the figures above.
        ExponentialBuilder::default()
            .with_min_delay(first / 2)
            .with_factor(factor)
            .with_max_delay(most / 2)
            .without_max_times()
            .with_jitter()
            .build()
            .map(move |pause| self.scaled(pause + first / 2))
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
        let spread: Vec<_> = Pace::times(10.0).propagation().take(10).collect();
        assert!(spread[0] <= Duration::from_millis(150), "{:?}", spread[0]);
    }

    #[test]
    fn nonsense_is_the_usual_pace() {
        for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Pace::times(speed), Pace::default());
        }
    }
}
