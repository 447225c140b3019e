//! `get`: every row there is, in tables and JSON, filtered, sorted, in part and not at all.

use std::collections::BTreeSet;

use serde_json::Value;

use super::home;
use crate::support::binary::{Outcome, cellgate};
use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::home::Home;
use crate::support::region::Region;

fn get(home: &Home, endpoint: &str, arguments: &[&str]) -> Outcome {
    cellgate(home, ["get"].iter().chain(arguments).copied().chain(["--endpoint-url", endpoint]))
}

fn texts(rows: &Value, key: &str) -> Vec<String> {
    let rows = rows.as_array().expect("a list");
    rows.iter().map(|row| row[key].as_str().expect(key).to_owned()).collect()
}

#[test]
fn lists_of_the_demo_region() {
    let region = Region::on_the_wall_clock();
    let endpoint = region.endpoint_url();
    let home = home();

    let names = texts(&get(&home, &endpoint, &["apis", "-o", "json"]).json(), "name");
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(names, sorted, "by name unless asked otherwise");
    assert_eq!(names.len(), 30);

    let filter = ["apis", "--filter", "kind=rest !admin !router", "--sort", "-api"];
    let table = get(&home, &endpoint, &filter);
    assert_eq!(table.code, Some(0), "{table:?}");
    assert_eq!(table.stderr, "", "nothing to say where nothing is wrong");
    let lines: Vec<&str> = table.stdout.lines().collect();
    assert!(lines[0].starts_with("API  "), "{table:?}");
    let first: Vec<&str> = lines[1..].iter().filter_map(|line| line.split_whitespace().next()).collect();
    let expected: Vec<String> = (1..=12).rev().map(|cell| format!("cell-{cell:02}-api")).collect();
    assert_eq!(first, expected);

    let nothing = get(&home, &endpoint, &["apis", "-o", "json", "--filter", "kind=NONE"]);
    assert_eq!((nothing.stdout.as_str(), nothing.code), ("[]\n", Some(0)));

    let stages = get(&home, &endpoint, &["stages", "cell-01-api", "-o", "json"]).json();
    assert_eq!(texts(&stages, "stage"), ["prod", "beta"]);
    assert_eq!(stages[0]["cache"]["status"], "AVAILABLE");

    let deployments = get(&home, &endpoint, &["deployments", "cell-01-api", "-o", "json"]).json();
    let current: Vec<&Value> = deployments
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| !row["stages"].as_array().unwrap().is_empty())
        .collect();
    assert_eq!(current.len(), 1);
    assert_eq!(current[0]["id"], stages[0]["deployment_id"]);

    let plans = get(&home, &endpoint, &["plans", "-o", "json", "--sort", "plan"]).json();
    assert_eq!(texts(&plans, "name"), ["Basic", "Free", "Internal", "Premium"]);
    assert_eq!(plans[1]["quota"]["period"], "DAY");

    let unknown = get(&home, &endpoint, &["stages", "cell-1-api"]);
    assert_eq!(unknown.code, Some(5), "{unknown:?}");
    assert!(unknown.stderr.contains("did you mean 'cell-01-api'?"), "{unknown:?}");
}

#[test]
fn cells_carry_what_scripts_need() {
    let region = Region::on_the_wall_clock();
    let cells = get(&home(), &region.endpoint_url(), &["cells", "-o", "json", "--sort", "cell"]).json();
    let rows = cells.as_array().unwrap();
    let estate = region.estate();
    assert_eq!(rows.len(), estate.cells.len());
    let keys: BTreeSet<&str> = rows[0].as_object().unwrap().keys().map(String::as_str).collect();
    let documented = [
        "alarms",
        "apis",
        "blocked_per_minute",
        "capacity",
        "connections",
        "connections_complete",
        "connections_limit",
        "customers",
        "customers_complete",
        "customers_limit",
        "errors_5xx",
        "findings",
        "highest",
        "id",
        "last_change",
        "load",
        "load_of",
        "load_of_highest",
        "loads",
        "minute",
        "p99_ms",
        "p99_source",
        "rate_4xx",
        "rate_5xx",
        "regions",
        "requests",
        "requests_per_second",
        "sources",
        "state",
    ];
    assert_eq!(keys, BTreeSet::from(documented));
    let help = cellgate(&Home::new(), ["get", "cells", "--help"]).stdout;
    for key in keys {
        assert!(help.contains(key), "{key} is not in the help");
    }
    for (row, cell) in rows.iter().zip(&estate.cells) {
        assert_eq!(row["id"], cell.id.as_str());
        let minute = row["minute"].as_str().unwrap();
        assert!(minute.ends_with(":00Z"), "the start of a minute: {minute}");
        let (requests, rate) =
            (row["requests"].as_f64().unwrap(), row["requests_per_second"].as_f64().unwrap());
        assert!(requests > 0.0 && (requests - rate * 60.0).abs() < 1e-6, "{row}");
    }
    let customers: u64 = rows.iter().map(|row| row["customers"].as_u64().unwrap()).sum();
    assert_eq!(customers, 5_000);
    for unneeded in ["GetAccount", "GetUsagePlans"] {
        assert_eq!(region.count(unneeded), 0, "{unneeded} says nothing of a cell");
    }
}

#[test]
fn a_name_is_not_taken_for_the_only_one_where_a_list_broke_off() {
    let region = Region::on_the_wall_clock();
    let proxy = FaultProxy::before(&region.endpoint_url());
    proxy.inject("GetApis", Occurrence::Every, Fault::AccessDenied);
    let home = home();
    let by_name = get(&home, &proxy.endpoint_url(), &["deployments", "cell-01-api"]);
    assert_eq!((by_name.code, by_name.stdout.as_str()), (Some(1), ""), "{by_name:?}");
    assert!(by_name.stderr.contains("'cell-01-api'") && by_name.stderr.contains("GetApis"), "{by_name:?}");
    assert_eq!(proxy.count("GetDeployments"), 0, "nothing is read of an API that may be the wrong one");

    let estate = region.estate();
    let id = &estate.apis.iter().find(|api| api.name == "cell-01-api").unwrap().id;
    let by_id = get(&home, &proxy.endpoint_url(), &["deployments", id.as_str(), "-o", "json"]);
    let rows: Value = serde_json::from_str(&by_id.stdout).unwrap();
    assert!(!rows.as_array().unwrap().is_empty(), "an id is an id: {by_id:?}");
}

#[test]
fn a_wrong_column_is_seen_before_anything_is_sent() {
    let region = Region::on_the_wall_clock();
    for arguments in [["apis", "--filter", "5xx>1%"], ["stages", "--sort", "stge"]] {
        let outcome = get(&home(), &region.endpoint_url(), &arguments);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{outcome:?}");
        assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
    }
    assert_eq!(region.requests().len(), 0);
}

#[test]
fn a_list_that_is_not_whole_says_so() {
    let region = Region::on_the_wall_clock();
    let proxy = FaultProxy::before(&region.endpoint_url());
    proxy.inject("GetRestApis", Occurrence::Every, Fault::AccessDenied);
    let part = get(&home(), &proxy.endpoint_url(), &["apis", "-o", "json"]);
    assert_eq!(part.code, Some(4), "{part:?}");
    let rows: Value = serde_json::from_str(&part.stdout).unwrap();
    assert!(!rows.as_array().unwrap().is_empty() && !texts(&rows, "kind").contains(&"REST".to_owned()));
    assert_eq!(part.stderr.lines().filter(|line| line.contains("GetRestApis")).count(), 1, "{part:?}");

    proxy.inject("GetApis", Occurrence::Every, Fault::AccessDenied);
    let none = get(&home(), &proxy.endpoint_url(), &["apis", "-o", "json"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(1), ""), "{none:?}");

    proxy.heal().inject("GetMetricData", Occurrence::Every, Fault::AccessDenied);
    let cells = get(&home(), &proxy.endpoint_url(), &["cells", "-o", "json"]);
    assert_eq!(cells.code, Some(4), "{cells:?}");
    let rows: Value = serde_json::from_str(&cells.stdout).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 12, "cells without figures are cells all the same");
    assert!(rows[0]["requests"].is_null() && rows[0]["state"] == "silent", "{rows}");
    assert!(cells.stderr.contains("GetMetricData"), "{cells:?}");
}
