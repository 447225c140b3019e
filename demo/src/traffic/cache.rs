//! What a stage's cache answers: nothing right after a flush, then what is popular, and after a while nearly
//! everything that is asked for again within the TTL.

use jiff::Timestamp;

/// How unequal keys are: the n-th most asked for is asked `1 / n^SKEW` as often as the first.
const SKEW: f64 = 0.6;

/// Keys of one method, in groups of about equal popularity.
#[derive(Clone, Debug, PartialEq)]
pub struct KeySpace {
    groups: Vec<Group>,
}

#[derive(Clone, Debug, PartialEq)]
struct Group {
    /// The most popular key's place, from 1.
    first: u32,
    /// The share of requests that ask for any key of the group.
    share: f64,
    /// The share of requests that ask for one key of the group.
    share_of_one: f64,
}

impl KeySpace {
    /// A space of this many keys, at least one.
    pub fn new(keys: u32) -> Self {
        let keys = keys.max(1);
        // Each group reaches twice as far as the one before, which leaves a factor of two at most within.
        let mut groups = Vec::new();
        let mut first = 1_u32;
        while first <= keys {
            let last = first.saturating_mul(2).saturating_sub(1).min(keys);
            let count = f64::from(last - first + 1);
            let middle = f64::from(first).midpoint(f64::from(last));
            groups.push(Group { first, share: count * middle.powf(-SKEW), share_of_one: middle.powf(-SKEW) });
            first = last.saturating_add(1);
            if last == u32::MAX {
                break;
            }
        }
        let total: f64 = groups.iter().map(|group| group.share).sum();
        for group in &mut groups {
            group.share /= total;
            group.share_of_one /= total;
        }
        Self { groups }
    }

    /// The probability that a request is answered from the cache.
    ///
    /// `rate` is the method's requests a second, `age` the seconds for which the cache has been filling since it was
    /// emptied, `ttl` the seconds for which an answer is kept; only the `fits` most popular keys find room.
    pub fn hit_probability(&self, rate: f64, age: f64, ttl: f64, fits: u32) -> f64 {
        if rate <= 0.0 || ttl <= 0.0 {
            return 0.0;
        }
        let of_group = |group: &Group| {
            let rate_of_one = rate * group.share_of_one;
            // A key is asked for once to fill it, and then answered for the TTL.
            let settled = rate_of_one * ttl / (1.0 + rate_of_one * ttl);
            // Since the cache was emptied the key is in only if it has been asked for since.
            let seen = 1.0 - (-rate_of_one * age.max(0.0)).exp();
            group.share * settled.min(seen)
        };
        self.groups.iter().take_while(|group| group.first <= fits).map(of_group).sum()
    }
}

/// For how long a cache has been filling. A backend that fails fills nothing, and what was in expires meanwhile:
/// that is what keeps a stampede going.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fill {
    seconds: f64,
    emptied_at: Option<Timestamp>,
}

/// Seconds after which a cache is as full as it gets, in times of the TTL.
const FULL: f64 = 12.0;
/// Seconds that a warm cache has been filling for.
const WARM: f64 = 12.0 * 3_600.0;

impl Fill {
    /// A cache that has been filling for long; that it was emptied at this time is known already.
    pub fn warm(emptied_at: Option<Timestamp>) -> Self {
        Self { seconds: WARM, emptied_at }
    }

    /// Seconds of filling at this time, where `emptied_at` is when the cache was last emptied.
    pub fn age(&mut self, emptied_at: Option<Timestamp>, now: Timestamp) -> f64 {
        if emptied_at.is_some() && emptied_at != self.emptied_at {
            self.emptied_at = emptied_at;
            let since = emptied_at.map_or(0.0, |at| now.duration_since(at).as_secs_f64());
            self.seconds = since.max(0.0);
        }
        self.seconds
    }

    /// Lets some seconds pass in which this share of what the cache lacked was answered well.
    pub fn pass(&mut self, seconds: f64, served: f64, ttl: f64) {
        let most = (FULL * ttl).max(1.0);
        let kept = self.seconds.min(if served < 1.0 { most } else { WARM });
        let expired = (1.0 - served) * kept.min(ttl) / ttl.max(1.0);
        self.seconds = (kept + seconds * (served - expired)).clamp(0.0, WARM);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_flush_empties_the_cache_and_minutes_refill_it() {
        let keys = KeySpace::new(5_000);
        let at = |age: f64| keys.hit_probability(80.0, age, 300.0, u32::MAX);
        let settled = at(WARM);
        assert!(at(0.0) < 1e-9);
        assert!(at(5.0) < settled * 0.5);
        assert!(at(30.0) > settled * 0.55);
        assert!(at(120.0) > settled * 0.85);
        assert!((0.75..0.95).contains(&settled), "{settled}");
    }

    #[test]
    fn a_longer_ttl_answers_more() {
        let keys = KeySpace::new(5_000);
        let settled = |ttl, fits| keys.hit_probability(80.0, WARM, ttl, fits);
        assert!(settled(30.0, u32::MAX) < settled(300.0, u32::MAX));
        assert!(settled(0.0, u32::MAX).abs() < 1e-9);
        assert!(settled(300.0, 100) < 0.7 * settled(300.0, u32::MAX));
    }

    #[test]
    fn a_cache_doesnt_fill_from_a_backend_that_fails() {
        let start: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let mut fill = Fill::warm(None);
        assert!((fill.age(Some(start), start) - 0.0).abs() < 1e-9);
        (0..60).for_each(|_| fill.pass(1.0, 0.0, 300.0));
        assert!(fill.age(Some(start), start).abs() < 1e-9);
        (0..60).for_each(|_| fill.pass(1.0, 1.0, 300.0));
        assert!((fill.age(Some(start), start) - 60.0).abs() < 1e-9);
        (0..3_600).for_each(|_| fill.pass(1.0, 0.0, 300.0));
        assert!(fill.age(Some(start), start) < 5.0);
    }

    proptest! {
        #[test]
        fn it_is_a_probability_and_grows_with_age(
            keys in 0_u32..1_000_000,
            rate in 0.0_f64..10_000.0,
            age in 0.0_f64..1_000.0,
            ttl in 0.0_f64..3_600.0,
        ) {
            let keys = KeySpace::new(keys);
            let now = keys.hit_probability(rate, age, ttl, u32::MAX);
            let later = keys.hit_probability(rate, age + 10.0, ttl, u32::MAX);
            let settled = keys.hit_probability(rate, f64::INFINITY, ttl, u32::MAX);
            prop_assert!(0.0 <= now && now <= later + 1e-12 && later <= settled + 1e-12 && settled <= 1.0 + 1e-9);
        }
    }
}
