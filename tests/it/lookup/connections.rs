//! Connections of a cell: counted and listed by the index of their table on the cell, and by a scan where it has none,
//! with boto3 as the judge of what is there.

use std::collections::BTreeSet;

use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;
use serde_json::{Value, json};

use super::{call, home, lines, run, text};
use crate::support::region::Region;

const TABLE: &str = "WebSocketConnections";

/// A region of six cells, two of them with WebSocket APIs, in a time that stands still.
fn region(connection_index: bool) -> Region {
    let clock = Clock::manual("2026-11-20T14:03:30Z".parse().expect("a time"));
    Region::start(RegionOptions {
        cells: 6,
        apis: 17,
        customers: 400,
        clock,
        connection_index,
        control_plane_limits: false,
        ..RegionOptions::default()
    })
}

/// Every row of the table, as boto3 scans it.
fn rows(endpoint: &str) -> Vec<Value> {
    let all = call(endpoint, &[("scan", json!({ "TableName": TABLE }))]).remove(0);
    assert!(all["LastEvaluatedKey"].is_null(), "one page holds them");
    all["Items"].as_array().expect("a list").clone()
}

fn ids_of(rows: &[Value], cell: &str) -> BTreeSet<String> {
    let of_cell = rows.iter().filter(|row| row["CellId"]["S"] == cell);
    of_cell.map(|row| text(&row["ConnectionId"]["S"])).collect()
}

#[test]
fn an_index_counts_and_lists_a_cells_connections_and_nothing_is_scanned() {
    let region = region(true);
    let (home, endpoint) = (home(), region.endpoint_url());
    let rows = rows(&endpoint);
    let cell = text(&rows[0]["CellId"]["S"]);
    let query = json!({ "TableName": TABLE, "IndexName": "CellId-index", "Select": "COUNT",
        "KeyConditionExpression": "CellId = :c", "ExpressionAttributeValues": { ":c": { "S": cell } } });
    let counted = call(&endpoint, &[("query", query)]).remove(0)["Count"].as_u64().expect("a count");
    let ids = ids_of(&rows, &cell);
    assert_eq!(usize::try_from(counted).ok(), Some(ids.len()));
    assert!(ids.len() > 1 && ids.len() < rows.len(), "{} of {}", ids.len(), rows.len());

    let scans = region.count("Scan");
    let listed = run(&home, &endpoint, &["get", "connections", "--cell", &cell, "-o", "json"]);
    let said = format!("{counted} connections on {cell}, by the index CellId-index");
    assert!(listed.stderr.contains(&said), "{said}: {listed:?}");
    assert!(listed.stderr.contains("by its index CellId-index, at 100 read units a second"), "{listed:?}");
    let found: BTreeSet<String> = lines(&listed).iter().map(|line| text(&line["id"])).collect();
    assert_eq!(found, ids);
    let whole = lines(&listed);
    assert!(
        whole.iter().all(|line| line["cell"] == cell.as_str() && line["customer"].is_string()),
        "{listed:?}"
    );
    assert_eq!(region.count("Scan"), scans, "what is of other cells is not read");

    let nobody = run(&home, &endpoint, &["get", "connections", "--cell", "cell-99", "-o", "json"]);
    assert_eq!((nobody.code, nobody.stdout.as_str()), (Some(0), ""), "{nobody:?}");
    assert!(nobody.stderr.contains("0 connections on cell-99"), "{nobody:?}");

    let cells = run(&home, &endpoint, &["get", "cells", "-o", "json"]).json();
    for row in cells.as_array().expect("a list") {
        let cell = text(&row["id"]);
        assert_eq!(row["connections"], json!(ids_of(&rows, &cell).len()), "{row}");
        assert_eq!(row["connections_complete"], true, "{row}");
    }
}

#[test]
fn without_an_index_all_is_scanned_for_a_list_and_nothing_for_a_count() {
    let region = region(false);
    let (home, endpoint) = (home(), region.endpoint_url());
    let rows = rows(&endpoint);
    let cell = text(&rows[0]["CellId"]["S"]);
    let listed =
        run(&home, &endpoint, &["get", "connections", "--cell", &cell, "-o", "json", "--rate", "500"]);
    assert!(listed.stderr.contains("at 500 read units a second"), "{listed:?}");
    let found: BTreeSet<String> = lines(&listed).iter().map(|line| text(&line["id"])).collect();
    assert_eq!(found, ids_of(&rows, &cell));
    let cells = run(&home, &endpoint, &["get", "cells", "-o", "json"]).json();
    let mut cells = cells.as_array().expect("a list").iter();
    assert!(cells.all(|row| row["connections"].is_null()), "a scan would cost more than the figure is worth");
}
