//! The traffic simulation: customers send requests to cells, and metrics follow from what happened.
//!
//! Each second, for each stage: requests by method are drawn, pass the throttles and the cache, and what is left
//! loads the cell's backend, whose latency and errors follow from its load. Counts are drawn by thinning, so that
//! each request ends in exactly one outcome; latencies are a few weighted samples. The estate is read anew each
//! time: a change made through the API has its effect within a second.

mod backend;
mod cache;
mod chance;
mod demand;
pub mod disturbance;
pub mod flow;
pub mod gate;
pub mod history;
mod population;
pub mod profile;
mod publish;
pub mod router;
pub mod tally;
mod throttle;
pub mod waf;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;
use crate::dynamodb::feed::MappingFeed;
use crate::estate::{Api, Customer, Estate, SharedEstate, Stage};
use crate::ledger::Ledger;
use crate::metrics::{FINE_MINUTES, MINUTE, MetricStore, as_weight, minute_of};
use backend::{Ailment, Backend};
use chance::Chance;
use disturbance::Disturbances;
use flow::{Samples, StageFlow};
use gate::{Demand, Gate, Step};
use history::History;
use population::Population;
use publish::Publisher;
use router::RouterFlow;
use throttle::TokenBucket;

/// The length of a step in seconds when a minute is simulated at once.
const COARSE: u32 = 60;
/// How far behind the simulation must be to take minutes at once, as after the machine has slept.
const FAR_BEHIND: SignedDuration = SignedDuration::from_mins(10);
/// Requests a second that the backend of an API without a cell bears.
const SHARED_CAPACITY: f64 = 1_500.0;

/// How long AWS's data plane takes to take up what the control plane was told.
pub const PROPAGATION: SignedDuration = SignedDuration::from_secs(2);

/// One account of the region, as the traffic sees it.
#[derive(Clone, Debug)]
pub struct TrafficAccount {
    pub estate: SharedEstate,
    pub metrics: Arc<MetricStore>,
}

/// All that the simulation has to do with.
#[derive(Debug)]
pub struct Surroundings {
    /// The first one has the router and its table. The cells are those of all accounts together.
    pub accounts: Vec<TrafficAccount>,
    pub ledger: Arc<Ledger>,
    pub disturbances: Disturbances,
    pub mappings: Arc<MappingFeed>,
    pub clock: Clock,
    pub seed: u64,
    /// How long the data plane takes to take a change up, see [`PROPAGATION`].
    pub propagation: SignedDuration,
}

/// The simulation of all traffic of the region.
#[derive(Debug)]
pub struct Simulation {
    estate: SharedEstate,
    metrics: Arc<MetricStore>,
    clock: Clock,
    seed: u64,
    chance: Chance,
    population: Population,
    account: TokenBucket,
    /// By API id and stage name.
    gates: HashMap<(String, String), Gate>,
    /// By cell id, or by API id for an API without a cell.
    backends: HashMap<String, Backend>,
    publisher: Publisher,
    history: Arc<History>,
    router_flow: RouterFlow,
    /// Everything before this whole second has been simulated.
    next: Timestamp,
}

/// A stage's flow and where it belongs.
struct Routed<'a> {
    api: &'a Api,
    stage: &'a Stage,
    flow: StageFlow,
}

impl Simulation {
    /// A simulation that starts now. The same seed, estates and customers give the same traffic.
    pub fn new(surroundings: Surroundings, customers: &[Customer]) -> Self {
        let Surroundings { accounts, clock, seed, .. } = surroundings;
        let TrafficAccount { estate, metrics } = accounts[0].clone();
        let (population, publisher, backends) = {
            let estate = estate.read().unwrap_or_else(PoisonError::into_inner);
            let ailing = Ailment::of_cells(&estate.cells, seed);
            (
                Population::new(&estate.cells, customers),
                Publisher::new(Arc::clone(&metrics), &estate.cells, seed),
                ailing.into_iter().map(|(cell, ailment)| (cell, Backend::new(ailment))).collect(),
            )
        };
        let next = next_whole_second(clock.now());
        Self {
            estate,
            metrics,
            clock,
            seed,
            chance: Chance::new(seed),
            population,
            account: TokenBucket::default(),
            gates: HashMap::new(),
            backends,
            publisher,
            history: Arc::default(),
            router_flow: RouterFlow::default(),
            next,
        }
    }

    /// What came before the start: the metric store asks it for series of the past.
    pub fn history(&self) -> Arc<History> {
        Arc::clone(&self.history)
    }

    /// How many WebSocket connections customers hold to a cell now.
    pub fn connections(&self, _cell: &str) -> u64 {
        0
    }

    /// What the router asked of its table and its function in the last step.
    pub fn router_flow(&self) -> RouterFlow {
        self.router_flow
    }

    /// Writes the three hours before now, in whole minutes, and the minute that has begun by the second.
    pub fn backfill(&mut self) {
        let now = self.clock.now();
        let minute = (minute_of(now) - FINE_MINUTES) * MINUTE;
        self.next = Timestamp::from_second(minute).unwrap_or(self.next);
        self.advance_in(now, SignedDuration::from_secs(i64::from(COARSE)));
    }

    /// Simulates all seconds that have begun by `to`. A time that lies behind is ignored: minutes that are over
    /// never change.
    ///
    /// Called at least once a second, each minute is thus complete when the next one begins.
    pub fn advance(&mut self, to: Timestamp) {
        self.advance_in(to, FAR_BEHIND);
    }

    /// Takes a minute at once while at least `behind` is left, else a second.
    fn advance_in(&mut self, to: Timestamp, behind: SignedDuration) {
        let to = next_whole_second(to);
        let before = minute_of(self.next);
        let shared = Arc::clone(&self.estate);
        let estate = shared.read().unwrap_or_else(PoisonError::into_inner);
        while self.next < to {
            let at_minute = self.next.as_second().rem_euclid(MINUTE) == 0;
            let coarse = at_minute && to.duration_since(self.next) >= behind;
            let step = Step { start: self.next, seconds: if coarse { COARSE } else { 1 } };
            self.simulate(&estate, step);
            self.next += SignedDuration::from_secs(i64::from(step.seconds));
        }
        drop(estate);
        if minute_of(self.next) != before {
            self.metrics.retain(self.next);
        }
    }

    /// Simulates one step and writes its metrics.
    fn simulate(&mut self, estate: &Estate, step: Step) {
        let mut flows = self.pass_gates(estate, step);
        self.work(estate, &mut flows, step);
        for routed in &flows {
            self.publisher.prepare(routed.api, &routed.stage.name);
        }
        self.metrics.record(minute_of(step.start), |recorder| {
            for Routed { api, stage, flow } in &flows {
                let caches = stage.cache.serves(step.start);
                self.publisher.write(recorder, api, &stage.name, flow, caches);
            }
        });
    }

    /// What passes the gateway, stage by stage.
    fn pass_gates<'a>(&mut self, estate: &'a Estate, step: Step) -> Vec<Routed<'a>> {
        self.account.refill(estate.account_throttle, f64::from(step.seconds));
        let mut flows = Vec::new();
        for api in &estate.apis {
            let name = api.cell.as_deref().unwrap_or(&api.name);
            let average = demand::of_api(api, estate, &self.population);
            let factor = demand::at_time(step.start, name, self.seed);
            for stage in &api.stages {
                let gate = self.gates.entry((api.id.clone(), stage.name.clone())).or_default();
                let average = average * demand::stage_share(api, &stage.name);
                let demand = Demand { rate: average * factor, average, seed: self.seed };
                let methods = gate.pass((api, stage), demand, step, &mut self.account, &mut self.chance);
                flows.push(Routed { api, stage, flow: StageFlow::new(methods) });
            }
        }
        flows
    }

    /// Lets each backend work on what all its stages send it.
    fn work(&mut self, estate: &Estate, flows: &mut [Routed<'_>], step: Step) {
        let mut loads: HashMap<&str, u64> = HashMap::new();
        for routed in flows.iter() {
            *loads.entry(backend_of(routed.api)).or_default() += routed.flow.to_backend();
        }
        let mut conditions = HashMap::new();
        for (name, requests) in loads {
            let cell = estate.cells.iter().find(|cell| cell.id == name);
            let capacity = cell.map_or(SHARED_CAPACITY, |cell| cell.capacity_rps);
            let backend = self.backends.entry(name.to_owned()).or_insert_with(|| Backend::new(Ailment::NONE));
            let condition = backend.work(as_weight(requests), capacity, f64::from(step.seconds));
            conditions.insert(name, condition);
        }
        let samples = if step.seconds == COARSE { Samples::OF_MINUTE } else { Samples::OF_SECOND };
        for routed in flows {
            if let Some(condition) = conditions.get(backend_of(routed.api)) {
                routed.flow.finish(*condition, samples, &mut self.chance);
            }
        }
    }
}

/// The name of the backend that an API's requests go to.
fn backend_of(api: &Api) -> &str {
    api.cell.as_deref().unwrap_or(&api.id)
}

/// The time itself if it is a whole second, else the next one.
fn next_whole_second(time: Timestamp) -> Timestamp {
    let begun = i64::from(time.subsec_nanosecond() > 0);
    Timestamp::from_second(time.as_second() + begun).unwrap_or(time)
}
