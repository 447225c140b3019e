//! The levers of a REST API's stage on moto: boto3 reads the whole stage before and after each.
//!
//! moto has no canary and no flush, and takes a method's override away only where it knows the path: these
//! are tried on the demo region alone.

use serde_json::{Value, json};

use crate::support::binary::cellgate;
use crate::support::emulator::Emulator;
use crate::support::home::Home;
use crate::support::referee::boto3;

const STAGE: &str = "cell-000-api/prod";
const LOG_GROUP: &str = "arn:aws:logs:eu-west-1:123456789012:log-group:access";

struct Bench {
    moto: Emulator,
    home: Home,
    api: Value,
    first: String,
}

impl Bench {
    /// A stage whose settings were all set once: moto makes up what was never set.
    fn new() -> Self {
        let moto = Emulator::moto();
        let seeded = moto.seed(1);
        let first = seeded["deployments"][0].as_str().expect("an id").to_owned();
        let bench = Self { moto, home: Home::new(), api: seeded["apis"][0]["id"].clone(), first };
        let set = |path: &str, value: &str| json!({ "op": "replace", "path": path, "value": value });
        bench.call(
            "update_stage",
            &json!([
                set("/*/*/throttling/rateLimit", "200"),
                set("/*/*/throttling/burstLimit", "400"),
                set("/*/*/logging/loglevel", "ERROR"),
                set("/cacheClusterEnabled", "true"),
                set("/cacheClusterSize", "0.5"),
                set("/tracingEnabled", "false"),
                set("/accessLogSettings/destinationArn", LOG_GROUP),
                set("/accessLogSettings/format", "$context.requestId"),
            ]),
        );
        bench
    }

    fn call(&self, operation: &str, patch: &Value) -> Value {
        let mut arguments = json!({ "restApiId": self.api, "stageName": "prod" });
        if !patch.is_null() {
            arguments["patchOperations"] = patch.clone();
        }
        let call = json!([{ "service": "apigateway", "operation": operation, "arguments": arguments }]);
        boto3("call.py", &[self.moto.endpoint_url()], &call)[0].take()
    }

    fn stage(&self) -> Value {
        self.call("get_stage", &Value::Null)
    }

    /// Makes a change, and gives its id.
    fn change(&self, arguments: &[&str]) -> String {
        let options = ["-yy", "-o", "json", "--endpoint-url", self.moto.endpoint_url()];
        let done = cellgate(&self.home, arguments.iter().chain(&options)).json();
        assert_eq!((&done["outcome"], &done["unplanned"]), (&json!("applied"), &json!([])), "{done}");
        done["change"].as_str().expect("an id").to_owned()
    }
}

/// A command, and the fields of the stage that it alters, by JSON pointer.
type Row<'row> = (&'row [&'row str], Vec<(String, Value)>);

#[test]
fn a_stage_is_changed_in_the_planned_fields_alone_and_changed_back() {
    let bench = Bench::new();
    let defaults = "/methodSettings/*~1*";
    let rows: [Row<'_>; 7] = [
        (
            &["throttle", "set", STAGE, "--rate", "50", "--burst", "60"],
            vec![
                (format!("{defaults}/throttlingRateLimit"), json!(50.0)),
                (format!("{defaults}/throttlingBurstLimit"), json!(60)),
            ],
        ),
        (&["rollback", STAGE, "--to", &bench.first], vec![("/deploymentId".to_owned(), json!(bench.first))]),
        (&["variables", STAGE, "cellId=cell-001"], vec![("/variables/cellId".to_owned(), json!("cell-001"))]),
        (
            &["logging", STAGE, "--level", "INFO", "--metrics", "true"],
            vec![
                (format!("{defaults}/loggingLevel"), json!("INFO")),
                (format!("{defaults}/metricsEnabled"), json!(true)),
            ],
        ),
        (&["logging", STAGE, "--tracing", "true"], vec![("/tracingEnabled".to_owned(), json!(true))]),
        (&["cache", "size", STAGE, "1.6"], vec![("/cacheClusterSize".to_owned(), json!("1.6"))]),
        (&["cache", "ttl", STAGE, "60"], vec![(format!("{defaults}/cacheTtlInSeconds"), json!(60))]),
    ];
    let before = bench.stage();
    for (command, planned) in rows {
        let change = bench.change(command);
        let mut expected = before.clone();
        for (path, value) in planned {
            *expected.pointer_mut(&path).unwrap_or_else(|| panic!("{path} of {before}")) = value;
        }
        assert_eq!(bench.stage(), expected, "{command:?}: nothing but what was planned differs");
        bench.change(&["undo", &change]);
        assert_eq!(bench.stage(), before, "{command:?} is undone");
    }
}

#[test]
fn access_logs_are_turned_off_and_on_again() {
    let bench = Bench::new();
    let before = bench.stage();
    let off = bench.change(&["access-logs", "off", STAGE]);
    assert_eq!(bench.stage()["accessLogSettings"], Value::Null);
    bench.change(&["undo", &off]);
    assert_eq!(bench.stage(), before);
}

#[test]
fn a_web_acl_is_put_before_a_stage_and_taken_away_again() {
    let bench = Bench::new();
    let before = bench.stage();
    let made = boto3("waf_of.py", &[bench.moto.endpoint_url(), "seed"], &Value::Null);
    let attached = bench.change(&["waf", "attach", "cell-000-waf", STAGE]);
    let mut expected = before.clone();
    expected["webAclArn"] = made["acl"]["ARN"].clone();
    assert_eq!(bench.stage(), expected, "nothing else is different");

    let detached = bench.change(&["waf", "detach", STAGE]);
    assert_eq!(bench.stage(), before);
    bench.change(&["undo", &detached]);
    assert_eq!(bench.stage(), expected);
    bench.change(&["undo", &attached]);
    assert_eq!(bench.stage(), before);
}
