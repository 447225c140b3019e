//! The data plane of one account: which version of each API it runs, some time behind what the control plane says.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::gate::Gate;
use crate::estate::{Api, RouteKey, Stage};

/// The APIs that an account's data plane runs.
#[derive(Debug, Default)]
pub struct Plane {
    pub apis: Vec<PlaneApi>,
}

/// One API, and the gates of its stages.
#[derive(Debug)]
pub struct PlaneApi {
    pub api: Arc<Api>,
    pub gates: Vec<Gate>,
    /// What the control plane says, and since when it says something else.
    next: Option<(Arc<Api>, Timestamp)>,
}

impl Plane {
    /// The data plane that runs these APIs already; `usual` tells the requests a second of a stage.
    pub fn new(apis: &[Arc<Api>], usual: impl Fn(&Api, &Stage) -> f64, seed: u64) -> Self {
        let run = |api: &Arc<Api>| PlaneApi {
            api: Arc::clone(api),
            gates: api
                .stages
                .iter()
                .map(|stage| Gate::new(api, stage, Some(usual(api, stage)), seed))
                .collect(),
            next: None,
        };
        Self { apis: apis.iter().map(run).collect() }
    }

    /// The place of a route at a stage.
    pub fn route(&self, api_id: &str, stage: &str, key: &RouteKey) -> Option<u16> {
        let running = self.apis.iter().find(|running| running.api.id == api_id)?;
        running.gates.iter().find(|gate| gate.layout.name.1 == stage)?.layout.place(key)
    }

    /// Takes up what the control plane has said for `propagation`.
    pub fn follow(&mut self, said: &[Arc<Api>], now: Timestamp, propagation: SignedDuration, seed: u64) {
        let same = self.apis.len() == said.len()
            && self.apis.iter().zip(said).all(|(running, said)| running.api.id == said.id);
        if !same {
            let mut running: HashMap<String, PlaneApi> =
                self.apis.drain(..).map(|running| (running.api.id.clone(), running)).collect();
            let run = |api: &Arc<Api>| {
                running.remove(&api.id).unwrap_or_else(|| PlaneApi {
                    api: Arc::clone(api),
                    gates: Vec::new(),
                    next: Some((Arc::clone(api), now)),
                })
            };
            self.apis = said.iter().map(run).collect();
        }
        for (running, said) in self.apis.iter_mut().zip(said) {
            running.follow(said, now, propagation, seed);
        }
    }
}

impl PlaneApi {
    fn follow(&mut self, said: &Arc<Api>, now: Timestamp, propagation: SignedDuration, seed: u64) {
        if self.next.is_none() && Arc::ptr_eq(&self.api, said) {
            return;
        }
        // Of several changes on their way each arrives when it is due: the first takes along what was said meanwhile.
        let (next, since) = self.next.get_or_insert_with(|| (Arc::clone(said), now));
        let due = now.duration_since(*since) >= propagation;
        if !due {
            return;
        }
        let taken = Arc::clone(next);
        self.next = (!Arc::ptr_eq(&taken, said)).then(|| (Arc::clone(said), now));
        self.take_up(taken, seed);
    }

    fn take_up(&mut self, api: Arc<Api>, seed: u64) {
        let mut gates: Vec<Gate> = std::mem::take(&mut self.gates);
        let run = |stage: &Stage| {
            let place = gates.iter().position(|gate| gate.layout.name.1 == stage.name);
            match place.map(|place| gates.swap_remove(place)) {
                Some(mut gate) => {
                    gate.take_up(&api, stage);
                    gate
                }
                None => Gate::new(&api, stage, None, seed),
            }
        };
        self.gates = api.stages.iter().map(run).collect();
        self.api = api;
    }
}
