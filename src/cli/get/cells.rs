//! `cellgate get cells`: the fleet, each cell with the figures of the last whole minute.

use jiff::Timestamp;
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::{Column, Listing, Row, number, percent};
use crate::cli::reading::{Reading, SLOT, conclude};
use crate::cli::status::note;
use crate::domain::cell::CellSource;
use crate::domain::estate::Estate;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::filter::{Filterable, Value};
use crate::domain::fleet::{CellRow, CellState, LatencySource, Signals};
use crate::ops::fleet;
use crate::ops::inventory::Request;

/// What `-o json` carries, for the help.
pub const JSON: &str = "\
With -o json, each cell is an object with these keys; what isn't known is null:
  id                   the cell's id
  state                well, silent, slow, full or errors
  minute               start of the minute that the figures stand for, in UTC
  requests             in that minute; requests_per_second is their mean
  rate_4xx, rate_5xx   share of the requests, 0 to 1; errors_5xx is their number
  p99_ms               of the cell's own metric, else of its worst API
  p99_source           cell-metric, or the name of that API
  load                 requests per second over capacity; capacity as configured
  customers            in the mapping table; at least so many where customers_complete is false
  sources              what the cell is known from
  apis                 its APIs, each with id and name";

/// One cell.
#[derive(Debug, Serialize)]
struct CellLine {
    id: String,
    state: CellState,
    /// The start of the minute that the figures stand for.
    minute: Option<Timestamp>,
    requests_per_second: Option<f64>,
    /// Of the whole minute.
    requests: Option<f64>,
    /// 0 to 1.
    rate_4xx: Option<f64>,
    /// 0 to 1.
    rate_5xx: Option<f64>,
    /// Of the whole minute.
    errors_5xx: Option<f64>,
    p99_ms: Option<f64>,
    /// `cell-metric`, or the name of the API that is the worst.
    p99_source: Option<String>,
    /// Requests per second over capacity.
    load: Option<f64>,
    capacity: Option<f64>,
    customers: Option<u64>,
    /// False where there are at least as many.
    customers_complete: Option<bool>,
    sources: Vec<CellSource>,
    apis: Vec<CellApi>,
}

/// An API that serves a cell.
#[derive(Debug, Serialize)]
struct CellApi {
    id: String,
    name: String,
}

impl CellLine {
    fn new(row: &CellRow, estate: &Estate, signals: &Signals) -> Self {
        let requests = row.history.last().copied().flatten();
        // The share was made from whole requests, so this gives them back.
        let errors_5xx = row.rate_5xx.zip(requests).map(|(share, requests)| (share * requests).round());
        let name = |id| estate.api(SLOT, id).map_or_else(String::new, |entry| entry.api.name.clone());
        Self {
            id: row.id.to_string(),
            state: row.state,
            minute: signals.minute,
            requests_per_second: row.requests_per_second,
            requests,
            rate_4xx: row.rate_4xx,
            rate_5xx: row.rate_5xx,
            errors_5xx,
            p99_ms: row.p99.as_ref().map(|p99| p99.milliseconds),
            p99_source: row.p99.as_ref().map(|p99| match &p99.source {
                LatencySource::CellMetric => "cell-metric".to_owned(),
                LatencySource::WorstApi(api) => api.clone(),
            }),
            load: row.load,
            capacity: row.cell.capacity,
            customers: row.customers.map(|count| count.customers),
            customers_complete: row.customers.map(|count| count.complete),
            sources: row.cell.sources.iter().copied().collect(),
            apis: row
                .cell
                .apis
                .iter()
                .map(|(_, id)| CellApi { id: id.to_string(), name: name(id) })
                .collect(),
        }
    }

    fn customers_shown(&self) -> String {
        match (self.customers, self.customers_complete) {
            (Some(customers), Some(false)) => format!("{customers}+"),
            (Some(customers), _) => customers.to_string(),
            (None, _) => "-".to_owned(),
        }
    }
}

impl Filterable for CellLine {
    fn text(&self) -> String {
        let apis: Vec<&str> = self.apis.iter().map(|api| api.name.as_str()).collect();
        format!("{} {} {}", self.id, self.state.word(), apis.join(" "))
    }

    fn value(&self, column: &str) -> Value {
        let figure = |figure: Option<f64>| figure.map_or(Value::Absent, Value::Number);
        let share = |share: Option<f64>| share.map_or(Value::Absent, Value::Share);
        match column {
            "cell" => Value::Text(self.id.clone()),
            "state" => Value::Text(self.state.word().to_owned()),
            "req/s" => figure(self.requests_per_second),
            "5xx" => share(self.rate_5xx),
            "4xx" => share(self.rate_4xx),
            "p99" => figure(self.p99_ms),
            "p99-of" => self.p99_source.clone().map_or(Value::Absent, Value::Text),
            "load" => share(self.load),
            "customers" => self.customers.map_or(Value::Absent, |customers| Value::Number(exact(customers))),
            "apis" => Value::Number(super::count(self.apis.len())),
            _ => Value::Absent,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "customers are far below 2^52")]
fn exact(customers: u64) -> f64 {
    customers as f64
}

impl Row for CellLine {
    const COLUMNS: &'static [Column] = &[
        Column::text("cell"),
        Column::text("state"),
        Column::figure("req/s"),
        Column::figure("5xx"),
        Column::figure("4xx"),
        Column::figure("p99"),
        Column::text("p99-of"),
        Column::figure("load"),
        Column::figure("customers"),
        Column::figure("apis"),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.clone(),
            self.state.word().to_owned(),
            number(self.requests_per_second, 1),
            percent(self.rate_5xx),
            percent(self.rate_4xx),
            number(self.p99_ms, 0),
            self.p99_source.clone().unwrap_or_else(|| "-".to_owned()),
            percent(self.load),
            self.customers_shown(),
            self.apis.len().to_string(),
        ]
    }
}

pub async fn run(listing: &Listing, context: &Context) -> Result<(), CliError> {
    let order = listing.order::<CellLine>()?;
    let mut reading = Reading::connect(context).await?;
    reading.read("cells", vec![Request::Fleet]).await?;
    let mut failures = failures_that_matter(&reading);
    let signals = reading.signals(true).await?.unwrap_or_else(|failure| {
        failures.push(failure);
        Signals::default()
    });
    let settings = &context.settings;
    let rows: Vec<CellLine> = fleet::rows(&reading.estate, &signals, &settings.cells, &settings.thresholds)
        .iter()
        .map(|row| CellLine::new(row, &reading.estate, &signals))
        .collect();
    let read = rows.len();
    if read > 0 || failures.is_empty() {
        order.print(rows, context.format)?;
    }
    conclude(read, failures)
}

/// The failures that a row of the fleet suffers from. An account without a mapping table is not a
/// failure: cells are known from elsewhere, and their customers are unknown.
fn failures_that_matter(reading: &Reading<'_>) -> Vec<Failure> {
    let Some(region) = reading.region() else { return Vec::new() };
    let mapping = region.mapping_table.failure();
    if let Some(absent) = mapping.filter(|failure| failure.kind == FailureKind::NotFound) {
        note(&format!("note: customers are unknown: {absent}"));
    }
    let listings = region.listings.values().filter_map(|listing| listing.failure());
    let stages = region.apis.values().filter_map(|entry| entry.stages.failure());
    let others = [
        mapping.filter(|failure| failure.kind != FailureKind::NotFound),
        region.cell_counts.failure(),
        region.metric_cells.failure(),
    ];
    listings.chain(stages).chain(others.into_iter().flatten()).cloned().collect()
}
