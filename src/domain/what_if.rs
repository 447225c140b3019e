//! What a throttle or a quota would have done: recorded traffic replayed through it.
//!
//! AWS throttles by token bucket: the bucket holds up to `burst` requests and is refilled with
//! `rate` of them per second; a request that finds less than one is refused with 429. Traffic is
//! recorded by the minute, which says nothing about what happened within one. So the answer is a
//! pair of bounds, both reached by some traffic with these minutes:
//!
//! - at least: each minute's requests spread evenly. No other spread leaves more tokens;
//! - at most: each minute's requests arrive at once, at the moment that is the worst for all of
//!   them together. No other spread wastes more tokens.

pub mod attribution;
pub mod bounds;
pub mod bucket;
pub mod quota;
pub mod traffic;

/// How the figures come about, for screens.
pub const METHOD: &str = "The recorded minutes are replayed through a token bucket that is full at the \
     start: it holds 'burst' requests and is refilled with 'rate' per second. 'At least' spreads each \
     minute's requests evenly; 'at most' lets them arrive at once, at the worst moment of the minute.";

/// What the figures can't say, for screens.
pub const LIMITS: &str = "Minutes hide bursts: the truth lies between the bounds. Requests that were refused \
     then are counted as traffic, and callers that retry would send more. AWS applies throttles on a \
     best-effort basis, so that more may get through than the bucket holds.";

/// How the refused are shared out where callers draw on one bucket.
pub const SHARED_OUT: &str = "A shared bucket doesn't choose: each caller is refused by its part of each minute's \
     requests. Where the limit is per caller, each has its own bucket.";

/// What `likely` is, where there is one.
pub const LIKELY: &str = "'Likely' replays the requests of the access logs second by second.";

use serde::{Deserialize, Serialize};

use jiff::Timestamp;

use attribution::{ByWhom, Callers};
use bounds::Bounds;
use bucket::Bucket;
use traffic::Traffic;

/// Which requests draw on which bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All on one: the throttle of a single method, or an account's limit.
    Shared,
    /// Each on its own, of so many: a stage's default is per method, a usage plan's per API key.
    Each { buckets: u32 },
}

/// A throttle as it is and as it would be, over the same traffic.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ThrottleForecast {
    pub arrived: u64,
    /// None where no limit applies now: nothing is refused.
    pub now: Option<Bounds>,
    pub proposed: Bounds,
    pub by_whom: ByWhom,
}

/// A forecast as a plan carries it: with how it came about, and what it can't say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WhatIf {
    /// Over how many minutes.
    pub minutes: u32,
    pub until: Timestamp,
    pub arrived: u64,
    /// Requests that the present throttle would refuse; none where no limit applies.
    pub now: Option<Bounds>,
    pub proposed: Bounds,
    /// Whose requests these are: `unknown` where nothing recorded says so.
    pub by_whom: String,
    pub method: String,
    pub limits: String,
}

impl WhatIf {
    /// Of traffic by the minute, of which nobody recorded who sent it.
    pub fn of_minutes(
        traffic: &Traffic,
        until: Timestamp,
        scope: Scope,
        now: Option<Bucket>,
        proposed: Bucket,
    ) -> Self {
        let forecast = throttle(traffic, scope, now, proposed, None);
        Self {
            minutes: u32::try_from(traffic.counts().len()).unwrap_or(u32::MAX),
            until,
            arrived: forecast.arrived,
            now: forecast.now,
            proposed: forecast.proposed,
            by_whom: "unknown".to_owned(),
            method: METHOD.to_owned(),
            limits: LIMITS.to_owned(),
        }
    }
}

/// Replays `traffic` through the throttle as it is and as it would be.
///
/// Where each of several buckets has its own traffic but only the total is known, the bounds hold
/// for every way to divide it: at best evenly over all buckets, at worst all through one.
/// `callers` says who sent what; with [`Scope::Each`], each caller is taken to have one bucket.
pub fn throttle(
    traffic: &Traffic,
    scope: Scope,
    now: Option<Bucket>,
    proposed: Bucket,
    callers: Option<&Callers>,
) -> ThrottleForecast {
    let replay = |bucket: Bucket| match (scope, callers) {
        (Scope::Shared, _) => bounds::of_one(traffic, bucket),
        (Scope::Each { buckets }, None) => bounds::of_each(traffic, bucket, buckets),
        (Scope::Each { buckets }, Some(callers)) => {
            attribution::of_callers(traffic, bucket, buckets, callers)
        }
    };
    let by_whom = match (callers, scope) {
        (None, _) => ByWhom::Unknown,
        (Some(callers), Scope::Shared) => attribution::shared_out(traffic, proposed, callers),
        (Some(callers), Scope::Each { .. }) => attribution::each_by_itself(traffic, proposed, callers),
    };
    ThrottleForecast { arrived: traffic.total(), now: now.map(replay), proposed: replay(proposed), by_whom }
}

#[cfg(test)]
mod tests;
