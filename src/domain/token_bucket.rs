//! A token bucket as one number: the arithmetic of the generic cell rate
//! algorithm, with time and state handed in.
//!
//! A bucket that grants a token every `interval`, and holds up to `burst` of
//! them, is full again at its *theoretical arrival time*. That time alone is
//! the state, so that processes can share a bucket through a small file.

use std::time::Duration;

/// Nanoseconds since an epoch that the caller chooses.
pub type Nanoseconds = u64;

/// How fast a bucket grants tokens, and how many it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenBucket {
    interval: Nanoseconds,
    burst: u32,
}

/// What a bucket remembers between two requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// When the bucket is full again; in the past means that it is full.
    pub full_at: Nanoseconds,
}

impl TokenBucket {
    /// A bucket that grants `tokens` in each `period`, and at most `burst` at
    /// once. Zero is read as one: a bucket that never grants would hang its
    /// callers for ever.
    pub fn new(tokens: u32, period: Duration, burst: u32) -> Self {
        let period = u64::try_from(period.as_nanos()).unwrap_or(u64::MAX);
        // Rounded up: a remainder must never make the bucket faster.
        let interval = period.div_ceil(u64::from(tokens.max(1))).max(1);
        Self { interval, burst: burst.max(1) }
    }

    /// The same bucket at a share of its pace and of its burst, for a pool
    /// that others draw on too. Shares outside of 0.01 to 1 are clamped.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "the share is clamped, and an interval is far below 2^52 nanoseconds"
    )]
    pub fn at_share(self, share: f64) -> Self {
        let share = if share.is_nan() { 1.0 } else { share.clamp(0.01, 1.0) };
        Self {
            interval: (self.interval as f64 / share).ceil() as u64,
            burst: ((f64::from(self.burst) * share).floor() as u32).max(1),
        }
    }

    /// Tokens per second in the long run.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a pace for display; an interval is far below 2^52 nanoseconds"
    )]
    pub fn pace(self) -> f64 {
        1e9 / self.interval as f64
    }

    /// Tokens that a full bucket holds.
    pub fn burst(self) -> u32 {
        self.burst
    }

    /// How long until a token is there; zero if one is there now.
    pub fn wait(self, level: Level, now: Nanoseconds) -> Duration {
        self.wait_behind(level, now, 0, 1)
    }

    /// How long until a token is there for whoever stands behind `ahead` others, each
    /// taking a token that weighs `weight`.
    pub fn wait_behind(self, level: Level, now: Nanoseconds, ahead: u32, weight: u32) -> Duration {
        let taken = self.interval.saturating_mul(u64::from(ahead)).saturating_mul(u64::from(weight.max(1)));
        let debt = self.debt(level, now).saturating_add(taken);
        Duration::from_nanos(debt.saturating_sub(self.slack()))
    }

    /// Whole tokens that are there now.
    pub fn left(self, level: Level, now: Nanoseconds) -> u32 {
        let capacity = self.interval.saturating_mul(u64::from(self.burst));
        let free = capacity.saturating_sub(self.debt(level, now));
        u32::try_from(free / self.interval).unwrap_or(self.burst)
    }

    /// Takes one token that weighs `weight`, whether or not it is there: ask
    /// [`wait`](Self::wait) first. A weight of two halves the pace without
    /// ever asking a bucket of one for two.
    #[must_use]
    pub fn take(self, level: Level, now: Nanoseconds, weight: u32) -> Level {
        let cost = self.interval.saturating_mul(u64::from(weight.max(1)));
        Level { full_at: now.saturating_add(self.debt(level, now)).saturating_add(cost) }
    }

    /// Gives back what a `take` of the same weight took.
    #[must_use]
    pub fn give_back(self, level: Level, weight: u32) -> Level {
        let cost = self.interval.saturating_mul(u64::from(weight.max(1)));
        Level { full_at: level.full_at.saturating_sub(cost) }
    }

    /// The level after someone else proved that no token is left.
    #[must_use]
    pub fn emptied(self, level: Level, now: Nanoseconds) -> Level {
        let empty = now.saturating_add(self.interval.saturating_mul(u64::from(self.burst)));
        Level { full_at: empty.max(now.saturating_add(self.debt(level, now))) }
    }

    /// How much of the bucket is used, as time until it is full.
    ///
    /// More than a legal sequence of takes can owe means that the clock was
    /// set back or the state comes from another configuration. It counts as an
    /// empty bucket, so that nobody waits for an hour that was never owed.
    fn debt(self, level: Level, now: Nanoseconds) -> Nanoseconds {
        let debt = level.full_at.saturating_sub(now);
        let capacity = self.interval.saturating_mul(u64::from(self.burst));
        if debt > capacity.saturating_add(self.interval) { capacity } else { debt }
    }

    /// How much may be owed while one more token can still be granted.
    fn slack(self) -> Nanoseconds {
        self.interval.saturating_mul(u64::from(self.burst.saturating_sub(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: u64 = 1_000_000_000;

    /// Takes tokens at each of `arrivals` (gaps in nanoseconds) where one is
    /// there, and returns the times of the grants.
    fn grants(bucket: TokenBucket, gaps: &[u64], weight: u32) -> Vec<u64> {
        let mut now = 1_000 * SECOND;
        let mut level = Level::default();
        let mut granted = Vec::new();
        for gap in gaps {
            now += gap;
            if bucket.wait(level, now).is_zero() {
                level = bucket.take(level, now, weight);
                granted.push(now);
            }
        }
        granted
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn no_window_holds_more_than_rate_times_time_plus_burst(
            tokens in 1_u32..60,
            period_seconds in 1_u64..30,
            burst in 1_u32..50,
            gaps in prop::collection::vec(0_u64..SECOND, 1..200),
            weight in 1_u32..3,
        ) {
            let bucket = TokenBucket::new(tokens, Duration::from_secs(period_seconds), burst);
            let granted = grants(bucket, &gaps, weight);
            for (first, start) in granted.iter().enumerate() {
                for (last, end) in granted.iter().enumerate().skip(first) {
                    // The last grant of the window found a token: what the ones before it
                    // took is no more than what was there and what came since.
                    let taken = (last - first) as u64 * u64::from(weight) * bucket.interval;
                    let there = u64::from(burst - 1) * bucket.interval + (end - start);
                    prop_assert!(taken <= there);
                }
            }
        }

        #[test]
        fn whoever_waits_as_told_is_granted(
            tokens in 1_u32..60,
            burst in 1_u32..50,
            takes in 1_usize..120,
        ) {
            let bucket = TokenBucket::new(tokens, Duration::from_secs(1), burst);
            let mut now = 5 * SECOND;
            let mut level = Level::default();
            for _ in 0..takes {
                now += u64::try_from(bucket.wait(level, now).as_nanos()).unwrap();
                prop_assert!(bucket.wait(level, now).is_zero());
                level = bucket.take(level, now, 1);
            }
            // The long-run pace is reached, not only kept below.
            let spent = takes as u64 - u64::from(burst).min(takes as u64);
            prop_assert_eq!(now - 5 * SECOND, spent * bucket.interval);
        }

        #[test]
        fn giving_back_undoes_a_take(full_at in 0_u64..100 * SECOND, weight in 1_u32..3) {
            let bucket = TokenBucket::new(10, Duration::from_secs(1), 1_000);
            let now = 50 * SECOND;
            let level = Level { full_at };
            let restored = bucket.give_back(bucket.take(level, now, weight), weight);
            prop_assert_eq!(bucket.left(restored, now), bucket.left(level, now));
        }
    }

    #[test]
    fn a_full_bucket_grants_its_burst_and_then_its_pace() {
        let bucket = TokenBucket::new(5, Duration::from_secs(1), 20);
        let mut level = Level::default();
        let now = 100 * SECOND;
        assert_eq!(bucket.left(level, now), 20);
        for _ in 0..20 {
            assert!(bucket.wait(level, now).is_zero());
            level = bucket.take(level, now, 1);
        }
        assert_eq!(bucket.left(level, now), 0);
        assert_eq!(bucket.wait(level, now), Duration::from_millis(200));
        assert!(bucket.wait(level, now + SECOND / 5).is_zero());
        assert_eq!(bucket.left(level, now + 4 * SECOND), 20);
    }

    #[test]
    fn half_a_share_is_half_of_pace_and_burst() {
        let bucket = TokenBucket::new(10, Duration::from_secs(1), 40).at_share(0.5);
        assert!((bucket.pace() - 5.0).abs() < 1e-6);
        assert_eq!(bucket.burst(), 20);
        assert_eq!(bucket.at_share(f64::NAN), bucket);
        assert_eq!(bucket.at_share(0.0).burst(), 1);
    }

    #[test]
    fn a_weight_of_two_halves_even_a_bucket_of_one() {
        let bucket = TokenBucket::new(1, Duration::from_secs(20), 1);
        let now = 100 * SECOND;
        let level = bucket.take(Level::default(), now, 2);
        assert_eq!(bucket.wait(level, now), Duration::from_secs(40));
    }

    #[test]
    fn an_emptied_bucket_makes_the_next_one_wait_an_interval() {
        let bucket = TokenBucket::new(5, Duration::from_secs(1), 20);
        let level = bucket.emptied(Level::default(), 7 * SECOND);
        assert_eq!(bucket.left(level, 7 * SECOND), 0);
        assert_eq!(bucket.wait(level, 7 * SECOND), Duration::from_millis(200));
    }

    #[test]
    fn a_clock_that_was_set_back_costs_no_more_than_an_empty_bucket() {
        let bucket = TokenBucket::new(5, Duration::from_secs(1), 20);
        let level = Level { full_at: 10_000 * SECOND };
        assert_eq!(bucket.wait(level, SECOND), Duration::from_millis(200));
    }
}
