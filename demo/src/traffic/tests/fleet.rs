//! What the region looks like when nothing happens.

use super::*;
use crate::estate::ApiKind;

#[test]
fn the_same_seed_gives_the_same_traffic() {
    let total = |seed: u64| {
        let mut world = World::with(seed, 4, 12, 300);
        world.run(20);
        let key = MetricKey::new("AWS/ApiGateway", "Count", [("ApiName", "cell-01-api")]);
        world.read(&key, "Sum", 0..1)
    };
    assert!((total(3) - total(3)).abs() < 1e-9);
    assert!((total(3) - total(4)).abs() > 1.0);
}

#[test]
fn the_fleet_has_some_thousand_requests_a_second_and_every_api_has_some() {
    let mut world = World::new(SEED);
    world.run(20);
    let estate = world.estate();
    let mut total = 0.0;
    for api in &estate.apis {
        let (metric, dimension) = match api.kind {
            ApiKind::Rest => ("Count", ("ApiName", &api.name)),
            ApiKind::Http => ("Count", ("ApiId", &api.id)),
            ApiKind::WebSocket => ("MessageCount", ("ApiId", &api.id)),
        };
        let key = MetricKey::new("AWS/ApiGateway", metric, [dimension]);
        let count = world.read(&key, "Sum", 0..1);
        assert!(count > 0.0, "{} has no traffic", api.name);
        total += count / 20.0;
    }
    assert!((3_000.0..6_500.0).contains(&total), "{total} requests a second");
}

#[test]
fn in_quiet_times_hardly_anybody_is_turned_away() {
    let mut world = World::new(SEED);
    world.run(20);
    for api in world.estate().apis.iter().filter(|api| api.stage("prod").is_some()) {
        let (all, bad) = world.count(&api.name, 20, |group| {
            matches!(
                group.outcome,
                Outcome::InvalidApiKey
                    | Outcome::PlanThrottled
                    | Outcome::OverQuota
                    | Outcome::StageThrottled
                    | Outcome::AccountThrottled
                    | Outcome::TimedOut
                    | Outcome::CellFull
                    | Outcome::AuthorizerFailure
            )
        });
        assert!(bad * 500 <= all, "{}: {bad} of {all}", api.name);
    }
}

#[test]
fn the_fleet_is_not_all_well_but_mildly_so() {
    let mut world = World::new(SEED);
    world.run(60);
    let estate = world.estate();
    let of_cells = |metric: &str, statistic: &str| -> Vec<f64> {
        let name = |cell: &crate::estate::Cell| format!("{}-api", cell.id);
        estate.cells.iter().map(|cell| world.read(&rest(&name(cell), metric), statistic, 0..1)).collect()
    };
    let errors = of_cells("5XXError", "Average");
    assert_eq!(errors.iter().filter(|rate| **rate > 0.004).count(), 1, "{errors:?}");
    assert!(errors.iter().all(|rate| *rate < 0.035), "{errors:?}");
    let latencies = of_cells("Latency", "p99");
    let mut sorted = latencies.clone();
    sorted.sort_by(f64::total_cmp);
    assert!(sorted[11] > 1.4 * sorted[10], "{latencies:?}");
    assert!((100.0..600.0).contains(&sorted[5]), "{latencies:?}");
}

#[test]
fn a_minute_is_complete_when_the_next_one_begins() {
    let mut world = World::small(SEED);
    world.clock.advance(SignedDuration::from_millis(59_300));
    world.simulation.advance(world.clock.now());
    let key = rest("cell-01-api", "Count");
    let complete = world.read(&key, "Sum", 0..1);
    world.run(1);
    assert!((world.read(&key, "Sum", 0..1) - complete).abs() < 1e-9);
    assert!(world.read(&key, "Sum", 1..2) > 0.0);
}

#[test]
fn some_cells_have_custom_metrics_and_some_have_none() {
    let mut world = World::new(SEED);
    world.run(2);
    let custom = world.metrics.list(0, |key| key.namespace() == "CellBasedArchitecture/ApiGateway");
    assert_eq!(custom.len(), 3 * 10);
    let requests = custom.iter().find(|key| key.name() == "RequestCount").unwrap();
    assert!(world.read(requests, "Sum", 0..1) > 0.0);
}

#[test]
fn connections_are_held_by_customers_of_the_cell() {
    let mut world = World::new(SEED);
    world.run(5);
    let open = world.simulation.open_connections();
    let of_first = open.iter().filter(|connection| connection.at.cell == "cell-01").count();
    assert_eq!(of_first, world.simulation.connections("cell-01"));
    assert!(of_first > 100, "{of_first}");
    assert_eq!(world.simulation.connections("cell-12"), 0);
    let ids: std::collections::HashSet<&str> = open.iter().map(|connection| &*connection.id).collect();
    assert_eq!(ids.len(), open.len());
    for connection in &open {
        let customer =
            world.customers.iter().find(|customer| *customer.id() == *connection.customer_id).unwrap();
        assert_eq!(*customer.cell, *connection.at.cell);
        assert!(connection.connected_at <= world.clock.now());
    }
    assert_eq!(open, world.simulation.open_connections());
}
