//! Metrics: what is asked of CloudWatch and what comes back, as plain series of minutes.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Seconds of one point. API Gateway publishes one a minute.
pub const PERIOD_SECONDS: i64 = 60;

/// After how many minutes a minute's points have arrived, if they ever will.
pub const SETTLED_AFTER: i64 = 3;

/// A metric by name and dimensions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MetricIdentity {
    pub namespace: String,
    pub name: String,
    /// Sorted by name.
    pub dimensions: Vec<(String, String)>,
}

/// Which statistic of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Statistic {
    Sum,
    /// The 99th percentile. Percentiles of several series can't be merged into one.
    P99,
    P50,
    P90,
    P95,
    SampleCount,
}

impl Statistic {
    /// CloudWatch's name for it.
    pub fn as_aws(self) -> &'static str {
        match self {
            Self::Sum => "Sum",
            Self::P99 => "p99",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::SampleCount => "SampleCount",
        }
    }

    /// The statistic that CloudWatch calls so.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Sum, Self::P99, Self::P50, Self::P90, Self::P95, Self::SampleCount];
        all.into_iter().find(|statistic| statistic.as_aws() == name)
    }
}

/// One series to read, a point a minute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricQuery {
    pub metric: MetricIdentity,
    pub statistic: Statistic,
}

/// Whole minutes, `start` included and `end` not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeWindow {
    pub start: Timestamp,
    pub end: Timestamp,
}

impl TimeWindow {
    /// The last `minutes` whole minutes before `now`, and the one that is running.
    pub fn until(now: Timestamp, minutes: i64) -> Self {
        let running = floor_to_minute(now);
        Self {
            start: running - SignedDuration::from_mins(minutes),
            end: running + SignedDuration::from_secs(PERIOD_SECONDS),
        }
    }

    /// The starts of its minutes, oldest first.
    pub fn minutes(self) -> impl Iterator<Item = Timestamp> {
        let count = (self.end.as_second() - self.start.as_second()) / PERIOD_SECONDS;
        (0..count).map(move |minute| self.start + SignedDuration::from_mins(minute))
    }
}

/// The start of the minute that `at` falls in.
pub fn floor_to_minute(at: Timestamp) -> Timestamp {
    at - SignedDuration::from_secs(at.as_second().rem_euclid(PERIOD_SECONDS))
        - SignedDuration::from_nanos(i64::from(at.subsec_nanosecond()))
}

/// What one query gave. A minute without a point had no traffic, or isn't published yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Oldest first; a point carries the start of its minute.
    points: Vec<(Timestamp, f64)>,
}

impl Series {
    pub fn new(mut points: Vec<(Timestamp, f64)>) -> Self {
        points.sort_by_key(|(at, _)| *at);
        points.dedup_by_key(|(at, _)| *at);
        Self { points }
    }

    pub fn points(&self) -> &[(Timestamp, f64)] {
        &self.points
    }

    /// The value of the minute that starts at `minute`.
    pub fn at(&self, minute: Timestamp) -> Option<f64> {
        self.points.binary_search_by_key(&minute, |(at, _)| *at).ok().map(|place| self.points[place].1)
    }

    /// The highest of several, minute by minute: percentiles can't be merged, and the worst of them stands for all.
    pub fn highest<'series>(several: impl IntoIterator<Item = &'series Self>) -> Self {
        let mut highest = std::collections::BTreeMap::new();
        for (minute, value) in several.into_iter().flat_map(Self::points) {
            let known = highest.entry(*minute).or_insert(*value);
            *known = known.max(*value);
        }
        Self { points: highest.into_iter().collect() }
    }

    /// Adds `other` minute by minute. Right for sums and counts only.
    pub fn add(&mut self, other: &Self) {
        let mut all: std::collections::BTreeMap<Timestamp, f64> = self.points.iter().copied().collect();
        for (at, value) in &other.points {
            *all.entry(*at).or_insert(0.0) += value;
        }
        self.points = all.into_iter().collect();
    }
}

/// Why a series is missing or not whole, in CloudWatch's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SeriesStatus {
    Complete,
    Partial,
    InternalError,
    Forbidden,
}

/// The answer to one [`MetricQuery`], in the order of the queries.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricAnswer {
    pub series: Series,
    pub status: SeriesStatus,
}

/// What a stage's cache and backend do, minute by minute.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StageTraffic {
    /// The minute that a single figure stands for.
    pub minute: Option<Timestamp>,
    pub requests: Series,
    pub errors_5xx: Series,
    /// Requests answered from the response cache; REST only.
    pub cache_hits: Series,
    /// Requests that the cache passed on; REST only.
    pub cache_misses: Series,
    pub p99_ms: Series,
}

impl StageTraffic {
    /// Hits over hits and misses in `minute`, 0 to 1; none where nothing could be cached.
    pub fn hit_rate(&self, minute: Timestamp) -> Option<f64> {
        let hits = self.cache_hits.at(minute).unwrap_or(0.0);
        let asked = hits + self.cache_misses.at(minute).unwrap_or(0.0);
        (asked > 0.0).then(|| hits / asked)
    }
}

/// The newest whole minute that is worth showing: CloudWatch publishes one to three minutes late,
/// and a minute in which only some series have arrived would look like a drop in traffic.
///
/// It is the newest minute that has ended by `now` and in which at least nine in ten of the series
/// that had a point in the five minutes up to it have one. A minute that ended [`SETTLED_AFTER`]
/// minutes ago is whole by its age: what it lacks had no traffic.
pub fn newest_settled_minute<'series>(
    series: impl IntoIterator<Item = &'series Series>,
    now: Timestamp,
) -> Option<Timestamp> {
    let all: Vec<&Series> = series.into_iter().collect();
    let last_ended = floor_to_minute(now) - SignedDuration::from_secs(PERIOD_SECONDS);
    (0..10).map(|back| last_ended - SignedDuration::from_mins(back)).find(|minute| {
        let live = all
            .iter()
            .filter(|one| (0..5).any(|back| one.at(*minute - SignedDuration::from_mins(back)).is_some()));
        let (alive, here) = live.fold((0_usize, 0_usize), |(alive, here), one| {
            (alive + 1, here + usize::from(one.at(*minute).is_some()))
        });
        let settled_by_age = *minute <= last_ended - SignedDuration::from_mins(SETTLED_AFTER);
        here > 0 && (settled_by_age || here * 10 >= alive * 9)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(number: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + number * 60).unwrap()
    }

    fn series(minutes: std::ops::Range<i64>) -> Series {
        Series::new(minutes.map(|number| (minute(number), 1.0)).collect())
    }

    #[test]
    fn a_minute_that_only_some_have_published_is_not_settled() {
        let early = series(0..10);
        let late: Vec<Series> = (0..4).map(|_| series(0..9)).collect();
        let now = minute(10) + SignedDuration::from_secs(5);
        let all = late.iter().chain([&early]);
        assert_eq!(newest_settled_minute(all, now), Some(minute(8)));
        assert_eq!(newest_settled_minute([&early], now), Some(minute(9)));
    }

    #[test]
    fn the_running_minute_is_never_shown() {
        let now = minute(9) + SignedDuration::from_secs(59);
        assert_eq!(newest_settled_minute([&series(0..10)], now), Some(minute(8)));
    }

    #[test]
    fn a_series_that_went_quiet_does_not_hold_the_others_back() {
        let quiet = series(0..2);
        let live = series(0..10);
        assert_eq!(newest_settled_minute([&quiet, &live], minute(10)), Some(minute(9)));
        assert_eq!(newest_settled_minute([&Series::default()], minute(10)), None);
    }

    #[test]
    fn series_with_traffic_now_and_then_do_not_hide_the_fleet() {
        let every = |step: i64, from: i64| {
            Series::new(
                (0..12).filter(|number| number % step == from).map(|number| (minute(number), 1.0)).collect(),
            )
        };
        let all = [every(1, 0), every(4, 0), every(4, 2)];
        assert_eq!(newest_settled_minute(&all, minute(12)), Some(minute(8)));
    }

    #[test]
    fn windows_are_whole_minutes() {
        let window = TimeWindow::until(minute(3) + SignedDuration::from_millis(1_500), 2);
        assert_eq!(window.minutes().collect::<Vec<_>>(), [minute(1), minute(2), minute(3)]);
    }
}
