//! The same moves on moto: its conditional writes are somebody else's reading of DynamoDB.

use std::collections::BTreeMap;

use serde_json::Value;

use super::table::MappingTable;
use crate::killed::bench;
use crate::support::emulator::Emulator;
use crate::support::home::Home;

type Items = BTreeMap<String, BTreeMap<String, Value>>;

const SETTINGS: &str = "[cells]\nstateless = true\n[mapping]\nversion-attribute = \"version\"\nepoch-attribute = \
                        \"epoch\"\nmoved-by-change-attribute = \"migrationId\"\n[moves]\nrange = 4\n";

#[test]
fn a_killed_move_is_resumed_and_undone_beside_a_second_writer() {
    let moto = Emulator::moto();
    let boto3 = |arguments: &[&str]| MappingTable::boto3_at(moto.endpoint_url(), arguments);
    let items = || -> Items { serde_json::from_str(&boto3(&["scan"])).unwrap() };
    boto3(&["make", "20"]);
    boto3(&["version"]);
    let mut home = Home::new();
    home.set("AWS_ENDPOINT_URL", moto.endpoint_url());
    let file = home.path().join("config/cellgate/config.toml");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, SETTINGS).unwrap();

    let before = items();
    let drain = ["drain", "cell-01", "--to", "cell-02", "--gate", "none", "-y"];
    bench::kill(&mut home, &drain, "between-writes-2");
    let meanwhile = "customer-0019";
    boto3(&["put", meanwhile, "cell-09"]);
    let resumed = bench::run(&home, &["moves", "resume", "--last", "-o", "json"]);
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    let end: Value = serde_json::from_str(resumed.stdout.lines().last().unwrap()).unwrap();
    let id = end["move"].as_str().unwrap();
    let after = items();
    for (customer, item) in before.iter().filter(|(customer, _)| *customer != meanwhile) {
        let (expected, version) =
            if item["CellId"] == "cell-01" { ("cell-02", "2") } else { ("cell-02", "1") };
        let now = &after[customer];
        assert_eq!(
            (&now["CellId"], &now["version"], &now["epoch"]),
            (&expected.into(), &version.into(), &version.into())
        );
        assert_eq!(now.get("migrationId").is_some_and(|stamp| stamp == id), version == "2", "{customer}");
    }
    assert_eq!(after[meanwhile]["CellId"], "cell-09", "who wasn't asked for is left alone");

    let left = before.iter().find(|(_, item)| item["CellId"] == "cell-01").unwrap().0;
    boto3(&["put", left, "cell-09"]);
    let undone = bench::run(&home, &["undo", id, "--gate", "none", "-y"]);
    assert_eq!(undone.code, Some(4), "one was moved since: {undone:?}");
    let back = items();
    for (customer, item) in &before {
        let expected = if customer == left || customer == meanwhile {
            "cell-09"
        } else {
            item["CellId"].as_str().unwrap()
        };
        assert_eq!(back[customer]["CellId"], expected, "{customer}");
    }
    let created =
        bench::run(&home, &["move", "newcomer", "--to", "cell-02", "--create", "--gate", "none", "-y"]);
    assert_eq!(created.code, Some(0), "{created:?}");
    assert_eq!(items()["newcomer"]["CellId"], "cell-02");
}
