//! The metric store: one-minute summaries of every metric, from which CloudWatch's statistics are read.
//!
//! The traffic simulation and PutMetricData write, the CloudWatch operations read. Percentiles come from
//! merged distributions and so are right over any period, within [`distribution::RELATIVE_ERROR`].

pub mod distribution;
mod key;
mod series;
mod statistic;
mod summary;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use jiff::Timestamp;

pub use key::MetricKey;
pub use series::{FINE_MINUTES, KEPT_MINUTES, Minute};
pub use statistic::{Statistic, UnknownStatistic};
pub use summary::{Summary, as_weight};

use series::Series;

/// Seconds in a minute, the finest period that the store keeps.
pub const MINUTE: i64 = 60;

/// The minute that a time lies in. AWS stamps a point with the start of its minute.
pub fn minute_of(time: Timestamp) -> Minute {
    time.as_second().div_euclid(MINUTE)
}

/// A series of one store, for writers that come again each second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SeriesId(usize);

/// All metrics of the region.
#[derive(Debug, Default)]
pub struct MetricStore {
    contents: RwLock<Contents>,
}

#[derive(Debug, Default)]
struct Contents {
    by_key: BTreeMap<MetricKey, SeriesId>,
    series: Vec<Series>,
}

/// One bin of a query: a period with data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Seconds since the epoch at which the period starts.
    pub start: i64,
    pub value: f64,
}

/// A stretch of time cut into periods. All in whole seconds, and multiples of 60.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bins {
    /// The start of the first period, in seconds since the epoch.
    pub start: i64,
    /// The end, exclusive: the last period is cut short when it would reach beyond.
    pub end: i64,
    /// The length of a period in seconds.
    pub period: i64,
}

impl Bins {
    /// The starts of all periods, ascending.
    pub fn starts(self) -> impl Iterator<Item = i64> {
        (self.start..self.end).step_by(usize::try_from(self.period).unwrap_or(1).max(1))
    }

    /// The start of the period that a time lies in.
    pub fn start_of(self, second: i64) -> i64 {
        second - (second - self.start).rem_euclid(self.period.max(1))
    }
}

impl MetricStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The series of this key, made if need be. A series without data is not listed.
    pub fn series(&self, key: &MetricKey, unit: Option<&str>) -> SeriesId {
        let mut contents = self.write_lock();
        if let Some(id) = contents.by_key.get(key) {
            return *id;
        }
        let id = SeriesId(contents.series.len());
        contents.series.push(Series::new(unit));
        contents.by_key.insert(key.clone(), id);
        id
    }

    /// Writes to many series of one minute under one lock, so that a reader sees all or nothing of it.
    pub fn record(&self, minute: Minute, write: impl FnOnce(&mut Recorder<'_>)) {
        let mut contents = self.write_lock();
        write(&mut Recorder { minute, series: &mut contents.series });
    }

    /// Forgets what is too old, see [`KEPT_MINUTES`] and [`FINE_MINUTES`].
    pub fn retain(&self, now: Timestamp) {
        let mut contents = self.write_lock();
        for series in &mut contents.series {
            series.retain(minute_of(now));
        }
    }

    /// The statistic of each period with data, ascending; nothing for a metric that doesn't exist. With a unit,
    /// only data in that unit counts.
    pub fn read(&self, key: &MetricKey, unit: Option<&str>, statistic: Statistic, bins: Bins) -> Vec<Bin> {
        let mut read = Vec::new();
        self.visit(key, unit, bins, |start, summary| {
            read.extend(statistic.of(summary).map(|value| Bin { start, value }));
        });
        read
    }

    /// Shows the summary of each period with data, ascending, with the start of the period.
    pub fn visit(
        &self,
        key: &MetricKey,
        unit: Option<&str>,
        bins: Bins,
        mut visitor: impl FnMut(i64, &Summary),
    ) {
        let contents = self.read_lock();
        let Some(series) = contents.by_key.get(key).map(|id| &contents.series[id.0]) else { return };
        if unit.is_some_and(|unit| series.unit().unwrap_or("None") != unit) {
            return;
        }
        // Most periods are a minute: their summaries are shown as they are, without a copy.
        let mut current: Option<(i64, Cow<'_, Summary>)> = None;
        for (minute, summary) in series.range(bins.start.div_euclid(MINUTE), bins.end.div_euclid(MINUTE)) {
            let start = bins.start_of(minute * MINUTE);
            match &mut current {
                Some((period, merged)) if *period == start => merged.to_mut().merge(summary),
                _ => {
                    if let Some((period, merged)) = current.replace((start, Cow::Borrowed(summary))) {
                        visitor(period, &merged);
                    }
                }
            }
        }
        if let Some((period, merged)) = current {
            visitor(period, &merged);
        }
    }

    /// The unit in which a metric's values are.
    pub fn unit(&self, key: &MetricKey) -> Option<String> {
        let contents = self.read_lock();
        let id = contents.by_key.get(key)?;
        contents.series[id.0].unit().map(str::to_owned)
    }

    /// All metrics with data in or after the minute `since` that satisfy the condition, in the order of
    /// their keys.
    pub fn list(&self, since: Minute, mut wanted: impl FnMut(&MetricKey) -> bool) -> Vec<MetricKey> {
        let contents = self.read_lock();
        contents
            .by_key
            .iter()
            .filter(|(_, id)| contents.series[id.0].latest().is_some_and(|latest| latest >= since))
            .map(|(key, _)| key)
            .filter(|key| wanted(key))
            .cloned()
            .collect()
    }

    // A writer that panicked leaves whole summaries behind: counts may lack a request, but nothing is torn.
    fn read_lock(&self) -> RwLockReadGuard<'_, Contents> {
        self.contents.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_lock(&self) -> RwLockWriteGuard<'_, Contents> {
        self.contents.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Access to the summaries of one minute, for the length of one [`MetricStore::record`].
#[derive(Debug)]
pub struct Recorder<'a> {
    minute: Minute,
    series: &'a mut [Series],
}

impl Recorder<'_> {
    /// The summary of this minute of a series of the same store.
    pub fn at(&mut self, id: SeriesId) -> &mut Summary {
        self.series[id.0].at(self.minute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (MetricStore, MetricKey) {
        let store = MetricStore::new();
        let key = MetricKey::new("N", "Latency", [("ApiId", "a")]);
        let id = store.series(&key, Some("Milliseconds"));
        for minute in 0..10 {
            store.record(minute, |recorder| {
                for value in 1..=100_u32 {
                    recorder.at(id).add(f64::from(value), 1.0);
                }
            });
        }
        (store, key)
    }

    #[test]
    fn periods_merge_minutes_and_the_last_is_cut_short() {
        let (store, key) = store();
        let bins = Bins { start: 120, end: 480, period: 300 };
        let read = store.read(&key, None, Statistic::SampleCount, bins);
        assert_eq!(read, [Bin { start: 120, value: 500.0 }, Bin { start: 420, value: 100.0 }]);
        assert_eq!(bins.starts().collect::<Vec<_>>(), [120, 420]);
    }

    #[test]
    fn a_percentile_over_a_period_is_that_of_all_its_values() {
        let (store, key) = store();
        let bins = Bins { start: 0, end: 600, period: 600 };
        let read = store.read(&key, None, Statistic::Percentile(99.0), bins);
        assert_eq!(read.len(), 1);
        assert!((read[0].value - 99.0).abs() <= 99.0 * distribution::RELATIVE_ERROR);
    }

    #[test]
    fn another_unit_finds_nothing() {
        let (store, key) = store();
        let bins = Bins { start: 0, end: 600, period: 60 };
        assert!(store.read(&key, Some("Seconds"), Statistic::Sum, bins).is_empty());
        assert_eq!(store.read(&key, Some("Milliseconds"), Statistic::Sum, bins).len(), 10);
    }

    #[test]
    fn only_metrics_with_data_are_listed() {
        let (store, key) = store();
        store.series(&MetricKey::new("N", "Silent", [("ApiId", "a")]), None);
        assert_eq!(store.list(0, |_| true), [key]);
        assert!(store.list(10, |_| true).is_empty());
    }
}
