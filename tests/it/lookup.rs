//! Customers as the commands show them: looked up, listed and counted, on the demo region and on moto, with boto3
//! as the judge of what the table says.

mod connections;
mod counts;
mod moto;
mod router;

use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;
use serde_json::{Value, json};

use crate::support::binary::{Outcome, cellgate};
use crate::support::home::Home;
use crate::support::referee::boto3;
use crate::support::region::Region;

/// A home whose configuration tells what the demo region's router does.
fn home() -> Home {
    let home = Home::new();
    let cells: Vec<String> = (1..=12).map(|cell| format!("\"cell-{cell:02}\"")).collect();
    let text = format!(
        "[router]\nunmapped = \"hash\"\nhash = \"md5-modulo\"\ncache-ttl = \"300s\"\ncells = [{}]\n",
        cells.join(", ")
    );
    let folder = home.path().join("config/cellgate");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), text).unwrap();
    home
}

/// A region that stands still, and in which no request is one too many.
fn region() -> Region {
    let clock = Clock::manual("2026-11-20T14:03:30Z".parse().expect("a time"));
    Region::start(RegionOptions { clock, control_plane_limits: false, ..RegionOptions::default() })
}

/// Runs a command against an endpoint.
fn run(home: &Home, endpoint_url: &str, arguments: &[&str]) -> Outcome {
    cellgate(home, ["--endpoint-url", endpoint_url].iter().chain(arguments))
}

fn lookup(home: &Home, endpoint_url: &str, customer: &str) -> Value {
    run(home, endpoint_url, &["lookup", "-o", "json", "--", customer]).json()
}

fn call(endpoint_url: &str, calls: &[(&str, Value)]) -> Vec<Value> {
    let calls: Vec<Value> = calls
        .iter()
        .map(|(operation, arguments)| {
            json!({ "service": "dynamodb", "operation": operation, "arguments": arguments })
        })
        .collect();
    let answers = boto3("call.py", &[endpoint_url], &json!(calls));
    answers.as_array().expect("a list of answers").clone()
}

fn put(customer: &str, cell: &str) -> (&'static str, Value) {
    let item = json!({ "CustomerId": { "S": customer }, "CellId": { "S": cell } });
    ("put_item", json!({ "TableName": "CellMappings", "Item": item }))
}

/// Ids that have tripped somebody up before.
fn odd_ids() -> Vec<String> {
    vec![
        "it's \"quoted\"".to_owned(),
        "two\nlines\tand a tab".to_owned(),
        "🚀 Zürich".to_owned(),
        "--all".to_owned(),
        "x".repeat(2_048),
    ]
}

#[test]
fn a_lookup_tells_mapping_cell_keys_plans_and_connections() {
    let region = region();
    let (home, endpoint) = (home(), region.endpoint_url());
    let estate = region.estate();
    let holder = estate.api_keys.iter().find(|key| key.name == "premium-01").expect("a holder of a key");
    let key =
        |customer: &str| json!({ "TableName": "CellMappings", "Key": { "CustomerId": { "S": customer } } });
    let item = call(&endpoint, &[("get_item", key(&holder.customer_id))]).remove(0);

    let found = run(&home, &endpoint, &["lookup", &holder.customer_id, "--connections", "-o", "json"]).json();
    assert_eq!(found["mapping"]["cell"], item["Item"]["CellId"]["S"]);
    assert_eq!(found["mapping"]["attributes"]["tier"], item["Item"]["tier"]["S"]);
    assert_eq!(found["answer"], json!({ "kind": "mapped", "cell": item["Item"]["CellId"]["S"] }));
    assert_eq!(found["cell"]["id"], item["Item"]["CellId"]["S"]);
    assert!(
        found["cell"]["state"].is_string() && found["cell"]["requests_per_second"].as_f64() > Some(0.0),
        "{found}"
    );
    assert_eq!(found["router_cache_seconds"], 300);
    assert_eq!(found["keys"][0]["id"], holder.id);
    assert_eq!(found["keys"][0]["plans"][0]["name"], "Premium");
    assert!(found["keys"][0]["plans"][0]["used_today"].as_i64() > Some(0), "{found}");
    assert!(!found.to_string().contains(&holder.value), "a key's value is a secret");
    let all = json!({ "TableName": "WebSocketConnections", "FilterExpression": "CustomerId = :c",
        "ExpressionAttributeValues": { ":c": { "S": holder.customer_id } } });
    let open = call(&endpoint, &[("scan", all)]).remove(0);
    assert_eq!(json!(found["connections"]["open"].as_array().map(Vec::len)), open["Count"]);
    assert!(region.requests().iter().all(|request| request.operation != "GetUsagePlanKeys"));
}

#[test]
fn a_customer_that_nobody_serves_is_exit_code_5() {
    let region = region();
    let endpoint = region.endpoint_url();
    let mut refuses = Home::new();
    let outcome = run(&refuses, &endpoint, &["lookup", "nobody"]);
    assert_eq!(outcome.code, Some(5), "{outcome:?}");
    assert!(outcome.stderr.contains("router.unmapped doesn't tell"), "{outcome:?}");
    let config = refuses.path().join("refuses.toml");
    std::fs::write(&config, "[router]\nunmapped = \"refuse\"\n").unwrap();
    refuses.set("CELLGATE_CONFIG", &config.display().to_string());
    let outcome = run(&refuses, &endpoint, &["lookup", "nobody"]);
    assert_eq!(outcome.code, Some(5), "{outcome:?}");
    assert!(outcome.stderr.contains("the router refuses it"), "{outcome:?}");
    let hashed = run(&home(), &endpoint, &["lookup", "nobody"]);
    assert_eq!(hashed.code, Some(0), "{hashed:?}");
    assert!(hashed.stdout.contains("no mapping: md5-modulo over 12 cells"), "{hashed:?}");
    std::fs::write(&config, "[router]\nhash = \"md6\"\n").unwrap();
    let wrong = run(&refuses, &endpoint, &["lookup", "nobody"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert!(wrong.stderr.contains("router.hash") && wrong.stderr.contains("sha256-modulo"), "{wrong:?}");
}

#[test]
fn odd_ids_are_looked_up_and_listed_as_they_are() {
    let region = region();
    let (home, endpoint) = (home(), region.endpoint_url());
    let puts: Vec<_> = odd_ids().iter().map(|id| put(id, "cell-odd")).collect();
    call(&endpoint, &puts);
    for id in odd_ids() {
        let found = lookup(&home, &endpoint, &id);
        assert_eq!(found["customer"], json!(id));
        assert_eq!(found["mapping"]["cell"], "cell-odd", "{id}");
        assert_eq!(found["cell"]["state"], Value::Null, "no API serves it");
        let unknown = lookup(&home, &endpoint, &format!("{}!", &id[..id.len().min(900)]));
        assert_eq!(unknown["answer"]["kind"], "hashed");
    }
    let listed = run(&home, &endpoint, &["get", "customers", "--cell", "cell-odd", "-o", "json"]);
    let mut listed: Vec<String> = lines(&listed).iter().map(|line| text(&line["customer"])).collect();
    let mut expected = odd_ids();
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);
    let table = run(&home, &endpoint, &["get", "customers", "--cell", "cell-odd"]);
    assert_eq!(table.stdout.lines().count(), 6, "one line each, whatever they hold: {table:?}");
}

#[test]
fn an_item_without_a_usable_cell_says_why() {
    let region = region();
    let endpoint = region.endpoint_url();
    let bare = json!({ "CustomerId": { "S": "bare" }, "tier": { "S": "basic" } });
    call(&endpoint, &[("put_item", json!({ "TableName": "CellMappings", "Item": bare }))]);
    let outcome = run(&home(), &endpoint, &["lookup", "bare"]);
    assert_eq!(outcome.code, Some(5), "{outcome:?}");
    assert!(outcome.stderr.contains("it has no CellId"), "{outcome:?}");
}

/// The documents of an output of JSON lines.
fn lines(outcome: &Outcome) -> Vec<Value> {
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    outcome.stdout.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
