//! The report of a move that was interrupted: on the machine that began it, each line of the list once; on another,
//! the customers of the journal.

use std::fs;

use serde_json::Value;

use super::table::MappingTable;
use crate::killed::bench;

fn outcomes<'told>(told: &'told [Value]) -> Vec<(u64, &'told str, &'told str)> {
    let text = |line: &'told Value, name: &str| line[name].as_str().unwrap();
    let one = |line: &'told Value| {
        (line["line"].as_u64().unwrap_or_default(), text(line, "customer"), text(line, "outcome"))
    };
    told.iter().map(one).collect()
}

#[test]
fn every_line_is_told_of_once_after_a_kill_and_a_resume() {
    let table = MappingTable::new();
    let mut home = table.home("");
    let customers = table.customers_of("cell-01");
    let there = table.customers_of("cell-02").remove(0);
    let lines = [&customers[0], "", &customers[1], "nobody", &customers[0], &there, &customers[2]];
    let file = home.path().join("list");
    fs::write(&file, lines.join("\n")).unwrap();
    let file = file.display().to_string();
    let command = ["move", "--file", &file, "--to", "cell-02", "--gate", "none", "--force", "-y"];
    bench::kill(&mut home, &command, "after-range-2");
    // What the list says now is not what was asked for then.
    fs::remove_file(&file).unwrap();
    let report = home.path().join("report.json");
    let path = report.display().to_string();
    let resumed = bench::run(&home, &["moves", "resume", "--last", "--report", &path]);
    assert_eq!(resumed.code, Some(4), "some were left out: {resumed:?}");
    assert!(resumed.stderr.contains("2 customers were left out"), "{resumed:?}");
    let told: Vec<Value> = serde_json::from_slice(&fs::read(&report).unwrap()).unwrap();
    let expected = [
        (1, customers[0].as_str(), "moved"),
        (2, "", "blank"),
        (3, &customers[1], "moved"),
        (4, "nobody", "unknown-customer"),
        (5, &customers[0], "duplicate"),
        (6, &there, "already-there"),
        (7, &customers[2], "moved"),
    ];
    assert_eq!(outcomes(&told), expected);
    let csv = home.path().join("report.csv");
    let shown = bench::run(&home, &["moves", "show", "--last", "--report", &csv.display().to_string()]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    let text = fs::read_to_string(&csv).unwrap();
    let numbers: Vec<&str> = text.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(numbers, ["1", "2", "3", "4", "5", "6", "7"], "{text}");

    // As on another machine, which has the journal and not what was kept beside it.
    let kept = home.path().join("state/cellgate/locks/moves");
    let mut removed = 0;
    for entry in fs::read_dir(&kept).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().ends_with(".given.json") {
            fs::remove_file(path).unwrap();
            removed += 1;
        }
    }
    assert_eq!(removed, 1, "one move, one file");
    let shown = bench::run(&home, &["moves", "show", "--last", "--report", &path]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(shown.stderr.contains("the customers of the journal alone"), "{shown:?}");
    let told: Vec<Value> = serde_json::from_slice(&fs::read(&report).unwrap()).unwrap();
    let roster = customers[..3].iter().map(|customer| (0, customer.as_str(), "moved"));
    assert_eq!(outcomes(&told), roster.collect::<Vec<_>>());
}
