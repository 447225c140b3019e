//! A throttle as a token bucket, in exact arithmetic: millionths of a request.

use crate::domain::stage::Throttle;

/// Millionths of a request.
pub(super) type Tokens = u128;

/// One request.
pub(super) const REQUEST: Tokens = 1_000_000;

/// A token bucket: refilled with `rate` requests per second, holding up to `burst`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Millionths of a request per second.
    rate: u64,
    burst: u64,
}

impl Bucket {
    /// `rate` in requests per second, to the millionth; less than zero, or not a number, is zero.
    pub fn new(rate: f64, burst: u64) -> Self {
        Self { rate: millionths(rate), burst }
    }

    /// The bucket of a throttle. What it leaves out, the wider `around` limits, such as the
    /// account's. None where neither sets the rate or the burst: nothing is refused for it.
    /// A negative limit means no limit here. AWS: tools write `-1` to clear a stage's throttle.
    pub fn of(throttle: Throttle, around: Throttle) -> Option<Self> {
        let set = |rate: Option<f64>| rate.filter(|rate| *rate >= 0.0);
        let rate = set(throttle.rate).or(set(around.rate))?;
        let burst = |burst: Option<i64>| burst.and_then(|burst| u64::try_from(burst).ok());
        let burst = burst(throttle.burst).or(burst(around.burst))?;
        Some(Self::new(rate, burst))
    }

    /// Requests per second that it lets through in the long run.
    #[expect(clippy::cast_precision_loss, reason = "a rate for display and for thresholds")]
    pub fn rate(self) -> f64 {
        self.rate as f64 / 1e6
    }

    /// Requests that it lets through at once.
    pub fn burst(self) -> u64 {
        self.burst
    }

    /// Whether it lets less through than another, in the long run or at once; nothing else limits where there
    /// is no other.
    pub fn is_tighter_than(self, other: Option<Self>) -> bool {
        other.is_none_or(|other| self.rate < other.rate || self.burst < other.burst)
    }

    /// As much as so many of these buckets together.
    #[must_use]
    pub(super) fn times(self, buckets: u32) -> Self {
        let buckets = u64::from(buckets);
        Self { rate: self.rate.saturating_mul(buckets), burst: self.burst.saturating_mul(buckets) }
    }

    /// What it holds when it is full.
    pub(super) fn full(self) -> Tokens {
        Tokens::from(self.burst) * REQUEST
    }

    /// What comes in so many seconds. A bucket that can hold nothing is never refilled.
    pub(super) fn refill(self, seconds: u32) -> Tokens {
        if self.burst == 0 { 0 } else { Tokens::from(self.rate) * Tokens::from(seconds) }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from a float saturates, and what is not a number becomes zero"
)]
fn millionths(rate: f64) -> u64 {
    (rate * 1e6).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_throttle_leaves_out_the_wider_one_limits() {
        let account = Throttle { rate: Some(10_000.0), burst: Some(5_000) };
        let only_rate = Throttle { rate: Some(50.0), burst: None };
        assert_eq!(Bucket::of(only_rate, account), Some(Bucket::new(50.0, 5_000)));
        let cleared = Throttle { rate: Some(-1.0), burst: Some(-1) };
        assert_eq!(Bucket::of(cleared, account), Some(Bucket::new(10_000.0, 5_000)));
        assert_eq!(Bucket::of(only_rate, Throttle::default()), None);
    }

    #[test]
    fn a_bucket_without_room_is_never_refilled() {
        assert_eq!(Bucket::new(1_000.0, 0).refill(60), 0);
        assert_eq!(Bucket::new(0.5, 1).refill(60), 30 * REQUEST);
        assert_eq!(Bucket::new(f64::NAN, 1).refill(60), 0);
    }
}
