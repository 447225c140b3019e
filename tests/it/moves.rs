//! Moves of customers by the program itself, judged by what boto3 finds in the table before and after.

mod after;
mod bad_input;
mod choosing;
mod connections;
mod elsewhere;
mod faults;
mod gates;
mod held_up;
mod hooks;
mod in_a_team;
mod interleaved;
mod killed;
mod on_moto;
mod placement;
mod reports;
pub mod table;

use serde_json::Value;

use table::MappingTable;

use crate::killed::bench;

#[test]
fn one_customer_is_moved_and_moved_back() {
    let table = MappingTable::new();
    let home = table.home("");
    let before = table.cells();
    let customer = table.customers_of("cell-01").remove(0);
    let planned = bench::run(&home, &["move", &customer, "--to", "cell-02", "--dry-run", "-o", "json"]);
    assert_eq!(planned.json()["plan"]["customers"], 1, "{planned:?}");
    assert_eq!(table.cells(), before, "a plan writes nothing");
    let moved = bench::run(&home, &["move", &customer, "--to", "cell-02", "--gate", "none", "--force", "-y"]);
    assert_eq!(moved.code, Some(0), "{moved:?}");
    assert_eq!(moved.stdout.lines().next().unwrap().split(" (").next(), Some("applied: 1 of 1 moved"));
    let mut expected = before.clone();
    expected.insert(customer.clone(), "cell-02".to_owned());
    assert_eq!(table.cells(), expected, "nobody else is touched");

    let listed = bench::run(&home, &["journal", "list", "-o", "json"]).json();
    assert_eq!(listed[0]["lever"], "move-customers");
    assert_eq!(listed[0]["outcome"], "applied");
    let id = listed[0]["id"].as_str().unwrap().to_owned();
    let shown = bench::run(&home, &["journal", "show", &id]);
    assert!(shown.stdout.contains("done     customers 1 to 1"), "{shown:?}");
    assert_eq!(bench::run(&home, &["journal", "verify"]).code, Some(0));
    let again = bench::run(&home, &["moves", "resume", "--last"]);
    assert_eq!(again.code, Some(3), "it has ended: {again:?}");

    let undone = bench::run(&home, &["undo", &id, "--gate", "none", "--force", "-y"]);
    assert_eq!(undone.code, Some(0), "{undone:?}");
    assert_eq!(table.cells(), before);
    let listed = bench::run(&home, &["journal", "list", "-o", "json"]).json();
    assert_eq!(listed[1]["undone_by"], listed[0]["id"], "{listed}");
}

#[test]
fn a_cell_is_drained_to_two_and_an_undo_leaves_those_who_were_moved_since() {
    let table = MappingTable::new();
    let home = table.home("");
    let before = table.cells();
    let drained = table.customers_of("cell-01");
    let command = [
        "drain",
        "cell-01",
        "--to",
        "cell-02,cell-03",
        "--gate",
        "none",
        "--rate",
        "5000",
        "--force",
        "-y",
        "-o",
        "json",
    ];
    let outcome = bench::run(&home, &command);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let events: Vec<Value> = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let waves = events.iter().filter(|event| event["event"] == "wave").count();
    assert_eq!(waves, if drained.len() > 111 { 4 } else { 3 }, "{events:?}");
    assert_eq!(events.last().unwrap()["tally"]["moved"], drained.len());
    let after = table.cells();
    for (customer, cell) in &before {
        let now = &after[customer];
        if cell == "cell-01" {
            assert!(now == "cell-02" || now == "cell-03", "{customer}: {now}");
        } else {
            assert_eq!(now, cell, "{customer} was not asked for");
        }
    }
    assert_eq!(after.len(), before.len());

    table.python(&["put", &drained[0], "cell-04"]);
    let id = events.last().unwrap()["move"].as_str().unwrap();
    let report = home.path().join("report.json");
    let undone = bench::run(
        &home,
        &[
            "undo",
            id,
            "--gate",
            "none",
            "--rate",
            "5000",
            "--force",
            "-y",
            "--report",
            report.to_str().unwrap(),
        ],
    );
    assert_eq!(undone.code, Some(4), "somebody was left out: {undone:?}");
    let mut expected = before;
    expected.insert(drained[0].clone(), "cell-04".to_owned());
    assert_eq!(table.cells(), expected);
    let lines: Vec<Value> = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    assert_eq!(lines.len(), drained.len());
    let left: Vec<&Value> = lines.iter().filter(|line| line["outcome"] == "moved-since").collect();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["customer"], drained[0].as_str());
}

#[test]
fn cells_are_evened_out_with_the_fewest_moves() {
    let table = MappingTable::new();
    let home = table.home("");
    for customer in table.customers_of("cell-01").iter().take(20) {
        table.python(&["put", customer, "cell-02"]);
    }
    let before = table.cells();
    let outcome = bench::run(&home, &["rebalance", "--gate", "none", "--rate", "5000", "--force", "-y"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let after = table.cells();
    let count = |cell: &str| after.values().filter(|other| *other == cell).count();
    let counts: Vec<usize> = (1..=4).map(|number| count(&format!("cell-0{number}"))).collect();
    assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1, "{counts:?}");
    let moved = before.iter().filter(|(customer, cell)| after[*customer] != **cell).count();
    let share = before.len() / 4;
    let above: usize = (1..=4)
        .map(|number| before.values().filter(|cell| **cell == format!("cell-0{number}")).count())
        .map(|has| has.saturating_sub(share))
        .sum();
    assert!(moved <= above, "{moved} moved, {above} above their share");
}
