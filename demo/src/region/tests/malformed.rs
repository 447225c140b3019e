//! Nothing that a client sends makes the region fail.

use axum::body::Body;
use axum::http::{Method, Request};
use proptest::prelude::*;

use super::caller::{Caller, authorization, small};

const TARGETS: [&str; 4] = [
    "",
    "DynamoDB_20120810.PutItem",
    "GraniteServiceVersion20100801.GetMetricData",
    "GraniteServiceVersion20100801.PutMetricData",
];
const SERVICES: [&str; 4] = ["apigateway", "dynamodb", "monitoring", "sts"];
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
        (verb, path(), body, 0..TARGETS.len(), 0..SERVICES.len(), 0..CONTENT_TYPES.len(), any::<bool>());
    let config = ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let outcome = runner.run(&request, |(verb, path, body, target, service, content_type, smithy)| {
        let mut request = Request::builder()
            .method(verb)
            .uri(format!("{}{path}", caller.region.endpoint_url()))
            .header("authorization", authorization("eu-west-1", SERVICES[service]))
            .header("content-type", CONTENT_TYPES[content_type]);
        if !TARGETS[target].is_empty() {
            request = request.header("x-amz-target", TARGETS[target]);
        }
        if smithy {
            request = request.header("smithy-protocol", "rpc-v2-cbor");
        }
        // What is no HTTP request at all cannot be sent.
        let Ok(request) = request.body(Body::from(body)) else { return Ok(()) };
        let reply = runtime.block_on(caller.send(request));
        prop_assert!(reply.status.as_u16() < 500, "{} {:?}", reply.status, reply.body);
        prop_assert!(reply.headers.contains_key("x-amzn-requestid"));
        prop_assert!(reply.headers.contains_key("date"));
        Ok(())
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
    let config = ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let outcome = runner.run(&operation, |(op, patched, value)| {
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
