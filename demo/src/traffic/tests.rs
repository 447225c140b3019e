//! The simulation as a whole, over the starting estate.

use std::sync::{Arc, RwLock};

use jiff::{SignedDuration, Timestamp};

use super::gate::Step;
use super::{PROPAGATION, Simulation, Surroundings, TrafficAccount};
use crate::clock::Clock;
use crate::estate::customer::starting_customers;
use crate::estate::seed::starting_estate;
use crate::estate::{ApiKind, MethodSetting, SharedEstate, Stage, Throttle};
use crate::metrics::{Bins, MetricKey, MetricStore, Statistic};

const SEED: u64 = 7;

fn start() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

struct World {
    estate: SharedEstate,
    metrics: Arc<MetricStore>,
    clock: Clock,
    simulation: Simulation,
}

impl World {
    fn new(seed: u64) -> Self {
        let clock = Clock::manual(start());
        let estate = starting_estate(seed, 12, 30, start());
        let customers = starting_customers(&estate.cells, 5_000, seed);
        let estate: SharedEstate = Arc::new(RwLock::new(estate));
        let metrics = Arc::new(MetricStore::new());
        let simulation = Simulation::new(
            Surroundings {
                accounts: vec![TrafficAccount { estate: Arc::clone(&estate), metrics: Arc::clone(&metrics) }],
                ledger: Arc::default(),
                disturbances: Arc::default(),
                mappings: Arc::default(),
                clock: clock.clone(),
                seed,
                propagation: PROPAGATION,
            },
            &customers,
        );
        Self { estate, metrics, clock, simulation }
    }

    fn run(&mut self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
        self.simulation.advance(self.clock.now());
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
        let estate = self.estate.read().unwrap();
        let keeps = |stage: &Stage| {
            stage.cache.enabled
                && stage.settings.default.as_ref().is_some_and(|setting| setting.cache_ttl_seconds >= 300)
        };
        estate.apis.iter().find(|api| api.stages.iter().any(keeps)).unwrap().name.clone()
    }
}

fn rest(name: &str, metric: &str) -> MetricKey {
    MetricKey::new("AWS/ApiGateway", metric, [("ApiName", name), ("Stage", "prod")])
}

#[test]
fn each_request_ends_in_exactly_one_outcome() {
    for seed in 0..8 {
        let mut world = World::new(seed);
        let estate = world.estate.read().unwrap().clone();
        for second in 0..20 {
            let step = Step { start: start() + SignedDuration::from_secs(second), seconds: 1 };
            let mut flows = world.simulation.pass_gates(&estate, step);
            world.simulation.work(&estate, &mut flows, step);
            for routed in &flows {
                for method in &routed.flow.methods {
                    let tally = method.tally;
                    assert_eq!(method.arrived, tally.requests(), "{tally:?}");
                    assert_eq!(method.to_backend, tally.backend());
                    assert!(tally.cache_misses == 0 || tally.cache_misses == tally.backend());
                }
                let arrived: u64 = routed.flow.methods.iter().map(|method| method.arrived).sum();
                let measured = routed.flow.latency.count();
                assert!(
                    (measured - crate::metrics::as_weight(arrived)).abs() < 1e-6,
                    "{measured} of {arrived}"
                );
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_traffic() {
    let total = |seed: u64| {
        let mut world = World::new(seed);
        world.run(120);
        let key = MetricKey::new("AWS/ApiGateway", "Count", [("ApiName", "cell-01-api")]);
        (world.read(&key, "Sum", 0..1), world.read(&key, "Sum", 1..2))
    };
    assert_eq!(total(3), total(3));
    assert_ne!(total(3), total(4));
}

#[test]
fn the_fleet_has_some_thousand_requests_a_second() {
    let mut world = World::new(SEED);
    world.simulation.backfill();
    let estate = world.estate.read().unwrap().clone();
    let mut total = 0.0;
    for api in &estate.apis {
        let (metric, dimension) = match api.kind {
            ApiKind::Rest => ("Count", ("ApiName", &api.name)),
            ApiKind::Http => ("Count", ("ApiId", &api.id)),
            ApiKind::WebSocket => ("MessageCount", ("ApiId", &api.id)),
        };
        let key = MetricKey::new("AWS/ApiGateway", metric, [dimension]);
        let count = world.read(&key, "Sum", -10..0);
        assert!(count > 0.0, "{} has no traffic", api.name);
        total += count / 600.0;
    }
    assert!((3_000.0..6_000.0).contains(&total), "{total} requests a second");
}

#[test]
fn backfill_covers_three_hours_and_never_changes() {
    let mut world = World::new(SEED);
    world.clock.advance(SignedDuration::from_secs(30));
    world.simulation.backfill();
    let key = rest("cell-01-api", "Count");
    let minutes = || {
        let first = start().as_second();
        let bins = Bins { start: first - 4 * 3_600, end: first, period: 60 };
        world.metrics.read(&key, None, Statistic::Sum, bins)
    };
    let before = minutes();
    assert_eq!(before.len(), 180);
    let begun = world.read(&key, "Sum", 0..1);
    assert!(begun > 0.0);
    let mut world = World { clock: world.clock.clone(), ..world };
    world.run(90);
    let first = start().as_second();
    let bins = Bins { start: first - 4 * 3_600, end: first, period: 60 };
    let after = world.metrics.read(&key, None, Statistic::Sum, bins);
    assert_eq!(before, after);
    assert!(world.read(&key, "Sum", 0..1) > begun);
}

#[test]
fn a_minute_is_complete_when_the_next_one_begins() {
    let mut world = World::new(SEED);
    world.clock.advance(SignedDuration::from_millis(59_300));
    world.simulation.advance(world.clock.now());
    let key = rest("cell-01-api", "Count");
    let complete = world.read(&key, "Sum", 0..1);
    world.run(1);
    assert!((world.read(&key, "Sum", 0..1) - complete).abs() < 1e-9);
    assert!(world.read(&key, "Sum", 1..2) > 0.0);
}

#[test]
fn a_flush_lets_hits_fall_and_recover_and_the_backend_feels_it() {
    let mut world = World::new(SEED);
    let name = world.cached_api();
    world.run(180);
    let hits = |world: &World, minutes| world.read(&rest(&name, "CacheHitCount"), "Average", minutes);
    let latency = |world: &World, minutes| world.read(&rest(&name, "Latency"), "Average", minutes);
    let settled = hits(&world, 1..3);
    assert!(settled > 0.5, "{settled}");
    let calm = latency(&world, 1..3);
    {
        let now = world.clock.now();
        let mut estate = world.estate.write().unwrap();
        let api = estate.apis.iter_mut().find(|api| api.name == name).map(Arc::make_mut).unwrap();
        api.stage_mut("prod").unwrap().cache.flush(now);
    }
    world.run(5);
    assert!(hits(&world, 3..4) < 0.5 * settled);
    world.run(295);
    assert!(hits(&world, 3..4) < 0.85 * settled);
    assert!(latency(&world, 3..4) > 1.3 * calm, "{} after {calm}", latency(&world, 3..4));
    assert!(hits(&world, 7..8) > 0.9 * settled, "{} of {settled}", hits(&world, 7..8));
}

#[test]
fn a_throttle_turns_the_rest_away() {
    let mut world = World::new(SEED);
    let name = "cell-01-api";
    {
        let mut estate = world.estate.write().unwrap();
        let api = estate.apis.iter_mut().find(|api| api.name == name).map(Arc::make_mut).unwrap();
        let settings = &mut api.stage_mut("prod").unwrap().settings;
        let throttle = Throttle { rate: 0.0, burst: 0 };
        settings.default = Some(MethodSetting { throttle, ..MethodSetting::initial() });
        settings.overrides.clear();
    }
    world.run(60);
    assert!((world.read(&rest(name, "4XXError"), "Average", 0..1) - 1.0).abs() < 1e-9);
    assert!(world.read(&rest(name, "IntegrationLatency"), "SampleCount", 0..1).abs() < 1e-9);
}

#[test]
fn methods_missing_from_the_deployment_are_forbidden() {
    let mut world = World::new(SEED);
    {
        let mut estate = world.estate.write().unwrap();
        let api = estate.apis.iter_mut().find(|api| api.name == "cell-02-api").map(Arc::make_mut).unwrap();
        for deployment in &mut api.deployments {
            deployment.methods.truncate(1);
        }
    }
    world.run(60);
    let forbidden = world.read(&rest("cell-02-api", "4XXError"), "Average", 0..1);
    assert!((0.3..0.9).contains(&forbidden), "{forbidden}");
}

#[test]
fn the_fleet_is_not_all_well_but_mildly_so() {
    let mut world = World::new(SEED);
    world.simulation.backfill();
    let estate = world.estate.read().unwrap().clone();
    let of_cells = |metric: &str, statistic: &str| -> Vec<f64> {
        let name = |cell: &crate::estate::Cell| format!("{}-api", cell.id);
        estate.cells.iter().map(|cell| world.read(&rest(&name(cell), metric), statistic, -30..0)).collect()
    };
    let errors = of_cells("5XXError", "Average");
    assert_eq!(errors.iter().filter(|rate| **rate > 0.003).count(), 1, "{errors:?}");
    assert!(errors.iter().all(|rate| *rate < 0.035), "{errors:?}");
    let latencies = of_cells("Latency", "p99");
    let mut sorted = latencies.clone();
    sorted.sort_by(f64::total_cmp);
    assert!(sorted[11] > 1.5 * sorted[10], "{latencies:?}");
    assert!((100.0..600.0).contains(&sorted[5]), "{latencies:?}");
}

#[test]
fn some_cells_have_custom_metrics_and_some_have_none() {
    let mut world = World::new(SEED);
    world.run(60);
    let custom = world.metrics.list(0, |key| key.namespace() == "CellBasedArchitecture/ApiGateway");
    assert_eq!(custom.len(), 3 * 10);
    let requests = custom.iter().find(|key| key.name() == "RequestCount").unwrap();
    assert!(world.read(requests, "Sum", 0..1) > 0.0);
}
