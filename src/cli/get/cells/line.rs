//! One cell as a line and as JSON.

use jiff::Timestamp;
use serde::Serialize;

use crate::cli::get::{age_value, count as count_of};
use crate::cli::output::{Column, Row, age, number, percent};
use crate::domain::cell::CellSource;
use crate::domain::cell_findings::CellFinding;
use crate::domain::estate::Estate;
use crate::domain::filter::{Filterable, Value};
use crate::domain::fleet::{
    CellRow, CellState, Highest, LastChange, LatencySource, Resource, Saturation, Signals,
};
use crate::domain::mapping::CustomerCount;

/// What `-o json` carries, for the help.
pub const JSON: &str = "\
With -o json, each cell is an object with these keys; what isn't known is null:
  id                   the cell's id
  state                well, silent, unseen (its region can't be reached), alarm, slow, full or errors
  minute               start of the minute that the figures stand for, in UTC
  requests             in that minute; requests_per_second is their mean
  rate_4xx, rate_5xx   share of the requests, 0 to 1; errors_5xx is their number
  p99_ms               of the cell's own metric, else of its worst API
  p99_source           cell-metric, or the name of that API
  load                 the fullest of loads: used over limit; load_of says of what
  loads                of requests, customers and connections, as far as limits are configured
  capacity             requests per second, as configured; customers_limit, connections_limit likewise
  highest              requests_per_second of the busiest hour ever seen, by CloudWatch's sums of hours, with hour,
                       since (the first look reaches back a day) and read_at; load_of_highest is the load over it
  customers            in the mapping table; at least so many where customers_complete is false
  connections          open WebSocket connections, where their table has an index on the cell; as customers,
                       connections_complete
  blocked_per_minute   requests that its web ACL blocks
  alarms               names of its alarms that fire
  last_change          the newest update of its stages, with lever, operator and change where the journal knows
  sources              what the cell is known from
  findings             where sources, or it and the other cells, disagree; each with kind and text
  regions              where it is, as configured
  apis                 its APIs, each with id and name";

/// One cell.
#[derive(Debug, Serialize)]
pub struct CellLine {
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
    load: Option<f64>,
    load_of: Option<Resource>,
    loads: Loads,
    capacity: Option<f64>,
    customers_limit: Option<u64>,
    connections_limit: Option<u64>,
    highest: Option<Highest>,
    load_of_highest: Option<f64>,
    customers: Option<u64>,
    /// False where there are at least as many.
    customers_complete: Option<bool>,
    connections: Option<u64>,
    connections_complete: Option<bool>,
    blocked_per_minute: Option<f64>,
    alarms: Option<Vec<String>>,
    last_change: Option<LastChange>,
    sources: Vec<CellSource>,
    findings: Vec<FindingLine>,
    regions: Vec<String>,
    apis: Vec<CellApi>,
    #[serde(skip)]
    now: Timestamp,
}

/// How full it is of each.
#[derive(Debug, Serialize)]
struct Loads {
    requests: Option<f64>,
    customers: Option<f64>,
    connections: Option<f64>,
}

impl From<&Saturation> for Loads {
    fn from(saturation: &Saturation) -> Self {
        Self {
            requests: saturation.of_resource(Resource::Requests),
            customers: saturation.of_resource(Resource::Customers),
            connections: saturation.of_resource(Resource::Connections),
        }
    }
}

/// A finding with its sentence.
#[derive(Debug, Serialize)]
struct FindingLine {
    text: String,
    #[serde(flatten)]
    finding: CellFinding,
}

/// An API that serves a cell.
#[derive(Debug, Serialize)]
struct CellApi {
    id: String,
    name: String,
}

impl CellLine {
    /// `regions` are the names of the session's regions, in their order.
    pub fn new(
        row: &CellRow,
        (estate, signals): (&Estate, &Signals),
        regions: &[&str],
        now: Timestamp,
    ) -> Self {
        let requests = row.history.last().copied().flatten();
        // The share was made from whole requests, so this gives them back.
        let errors_5xx = row.rate_5xx.zip(requests).map(|(share, requests)| (share * requests).round());
        let api = |(slot, id): &(_, _)| CellApi {
            id: String::from(crate::domain::id::ApiId::clone(id)),
            name: estate.api(*slot, id).map_or_else(String::new, |entry| entry.api.name.clone()),
        };
        let named =
            |slot: &crate::domain::estate::RegionSlot| regions.get(slot.0).map(|name| (*name).to_owned());
        let finding = |finding: &CellFinding| FindingLine { text: finding.text(), finding: finding.clone() };
        let count = |count: Option<CustomerCount>| count.map(|count| count.customers);
        let complete = |count: Option<CustomerCount>| count.map(|count| count.complete);
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
            load_of: row.saturation.worst().map(|(resource, _)| resource),
            loads: Loads::from(&row.saturation),
            capacity: row.cell.capacity,
            customers_limit: row.cell.most_customers,
            connections_limit: row.cell.most_connections,
            highest: row.highest,
            load_of_highest: row.load_of_highest(),
            customers: count(row.customers),
            customers_complete: complete(row.customers),
            connections: count(row.connections),
            connections_complete: complete(row.connections),
            blocked_per_minute: row.blocked_per_minute,
            alarms: row.alarms.clone(),
            last_change: row.last_change.clone(),
            sources: row.cell.sources.iter().copied().collect(),
            findings: row.findings.iter().map(finding).collect(),
            regions: row.cell.regions.iter().filter_map(named).collect(),
            apis: row.cell.apis.iter().map(api).collect(),
            now,
        }
    }

    /// Whether its region could be reached.
    pub fn is_seen(&self) -> bool {
        self.state != CellState::Unseen
    }

    /// The names of its regions in one text.
    pub fn region(&self) -> String {
        if self.regions.is_empty() { "-".to_owned() } else { self.regions.join(",") }
    }

    fn changed(&self) -> Option<Timestamp> {
        self.last_change.as_ref().map(|change| change.at)
    }

    fn source_words(&self) -> String {
        let words: Vec<String> = self.sources.iter().map(|source| source.words().replace(' ', "-")).collect();
        words.join(",")
    }
}

fn counted(count: Option<u64>, complete: Option<bool>) -> String {
    match (count, complete) {
        (Some(count), Some(false)) => format!("{count}+"),
        (Some(count), _) => count.to_string(),
        (None, _) => "-".to_owned(),
    }
}

impl Filterable for CellLine {
    fn text(&self) -> String {
        let apis: Vec<&str> = self.apis.iter().map(|api| api.name.as_str()).collect();
        let findings: Vec<&str> = self.findings.iter().map(|finding| finding.text.as_str()).collect();
        format!("{} {} {} {}", self.id, self.state.word(), apis.join(" "), findings.join(" "))
    }

    fn value(&self, column: &str) -> Value {
        let figure = |figure: Option<f64>| figure.map_or(Value::Absent, Value::Number);
        let share = |share: Option<f64>| share.map_or(Value::Absent, Value::Share);
        let count = |count: Option<u64>| count.map_or(Value::Absent, |count| Value::Number(exact(count)));
        match column {
            "cell" => Value::Text(self.id.clone()),
            "state" => Value::Text(self.state.word().to_owned()),
            "req/s" => figure(self.requests_per_second),
            "5xx" => share(self.rate_5xx),
            "4xx" => share(self.rate_4xx),
            "p99" => figure(self.p99_ms),
            "p99-of" => self.p99_source.clone().map_or(Value::Absent, Value::Text),
            "load" => share(self.load),
            "load-of" => self.load_of.map_or(Value::Absent, |of| Value::Text(of.word().to_owned())),
            "highest" => share(self.load_of_highest),
            "customers" => count(self.customers),
            "connections" => count(self.connections),
            "blocked" => figure(self.blocked_per_minute),
            "alarms" => {
                self.alarms.as_ref().map_or(Value::Absent, |alarms| Value::Number(count_of(alarms.len())))
            }
            "changed" => age_value(self.changed(), self.now),
            "apis" => Value::Number(count_of(self.apis.len())),
            "sources" => Value::Text(self.source_words()),
            "findings" => Value::Number(count_of(self.findings.len())),
            _ => Value::Absent,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "customers are far below 2^52")]
fn exact(count: u64) -> f64 {
    count as f64
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
        Column::text("load-of"),
        Column::figure("highest"),
        Column::figure("customers"),
        Column::figure("connections"),
        Column::figure("blocked"),
        Column::figure("alarms"),
        Column::figure("changed"),
        Column::figure("apis"),
        Column::text("sources"),
        Column::figure("findings"),
    ];

    fn cells(&self) -> Vec<String> {
        let none = || "-".to_owned();
        vec![
            self.id.clone(),
            self.state.word().to_owned(),
            number(self.requests_per_second, 1),
            percent(self.rate_5xx),
            percent(self.rate_4xx),
            number(self.p99_ms, 0),
            self.p99_source.clone().unwrap_or_else(none),
            percent(self.load),
            self.load_of.map_or_else(none, |of| of.word().to_owned()),
            percent(self.load_of_highest),
            counted(self.customers, self.customers_complete),
            counted(self.connections, self.connections_complete),
            number(self.blocked_per_minute, 0),
            self.alarms.as_ref().map_or_else(none, |alarms| alarms.len().to_string()),
            age(self.changed(), self.now),
            self.apis.len().to_string(),
            self.source_words(),
            self.findings.len().to_string(),
        ]
    }
}
