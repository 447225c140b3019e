//! The request quotas of API Gateway's control plane, one pool for v1 and v2.

mod pace;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

pub use self::pace::Pace;
use self::pace::PaceLog;
use super::fault::Fault;

/// Tokens that come back at a rate, up to a burst.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    rate: f64,
    burst: f64,
    tokens: f64,
    filled_at: Timestamp,
}

impl Bucket {
    /// A full bucket: tokens a second, and how many it holds.
    pub fn full(rate: f64, burst: f64, now: Timestamp) -> Self {
        Self { rate, burst, tokens: burst, filled_at: now }
    }

    fn refill(&mut self, now: Timestamp) {
        let passed = now.duration_since(self.filled_at).as_secs_f64().max(0.0);
        self.tokens = (self.tokens + passed * self.rate).min(self.burst);
        self.filled_at = self.filled_at.max(now);
    }

    /// Takes a token, if there is one.
    pub fn take(&mut self, now: Timestamp) -> bool {
        self.refill(now);
        let there_is = self.tokens >= 1.0;
        if there_is {
            self.tokens -= 1.0;
        }
        there_is
    }

    /// Seconds until there is a token.
    fn wait(&self) -> f64 {
        ((1.0 - self.tokens) / self.rate).max(0.0)
    }
}

/// AWS: all operations together, per account and region; no increase to be had.
const SHARED_RATE: f64 = 10.0;
const SHARED_BURST: f64 = 40.0;

/// AWS: operations with a quota of their own, as requests per so many seconds.
const OWN_QUOTAS: [(&str, f64, f64); 3] =
    [("GetResources", 5.0, 2.0), ("UpdateUsagePlan", 1.0, 20.0), ("CreateDeployment", 1.0, 5.0)];

/// The buckets of one account in one region.
#[derive(Debug)]
pub struct ControlPlaneQuotas {
    buckets: Mutex<Buckets>,
}

#[derive(Debug)]
struct Buckets {
    shared: Bucket,
    own: HashMap<&'static str, Bucket>,
    pace: PaceLog,
}

impl ControlPlaneQuotas {
    /// Full buckets.
    pub fn new(now: Timestamp) -> Self {
        let own = OWN_QUOTAS
            .into_iter()
            .map(|(operation, count, seconds)| (operation, Bucket::full(count / seconds, count, now)))
            .collect();
        let shared = Bucket::full(SHARED_RATE, SHARED_BURST, now);
        Self { buckets: Mutex::new(Buckets { shared, own, pace: PaceLog::default() }) }
    }

    /// Takes a token for the operation, or says when to come again. A refused request costs nothing.
    pub fn take(&self, operation: &str, now: Timestamp) -> Result<(), Fault> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let Buckets { shared, own, pace } = &mut *buckets;
        let mut needed: Vec<&mut Bucket> = own.get_mut(operation).into_iter().chain([shared]).collect();
        let mut wait: f64 = 0.0;
        for bucket in &mut needed {
            bucket.refill(now);
            wait = wait.max(bucket.wait());
        }
        pace.note(now, wait <= 0.0);
        if wait > 0.0 {
            return Err(Fault::too_many_requests(whole_seconds(wait)));
        }
        for bucket in needed {
            bucket.tokens -= 1.0;
        }
        Ok(())
    }

    /// How many requests were accepted and throttled from a time on, at most ten minutes back.
    pub fn pace(&self, since: Timestamp) -> Pace {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).pace.since(since)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a wait lies between 0 and 20 s")]
fn whole_seconds(wait: f64) -> u64 {
    wait.ceil().max(1.0) as u64
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn forty_at_once_then_ten_a_second() {
        let start = Timestamp::UNIX_EPOCH;
        let quotas = ControlPlaneQuotas::new(start);
        let granted = |at| (0..100).filter(|_| quotas.take("GetStage", at).is_ok()).count();
        assert_eq!(granted(start), 40);
        assert_eq!(granted(start + SignedDuration::from_secs(1)), 10);
    }

    #[test]
    fn a_quota_of_its_own_does_not_eat_the_shared_one_when_it_refuses() {
        let start = Timestamp::UNIX_EPOCH;
        let quotas = ControlPlaneQuotas::new(start);
        assert_eq!((0..50).filter(|_| quotas.take("GetResources", start).is_ok()).count(), 5);
        assert_eq!((0..50).filter(|_| quotas.take("GetStage", start).is_ok()).count(), 35);
    }

    #[test]
    fn what_was_accepted_and_throttled_is_counted_by_the_second() {
        let start = Timestamp::UNIX_EPOCH;
        let quotas = ControlPlaneQuotas::new(start);
        for _ in 0..50 {
            let _ = quotas.take("GetStage", start);
        }
        let later = start + SignedDuration::from_secs(1);
        assert!(quotas.take("GetStage", later).is_ok());
        assert_eq!(quotas.pace(start), Pace { accepted: 41, throttled: 10 });
        assert_eq!(quotas.pace(later), Pace { accepted: 1, throttled: 0 });
    }

    #[test]
    fn a_refusal_says_when_to_come_again() {
        let start = Timestamp::UNIX_EPOCH;
        let quotas = ControlPlaneQuotas::new(start);
        assert!(quotas.take("UpdateUsagePlan", start).is_ok());
        let fault = quotas.take("UpdateUsagePlan", start + SignedDuration::from_secs(5)).unwrap_err();
        assert_eq!(fault.retry_after_seconds, Some(15));
        assert!(quotas.take("UpdateUsagePlan", start + SignedDuration::from_secs(20)).is_ok());
    }
}
