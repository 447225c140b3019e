//! Cells as `get cells` shows them: what sources disagree on, limits, alarms and web ACLs, with boto3 as the one who
//! brings trouble and the one who judges; and several regions side by side.

mod regions;

use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;
use cellgate_demo::scenario;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::binary::{Outcome, cellgate};
use crate::support::home::Home;
use crate::support::referee::boto3;
use crate::support::region::Region;

const START: &str = "2026-11-20T14:03:30Z";

/// A home with a configuration of its own.
fn home(text: &str) -> Home {
    let home = Home::new();
    let folder = home.path().join("config/cellgate");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), text).unwrap();
    home
}

/// A region that stands still, and in which no request is one too many.
fn region() -> Region {
    region_of(5_000)
}

fn region_of(customers: usize) -> Region {
    let clock = Clock::manual(START.parse().expect("a time"));
    Region::start(RegionOptions { clock, customers, control_plane_limits: false, ..RegionOptions::default() })
}

fn get(home: &Home, region: &Region, arguments: &[&str]) -> Outcome {
    let endpoint = region.endpoint_url();
    cellgate(home, ["--endpoint-url", &endpoint, "get"].iter().chain(arguments))
}

fn cells(home: &Home, region: &Region) -> Vec<Value> {
    let listed = get(home, region, &["cells", "-o", "json", "--sort", "cell"]).json();
    listed.as_array().expect("a list of cells").clone()
}

fn cell<'rows>(rows: &'rows [Value], id: &str) -> &'rows Value {
    rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no {id} in {rows:#?}"))
}

fn findings(row: &Value) -> Vec<String> {
    let findings = row["findings"].as_array().expect("findings");
    findings.iter().map(|finding| finding["text"].as_str().expect("a text").to_owned()).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "what is sent reads best where the call is")]
fn call(region: &Region, service: &str, operation: &str, arguments: Value) -> Value {
    let calls = json!([{ "service": service, "operation": operation, "arguments": arguments }]);
    boto3("call.py", &[&region.endpoint_url()], &calls)[0].clone()
}

#[test]
fn sources_that_disagree_are_told_of_the_cell() {
    // So few customers that the sample, which tells the cells of the table, is all of them.
    let region = region_of(500);
    let home = home("");
    let before = cells(&home, &region);
    let sources = ["tag", "api-name", "stage-variable", "web-acl", "mapping-table"];
    let known: Vec<&str> =
        cell(&before, "cell-01")["sources"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for source in sources {
        assert!(known.contains(&source), "{source} is not in {known:?}");
    }

    let items: Vec<Value> = (0..60)
        .map(|number| {
            let item =
                json!({ "CustomerId": { "S": format!("lost-{number}") }, "CellId": { "S": "cell-77" } });
            let arguments = json!({ "TableName": "CellMappings", "Item": item });
            json!({ "service": "dynamodb", "operation": "put_item", "arguments": arguments })
        })
        .collect();
    boto3("call.py", &[&region.endpoint_url()], &json!(items));
    let estate = region.estate();
    let update = |number: usize, rate: &str| {
        let name = format!("cell-{number:02}-api");
        let api = estate.apis.iter().find(|api| api.name == name).expect("an API of the cell");
        let operations = json!([{ "op": "replace", "path": "/*/*/throttling/rateLimit", "value": rate }]);
        let arguments = json!({ "restApiId": api.id, "stageName": "prod", "patchOperations": operations });
        json!({ "service": "apigateway", "operation": "update_stage", "arguments": arguments })
    };
    let updates: Vec<Value> =
        (1..=12).map(|number| update(number, if number == 2 { "17" } else { "900" })).collect();
    boto3("call.py", &[&region.endpoint_url()], &json!(updates));

    let after = cells(&home, &region);
    let lost = cell(&after, "cell-77");
    assert_eq!(findings(lost), ["60 customers are mapped to it, but no API serves it"]);
    assert_eq!((&lost["state"], &lost["sources"]), (&json!("silent"), &json!(["mapping-table"])));
    let throttle = "cell-02-api/prod: throttle rate is 17; 900 in 11 of 12 cells";
    assert!(findings(cell(&after, "cell-02")).contains(&throttle.to_owned()), "{after:#?}");
    let others = after.iter().filter(|row| row["id"] != "cell-02");
    for row in others {
        assert!(!findings(row).iter().any(|text| text.contains("throttle rate")), "{row}");
    }
    let table = get(&home, &region, &["cells", "--filter", "findings>0 cell=cell-77"]);
    let line = table.stdout.lines().nth(1).expect("a line of the cell");
    assert!(line.starts_with("cell-77") && line.ends_with(" 1"), "{table:?}");
}

#[test]
fn a_cell_is_full_of_customers_and_shows_its_busiest_hour() {
    let region = region();
    let home = home(
        "[[cells.configured]]\nid = \"cell-01\"\ncapacity = 1000000\ncustomers = 10\nconnections = 100\n",
    );
    let rows = cells(&home, &region);
    let full = cell(&rows, "cell-01");
    assert_eq!((&full["state"], &full["load_of"]), (&json!("full"), &json!("customers")), "{full}");
    let customers = full["customers"].as_f64().unwrap();
    assert_eq!(full["load"].as_f64(), Some(customers / 10.0));
    assert_eq!(full["loads"]["customers"], full["load"]);
    assert!(full["loads"]["requests"].as_f64().unwrap() < 0.01, "{full}");
    let connections = full["connections"].as_f64().expect("an index counts them");
    assert!(connections > 0.0 && full["connections_complete"] == true, "{full}");
    assert_eq!(full["loads"]["connections"].as_f64(), Some(connections / 100.0));

    let highest = &full["highest"];
    let ratio =
        full["requests_per_second"].as_f64().unwrap() / highest["requests_per_second"].as_f64().unwrap();
    assert!((full["load_of_highest"].as_f64().unwrap() - ratio).abs() < 1e-9, "{full}");
    let hour = highest["hour"].as_str().unwrap();
    let statistics = call(
        &region,
        "cloudwatch",
        "get_metric_statistics",
        json!({
            "Namespace": "AWS/ApiGateway", "MetricName": "Count", "Period": 3600, "Statistics": ["Sum"],
            "Dimensions": [{ "Name": "ApiName", "Value": "cell-01-api" }],
            "StartTime": hour, "EndTime": later(hour),
        }),
    );
    let of_api =
        statistics["Datapoints"][0]["Sum"].as_f64().unwrap_or_else(|| panic!("{statistics}")) / 3600.0;
    let of_cell = highest["requests_per_second"].as_f64().unwrap();
    assert!(of_api <= of_cell + 1e-6 && of_api > 0.0, "{of_api} of the cell's {of_cell}");

    let asked = region.count("GetMetricData");
    let again = cells(&home, &region);
    assert_eq!(&cell(&again, "cell-01")["highest"], highest);
    assert_eq!(region.count("GetMetricData"), asked + 1, "the busiest hour is asked for once an hour");
    region.advance(SignedDuration::from_hours(1));
    cells(&home, &region);
    assert_eq!(region.count("GetMetricData"), asked + 3, "and again after it");
}

fn later(hour: &str) -> String {
    let hour: jiff::Timestamp = hour.parse().unwrap();
    (hour + SignedDuration::from_hours(1)).to_string()
}

#[test]
fn alarms_that_fire_belong_to_cells() {
    let region = region();
    let home = home("");
    let fire = json!({ "AlarmName": "cell-03-latency", "StateValue": "ALARM", "StateReason": "a test" });
    call(&region, "cloudwatch", "set_alarm_state", fire);
    let rows = cells(&home, &region);
    let firing = cell(&rows, "cell-03");
    let alarms: Vec<&str> = firing["alarms"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(alarms.contains(&"cell-03-latency"), "{alarms:?}");
    assert_ne!(firing["state"], "well", "an alarm is seen in the cell's state: {firing}");
    let others = rows.iter().filter(|row| row["id"] != "cell-03");
    for row in others {
        assert!(!row["alarms"].to_string().contains("cell-03"), "{row}");
    }
    let listed = get(&home, &region, &["alarms", "-o", "json"]).json();
    let listed: Vec<&Value> =
        listed.as_array().unwrap().iter().filter(|alarm| alarm["name"] == "cell-03-latency").collect();
    let [alarm] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!(alarm["cells"], json!(["cell-03"]));
}

#[test]
fn blocked_requests_are_those_of_cloudwatch() {
    let region = Region::start(RegionOptions {
        cells: 6,
        apis: 14,
        customers: 600,
        clock: Clock::manual(START.parse().expect("a time")),
        control_plane_limits: false,
        scenario: Some(scenario::load("waf-false-positive").expect("a scenario")),
        ..RegionOptions::default()
    });
    region.advance(SignedDuration::from_mins(6));
    let rows = cells(&home(""), &region);
    let mut compared = 0;
    for row in &rows {
        let (id, minute) = (row["id"].as_str().unwrap(), row["minute"].as_str().unwrap());
        let end = minute.parse::<jiff::Timestamp>().unwrap() + SignedDuration::from_mins(1);
        let statistics = call(
            &region,
            "cloudwatch",
            "get_metric_statistics",
            json!({
                "Namespace": "AWS/WAFV2", "MetricName": "BlockedRequests", "Period": 60, "Statistics": ["Sum"],
                "Dimensions": [
                    { "Name": "WebACL", "Value": format!("{id}-waf") },
                    { "Name": "Rule", "Value": "ALL" },
                    { "Name": "Region", "Value": "eu-west-1" },
                ],
                "StartTime": minute, "EndTime": end.to_string(),
            }),
        );
        let expected = statistics["Datapoints"][0]["Sum"].as_f64();
        match row["blocked_per_minute"].as_f64() {
            // Two cells have no web ACL.
            None => assert!(expected.is_none(), "{row} {statistics}"),
            Some(blocked) => {
                assert!((blocked - expected.unwrap_or(0.0)).abs() < 1e-9, "{id}: {blocked} {statistics}");
                compared += usize::from(expected.is_some());
            }
        }
    }
    assert!(compared > 0, "some web ACL blocked something: {rows:#?}");
}

#[test]
fn a_role_without_alarms_sees_the_rest() {
    use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
    let region = region();
    let proxy = FaultProxy::before(&region.endpoint_url());
    proxy.inject("DescribeAlarms", Occurrence::Every, Fault::AccessDenied);
    let listed = cellgate(&home(""), ["get", "cells", "-o", "json", "--endpoint-url", &proxy.endpoint_url()]);
    assert_eq!(listed.code, Some(4), "{listed:?}");
    assert!(listed.stderr.contains("DescribeAlarms"), "{listed:?}");
    let rows: Value = serde_json::from_str(&listed.stdout).unwrap();
    let first = &rows[0];
    assert!(first["alarms"].is_null() && first["requests"].as_f64().unwrap() > 0.0, "{first}");
}
