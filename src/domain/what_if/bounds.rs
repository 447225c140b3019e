//! How many requests a token bucket would have refused, at least and at most.

use serde::{Deserialize, Serialize};

use super::bucket::{Bucket, REQUEST, Tokens};
use super::traffic::Traffic;

/// Requests that would have been refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    pub least: u64,
    /// Where the traffic within the minutes is known, from access logs, or who sent how much of it, from what
    /// keys used: then each minute's requests are spread evenly, as in `least`.
    pub likely: Option<u64>,
    pub most: u64,
}

/// What became of each period's requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) total: u64,
    /// Period by period, in millionths of a request.
    pub(super) by_period: Vec<Tokens>,
}

/// The bounds for traffic that draws on one bucket.
pub fn of_one(traffic: &Traffic, bucket: Bucket) -> Bounds {
    Bounds { least: least(traffic, bucket).total, likely: None, most: most(traffic, bucket).total }
}

/// The bounds for traffic that is divided over several buckets nobody knows how. Evenly spread
/// over all of them is the best: together they are one bucket as large as all, which wastes
/// nothing. The worst is that all goes through one.
pub fn of_each(traffic: &Traffic, bucket: Bucket, buckets: u32) -> Bounds {
    let together = bucket.times(buckets.max(1));
    Bounds { least: least(traffic, together).total, likely: None, most: most(traffic, bucket).total }
}

impl Bounds {
    /// Adds what is known from within the minutes: `seconds` are (some of) the same requests,
    /// second by second, such as a sample of the access logs. The share refused of these is taken
    /// for the share of all. For requests that draw on one bucket.
    #[must_use]
    pub fn with_seconds(self, arrived: u64, seconds: &Traffic, bucket: Bucket) -> Self {
        let sampled = seconds.total();
        if sampled == 0 {
            return self;
        }
        let refused = u128::from(least(seconds, bucket).total);
        let scaled = refused * u128::from(arrived) / u128::from(sampled);
        let scaled = u64::try_from(scaled).unwrap_or(u64::MAX);
        Self { likely: Some(scaled.clamp(self.least, self.most)), ..self }
    }

    /// Refused in total, bucket by bucket.
    #[must_use]
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            least: self.least.saturating_add(other.least),
            likely: self.likely.zip(other.likely).map(|(one, two)| one.saturating_add(two)),
            most: self.most.saturating_add(other.most),
        }
    }
}

/// With each period's requests spread evenly. It is the true minimum: of `n` requests no more
/// than the tokens there are can be admitted, and an even spread admits as many, and wastes tokens
/// on a full bucket only where there are more than the period needs.
pub(super) fn least(traffic: &Traffic, bucket: Bucket) -> Refused {
    let refill = bucket.refill(traffic.period_seconds());
    let mut level = bucket.full();
    let mut by_period = Vec::with_capacity(traffic.counts().len());
    let mut admitted_in_all: Tokens = 0;
    for count in traffic.counts() {
        let arrived = Tokens::from(*count) * REQUEST;
        let available = level + refill;
        let admitted = arrived.min(available);
        level = (available - admitted).min(bucket.full());
        admitted_in_all += admitted;
        by_period.push(arrived - admitted);
    }
    // Requests are admitted whole.
    Refused { total: traffic.total().saturating_sub(whole(admitted_in_all)), by_period }
}

/// With each period's requests at one moment, the worst for all of them together.
///
/// What a bucket admits is the least, over every way to pick disjoint runs of bursts, of what
/// arrives outside of the runs and of `burst + rate * (first to last moment)` for each run: that is
/// the theorem of maximum flow and minimum cut, for tokens that flow from moment to moment. The
/// sum is least where each run begins at the end of its first period and ends at the start of its
/// last, so that a run of `k` periods lasts `k - 2` of them. What follows is that minimum, period
/// by period.
pub(super) fn most(traffic: &Traffic, bucket: Bucket) -> Refused {
    // A rate that isn't whole per period loses its fraction at each, as requests are admitted whole.
    let refill = bucket.refill(traffic.period_seconds()) / REQUEST * REQUEST;
    let counts = traffic.counts();
    // What is admitted of the first periods, where no run is open; and where the best run begins
    // that ends with the last of them, if one does.
    let mut closed: Vec<(Tokens, Option<usize>)> = vec![(0, None)];
    // A run that goes on: what is admitted until now, and where it began.
    let mut running: Option<(Tokens, usize)> = None;
    let mut opened: Option<(Tokens, usize)> = None;
    for (period, count) in counts.iter().enumerate() {
        let before = closed[period].0;
        let lengthened = running.map(|(admitted, first)| (admitted + refill, first));
        running = [lengthened, opened].into_iter().flatten().min_by_key(|(admitted, _)| *admitted);
        opened = Some((before + bucket.full(), period));
        let outside = (before + Tokens::from(*count) * REQUEST, None);
        let best = [opened, running].into_iter().flatten().map(|(admitted, first)| (admitted, Some(first)));
        closed.push(best.fold(outside, |least, one| if one.0 < least.0 { one } else { least }));
    }
    let admitted = closed.last().map_or(0, |(admitted, _)| *admitted);
    Refused {
        total: traffic.total().saturating_sub(whole(admitted)),
        by_period: refused_by_period(counts, &closed),
    }
}

/// Walks back through the runs; within a run, the refused are shared out by the periods' requests.
fn refused_by_period(counts: &[u64], closed: &[(Tokens, Option<usize>)]) -> Vec<Tokens> {
    let mut by_period = vec![0; counts.len()];
    let mut end = counts.len();
    while end > 0 {
        let (admitted, first) = closed[end];
        let Some(first) = first else {
            end -= 1;
            continue;
        };
        let arrived: Tokens = counts[first..end].iter().map(|count| Tokens::from(*count)).sum();
        let refused = (arrived * REQUEST).saturating_sub(admitted - closed[first].0);
        for period in first..end {
            by_period[period] = refused * Tokens::from(counts[period]) / arrived.max(1);
        }
        end = first;
    }
    by_period
}

fn whole(tokens: Tokens) -> u64 {
    u64::try_from(tokens / REQUEST).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
