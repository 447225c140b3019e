//! Customers whose connections were closed come back.

use super::*;

/// A world with a WebSocket API for its first cells.
fn world() -> World {
    World::with(SEED, 4, 16, 400)
}

fn open_of(world: &World, customer_id: &str) -> Vec<crate::traffic::OpenConnection> {
    let open = world.simulation.open_connections();
    open.into_iter().filter(|connection| *connection.customer_id == *customer_id).collect()
}

#[test]
fn a_customer_asks_the_router_and_connects_again_some_seconds_after_it_was_cut_off() {
    let mut world = world();
    world.run(5);
    let closed = world.simulation.open_connections().swap_remove(0);
    let others = open_of(&world, &closed.customer_id).len() - 1;
    assert!(world.simulation.close_connection(&closed));
    assert!(!world.simulation.close_connection(&closed), "it is closed already");
    assert_eq!(world.simulation.customers_coming_back(), 1);
    assert_eq!(open_of(&world, &closed.customer_id).len(), others);
    world.run(1);
    assert_eq!(world.simulation.customers_coming_back(), 1, "not at once");
    let mut seconds = 1;
    while world.simulation.customers_coming_back() > 0 {
        world.run(1);
        seconds += 1;
        assert!(seconds < 60, "the customer did not come back");
    }
    let back = open_of(&world, &closed.customer_id);
    let newest = back.iter().max_by_key(|connection| connection.connected_at).unwrap();
    assert_ne!(newest.id, closed.id);
    assert!(newest.connected_at > closed.connected_at);
    assert_eq!(newest.at, closed.at);
}

#[test]
fn nobody_comes_back_while_the_router_is_out() {
    let mut world = world();
    world.run(5);
    world.alter("router", |api| {
        let setting = api.stage_mut("prod").unwrap().settings.default.as_mut().unwrap();
        setting.throttle = crate::estate::Throttle { rate: 0.0, burst: 0 };
    });
    world.run(10);
    let open = world.simulation.open_connections();
    for connection in &open[..20] {
        assert!(world.simulation.close_connection(connection));
    }
    world.run(30);
    assert_eq!(world.simulation.customers_coming_back(), 20);
    world.alter("router", |api| {
        let setting = api.stage_mut("prod").unwrap().settings.default.as_mut().unwrap();
        setting.throttle = crate::estate::Throttle { rate: 1_000.0, burst: 1_000 };
    });
    world.run(60);
    assert_eq!(world.simulation.customers_coming_back(), 0);
}
