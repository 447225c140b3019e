//! The fleet: each cell with its figures, judged against thresholds, the worst first.

mod last_change;
mod saturation;
mod signals;

use std::collections::{BTreeMap, BTreeSet};

pub use last_change::{LastChange, note_changes, touches};
pub use saturation::{Highest, Resource, Saturation};
pub use signals::{Signals, TrafficSeries};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cell::{self, Cell, CellSettings};
use super::cell_findings::{self, CellFinding};
use super::estate::{Estate, RegionEstate, RegionSlot};
use super::id::{ApiId, CellId};
use super::mapping::{CellCount, CustomerCount};
use super::part::Part;
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
    /// Its region can't be reached.
    Unseen,
    /// An alarm of it fires, though its figures are below their thresholds.
    Alarm,
    Slow,
    Full,
    Errors,
}

impl CellState {
    pub fn word(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Silent => "silent",
            Self::Unseen => "unseen",
            Self::Alarm => "alarm",
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
    /// Of the fullest resource that a limit is configured for: used over limit.
    pub load: Option<f64>,
    pub saturation: Saturation,
    /// The highest load that it was ever seen under.
    pub highest: Option<Highest>,
    pub customers: Option<CustomerCount>,
    /// Open WebSocket connections, where a table counts them by cell.
    pub connections: Option<CustomerCount>,
    /// Requests a minute that its web ACL blocks; none where it has no web ACL.
    pub blocked_per_minute: Option<f64>,
    /// The names of its alarms that fire; none where alarms were not read.
    pub alarms: Option<Vec<String>>,
    pub last_change: Option<LastChange>,
    pub findings: Vec<CellFinding>,
    /// Requests of each of the last minutes, oldest first, up to the minute shown.
    pub history: Vec<Option<f64>>,
}

impl CellRow {
    /// The requests per second over those of its busiest hour.
    pub fn load_of_highest(&self) -> Option<f64> {
        let highest = self.highest.filter(|highest| highest.requests_per_second > 0.0)?;
        Some(self.requests_per_second? / highest.requests_per_second)
    }
}

/// How many minutes of history a row carries.
pub const HISTORY_MINUTES: i64 = 60;

/// Judges every cell that the estate or the configuration knows of.
pub fn rows(
    estate: &Estate,
    signals: &Signals,
    settings: &CellSettings,
    thresholds: &Thresholds,
) -> Vec<CellRow> {
    let cells = cell::discover(estate, settings);
    let counts = Counts::of(estate);
    let mut rows: Vec<CellRow> = cells
        .iter()
        .map(|(id, cell)| row(id.clone(), cell.clone(), (signals, &counts), (estate, settings)))
        .collect();
    // Rows stand in the order of the cells until they are sorted.
    let rate = |id: &CellId| {
        let place = rows.binary_search_by(|row| row.id.cmp(id)).ok()?;
        rows[place].requests_per_second
    };
    let mut findings = cell_findings::findings(estate, &cells, settings, rate);
    for row in &mut rows {
        row.findings = findings.remove(&row.id).unwrap_or_default();
        row.state = judge(row, is_unseen(&row.cell, estate, signals), thresholds);
    }
    rows.sort_by(|one, other| worst_first(one, other, thresholds));
    rows
}

/// Whether all regions that the cell is in can't be reached.
fn is_unseen(cell: &Cell, estate: &Estate, signals: &Signals) -> bool {
    let is_gone = |slot: &RegionSlot| {
        let region = estate.region(*slot);
        signals.unreachable.contains(slot) || region.is_some_and(|region| region.unreachable().is_some())
    };
    !cell.regions.is_empty() && cell.regions.iter().all(is_gone)
}

/// What tables count, by cell.
struct Counts {
    customers: BTreeMap<CellId, CustomerCount>,
    connections: BTreeMap<CellId, CustomerCount>,
}

impl Counts {
    fn of(estate: &Estate) -> Self {
        let by_cell = |pick: fn(&RegionEstate) -> &Part<Vec<CellCount>>| {
            let all = estate.regions().flat_map(|(_, region)| pick(region).value().into_iter().flatten());
            all.filter_map(|counted| Some((counted.cell.clone(), counted.count?))).collect()
        };
        Self {
            customers: by_cell(|region| &region.cell_counts),
            connections: by_cell(|region| &region.connection_counts),
        }
    }
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
        CellState::Well | CellState::Silent | CellState::Unseen | CellState::Alarm => 0.0,
        CellState::Errors => row.rate_5xx.unwrap_or(0.0) / thresholds.errors_5xx,
        CellState::Full => row.load.unwrap_or(0.0) / thresholds.load,
        CellState::Slow => row.p99.as_ref().map_or(0.0, |p99| p99.milliseconds) / thresholds.p99_ms,
    }
}

fn row(
    id: CellId,
    cell: Cell,
    (signals, counts): (&Signals, &Counts),
    (estate, settings): (&Estate, &CellSettings),
) -> CellRow {
    // Two sessions of one account and region list the same APIs.
    let mut seen = BTreeSet::new();
    let apis = cell.apis.iter().filter(|(_, api)| seen.insert(api));
    let of_apis: Vec<(&(RegionSlot, ApiId), &TrafficSeries)> =
        apis.filter_map(|api| signals.apis.get(&api.1).map(|series| (api, series))).collect();
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
        .or_else(|| worst_api(&of_apis, signals.minute, estate));
    let (customers, connections) = (counts.customers.get(&id).copied(), counts.connections.get(&id).copied());
    let saturation = Saturation::of(&cell, requests_per_second, customers, connections);
    // A web ACL that blocks nothing publishes nothing.
    let blocked = signals.blocked.get(&id).map(|series| at(series).unwrap_or(0.0));
    let blocked = blocked.or_else(|| (cell.has_web_acl && signals.minute.is_some()).then_some(0.0));
    let are_read = |slot: &RegionSlot| signals.alarms.contains_key(slot);
    let alarms_are_read =
        if cell.regions.is_empty() { !signals.alarms.is_empty() } else { cell.regions.iter().any(are_read) };
    let alarms = alarms_are_read.then(|| {
        let all = signals.alarms.values().flatten();
        let own = all.filter(|alarm| alarm.is_of(&id, &cell, estate, settings));
        own.map(|alarm| alarm.name.clone()).collect::<BTreeSet<String>>().into_iter().collect()
    });
    CellRow {
        state: CellState::Silent,
        requests_per_second,
        rate_4xx: share(&totals.errors_4xx),
        rate_5xx: share(&totals.errors_5xx),
        p99,
        load: saturation.worst().map(|(_, load)| load),
        saturation,
        highest: signals.highest.get(&id).copied(),
        customers,
        connections,
        blocked_per_minute: blocked,
        alarms,
        last_change: last_change::of_stages(&cell, estate),
        findings: Vec::new(),
        history: history(&totals.requests, signals.minute),
        id,
        cell,
    }
}

fn judge(row: &CellRow, is_unseen: bool, thresholds: &Thresholds) -> CellState {
    if is_unseen {
        CellState::Unseen
    } else if row.rate_5xx.is_some_and(|rate| rate >= thresholds.errors_5xx) {
        CellState::Errors
    } else if row.load.is_some_and(|load| load >= thresholds.load) {
        CellState::Full
    } else if row.p99.as_ref().is_some_and(|p99| p99.milliseconds >= thresholds.p99_ms) {
        CellState::Slow
    } else if row.alarms.as_ref().is_some_and(|alarms| !alarms.is_empty()) {
        CellState::Alarm
    } else if row.requests_per_second.is_none() {
        CellState::Silent
    } else {
        CellState::Well
    }
}

/// The sums over a cell's APIs; its own custom metric where no API of it has any data.
fn totals(of_apis: &[(&(RegionSlot, ApiId), &TrafficSeries)], own: Option<&TrafficSeries>) -> TrafficSeries {
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
    of_apis: &[(&(RegionSlot, ApiId), &TrafficSeries)],
    minute: Option<Timestamp>,
    estate: &Estate,
) -> Option<Latency> {
    let minute = minute?;
    of_apis
        .iter()
        .filter_map(|(api, series)| series.p99_ms.at(minute).map(|p99| (p99, *api)))
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(milliseconds, (slot, api))| {
            let name = estate.api(*slot, api).map(|entry| entry.api.name.clone());
            let source = LatencySource::WorstApi(name.unwrap_or_else(|| api.to_string()));
            Latency { milliseconds, source }
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
mod tests;
