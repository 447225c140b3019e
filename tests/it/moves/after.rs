//! What follows a move: the router's cache is flushed or outwaited, and the cells are watched.

use serde_json::Value;

use super::table::MappingTable;
use crate::killed::bench;
use crate::support::binary::Outcome;
use crate::support::home::Home;

/// The demo's router, in a region whose minutes are seconds.
const ROUTER: &str = "[router]\ncache-ttl = \"60s\"\napi = \"router\"\nstage = \"prod\"\n";

fn moved_with(home: &Home, customer: &str, more: &[&str]) -> Outcome {
    let command = ["move", customer, "--to", "cell-02", "--gate", "none", "--force", "-y"];
    bench::run(home, &[&command, more].concat())
}

fn event(outcome: &Outcome, name: &str) -> Value {
    let mut events = outcome.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    events.find(|event| event["event"] == name).unwrap_or_else(|| panic!("no {name}: {outcome:?}"))
}

#[test]
fn the_flush_of_the_routers_cache_is_offered_and_made_as_a_change_of_its_own() {
    let table = MappingTable::at_speed(200, 60);
    let home = table.home(ROUTER);
    let customers = table.customers_of("cell-01");
    let offered = moved_with(&home, &customers[0], &[]);
    assert_eq!(offered.code, Some(0), "{offered:?}");
    assert!(offered.stderr.contains("`cellgate flush router/prod` empties its cache"), "{offered:?}");
    assert_eq!(table.region.count("FlushStageCache"), 0, "it is offered, and not made");

    let planned = moved_with(&home, &customers[1], &["--then", "flush"]);
    assert!(planned.stderr.contains("/stages/prod/cache/data"), "the plan shows it: {planned:?}");
    assert_eq!(planned.code, Some(0), "{planned:?}");
    assert!(!planned.stderr.contains("may answer with the old cell until"), "{planned:?}");
    assert_eq!(table.region.count("FlushStageCache"), 1);
    let listed = bench::run(&home, &["journal", "list", "-o", "json"]).json();
    let levers: Vec<&Value> = listed.as_array().unwrap().iter().map(|change| &change["lever"]).collect();
    assert_eq!(levers, ["flush-stage-cache", "move-customers", "move-customers"]);
    assert!(listed.as_array().unwrap().iter().all(|change| change["outcome"] == "applied"), "{listed}");

    let dry = bench::run(
        &home,
        &["move", &customers[2], "--to", "cell-02", "--force", "--then", "flush", "--dry-run", "-o", "json"],
    );
    assert_eq!(dry.json()["flush"]["lever"], "flush-stage-cache", "{dry:?}");
    assert_eq!(table.region.count("FlushStageCache"), 1, "a plan sends nothing");
}

#[test]
fn a_flush_of_nobody_knows_what_is_refused_before_anybody_is_moved() {
    let table = MappingTable::new();
    let before = table.cells();
    let customer = table.customers_of("cell-01").remove(0);
    let unknown = moved_with(&table.home(""), &customer, &["--then", "flush"]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(unknown.stderr.contains("router.api"), "{unknown:?}");
    let home = table.home("[router]\napi = \"router\"\nstage = \"live\"\n");
    let unknown = moved_with(&home, &customer, &["--then", "flush"]);
    assert_eq!(unknown.code, Some(5), "{unknown:?}");
    assert_eq!(table.cells(), before);
}

#[test]
fn what_the_router_keeps_is_outwaited() {
    let table = MappingTable::at_speed(200, 60);
    let home = table.home(ROUTER);
    let customer = table.customers_of("cell-01").remove(0);
    let begun = table.region.now();
    let waited = moved_with(&home, &customer, &["--then", "wait", "-o", "json"]);
    assert_eq!(waited.code, Some(0), "{waited:?}");
    let until: jiff::Timestamp = event(&waited, "waited")["until"].as_str().unwrap().parse().unwrap();
    assert!(until.duration_since(begun).as_secs() >= 60, "{until} after {begun}");
    assert!(table.region.now() >= until);
    assert_eq!(event(&waited, "ended")["outcome"], "applied");
}

#[test]
fn cells_are_watched_and_one_that_is_unwell_is_told_with_the_way_back() {
    let table = MappingTable::at_speed(200, 40);
    let customers = table.customers_of("cell-01");
    let settings =
        |condition: &str| format!("[router]\ncache-ttl = \"10s\"\n[moves]\ngate = \"{condition}\"\n");
    let home = table.home(&settings("cell.errors < 90%"));
    let well = moved_with(&home, &customers[0], &["--watch-cells", "1", "-o", "json"]);
    assert_eq!(well.code, Some(0), "{well:?}");
    assert_eq!(event(&well, "watched")["verdict"], "well");

    let home = table.home(&settings("cell.requests > 1000000/s"));
    let unwell = moved_with(&home, &customers[1], &["--watch-cells", "1"]);
    assert_eq!(unwell.code, Some(4), "{unwell:?}");
    let listed = bench::run(&home, &["journal", "list", "-o", "json"]).json();
    let undo = format!("`cellgate undo {}` moves the customers back", listed[0]["id"].as_str().unwrap());
    assert!(unwell.stderr.contains(&undo), "{unwell:?}");
    assert_eq!(table.cells()[&customers[1]], "cell-02", "nothing is taken back by itself");
}

#[test]
fn what_follows_is_done_by_a_move_that_is_taken_up_again() {
    let table = MappingTable::at_speed(200, 60);
    let mut home = table.home(ROUTER);
    let customer = table.customers_of("cell-01").remove(0);
    let command =
        ["move", &customer, "--to", "cell-02", "--gate", "none", "--force", "-y", "--then", "flush"];
    bench::kill(&mut home, &command, "after-done-1");
    assert_eq!(table.cells()[&customer], "cell-02");
    assert_eq!(table.region.count("FlushStageCache"), 0, "it ended before");
    let resumed = bench::run(&home, &["moves", "resume", "--last", "--then", "flush"]);
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    assert_eq!(table.region.count("FlushStageCache"), 1);
}

#[test]
fn a_flush_that_is_cut_off_leaves_the_move_done_and_an_open_change_of_its_own() {
    let table = MappingTable::at_speed(200, 60);
    let mut home = table.home(ROUTER);
    let customer = table.customers_of("cell-01").remove(0);
    let command =
        ["move", &customer, "--to", "cell-02", "--gate", "none", "--force", "-y", "--then", "flush"];
    bench::kill(&mut home, &command, "before-request-1");
    let known = bench::run(&home, &["journal", "list", "-o", "json"]).json();
    let outcomes = [&known[0]["outcome"], &known[1]["outcome"]];
    assert_eq!(
        (outcomes, &known[0]["lever"]),
        ([&"open".into(), &"applied".into()], &"flush-stage-cache".into())
    );
    assert_eq!(table.cells()[&customer], "cell-02");
    // Whether it was sent can't be told: nobody moves on top of that without having it looked at.
    let refused = moved_with(&home, &table.customers_of("cell-01")[0], &["--then", "flush"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert_eq!(table.region.count("FlushStageCache"), 0);
}
