//! Room for customers, judged by what cells are built for and what they have.

use super::*;
use crate::domain::fleet::{CellState, Saturation};
use crate::domain::mapping::CustomerCount;

/// Requests a second, customers and connections that a cell is built for.
type Limits = (Option<f64>, Option<u64>, Option<u64>);
/// The same as it has them.
type Loads = (Option<f64>, Option<u64>, Option<u64>);

fn row(id: &str, (capacity, most_customers, most_connections): Limits, loads: Loads) -> CellRow {
    let (requests_per_second, customers, connections) = loads;
    let count =
        |customers: Option<u64>| customers.map(|customers| CustomerCount { customers, complete: true });
    CellRow {
        id: id.into(),
        cell: Cell { capacity, most_customers, most_connections, ..Cell::default() },
        state: CellState::Well,
        requests_per_second,
        rate_4xx: None,
        rate_5xx: None,
        p99: None,
        load: None,
        saturation: Saturation::default(),
        highest: None,
        customers: count(customers),
        connections: count(connections),
        blocked_per_minute: None,
        alarms: None,
        last_change: None,
        findings: Vec::new(),
        history: Vec::new(),
    }
}

/// So many customers from cell-01, which has 100 with 2 requests a second and half a connection each, to cell-02.
fn judged(customers: u32, target: CellRow) -> Vec<Room> {
    let mut roster = Roster::default();
    for number in 0..customers {
        assert!(roster.push(format!("c{number}"), Some("cell-01".into()), Some("cell-02".into())));
    }
    let source = row("cell-01", (None, None, None), (Some(200.0), Some(100), Some(50)));
    let rooms = judge(&roster, &HashMap::new(), &[source, target], 0.9);
    rooms.get(&CellId::new("cell-02")).cloned().unwrap_or_default()
}

#[test]
fn a_cell_has_room_for_as_many_customers_as_it_is_built_for() {
    let target = || row("cell-02", (None, Some(60), None), (None, Some(40), None));
    assert_eq!(judged(20, target()), []);
    let lacking = "it would have 61 customers, and is built for 60".to_owned();
    assert_eq!(judged(21, target()), [Room::Lacking(lacking)]);
    let mut counted_in_part = target();
    counted_in_part.customers = Some(CustomerCount { customers: 40, complete: false });
    assert!(matches!(&judged(20, counted_in_part)[..], [Room::Unknown(why)] if why.contains("at least 40")));
}

#[test]
fn connections_come_along_and_requests_count_against_the_threshold() {
    let built = (Some(1_000.0), None, Some(20));
    assert_eq!(judged(20, row("cell-02", built, (Some(859.0), Some(1), Some(10)))), []);
    let rooms = judged(22, row("cell-02", built, (Some(859.0), Some(1), Some(10))));
    let words = ["it would be at 90% of its capacity", "it would have about 21 connections once"];
    assert_eq!(rooms.len(), words.len(), "{rooms:?}");
    for (room, words) in rooms.iter().zip(words) {
        assert!(matches!(room, Room::Lacking(why) if why.starts_with(words)), "{room:?}: {words}");
    }
}

#[test]
fn what_is_not_known_is_said_for_what_is_configured_alone() {
    let unknown = |limits: Limits| {
        let rooms = judged(1, row("cell-02", limits, (None, None, None)));
        let whys = rooms.into_iter().map(|room| match room {
            Room::Unknown(why) => why,
            Room::Lacking(why) => panic!("{why}"),
        });
        whys.collect::<Vec<_>>()
    };
    assert_eq!(unknown((None, None, None)), ["no capacity is configured"]);
    assert_eq!(unknown((Some(1.0), None, None)), ["no traffic of it is seen"]);
    let of_customers = unknown((None, Some(9), None));
    assert_eq!(of_customers, ["how many customers it has was not counted, and it is built for 9"]);
    assert_eq!(unknown((None, Some(9), Some(9))).len(), 2);
}

#[test]
fn customers_are_spread_by_what_runs_out_first() {
    let cells = ["a".into(), "b".into(), "c".into()];
    let free = |fleet: &[CellRow]| -> Vec<f64> {
        of_cells(fleet, &cells).into_iter().map(|(_, free)| free).collect()
    };
    let requests = [
        row("a", (Some(100.0), None, None), (Some(40.0), None, None)),
        row("b", (Some(100.0), None, None), (Some(140.0), None, None)),
        row("c", (None, None, None), (Some(40.0), None, None)),
    ];
    assert_eq!(free(&requests), [60.0, 0.0, 0.0]);
    let customers = [
        row("a", (None, Some(100), None), (None, Some(40), None)),
        row("b", (None, Some(100), None), (None, Some(110), None)),
        row("c", (None, Some(100), None), (None, None, None)),
    ];
    assert_eq!(free(&customers), [60.0, 0.0, 0.0]);
    // A customer sends 2 requests a second: a has room for 60, but load for 10 alone.
    let both = [
        row("a", (Some(100.0), Some(100), None), (Some(80.0), Some(40), None)),
        row("b", (Some(900.0), Some(100), None), (Some(80.0), Some(40), None)),
        row("c", (Some(100.0), None, None), (Some(80.0), Some(40), None)),
    ];
    assert_eq!(free(&both), [10.0, 60.0, 10.0]);
}
