//! cellgate against moto, an emulator that nobody here wrote.

mod stage_levers;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::binary::cellgate;
use crate::support::emulator::Emulator;
use crate::support::home::Home;
use crate::support::referee::boto3;

fn names(rows: &[Value], key: &str) -> BTreeSet<String> {
    rows.iter()
        .map(|row| row[key].as_str().unwrap_or_else(|| panic!("a row without {key}: {row}")).to_owned())
        .collect()
}

/// What `cellgate get` lists on moto, as JSON.
fn get(home: &Home, moto: &Emulator, what: &[&str]) -> Value {
    let options = ["-o", "json", "--endpoint-url", moto.endpoint_url()];
    cellgate(home, ["get"].iter().chain(what).chain(&options)).json()
}

/// The row whose `key` is `value`.
fn row<'a>(rows: &'a Value, key: &str, value: &Value) -> &'a Value {
    let rows = rows.as_array().expect("a list");
    rows.iter()
        .find(|row| row[key] == *value)
        .unwrap_or_else(|| panic!("no row with {key} {value}: {rows:?}"))
}

#[test]
fn all_of_200_rest_apis_are_listed() {
    let moto = Emulator::moto();
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

#[test]
fn what_hangs_on_an_api_is_listed() {
    let moto = Emulator::moto();
    let seeded = moto.seed(2);
    let home = Home::new();
    let api = &seeded["apis"][0];
    let name = api["name"].as_str().expect("a name");

    let stages = get(&home, &moto, &["stages", name]);
    assert_eq!(stages.as_array().map(Vec::len), Some(1), "{stages}");
    let stage = row(&stages, "stage", &seeded["stage"]);
    assert_eq!(stage["api_id"], api["id"]);
    assert_eq!(stage["deployment_id"], seeded["deployments"][1]);
    assert_eq!(stage["variables"]["cellId"], "cell-000");

    let deployments = get(&home, &moto, &["deployments", name]);
    assert_eq!(deployments.as_array().map(Vec::len), Some(2), "{deployments}");
    let current = row(&deployments, "id", &seeded["deployments"][1]);
    assert_eq!(current["description"], "second");
    assert_eq!(current["stages"], json!(["prod"]));
    assert_eq!(row(&deployments, "id", &seeded["deployments"][0])["stages"], json!([]));

    let plans = get(&home, &moto, &["plans"]);
    let plan = row(&plans, "id", &seeded["plan"]);
    assert_eq!(plan["name"], "Basic");
    assert_eq!(plan["throttle"], json!({ "rate": 100.0, "burst": 200 }));
    assert_eq!(plan["quota"]["limit"], 10_000);
    assert_eq!(plan["stages"], json!([{ "api": api["id"], "stage": "prod", "method_throttles": {} }]));
}

#[test]
fn a_rule_and_an_ip_set_are_changed_and_changed_back() {
    let moto = Emulator::moto();
    let home = Home::new();
    let read = |task: &str| boto3("waf_of.py", &[moto.endpoint_url(), task], &Value::Null);
    let run = |arguments: &[&str]| {
        let options = ["--yes", "-o", "json", "--endpoint-url", moto.endpoint_url()];
        let done = cellgate(&home, arguments.iter().copied().chain(options)).json();
        assert_eq!(done["outcome"], "applied", "{done}");
        assert_eq!(done["unplanned"], json!([]));
        done["change"].as_str().expect("an id").to_owned()
    };
    let before = read("seed");
    let rate = run(&["waf", "rate", "cell-000-waf", "rate-limit", "--limit", "250"]);
    let blocks = run(&["waf", "rule", "cell-000-waf", "rate-limit", "block"]);
    let added = run(&["waf", "ip", "add", "blocked", "198.51.100.7"]);

    let after = read("read");
    let mut expected = before.clone();
    expected["acl"]["Rules"][1]["Statement"]["RateBasedStatement"]["Limit"] = json!(250);
    expected["acl"]["Rules"][1]["Action"] = json!({ "Block": {} });
    expected["set"]["Addresses"].as_array_mut().expect("a list").push(json!("198.51.100.7/32"));
    assert_eq!(after, expected, "nothing but what was planned differs");

    for change in [added, blocks, rate] {
        run(&["undo", &change]);
    }
    assert_eq!(read("read"), before);
}

#[test]
fn a_plan_is_throttled_and_a_key_switched_and_moved() {
    let moto = Emulator::moto();
    let seeded = moto.seed(1);
    let home = Home::new();
    let change = |arguments: &[&str]| {
        let options = ["--yes", "-o", "json", "--endpoint-url", moto.endpoint_url()];
        let done = cellgate(&home, arguments.iter().chain(&options)).json();
        assert_eq!((&done["outcome"], &done["unplanned"]), (&json!("applied"), &json!([])), "{done}");
        done["change"].as_str().expect("an id").to_owned()
    };
    let call = |operation: &str, arguments: Value| {
        let call = json!([{ "service": "apigateway", "operation": operation, "arguments": arguments }]);
        boto3("call.py", &[moto.endpoint_url()], &call)[0].take()
    };
    let plan = || call("get_usage_plan", json!({ "usagePlanId": seeded["plan"] }));
    let key = || call("get_api_key", json!({ "apiKey": seeded["key"] }));
    let plans = || {
        let plans = call("get_usage_plans", json!({ "keyId": seeded["key"] }));
        names(plans["items"].as_array().expect("a list"), "name").into_iter().collect::<Vec<_>>()
    };

    let mut expected = plan();
    change(&["usage-plan", "throttle", "set", "Basic", "--rate", "50", "--burst", "60"]);
    expected["throttle"] = json!({ "rateLimit": 50.0, "burstLimit": 60 });
    assert_eq!(plan(), expected, "nothing else is different");

    let before = key();
    let off = change(&["key", "disable", "shop"]);
    assert_eq!((&before["enabled"], &key()["enabled"]), (&json!(true), &json!(false)));
    change(&["undo", &off]);
    assert_eq!(key()["enabled"], json!(true));

    let before = plan();
    let taken = change(&["usage-plan", "stages", "remove", "Basic", "cell-000-api/prod"]);
    assert_eq!((before["apiStages"].as_array().map(Vec::len), &plan()["apiStages"]), (Some(1), &json!([])));
    change(&["undo", &taken]);
    assert_eq!(plan(), before);

    let moved = change(&["key", "move", "shop", "--to", "Premium"]);
    assert_eq!(plans(), ["Premium"]);
    change(&["undo", &moved]);
    assert_eq!(plans(), ["Basic"]);
}
