//! cellgate against moto, an emulator that nobody here wrote.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::binary::cellgate;
use crate::support::home::Home;
use crate::support::moto::MotoServer;

fn names(rows: &[Value], key: &str) -> BTreeSet<String> {
    rows.iter()
        .map(|row| row[key].as_str().unwrap_or_else(|| panic!("a row without {key}: {row}")).to_owned())
        .collect()
}

#[test]
fn all_of_200_rest_apis_are_listed() {
    let moto = MotoServer::start();
    let seeded = moto.seed(200);
    let home = Home::new();
    let listed = cellgate(&home, ["get", "apis", "-o", "json", "--endpoint-url", moto.endpoint_url()]).json();
    let listed = listed.as_array().expect("a list of APIs");
    let seeded = seeded["apis"].as_array().expect("a list of APIs");
    assert_eq!(seeded.len(), 200);
    assert_eq!(listed.len(), 200);
    assert_eq!(names(listed, "id"), names(seeded, "id"));
    assert_eq!(names(listed, "name"), names(seeded, "name"));
}
