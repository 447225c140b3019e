//! The simulation as a whole, over the starting estate.

mod comeback;
mod conservation;
mod effects;
mod fleet;
mod keys;
mod metrics;
mod past;
mod routing;

use std::sync::{Arc, RwLock};

use jiff::{SignedDuration, Timestamp};

use super::disturbance::{Disturbance, Disturbances};
use super::{Simulation, Surroundings, TrafficAccount};
use crate::clock::Clock;
use crate::dynamodb::feed::MappingFeed;
use crate::estate::customer::starting_customers;
use crate::estate::seed::{issue_keys, starting_estate};
use crate::estate::{Api, Customer, Estate, SharedEstate};
use crate::ledger::{Group, Ledger, Outcome, StageName};
use crate::metrics::{Bins, MetricKey, MetricStore, Statistic};

const SEED: u64 = 7;

fn start() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

struct World {
    estate: SharedEstate,
    metrics: Arc<MetricStore>,
    ledger: Arc<Ledger>,
    mappings: Arc<MappingFeed>,
    disturbances: Disturbances,
    customers: Vec<Customer>,
    clock: Clock,
    simulation: Simulation,
}

impl World {
    fn new(seed: u64) -> Self {
        Self::with(seed, 12, 30, 5_000)
    }

    /// A small region, for tests that run many of them.
    fn small(seed: u64) -> Self {
        Self::with(seed, 3, 12, 90)
    }

    fn with(seed: u64, cells: usize, apis: usize, customers: usize) -> Self {
        Self::altered(seed, (cells, apis, customers), |_| {})
    }

    /// A region whose estate was altered before it started.
    fn altered(
        seed: u64,
        (cells, apis, customers): (usize, usize, usize),
        alter: impl FnOnce(&mut Estate),
    ) -> Self {
        let clock = Clock::manual(start());
        let mut estate = starting_estate(seed, cells, apis, start());
        let customers = starting_customers(&estate.cells, customers, seed);
        issue_keys(&mut estate, &customers, seed, start());
        alter(&mut estate);
        let estate: SharedEstate = Arc::new(RwLock::new(estate));
        let metrics = Arc::new(MetricStore::new());
        let (ledger, mappings, disturbances) = (Arc::default(), Arc::default(), Disturbances::default());
        let surroundings = Surroundings {
            accounts: vec![TrafficAccount { estate: Arc::clone(&estate), metrics: Arc::clone(&metrics) }],
            ledger: Arc::clone(&ledger),
            disturbances: Arc::clone(&disturbances),
            mappings: Arc::clone(&mappings),
            clock: clock.clone(),
            seed,
            propagation: SignedDuration::from_secs(2),
        };
        let simulation = Simulation::new(surroundings, &customers);
        Self { estate, metrics, ledger, mappings, disturbances, customers, clock, simulation }
    }

    fn run(&mut self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
        self.simulation.advance(self.clock.now());
    }

    fn estate(&self) -> Estate {
        self.estate.read().unwrap().clone()
    }

    fn disturb(&self, disturbance: Disturbance) {
        self.disturbances.write().unwrap().push(disturbance);
    }

    fn calm(&self) {
        self.disturbances.write().unwrap().clear();
    }

    /// Alters an API as a service would.
    fn alter(&self, name: &str, alter: impl FnOnce(&mut Api)) {
        let mut estate = self.estate.write().unwrap();
        alter(estate.apis.iter_mut().find(|api| api.name == name).map(Arc::make_mut).unwrap());
    }

    /// `prod` of the API with this name.
    fn stage(&self, name: &str) -> StageName {
        (self.estate.read().unwrap().api_named(name).unwrap().id.clone(), "prod".to_owned())
    }

    /// The groups of a stage in the last so many seconds, none from before the start.
    fn groups(&self, stage: &StageName, seconds: i64) -> Vec<Group> {
        let now = self.clock.now();
        let mut groups = Vec::new();
        let first = (now - SignedDuration::from_secs(seconds)).max(start());
        self.ledger.slots(stage, &(first..now), |slot| {
            groups.extend_from_slice(&slot.groups);
        });
        groups
    }

    /// Requests of a stage in the last so many seconds, of all and of those that are wanted.
    fn count(&self, name: &str, seconds: i64, wanted: impl Fn(&Group) -> bool) -> (u64, u64) {
        let groups = self.groups(&self.stage(name), seconds);
        let sum = |wanted: &dyn Fn(&Group) -> bool| {
            groups.iter().filter(|group| wanted(group)).map(|group| u64::from(group.count)).sum()
        };
        (sum(&|_| true), sum(&wanted))
    }

    /// The share of a stage's requests in the last so many seconds that ended so.
    fn share(&self, name: &str, seconds: i64, outcome: Outcome) -> f64 {
        let (all, so) = self.count(name, seconds, |group| group.outcome == outcome);
        crate::metrics::as_weight(so) / crate::metrics::as_weight(all.max(1))
    }

    /// The statistic over the seconds from one minute after the start to another.
    fn read(&self, key: &MetricKey, statistic: &str, minutes: std::ops::Range<i64>) -> f64 {
        let first = start().as_second();
        let bins = Bins {
            start: first + minutes.start * 60,
            end: first + minutes.end * 60,
            period: (minutes.end - minutes.start) * 60,
        };
        let statistic: Statistic = statistic.parse().unwrap();
        self.metrics.read(key, None, statistic, bins).first().map_or(0.0, |bin| bin.value)
    }

    /// The name of a REST API whose `prod` keeps answers for minutes.
    fn cached_api(&self) -> String {
        let estate = self.estate();
        let keeps = |api: &&Arc<Api>| {
            api.cell.is_some()
                && api.stages.iter().any(|stage| {
                    let setting = stage.settings.default.as_ref();
                    stage.cache.enabled && setting.is_some_and(|setting| setting.cache_ttl_seconds >= 300)
                })
        };
        estate.apis.iter().find(keeps).unwrap().name.clone()
    }
}

fn rest(name: &str, metric: &str) -> MetricKey {
    MetricKey::new("AWS/ApiGateway", metric, [("ApiName", name), ("Stage", "prod")])
}
