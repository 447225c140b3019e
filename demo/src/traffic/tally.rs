//! How requests ended. Each ends in exactly one of the outcomes counted here.

use std::ops::AddAssign;

use crate::ledger::Outcome;

/// Requests by outcome, and the cache's misses among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// 429 from the gateway: any throttle, or the quota.
    pub throttled: u64,
    /// Another 4xx from the gateway: blocked by WAF, not authorised, no valid key, no such method, invalid.
    pub refused: u64,
    /// 5xx from the gateway: its authorizer failed.
    pub failed: u64,
    /// Answered from the stage's cache.
    pub cache_hits: u64,
    /// Answered well by the backend.
    pub succeeded: u64,
    /// 4xx from the backend, and 429 from the router for a full cell.
    pub client_errors: u64,
    /// 5xx from the backend.
    pub server_errors: u64,
    /// No answer from the backend in time: 504 from the gateway.
    pub timed_out: u64,
    /// Requests that asked the cache in vain. They went on to the backend and are counted there.
    pub cache_misses: u64,
}

impl Tally {
    /// All requests.
    pub fn requests(&self) -> u64 {
        self.throttled + self.refused + self.failed + self.cache_hits + self.backend()
    }

    /// Counts requests that ended so.
    pub fn count(&mut self, outcome: Outcome, requests: u64) {
        *match outcome {
            Outcome::PlanThrottled
            | Outcome::OverQuota
            | Outcome::StageThrottled
            | Outcome::AccountThrottled => &mut self.throttled,
            Outcome::WafBlocked
            | Outcome::Unauthorized
            | Outcome::AccessDenied
            | Outcome::InvalidApiKey
            | Outcome::MissingMethod
            | Outcome::Invalid => &mut self.refused,
            Outcome::AuthorizerFailure => &mut self.failed,
            Outcome::CacheHit => &mut self.cache_hits,
            Outcome::Succeeded => &mut self.succeeded,
            Outcome::CellFull | Outcome::ClientError => &mut self.client_errors,
            Outcome::ServerError => &mut self.server_errors,
            Outcome::TimedOut => &mut self.timed_out,
        } += requests;
    }

    /// Requests that went to the backend.
    pub fn backend(&self) -> u64 {
        self.succeeded + self.client_errors + self.server_errors + self.timed_out
    }

    /// AWS: the 4xx metrics count throttled requests too.
    pub fn all_4xx(&self) -> u64 {
        self.throttled + self.refused + self.client_errors
    }

    /// All 5xx.
    pub fn all_5xx(&self) -> u64 {
        self.failed + self.server_errors + self.timed_out
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.throttled += other.throttled;
        self.refused += other.refused;
        self.failed += other.failed;
        self.cache_hits += other.cache_hits;
        self.succeeded += other.succeeded;
        self.client_errors += other.client_errors;
        self.server_errors += other.server_errors;
        self.timed_out += other.timed_out;
        self.cache_misses += other.cache_misses;
    }
}
