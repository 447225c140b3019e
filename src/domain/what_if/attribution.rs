//! Who would have been refused, where the access logs say who sent what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bounds::{self, Bounds, Refused};
use super::bucket::{Bucket, REQUEST, Tokens};
use super::sample::Share;
use super::traffic::Traffic;

/// The traffic of each caller: an API key or a customer, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callers {
    by_name: BTreeMap<String, Traffic>,
}

/// Who would have been refused.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ByWhom {
    /// Nothing recorded says who sent what.
    Unknown,
    Known {
        /// Those that may be refused, the worst hit first.
        callers: Vec<CallerForecast>,
        /// Requests that no caller is recorded for.
        unattributed: u64,
    },
}

/// One caller's part of the refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallerForecast {
    pub who: String,
    pub arrived: u64,
    pub refused: Bounds,
    /// Where a sample tells of it: its part of all requests. `arrived` and `refused` are estimates then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
}

impl Callers {
    /// The traffic of callers over one window, in the same periods as the whole; a name that comes
    /// twice is added up.
    pub fn new(traffic: impl IntoIterator<Item = (String, Traffic)>) -> Self {
        let mut by_name: BTreeMap<String, Traffic> = BTreeMap::new();
        for (who, own) in traffic {
            by_name.entry(who).and_modify(|sum| sum.add(&own)).or_insert(own);
        }
        Self { by_name }
    }

    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    fn total(&self) -> u64 {
        self.by_name.values().fold(0, |total, traffic| total.saturating_add(traffic.total()))
    }
}

impl CallerForecast {
    /// The shares of this caller's requests that would have been refused, at least and at most,
    /// 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a share for display")]
    pub fn shares(&self) -> (f64, f64) {
        let arrived = self.arrived.max(1) as f64;
        (self.refused.least as f64 / arrived, self.refused.most as f64 / arrived)
    }
}

/// Callers that draw on one bucket: it doesn't choose, so each is refused by its part of each
/// period's requests.
pub(super) fn shared_out(traffic: &Traffic, bucket: Bucket, callers: &Callers) -> ByWhom {
    let (least, most) = (bounds::least(traffic, bucket), bounds::most(traffic, bucket));
    known(traffic.total(), callers, |own| {
        let refused = |of: &Refused| part(of, own, traffic).min(own.total());
        let most = refused(&most);
        Bounds { least: refused(&least).min(most), likely: None, most }
    })
}

/// Callers with a bucket each.
pub(super) fn each_by_itself(traffic: &Traffic, bucket: Bucket, callers: &Callers) -> ByWhom {
    known(traffic.total(), callers, |own| bounds::of_one(own, bucket))
}

/// All callers together, each with one of so many buckets; requests of nobody known draw on the rest.
pub(super) fn of_callers(traffic: &Traffic, bucket: Bucket, buckets: u32, callers: &Callers) -> Bounds {
    let known = u32::try_from(callers.by_name.len()).unwrap_or(u32::MAX);
    let others = bounds::of_each(&rest(traffic, callers), bucket, buckets.saturating_sub(known));
    callers.by_name.values().map(|own| bounds::of_one(own, bucket)).fold(others, Bounds::and)
}

/// What arrived beside what the callers sent.
fn rest(traffic: &Traffic, callers: &Callers) -> Traffic {
    let of_nobody = |(period, count): (usize, &u64)| {
        callers.by_name.values().fold(*count, |left, own| {
            left.saturating_sub(own.counts().get(period).copied().unwrap_or_default())
        })
    };
    traffic.with_counts(traffic.counts().iter().enumerate().map(of_nobody).collect())
}

fn known(arrived: u64, callers: &Callers, refused: impl Fn(&Traffic) -> Bounds) -> ByWhom {
    let mut list: Vec<CallerForecast> = callers
        .by_name
        .iter()
        .map(|(who, own)| CallerForecast {
            who: who.clone(),
            arrived: own.total(),
            refused: refused(own),
            share: None,
        })
        .filter(|caller| caller.refused.most > 0)
        .collect();
    list.sort_by_key(|caller| std::cmp::Reverse((caller.refused.least, caller.refused.most)));
    ByWhom::Known { callers: list, unattributed: arrived.saturating_sub(callers.total()) }
}

/// This caller's part of what was refused, to the nearest request.
fn part(refused: &Refused, own: &Traffic, all: &Traffic) -> u64 {
    let parts = refused.by_period.iter().zip(own.counts()).zip(all.counts());
    let sum: Tokens =
        parts.map(|((refused, own), all)| *refused * Tokens::from(*own) / Tokens::from(*all).max(1)).sum();
    u64::try_from((sum + REQUEST / 2) / REQUEST).unwrap_or(u64::MAX)
}
