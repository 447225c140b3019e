//! What else writes logs: WAF, canaries, functions, WebSocket APIs.

use serde_json::json;

use super::*;
use crate::estate::{ApiKind, Canary, RouteKey, WebAcl};

const PLAIN: &str = "$context.requestId $context.status";
const ACL: &str = "arn:acl";

impl World {
    /// The messages of another group.
    fn messages(&self, group: &str) -> Vec<String> {
        let page = self.call("FilterLogEvents", &json!({ "logGroupName": group }).to_string()).unwrap();
        let events = page["events"].as_array().unwrap().clone();
        events.iter().map(|event| event["message"].as_str().unwrap().to_owned()).collect()
    }

    /// Guards the stage with an ACL that logs.
    fn guard(&self, settings: &Value) {
        let mut logging = settings.clone();
        logging["LogDestinationConfigs"] =
            json!(["arn:aws:logs:eu-west-1:123456789012:log-group:aws-waf-logs-edge"]);
        self.logs.archive.estate.write().unwrap().waf.web_acls.push(WebAcl {
            id: "1".to_owned(),
            name: "edge".to_owned(),
            arn: ACL.to_owned(),
            lock_token: "1".to_owned(),
            document: json!({}),
            logging_configuration: Some(logging),
            tags: std::collections::BTreeMap::new(),
        });
        self.alter_stage(|stage| stage.web_acl_arn = Some(ACL.to_owned()));
    }
}

#[test]
fn waf_logs_what_it_inspected() {
    let world = World::new(PLAIN);
    world.guard(&json!({ "RedactedFields": [{ "UriPath": {} }] }));
    world.fill(1..=1, &[(Outcome::WafBlocked, 4), (Outcome::Succeeded, 2)]);
    let messages = world.messages("aws-waf-logs-edge");
    assert_eq!(messages.len(), 4, "the requests that no ACL inspected are not there");
    let document: Value = serde_json::from_str(&messages[0]).unwrap();
    assert_eq!(document["action"], "BLOCK");
    assert_eq!(document["terminatingRuleId"], "flood");
    assert_eq!(document["httpSourceId"], format!("123456789012:{}:prod", world.api_id));
    assert_eq!(document["httpRequest"]["uri"], "REDACTED");
    assert_eq!(document["httpRequest"]["country"], "DE");
    let streams = world.call("DescribeLogStreams", r#"{"logGroupName":"aws-waf-logs-edge"}"#).unwrap();
    assert_eq!(streams["logStreams"][0]["logStreamName"], "eu-west-1_edge_0");
}

#[test]
fn a_logging_filter_drops_what_it_says() {
    for (behavior, default, expected) in [("DROP", "KEEP", 0), ("KEEP", "DROP", 4)] {
        let world = World::new(PLAIN);
        let condition = json!({ "ActionCondition": { "Action": "BLOCK" } });
        let filter = json!({ "Behavior": behavior, "Requirement": "MEETS_ANY", "Conditions": [condition] });
        world.guard(&json!({ "LoggingFilter": { "Filters": [filter], "DefaultBehavior": default } }));
        world.fill(1..=1, &[(Outcome::WafBlocked, 4)]);
        assert_eq!(world.messages("aws-waf-logs-edge").len(), expected);
    }
}

#[test]
fn a_canary_has_an_execution_log_of_its_own() {
    let world = World::new(PLAIN);
    world.alter_stage(|stage| {
        stage.canary = Some(Canary {
            deployment_id: "abc123".to_owned(),
            percent_traffic: 10.0,
            stage_variable_overrides: std::collections::BTreeMap::new(),
            use_stage_cache: false,
        });
    });
    let group = format!("API-Gateway-Execution-Logs_{}/prod/Canary", world.api_id);
    world.fill(1..=1, &[(Outcome::TimedOut, 2)]);
    assert!(world.messages(&group).is_empty(), "none of the requests went to the canary");
    let stage = world.messages(group.trim_end_matches("/Canary"));
    assert!(!stage.is_empty());
    let key = RouteKey::Http { verb: "GET".to_owned(), path: "/orders".to_owned() };
    world.record_at(&world.api_id, key, true, &[(Outcome::TimedOut, 3)]);
    let timeouts = world.messages(&group).into_iter().filter(|message| message.ends_with("a timeout error"));
    assert_eq!(timeouts.count(), 3);
    assert_eq!(world.messages(group.trim_end_matches("/Canary")), stage);
}

#[test]
fn the_routers_function_tells_of_each_call() {
    let world = World::new(PLAIN);
    let router = world.logs.archive.look(|estate, _| estate.api_named("router").unwrap().id.clone());
    let key = RouteKey::Http { verb: "GET".to_owned(), path: "/route/{customerId}".to_owned() };
    let groups = world.logs.archive.groups();
    assert!(groups.contains_key("/aws/lambda/router-routeCustomer"), "{:?}", groups.keys());
    world.record_at(&router, key, false, &[(Outcome::CellFull, 3), (Outcome::CacheHit, 5)]);
    let messages = world.messages("/aws/lambda/router-routeCustomer");
    assert_eq!(messages.iter().filter(|message| message.starts_with("REPORT RequestId: ")).count(), 3);
    assert_eq!(messages.iter().filter(|message| message.contains("[WARN]")).count(), 3);
    assert!(world.messages("/aws/lambda/router-listCells").is_empty());
}

#[test]
fn a_websocket_api_logs_its_routes() {
    let world = World::new(PLAIN);
    let (id, group) = world.logs.archive.look(|estate, _| {
        let api = estate.apis_of(ApiKind::WebSocket).next().unwrap();
        (api.id.clone(), format!("/aws/apigateway/{}/prod", api.id))
    });
    world.record_at(&id, RouteKey::Named("$connect".to_owned()), false, &[(Outcome::AccessDenied, 2)]);
    let messages = world.messages(&group);
    let denied = messages.iter().filter(|message| message.contains("Gateway response type: ACCESS_DENIED"));
    assert_eq!(denied.count(), 2, "{messages:#?}");
}
