//! The demo region before independent judges: AWS's own clients call all that it claims.

use std::collections::BTreeSet;

use cellgate_demo::RegionOptions;
use serde_json::{Value, json};

use crate::support::referee::{aws_cli, boto3};
use crate::support::region::Region;

fn texts(values: &Value) -> Vec<&str> {
    let values = values.as_array().unwrap_or_else(|| panic!("no list: {values}"));
    values.iter().map(|value| value.as_str().unwrap_or_else(|| panic!("no text: {value}"))).collect()
}

/// Plays the cases of all claimed operations with one of the clients.
fn every_operation_by(client: &str) {
    // What the request quotas do is for other tests: here every call counts.
    let region = Region::start(RegionOptions { control_plane_limits: false, ..RegionOptions::default() });
    let claimed = json!(cellgate_demo::operations());
    let answer = boto3("referee.py", &[&region.endpoint_url(), client], &claimed);
    assert_eq!(answer["without_a_case"], json!([]), "{client} has no case for what the region claims");
    assert_eq!(answer["problems"], json!([]), "{client} objects:\n{}", texts(&answer["problems"]).join("\n"));
    let called = answer["called"].as_array().map_or(0, Vec::len);
    assert!(called + 1 >= cellgate_demo::operations().len(), "{client} called only {called} operations");
}

#[test]
fn boto3_calls_every_claimed_operation_and_reads_the_answers() {
    every_operation_by("boto3");
}

#[test]
fn the_aws_cli_calls_every_claimed_operation_and_reads_the_answers() {
    every_operation_by("cli");
}

#[test]
fn boto3_and_the_region_agree_on_what_it_holds() {
    let region = Region::on_the_wall_clock();
    let facts = boto3("holdings.py", &[&region.endpoint_url()], &json!(null));
    assert_eq!(facts["account"], "123456789012");
    let mut rest: Vec<String> = (1..=12).map(|cell| format!("cell-{cell:02}-api")).collect();
    rest.extend(["admin".to_owned(), "router".to_owned()]);
    rest.sort();
    assert_eq!(texts(&facts["rest_apis"]), rest);
    let ids: BTreeSet<&str> = texts(&facts["api_ids"]).into_iter().collect();
    assert_eq!(ids.len(), 30, "thirty APIs, each with an id of its own: {ids:?}");
    let kinds = facts["second_apis"].as_array().expect("a list of APIs");
    let sockets = kinds.iter().filter(|api| api[0] == "WEBSOCKET").count();
    assert_eq!((kinds.len(), sockets), (16, 4), "{kinds:?}");
    assert_eq!(texts(&facts["plans"]), ["Basic", "Free", "Internal", "Premium"]);
    assert_eq!(facts["customers"], 5000);
    assert_eq!(texts(&facts["cells"]), (1..=12).map(|cell| format!("cell-{cell:02}")).collect::<Vec<_>>());
    assert!(facts["count_metrics"].as_u64().is_some_and(|number| number > 0), "no metric has data: {facts}");
}

/// Elsewhere the CLI runs within Python; here it is a program of its own, as in a shell.
#[test]
fn the_aws_cli_reads_the_region_from_a_shell() {
    let region = Region::on_the_wall_clock();
    let endpoint_url = region.endpoint_url();
    let ask = |arguments: &[&str]| aws_cli(&endpoint_url, arguments);
    let length = |answer: &Value, key: &str| answer[key].as_array().map_or(0, Vec::len);

    assert_eq!(ask(&["sts", "get-caller-identity"])["Account"], "123456789012");
    let rest = ask(&["apigateway", "get-rest-apis", "--page-size", "7"]);
    assert_eq!(length(&rest, "items"), 14);
    let counted =
        ask(&["dynamodb", "scan", "--table-name", "CellMappings", "--select", "COUNT", "--page-size", "700"]);
    assert_eq!(counted["Count"], 5000);
}
