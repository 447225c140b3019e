//! The demo region before independent judges: AWS's own clients call all that it claims.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::referee::{aws_cli, boto3};
use crate::support::region::Region;

fn texts(values: &Value) -> Vec<&str> {
    let values = values.as_array().unwrap_or_else(|| panic!("no list: {values}"));
    values.iter().map(|value| value.as_str().unwrap_or_else(|| panic!("no text: {value}"))).collect()
}

#[test]
fn boto3_calls_every_claimed_operation_and_reads_the_answers() {
    let region = Region::on_the_wall_clock();
    let claimed = cellgate_demo::operations();
    let answer = boto3("referee.py", &[&region.endpoint_url()], &json!(claimed));

    let calls = answer["calls"].as_array().expect("a list of calls");
    let called: BTreeSet<(&str, &str)> = calls
        .iter()
        .map(|call| {
            (call["service"].as_str().expect("a service"), call["operation"].as_str().expect("a name"))
        })
        .collect();
    assert_eq!(called, claimed.iter().copied().collect::<BTreeSet<_>>());
    let problems: Vec<String> = calls
        .iter()
        .filter(|call| call["problems"] != json!([]))
        .map(|call| format!("{} {}: {}", call["service"], call["operation"], call["problems"]))
        .collect();
    assert!(problems.is_empty(), "boto3 objects:\n{}", problems.join("\n"));
    assert_eq!(answer["before"], json!([]), "boto3 objects to the answers of its paginators");
    assert_eq!(answer["strangers"], json!([]), "the referee calls what the region no longer claims");
}

#[test]
fn boto3_and_the_region_agree_on_what_it_holds() {
    let region = Region::on_the_wall_clock();
    let answer = boto3("referee.py", &[&region.endpoint_url()], &json!([]));
    let facts = &answer["facts"];
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

#[test]
fn the_aws_cli_reads_every_service() {
    let region = Region::on_the_wall_clock();
    let endpoint_url = region.endpoint_url();
    let ask = |arguments: &[&str]| aws_cli(&endpoint_url, arguments);
    let length = |answer: &Value, key: &str| answer[key].as_array().map_or(0, Vec::len);

    assert_eq!(ask(&["sts", "get-caller-identity"])["Account"], "123456789012");

    let rest = ask(&["apigateway", "get-rest-apis", "--page-size", "7"]);
    let second = ask(&["apigatewayv2", "get-apis", "--page-size", "7"]);
    assert_eq!((length(&rest, "items"), length(&second, "Items")), (14, 16));
    let plans = ask(&["apigateway", "get-usage-plans", "--page-size", "2"]);
    assert_eq!(length(&plans, "items"), 4);
    let api = rest["items"].as_array().and_then(|apis| apis.iter().find(|api| api["name"] == "cell-01-api"));
    let api = api.and_then(|api| api["id"].as_str()).expect("cell-01-api has an id");
    let stage = ask(&["apigateway", "get-stage", "--rest-api-id", api, "--stage-name", "prod"]);
    assert_eq!(stage["cacheClusterStatus"], "AVAILABLE");

    let counted =
        ask(&["dynamodb", "scan", "--table-name", "CellMappings", "--select", "COUNT", "--page-size", "700"]);
    assert_eq!(counted["Count"], 5000);

    let metrics =
        ask(&["cloudwatch", "list-metrics", "--namespace", "AWS/ApiGateway", "--metric-name", "Count"]);
    assert!(length(&metrics, "Metrics") > 0, "{metrics}");
}
