//! The metric store: one-minute summaries of every metric, from which CloudWatch's statistics are read.
//!
//! The traffic simulation and PutMetricData write, the CloudWatch operations read. Percentiles come from
//! merged distributions and so are right over any period, within [`distribution::RELATIVE_ERROR`].
//!
//! ```text
//! traffic ──────► panels (a row for each minute) ─┐
//! the past ─────► rows, made when they are read ──┼─► layout ─► summaries ─► statistics
//! PutMetricData ► series (a summary each minute) ─┘
//! ```

pub mod distribution;
mod key;
pub mod layout;
mod packed;
pub mod panel;
pub mod past;
pub mod row;
mod statistic;
mod summary;
mod timeline;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use jiff::Timestamp;

pub use key::MetricKey;
pub use statistic::{Statistic, UnknownStatistic};
pub use summary::{Summary, as_weight};
pub use timeline::{FINE_MINUTES, Minute};

use layout::Measure;
use panel::{Dimensions, Panel, PanelId, PanelSpec, Shown};
use past::{Past, Remembered};
use row::Row;
use timeline::{Retention, Timeline};

/// Seconds in a minute, the finest period that the store keeps.
pub const MINUTE: i64 = 60;

/// The minute that a time lies in. AWS stamps a point with the start of its minute.
pub fn minute_of(time: Timestamp) -> Minute {
    time.as_second().div_euclid(MINUTE)
}

/// A series of one store that was put by a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SeriesId(usize);

/// All metrics of one account in the region.
#[derive(Debug)]
pub struct MetricStore {
    contents: RwLock<Contents>,
    /// How many stores share the memory that there is for metrics.
    stores: usize,
    past: OnceLock<Remembered>,
}

#[derive(Debug, Default)]
struct Contents {
    by_key: BTreeMap<MetricKey, SeriesId>,
    series: Vec<Series>,
    by_name: HashMap<String, PanelId>,
    panels: Vec<Panel>,
    /// By namespace and dimensions.
    faces: BTreeMap<(&'static str, Dimensions), Shown>,
}

#[derive(Debug)]
struct Series {
    unit: Option<String>,
    minutes: Timeline<Summary>,
}

impl Contents {
    fn open(&mut self, spec: &PanelSpec) -> PanelId {
        if let Some(id) = self.by_name.get(&spec.name) {
            return *id;
        }
        let id = PanelId(self.panels.len());
        self.panels.push(Panel::new(spec));
        self.by_name.insert(spec.name.clone(), id);
        for face in &spec.faces {
            let shown = Shown { layout: face.layout, panels: Vec::new() };
            self.faces.entry(face.key()).or_insert(shown).panels.push(id);
        }
        id
    }

    fn measure(&self, key: &MetricKey) -> Option<(&Shown, &'static Measure)> {
        // The map's keys borrow their namespaces for ever: only one that some layout has can be found.
        let (namespace, _) = self.faces.keys().find(|(namespace, _)| *namespace == key.namespace())?;
        let shown = self.faces.get(&(*namespace, key.dimensions().to_vec()))?;
        Some((shown, shown.layout.measure(key.name())?))
    }
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

impl Default for MetricStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MetricStore {
    /// An empty store that has all the memory that there is for metrics.
    pub fn new() -> Self {
        Self::one_of(1)
    }

    /// An empty store of a region that has this many.
    pub fn one_of(stores: usize) -> Self {
        Self { contents: RwLock::default(), stores, past: OnceLock::new() }
    }

    /// The series of this key, made if need be. A series without data is not listed.
    pub fn series(&self, key: &MetricKey, unit: Option<&str>) -> SeriesId {
        let mut contents = self.write_lock();
        if let Some(id) = contents.by_key.get(key) {
            return *id;
        }
        let id = SeriesId(contents.series.len());
        contents.series.push(Series { unit: unit.map(str::to_owned), minutes: Timeline::default() });
        contents.by_key.insert(key.clone(), id);
        id
    }

    /// The panel of this name, opened if need be.
    pub fn panel(&self, spec: &PanelSpec) -> PanelId {
        self.write_lock().open(spec)
    }

    /// Tells the store who knows what happened before the minute `start`. The first word holds.
    pub fn remember(&self, start: Minute, past: Arc<dyn Past>) {
        // A second word is ignored: the past doesn't change.
        let _ = self.past.set(Remembered::new(start, past));
    }

    /// Notes which metrics a panel of the past has, so that they are listed: as many as this row of the minute has.
    pub fn announce(&self, panel: PanelId, minute: Minute, row: &Row) {
        if let Some(panel) = self.write_lock().panels.get_mut(panel.0) {
            panel.see(minute, row);
        }
    }

    /// Writes to many series of one minute under one lock, so that a reader sees all or nothing of it.
    pub fn record(&self, minute: Minute, write: impl FnOnce(&mut Recorder<'_>)) {
        let mut contents = self.write_lock();
        write(&mut Recorder { minute, contents: &mut contents });
    }

    /// Forgets what is too old, and the detail of what is older than recent: the more series, the sooner.
    pub fn retain(&self, now: Timestamp) {
        let mut contents = self.write_lock();
        let retention = Retention::for_series(self.stores * (contents.series.len() + contents.panels.len()));
        let now = minute_of(now);
        for series in &mut contents.series {
            series.minutes.retain(now, retention);
        }
        for panel in &mut contents.panels {
            panel.see_latest();
            panel.rows.retain(now, retention);
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
        let mut periods: BTreeMap<i64, Summary> = BTreeMap::new();
        let fits = |own: Option<&str>| unit.is_none_or(|unit| own.unwrap_or("None") == unit);
        let (from, to) = (bins.start.div_euclid(MINUTE), bins.end.div_euclid(MINUTE));
        let mut add = |minute: Minute, summary: Summary| {
            if summary.count() > 0.0 {
                match periods.entry(bins.start_of(minute * MINUTE)) {
                    std::collections::btree_map::Entry::Vacant(place) => {
                        place.insert(summary);
                    }
                    std::collections::btree_map::Entry::Occupied(mut place) => {
                        place.get_mut().merge(&summary);
                    }
                }
            }
        };
        let mut panels = Vec::new();
        let mut measure = None;
        {
            let contents = self.read_lock();
            if let Some(series) = contents.by_key.get(key).map(|id| &contents.series[id.0])
                && fits(series.unit.as_deref())
            {
                for (minute, summary) in series.minutes.range(from, to) {
                    add(minute, summary.clone());
                }
            }
            if let Some((shown, found)) = contents.measure(key)
                && fits(Some(found.unit))
            {
                for id in &shown.panels {
                    let panel = &contents.panels[id.0];
                    panels.extend(panel.group.map(|group| (group, *id)));
                    for (minute, row) in panel.rows.range(from, to) {
                        add(minute, found.reading.of(row));
                    }
                }
                measure = Some(found);
            }
        }
        // Without the lock: the traffic writes on while the past is made.
        if let Some((past, measure)) = self.past.get().zip(measure) {
            for panel in panels {
                past.visit(panel, (from, to), |minute, length, row| {
                    let summary = measure.reading.of(row);
                    let mut done = 0;
                    while done < length {
                        // A row that stands for five minutes may reach into the next period.
                        let start = bins.start_of((minute + done) * MINUTE);
                        let end = (start + bins.period).div_euclid(MINUTE).min(minute + length);
                        let part = (end - minute - done).max(1);
                        add(minute + done, summary.clone().times(minutes(part)));
                        done += part;
                    }
                });
            }
        }
        for (start, summary) in &periods {
            visitor(*start, summary);
        }
    }

    /// The unit in which a metric's values are.
    pub fn unit(&self, key: &MetricKey) -> Option<String> {
        let contents = self.read_lock();
        if let Some(id) = contents.by_key.get(key) {
            return contents.series[id.0].unit.clone();
        }
        contents.measure(key).map(|(_, measure)| measure.unit.to_owned())
    }

    /// All metrics with data in or after the minute `since` that satisfy the condition, in the order of their
    /// keys.
    pub fn list(&self, since: Minute, wanted: impl FnMut(&MetricKey) -> bool) -> Vec<MetricKey> {
        let mut found = self.find(since, |_, _, _| true);
        let mut wanted = wanted;
        found.retain(|key| wanted(key));
        found
    }

    /// The same by namespace, name and dimensions, without a key for each metric that is not wanted: a region may
    /// have a hundred thousand.
    pub fn find(
        &self,
        since: Minute,
        mut wanted: impl FnMut(&str, &str, &[(String, String)]) -> bool,
    ) -> Vec<MetricKey> {
        let contents = self.read_lock();
        let mut found: Vec<MetricKey> = Vec::new();
        for (key, id) in &contents.by_key {
            let last = contents.series[id.0].minutes.latest().map(|(minute, _)| minute);
            if last.is_some_and(|last| last >= since) && wanted(key.namespace(), key.name(), key.dimensions())
            {
                found.push(key.clone());
            }
        }
        for ((namespace, dimensions), shown) in &contents.faces {
            for measure in shown.layout.measures {
                let has_data =
                    |id: &PanelId| contents.panels[id.0].last(measure).is_some_and(|last| last >= since);
                if wanted(namespace, measure.name, dimensions) && shown.panels.iter().any(has_data) {
                    found.push(MetricKey::new(*namespace, measure.name, dimensions.clone()));
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }

    // A writer that panicked leaves whole summaries behind: counts may lack a request, but nothing is torn.
    fn read_lock(&self) -> RwLockReadGuard<'_, Contents> {
        self.contents.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_lock(&self) -> RwLockWriteGuard<'_, Contents> {
        self.contents.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Access to one minute, for the length of one [`MetricStore::record`].
#[derive(Debug)]
pub struct Recorder<'a> {
    minute: Minute,
    contents: &'a mut Contents,
}

impl Recorder<'_> {
    /// The summary of this minute of a series of the same store.
    pub fn at(&mut self, id: SeriesId) -> &mut Summary {
        self.contents.series[id.0].minutes.at(self.minute)
    }

    /// The row of this minute of a panel of the same store.
    pub fn row(&mut self, id: PanelId) -> &mut Row {
        self.contents.panels[id.0].rows.at(self.minute)
    }

    /// The panel of this name, opened if need be.
    pub fn panel(&mut self, spec: &PanelSpec) -> PanelId {
        self.contents.open(spec)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a row stands for a few minutes")]
fn minutes(count: Minute) -> f64 {
    count as f64
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

    static LAYOUT: layout::Layout = layout::Layout {
        namespace: "N",
        measures: &[
            Measure::new("Count", "Count", layout::Reading::Events(0)),
            Measure::new("Latency", "Milliseconds", layout::Reading::Values(0)),
        ],
    };

    /// Ten events in each minute that a thousand divides, else one.
    #[derive(Debug)]
    struct Steady(PanelId);

    impl Past for Steady {
        fn rows(&self, _: panel::GroupId, minute: Minute) -> Vec<(PanelId, Row)> {
            let mut row = Row::default();
            row.count(0, if minute % 1_000 == 0 { 10 } else { 1 });
            let mut latency = Summary::default();
            (1..=100_u32).for_each(|value| latency.add(f64::from(value), 0.01));
            row.spread(0, &latency);
            vec![(self.0, row)]
        }
    }

    #[test]
    fn the_past_goes_over_into_the_present_and_agrees_whatever_the_period_is() {
        const START: Minute = 100_020;
        let store = MetricStore::new();
        let spec = PanelSpec {
            name: "stage".to_owned(),
            group: Some(panel::GroupId(0)),
            faces: vec![
                panel::Face::new(&LAYOUT, [("ApiName", "a")]),
                panel::Face::new(&LAYOUT, [("ApiName", "a"), ("Stage", "prod")]),
            ],
        };
        let id = store.panel(&spec);
        store.remember(START, Arc::new(Steady(id)));
        (START..START + 60).for_each(|minute| store.record(minute, |recorder| recorder.row(id).count(0, 2)));
        let key = MetricKey::new("N", "Count", [("Stage", "prod"), ("ApiName", "a")]);
        let total = |key: &MetricKey, from: Minute, to: Minute, period: i64| {
            let bins = Bins { start: from * MINUTE, end: to * MINUTE, period };
            store.read(key, None, Statistic::Sum, bins).iter().map(|bin| bin.value).sum::<f64>()
        };
        let day = (START - 24 * 60 - 3, START + 60);
        // The minute 100,000 is one of the last three hours and counts once; 99,000 stands for five.
        let expected = 24.0 * 60.0 + 3.0 + 9.0 + 5.0 * 9.0 + 120.0;
        for period in [60, 120, 300, 420, 3_600, 86_400] {
            assert!((total(&key, day.0, day.1, period) - expected).abs() < 1e-6, "{period}");
        }
        let whole = MetricKey::new("N", "Count", [("ApiName", "a")]);
        assert!((total(&whole, day.0, day.1, 300) - expected).abs() < 1e-6);
        let latency = MetricKey::new("N", "Latency", [("ApiName", "a")]);
        for period in [60, 3_600] {
            let bins = Bins { start: (START - 600) * MINUTE, end: (START - 300) * MINUTE, period };
            let read = store.read(&latency, None, Statistic::Percentile(90.0), bins);
            assert!(read.iter().all(|bin| (bin.value - 90.0).abs() < 6.0), "{read:?}");
            assert_eq!(read.len(), usize::try_from(300 * 60 / period).unwrap());
        }
        assert_eq!(store.list(START, |_| true), [whole, key]);
    }
}
