//! Moves killed at every point at which their process may die, and taken up again: nobody is lost, nobody is written
//! twice, nobody is moved who wasn't asked.
//!
//! The table is fenced, so that the version of each item counts its writes.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use super::table::MappingTable;
use crate::killed::bench;
use crate::support::binary::RunningCellgate;
use crate::support::home::Home;

const FENCED: &str =
    "[mapping]\nversion-attribute = \"version\"\nepoch-attribute = \"epoch\"\n[moves]\nrange = 6\n";

pub fn list(home: &Home, customers: &[String]) -> String {
    let path = home.path().join("list");
    fs::write(&path, customers.join("\n")).unwrap();
    path.display().to_string()
}

pub type Items = BTreeMap<String, BTreeMap<String, Value>>;

/// Of these customers, each is at `to` with one more write than before; all others are as before.
pub fn assert_moved_once(before: &Items, after: &Items, customers: &[String], to: &str, what: &str) {
    for (customer, item) in before {
        let mut expected = item.clone();
        if customers.contains(customer) {
            expected.insert("CellId".to_owned(), to.into());
            for counter in ["version", "epoch"] {
                let next = item[counter].as_str().unwrap().parse::<u64>().unwrap() + 1;
                expected.insert(counter.to_owned(), next.to_string().into());
            }
        }
        assert_eq!(after[customer], expected, "{what}: {customer}");
    }
    assert_eq!(after.len(), before.len(), "{what}");
}

#[test]
fn at_every_point() {
    let table = MappingTable::new();
    table.python(&["version"]);
    let mut home = table.home(FENCED);
    let customers: Vec<String> = table.customers_of("cell-01").into_iter().take(12).collect();
    let file = list(&home, &customers);
    let command = |to: &'static str| ["move", "--file", &file, "--to", to, "--gate", "none", "--force", "-y"];
    let points = bench::points(&mut home, &command("cell-02"));
    assert!(points.iter().any(|point| point == "between-writes-2"), "{points:?}");
    for (number, point) in points.iter().enumerate() {
        let to = ["cell-03", "cell-02"][number % 2];
        let before = table.items();
        bench::kill(&mut home, &command(to), point);
        let known = bench::run(&home, &["moves", "list", "-o", "json"]).json();
        let newest = &known[0];
        match newest["state"].as_str() {
            _ if point == "before-intent-1" => {
                assert_eq!(table.items(), before, "{point}: nothing was announced");
                let outcome = bench::run(&home, &command(to));
                assert_eq!(outcome.code, Some(0), "{point}: {outcome:?}");
            }
            Some("open") => {
                let resumed = bench::run(&home, &["moves", "resume", newest["move"].as_str().unwrap()]);
                if point == "after-intent-1" {
                    // Who was meant isn't known: nothing was sent, and nothing is.
                    assert_eq!(resumed.code, Some(1), "{point}: {resumed:?}");
                    assert_eq!(table.items(), before, "{point}");
                    let outcome = bench::run(&home, &command(to));
                    assert_eq!(outcome.code, Some(0), "{point}: {outcome:?}");
                } else {
                    assert_eq!(resumed.code, Some(0), "{point}: {resumed:?}");
                }
            }
            state => assert_eq!((state, point.as_str()), (Some("applied"), "after-end-1")),
        }
        assert_moved_once(&before, &table.items(), &customers, to, point);
        assert_eq!(bench::run(&home, &["journal", "verify"]).code, Some(0), "{point}");
    }
}

#[test]
fn customers_in_doubt_keep_other_moves_away_and_a_second_writer_is_seen() {
    let table = MappingTable::new();
    table.python(&["version"]);
    let mut home = table.home(FENCED);
    let customers: Vec<String> = table.customers_of("cell-01").into_iter().take(5).collect();
    let file = list(&home, &customers);
    let command = ["move", "--file", &file, "--to", "cell-02", "--gate", "none", "--force", "-y"];
    bench::kill(&mut home, &command, "after-range-2");
    let other = table.customers_of("cell-03").remove(0);
    let refused = bench::run(&home, &["move", &other, "--to", "cell-02", "--gate", "none", "-y"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(refused.stderr.contains("left customers in doubt"), "{refused:?}");
    // Somebody else moves one of those in doubt, and one mapping goes.
    table.python(&["put", &customers[2], "cell-04"]);
    table.python(&["delete", &customers[3]]);
    let report = home.path().join("report.csv");
    let resumed = bench::run(&home, &["moves", "resume", "--last", "--report", report.to_str().unwrap()]);
    assert_eq!(resumed.code, Some(4), "{resumed:?}");
    let told = fs::read_to_string(report).unwrap();
    let outcomes: Vec<&str> = told.lines().skip(1).map(|line| line.split(',').nth(4).unwrap()).collect();
    assert_eq!(outcomes, ["moved", "moved", "moved-meanwhile", "vanished", "moved"], "{told}");
    let cells = table.cells();
    assert_eq!(cells[&customers[2]], "cell-04");
    assert!(!cells.contains_key(&customers[3]));
    let free = bench::run(&home, &["move", &other, "--to", "cell-02", "--gate", "none", "--force", "-y"]);
    assert_eq!(free.code, Some(0), "{free:?}");
}

#[test]
fn a_move_is_paused_resumed_and_given_up() {
    let table = MappingTable::with_customers(1_000);
    let home = table.home("[moves]\nrange = 10\n");
    let before = table.cells();
    let customers = table.customers_of("cell-01");
    let drain = [
        "drain", "cell-01", "--to", "cell-02", "--gate", "none", "--rate", "8", "--force", "-y", "-o", "json",
    ];
    let start = || {
        bench::spend_nothing(&home);
        let mut running = RunningCellgate::start(&home, drain);
        running.wait_for_line("\"event\":\"progress\"");
        running
    };
    let running = start();
    let paused = bench::run(&home, &["moves", "pause", "--last"]);
    assert_eq!(paused.code, Some(0), "{paused:?}");
    let first = running.finish();
    assert_eq!(first.code, Some(4), "{first:?}");
    let shown = bench::run(&home, &["moves", "show", "--last", "-o", "json"]).json();
    assert_eq!((&shown["state"], &shown["tally"]["in_doubt"]), (&"paused".into(), &0.into()), "{shown}");
    let moved = shown["tally"]["moved"].as_u64().unwrap();
    assert!(moved >= 1 && moved < customers.len() as u64, "{shown}");
    bench::spend_nothing(&home);
    let mut resumed = RunningCellgate::start(&home, ["moves", "resume", "--last", "-o", "json"]);
    resumed.wait_for_line("\"event\":\"progress\"");
    let aborted = bench::run(&home, &["moves", "abort", "--last"]);
    assert_eq!(aborted.code, Some(0), "{aborted:?}");
    let ended = resumed.finish();
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let shown = bench::run(&home, &["moves", "show", "--last", "-o", "json"]).json();
    assert_eq!(shown["state"], "partly-applied", "{shown}");
    let moved = shown["tally"]["moved"].as_u64().unwrap();
    let after = table.cells();
    let gone = before.iter().filter(|(customer, cell)| after[*customer] != **cell).count();
    assert_eq!(gone as u64, moved, "the table says the same");
}

#[test]
fn two_thousand_customers_and_five_kills() {
    let table = MappingTable::with_customers(2_000);
    table.python(&["version"]);
    let settings =
        "[mapping]\nversion-attribute = \"version\"\nepoch-attribute = \"epoch\"\n[moves]\nrange = 50\n";
    let home = table.home(settings);
    let (before, customers) = (table.items(), table.customers_of("cell-01"));
    let drain = [
        "drain", "cell-01", "--to", "cell-02", "--gate", "none", "--rate", "150", "--force", "-y", "-o",
        "json",
    ];
    let resume = ["moves", "resume", "--last", "-o", "json"];
    for kill in 0..5 {
        bench::spend_nothing(&home);
        let arguments: &[&str] = if kill == 0 { &drain } else { &resume };
        let mut running = RunningCellgate::start(&home, arguments);
        running.wait_for_line("\"event\":\"progress\"");
        assert_eq!(running.kill().code, None);
    }
    let outcome = bench::run(&home, &resume);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_moved_once(&before, &table.items(), &customers, "cell-02", "five kills");
    let journal = fs::metadata(home.path().join("state/cellgate/journal/journal.jsonl")).unwrap().len();
    assert!(journal < 40_000 + 100 * customers.len() as u64, "the journal has {journal} bytes");
}
