//! Writes what happened as the metrics that AWS publishes: of APIs, web ACLs, functions and the mapping table, and the
//! cells' custom ones.
//!
//! Each stage has a panel of rows, see [`crate::metrics::panel`]; the simulation writes to it second by second, and
//! [`past`] tells what its rows would have been before the region started.

mod layouts;
mod panels;
mod past;
mod rows;
mod rules;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::chance::fraction;
use super::flow::StageFlow;
use super::history::History;
use super::router::RouterFlow;
use crate::estate::{Api, Cell, Estate};
use crate::ledger::Ledger;
use crate::metrics::panel::GroupId;
use crate::metrics::{MetricStore, Minute, Recorder};
use rows::StagePanels;
use rules::Rules;

/// How many cells have no custom metrics, so that clients must make do with those of the APIs.
const CELLS_WITHOUT: usize = 2;

/// Knows the panels that the simulation of one account writes to.
#[derive(Debug)]
pub struct Publisher {
    metrics: Arc<MetricStore>,
    /// By API id, then by stage.
    stages: HashMap<String, Vec<StagePanels>>,
    /// The cells that report metrics of their own.
    reporting: HashSet<String>,
    rules: Rules,
}

impl Publisher {
    /// A publisher for these cells, all but [`CELLS_WITHOUT`] of which have custom metrics.
    pub fn new(metrics: Arc<MetricStore>, cells: &[Cell], seed: u64) -> Self {
        let mut ranked: Vec<&Cell> = cells.iter().collect();
        let rank = |cell: &Cell| fraction(seed, &format!("custom metrics {}", cell.id));
        ranked.sort_by(|one, other| rank(one).total_cmp(&rank(other)));
        let without = CELLS_WITHOUT.min(cells.len() / 2);
        let reporting = ranked.into_iter().skip(without).map(|cell| cell.id.clone()).collect();
        Self { metrics, stages: HashMap::new(), reporting, rules: Rules::default() }
    }

    /// Tells the publisher where verdicts are written down, and what metrics web ACLs have.
    pub fn watch_waf(&mut self, ledger: &Arc<Ledger>, estate: &Estate) {
        self.rules.learn(ledger, &estate.waf);
    }

    /// Lets the metric store know what happened before the minute `start`: at all stages that the estate has now.
    /// Metrics with data in the minute before are listed from the start.
    pub fn remember(&mut self, history: Arc<History>, estate: &Estate, start: Minute) {
        let mut group = 0;
        let mut stages = Vec::new();
        for api in &estate.apis {
            for stage in &api.stages {
                self.open(api, &stage.name, Some(GroupId(group)));
                group += 1;
                if let Some(panels) = self.panels(api, &stage.name) {
                    let caches = stage.cache.enabled;
                    stages.push(past::PastStage::new(Arc::clone(api), &stage.name, panels.clone(), caches));
                }
            }
        }
        let past = Arc::new(past::GatewayPast::new(history, stages, self.rules.clone(), &self.metrics));
        past.announce(start - 1);
        self.metrics.remember(start, past);
    }

    /// Makes sure of the panels of a stage.
    pub fn prepare(&mut self, api: &Api, stage: &str) {
        self.open(api, stage, None);
    }

    /// Writes the flow of a stage that was prepared. A stage without traffic writes nothing: AWS has no zeros.
    pub fn write(
        &mut self,
        recorder: &mut Recorder<'_>,
        api: &Api,
        stage: &str,
        flow: &StageFlow,
        caches: bool,
    ) {
        let of_api = self.stages.get_mut(&api.id);
        let Some(panels) = of_api.and_then(|stages| stages.iter_mut().find(|panels| panels.stage == stage))
        else {
            return;
        };
        if flow.tally(|_| true).requests() == 0 {
            return;
        }
        rows::write_stage(recorder.row(panels.panel), api.kind, flow, caches);
        for method in flow.methods.iter().filter(|method| method.detailed && method.tally.requests() > 0) {
            let panel = panels.method(&method.key, |spec| recorder.panel(spec), api);
            rows::write_method(recorder.row(panel), api.kind, method, caches);
        }
        if let Some(function) = panels.function
            && rows::calls_authorizer(flow)
        {
            rows::write_authorizer(recorder.row(function), flow);
        }
        for (verdict, requests) in &flow.verdicts {
            for count in self.rules.counts(*verdict) {
                let group = panels.group;
                let panel = panels.rule(count, |spec| recorder.panel(spec), (api, group));
                recorder.row(panel).count(count.counter, *requests);
            }
        }
    }

    /// Writes what the router asked of its function and of the mapping table; `flow` is that of the router's stage.
    pub fn write_router(
        &mut self,
        recorder: &mut Recorder<'_>,
        (api, stage): (&Api, &str),
        flow: &StageFlow,
        asked: RouterFlow,
    ) {
        let Some(group) = self.panels(api, stage).map(|panels| panels.group) else { return };
        for (spec, row) in rows::of_router((api, stage), group, flow, asked) {
            let panel = recorder.panel(&spec);
            recorder.row(panel).merge(&row);
        }
    }

    /// Counts writes to the mapping table that came through the front door.
    pub fn write_table(recorder: &mut Recorder<'_>, writes: u64) {
        if writes > 0 {
            // Opened by the router's past where there is one: the group of the first opening holds.
            let panel = recorder.panel(&panels::of_table(None));
            recorder.row(panel).count(layouts::table::WRITES, writes);
        }
    }

    fn panels(&self, api: &Api, stage: &str) -> Option<&StagePanels> {
        self.stages.get(&api.id)?.iter().find(|panels| panels.stage == stage)
    }

    fn open(&mut self, api: &Api, stage: &str, group: Option<GroupId>) {
        let known = self.panels(api, stage);
        // A renamed API starts new series.
        if known.is_some_and(|known| known.is_of(api)) {
            return;
        }
        let cell = api.cell.as_deref().filter(|cell| self.reporting.contains(*cell));
        let panels = StagePanels::open(&self.metrics, (api, stage), cell, group);
        let stages = self.stages.entry(api.id.clone()).or_default();
        stages.retain(|panels| panels.stage != stage);
        stages.push(panels);
    }
}
