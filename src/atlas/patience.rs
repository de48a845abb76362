//! How long the client goes on by itself, and what a service says about it.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use jiff::Timestamp;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// The pauses between attempts. Tests shorten them; everyone else takes the default.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The first pause where the service names none; it doubles from here, with jitter.
    pub first: Duration,
    /// The longest such pause.
    pub longest: Duration,
    /// For how long one request is held back by limits (429, 503) before the operator is told.
    pub total: Duration,
    /// How often a read is repeated after 500, 502, 504 or a broken connection.
    pub repeats: usize,
    /// For how long such a read is repeated instead of so often, where somebody waits for what goes on meanwhile.
    pub outage: Option<Duration>,
    /// How long a host that never answered in this run is tried.
    pub unreached: Duration,
    /// The pause at the token endpoint, whose limit is per minute.
    pub token: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(40),
            total: Duration::from_mins(5),
            repeats: 4,
            outage: None,
            unreached: Duration::from_secs(8),
            token: Duration::from_mins(1),
        }
    }
}

/// How often it is looked at least whether an outage is over.
const LOOKS: Duration = Duration::from_secs(10);

impl Patience {
    /// Returns the pauses after 429 and 503 without `Retry-After`.
    pub(super) fn limits(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        self.doubling().without_max_times().build()
    }

    /// Returns the pauses after the service's own errors and broken connections.
    pub(super) fn faults(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        match self.outage {
            Some(_) => self
                .doubling()
                .with_max_delay(self.longest.min(LOOKS))
                .without_max_times(),
            None => self.doubling().with_max_times(self.repeats),
        }
        .build()
    }

    fn doubling(&self) -> ExponentialBuilder {
        ExponentialBuilder::new()
            .with_min_delay(self.first)
            .with_max_delay(self.longest)
            .with_jitter()
    }
}

/// Returns up to a tenth of a pause: clients that were stopped together don't come back together.
pub(super) fn jitter(pause: Duration) -> Duration {
    pause.mul_f64(fastrand::f64() / 10.0)
}

/// More than anyone waits, and still something to reckon with.
const LONGEST_WAIT: Duration = Duration::from_hours(24 * 365);

/// Reads `Retry-After`: seconds, or an HTTP date judged by the answer's own `Date`, since clocks differ.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds).min(LONGEST_WAIT));
    }
    let date = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp());
    let until = date(text)?;
    let from = headers
        .get(DATE)
        .and_then(|value| date(value.to_str().ok()?))
        .unwrap_or(now);
    // A date that is past means now.
    let wait = Duration::try_from(until.duration_since(from)).unwrap_or(Duration::ZERO);
    Some(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(reqwest::header::HeaderName, &str)]) -> Option<Duration> {
        let headers = pairs
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()))
            .collect();
        retry_after(&headers, "2026-11-25T10:00:00Z".parse().unwrap())
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[(RETRY_AFTER, "7")]), Some(Duration::from_secs(7)));
        assert_eq!(
            read(&[(RETRY_AFTER, "Wed, 25 Nov 2026 10:00:30 GMT")]),
            Some(Duration::from_secs(30))
        );
        assert_eq!(
            read(&[(RETRY_AFTER, "Wed, 25 Nov 2026 09:00:00 GMT")]),
            Some(Duration::ZERO)
        );
        assert_eq!(read(&[(RETRY_AFTER, "18446744073709551615")]), Some(LONGEST_WAIT));
        for odd in ["", "soon", "-1", "1.5"] {
            assert_eq!(read(&[(RETRY_AFTER, odd)]), None, "{odd}");
        }
    }

    #[test]
    fn the_servers_clock_decides_about_its_date() {
        let late = [
            (RETRY_AFTER, "Wed, 25 Nov 2026 12:00:05 GMT"),
            (DATE, "Wed, 25 Nov 2026 12:00:00 GMT"),
        ];
        assert_eq!(read(&late), Some(Duration::from_secs(5)));
    }

    #[test]
    fn pauses_double_up_to_the_longest_with_jitter() {
        let pauses: Vec<f64> = Patience::default()
            .limits()
            .take(10)
            .map(|pause| pause.as_secs_f64())
            .collect();
        for (nth, pause) in pauses.iter().enumerate() {
            let base = 2f64.powi(i32::try_from(nth).unwrap()).min(40.0);
            assert!((base..=2.0 * base).contains(pause), "{pauses:?}");
        }
        assert_eq!(Patience::default().faults().count(), 4);
    }
}
