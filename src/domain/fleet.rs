//! The fleet: each cell with its figures, judged against thresholds, the worst first.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::id::{ApiId, CellId};
use super::mapping::CustomerCount;
use super::signal::{PERIOD_SECONDS, Series};

/// From which figures on a cell is not well any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// Share of requests answered 5xx, 0 to 1.
    pub errors_5xx: f64,
    /// Milliseconds at the 99th percentile.
    pub p99_ms: f64,
    /// Requests per second over capacity, 0 to 1.
    pub load: f64,
}

/// The series of one API or one cell, minute by minute. Sums can be added up, percentiles can't.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrafficSeries {
    pub requests: Series,
    pub errors_4xx: Series,
    pub errors_5xx: Series,
    pub p99_ms: Series,
}

/// What CloudWatch said about the fleet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signals {
    /// The minute that the figures stand for.
    pub minute: Option<Timestamp>,
    pub apis: BTreeMap<ApiId, TrafficSeries>,
    /// The custom metrics of namespace `CellBasedArchitecture/ApiGateway`, by cell.
    pub cells: BTreeMap<CellId, TrafficSeries>,
}

/// Where a cell's p99 comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LatencySource {
    /// The cell's own metric.
    CellMetric,
    /// The worst of its APIs, named: percentiles of several series can't be merged.
    WorstApi(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    pub milliseconds: f64,
    pub source: LatencySource,
}

/// How a cell does, the worst of what is wrong with it. Ordered from well to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CellState {
    Well,
    /// No figures: no traffic, or CloudWatch couldn't be read.
    Silent,
    Slow,
    Full,
    Errors,
}

impl CellState {
    pub fn word(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Silent => "silent",
            Self::Slow => "slow",
            Self::Full => "full",
            Self::Errors => "errors",
        }
    }
}

/// One line of the fleet.
#[derive(Clone, Debug, PartialEq)]
pub struct CellRow {
    pub id: CellId,
    pub cell: Cell,
    pub state: CellState,
    pub requests_per_second: Option<f64>,
    /// 0 to 1.
    pub rate_4xx: Option<f64>,
    /// 0 to 1.
    pub rate_5xx: Option<f64>,
    pub p99: Option<Latency>,
    /// Requests per second over capacity, where a capacity is configured.
    pub load: Option<f64>,
    pub customers: Option<CustomerCount>,
    /// Requests of each of the last minutes, oldest first, up to the minute shown.
    pub history: Vec<Option<f64>>,
}

/// How many minutes of history a row carries.
pub const HISTORY_MINUTES: i64 = 60;

/// Judges each cell. `api_names` gives the name that a worst API is labelled with.
pub fn rows(
    cells: BTreeMap<CellId, Cell>,
    signals: &Signals,
    api_names: &BTreeMap<ApiId, String>,
    customers: &BTreeMap<CellId, CustomerCount>,
    thresholds: &Thresholds,
) -> Vec<CellRow> {
    let mut rows: Vec<CellRow> = cells
        .into_iter()
        .map(|(id, cell)| {
            let customers = customers.get(&id).copied();
            row(id, cell, signals, api_names, customers, thresholds)
        })
        .collect();
    rows.sort_by(|one, other| worst_first(one, other, thresholds));
    rows
}

/// The order of the fleet: by state, then by how far over its threshold, then by name.
fn worst_first(one: &CellRow, other: &CellRow, thresholds: &Thresholds) -> std::cmp::Ordering {
    other
        .state
        .cmp(&one.state)
        .then_with(|| excess(other, thresholds).total_cmp(&excess(one, thresholds)))
        .then_with(|| one.id.cmp(&other.id))
}

/// How far the figure that decides a row's state is over its threshold; 0 for a row that is well,
/// so that calm rows keep their place.
fn excess(row: &CellRow, thresholds: &Thresholds) -> f64 {
    match row.state {
        CellState::Well | CellState::Silent => 0.0,
        CellState::Errors => row.rate_5xx.unwrap_or(0.0) / thresholds.errors_5xx,
        CellState::Full => row.load.unwrap_or(0.0) / thresholds.load,
        CellState::Slow => row.p99.as_ref().map_or(0.0, |p99| p99.milliseconds) / thresholds.p99_ms,
    }
}

fn row(
    id: CellId,
    cell: Cell,
    signals: &Signals,
    api_names: &BTreeMap<ApiId, String>,
    customers: Option<CustomerCount>,
    thresholds: &Thresholds,
) -> CellRow {
    let of_apis: Vec<(&ApiId, &TrafficSeries)> =
        cell.apis.iter().filter_map(|(_, api)| signals.apis.get(api).map(|series| (api, series))).collect();
    let own = signals.cells.get(&id);
    let totals = totals(&of_apis, own);
    let at = |series: &Series| signals.minute.and_then(|minute| series.at(minute));

    let requests = at(&totals.requests);
    let share =
        |errors: &Series| requests.filter(|all| *all > 0.0).map(|all| at(errors).unwrap_or(0.0) / all);
    let requests_per_second = requests.map(|all| all / seconds_per_point());
    let p99 = own
        .and_then(|series| at(&series.p99_ms))
        .map(|milliseconds| Latency { milliseconds, source: LatencySource::CellMetric })
        .or_else(|| worst_api(&of_apis, signals.minute, api_names));
    let load = requests_per_second.zip(cell.capacity).map(|(rate, capacity)| rate / capacity);
    let mut row = CellRow {
        state: CellState::Silent,
        requests_per_second,
        rate_4xx: share(&totals.errors_4xx),
        rate_5xx: share(&totals.errors_5xx),
        p99,
        load,
        customers,
        history: history(&totals.requests, signals.minute),
        id,
        cell,
    };
    row.state = judge(&row, thresholds);
    row
}

fn judge(row: &CellRow, thresholds: &Thresholds) -> CellState {
    if row.requests_per_second.is_none() {
        CellState::Silent
    } else if row.rate_5xx.is_some_and(|rate| rate >= thresholds.errors_5xx) {
        CellState::Errors
    } else if row.load.is_some_and(|load| load >= thresholds.load) {
        CellState::Full
    } else if row.p99.as_ref().is_some_and(|p99| p99.milliseconds >= thresholds.p99_ms) {
        CellState::Slow
    } else {
        CellState::Well
    }
}

/// The sums over a cell's APIs; its own custom metric where no API of it has any data.
fn totals(of_apis: &[(&ApiId, &TrafficSeries)], own: Option<&TrafficSeries>) -> TrafficSeries {
    let mut sum = TrafficSeries::default();
    for (_, series) in of_apis {
        sum.requests.add(&series.requests);
        sum.errors_4xx.add(&series.errors_4xx);
        sum.errors_5xx.add(&series.errors_5xx);
    }
    match own {
        Some(own) if sum.requests.points().is_empty() => own.clone(),
        _ => sum,
    }
}

fn worst_api(
    of_apis: &[(&ApiId, &TrafficSeries)],
    minute: Option<Timestamp>,
    names: &BTreeMap<ApiId, String>,
) -> Option<Latency> {
    let minute = minute?;
    of_apis
        .iter()
        .filter_map(|(api, series)| series.p99_ms.at(minute).map(|p99| (p99, *api)))
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(milliseconds, api)| {
            let name = names.get(api).cloned().unwrap_or_else(|| api.to_string());
            Latency { milliseconds, source: LatencySource::WorstApi(name) }
        })
}

fn history(requests: &Series, minute: Option<Timestamp>) -> Vec<Option<f64>> {
    let Some(minute) = minute else { return Vec::new() };
    (0..HISTORY_MINUTES)
        .rev()
        .map(|back| requests.at(minute - jiff::SignedDuration::from_mins(back)))
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "60 is exact")]
fn seconds_per_point() -> f64 {
    PERIOD_SECONDS as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::estate::RegionSlot;

    const THRESHOLDS: Thresholds = Thresholds { errors_5xx: 0.01, p99_ms: 1_000.0, load: 0.9 };

    fn minute() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn series(value: f64) -> Series {
        Series::new(vec![(minute(), value)])
    }

    fn traffic(requests: f64, errors_5xx: f64, p99: f64) -> TrafficSeries {
        TrafficSeries {
            requests: series(requests),
            errors_4xx: series(0.0),
            errors_5xx: series(errors_5xx),
            p99_ms: series(p99),
        }
    }

    fn one_cell(
        apis: &[(&str, TrafficSeries)],
        own: Option<TrafficSeries>,
        capacity: Option<f64>,
    ) -> CellRow {
        let cell = Cell {
            apis: apis.iter().map(|(id, _)| (RegionSlot(0), ApiId::new(id))).collect(),
            capacity,
            ..Cell::default()
        };
        let signals = Signals {
            minute: Some(minute()),
            apis: apis.iter().map(|(id, series)| (ApiId::new(id), series.clone())).collect(),
            cells: own.into_iter().map(|series| (CellId::new("cell-01"), series)).collect(),
        };
        let names = apis.iter().map(|(id, _)| (ApiId::new(id), format!("{id}-name"))).collect();
        let cells = BTreeMap::from([(CellId::new("cell-01"), cell)]);
        rows(cells, &signals, &names, &BTreeMap::new(), &THRESHOLDS).remove(0)
    }

    #[test]
    fn a_cell_without_a_metric_of_its_own_shows_its_worst_api_and_says_so() {
        let row = one_cell(&[("a", traffic(600.0, 0.0, 80.0)), ("b", traffic(60.0, 0.0, 300.0))], None, None);
        assert_eq!(row.requests_per_second, Some(11.0));
        assert_eq!(
            row.p99,
            Some(Latency { milliseconds: 300.0, source: LatencySource::WorstApi("b-name".into()) })
        );
        assert_eq!(row.state, CellState::Well);
    }

    #[test]
    fn its_own_metric_wins() {
        let row = one_cell(&[("a", traffic(600.0, 0.0, 80.0))], Some(traffic(1.0, 0.0, 95.0)), None);
        assert_eq!(row.p99, Some(Latency { milliseconds: 95.0, source: LatencySource::CellMetric }));
        assert_eq!(row.requests_per_second, Some(10.0), "counts still come from the APIs");
    }

    #[test]
    fn states() {
        assert_eq!(one_cell(&[("a", traffic(600.0, 6.0, 80.0))], None, None).state, CellState::Errors);
        assert_eq!(one_cell(&[("a", traffic(600.0, 5.9, 80.0))], None, None).state, CellState::Well);
        assert_eq!(one_cell(&[("a", traffic(600.0, 0.0, 1_000.0))], None, None).state, CellState::Slow);
        assert_eq!(one_cell(&[("a", traffic(600.0, 0.0, 80.0))], None, Some(11.0)).state, CellState::Full);
        assert_eq!(one_cell(&[], None, None).state, CellState::Silent);
    }
}
