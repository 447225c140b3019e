//! One time series: a summary for each minute with data, oldest first.

use std::collections::VecDeque;

use super::summary::Summary;

/// A minute since the epoch.
pub type Minute = i64;

/// Minutes for which a series keeps percentiles at full precision: AWS calls data of the last three hours
/// recent, and so do charts.
pub const FINE_MINUTES: Minute = 3 * 60;
/// Minutes for which a series keeps anything. AWS keeps one-minute points for 15 days; a region in memory keeps
/// a working day, in about a hundred megabytes.
pub const KEPT_MINUTES: Minute = 12 * 60;

/// The summaries of a metric's minutes.
#[derive(Clone, Debug, Default)]
pub struct Series {
    unit: Option<String>,
    minutes: VecDeque<(Minute, Summary)>,
    /// All minutes before this one are coarse already.
    coarse_before: Minute,
    /// All minutes before this one take no more memory than they need.
    compact_before: Minute,
}

impl Series {
    /// An empty series whose values have this unit, one of AWS's `StandardUnit`.
    pub fn new(unit: Option<&str>) -> Self {
        Self { unit: unit.map(str::to_owned), ..Self::default() }
    }

    /// The unit, if one was given.
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// The last minute with data.
    pub fn latest(&self) -> Option<Minute> {
        self.minutes.back().map(|(minute, _)| *minute)
    }

    /// The summary of a minute, to be added to. Minutes may come in any order.
    pub fn at(&mut self, minute: Minute) -> &mut Summary {
        let at = match self.minutes.back() {
            Some((last, _)) if *last == minute => self.minutes.len() - 1,
            Some((last, _)) if *last < minute => self.append(minute),
            None => self.append(minute),
            Some(_) => match self.minutes.binary_search_by_key(&minute, |(minute, _)| *minute) {
                Ok(at) => at,
                Err(at) => {
                    self.minutes.insert(at, (minute, Summary::default()));
                    at
                }
            },
        };
        &mut self.minutes[at].1
    }

    /// The minutes with data from `from` up to and without `to`, ascending.
    pub fn range(&self, from: Minute, to: Minute) -> impl Iterator<Item = (Minute, &Summary)> {
        let first = self.minutes.partition_point(|(minute, _)| *minute < from);
        let range = self.minutes.range(first..).take_while(move |(minute, _)| *minute < to);
        range.filter(|(_, summary)| summary.count() > 0.0).map(|(minute, summary)| (*minute, summary))
    }

    /// Forgets what is older than [`KEPT_MINUTES`], and the fine detail of what is older than
    /// [`FINE_MINUTES`].
    pub fn retain(&mut self, now: Minute) {
        while self.minutes.front().is_some_and(|(minute, _)| *minute < now - KEPT_MINUTES) {
            self.minutes.pop_front();
        }
        let coarse_before = now - FINE_MINUTES;
        self.between(self.coarse_before, coarse_before).for_each(Summary::coarsen);
        self.coarse_before = self.coarse_before.max(coarse_before);
        self.between(self.compact_before, now).for_each(Summary::compact);
        self.compact_before = self.compact_before.max(now);
    }

    fn between(&mut self, from: Minute, to: Minute) -> impl Iterator<Item = &mut Summary> {
        let first = self.minutes.partition_point(|(minute, _)| *minute < from);
        let minutes = self.minutes.range_mut(first..).take_while(move |(minute, _)| *minute < to);
        minutes.map(|(_, summary)| summary)
    }

    fn append(&mut self, minute: Minute) -> usize {
        self.minutes.push_back((minute, Summary::default()));
        self.minutes.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_may_come_in_any_order() {
        let mut series = Series::default();
        for minute in [5, 3, 4, 5] {
            series.at(minute).add(1.0, 1.0);
        }
        let counts: Vec<_> = series.range(3, 9).map(|(minute, summary)| (minute, summary.count())).collect();
        assert_eq!(counts, [(3, 1.0), (4, 1.0), (5, 2.0)]);
        assert_eq!(series.latest(), Some(5));
    }

    #[test]
    fn old_minutes_are_coarsened_and_then_forgotten() {
        let mut series = Series::default();
        for minute in 0..2_000 {
            series.at(minute).add(10.0, 1.0);
            series.retain(minute);
        }
        let kept: Vec<_> = series.range(0, 2_000).collect();
        assert_eq!(kept.len(), 721);
        assert_eq!(kept[0].0, 1_279);
        assert!(kept.iter().all(|(_, summary)| (summary.sum() - 10.0).abs() < 1e-9));
    }
}
