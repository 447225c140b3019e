//! Gates between the waves of a move: they open where every cell proves itself, and pause the move where one doesn't.

use serde_json::Value;

use super::table::MappingTable;
use crate::killed::bench;
use crate::support::binary::RunningCellgate;

/// A router whose cache is short, in a region whose minutes are a second and a half.
const QUICK: &str = "[router]\ncache-ttl = \"10s\"\n[moves]\ngate-lasting = \"1m\"\n";

/// Two customers are two waves with a gate between them.
fn two<'words>(customers: &'words [String], gate: &'words str) -> [&'words str; 9] {
    ["move", &customers[0], &customers[1], "--to", "cell-02", "--gate", gate, "--force", "-y"]
}

fn events(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_gate_opens_where_every_cell_proves_itself() {
    let table = MappingTable::at_speed(200, 40);
    let home = table.home(QUICK);
    let customers = table.customers_of("cell-01");
    let gate = "cell.errors < 90%";
    let moved = bench::run(&home, &[&two(&customers, gate)[..], &["-o", "json"]].concat());
    assert_eq!(moved.code, Some(0), "{moved:?}");
    let told = events(&moved.stdout);
    let place = |name: &str, last: bool| {
        let found = told.iter().enumerate().filter(|(_, event)| event["event"] == name);
        let mut places = found.map(|(place, _)| place);
        if last { places.next_back() } else { places.next() }
    };
    let (gate, second) = (place("gate", false).unwrap(), place("wave", true).unwrap());
    assert!(gate < second, "the second wave waits for the gate: {told:?}");
}

#[test]
fn a_gate_is_waited_at_again_where_the_process_died_before_it_opened() {
    let table = MappingTable::at_speed(200, 40);
    let mut home = table.home(QUICK);
    let customers = table.customers_of("cell-01");
    bench::kill(&mut home, &two(&customers, "cell.errors < 90%"), "after-done-1");
    let resumed = bench::run(&home, &["moves", "resume", "--last", "-o", "json"]);
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    let told = events(&resumed.stdout);
    assert_eq!(told[0]["event"], "gate", "before the second wave: {told:?}");
    assert!(told.iter().any(|event| event["event"] == "wave" && event["number"] == 2), "{told:?}");
}

#[test]
fn a_breached_gate_pauses_the_move_after_the_first_wave() {
    let table = MappingTable::at_speed(200, 40);
    let home = table.home(QUICK);
    let before = table.cells();
    let customers = table.customers_of("cell-01");
    let moved = bench::run(&home, &two(&customers, "cell.requests > 1000000/s"));
    assert_eq!(moved.code, Some(4), "{moved:?}");
    assert!(moved.stderr.contains("the gate after wave 1 stays shut: cell-0"), "{moved:?}");
    let after = table.cells();
    let gone: Vec<&String> = before.keys().filter(|customer| before[*customer] != after[*customer]).collect();
    assert_eq!(gone, [&customers[0]], "one customer is the first wave");
    let aborted = bench::run(&home, &["moves", "abort", "--last"]);
    assert_eq!(aborted.code, Some(0), "{aborted:?}");
    assert_eq!(table.cells(), after, "who was moved stays");
    let listed = bench::run(&home, &["journal", "list", "-o", "json"]).json();
    assert_eq!(listed[0]["outcome"], "partly-applied", "{listed}");
}

#[test]
fn a_router_whose_reads_are_throttled_shuts_the_gate() {
    let table = MappingTable::at_speed(200, 40);
    let home = table.home("[router]\ncache-ttl = \"10s\"\n[moves]\ngate-lasting = \"6h\"\n");
    let customers = table.customers_of("cell-01");
    let arguments = [&two(&customers, "cell.errors < 100%")[..], &["-o", "json"]].concat();
    bench::spend_nothing(&home);
    let mut running = RunningCellgate::start(&home, &arguments);
    running.wait_for_line("\"event\":\"gate\"");
    table.python(&["capacity", "1"]);
    let paused = running.finish();
    assert_eq!(paused.code, Some(4), "{paused:?}");
    assert!(paused.stderr.contains("the router falls back to its hash"), "{paused:?}");
    assert!(paused.stderr.contains("the gate after wave 1 stays shut"), "{paused:?}");
}

#[test]
fn a_move_that_waits_at_a_gate_obeys_whoever_pauses_or_aborts_it() {
    let table = MappingTable::new();
    // Longer than anybody waits for an answer: the gate does not open on the way.
    let home = table.home("[router]\ncache-ttl = \"10s\"\n[moves]\ngate-lasting = \"6h\"\n");
    let customers = table.customers_of("cell-01");
    let at_the_gate = |arguments: &[&str]| {
        bench::spend_nothing(&home);
        let mut running = RunningCellgate::start(&home, [arguments, &["-o", "json"]].concat());
        running.wait_for_line("\"event\":\"gate\"");
        running
    };
    let waiting = at_the_gate(&two(&customers, "cell.errors < 100%"));
    let paused = bench::run(&home, &["moves", "pause", "--last"]);
    assert_eq!(paused.code, Some(0), "{paused:?}");
    assert_eq!(waiting.finish().code, Some(4));
    let shown = bench::run(&home, &["moves", "show", "--last", "-o", "json"]).json();
    assert_eq!((&shown["state"], &shown["tally"]["waiting"]), (&"paused".into(), &1.into()), "{shown}");

    let waiting = at_the_gate(&["moves", "resume", "--last"]);
    let aborted = bench::run(&home, &["moves", "abort", "--last"]);
    assert_eq!(aborted.code, Some(0), "{aborted:?}");
    assert_eq!(waiting.finish().code, Some(4));
    let shown = bench::run(&home, &["moves", "show", "--last", "-o", "json"]).json();
    assert_eq!(shown["state"], "partly-applied", "{shown}");
    let cells = table.cells();
    assert_eq!((cells[&customers[0]].as_str(), cells[&customers[1]].as_str()), ("cell-02", "cell-01"));
}
