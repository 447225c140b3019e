//! Lists of several regions: side by side, or of the one region with the table that they read.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{home, region};
use crate::killed::bench;
use crate::support::accounts::{Entry, closed, configure};
use crate::support::home::Home;
use crate::support::python::{PythonEnvironment, fixture};
use crate::support::region::Region;

/// The regions that a list has rows of.
fn regions_of(home: &Home, command: &[&str]) -> BTreeSet<String> {
    let rows = bench::run(home, &[command, &["-o", "json"]].concat()).json();
    let rows = rows.as_array().expect("a list").clone();
    rows.iter().map(|row| row["region"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn keys_and_paths_stand_side_by_side() {
    let region = region();
    let home = home("", &region);
    let both: BTreeSet<String> = ["shop-one".to_owned(), "shop-two".to_owned()].into();
    let lists: [&[&str]; 3] =
        [&["get", "api-keys"], &["get", "api-keys", "--plans"], &["get", "base-path-mappings"]];
    for list in lists {
        assert_eq!(regions_of(&home, list), both, "{list:?}");
        let table = bench::run(&home, list);
        assert!(table.stdout.starts_with("REGION "), "{table:?}");
        let one = bench::run(&home, &[list, &["--account", "shop-two", "-o", "json"]].concat()).json();
        assert!(one.as_array().unwrap().iter().all(|row| row.get("region").is_none()), "{one}");
    }
    let (endpoint, gone) = (region.endpoint_url(), closed());
    configure(&home, "", &[Entry::new("one", &endpoint), Entry::new("two", &gone)]);
    for list in lists {
        let part = bench::run(&home, &[list, &["-o", "json"]].concat());
        assert_eq!(part.code, Some(4), "{part:?}");
        assert!(part.stderr.contains("warning: shop-two: "), "{part:?}");
        let rows: Vec<Value> = serde_json::from_str(&part.stdout).unwrap();
        assert!(!rows.is_empty() && rows.iter().all(|row| row["region"] == "shop-one"), "{part:?}");
    }
}

#[test]
fn customers_are_counted_and_listed_where_their_table_is() {
    let region = region();
    let home = home("", &region);
    let note = "note: shop-one alone, the one region with a table CellMappings";
    let planned = bench::run(&home, &["count", "--dry-run"]);
    assert_eq!(planned.code, Some(0), "{planned:?}");
    let (found, cost) = (planned.stderr.find(note), planned.stderr.find("counting through CellId-index"));
    assert!(found.is_some() && found < cost, "{planned:?}");
    let counted = bench::run(&home, &["count", "-o", "json"]).json();
    let cells = counted["tally"]["cells"].as_object().expect("cells");
    let customers: u64 = cells.values().map(|customers| customers.as_u64().unwrap()).sum();
    assert_eq!((cells.len(), customers), (4, 200), "{counted}");
    let last = bench::run(&home, &["count", "--last", "-o", "json"]).json();
    assert_eq!(last["at"], counted["at"]);

    let listed = bench::run(&home, &["get", "customers", "--cell", "cell-02", "-o", "json"]);
    assert_eq!(listed.code, Some(0), "{listed:?}");
    assert!(listed.stderr.contains(note), "{listed:?}");
    assert_eq!(listed.stdout.lines().count() as u64, cells["cell-02"].as_u64().unwrap());
    let connections = bench::run(&home, &["get", "connections"]);
    assert_eq!(connections.code, Some(0), "{connections:?}");
    let note = "note: shop-one alone, the one region with a table WebSocketConnections";
    assert!(connections.stderr.contains(note), "{connections:?}");

    let (endpoint, gone) = (region.endpoint_url(), closed());
    configure(&home, "", &[Entry::new("two", &endpoint), Entry::new("one", &gone)]);
    let unread = bench::run(&home, &["count"]);
    assert_eq!(unread.code, Some(1), "{unread:?}");
    let said = "no region that can be read has a table CellMappings; not read is shop-one: ";
    assert!(unread.stderr.contains(said), "{unread:?}");
    configure(&home, "", &[Entry::new("one", &endpoint), Entry::new("two", &gone)]);
    for command in [&["count"][..], &["get", "customers", "--all"], &["get", "connections"]] {
        let asked = bench::run(&home, command);
        assert_eq!(asked.code, Some(2), "{command:?}: {asked:?}");
        assert!(asked.stderr.contains("shop-one or shop-two (not known: "), "{command:?}: {asked:?}");
    }
}

#[test]
fn two_entries_of_one_account_are_one_region() {
    let region = region();
    let endpoint = region.endpoint_url();
    let home = home("", &region);
    let role = "role-arn = \"arn:aws:iam::123456789012:role/on-call/Operator\"\n";
    configure(
        &home,
        "",
        &[Entry { more: role, ..Entry::new("one", &endpoint) }, Entry::new("one", &endpoint)],
    );
    let found = bench::run(&home, &["lookup", "customer-00001", "-o", "json"]);
    assert_eq!(found.json()["mapping"]["cell"], "cell-01", "{found:?}");
    let set = ["throttle", "set", "cell-01-api/prod", "cell-03-api/prod", "--rate", "55", "--dry-run"];
    let planned = bench::run(&home, &set);
    assert_eq!(planned.code, Some(0), "{planned:?}");
}

#[test]
fn what_one_region_lacks_another_may_have_that_cannot_be_read() {
    let region = region();
    let (endpoint, gone) = (region.endpoint_url(), closed());
    let home = home("", &region);
    let (one, two) = (Entry::new("one", &endpoint), Entry::new("two", &gone));
    for regions in [[one, two], [two, one]] {
        configure(&home, "", &regions);
        let unknown = bench::run(&home, &["get", "stages", "cell-02-api", "-o", "json"]);
        assert_eq!(unknown.code, Some(1), "it is not known that there is none: {unknown:?}");
        let known = bench::run(&home, &["get", "stages", "cell-01-api", "-o", "json"]);
        assert_eq!(known.code, Some(4), "{known:?}");
    }
    configure(&home, "", &[one, Entry { name: "two", ..Entry::new("two", &endpoint) }]);
    let nowhere = bench::run(&home, &["get", "stages", "nowhere", "-o", "json"]);
    assert_eq!(nowhere.code, Some(5), "{nowhere:?}");
}

#[test]
fn a_cell_that_another_region_is_configured_for_is_known_with_and_without_an_account() {
    let region = region();
    let endpoint = region.endpoint_url();
    let home = home("", &region);
    let (here, there) = ("cells = [\"cell-80\"]\n", "cells = [\"cell-90\"]\n");
    let (one, two) = (Entry::new("one", &endpoint), Entry::new("two", &endpoint));
    let regions = [Entry { more: there, ..two }, Entry { more: here, ..one }];
    configure(&home, "[cells]\nstateless = true\n", &regions);
    let to = |cell| ["move", "customer-00001", "--to", cell, "--force", "--dry-run", "-o", "json"];
    for account in [&[][..], &["--account", "shop-one"]] {
        for cell in ["cell-80", "cell-90"] {
            let planned = bench::run(&home, &[&to(cell)[..], account].concat());
            assert_eq!(planned.code, Some(0), "{cell}: {planned:?}");
        }
        let unknown = bench::run(&home, &[&to("cell-99")[..], account].concat());
        assert_eq!(unknown.code, Some(3), "{unknown:?}");
        assert!(unknown.stderr.contains("cell-99: no such cell is known"), "{unknown:?}");
    }
    let cells = bench::run(&home, &["get", "cells", "--account", "shop-one", "-o", "json"]).json();
    let ids: Vec<&str> = cells.as_array().unwrap().iter().map(|cell| cell["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"cell-80") && !ids.contains(&"cell-90"), "{ids:?}");
}

/// Makes the table of placement in the first account.
fn make_placement(region: &Region) {
    let mut home = Home::new();
    home.set("AWS_ENDPOINT_URL", &region.endpoint_url());
    let mut command = PythonEnvironment::clients().command("python", &home);
    let output = command.arg(fixture("placement.py")).arg("make").output().expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_cell_of_one_account_is_closed_in_the_table_of_another() {
    let region = region();
    make_placement(&region);
    let settings = "[placement]\ntable = \"CellPlacement\"\n";
    let home = home(settings, &region);
    let closed_cell = bench::run(&home, &["placement", "close", "cell-02", "-y"]);
    assert_eq!(closed_cell.code, Some(0), "{closed_cell:?}");
    let shown = bench::run(&home, &["placement", "show", "-o", "json"]).json();
    let told: Vec<Value> = shown
        .as_array()
        .unwrap()
        .iter()
        .map(|row| json!([row["region"], row["cell"], row["placement"]]))
        .collect();
    let expected = json!([
        ["shop-one", "cell-01", "open"],
        ["shop-two", "cell-02", "closed"],
        ["shop-one", "cell-03", "open"],
        ["shop-two", "cell-04", "open"],
    ]);
    assert_eq!(Value::from(told), expected, "{shown}");
    let customer = bench::run(&home, &["placement", "show", "--customer", "customer-00001", "-o", "json"]);
    assert_eq!(customer.json()["answer"]["cell"], "cell-01", "{customer:?}");
    let unknown = bench::run(&home, &["placement", "close", "cell-77", "-y"]);
    assert_eq!(unknown.code, Some(5), "{unknown:?}");
    let opened = bench::run(&home, &["placement", "open", "cell-02", "-y"]);
    assert_eq!(opened.code, Some(0), "{opened:?}");

    let (endpoint, gone) = (region.endpoint_url(), closed());
    configure(&home, settings, &[Entry::new("one", &endpoint), Entry::new("two", &gone)]);
    let refused = bench::run(&home, &["placement", "close", "cell-01", "-y"]);
    assert_eq!(refused.code, Some(4), "the other may have such a table, too: {refused:?}");
    let part = bench::run(&home, &["placement", "show", "-o", "json"]);
    assert_eq!(part.code, Some(4), "{part:?}");
    assert!(part.stderr.contains("warning: shop-two: "), "{part:?}");
}
