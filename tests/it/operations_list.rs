//! The demo region's README lists the operations that the region serves, with the referees that call them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::support::markdown::{generated, with_generated};
use crate::support::referee::boto3;

const SECTION: &str = "operations";
const REFEREES: [&str; 4] = ["boto3", "AWS CLI", "moto", "ministack"];

fn readme_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/README.md")
}

/// Which referees have a case for an operation, told by the cases that the tests run.
fn referees() -> BTreeMap<(String, String), BTreeSet<String>> {
    let listed = boto3("referee_list.py", &[], &json!(null));
    let listed: Vec<(String, String, BTreeSet<String>)> =
        serde_json::from_value(listed).expect("operations and their referees");
    listed.into_iter().map(|(service, operation, names)| ((service, operation), names)).collect()
}

fn table() -> String {
    let referees = referees();
    let claimed: BTreeSet<(&str, &str)> = cellgate_demo::operations().into_iter().collect();
    let mut table = format!("{} operations.\n\n| Service | Operation |", claimed.len());
    for name in REFEREES {
        let _ = write!(table, " {name} |");
    }
    table.push_str("\n|---|---|---|---|---|---|\n");
    for (service, operation) in claimed {
        let judged_by = referees.get(&(service.to_owned(), operation.to_owned()));
        let _ = write!(table, "| {service} | {operation} |");
        for name in REFEREES {
            let mark = if judged_by.is_some_and(|names| names.contains(name)) { " yes |" } else { " |" };
            table.push_str(mark);
        }
        table.push('\n');
    }
    table
}

#[test]
fn the_list_of_operations_is_what_the_region_serves() {
    let readme = std::fs::read_to_string(readme_path()).expect("demo/README.md can be read");
    let table = table();
    if std::env::var_os("UPDATE_ASSETS").is_some() {
        let readme = with_generated(&readme, SECTION, &table);
        std::fs::write(readme_path(), readme).expect("demo/README.md can be written");
        return;
    }
    assert_eq!(
        generated(&readme, SECTION),
        table,
        "demo/README.md is stale; run: UPDATE_ASSETS=1 cargo test --test it operations_list"
    );
}

#[test]
fn no_operation_is_without_a_referee() {
    let referees = referees();
    let unjudged: Vec<_> = cellgate_demo::operations()
        .into_iter()
        .filter(|(service, operation)| {
            let names = referees.get(&((*service).to_owned(), (*operation).to_owned()));
            names.is_none_or(|names| !names.contains("boto3"))
        })
        .collect();
    assert!(unjudged.is_empty(), "no referee calls {unjudged:?}");
}
