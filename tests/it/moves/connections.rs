//! WebSocket connections that a move leaves on the old cell: listed, closed and settled after a kill, with boto3 as the
//! witness of which are open.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Stdio;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::table::MappingTable;
use crate::killed::bench;
use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::home::Home;
use crate::support::python::{PythonEnvironment, fixture};

/// A row of the table of connections.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    connection_id: String,
    customer_id: String,
    cell_id: String,
    api_id: String,
    stage: String,
}

fn boto3(table: &MappingTable, what: &str, rows: &[Row]) -> String {
    let mut home = Home::new();
    home.set("AWS_ENDPOINT_URL", &table.region.endpoint_url());
    let mut command = PythonEnvironment::clients().command("python", &home);
    command.arg(fixture("connections.py")).arg(what).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(&serde_json::to_vec(rows).unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{what}");
    String::from_utf8(output.stdout).unwrap()
}

fn rows(table: &MappingTable) -> Vec<Row> {
    serde_json::from_str(&boto3(table, "scan", &[])).unwrap()
}

/// The ids of those that are open.
fn open(table: &MappingTable, rows: &[Row]) -> BTreeSet<String> {
    serde_json::from_str(&boto3(table, "states", rows)).unwrap()
}

fn ids(rows: &[Row]) -> BTreeSet<String> {
    rows.iter().map(|row| row.connection_id.clone()).collect()
}

fn home(table: &MappingTable) -> Home {
    home_at(table, &table.region.endpoint_url(), "")
}

/// A machine that reaches the region at `endpoint`.
fn home_at(table: &MappingTable, endpoint: &str, more: &str) -> Home {
    let connections =
        format!("[connections]\nendpoint = \"{endpoint}/_execute-api/{{api}}/{{stage}}\"\n{more}");
    let mut home = table.home(&connections);
    home.set("AWS_ENDPOINT_URL", endpoint);
    home
}

/// Customers with connections to `cell`, and all connections of these there.
fn connected(table: &MappingTable, cell: &str, customers: usize) -> (Vec<String>, Vec<Row>) {
    let cells = table.cells();
    let all = rows(table);
    let at_home = all.iter().filter(|row| row.cell_id == cell && cells[&row.customer_id] == cell);
    let who: BTreeSet<String> = at_home.map(|row| row.customer_id.clone()).collect();
    let who: Vec<String> = who.into_iter().take(customers).collect();
    assert_eq!(who.len(), customers, "customers are connected to {cell}");
    let theirs = all.into_iter().filter(|row| who.contains(&row.customer_id) && row.cell_id == cell);
    let theirs = theirs.collect();
    (who, theirs)
}

fn moved(home: &Home, customers: &[String], to: &str) -> String {
    let mut command = vec!["move"];
    command.extend(customers.iter().map(String::as_str));
    command.extend(["--to", to, "--gate", "none", "--force", "-y"]);
    let moved = bench::run(home, &command);
    assert_eq!(moved.code, Some(0), "{moved:?}");
    let listed = bench::run(home, &["moves", "list", "-o", "json"]).json();
    listed[0]["move"].as_str().unwrap().to_owned()
}

fn listed(home: &Home, id: &str) -> BTreeSet<String> {
    let listed = bench::run(home, &["moves", "connections", id, "-o", "json"]);
    assert_eq!(listed.code, Some(0), "{listed:?}");
    assert!(
        listed.stderr.contains("reading WebSocketConnections: "),
        "what it costs comes first: {listed:?}"
    );
    let connections = listed.json()["connections"].as_array().unwrap().clone();
    connections.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn those_left_behind_are_listed_and_closed_and_no_others() {
    let table = MappingTable::with_sockets();
    let home = home(&table);
    let (customers, left) = connected(&table, "cell-01", 3);
    let others: Vec<Row> =
        rows(&table).into_iter().filter(|row| !customers.contains(&row.customer_id)).collect();
    let id = moved(&home, &customers, "cell-02");
    assert_eq!(listed(&home, &id), ids(&left));
    assert_eq!(table.region.count("DeleteConnection"), 0, "a list closes nothing");

    let close = ["moves", "connections", "--last", "--close"];
    let planned = bench::run(&home, &[&close[..], &["--dry-run", "-o", "json"]].concat());
    let plan = planned.json();
    assert_eq!(plan["lever"], "close-connections", "{planned:?}");
    assert_eq!(plan["target"]["connections"], left.len(), "{plan}");
    assert_eq!(table.region.count("DeleteConnection"), 0, "a plan closes nothing");
    let closed = bench::run(&home, &[&close[..], &["-y", "--rate", "100"]].concat());
    assert_eq!(closed.code, Some(0), "{closed:?}");
    assert!(closed.stderr.contains("execute-api:ManageConnections on arn:aws:execute-api:"), "{closed:?}");
    assert_eq!(open(&table, &left), BTreeSet::new(), "boto3 finds them gone");
    assert_eq!(open(&table, &others), ids(&others), "nobody else is cut off");
    assert_eq!(table.region.count("DeleteConnection"), left.len(), "each is closed once");

    let known = bench::run(&home, &["journal", "list", "-o", "json"]).json();
    assert_eq!((&known[0]["lever"], &known[0]["outcome"]), (&"close-connections".into(), &"applied".into()));
    let undo = bench::run(&home, &["undo", known[0]["id"].as_str().unwrap(), "-y"]);
    assert_eq!(undo.code, Some(3), "{undo:?}");
    assert_eq!(listed(&home, &id), BTreeSet::new());
    let again = bench::run(&home, &[&close[..], &["-y"]].concat());
    assert_eq!(again.code, Some(3), "none is left: {again:?}");
    assert_eq!(bench::run(&home, &["journal", "verify"]).code, Some(0));
}

#[test]
fn who_has_come_back_is_not_left_behind_and_an_unknown_endpoint_is_asked_for() {
    let table = MappingTable::with_sockets();
    let (customers, left) = connected(&table, "cell-01", 2);
    let nowhere = table.home("");
    let id = moved(&nowhere, &customers, "cell-02");
    let refused = bench::run(&nowhere, &["moves", "connections", &id, "--close", "-y"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("set connections.endpoint"), "{refused:?}");
    table.python(&["put", &customers[0], "cell-01"]);
    let stays: Vec<Row> = left.into_iter().filter(|row| row.customer_id == customers[1]).collect();
    assert_eq!(listed(&nowhere, &id), ids(&stays));
}

#[test]
fn a_kill_leaves_an_open_change_that_reading_settles() {
    let table = MappingTable::with_sockets();
    // The items don't tell the stage here: the cell's WebSocket APIs are asked.
    let mut home = home_at(&table, &table.region.endpoint_url(), "api-attribute = \"Nowhere\"\n");
    let (customers, left) = connected(&table, "cell-01", 4);
    assert!(left.len() >= 4, "{left:?}");
    let id = moved(&home, &customers, "cell-02");
    // Slowly, so that the third is not on its way when the second is answered.
    let close = ["moves", "connections", &id, "--close", "-y", "--rate", "1"];
    let newest = |home: &Home| -> Value {
        let known = bench::run(home, &["journal", "list", "-o", "json"]).json();
        known[0].clone()
    };
    // Before the first, and with some closed: each is found out by reading, and nothing is sent by itself.
    for (point, outcome) in [("after-intent-1", "not-applied"), ("after-request-2", "partly-applied")] {
        bench::kill(&mut home, &close, point);
        let change = newest(&home);
        assert_eq!(change["outcome"], "open", "{point}: {change}");
        let before = table.region.count("DeleteConnection");
        let finished = bench::run(&home, &["finish", change["id"].as_str().unwrap(), "-o", "json"]);
        assert_eq!(finished.json()["outcome"], outcome, "{point}: {finished:?}");
        assert_eq!(table.region.count("DeleteConnection"), before, "{point}");
    }
    let still = open(&table, &left);
    assert!(!still.is_empty() && still.len() < left.len(), "{still:?}");
    // The rest, cut off once more and gone on with.
    bench::kill(&mut home, &close, "after-intent-1");
    let change = newest(&home);
    let sent = bench::run(&home, &["finish", change["id"].as_str().unwrap(), "--send", "-y"]);
    assert_eq!(sent.code, Some(0), "{sent:?}");
    assert_eq!(open(&table, &left), BTreeSet::new());
    assert_eq!(newest(&home)["outcome"], "applied");
}

#[test]
fn a_closing_whose_answer_is_lost_is_looked_up_and_repeated_only_where_it_did_not_arrive() {
    let table = MappingTable::with_sockets();
    let proxy = FaultProxy::before(&table.region.endpoint_url());
    let home = home_at(&table, &proxy.endpoint_url(), "");
    let (customers, left) = connected(&table, "cell-01", 5);
    moved(&home, &customers, "cell-02");
    for (nth, fault) in [
        (1, Fault::InternalFailure),
        (2, Fault::DropConnection),
        (4, Fault::Throttle),
        (6, Fault::InternalFailure),
    ] {
        proxy.inject("DeleteConnection", Occurrence::Nth(nth), fault);
    }
    let closed = bench::run(&home, &["moves", "connections", "--last", "--close", "-y"]);
    assert_eq!(closed.code, Some(0), "{closed:?}");
    assert_eq!(open(&table, &left), BTreeSet::new());
    assert!(proxy.requests()["DeleteConnection"] > left.len(), "{:?}", proxy.requests());
}

#[test]
fn what_is_denied_in_the_middle_is_told_and_closed_once_it_may_be() {
    let table = MappingTable::with_sockets();
    let proxy = FaultProxy::before(&table.region.endpoint_url());
    let home = home_at(&table, &proxy.endpoint_url(), "");
    let (customers, left) = connected(&table, "cell-01", 4);
    moved(&home, &customers, "cell-02");
    for nth in 2..100 {
        proxy.inject("DeleteConnection", Occurrence::Nth(nth), Fault::AccessDenied);
    }
    let close = ["moves", "connections", "--last", "--close", "-y", "--rate"];
    // So slowly that the third is not on its way when the second is answered.
    let partly = bench::run(&home, &[&close[..], &["0.2"]].concat());
    assert_eq!(partly.code, Some(4), "{partly:?}");
    assert!(partly.stderr.contains("execute-api:ManageConnections"), "what is missing is named: {partly:?}");
    assert_eq!(open(&table, &left).len(), left.len() - 1, "what was let through");
    assert_eq!(proxy.requests()["DeleteConnection"], 2, "after a denial nothing more is sent");
    let known = bench::run(&home, &["journal", "list", "-o", "json"]).json();
    assert_eq!(known[0]["outcome"], "partly-applied");
    proxy.heal();
    let closed = bench::run(&home, &[&close[..], &["100"]].concat());
    assert_eq!(closed.code, Some(0), "{closed:?}");
    assert_eq!(open(&table, &left), BTreeSet::new());
}
