//! Nothing is lost and nothing is made: outcomes, groups and metrics are the same requests.

use proptest::prelude::*;

use super::*;
use crate::estate::{CacheSize, MethodSetting, Throttle};
use crate::metrics::as_weight;

/// Something that an operator or fate does to a small region.
#[derive(Clone, Debug)]
enum Deed {
    Throttle(usize, f64, i64),
    Flush(usize),
    Account(f64),
    Cell(usize, f64),
    Backend(usize, f64, f64),
    Move(usize, usize),
    Authorizer(usize, f64),
    DisableKey(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        (0..12_usize, 0.0..400.0_f64, 0..300_i64)
            .prop_map(|(api, rate, burst)| Deed::Throttle(api, rate, burst)),
        (0..12_usize).prop_map(Deed::Flush),
        (0.0..2_000.0_f64).prop_map(Deed::Account),
        (0..3_usize, 0.0..6.0_f64).prop_map(|(cell, factor)| Deed::Cell(cell, factor)),
        (0..3_usize, 0.05..1.5_f64, 0.0..1.0_f64)
            .prop_map(|(cell, capacity, errors)| Deed::Backend(cell, capacity, errors)),
        (0..90_usize, 0..3_usize).prop_map(|(customer, cell)| Deed::Move(customer, cell)),
        (0..12_usize, 0.0..50.0_f64).prop_map(|(api, capacity)| Deed::Authorizer(api, capacity)),
        (0..20_usize).prop_map(Deed::DisableKey),
    ]
}

fn commit(world: &World, deed: &Deed) {
    let estate = world.estate();
    let name = |api: usize| estate.apis[api % estate.apis.len()].name.clone();
    let cell = |cell: usize| estate.cells[cell].id.clone();
    match deed {
        Deed::Throttle(api, rate, burst) => world.alter(&name(*api), |api| {
            let throttle = Throttle { rate: *rate, burst: *burst };
            for stage in &mut api.stages {
                stage.settings.overrides.clear();
                stage.settings.default = Some(MethodSetting { throttle, ..MethodSetting::initial() });
            }
        }),
        Deed::Flush(api) => world.alter(&name(*api), |api| {
            for stage in &mut api.stages {
                stage.cache = crate::estate::Cache::on(CacheSize::SMALLEST);
                stage.cache.flush(world.clock.now());
            }
        }),
        Deed::Account(rate) => {
            world.estate.write().unwrap().account_throttle = Throttle { rate: *rate, burst: 100 };
        }
        Deed::Cell(place, factor) => {
            world.disturb(Disturbance::Cell { cell: cell(*place), factor: *factor });
        }
        Deed::Backend(place, capacity, server_errors) => world.disturb(Disturbance::Backend {
            cell: cell(*place),
            capacity: *capacity,
            slowness: 3.0,
            server_errors: *server_errors,
        }),
        Deed::Move(customer, place) => world.mappings.push([crate::dynamodb::feed::MappingChange {
            customer_id: world.customers[*customer].id(),
            cell: Some(cell(*place)),
        }]),
        Deed::Authorizer(api, calls_per_second) => world.disturb(Disturbance::Authorizer {
            api_id: estate.apis[api % estate.apis.len()].id.clone(),
            calls_per_second: *calls_per_second,
        }),
        Deed::DisableKey(key) => {
            let mut estate = world.estate.write().unwrap();
            let keys = estate.api_keys.len();
            estate.api_keys[key % keys].enabled = false;
        }
    }
}

/// The metric of a stage that counts its requests, and those of its errors.
fn metrics_of(api: &Api, stage: &str) -> Option<[MetricKey; 5]> {
    let (dimension, value) = ("ApiName", api.name.as_str());
    let names = ["Count", "4XXError", "5XXError", "CacheHitCount", "CacheMissCount"];
    (api.kind == crate::estate::ApiKind::Rest).then(|| {
        names.map(|name| MetricKey::new("AWS/ApiGateway", name, [(dimension, value), ("Stage", stage)]))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ledger_and_metrics_count_the_same_requests(seed in 0_u64..1_000, deeds in prop::collection::vec(deed(), 0..8)) {
        let mut world = World::small(seed);
        world.run(2);
        for deed in &deeds {
            commit(&world, deed);
            world.run(3);
        }
        let estate = world.estate();
        for api in &estate.apis {
            for stage in &api.stages {
                let Some(keys) = metrics_of(api, &stage.name) else { continue };
                let groups = world.groups(&(api.id.clone(), stage.name.clone()), 120);
                let of = |wanted: &dyn Fn(&Group) -> bool| -> u64 {
                    groups.iter().filter(|group| wanted(group)).map(|group| u64::from(group.count)).sum()
                };
                let metric = |place: usize| world.read(&keys[place], "Sum", 0..2);
                let all = of(&|_| true);
                prop_assert!((metric(0) - as_weight(all)).abs() < 1e-6, "{}: {} requests, {all}", api.name, metric(0));
                let by_status = |first: u16| of(&|group| group.outcome.status() / 100 == first);
                prop_assert!((metric(1) - as_weight(by_status(4))).abs() < 1e-6);
                prop_assert!((metric(2) - as_weight(by_status(5))).abs() < 1e-6);
                prop_assert_eq!(by_status(2) + by_status(4) + by_status(5), all);
                // Hits are told while the cache is on; what asks it in vain is a miss.
                let hits = of(&|group| group.outcome == Outcome::CacheHit);
                prop_assert!(metric(3) <= as_weight(hits) + 1e-6);
                let reached = of(&|group| group.outcome.reached_backend());
                prop_assert!(metric(4) <= as_weight(reached) + 1e-6);
            }
        }
    }

    #[test]
    fn an_account_never_lets_through_more_than_its_rate_and_burst(seed in 0_u64..1_000, rate in 50.0_f64..1_500.0, burst in 0_i64..500) {
        let throttle = Throttle { rate, burst };
        let mut world = World::altered(seed, (3, 12, 90), |estate| estate.account_throttle = throttle);
        world.run(12);
        let estate = world.estate();
        let mut through = 0;
        for api in &estate.apis {
            for stage in &api.stages {
                let groups = world.groups(&(api.id.clone(), stage.name.clone()), 12);
                let passed = groups.iter().filter(|group| {
                    group.outcome.reached_backend() || matches!(group.outcome, Outcome::CacheHit | Outcome::Invalid)
                });
                through += passed.map(|group| u64::from(group.count)).sum::<u64>();
            }
        }
        prop_assert!(as_weight(through) <= rate * 12.0 + as_weight(burst.unsigned_abs()) + 1.0, "{through}");
    }
}

#[test]
fn a_group_of_seven_is_seven_requests() {
    let mut world = World::small(SEED);
    world.run(3);
    let stage = world.stage("cell-01-api");
    let counted: u64 = world.groups(&stage, 3).iter().map(|group| u64::from(group.count)).sum();
    let range = start()..world.clock.now();
    let mut requests = Vec::new();
    world.ledger.requests(
        &stage,
        &range,
        |_| true,
        |request| {
            requests.push(request);
            std::ops::ControlFlow::Continue(())
        },
    );
    assert_eq!(requests.len() as u64, counted);
    assert!(requests.windows(2).all(|pair| pair[0].time <= pair[1].time));
    for request in &requests {
        assert!(!request.path.contains('{'), "{}", request.path);
        assert!(request.latency_ms >= request.integration_latency_ms.unwrap_or(0.0));
        if let Some(customer) = &request.customer_id {
            let same: std::collections::HashSet<_> = requests
                .iter()
                .filter(|other| other.customer_id.as_ref() == Some(customer))
                .map(|one| one.client)
                .collect();
            assert!(same.len() <= 4, "{customer} has {} addresses", same.len());
        }
    }
}

#[test]
fn folding_seconds_into_minutes_loses_no_request() {
    let mut world = World::small(SEED);
    world.run(20);
    let stage = world.stage("cell-01-api");
    let all = |world: &World| -> u64 {
        world.groups(&stage, 3_000).iter().map(|group| u64::from(group.count)).sum()
    };
    let (before, kept) = (all(&world), world.ledger.group_count());
    world.ledger.retain(world.clock.now() + SignedDuration::from_mins(10));
    let mut seconds = Vec::new();
    world.ledger.slots(&stage, &(start()..world.clock.now()), |slot| seconds.push(slot.seconds));
    assert_eq!(seconds, [20]);
    assert_eq!(all(&world), before);
    assert!(world.ledger.group_count() < kept / 2);
    world.ledger.retain(world.clock.now() + SignedDuration::from_hours(4));
    assert_eq!(world.ledger.group_count(), 0);
}
