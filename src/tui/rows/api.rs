//! An API as a row: what it is, and its figures.

use jiff::Timestamp;

use super::{RowKey, TableRow, age, count, number, share};
use crate::domain::api::Api;
use crate::domain::estate::{ApiEntry, RegionSlot};
use crate::domain::filter::Value;
use crate::domain::fleet::Signals;
use crate::domain::id::CellId;
use crate::domain::signal::PERIOD_SECONDS;
use crate::ops::signals;
use crate::tui::model::{Model, Scope};

#[derive(Clone, Debug)]
pub struct ApiRow {
    pub slot: RegionSlot,
    pub api: Api,
    /// Usually one; several where sources disagree.
    pub cells: Vec<CellId>,
    /// None until they are read.
    pub stages: Option<usize>,
    pub authorizers: Option<usize>,
    pub requests_per_second: Option<f64>,
    /// 0 to 1.
    pub rate_5xx: Option<f64>,
    /// 0 to 1.
    pub rate_4xx: Option<f64>,
    pub p99_ms: Option<f64>,
    /// Requests a minute over the last hour, oldest first.
    pub history: Vec<Option<f64>>,
    /// Some of its parts couldn't be read at the latest try.
    pub failing: bool,
}

impl ApiRow {
    pub fn new(slot: RegionSlot, entry: &ApiEntry, cells: Vec<CellId>, signals: &Signals) -> Self {
        let traffic = signals.apis.get(&entry.api.id);
        let at = |pick: fn(&crate::domain::fleet::TrafficSeries) -> &crate::domain::signal::Series| {
            traffic.zip(signals.minute).and_then(|(traffic, minute)| pick(traffic).at(minute))
        };
        let requests = at(|traffic| &traffic.requests);
        let rate =
            |errors: Option<f64>| requests.filter(|all| *all > 0.0).map(|all| errors.unwrap_or(0.0) / all);
        let history =
            traffic.map_or_else(Vec::new, |traffic| super::last_hour(&traffic.requests, signals.minute));
        Self {
            slot,
            api: entry.api.clone(),
            cells,
            stages: entry.stages.value().map(Vec::len),
            authorizers: entry.authorizers.value().map(Vec::len),
            requests_per_second: requests.map(per_second),
            rate_5xx: rate(at(|traffic| &traffic.errors_5xx)),
            rate_4xx: rate(at(|traffic| &traffic.errors_4xx)),
            p99_ms: at(|traffic| &traffic.p99_ms),
            history,
            failing: [
                entry.stages.failure(),
                entry.deployments.failure(),
                entry.operations.failure(),
                entry.authorizers.failure(),
            ]
            .iter()
            .any(Option::is_some),
        }
    }

    /// Why CloudWatch has no figures of its own for it, where the figures of its region were read.
    pub fn why_without_figures(&self, model: &Model) -> Option<String> {
        let read = model.signals.get(self.slot.0).is_some_and(|part| part.value().is_some());
        if !read || !self.history.is_empty() {
            return None;
        }
        let all = model.estate.region(self.slot)?.apis.values();
        let shares = |other: &&ApiEntry| signals::shares_metrics(&self.api, std::iter::once(&other.api));
        let others = all.filter(shares).count();
        (others > 0).then(|| {
            let count = others + 1;
            format!("CloudWatch folds the metrics of {count} APIs called {} into one", self.api.name)
        })
    }

    /// Its cells as one text, empty where it belongs to none.
    pub fn cell_text(&self) -> String {
        self.cells.iter().map(CellId::as_str).collect::<Vec<_>>().join(" ")
    }
}

/// A minute's count as a rate.
#[expect(clippy::cast_precision_loss, reason = "60 is exact")]
pub(super) fn per_second(of_minute: f64) -> f64 {
    of_minute / PERIOD_SECONDS as f64
}

impl TableRow for ApiRow {
    fn key(&self) -> RowKey {
        RowKey::Api(self.slot, self.api.id.clone())
    }

    fn text(&self) -> String {
        format!(
            "{} {} {} {} {}",
            self.api.name,
            self.api.id,
            self.api.kind,
            self.api.endpoint_type,
            self.cell_text()
        )
    }

    fn value(&self, column: &str, now: Timestamp) -> Value {
        match column {
            "api" => Value::Text(self.api.name.clone()),
            "kind" => Value::Text(self.api.kind.to_string()),
            "cell" if self.cells.is_empty() => Value::Absent,
            "cell" => Value::Text(self.cell_text()),
            "id" => Value::Text(self.api.id.to_string()),
            "endpoint" => Value::Text(self.api.endpoint_type.to_string()),
            "stages" => self.stages.map_or(Value::Absent, count),
            "age" => age(self.api.created, now),
            "authorizers" => self.authorizers.map_or(Value::Absent, count),
            "req/s" => number(self.requests_per_second),
            "5xx" => share(self.rate_5xx),
            "p99" => number(self.p99_ms),
            _ => Value::Absent,
        }
    }

    fn is_in(&self, scope: &Scope) -> bool {
        match scope {
            Scope::All | Scope::Plan { .. } | Scope::WebAcl { .. } => true,
            Scope::Cell(cell) => self.cells.contains(cell),
            Scope::Api { slot, api, .. } => self.slot == *slot && self.api.id == *api,
        }
    }
}
