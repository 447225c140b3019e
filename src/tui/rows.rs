//! The rows of the tables: made from the estate and the signals, filtered and sorted by column.

mod api;
mod cell;
mod stage;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

pub use self::api::ApiRow;
pub use self::stage::StageRow;
use super::model::{Model, Scope, Screen};
use crate::domain::estate::RegionSlot;
use crate::domain::filter::Value;
use crate::domain::fleet::{CellRow, HISTORY_MINUTES, Signals, TrafficSeries};
use crate::domain::id::{ApiId, CellId, StageName};
use crate::domain::part::Part;
use crate::domain::signal::Series;
use crate::ops::fleet;

/// What a row is, however the table is sorted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKey {
    Cell(CellId),
    Api(RegionSlot, ApiId),
    /// Without a stage, the row that says why an API's stages can't be shown.
    Stage(RegionSlot, ApiId, Option<StageName>),
}

/// A row as far as filtering, sorting and scoping go.
pub trait TableRow {
    fn key(&self) -> RowKey;
    /// All of its text, for the filter's words.
    fn text(&self) -> String;
    fn value(&self, column: &str, now: Timestamp) -> Value;
    fn is_in(&self, scope: &Scope) -> bool;
}

/// A column of a table.
#[derive(Debug)]
pub struct Column {
    /// Its heading, and its name in a filter.
    pub name: &'static str,
    /// The least width that shows it.
    pub width: u16,
    /// Takes part in what is left of the width, in proportion.
    pub grows: u16,
    pub right: bool,
    /// Sorting by it puts the largest first.
    pub descending: bool,
    /// Filters and sorting know it.
    pub compares: bool,
    /// Narrow terminals leave out the highest first; 0 always stays.
    pub rank: u8,
}

const fn name(name: &'static str, width: u16, grows: u16, rank: u8) -> Column {
    Column { name, width, grows, right: false, descending: false, compares: true, rank }
}

const fn figure(name: &'static str, width: u16, rank: u8) -> Column {
    Column { name, width, grows: 0, right: true, descending: true, compares: true, rank }
}

/// The sparkline; always the last column, so that the places of those that compare have no holes.
const LAST_HOUR: Column = Column {
    name: "last hour",
    width: 12,
    grows: 5,
    right: false,
    descending: false,
    compares: false,
    rank: 7,
};

const CELL_COLUMNS: &[Column] = &[
    name("cell", 8, 2, 0),
    name("state", 8, 0, 0),
    figure("req/s", 6, 0),
    figure("5xx", 6, 1),
    figure("4xx", 6, 4),
    figure("p99", 6, 2),
    figure("load", 5, 3),
    figure("customers", 9, 5),
    LAST_HOUR,
];

const API_COLUMNS: &[Column] = &[
    name("api", 16, 3, 0),
    name("kind", 9, 0, 2),
    name("cell", 7, 1, 3),
    name("id", 10, 0, 5),
    name("endpoint", 8, 0, 8),
    figure("stages", 6, 4),
    Column { name: "age", width: 6, grows: 0, right: true, descending: false, compares: true, rank: 6 },
    figure("authorizers", 11, 9),
    figure("req/s", 6, 0),
    figure("5xx", 6, 1),
    figure("p99", 6, 2),
    LAST_HOUR,
];

const STAGE_COLUMNS: &[Column] = &[
    name("api", 15, 3, 0),
    name("stage", 8, 1, 0),
    name("kind", 9, 0, 6),
    name("deployment", 10, 0, 3),
    name("cache", 8, 0, 0),
    figure("hits", 6, 1),
    figure("rate", 6, 4),
    figure("burst", 6, 5),
    Column { name: "age", width: 5, grows: 0, right: true, descending: false, compares: true, rank: 2 },
];

/// The columns of a screen's table, left to right.
pub fn columns(screen: Screen) -> &'static [Column] {
    match screen {
        Screen::Fleet => CELL_COLUMNS,
        Screen::Apis => API_COLUMNS,
        Screen::Stages => STAGE_COLUMNS,
    }
}

/// All rows of all screens.
#[derive(Debug, Default)]
pub struct Rows {
    pub cells: Vec<CellRow>,
    pub apis: Vec<ApiRow>,
    pub stages: Vec<StageRow>,
    /// Of all APIs together, minute by minute over the last hour, oldest first.
    pub all_requests: Vec<Option<f64>>,
    pub all_errors_5xx: Vec<Option<f64>>,
    /// The minute that the figures stand for.
    pub minute: Option<Timestamp>,
}

impl Rows {
    pub fn build(model: &Model) -> Self {
        let signals = merged_signals(&model.signals);
        let settings = &model.settings;
        let cells = fleet::rows(&model.estate, &signals, &settings.cells, &settings.thresholds);
        let mut cells_of: BTreeMap<(RegionSlot, ApiId), Vec<CellId>> = BTreeMap::new();
        for row in &cells {
            for api in &row.cell.apis {
                cells_of.entry(api.clone()).or_default().push(row.id.clone());
            }
        }
        let apis = model
            .estate
            .apis()
            .into_iter()
            .map(|(slot, entry)| {
                let cells = cells_of.remove(&(slot, entry.api.id.clone())).unwrap_or_default();
                ApiRow::new(slot, entry, cells, &signals)
            })
            .collect();
        Self {
            cells,
            apis,
            stages: stage::rows(model),
            all_requests: sum(&signals, |traffic| &traffic.requests),
            all_errors_5xx: sum(&signals, |traffic| &traffic.errors_5xx),
            minute: signals.minute,
        }
    }
}

/// One series summed over all APIs, for the last hour.
fn sum(signals: &Signals, pick: impl Fn(&TrafficSeries) -> &Series) -> Vec<Option<f64>> {
    let mut total = Series::default();
    for traffic in signals.apis.values() {
        total.add(pick(traffic));
    }
    last_hour(&total, signals.minute)
}

/// The minutes of the last hour up to `until`, oldest first.
fn last_hour(series: &Series, until: Option<Timestamp>) -> Vec<Option<f64>> {
    let Some(until) = until else { return Vec::new() };
    (0..HISTORY_MINUTES).rev().map(|back| series.at(until - SignedDuration::from_mins(back))).collect()
}

/// The signals of all regions in one. Their minute is the oldest, so that no region shows a
/// minute that it hasn't got.
pub(super) fn merged_signals(parts: &[Part<Signals>]) -> Signals {
    let mut merged = Signals::default();
    for signals in parts.iter().filter_map(Part::value) {
        merged.minute = match (merged.minute, signals.minute) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        merged.apis.extend(signals.apis.iter().map(|(api, series)| (api.clone(), series.clone())));
        merged.cells.extend(signals.cells.iter().map(|(cell, series)| (cell.clone(), series.clone())));
    }
    merged
}

/// Orders two values of a column; what is absent comes last either way.
pub fn compare(one: &Value, other: &Value, descending: bool) -> Ordering {
    let ascending = match (one, other) {
        (Value::Absent, Value::Absent) => return Ordering::Equal,
        (Value::Absent, _) => return Ordering::Greater,
        (_, Value::Absent) => return Ordering::Less,
        (Value::Text(one), Value::Text(other)) => one.to_lowercase().cmp(&other.to_lowercase()),
        (Value::Number(one), Value::Number(other)) | (Value::Share(one), Value::Share(other)) => {
            one.total_cmp(other)
        }
        (Value::Age(one), Value::Age(other)) => one.cmp(other),
        _ => Ordering::Equal,
    };
    if descending { ascending.reverse() } else { ascending }
}

fn number(value: Option<f64>) -> Value {
    value.map_or(Value::Absent, Value::Number)
}

fn share(value: Option<f64>) -> Value {
    value.map_or(Value::Absent, Value::Share)
}

fn age(since: Option<Timestamp>, now: Timestamp) -> Value {
    since.map_or(Value::Absent, |since| {
        let age = now.duration_since(since).max(SignedDuration::ZERO);
        Value::Age(age.unsigned_abs())
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn count(value: usize) -> Value {
    Value::Number(value as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_comes_last_in_either_order() {
        let some = Value::Number(1.0);
        for descending in [false, true] {
            assert_eq!(compare(&some, &Value::Absent, descending), Ordering::Less);
            assert_eq!(compare(&Value::Absent, &some, descending), Ordering::Greater);
        }
    }

    #[test]
    fn what_does_not_compare_comes_last() {
        for screen in Screen::ALL {
            let compares: Vec<bool> = columns(screen).iter().map(|column| column.compares).collect();
            assert!(compares.is_sorted_by(|one, other| one >= other), "{screen:?}");
        }
    }

    #[test]
    fn every_table_fits_a_narrow_terminal_with_the_columns_that_always_stay() {
        for screen in Screen::ALL {
            let least: u16 =
                columns(screen).iter().filter(|column| column.rank == 0).map(|column| column.width + 1).sum();
            assert!(least <= 56, "{screen:?} {least}");
        }
    }
}
