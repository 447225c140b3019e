//! Customers that are moved, and what stands between the table and their requests.

use super::*;
use crate::dynamodb::feed::MappingChange;
use crate::estate::{CacheSize, MethodSetting, Throttle};
use crate::ledger::Caller;

/// A world whose router keeps answers for so many seconds.
fn world(ttl: i64) -> World {
    World::altered(SEED, (4, 12, 400), |estate| {
        let router = estate.apis.iter_mut().find(|api| api.name == "router").map(Arc::make_mut).unwrap();
        let stage = router.stage_mut("prod").unwrap();
        if ttl > 0 {
            stage.cache = crate::estate::Cache::on(CacheSize::SMALLEST);
        }
        let throttle = Throttle { rate: 5_000.0, burst: 5_000 };
        stage.settings.default = Some(MethodSetting {
            caching_enabled: ttl > 0,
            cache_ttl_seconds: ttl,
            throttle,
            ..MethodSetting::initial()
        });
    })
}

/// The largest named customer of the first cell.
fn customer(world: &World) -> String {
    let of_first = world.customers.iter().filter(|customer| customer.own_key && &*customer.cell == "cell-01");
    of_first.max_by(|one, other| one.demand.total_cmp(&other.demand)).unwrap().id()
}

fn requests(world: &World, api: &str, customer: &str, seconds: i64) -> u64 {
    let of_customer = |group: &Group| {
        world.ledger.source(group.source).unwrap().caller == Caller::Customer(customer.to_owned())
    };
    world.count(api, seconds, of_customer).1
}

fn to(world: &World, customer: &str, cell: &str) {
    world.mappings.push([MappingChange { customer_id: customer.to_owned(), cell: Some(cell.to_owned()) }]);
}

#[test]
fn without_a_cache_a_moved_customer_arrives_when_its_client_asks_again() {
    let mut world = world(0);
    let customer = customer(&world);
    world.run(2);
    to(&world, &customer, "cell-02");
    world.run(20);
    assert_eq!(world.simulation.customers_on_the_move(), 0);
    assert!(requests(&world, "cell-02-api", &customer, 3) > 0);
    assert_eq!(requests(&world, "cell-01-api", &customer, 3), 0);
}

#[test]
fn moved_customers_arrive_when_their_entries_expire() {
    let mut world = world(300);
    world.run(2);
    let moved: Vec<String> =
        world.customers.iter().filter(|customer| &*customer.cell == "cell-01").map(Customer::id).collect();
    for customer in &moved {
        to(&world, customer, "cell-02");
    }
    world.run(60);
    let early = world.simulation.customers_on_the_move();
    assert!((moved.len() / 2..moved.len()).contains(&early), "{early} of {}", moved.len());
    world.run(270);
    assert_eq!(world.simulation.customers_on_the_move(), 0);
}

#[test]
fn a_flush_of_the_routers_cache_brings_moved_customers_at_once() {
    let mut world = world(3_600);
    let customer = customer(&world);
    world.run(2);
    to(&world, &customer, "cell-02");
    world.run(30);
    // One of 400 may have had an old entry: this one has not.
    assert!(requests(&world, "cell-01-api", &customer, 3) > 0);
    assert_eq!(requests(&world, "cell-02-api", &customer, 3), 0);
    let now = world.clock.now();
    world.alter("router", |api| api.stage_mut("prod").unwrap().cache.flush(now));
    world.run(22);
    assert!(requests(&world, "cell-02-api", &customer, 3) > 0);
    assert_eq!(requests(&world, "cell-01-api", &customer, 3), 0);
}

#[test]
fn while_the_router_is_out_clients_stay_where_they_are() {
    let mut world = world(0);
    let customer = customer(&world);
    world.alter("router", |api| {
        let settings = &mut api.stage_mut("prod").unwrap().settings;
        settings.default.as_mut().unwrap().throttle = Throttle { rate: 0.0, burst: 0 };
    });
    world.run(5);
    to(&world, &customer, "cell-02");
    world.run(40);
    assert!(requests(&world, "cell-01-api", &customer, 3) > 0);
    assert_eq!(world.simulation.customers_on_the_move(), 1);
    world.alter("router", |api| {
        let settings = &mut api.stage_mut("prod").unwrap().settings;
        settings.default.as_mut().unwrap().throttle = Throttle { rate: 5_000.0, burst: 5_000 };
    });
    world.run(25);
    assert_eq!(world.simulation.customers_on_the_move(), 0);
    assert!(requests(&world, "cell-02-api", &customer, 3) > 0);
}

#[test]
fn a_throttled_table_sends_customers_astray_until_it_has_room() {
    let mut world = world(0);
    world.run(3);
    assert!(world.simulation.router_flow().reads > 0);
    let astray = |world: &World| world.share("cell-01-api", 3, Outcome::ClientError);
    let usual = astray(&world);
    world.mappings.set_read_capacity(Some(1.0));
    world.run(60);
    assert!(world.simulation.router_flow().throttled_reads > 0);
    assert!(astray(&world) > usual + 0.2, "{} after {usual}", astray(&world));
    world.mappings.set_read_capacity(None);
    world.run(120);
    assert!(astray(&world) < usual + 0.02, "{} after {usual}", astray(&world));
}

#[test]
fn a_full_cell_turns_clients_away_at_the_router() {
    let mut world = world(0);
    world.run(2);
    world.disturb(Disturbance::Cell { cell: "cell-01".to_owned(), factor: 8.0 });
    world.run(40);
    assert!(world.share("router", 5, Outcome::CellFull) > 0.01);
    world.calm();
    world.run(120);
    assert!(world.share("router", 5, Outcome::CellFull) < 1e-9);
}

#[test]
fn strangers_and_the_unmapped_find_a_cell() {
    let mut world = world(0);
    let customer = customer(&world);
    world.run(2);
    world.mappings.push([
        MappingChange { customer_id: "customer-99999".to_owned(), cell: Some("cell-03".to_owned()) },
        MappingChange { customer_id: customer.clone(), cell: None },
    ]);
    world.run(40);
    let total: u64 = (1..=4)
        .map(|cell| requests(&world, &format!("cell-0{cell}-api"), &customer, 5))
        .filter(|count| *count > 0)
        .count() as u64;
    assert_eq!(total, 1, "the customer is on one cell");
    assert_eq!(world.simulation.customers_on_the_move(), 0);
}

#[test]
fn only_clients_of_the_full_cell_are_turned_away() {
    let mut world = world(0);
    world.disturb(Disturbance::Cell { cell: "cell-01".to_owned(), factor: 8.0 });
    world.run(30);
    for group in world.groups(&world.stage("router"), 10) {
        let source = world.ledger.source(group.source).unwrap();
        let of_full = matches!(&source.caller, Caller::Crowd { cell, .. } if cell == "cell-01");
        assert!(group.outcome != Outcome::CellFull || of_full, "{:?}", source.caller);
    }
}
