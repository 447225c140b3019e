//! Answers that are lost, throttling, and denials in the middle of a move.
//!
//! The table is fenced, so that the version of each item counts its writes.

use super::table::MappingTable;
use crate::killed::bench;
use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::home::Home;

const FENCED: &str = "[mapping]\nversion-attribute = \"version\"\n[moves]\nrange = 7\n";

/// A fenced table behind a proxy, and twenty customers to move.
fn set_up() -> (MappingTable, FaultProxy, Home, Vec<String>) {
    let table = MappingTable::new();
    table.python(&["version"]);
    let proxy = FaultProxy::before(&table.region.endpoint_url());
    let mut home = table.home(FENCED);
    home.set("AWS_ENDPOINT_URL", &proxy.endpoint_url());
    let customers: Vec<String> = table.customers_of("cell-01").into_iter().take(20).collect();
    (table, proxy, home, customers)
}

fn to_cell_02(customers: &[String]) -> Vec<&str> {
    let names = customers.iter().map(String::as_str);
    let how = ["--to", "cell-02", "--gate", "none", "--force", "-y"];
    std::iter::once("move").chain(names).chain(how).collect()
}

/// Of these customers each is at the cell after one write, and nobody else was written.
fn assert_once(table: &MappingTable, customers: &[String], to: &str) {
    for (customer, item) in table.items() {
        let asked = customers.contains(&customer);
        assert_eq!(item["version"], if asked { "2" } else { "1" }, "{customer}");
        assert!(!asked || item["CellId"] == to, "{customer}");
    }
}

#[test]
fn a_write_whose_answer_is_lost_is_looked_up_and_not_repeated() {
    let (table, proxy, home, customers) = set_up();
    for (nth, fault) in [
        (1, Fault::CutBody),
        (3, Fault::DropConnection),
        (5, Fault::InternalFailure),
        (7, Fault::Throttle),
        (8, Fault::Throttle),
        (9, Fault::MalformedBody),
        (20, Fault::CutBody),
    ] {
        proxy.inject("UpdateItem", Occurrence::Nth(nth), fault);
    }
    let moved = bench::run(&home, &to_cell_02(&customers));
    assert_eq!(moved.code, Some(0), "{moved:?}");
    assert!(moved.stderr.contains("DynamoDB throttles: down to 50.0 customers a second"), "{moved:?}");
    assert_once(&table, &customers, "cell-02");
    let requests = proxy.requests();
    assert!(requests["GetItem"] >= 4, "each lost answer is looked up: {requests:?}");
}

#[test]
fn a_move_that_is_denied_in_the_middle_pauses_and_goes_on_when_it_may() {
    let (table, proxy, home, customers) = set_up();
    // From the fourth write on, as when a role is taken away.
    for nth in 4..100 {
        proxy.inject("UpdateItem", Occurrence::Nth(nth), Fault::AccessDenied);
    }
    let paused = bench::run(&home, &to_cell_02(&customers));
    assert_eq!(paused.code, Some(4), "{paused:?}");
    assert!(paused.stderr.contains("moves resume"), "{paused:?}");
    let moved = table.items().values().filter(|item| item["version"] == "2").count();
    assert_eq!(moved, 3, "what was let through");
    proxy.heal();
    let resumed = bench::run(&home, &["moves", "resume", "--last"]);
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    assert_once(&table, &customers, "cell-02");
}
