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
pub mod sample;
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

/// What a sample's ranges are, for screens.
pub const BY_SAMPLE: &str = "The access logs hold too much to be read whole, so that windows of some seconds, spread \
     over the requests of the time, stand for what lies between them. A caller's share lies within its range 19 times of 20, as far as it \
     keeps sending as evenly as from window to window; 'likely' spreads each minute's requests evenly, and the range of \
     the refused takes the ends of the share's range.";

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use jiff::Timestamp;

use attribution::{ByWhom, CallerForecast, Callers};
use bounds::Bounds;
use bucket::Bucket;
use sample::{Levels, Sampling, Share};
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
    /// Where whose requests they are is known from a part of the access logs alone: which part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sampling>,
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

/// What a replay gives.
struct Replayed {
    now: Option<Bounds>,
    proposed: Bounds,
    /// Those that may be refused, the worst hit first.
    callers: Vec<CallerForecast>,
    /// Requests that no caller is recorded for.
    unattributed: u64,
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
        let replayed = self.by_callers(callers);
        let by_whom = match replayed.unattributed {
            0 => by_whom.to_owned(),
            unattributed => format!("{by_whom}; of {unattributed} requests nobody is recorded"),
        };
        self.told(replayed.now, replayed.proposed, by_whom, replayed.callers)
    }

    /// Of traffic that is divided over methods with a bucket each, which do not choose among their callers.
    pub fn of_methods(self, methods: &[(Traffic, Callers)], by_whom: &str) -> WhatIf {
        let replayed = self.by_methods(methods);
        let mut told = self.told(replayed.now, replayed.proposed, by_whom.to_owned(), replayed.callers);
        told.method = format!("{METHOD} {SHARED_OUT}");
        told
    }

    /// As [`Self::of_callers`], of callers that a sample tells of, with the share of each that is sampled.
    pub fn of_sampled_callers(
        self,
        callers: &Levels<Callers>,
        (sampling, shares): (Sampling, &BTreeMap<String, Share>),
        by_whom: &str,
    ) -> WhatIf {
        self.sampled(&callers.map(|callers| self.by_callers(callers)), sampling, shares, by_whom)
    }

    /// As [`Self::of_methods`], of methods and callers that a sample tells of.
    pub fn of_sampled_methods(
        self,
        methods: &Levels<Vec<(Traffic, Callers)>>,
        (sampling, shares): (Sampling, &BTreeMap<String, Share>),
        by_whom: &str,
    ) -> WhatIf {
        let replayed = methods.map(|methods| self.by_methods(methods));
        let mut told = self.sampled(&replayed, sampling, shares, by_whom);
        told.method = format!("{METHOD} {SHARED_OUT} {BY_SAMPLE}");
        told
    }

    fn by_callers(self, callers: &Callers) -> Replayed {
        let forecast = throttle(self.traffic, self.scope, self.now, self.proposed, Some(callers));
        let (callers, unattributed) = match forecast.by_whom {
            ByWhom::Unknown => (Vec::new(), forecast.arrived),
            ByWhom::Known { callers, unattributed } => (callers, unattributed),
        };
        Replayed { now: forecast.now, proposed: forecast.proposed, callers, unattributed }
    }

    fn by_methods(self, methods: &[(Traffic, Callers)]) -> Replayed {
        let all = |bucket: Bucket| {
            methods.iter().fold(Bounds { likely: None, ..Bounds::default() }, |sum, (own, _)| {
                sum.and(bounds::of_one(own, bucket))
            })
        };
        let mut refused: BTreeMap<String, CallerForecast> = BTreeMap::new();
        for (own, callers) in methods {
            let ByWhom::Known { callers, .. } = attribution::shared_out(own, self.proposed, callers) else {
                continue;
            };
            for caller in callers {
                refused
                    .entry(caller.who.clone())
                    .and_modify(|sum| {
                        sum.arrived = sum.arrived.saturating_add(caller.arrived);
                        sum.refused = sum.refused.and(caller.refused);
                    })
                    .or_insert(caller);
            }
        }
        let mut refused: Vec<CallerForecast> = refused.into_values().collect();
        refused.sort_by_key(|caller| std::cmp::Reverse((caller.refused.least, caller.refused.most)));
        Replayed { now: self.now.map(all), proposed: all(self.proposed), callers: refused, unattributed: 0 }
    }

    /// What three replays tell together: of the least, the likely and the most that a sample allows for.
    fn sampled(
        self,
        replayed: &Levels<Replayed>,
        sampling: Sampling,
        shares: &BTreeMap<String, Share>,
        by_whom: &str,
    ) -> WhatIf {
        let of = |level: &Replayed, who: &str| level.callers.iter().find(|caller| caller.who == who).cloned();
        let mut callers: Vec<CallerForecast> = replayed
            .most
            .callers
            .iter()
            .map(|most| {
                let (least, likely) = (of(&replayed.least, &most.who), of(&replayed.likely, &most.who));
                let refused = Bounds {
                    least: least.map_or(0, |least| least.refused.least),
                    likely: Some(likely.as_ref().map_or(0, |likely| likely.refused.least)),
                    most: most.refused.most,
                };
                let share = shares.get(&most.who).copied();
                let arrived = likely.map_or(most.arrived, |likely| likely.arrived);
                CallerForecast { who: most.who.clone(), arrived, refused, share }
            })
            .collect();
        callers.sort_by_key(|caller| std::cmp::Reverse((caller.refused.likely, caller.arrived)));
        let together = |least: Bounds, likely: Bounds, most: Bounds| Bounds {
            least: least.least.min(likely.least).min(most.least),
            likely: Some(likely.least),
            most: least.most.max(likely.most).max(most.most),
        };
        let now = replayed.least.now.zip(replayed.likely.now).zip(replayed.most.now);
        let now = now.map(|((least, likely), most)| together(least, likely, most));
        let Levels { least, likely, most } = replayed.map(|level| level.proposed);
        let by_whom = match replayed.likely.unattributed {
            0 => by_whom.to_owned(),
            unattributed => format!("{by_whom}; of about {unattributed} requests nobody is recorded"),
        };
        let mut told = self.told(now, together(least, likely, most), by_whom, callers);
        told.method = format!("{METHOD} {BY_SAMPLE}");
        told.sample = Some(sampling);
        told
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
                CallerForecast { who, arrived: own.total(), refused, share: None }
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
            sample: None,
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
