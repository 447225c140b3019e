//! A move killed at one machine of a team and taken up at another, from the team's journal.

use jiff::SignedDuration;

use super::table::MappingTable;
use crate::killed::bench;
use crate::support::binary::RunningCellgate;
use crate::support::table::TeamTable;

const TEAM: &str = "[team]\ntable = \"cellgate-team\"\nlease = \"10s\"\n[moves]\nrange = 3\n";

#[test]
fn a_colleague_takes_up_what_a_killed_process_left() {
    let table = MappingTable::standing();
    TeamTable::create(&table.region.endpoint_url());
    let customers: Vec<String> = table.customers_of("cell-01").into_iter().take(8).collect();
    let points = ["between-stores-2", "after-range-2", "between-writes-2", "before-done-3", "before-end-1"];
    for (number, point) in points.into_iter().enumerate() {
        let to = ["cell-02", "cell-03"][number % 2];
        let (mut alice, bob) = (table.home(TEAM), table.home(TEAM));
        let before = table.cells();
        let mut arguments = vec!["move"];
        arguments.extend(customers.iter().map(String::as_str));
        arguments.extend(["--to", to, "--gate", "none", "--force", "-y"]);
        bench::kill(&mut alice, &arguments, point);
        let known = bench::run(&bob, &["moves", "list", "-o", "json"]).json();
        assert_eq!(known[0]["state"], "open", "{point}: {known}");
        let id = known[0]["move"].as_str().unwrap();
        let leased = bench::run(&bob, &["moves", "resume", id]);
        assert_eq!(leased.code, Some(3), "{point}: {leased:?}");
        assert!(leased.stderr.contains("whose lease lasts until"), "{point}: {leased:?}");
        table.region.advance(SignedDuration::from_mins(2));
        let resumed = bench::run(&bob, &["moves", "resume", id]);
        let mut expected = before;
        if point == "between-stores-2" {
            // The team was not told who was meant: nothing was sent, and nothing is.
            assert_eq!(resumed.code, Some(1), "{point}: {resumed:?}");
        } else {
            assert_eq!(resumed.code, Some(0), "{point}: {resumed:?}");
            expected.extend(customers.iter().map(|customer| (customer.clone(), to.to_owned())));
        }
        assert_eq!(table.cells(), expected, "{point}");
        for store in ["file", "team"] {
            let verified = bench::run(&bob, &["journal", "verify", "--store", store]);
            assert_eq!(verified.code, Some(0), "{point}: {verified:?}");
        }
        let late = bench::run(&alice, &["moves", "resume", id]);
        assert_eq!(late.code, Some(3), "{point}: it has ended: {late:?}");
    }
}

#[test]
fn a_colleague_gives_up_what_a_killed_process_left() {
    let table = MappingTable::standing();
    TeamTable::create(&table.region.endpoint_url());
    let customers: Vec<String> = table.customers_of("cell-01").into_iter().take(8).collect();
    let (mut alice, bob) = (table.home(TEAM), table.home(TEAM));
    let mut arguments = vec!["move"];
    arguments.extend(customers.iter().map(String::as_str));
    arguments.extend(["--to", "cell-02", "--gate", "none", "--force", "-y"]);
    bench::kill(&mut alice, &arguments, "after-range-2");
    // As long as the lease of the dead lasts it might be alive, and is asked; afterwards nobody is.
    let aborting = RunningCellgate::start(&bob, ["moves", "abort", "--last"]);
    table.region.advance(SignedDuration::from_mins(2));
    let aborted = aborting.finish();
    assert_eq!(aborted.code, Some(0), "{aborted:?}");
    assert!(aborted.stdout.starts_with("aborted: 1 of 8 moved"), "{aborted:?}");
    let cells = table.cells();
    let moved = customers.iter().filter(|customer| cells[*customer] == "cell-02").count();
    assert_eq!(moved, 1, "the first wave; those in doubt were not written, and are not now");
    for home in [&alice, &bob] {
        let shown = bench::run(home, &["moves", "show", "--last", "-o", "json"]).json();
        assert_eq!(shown["state"], "partly-applied", "{shown}");
    }
}
