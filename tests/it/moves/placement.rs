//! Cells that are closed to new customers, in a table that boto3 makes and reads.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::table::MappingTable;
use crate::killed::bench;
use crate::support::home::Home;
use crate::support::python::{PythonEnvironment, fixture};

const CONFIGURED: &str = "[placement]\ntable = \"CellPlacement\"\n";

fn boto3(table: &MappingTable, arguments: &[&str]) -> String {
    let mut home = Home::new();
    home.set("AWS_ENDPOINT_URL", &table.region.endpoint_url());
    let mut command = PythonEnvironment::clients().command("python", &home);
    let output = command.arg(fixture("placement.py")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn items(table: &MappingTable) -> Value {
    serde_json::from_str(&boto3(table, &["scan"])).unwrap()
}

fn with_table() -> MappingTable {
    let table = MappingTable::new();
    boto3(&table, &["make"]);
    table
}

fn newest(home: &Home) -> Value {
    bench::run(home, &["journal", "list", "-o", "json"]).json()[0].clone()
}

#[test]
fn a_cell_is_closed_kept_from_moves_and_opened_again() {
    let table = with_table();
    let home = table.home(CONFIGURED);
    boto3(&table, &["put", "cell-02", r#"{"Owner": "shop", "Closed": false}"#]);
    for cell in ["cell-02", "cell-03"] {
        let closed = bench::run(&home, &["placement", "close", cell, "-y"]);
        assert_eq!(closed.code, Some(0), "{closed:?}");
    }
    let closed = json!({ "cell-02": { "Owner": "shop", "Closed": true }, "cell-03": { "Closed": true } });
    assert_eq!(items(&table), closed);
    let shown = bench::run(&home, &["placement", "show", "-o", "json"]).json();
    let words: Vec<&Value> = shown.as_array().unwrap().iter().map(|row| &row["placement"]).collect();
    assert_eq!(words, ["open", "closed", "closed", "open"], "{shown}");
    let again = bench::run(&home, &["placement", "close", "cell-02", "-y"]);
    assert_eq!(again.code, Some(3), "{again:?}");

    let before = table.cells();
    let customer = table.customers_of("cell-01").remove(0);
    let refused = bench::run(&home, &["move", &customer, "--to", "cell-02", "--gate", "none", "-y"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(refused.stderr.contains("`cellgate placement open cell-02` opens it"), "{refused:?}");
    assert_eq!(table.cells(), before);
    let forced = ["move", &customer, "--to", "cell-02", "--gate", "none", "--force", "-y"];
    let forced = bench::run(&home, &forced);
    assert_eq!(forced.code, Some(0), "{forced:?}");
    assert!(forced.stderr.contains("cell-02 is closed to new customers"), "{forced:?}");

    // An undo puts back what was there: for one cell that was nothing.
    let close = newest_of(&home, "placement");
    let undone = bench::run(&home, &["undo", &close, "-y"]);
    assert_eq!(undone.code, Some(0), "{undone:?}");
    assert_eq!(items(&table)["cell-03"], json!({}));
    let opened = bench::run(&home, &["placement", "open", "cell-02", "-y"]);
    assert_eq!(opened.code, Some(0), "{opened:?}");
    assert_eq!(items(&table)["cell-02"], json!({ "Owner": "shop", "Closed": false }));
}

fn newest_of(home: &Home, lever: &str) -> String {
    let known = bench::run(home, &["journal", "list", "-o", "json"]).json();
    let found = known.as_array().unwrap().iter().find(|change| change["lever"] == lever).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

#[test]
fn somebody_elses_change_is_not_undone_and_what_is_no_boolean_is_left_alone() {
    let table = with_table();
    let home = table.home(CONFIGURED);
    let closed = bench::run(&home, &["placement", "close", "cell-01", "-y"]);
    assert_eq!(closed.code, Some(0), "{closed:?}");
    boto3(&table, &["put", "cell-01", r#"{"Closed": false}"#]);
    let undo = bench::run(&home, &["undo", &newest_of(&home, "placement"), "-y"]);
    assert_eq!(undo.code, Some(3), "{undo:?}");
    assert_eq!(items(&table), json!({ "cell-01": { "Closed": false } }));
    boto3(&table, &["put", "cell-04", r#"{"Closed": "yes"}"#]);
    let refused = bench::run(&home, &["placement", "close", "cell-04", "-y"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(refused.stderr.contains("of type S"), "{refused:?}");
    let unknown = bench::run(&home, &["placement", "close", "cell-9", "-y"]);
    assert_eq!(unknown.code, Some(5), "{unknown:?}");
    let unconfigured = bench::run(&table.home(""), &["placement", "close", "cell-01", "-y"]);
    assert_eq!(unconfigured.code, Some(2), "{unconfigured:?}");
    assert!(unconfigured.stderr.contains("placement.table"), "{unconfigured:?}");
}

#[test]
fn a_drain_says_that_new_customers_may_come_and_new_ones_are_told_their_cell() {
    let table = with_table();
    let home = table.home(&format!(
        "{CONFIGURED}[router]\nunmapped = \"hash\"\nhash = \"md5-modulo\"\ncells = [\"cell-01\", \"cell-02\"]\n"
    ));
    let drain = ["drain", "cell-01", "--to", "cell-02,cell-03", "--force", "--dry-run"];
    let words = "`cellgate placement close cell-01`";
    let planned = bench::run(&home, &drain);
    assert!(planned.stdout.contains(words), "{planned:?}");
    let answer = |customer: &str| {
        let shown = bench::run(&home, &["placement", "show", "--customer", customer, "-o", "json"]);
        shown.json()
    };
    // As Python has it: int(md5("customer-99999").hexdigest(), 16) % 2 is 1.
    let told = answer("customer-99999");
    assert_eq!((&told["answer"]["cell"], &told["placement"]), (&"cell-02".into(), &"open".into()), "{told}");
    for cell in ["cell-01", "cell-02"] {
        assert_eq!(bench::run(&home, &["placement", "close", cell, "-y"]).code, Some(0));
    }
    assert_eq!(answer("customer-99999")["placement"], "closed");
    let planned = bench::run(&home, &drain);
    assert!(!planned.stdout.contains(words), "it is closed: {planned:?}");
}

#[test]
fn a_kill_leaves_an_open_change_that_reading_settles() {
    let table = with_table();
    let mut home = table.home(CONFIGURED);
    let close = ["placement", "close", "cell-01", "-y"];
    for (point, outcome) in [("before-request-1", "not-applied"), ("after-request-1", "applied")] {
        bench::kill(&mut home, &close, point);
        let change = newest(&home);
        assert_eq!(change["outcome"], "open", "{point}");
        let refused = bench::run(&home, &close);
        assert_eq!(refused.code, Some(3), "{point}: {refused:?}");
        let finished = bench::run(&home, &["finish", change["id"].as_str().unwrap(), "-o", "json"]);
        assert_eq!(finished.json()["outcome"], outcome, "{point}: {finished:?}");
    }
    assert_eq!(items(&table), json!({ "cell-01": { "Closed": true } }));
}

/// The customers that signed up in the next two minutes, and their cells, as boto3 has them.
fn new_customers(table: &MappingTable, before: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    table.region.advance(SignedDuration::from_mins(2));
    let mut now = table.cells();
    for (customer, cell) in before {
        assert_eq!(now.remove(customer).as_ref(), Some(cell), "{customer} stays where it was");
    }
    now
}

#[test]
fn the_demo_regions_router_places_nobody_on_a_closed_cell_until_it_is_open_again() {
    let table = MappingTable::with_sign_ups(30.0);
    let home = table.home(CONFIGURED);
    let of = |cell: &str, customers: &BTreeMap<String, String>| {
        customers.values().filter(|its| *its == cell).count()
    };
    let mut known = table.cells();
    assert_eq!(known.len(), 200);
    let first = new_customers(&table, &known);
    assert_eq!(first.len(), 60);
    assert!((1..=4).all(|cell| of(&format!("cell-0{cell}"), &first) > 5), "{first:?}");

    known.extend(first);
    let closed = bench::run(&home, &["placement", "close", "cell-02", "-y"]);
    assert_eq!(closed.code, Some(0), "{closed:?}");
    assert_eq!(items(&table), json!({ "cell-02": { "Closed": true } }));
    let elsewhere = new_customers(&table, &known);
    assert_eq!((elsewhere.len(), of("cell-02", &elsewhere)), (60, 0), "{elsewhere:?}");
    assert!(of("cell-03", &elsewhere) > 15, "the next cell takes them: {elsewhere:?}");

    known.extend(elsewhere);
    let opened = bench::run(&home, &["placement", "open", "cell-02", "-y"]);
    assert_eq!(opened.code, Some(0), "{opened:?}");
    let back = new_customers(&table, &known);
    assert!(back.len() == 60 && of("cell-02", &back) > 5, "{back:?}");

    // Where boto3 closes all of them, nobody is let in.
    known.extend(back);
    for cell in 1..=4 {
        boto3(&table, &["put", &format!("cell-0{cell}"), r#"{"Closed": true}"#]);
    }
    assert_eq!(new_customers(&table, &known), BTreeMap::new());
}
