//! Nothing that a client sends makes the region fail.

use axum::body::Body;
use axum::http::{Method, Request};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use super::caller::{Caller, Reply, authorization, small};
use crate::operations;

/// The prefixes of the services that are called by target.
const TARGETS: [(&str, &str, &str); 4] = [
    ("dynamodb", "dynamodb", "DynamoDB_20120810"),
    ("cloudwatch", "monitoring", "GraniteServiceVersion20100801"),
    ("logs", "logs", "Logs_20140328"),
    ("wafv2", "wafv2", "AWSWAF_20190729"),
];
const SERVICES: [&str; 6] = ["apigateway", "dynamodb", "monitoring", "sts", "logs", "wafv2"];
const CONTENT_TYPES: [&str; 4] = [
    "application/json",
    "application/x-amz-json-1.0",
    "application/cbor",
    "application/x-www-form-urlencoded",
];

/// Paths near those that exist, and quite other ones.
fn path() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        Just("restapis".to_owned()),
        Just("v2".to_owned()),
        Just("apis".to_owned()),
        Just("stages".to_owned()),
        Just("cache".to_owned()),
        Just("tags".to_owned()),
        Just("usageplans".to_owned()),
        Just("service/GraniteServiceVersion20100801/operation/GetMetricData".to_owned()),
        "[a-zA-Z0-9%~$._-]{0,8}",
    ];
    (prop::collection::vec(segment, 0..5), "([?][a-z=&%0-9]{0,12})?")
        .prop_map(|(segments, query)| format!("/{}{query}", segments.join("/")))
}

/// How many requests each test tries: a few hundred, or `CELLGATE_DEMO_FUZZ_CASES` for a longer run, which then draws
/// other ones each time.
fn runner(usual: u32) -> TestRunner {
    let asked = std::env::var("CELLGATE_DEMO_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = ProptestConfig {
        cases: asked.unwrap_or(usual),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    match asked {
        Some(_) => TestRunner::new(config),
        None => TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha)),
    }
}

/// Whether a refusal has the shape of one of AWS's protocols.
fn is_aws_error(reply: &Reply) -> bool {
    let text = String::from_utf8_lossy(&reply.body);
    let json = || serde_json::from_slice::<serde_json::Value>(&reply.body).is_ok_and(|value| value["__type"].is_string());
    let cbor = || {
        let value = ciborium::from_reader::<ciborium::Value, _>(reply.body.as_ref());
        let keys = value.ok().and_then(|value| value.into_map().ok()).unwrap_or_default();
        keys.iter().any(|(key, _)| key.as_text() == Some("__type"))
    };
    reply.headers.contains_key("x-amzn-errortype") || text.contains("<ErrorResponse") || json() || cbor()
}

/// What must hold of every answer.
fn proper(reply: &Reply) -> Result<(), TestCaseError> {
    prop_assert!(reply.status.as_u16() < 500, "{} {:?}", reply.status, reply.body);
    prop_assert!(reply.status.is_success() || is_aws_error(reply), "{} {:?}", reply.status, reply.body);
    prop_assert!(reply.headers.contains_key("x-amzn-requestid"));
    prop_assert!(reply.headers.contains_key("date"));
    Ok(())
}

/// JSON of any shape, with the names of members that operations look at.
fn document() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::{Value, json};
    let name = prop::sample::select(vec![
        "TableName", "Key", "Item", "RequestItems", "TransactItems", "Statement", "logGroupName", "filterPattern",
        "startTime", "endTime", "nextToken", "limit", "queryString", "Name", "Scope", "Id", "LockToken", "Rules",
        "ResourceArn", "WebAclArn", "TimeWindow", "MaxItems", "MetricDataQueries", "StartTime", "EndTime", "Statistics",
        "Namespace", "MetricName", "Dimensions", "Period", "AlarmNames", "S", "CustomerId",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        ".{0,12}".prop_map(Value::from),
        Just(json!("CellMappings")),
        Just(json!("REGIONAL")),
        Just(json!("2026-11-20T12:00:00Z")),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..6)
                .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

#[test]
fn any_document_is_answered_by_every_operation_that_is_called_by_target() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let caller = runtime.block_on(Caller::start(small()));
    let targets: Vec<(&str, String)> = operations()
        .into_iter()
        .filter_map(|(service, operation)| {
            let (_, signing, prefix) = TARGETS.iter().find(|(name, ..)| *name == service)?;
            // Live Tail answers without end.
            (operation != "StartLiveTail").then(|| (*signing, format!("{prefix}.{operation}")))
        })
        .collect();
    let request = (prop::sample::select(targets), document());
    let outcome = runner(400).run(&request, |((service, target), document)| {
        proper(&runtime.block_on(caller.target(service, &target, &document.to_string())))
    });
    outcome.unwrap();
}

#[test]
fn any_form_is_answered_by_the_query_protocol() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let caller = runtime.block_on(Caller::start(small()));
    let service = prop::sample::select(vec!["sts", "monitoring"]);
    let action = prop::sample::select(vec![
        "AssumeRole", "GetCallerIdentity", "GetSessionToken", "GetAccessKeyInfo", "GetMetricData", "ListMetrics",
        "DescribeAlarms", "PutMetricData", "GetMetricStatistics",
    ]);
    let parameter = (
        "(RoleArn|RoleSessionName|DurationSeconds|AccessKeyId|StartTime|MetricDataQueries[.]member[.]1[.]Id|[A-Za-z.]{0,9})",
        ".{0,16}",
    );
    let request = (service, action, prop::collection::vec(parameter, 0..5));
    let outcome = runner(200).run(&request, |(service, action, parameters)| {
        let mut form = form_urlencoded::Serializer::new(format!("Action={action}&"));
        form.extend_pairs(parameters);
        let request = Request::post(caller.region.endpoint_url() + "/")
            .header("authorization", authorization("eu-west-1", service))
            .header("x-amz-date", "20261120T120000Z")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.finish()))
            .unwrap();
        proper(&runtime.block_on(caller.send(request)))
    });
    outcome.unwrap();
}

#[test]
fn any_bytes_are_answered_by_cbor() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let caller = runtime.block_on(Caller::start(small()));
    let operation = prop::sample::select(vec![
        "GetMetricData", "GetMetricStatistics", "ListMetrics", "PutMetricData", "DescribeAlarms", "Nothing", "",
    ]);
    let encoded = document().prop_map(|document| {
        let mut bytes = Vec::new();
        ciborium::into_writer(&document, &mut bytes).unwrap();
        bytes
    });
    let body = prop_oneof![encoded, prop::collection::vec(any::<u8>(), 0..64)];
    let outcome = runner(200).run(&(operation, body), |(operation, body)| {
        let path = format!("/service/GraniteServiceVersion20100801/operation/{operation}");
        let request = Request::post(caller.region.endpoint_url() + &path)
            .header("authorization", authorization("eu-west-1", "monitoring"))
            .header("x-amz-date", "20261120T120000Z")
            .header("smithy-protocol", "rpc-v2-cbor")
            .header("content-type", "application/cbor")
            .body(Body::from(body))
            .unwrap();
        proper(&runtime.block_on(caller.send(request)))
    });
    outcome.unwrap();
}

#[test]
fn any_request_gets_a_proper_answer() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let caller = runtime.block_on(Caller::start(small()));
    let verb =
        prop::sample::select(vec![Method::GET, Method::POST, Method::PATCH, Method::DELETE, Method::PUT]);
    let body = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..64),
        r#"[{]"[a-z]{1,8}": ?([0-9-]{1,9}|"[^"]{0,9}"|\[|null)[}]?"#.prop_map(String::into_bytes),
        "Action=[A-Za-z&=%]{0,20}".prop_map(String::into_bytes),
    ];
    let request =
        (verb, path(), body, 0..=TARGETS.len(), 0..SERVICES.len(), 0..CONTENT_TYPES.len(), any::<bool>());
    let outcome = runner(300).run(&request, |(verb, path, body, target, service, content_type, smithy)| {
        let mut request = Request::builder()
            .method(verb)
            .uri(format!("{}{path}", caller.region.endpoint_url()))
            .header("authorization", authorization("eu-west-1", SERVICES[service]))
            .header("content-type", CONTENT_TYPES[content_type]);
        if let Some((_, _, prefix)) = TARGETS.get(target) {
            request = request.header("x-amz-target", format!("{prefix}.Get"));
        }
        if smithy {
            request = request.header("smithy-protocol", "rpc-v2-cbor");
        }
        // What is no HTTP request at all cannot be sent.
        let Ok(request) = request.body(Body::from(body)) else { return Ok(()) };
        proper(&runtime.block_on(caller.send(request)))
    });
    outcome.unwrap();
}

#[test]
fn any_patch_is_carried_out_or_refused() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let caller = runtime.block_on(Caller::start(small()));
    let path = format!("/restapis/{}/stages/prod", caller.api_id("cell-01-api"));
    let operation = (
        prop::sample::select(vec!["replace", "remove", "add", "copy", ""]),
        prop_oneof![
            r"/([*]|~1[a-z]{1,6}|[a-z]{0,4})/([*]|GET|[A-Z]{0,4})/(throttling/(rateLimit|burstLimit)|caching/(enabled|ttlInSeconds))",
            "/(deploymentId|description|variables|cacheClusterSize|cacheClusterEnabled)(/[a-zA-Z_~/]{0,6})?",
            ".{0,16}",
        ],
        prop_oneof!["[0-9.e+-]{0,8}", "(true|false|NaN|inf|null)", ".{0,12}"],
    );
    let outcome = runner(200).run(&operation, |(op, patched, value)| {
        let document =
            serde_json::json!({ "patchOperations": [{ "op": op, "path": patched, "value": value }] });
        let reply = runtime.block_on(caller.rest(Method::PATCH, &path, &document.to_string()));
        prop_assert!([200, 400].contains(&reply.status.as_u16()), "{} {:?}", reply.status, reply.body);
        // What was accepted must read as the document that it was answered with.
        let read = runtime.block_on(caller.get(&path));
        prop_assert!(reply.status != 200 || reply.json() == read);
        Ok(())
    });
    outcome.unwrap();
}
