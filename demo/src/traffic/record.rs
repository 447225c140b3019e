//! What is written of a step: metrics, and the ledger.

use std::collections::HashMap;

use super::backend::Condition;
use super::flow::{self, Samples, StageFlow};
use super::gate::Step;
use super::layout::Layout;
use super::passage::Passage;
use super::step::Run;
use super::{Account, MANY_STAGES, Simulation, demand, roster};
use crate::ledger::{Slot, merge_groups};
use crate::metrics::minute_of;

impl Simulation {
    /// Writes metrics and ledger.
    pub(super) fn write(&mut self, runs: Vec<Run>, conditions: &HashMap<String, Condition>, step: Step) {
        let many = runs.len() > MANY_STAGES;
        let router_flow = self.router_flow;
        let mut by_account: Vec<Vec<(Run, StageFlow, Condition)>> =
            self.accounts.iter().map(|_| Vec::new()).collect();
        for run in runs {
            let running = &self.accounts[run.account].plane.apis[run.api];
            let Some(condition) = conditions.get(super::backend_of(&running.api)) else { continue };
            let gate = &running.gates[run.gate];
            let flow =
                flow::measure(gate, &run.passage, *condition, Samples::of(step.seconds), &mut self.chance);
            by_account[run.account].push((run, flow, *condition));
        }
        let table_writes = std::mem::take(&mut self.table_writes);
        for (number, (account, runs)) in self.accounts.iter_mut().zip(by_account).enumerate() {
            let Account { plane, publisher, shared, .. } = account;
            for (run, ..) in &runs {
                let running = &plane.apis[run.api];
                publisher.prepare(&running.api, &running.gates[run.gate].layout.name.1);
            }
            shared.metrics.record(minute_of(step.start), |recorder| {
                if number == 0 {
                    super::publish::Publisher::write_table(recorder, table_writes);
                }
                for (run, flow, _) in &runs {
                    let running = &plane.apis[run.api];
                    let layout = &running.gates[run.gate].layout;
                    let caches = layout.cache.serves(step.start);
                    publisher.write(recorder, &running.api, &layout.name.1, flow, caches);
                    if number == 0 && roster::is_router(&running.api) && !demand::is_trial(&layout.name.1) {
                        let stage = (&*running.api, layout.name.1.as_str());
                        publisher.write_router(recorder, stage, flow, router_flow);
                    }
                }
            });
            for (run, _, condition) in runs {
                let layout = &plane.apis[run.api].gates[run.gate].layout;
                let slot = slot(layout, run.passage, condition, step);
                if many {
                    self.ledger.record_folded(&layout.name, slot);
                } else {
                    self.ledger.record(&layout.name, slot);
                }
            }
        }
    }
}

/// What happened at a stage, for the ledger.
pub fn slot(layout: &Layout, mut passage: Passage, condition: Condition, step: Step) -> Slot {
    #[expect(clippy::cast_possible_truncation, reason = "a latency needs no more than seven digits")]
    let single = |number: f64| number as f32;
    merge_groups(&mut passage.groups);
    passage.groups.shrink_to_fit();
    Slot {
        start: step.start,
        seconds: step.seconds,
        deployment_id: layout.deployment_id.clone(),
        routes: layout.ledger_routes.clone(),
        slowness: single(condition.slowness * layout.release.slowness),
        wait_ms: single(condition.wait_ms),
        groups: passage.groups,
    }
}
