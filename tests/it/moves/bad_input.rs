//! What can be wrong with a move: each line of a list and each refusal is told, and the rest goes on.

use serde_json::Value;

use super::table::MappingTable;
use crate::killed::bench;

#[test]
fn every_line_of_a_list_is_accounted_for_once() {
    let table = MappingTable::new();
    let home = table.home("");
    let customers = table.customers_of("cell-01");
    let there = table.customers_of("cell-02").remove(0);
    let odd = ["it's \"quoted\"", "a\nb", "👩‍👧", &"x".repeat(2_048)];
    for customer in odd {
        table.python(&["put", customer, "cell-03"]);
    }
    table.python(&["bare", "celless"]);
    let too_long = "y".repeat(2_049);
    let lines = [
        format!("\u{feff}{}", customers[0]),
        String::new(),
        customers[1].clone(),
        customers[0].clone(),
        odd[0].to_owned(),
        "\"a\\nb\"".to_owned(),
        odd[2].to_owned(),
        odd[3].to_owned(),
        too_long,
        "nobody".to_owned(),
        there.clone(),
        "celless".to_owned(),
    ];
    let list = home.path().join("list");
    std::fs::write(&list, lines.join("\r\n")).unwrap();
    let report = home.path().join("report.json");
    let arguments = [
        "move",
        "--file",
        list.to_str().unwrap(),
        "--to",
        "cell-02",
        "--gate",
        "none",
        "--force",
        "-y",
        "--report",
        report.to_str().unwrap(),
    ];
    let outcome = bench::run(&home, &arguments);
    assert_eq!(outcome.code, Some(4), "some were left out: {outcome:?}");
    let told: Vec<Value> = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
    let outcomes: Vec<&str> = told.iter().map(|line| line["outcome"].as_str().unwrap()).collect();
    assert_eq!(
        outcomes,
        [
            "moved",
            "blank",
            "moved",
            "duplicate",
            "moved",
            "moved",
            "moved",
            "moved",
            "illegal",
            "unknown-customer",
            "already-there",
            "unusable"
        ]
    );
    let numbers: Vec<u64> = told.iter().map(|line| line["line"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
    let items = table.items();
    for customer in customers[..2].iter().map(String::as_str).chain(odd) {
        assert_eq!(items[customer]["CellId"], "cell-02", "{customer:?}");
    }
    assert!(!items.contains_key("nobody"), "nobody is made up");
    assert!(!items["celless"].contains_key("CellId"));
    assert_eq!(
        bench::run(&home, &["journal", "verify"]).code,
        Some(0),
        "ids with line breaks are kept whole"
    );
}

#[test]
fn a_customer_without_a_mapping_gets_one_where_asked_and_loses_it_again() {
    let table = MappingTable::new();
    let home = table.home("");
    let arguments =
        ["move", "newcomer", "--to", "cell-02", "--create", "--gate", "none", "--force", "-y", "-o", "json"];
    let created = bench::run(&home, &arguments);
    assert_eq!(created.code, Some(0), "{created:?}");
    assert_eq!(table.cells()["newcomer"], "cell-02");
    let end: Value = serde_json::from_str(created.stdout.lines().last().unwrap()).unwrap();
    let undone =
        bench::run(&home, &["undo", end["move"].as_str().unwrap(), "--gate", "none", "--force", "-y"]);
    assert_eq!(undone.code, Some(0), "{undone:?}");
    assert!(!table.cells().contains_key("newcomer"));
}

#[test]
fn what_cannot_be_done_is_refused_before_anything_is_written() {
    let table = MappingTable::new();
    let home = table.home("[cells]\nid-pattern = \"cell-*\"\n");
    let stateless = table.home("");
    let before = table.cells();
    let customer = table.customers_of("cell-01").remove(0);
    for (home, arguments, code, text) in [
        (&home, vec!["move", &customer, "--to", "cell-02"], 3, "--data-stays"),
        (
            &stateless,
            vec!["move", &customer, "--to", "cell-2"],
            3,
            "no such cell is known; did you mean cell-02?",
        ),
        (&stateless, vec!["move", &customer, "--to", "cell-01"], 3, "1 already-there"),
        (&stateless, vec!["move", "nobody", "--to", "cell-02"], 3, "1 unknown-customer"),
        (&stateless, vec!["move", "--to", "cell-02"], 2, "no customer is named"),
        (
            &stateless,
            vec!["move", "--from", "cell-02", "--count", "1", "--to", "cell-02"],
            2,
            "cell-02 is in --from and in --to",
        ),
        (
            &stateless,
            vec!["move", "--from", "cell-01", "--share", "200%", "--to", "cell-02"],
            2,
            "is no share",
        ),
        (&stateless, vec!["drain", "cell-01", "--to", "cell-01"], 2, "itself"),
        (&stateless, vec!["move", &customer, "--to", "cell-02", "--gate", "5xx < 1%"], 3, "signals of cells"),
        (&stateless, vec!["moves", "resume", "20261120-000000-beef"], 5, "the journal has no move"),
    ] {
        let mut arguments = arguments;
        if arguments[0] != "moves" {
            arguments.push("-y");
        }
        let outcome = bench::run(home, &arguments);
        assert_eq!(outcome.code, Some(code), "{arguments:?}: {outcome:?}");
        assert!(outcome.stderr.contains(text), "{arguments:?}: {}", outcome.stderr);
    }
    assert_eq!(table.cells(), before);
    let data = bench::run(
        &home,
        &["move", &customer, "--to", "cell-02", "--data-stays", "--gate", "none", "--force", "-y"],
    );
    assert_eq!(data.code, Some(0), "{data:?}");
}
