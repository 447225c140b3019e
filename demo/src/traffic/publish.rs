//! Writes what happened as the metrics that AWS publishes for each kind of API, and the cells' custom ones.

use std::collections::HashMap;
use std::sync::Arc;

use super::chance::fraction;
use super::flow::StageFlow;
use super::profile::Nature;
use crate::estate::{Api, ApiKind, Cell};
use crate::metrics::{MetricKey, MetricStore, Recorder, SeriesId, Summary, as_weight};

/// AWS's namespace for API Gateway.
const GATEWAY: &str = "AWS/ApiGateway";
/// The namespace of the cells' custom metrics.
const CELLS: &str = "CellBasedArchitecture/ApiGateway";
/// How many cells have no custom metrics, so that clients must make do with those of the APIs.
const CELLS_WITHOUT: usize = 2;
/// Bytes of an average answer of an HTTP API.
const ANSWER_BYTES: f64 = 1_800.0;

/// A quantity that the gateway measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Count,
    Errors4xx,
    Errors5xx,
    CacheHits,
    CacheMisses,
    Latency,
    IntegrationLatency,
    DataProcessed,
    Connects,
    Messages,
    ClientErrors,
    IntegrationErrors,
    ExecutionErrors,
}

impl Measure {
    /// The measures of a kind of API with AWS's names, which differ between the kinds in case too.
    fn of(kind: ApiKind) -> &'static [(Self, &'static str)] {
        match kind {
            ApiKind::Rest => &[
                (Self::Count, "Count"),
                (Self::Errors4xx, "4XXError"),
                (Self::Errors5xx, "5XXError"),
                (Self::CacheHits, "CacheHitCount"),
                (Self::CacheMisses, "CacheMissCount"),
                (Self::Latency, "Latency"),
                (Self::IntegrationLatency, "IntegrationLatency"),
            ],
            ApiKind::Http => &[
                (Self::Count, "Count"),
                (Self::Errors4xx, "4xx"),
                (Self::Errors5xx, "5xx"),
                (Self::Latency, "Latency"),
                (Self::IntegrationLatency, "IntegrationLatency"),
                (Self::DataProcessed, "DataProcessed"),
            ],
            ApiKind::WebSocket => &[
                (Self::Connects, "ConnectCount"),
                (Self::Messages, "MessageCount"),
                (Self::ClientErrors, "ClientError"),
                (Self::IntegrationErrors, "IntegrationError"),
                (Self::ExecutionErrors, "ExecutionError"),
                (Self::IntegrationLatency, "IntegrationLatency"),
            ],
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Latency | Self::IntegrationLatency => "Milliseconds",
            Self::DataProcessed => "Bytes",
            _ => "Count",
        }
    }
}

/// Each measure of a stage, by API and by API and stage.
type StageSeries = Vec<(Measure, [SeriesId; 2])>;

#[derive(Clone, Copy, Debug)]
struct CellSeries {
    requests: SeriesId,
    errors: SeriesId,
    latency: SeriesId,
}

/// Knows the series that the simulation writes to.
#[derive(Debug)]
pub struct Publisher {
    metrics: Arc<MetricStore>,
    stages: HashMap<(String, String), StageSeries>,
    cells: HashMap<String, CellSeries>,
}

impl Publisher {
    /// A publisher for these cells, all but [`CELLS_WITHOUT`] of which have custom metrics.
    pub fn new(metrics: Arc<MetricStore>, cells: &[Cell], seed: u64) -> Self {
        let mut ranked: Vec<&Cell> = cells.iter().collect();
        let rank = |cell: &Cell| fraction(seed, &format!("custom metrics {}", cell.id));
        ranked.sort_by(|one, other| rank(one).total_cmp(&rank(other)));
        let without = CELLS_WITHOUT.min(cells.len() / 2);
        let cells = ranked
            .into_iter()
            .skip(without)
            .map(|cell| {
                let series = |name: &str, unit: &str| {
                    metrics.series(&MetricKey::new(CELLS, name, [("CellId", &cell.id)]), Some(unit))
                };
                let series = CellSeries {
                    requests: series("RequestCount", "Count"),
                    errors: series("ErrorCount", "Count"),
                    latency: series("Latency", "Milliseconds"),
                };
                (cell.id.clone(), series)
            })
            .collect();
        Self { metrics, stages: HashMap::new(), cells }
    }

    /// Makes sure of the series of a stage. AWS: REST metrics go by the API's name, the others by its id.
    pub fn prepare(&mut self, api: &Api, stage: &str) {
        let (dimension, value) = identity(api);
        let key = (value.clone(), stage.to_owned());
        if self.stages.contains_key(&key) {
            return;
        }
        let series = |(measure, name): &(Measure, &str)| {
            let by_api = MetricKey::new(GATEWAY, *name, [(dimension, value.as_str())]);
            let by_stage = MetricKey::new(GATEWAY, *name, [(dimension, value.as_str()), ("Stage", stage)]);
            (*measure, [by_api, by_stage].map(|key| self.metrics.series(&key, Some(measure.unit()))))
        };
        let series = Measure::of(api.kind).iter().map(series).collect();
        self.stages.insert(key, series);
    }

    /// Writes the flow of a stage that was prepared. A stage without traffic writes nothing: AWS has no zeros.
    pub fn write(&self, recorder: &mut Recorder<'_>, api: &Api, stage: &str, flow: &StageFlow, caches: bool) {
        let key = (identity(api).1, stage.to_owned());
        let Some(series) = self.stages.get(&key) else { return };
        for (measure, ids) in series {
            let summary = summary(*measure, flow, caches);
            for id in ids {
                recorder.at(*id).merge(&summary);
            }
        }
        let cell = api.cell.as_ref().and_then(|cell| self.cells.get(cell));
        if let Some(cell) = cell
            && api.kind != ApiKind::WebSocket
        {
            recorder.at(cell.requests).merge(&summary(Measure::Count, flow, caches));
            recorder.at(cell.errors).merge(&summary(Measure::Errors5xx, flow, caches));
            recorder.at(cell.latency).merge(&flow.latency);
        }
    }
}

/// The dimension that tells APIs of this kind apart, and its value.
fn identity(api: &Api) -> (&'static str, String) {
    match api.kind {
        ApiKind::Rest => ("ApiName", metric_name(api)),
        ApiKind::Http | ApiKind::WebSocket => ("ApiId", api.id.clone()),
    }
}

/// AWS strips characters beyond ASCII from the name, and uses the id if nothing is left.
fn metric_name(api: &Api) -> String {
    let name: String = api.name.chars().filter(char::is_ascii).collect();
    if name.is_empty() { api.id.clone() } else { name }
}

/// The values that a flow adds to a measure.
fn summary(measure: Measure, flow: &StageFlow, caches: bool) -> Summary {
    let all = flow.tally(|_| true);
    let messages = || flow.tally(|method| method.profile.nature == Nature::Message);
    let mut summary = Summary::default();
    match measure {
        Measure::Count => summary.add(1.0, as_weight(all.requests())),
        Measure::Errors4xx => summary.add_rate(all.all_4xx(), all.requests()),
        Measure::Errors5xx => summary.add_rate(all.all_5xx(), all.requests()),
        // AWS: only while the cache is on.
        Measure::CacheHits if caches => summary.add_rate(all.cache_hits, all.requests()),
        Measure::CacheMisses if caches => summary.add_rate(all.cache_misses, all.requests()),
        Measure::CacheHits | Measure::CacheMisses => {}
        Measure::Latency => summary.merge(&flow.latency),
        Measure::IntegrationLatency => summary.merge(&flow.integration_latency),
        Measure::DataProcessed => summary.add(ANSWER_BYTES, as_weight(all.requests())),
        Measure::Connects => {
            let connects = flow.tally(|method| method.profile.nature == Nature::Connect);
            summary.add(1.0, as_weight(connects.requests()));
        }
        Measure::Messages => summary.add(1.0, as_weight(messages().requests())),
        Measure::ClientErrors => summary.add_rate(all.throttled + all.refused, all.requests()),
        Measure::IntegrationErrors => summary.add_rate(all.client_errors + all.server_errors, all.requests()),
        Measure::ExecutionErrors => summary.add_rate(all.timed_out, all.requests()),
    }
    summary
}
