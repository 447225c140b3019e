//! One step of the simulation, from the arrival of the requests to what is written of them.

use std::collections::HashMap;
use std::sync::PoisonError;

use jiff::tz::TimeZone;

use super::asked::router_route;
use super::backend::{Backend, Condition, Strain};
use super::disturbance::Disturbance;
use super::flow::{self, Backing};
use super::gate::{Post, Step};
use super::passage::Passage;
use super::roster::{self, Rates};
use super::router::Router;
use super::{SHARED_CAPACITY, Simulation, demand};
use crate::estate::Api;
use crate::ledger::Outcome;
use crate::metrics::as_weight;

/// The requests of one stage in one step: whose they are, and what became of them.
pub struct Run {
    pub account: usize,
    /// The places of the API and of the stage's gate on the account's plane.
    pub api: usize,
    pub gate: usize,
    pub passage: Passage,
}

impl Simulation {
    /// Simulates one step and writes what happened.
    pub(super) fn simulate(&mut self, step: Step) {
        let disturbances = self.disturbances.read().unwrap_or_else(PoisonError::into_inner).clone();
        self.follow(step, &disturbances);
        self.come_back(step);
        let customers = self.sources.population().read().unwrap_or_else(PoisonError::into_inner).len();
        let memory = Router::memory(customers);
        let rates = self.roster.rates(&self.sources, &disturbances, memory);
        let mut runs = self.pass_fronts(&rates, &disturbances, step);
        self.pass_accounts(&mut runs, step);
        let conditions = self.pass_backends(&mut runs, &disturbances, step);
        self.look_up(&runs, &rates, step);
        self.learn_of_comebacks(step);
        self.write(runs, &conditions, step);
        self.conditions = conditions;
    }

    /// Takes up what was altered, and who was moved.
    fn follow(&mut self, step: Step, disturbances: &[Disturbance]) {
        for account in &mut self.accounts {
            let shared = account.shared.estate.clone();
            let estate = shared.read().unwrap_or_else(PoisonError::into_inner);
            account.follow(&estate, step.start, self.propagation, self.seed);
            account.publisher.watch_waf(&self.ledger, &estate);
            account.bucket.refill(estate.account_throttle, step.length());
            for running in account.plane.apis.iter().filter(|running| running.api.cell.is_none()) {
                self.roster.caller(&running.api, &mut self.sources);
            }
        }
        let closed = self.mappings.closed();
        for change in self.mappings.drain() {
            self.table_writes += 1;
            let known = (&self.roster, &closed);
            self.router.note(&change, known, &self.sources, step.start, &mut self.chance);
        }
        self.router.ask(&mut self.roster, &mut self.sources, step, &mut self.chance);
        for disturbance in disturbances {
            if let Disturbance::Customer { customer_id, .. } = disturbance {
                let population = self.sources.population().read().unwrap_or_else(PoisonError::into_inner);
                let customer = population.find(customer_id);
                drop(population);
                if let Some(customer) = customer {
                    self.roster.name_customer(customer, &mut self.sources);
                }
            }
            if let Disturbance::Flood(flood) = disturbance {
                let apis = self.accounts.iter().flat_map(|account| &account.plane.apis);
                let api = apis.map(|running| running.api.clone()).find(|api| api.id == flood.api_id);
                self.roster.flood(flood, api.as_deref(), &mut self.sources);
            }
        }
    }

    /// Lets the requests of all stages arrive and pass up to their account's throttle.
    fn pass_fronts(&mut self, rates: &Rates, disturbances: &[Disturbance], step: Step) -> Vec<Run> {
        let today = step.start.to_zoned(TimeZone::UTC).date();
        let mut curves: HashMap<String, f64> = HashMap::new();
        let mut runs = Vec::new();
        for number in 0..self.accounts.len() {
            let usage = {
                let estate = self.accounts[number].shared.estate.read();
                estate.unwrap_or_else(PoisonError::into_inner).usage.clone()
            };
            for place in 0..self.accounts[number].plane.apis.len() {
                let api = self.accounts[number].plane.apis[place].api.clone();
                let name = super::backend_name(&api);
                let curve = *curves
                    .entry(name.to_owned())
                    .or_insert_with(|| demand::at_time(step.start, name, self.seed));
                for stage in &api.stages {
                    let demands =
                        self.demands(&self.accounts[number], (&api, stage), curve, rates, disturbances);
                    let account = &mut self.accounts[number];
                    let gates = &mut account.plane.apis[place].gates;
                    let Some(gate) = gates.iter().position(|gate| gate.layout.name.1 == stage.name) else {
                        continue;
                    };
                    let of_stage = &mut gates[gate];
                    of_stage.equal_keys = roster::is_router(&api).then(|| rates.customers());
                    let mut passage = of_stage.arrive(&demands, &self.sources, step, &mut self.chance);
                    let mut post = Post {
                        sources: &self.sources,
                        ledger: &self.ledger,
                        wall: &mut account.wall,
                        access: Some(&mut account.access),
                        usage: &usage,
                        today,
                        authorizer_capacity: authorizer_capacity(&api, disturbances),
                    };
                    of_stage.pass_front(&mut passage, &mut post, step, &mut self.chance);
                    runs.push(Run { account: number, api: place, gate, passage });
                }
            }
        }
        runs
    }

    /// Lets the requests of each account pass its throttle.
    fn pass_accounts(&mut self, runs: &mut [Run], step: Step) {
        for (number, account) in self.accounts.iter_mut().enumerate() {
            let mut all: u64 =
                runs.iter().filter(|run| run.account == number).map(|run| run.passage.on_the_way()).sum();
            let mut admitted = account.bucket.take(all);
            for run in runs.iter_mut().filter(|run| run.account == number) {
                let wanted = run.passage.on_the_way();
                let through = self.chance.part(wanted, admitted, all);
                all -= wanted;
                admitted -= through;
                run.passage.admit(through, Outcome::AccountThrottled, &mut self.chance);
                let gate = &mut account.plane.apis[run.api].gates[run.gate];
                gate.pass_behind(&mut run.passage, step, &mut self.chance);
            }
        }
    }

    /// Lets each backend work on what all its stages send it, and answer.
    fn pass_backends(
        &mut self,
        runs: &mut [Run],
        disturbances: &[Disturbance],
        step: Step,
    ) -> HashMap<String, Condition> {
        let mut loads: HashMap<String, u64> = HashMap::new();
        for run in runs.iter() {
            let api = &self.accounts[run.account].plane.apis[run.api].api;
            match loads.get_mut(super::backend_of(api)) {
                Some(load) => *load += run.passage.on_the_way(),
                None => {
                    loads.insert(super::backend_of(api).to_owned(), run.passage.on_the_way());
                }
            }
        }
        let mut conditions = HashMap::new();
        for (name, requests) in loads {
            let cell = self.roster.cell(&name).map(usize::from);
            let capacity = cell
                .and_then(|cell| self.roster.cells.get(cell))
                .map_or(SHARED_CAPACITY, |cell| cell.capacity);
            let strain = strain(&name, disturbances);
            let history = &self.history;
            let curve = demand::at_time(step.start, &name, self.seed);
            let backend: &mut Backend =
                self.backends.entry(name.clone()).or_insert_with(|| history.settled(&name, curve).0);
            let condition = backend.work(as_weight(requests), capacity, step.length(), strain);
            if let Some(cell) = cell {
                let bears = capacity * strain.capacity;
                self.router.watch(cell, backend.backlog(bears), backend.load(), bears);
            }
            conditions.insert(name, condition);
        }
        for run in runs {
            let running = &mut self.accounts[run.account].plane.apis[run.api];
            let Some(condition) = conditions.get(super::backend_of(&running.api)) else { continue };
            let gate = &mut running.gates[run.gate];
            let full = if roster::is_router(&running.api) { self.router.full() } else { &[] };
            let backing = Backing { condition: *condition, full };
            flow::answer(&gate.layout, &mut run.passage, backing, &self.sources, &mut self.chance);
            gate.settle(&run.passage, step, &mut self.chance);
        }
        conditions
    }

    /// Tells the router how its clients fared.
    fn look_up(&mut self, runs: &[Run], rates: &Rates, step: Step) {
        self.router_flow = super::RouterFlow::default();
        for run in runs.iter().filter(|run| run.account == 0) {
            let running = &self.accounts[0].plane.apis[run.api];
            let live = !demand::is_trial(&running.gates[run.gate].layout.name.1);
            if !roster::is_router(&running.api) || !live {
                continue;
            }
            if let Some(route) = router_route(&running.api) {
                let gate = &running.gates[run.gate];
                let capacity = self.mappings.read_capacity();
                self.router_flow =
                    self.router.learn((gate, &run.passage), route, (rates, &self.sources), capacity, step);
            }
        }
    }
}

fn authorizer_capacity(api: &Api, disturbances: &[Disturbance]) -> Option<f64> {
    let capacities = disturbances.iter().filter_map(|disturbance| match disturbance {
        Disturbance::Authorizer { api_id, calls_per_second } if *api_id == api.id => Some(*calls_per_second),
        _ => None,
    });
    capacities.reduce(f64::min).map(|capacity| capacity.max(0.0))
}

fn strain(backend: &str, disturbances: &[Disturbance]) -> Strain {
    let strains = disturbances.iter().filter_map(|disturbance| match disturbance {
        Disturbance::Backend { cell, capacity, slowness, server_errors } if cell == backend => {
            Some(Strain { capacity: *capacity, slowness: *slowness, server_errors: *server_errors })
        }
        _ => None,
    });
    strains.fold(Strain::NONE, Strain::and)
}
