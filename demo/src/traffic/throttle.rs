//! Token buckets: how many requests a throttle lets through.

use super::chance::whole;
use crate::estate::Throttle;
use crate::metrics::as_weight;

/// A bucket. AWS: `rate` tokens a second flow in, `burst` fit in, each request takes one.
#[derive(Clone, Debug, Default)]
pub struct TokenBucket {
    /// `None` until first refilled, and without a throttle.
    tokens: Option<f64>,
}

impl TokenBucket {
    /// Lets the tokens of some seconds flow in.
    pub fn refill(&mut self, throttle: Throttle, seconds: f64) {
        #[expect(clippy::cast_precision_loss, reason = "a burst is a small number")]
        let burst = throttle.burst as f64;
        self.tokens = if is_off(throttle) {
            None
        } else {
            // What is over the burst spilt since the last time; what flows in can be used while it does.
            Some(self.tokens.unwrap_or(burst).min(burst) + throttle.rate * seconds)
        };
    }

    /// As much as the rate gives in these seconds and no burst: what a throttle lets through in the long run.
    pub fn fluid(throttle: Throttle, seconds: f64) -> Self {
        Self { tokens: (!is_off(throttle)).then_some(throttle.rate * seconds) }
    }

    /// How many of so many requests are let through.
    pub fn take(&mut self, requests: u64) -> u64 {
        let Some(tokens) = &mut self.tokens else { return requests };
        let admitted = requests.min(whole(*tokens));
        *tokens -= as_weight(admitted);
        admitted
    }
}

/// AWS: -1 clears a stage's throttle.
fn is_off(throttle: Throttle) -> bool {
    throttle.rate < 0.0 || throttle.burst < 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn admitted(throttle: Throttle, requests: u64, seconds: u32) -> u64 {
        let mut bucket = TokenBucket::default();
        let each = |_| {
            bucket.refill(throttle, 1.0);
            bucket.take(requests)
        };
        (0..seconds).map(each).sum()
    }

    #[test]
    fn a_zero_throttle_lets_nothing_through() {
        // What a partial UpdateStage of an HTTP API does to its traffic.
        assert_eq!(admitted(Throttle { rate: 0.0, burst: 0 }, 100, 3), 0);
    }

    #[test]
    fn no_throttle_lets_everything_through() {
        assert_eq!(admitted(Throttle { rate: -1.0, burst: -1 }, 100, 3), 300);
    }

    #[test]
    fn a_burst_passes_once() {
        assert_eq!(admitted(Throttle { rate: 10.0, burst: 50 }, 100, 1), 60);
        assert_eq!(admitted(Throttle { rate: 10.0, burst: 50 }, 100, 2), 70);
    }

    proptest! {
        #[test]
        fn over_time_the_rate_holds(rate in 0.0_f64..500.0, burst in 0_i64..1_000, requests in 0_u64..2_000) {
            let most = 100.0 * rate + as_weight(burst.unsigned_abs());
            let admitted = admitted(Throttle { rate, burst }, requests, 100);
            prop_assert!(as_weight(admitted) <= most + 1e-6);
        }
    }
}
