//! The levers against ministack, an emulator that nobody here wrote. It replaces every member that it is sent
//! as a whole, maps and route settings included: what isn't sent along is lost there.

use serde_json::{Value, json};

use crate::support::binary::cellgate;
use crate::support::emulator::Emulator;
use crate::support::home::Home;
use crate::support::referee::boto3;

fn seed(endpoint: &str, what: &str, api: &str) -> Value {
    boto3("http_stage.py", &[endpoint, what, api], &Value::Null)
}

fn change(home: &Home, endpoint: &str, arguments: &[&str]) -> String {
    let options = ["--yes", "-o", "json", "--endpoint-url", endpoint];
    let done = cellgate(home, arguments.iter().chain(&options)).json();
    assert_eq!(done["outcome"], "applied", "{done}");
    assert_eq!(done["unplanned"], json!([]), "{done}");
    done["change"].as_str().expect("an id").to_owned()
}

#[test]
fn nothing_of_a_stage_is_lost_where_members_are_replaced_as_a_whole() {
    let ministack = Emulator::ministack();
    let endpoint = ministack.endpoint_url();
    let made = seed(endpoint, "make", "orders");
    let api = made["ApiId"].as_str().expect("an id");
    let home = Home::new();
    let stage = || seed(endpoint, "read", api);
    let before = stage();
    assert_eq!(before["RouteSettings"]["GET /orders"]["ThrottlingBurstLimit"], 20, "{before}");

    let target = "orders/prod";
    let set = ["throttle", "set", target, "--method", "POST /orders", "--rate", "7", "--burst", "9"];
    change(&home, endpoint, &set);
    let mut expected = before;
    expected["RouteSettings"]["POST /orders"] =
        json!({ "ThrottlingRateLimit": 7.0, "ThrottlingBurstLimit": 9, "DetailedMetricsEnabled": false });
    assert_eq!(stage(), expected);

    let metrics = change(&home, endpoint, &["logging", target, "--metrics", "true"]);
    expected["DefaultRouteSettings"]["DetailedMetricsEnabled"] = json!(true);
    assert_eq!(stage(), expected);

    change(&home, endpoint, &["variables", target, "colour=green", "shape="]);
    expected["StageVariables"] = json!({ "cellId": "cell-01", "colour": "green" });
    let mut read = stage();
    // There a removed variable stays, and is empty.
    let variables = read["StageVariables"].as_object_mut().expect("variables");
    assert_eq!(variables.remove("shape"), Some(json!("")));
    assert_eq!(read, expected);

    change(&home, endpoint, &["undo", metrics.as_str()]);
    assert_eq!(stage()["DefaultRouteSettings"]["DetailedMetricsEnabled"], false);
}
