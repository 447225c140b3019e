//! What a stage's cache answers: nothing right after a flush, then what is popular, and after a while nearly
//! everything that is asked for again within the TTL.

/// How unequal keys are: the n-th most asked for is asked `1 / n^SKEW` as often as the first.
const SKEW: f64 = 0.6;

/// Keys of one method, in groups of about equal popularity.
#[derive(Clone, Debug, PartialEq)]
pub struct KeySpace {
    groups: Vec<Group>,
}

#[derive(Clone, Debug, PartialEq)]
struct Group {
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
            groups.push(Group { share: count * middle.powf(-SKEW), share_of_one: middle.powf(-SKEW) });
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
    /// `rate` is the method's requests a second, `age` the seconds since the cache was emptied (`None`: long ago),
    /// `ttl` the seconds for which an answer is kept.
    pub fn hit_probability(&self, rate: f64, age: Option<f64>, ttl: f64) -> f64 {
        if rate <= 0.0 || ttl <= 0.0 {
            return 0.0;
        }
        let of_group = |group: &Group| {
            let rate_of_one = rate * group.share_of_one;
            // A key is asked for once to fill it, and then answered for the TTL.
            let settled = rate_of_one * ttl / (1.0 + rate_of_one * ttl);
            // Since the cache was emptied the key is in only if it has been asked for since.
            let seen = age.map_or(1.0, |age| 1.0 - (-rate_of_one * age.max(0.0)).exp());
            group.share * settled.min(seen)
        };
        self.groups.iter().map(of_group).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_flush_empties_the_cache_and_minutes_refill_it() {
        let keys = KeySpace::new(5_000);
        let at = |age: Option<f64>| keys.hit_probability(80.0, age, 300.0);
        let settled = at(None);
        assert!(at(Some(0.0)) < 1e-9);
        assert!(at(Some(5.0)) < settled * 0.5);
        assert!(at(Some(30.0)) > settled * 0.55);
        assert!(at(Some(120.0)) > settled * 0.85);
        assert!((0.75..0.95).contains(&settled), "{settled}");
    }

    #[test]
    fn a_longer_ttl_answers_more() {
        let keys = KeySpace::new(5_000);
        assert!(keys.hit_probability(80.0, None, 30.0) < keys.hit_probability(80.0, None, 300.0));
        assert!(keys.hit_probability(80.0, None, 0.0).abs() < 1e-9);
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
            let now = keys.hit_probability(rate, Some(age), ttl);
            let later = keys.hit_probability(rate, Some(age + 10.0), ttl);
            let settled = keys.hit_probability(rate, None, ttl);
            prop_assert!(0.0 <= now && now <= later + 1e-12 && later <= settled + 1e-12 && settled <= 1.0 + 1e-9);
        }
    }
}
