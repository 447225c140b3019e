//! Turns flows into rows, and knows the panels of one stage.

use std::collections::HashMap;

use super::layouts::{function, socket, stage as counters, table};
use super::panels;
use super::rules::RuleCount;
use crate::estate::{Api, ApiKind, AuthorizerKind, RouteKey};
use crate::metrics::panel::{GroupId, PanelId, PanelSpec};
use crate::metrics::row::Row;
use crate::metrics::{MetricStore, Summary, as_weight};
use crate::traffic::chance::Chance;
use crate::traffic::flow::{MethodFlow, StageFlow};
use crate::traffic::latency::Law;
use crate::traffic::profile::Nature;
use crate::traffic::router::RouterFlow;
use crate::traffic::tally::Tally;

/// What an authorizer's function takes.
const AUTHORIZER: Law = Law { median_ms: 18.0, sigma: 0.5 };
/// What a read of the mapping table takes.
const READ: Law = Law { median_ms: 2.6, sigma: 0.45 };

/// The panels of one stage.
#[derive(Clone, Debug)]
pub struct StagePanels {
    pub stage: String,
    /// What the API's metrics went by when the panels were opened.
    metric_name: String,
    pub group: Option<GroupId>,
    pub panel: PanelId,
    /// Of the first authorizer that is a function.
    pub function: Option<PanelId>,
    methods: HashMap<RouteKey, PanelId>,
    rules: HashMap<(String, String), PanelId>,
}

impl StagePanels {
    /// Opens the panels that a stage has in any case.
    pub fn open(
        metrics: &MetricStore,
        (api, stage): (&Api, &str),
        reporting_cell: Option<&str>,
        group: Option<GroupId>,
    ) -> Self {
        let function = authorizer_function(api)
            .map(|function| metrics.panel(&panels::of_function(api, stage, function, group)));
        Self {
            stage: stage.to_owned(),
            metric_name: panels::metric_name(api),
            group,
            panel: metrics.panel(&panels::of_stage(api, stage, reporting_cell, group)),
            function,
            methods: HashMap::new(),
            rules: HashMap::new(),
        }
    }

    /// Whether the panels are those that the API has by its name now.
    pub fn is_of(&self, api: &Api) -> bool {
        self.metric_name == panels::metric_name(api)
    }

    /// The panel of a method with detailed metrics.
    pub fn method(&mut self, key: &RouteKey, open: impl FnOnce(&PanelSpec) -> PanelId, api: &Api) -> PanelId {
        if let Some(panel) = self.methods.get(key) {
            return *panel;
        }
        let panel = open(&panels::of_method(api, &self.stage, key, self.group));
        self.methods.insert(key.clone(), panel);
        panel
    }

    /// The panel of a rule, for the requests of this stage.
    pub fn rule(
        &mut self,
        count: &RuleCount,
        open: impl FnOnce(&PanelSpec) -> PanelId,
        (api, group): (&Api, Option<GroupId>),
    ) -> PanelId {
        let key = (count.acl.clone(), count.rule.clone());
        if let Some(panel) = self.rules.get(&key) {
            return *panel;
        }
        let panel = open(&panels::of_rule(api, &self.stage, &count.acl, &count.rule, group));
        self.rules.insert(key, panel);
        panel
    }
}

/// The name of the function behind the API's first authorizer that has one.
fn authorizer_function(api: &Api) -> Option<&str> {
    let mut functions = api
        .authorizers
        .iter()
        .filter(|authorizer| matches!(authorizer.kind, AuthorizerKind::Token | AuthorizerKind::Request));
    functions.find_map(|authorizer| panels::function_name(&authorizer.provider))
}

/// Adds a flow to the row of its stage.
pub fn write_stage(row: &mut Row, kind: ApiKind, flow: &StageFlow, caches: bool) {
    row.add_bytes(flow.bytes);
    if kind == ApiKind::WebSocket {
        let connects = flow.tally(|method| method.profile.nature == Nature::Connect);
        let messages = flow.tally(|method| method.profile.nature == Nature::Message);
        write_socket(row, &flow.tally(|_| true), connects.requests(), messages.requests());
    } else {
        write_tally(row, &flow.tally(|_| true), caches);
        row.spread(counters::LATENCY, &flow.latency);
    }
    row.spread(counters::INTEGRATION_LATENCY, &flow.integration_latency);
}

/// Adds the requests of one method to its row.
pub fn write_method(row: &mut Row, kind: ApiKind, method: &MethodFlow, caches: bool) {
    if kind == ApiKind::WebSocket {
        let requests = method.tally.requests();
        let of = |nature| if method.profile.nature == nature { requests } else { 0 };
        write_socket(row, &method.tally, of(Nature::Connect), of(Nature::Message));
    } else {
        write_tally(row, &method.tally, caches && method.profile.nature == Nature::Read);
        row.spread(counters::LATENCY, &method.latency);
    }
    row.spread(counters::INTEGRATION_LATENCY, &method.integration_latency);
}

fn write_tally(row: &mut Row, tally: &Tally, caches: bool) {
    row.count(counters::REQUESTS, tally.requests());
    row.count(counters::ERRORS_4XX, tally.all_4xx());
    row.count(counters::ERRORS_5XX, tally.all_5xx());
    // AWS: hits and misses only while the cache is on.
    if caches {
        row.count(counters::CACHE_HITS, tally.cache_hits);
        row.count(counters::CACHE_MISSES, tally.cache_misses);
        row.count(counters::BEFORE_CACHE, tally.requests());
    }
}

fn write_socket(row: &mut Row, all: &Tally, connects: u64, messages: u64) {
    row.count(socket::ALL, all.requests());
    row.count(socket::CONNECTS, connects);
    row.count(socket::MESSAGES, messages);
    row.count(socket::CLIENT_ERRORS, all.throttled + all.refused);
    row.count(socket::INTEGRATION_ERRORS, all.client_errors + all.server_errors);
    row.count(socket::EXECUTION_ERRORS, all.timed_out + all.failed);
}

/// Whether the flow brought calls of the authorizer's function.
pub fn calls_authorizer(flow: &StageFlow) -> bool {
    authorizer_calls(flow) > 0
}

fn authorizer_calls(flow: &StageFlow) -> u64 {
    // A request that failed at its authorizer was a call of it for sure.
    flow.authorizer_calls.max(flow.tally(|_| true).failed)
}

/// Adds the calls of a stage's authorizer to its function's row.
pub fn write_authorizer(row: &mut Row, flow: &StageFlow) {
    let calls = authorizer_calls(flow);
    row.count(function::INVOCATIONS, calls);
    row.count(function::CALLS, calls);
    row.count(function::ERRORS, flow.tally(|_| true).failed);
    row.spread(function::DURATION, &taken(AUTHORIZER, calls));
}

/// The rows of the router's function and of the mapping table.
pub fn of_router(
    (api, stage): (&Api, &str),
    group: Option<GroupId>,
    flow: &StageFlow,
    asked: RouterFlow,
) -> Vec<(PanelSpec, Row)> {
    let mut rows = Vec::new();
    let name = api.methods.first().and_then(|method| panels::function_name(&method.integration.function_arn));
    if let Some(name) = name
        && asked.invocations > 0
    {
        let mut row = Row::default();
        let tally = flow.tally(|_| true);
        row.count(function::INVOCATIONS, asked.invocations);
        row.count(function::CALLS, asked.invocations);
        row.count(function::ERRORS, tally.server_errors.min(asked.invocations));
        row.spread(function::DURATION, &flow.integration_latency);
        rows.push((panels::of_function(api, stage, name, group), row));
    }
    if asked.reads + asked.throttled_reads > 0 {
        let mut row = Row::default();
        row.count(table::READS, asked.reads);
        row.count(table::THROTTLED, asked.throttled_reads);
        row.spread(table::LATENCY, &taken(READ, asked.reads));
        rows.push((panels::of_table(group), row));
    }
    rows
}

/// So many durations of a log-normal law, by the middles of the ranges between quantiles.
fn taken(law: Law, count: u64) -> Summary {
    const BORDERS: [f64; 9] = [0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 1.0];
    // The quantiles are exact, so that nothing is drawn: the seed makes no difference.
    let mut chance = Chance::new(0);
    let mut durations = Summary::default();
    for border in BORDERS.windows(2) {
        let middle = f64::midpoint(border[0], border[1]);
        let weight = as_weight(count) * (border[1] - border[0]);
        durations.add(chance.log_normal(law, middle..middle), weight);
    }
    durations
}
