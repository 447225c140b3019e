//! The rows that stages would have written before the region started.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::rows::{self, StagePanels};
use super::rules::Rules;
use crate::estate::Api;
use crate::metrics::panel::{GroupId, PanelId};
use crate::metrics::past::Past;
use crate::metrics::row::Row;
use crate::metrics::{MetricStore, Minute};
use crate::traffic::flow::StageFlow;
use crate::traffic::history::History;
use crate::traffic::router::RouterFlow;
use crate::traffic::{demand, roster};

/// A stage that was there before the region started.
#[derive(Debug)]
pub struct PastStage {
    api: Arc<Api>,
    stage: String,
    panels: Mutex<StagePanels>,
    caches: bool,
}

impl PastStage {
    /// A stage with its panels.
    pub fn new(api: Arc<Api>, stage: &str, panels: StagePanels, caches: bool) -> Self {
        Self { api, stage: stage.to_owned(), panels: Mutex::new(panels), caches }
    }
}

/// The past of all stages of one account. A group is a stage: its requests, those of its methods, the verdicts on
/// them and the calls of its functions are made at once.
#[derive(Debug)]
pub struct GatewayPast {
    history: Arc<History>,
    stages: Vec<PastStage>,
    rules: Mutex<Rules>,
    /// The store holds the past, and not the other way round.
    metrics: Weak<MetricStore>,
}

impl GatewayPast {
    /// The past of these stages, by the numbers of their groups.
    pub fn new(
        history: Arc<History>,
        stages: Vec<PastStage>,
        rules: Rules,
        metrics: &Arc<MetricStore>,
    ) -> Self {
        Self { history, stages, rules: Mutex::new(rules), metrics: Arc::downgrade(metrics) }
    }

    /// Lets the store know which metrics there were in this minute, so that they are listed.
    pub fn announce(&self, minute: Minute) {
        let Some(metrics) = self.metrics.upgrade() else { return };
        for group in 0..self.stages.len() {
            let group = GroupId(u32::try_from(group).unwrap_or(u32::MAX));
            for (panel, row) in self.rows(group, minute) {
                metrics.announce(panel, minute, &row);
            }
        }
    }

    fn make(&self, metrics: &MetricStore, stage: &PastStage, flow: &StageFlow) -> Vec<(PanelId, Row)> {
        let mut panels = stage.panels.lock().unwrap_or_else(PoisonError::into_inner);
        let (api, group) = (&stage.api, panels.group);
        let mut made = Vec::new();
        let mut row = Row::default();
        rows::write_stage(&mut row, api.kind, flow, stage.caches);
        made.push((panels.panel, row));
        for method in flow.methods.iter().filter(|method| method.detailed) {
            let mut row = Row::default();
            rows::write_method(&mut row, api.kind, method, stage.caches);
            made.push((panels.method(&method.key, |spec| metrics.panel(spec), api), row));
        }
        if let Some(function) = panels.function {
            let mut row = Row::default();
            rows::write_authorizer(&mut row, flow);
            made.push((function, row));
        }
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        for (verdict, requests) in &flow.verdicts {
            for count in rules.counts(*verdict) {
                let panel = panels.rule(count, |spec| metrics.panel(spec), (api, group));
                let mut row = Row::default();
                row.count(count.counter, *requests);
                made.push((panel, row));
            }
        }
        if roster::is_router(api) && !demand::is_trial(&stage.stage) {
            // In quiet times the table bears all that is asked: each call of the function is one read.
            let calls = flow.tally(|_| true).backend();
            let asked = RouterFlow { invocations: calls, reads: calls, ..RouterFlow::default() };
            for (spec, row) in rows::of_router((api, &stage.stage), group, flow, asked) {
                made.push((metrics.panel(&spec), row));
            }
        }
        fold(made)
    }
}

/// One row for each panel: several verdicts may count for one rule.
fn fold(mut made: Vec<(PanelId, Row)>) -> Vec<(PanelId, Row)> {
    made.sort_by_key(|(panel, _)| *panel);
    made.dedup_by(|(panel, row), (before, kept)| {
        let same = panel == before;
        if same {
            kept.merge(row);
        }
        same
    });
    made
}

impl Past for GatewayPast {
    fn rows(&self, group: GroupId, minute: Minute) -> Vec<(PanelId, Row)> {
        let stage = self.stages.get(group.0 as usize);
        let Some((stage, metrics)) = stage.zip(self.metrics.upgrade()) else { return Vec::new() };
        let flow = self.history.flow(&stage.api.id, &stage.stage, minute);
        flow.map_or_else(Vec::new, |flow| self.make(&metrics, stage, &flow))
    }
}
