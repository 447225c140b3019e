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

/// What `likely` is where it is known how much each caller uses, and not when.
pub const BY_SHARES: &str = "'Likely' takes each key to send the same part of every minute's requests as it had of \
     all of them since then, by what AWS says it used.";

use serde::{Deserialize, Serialize};

use jiff::Timestamp;

use attribution::{ByWhom, CallerForecast, Callers};
use bounds::Bounds;
use bucket::Bucket;
use traffic::Traffic;

/// Which requests draw on which bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// All on one: the throttle of a single method, or an account's limit.
    #[default]
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
    /// Requests per second over the last five of these minutes.
    #[serde(default)]
    pub recent_per_second: f64,
    #[serde(default)]
    pub scope: Scope,
    /// The proposed throttle as it would hold: requests per second, and requests at once.
    #[serde(default)]
    pub rate: f64,
    #[serde(default)]
    pub burst: u64,
    /// Whether it lets less through than what holds now.
    #[serde(default)]
    pub tighter: bool,
    /// Requests that the present throttle would refuse; none where no limit applies.
    pub now: Option<Bounds>,
    pub proposed: Bounds,
    /// How it is known whose requests these are: `unknown` where nothing recorded says so.
    pub by_whom: String,
    /// Those that would be refused, the worst hit first; of many, the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub callers: Vec<CallerForecast>,
    pub method: String,
    pub limits: String,
}

/// What is replayed, up to when, and through what.
#[derive(Clone, Copy, Debug)]
pub struct Replay<'traffic> {
    pub traffic: &'traffic Traffic,
    pub until: Timestamp,
    pub scope: Scope,
    pub now: Option<Bucket>,
    pub proposed: Bucket,
}

/// Callers that a plan names.
const NAMED: usize = 20;
/// Minutes that tell the present rate.
const RECENT: usize = 5;

impl Replay<'_> {
    /// Of traffic of which nobody recorded who sent it.
    pub fn of_unknown(self) -> WhatIf {
        let forecast = throttle(self.traffic, self.scope, self.now, self.proposed, None);
        self.told(forecast.now, forecast.proposed, "unknown".to_owned(), Vec::new())
    }

    /// Of traffic of which `callers` sent what is recorded of them, such as in access logs.
    pub fn of_callers(self, callers: &Callers, by_whom: &str) -> WhatIf {
        let forecast = throttle(self.traffic, self.scope, self.now, self.proposed, Some(callers));
        let (refused, by_whom) = match forecast.by_whom {
            ByWhom::Unknown => (Vec::new(), "unknown".to_owned()),
            ByWhom::Known { callers, unattributed: 0 } => (callers, by_whom.to_owned()),
            ByWhom::Known { callers, unattributed } => {
                (callers, format!("{by_whom}; of {unattributed} requests nobody is recorded"))
            }
        };
        self.told(forecast.now, forecast.proposed, by_whom, refused)
    }

    /// Of traffic of which each caller is taken to have sent its share, 0 to 1, minute by minute, and nobody
    /// knows who sent the rest. Only what is likely is told of them: any of them may have sent nothing.
    pub fn of_shares(self, shares: &[(String, f64)], by_whom: &str) -> WhatIf {
        let own = |share: f64| self.traffic.part(share);
        let likely = |bucket: Bucket| {
            let all = shares.iter().map(|(_, share)| bounds::of_one(&own(*share), bucket).least);
            let most = bounds::of_one(self.traffic, bucket).most;
            Bounds { least: 0, likely: Some(all.sum::<u64>().min(most)), most }
        };
        let mut refused: Vec<CallerForecast> = shares
            .iter()
            .map(|(who, share)| {
                let (who, own) = (who.clone(), own(*share));
                let likely = bounds::of_one(&own, self.proposed).least;
                let refused = Bounds { least: 0, likely: Some(likely), most: own.total() };
                CallerForecast { who, arrived: own.total(), refused }
            })
            .filter(|caller| caller.refused.likely > Some(0))
            .collect();
        refused.sort_by_key(|caller| std::cmp::Reverse(caller.refused.likely));
        let mut told = self.told(self.now.map(likely), likely(self.proposed), by_whom.to_owned(), refused);
        told.method = format!("{METHOD} {BY_SHARES}");
        told
    }

    fn told(
        self,
        now: Option<Bounds>,
        proposed: Bounds,
        by_whom: String,
        mut callers: Vec<CallerForecast>,
    ) -> WhatIf {
        callers.truncate(NAMED);
        WhatIf {
            minutes: u32::try_from(self.traffic.counts().len()).unwrap_or(u32::MAX),
            until: self.until,
            arrived: self.traffic.total(),
            recent_per_second: self.traffic.recent_per_second(RECENT),
            scope: self.scope,
            rate: self.proposed.rate(),
            burst: self.proposed.burst(),
            tighter: self.proposed.is_tighter_than(self.now),
            now,
            proposed,
            by_whom,
            callers,
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
