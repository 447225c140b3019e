//! From commands: each looks with `get` or `lookup`, and pulls the lever that what it saw asks for.

use serde_json::Value;

use super::Shift;
use crate::killed::bench::run;
use crate::support::home::Home;

fn rows(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let outcome = run(home, &[arguments, &["-o", "json"]].concat());
    assert_eq!(outcome.code, Some(0), "{arguments:?}: {outcome:?}");
    outcome.json().as_array().unwrap().clone()
}

fn done(home: &Home, arguments: &[&str]) {
    let outcome = run(home, arguments);
    assert_eq!(outcome.code, Some(0), "{arguments:?}: {outcome:?}");
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// The cells to which customers may go: all that are well.
fn cells_with_room(home: &Home) -> String {
    let cells = rows(home, &["get", "cells"]);
    let well: Vec<&str> =
        cells.iter().filter(|row| row["state"] == "well").map(|row| text(&row["id"])).collect();
    assert!(!well.is_empty(), "{cells:?}");
    well.join(",")
}

/// The table is right after it, and the router too.
fn drain(home: &Home, cell: &str) {
    let to = cells_with_room(home);
    done(home, &["drain", cell, "--to", &to, "--gate", "none", "--rate", "2000", "-y"]);
    done(home, &["flush", "router/prod", "-y"]);
}

#[test]
fn most_customers_of_an_overloaded_cell_go_where_there_is_room() {
    let shift = Shift::with("cell-overload", 5);
    let (home, cell) = (shift.home(), shift.cell());
    let to = cells_with_room(&home);
    let move_most =
        ["move", "--from", &cell, "--share", "70%", "--to", &to, "--gate", "none", "--rate", "2000"];
    done(&home, &[&move_most[..], &["-y"]].concat());
    done(&home, &["flush", "router/prod", "-y"]);
    shift.is_cured();
}

#[test]
fn a_move_that_was_cut_off_is_brought_to_its_end() {
    let shift = Shift::with("half-moved", 17);
    let (home, cell) = (shift.home(), shift.cell());
    let left = run(&home, &["get", "customers", "--cell", &cell]);
    assert!(left.stdout.contains("customer-"), "somebody is still there: {left:?}");
    drain(&home, &cell);
    shift.is_cured();
}

#[test]
fn a_router_that_keeps_old_answers_is_flushed() {
    let shift = Shift::with("stale-router-cache", 29);
    let (home, cell) = (shift.home(), shift.cell());
    let cells = rows(&home, &["get", "cells"]);
    let figure = |row: &Value, name: &str| row[name].as_f64().unwrap_or(0.0);
    let sick = cells.iter().find(|row| row["id"] == cell.as_str()).unwrap();
    let per_customer = |row: &Value| figure(row, "requests_per_second") / figure(row, "customers").max(1.0);
    let busiest = cells.iter().map(per_customer).fold(0.0, f64::max);
    assert!(per_customer(sick) >= busiest, "it has few customers and much traffic: {cells:?}");
    done(&home, &["flush", "router/prod", "-y"]);
    shift.is_cured();
}

#[test]
fn a_noisy_customers_plan_is_throttled() {
    let shift = Shift::with("noisy-customer", 5);
    let home = shift.home();
    let plans = rows(&home, &["get", "plans"]);
    let rate = |plan: &Value| plan["throttle"]["rate"].as_f64().unwrap_or(0.0);
    let widest = plans.iter().max_by(|one, other| rate(one).total_cmp(&rate(other))).unwrap();
    assert!(rate(widest) >= 5_000.0, "a launch has raised it: {plans:?}");
    let set = ["usage-plan", "throttle", "set", text(&widest["name"]), "--rate", "60", "--burst", "120"];
    done(&home, &[&set[..], &["-yy"]].concat());
    shift.is_cured();
}
