//! What a move of the console knows of itself.

use super::*;
use crate::domain::moves::roster::Roster;

fn header(customers: u32, to: &[&str]) -> MoveHeader {
    let mut roster = Roster::default();
    for number in 0..customers {
        let to = to[number as usize % to.len()];
        assert!(roster.push(format!("c{number}"), Some("cell-01".into()), Some(to.into())));
    }
    let header = serde_json::json!({
        "region": { "account": "123456789012", "region": "eu-west-1" },
        "table": { "name": "CellMappings", "customer_attribute": "CustomerId", "cell_attribute": "CellId" },
        "customers": customers,
        "pairs": roster.pairs(),
        "waves": { "first": [1, 10, 100], "rate": 100.0 },
        "range": 100,
        "at_once": 16,
        "gate": null,
        "data": "stateless",
        "stop_on_conflict": false,
        "router_cache_seconds": 300,
        "warnings": [],
        "planned_at": "2026-11-20T14:03:22Z",
    });
    serde_json::from_value(header).unwrap()
}

#[test]
fn what_is_typed_names_few_cells_and_counts_customers_of_many() {
    assert_eq!(phrase(&header(5, &["cell-02"])), "cell-02");
    assert_eq!(phrase(&header(5, &["cell-03", "cell-02"])), "cell-02,cell-03");
    assert_eq!(phrase(&header(5, &["cell-02", "cell-03", "cell-04", "cell-05"])), "move 5");
}

#[test]
fn a_run_knows_how_far_it_is_and_how_long_it_takes_still() {
    let start = Timestamp::UNIX_EPOCH;
    let mut run = MoveRun::new(RegionSlot(0), header(200, &["cell-02"]), MoveWork::Starting, start);
    assert_eq!((run.left(), run.is_running()), (None, true));
    run.take(Progress::Gate { text: "waiting".into() });
    let tally = Tally { moved: 49, failed: 1, waiting: 150, ..Tally::default() };
    run.take(Progress::Slowed { per_second: 12.5 });
    assert_eq!(run.gate.as_deref(), Some("waiting"), "it waits still");
    run.take(Progress::Counted { tally, customers: 200, per_second: 40.0 });
    assert_eq!((run.gate.clone(), run.left()), (None, Some(SignedDuration::from_secs(4))));
    assert!((run.share() - 0.25).abs() < 1e-9);
    let ended = Ended::Paused { why: "a pause was asked for".into() };
    let end = MoveEnd { id: "m1".into(), ended, tally, exceptions: vec![], outdated: None };
    run.end = Some(MoveRunEnd { at: start, outcome: Ok(end), after: None });
    assert!(run.is_paused() && !run.is_running());
}
