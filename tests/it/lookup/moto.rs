//! The same commands on moto, an emulator that nobody here wrote, with a table that has no index.

use serde_json::{Value, json};

use super::{call, home, lines, lookup, odd_ids, put, run};
use crate::support::emulator::Emulator;

fn table(name: &str, key: &str) -> Value {
    json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": key, "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": key, "KeyType": "HASH" }],
    })
}

#[test]
fn customers_are_looked_up_listed_and_counted_without_an_index() {
    let moto = Emulator::moto();
    let (home, endpoint) = (home(), moto.endpoint_url());
    let mut calls = vec![("create_table", table("CellMappings", "CustomerId"))];
    let customers: Vec<String> =
        (0..60).map(|number| format!("customer-{number}")).chain(odd_ids()).collect();
    let cell = |place: usize| format!("cell-{:02}", place % 3 + 1);
    calls.extend(customers.iter().enumerate().map(|(place, customer)| put(customer, &cell(place))));
    let stray = json!({ "TableName": "CellMappings", "Item": { "CustomerId": { "S": "stray" } } });
    calls.push(("put_item", stray));
    call(endpoint, &calls);

    for (place, customer) in customers.iter().enumerate().skip(57) {
        let found = lookup(&home, endpoint, customer);
        assert_eq!(found["mapping"]["cell"], cell(place), "{customer}");
        assert_eq!(found["keys"], json!([]));
    }
    let refused = run(&home, endpoint, &["count"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(
        refused.stderr.contains("no index on CellId") && refused.stderr.contains("--scan"),
        "{refused:?}"
    );
    let count = run(&home, endpoint, &["count", "--scan", "-o", "json"]).json();
    let expected = json!({ "cell-01": 22, "cell-02": 22, "cell-03": 21 });
    assert_eq!(count["tally"], json!({ "cells": expected, "without_cell": 1, "other_cells": 0 }));
    let listed = run(&home, endpoint, &["get", "customers", "--cell", "cell-02", "-o", "json"]);
    assert!(listed.stderr.contains("no index on the cell"), "{listed:?}");
    assert_eq!(lines(&listed).len(), 22);
    let missing = run(&home, endpoint, &["get", "connections"]);
    assert_eq!(missing.code, Some(5), "there is no such table: {missing:?}");
}
