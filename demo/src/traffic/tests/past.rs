//! What came before the start.

use super::*;
use crate::ledger::Past;
use crate::metrics::as_weight;

#[test]
fn the_past_is_the_same_whoever_asks_first() {
    let (one, other) = (World::small(SEED), World::small(SEED));
    let minute = start().as_second() / 60;
    let stage = one.stage("cell-01-api");
    let of = |world: &World, minute| world.simulation.history().flow(&stage.0, &stage.1, minute).unwrap();
    let (late, early) = (of(&one, minute - 1), of(&one, minute - 100));
    assert_eq!(of(&other, minute - 100), early);
    assert_eq!(of(&other, minute - 1), late);
    assert_ne!(late, early);
    assert_eq!(one.simulation.history().flow("nosuch", "prod", minute - 1), None);
}

#[test]
fn slots_and_flows_of_the_past_are_the_same_requests() {
    let world = World::small(SEED);
    let minute = start().as_second() / 60 - 30;
    let history = world.simulation.history();
    for api in world.estate().apis {
        for stage in &api.stages {
            let name = (api.id.clone(), stage.name.clone());
            let slot = history.slot(&name, minute).unwrap();
            let flow = history.flow(&name.0, &name.1, minute).unwrap();
            let counted: u64 = slot.groups.iter().map(|group| u64::from(group.count)).sum();
            assert_eq!(counted, flow.tally(|_| true).requests());
            assert!((flow.latency.count() - as_weight(counted)).abs() < 1e-6);
        }
    }
}

#[test]
fn the_present_goes_on_where_the_past_ends() {
    let mut world = World::new(SEED);
    let minute = start().as_second() / 60;
    let history = world.simulation.history();
    world.run(60);
    for api in world.estate().apis.iter().filter(|api| api.cell.is_some()) {
        let before = history.flow(&api.id, "prod", minute - 1).unwrap();
        let groups = world.groups(&(api.id.clone(), "prod".to_owned()), 60);
        let count = |wanted: &dyn Fn(&Group) -> bool| {
            as_weight(groups.iter().filter(|group| wanted(group)).map(|group| u64::from(group.count)).sum())
        };
        let (then, now) = (as_weight(before.tally(|_| true).requests()), count(&|_| true));
        assert!((now / then - 1.0).abs() < 0.1, "{}: {then} requests, then {now}", api.name);
        let (then, now) =
            (as_weight(before.tally(|_| true).backend()), count(&|group| group.outcome.reached_backend()));
        assert!((now / then - 1.0).abs() < 0.15, "{}: {then} at the backend, then {now}", api.name);
    }
}

#[test]
fn the_ledger_reads_across_the_start() {
    let mut world = World::small(SEED);
    world.run(5);
    let stage = world.stage("cell-01-api");
    let mut seconds = Vec::new();
    let range = start() - SignedDuration::from_mins(3)..world.clock.now();
    world.ledger.slots(&stage, &range, |slot| seconds.push(slot.seconds));
    assert_eq!(seconds, [60, 60, 60, 1, 1, 1, 1, 1]);
}
