//! The service from request to response, in each protocol.

use std::sync::{Arc, RwLock};

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::value::Value;
use super::{CloudWatch, OPERATIONS, cbor, json};
use crate::clock::Clock;
use crate::estate::{Cell, Estate, Throttle};
use crate::metrics::{MINUTE, MetricKey, MetricStore, minute_of};

fn now() -> Timestamp {
    "2026-11-20T12:30:20Z".parse().unwrap()
}

/// A service with one REST API's metrics over the last hour: 100 requests a minute, and one in ten minutes with
/// an error.
fn service() -> CloudWatch {
    let metrics = Arc::new(MetricStore::new());
    let key = |name: &str| MetricKey::new("AWS/ApiGateway", name, [("ApiName", "cell-01-api")]);
    let count = metrics.series(&key("Count"), Some("Count"));
    let errors = metrics.series(&key("5XXError"), Some("Count"));
    let last = minute_of(now());
    for minute in last - 60..last {
        metrics.record(minute, |recorder| {
            recorder.at(count).add(1.0, 100.0);
            if minute % 10 == 0 {
                recorder.at(errors).add_rate(1, 100);
            }
        });
    }
    let estate = Estate {
        account_id: "123456789012".to_owned(),
        region: "eu-west-1".to_owned(),
        account_throttle: Throttle { rate: 10_000.0, burst: 5_000 },
        cloudwatch_role_arn: None,
        cells: vec![Cell { id: "cell-01".to_owned(), capacity_rps: 100.0 }],
        apis: Vec::new(),
        usage_plans: Vec::new(),
        api_keys: Vec::new(),
        zeroes_partial_route_settings: true,
        usage: Arc::default(),
        waf: crate::estate::Waf::default(),
        log_groups: Vec::new(),
        domain_names: Vec::new(),
        vpc_links: Vec::new(),
        client_certificates: Vec::new(),
        dashboards: Vec::new(),
    };
    CloudWatch::new(Arc::new(RwLock::new(estate)), metrics, Clock::manual(now()))
}

fn head(builder: axum::http::request::Builder) -> Parts {
    builder.method("POST").body(()).unwrap().into_parts().0
}

fn cbor_head(operation: &str) -> Parts {
    let uri = format!("/service/GraniteServiceVersion20100801/operation/{operation}");
    head(Request::builder().uri(uri).header("smithy-protocol", "rpc-v2-cbor"))
}

fn json_head(operation: &str) -> Parts {
    let target = format!("GraniteServiceVersion20100801.{operation}");
    head(Request::builder().uri("/").header("x-amz-target", target))
}

fn body_of(response: Response) -> Bytes {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(axum::body::to_bytes(response.into_body(), usize::MAX)).unwrap()
}

/// The answer to a request in CBOR.
fn call(operation: &str, input: Value) -> (StatusCode, Value) {
    let response = service().handle(&cbor_head(operation), &cbor::write(input).into(), "id-1");
    (response.status(), cbor::read(&body_of(response)).unwrap())
}

fn member<'a>(value: &'a Value, name: &str) -> &'a Value {
    let Value::Structure(members) = value else { panic!("{value:?} is no structure") };
    members.get(name).unwrap_or_else(|| panic!("no {name} in {value:?}"))
}

fn first<'a>(value: &'a Value, name: &str) -> &'a Value {
    let Value::List(items) = member(value, name) else { panic!("{name} is no list") };
    &items[0]
}

fn metric(id: &str, name: &str, statistic: &str) -> Value {
    let dimension = Value::structure([("Name", "ApiName".into()), ("Value", "cell-01-api".into())]);
    let metric = Value::structure([
        ("Namespace", "AWS/ApiGateway".into()),
        ("MetricName", name.into()),
        ("Dimensions", Value::list([dimension])),
    ]);
    let stat = Value::structure([("Metric", metric), ("Period", 60_i64.into()), ("Stat", statistic.into())]);
    Value::structure([("Id", id.into()), ("MetricStat", stat)])
}

fn expression(id: &str, text: &str) -> Value {
    Value::structure([("Id", id.into()), ("Expression", text.into())])
}

fn metric_data(queries: Vec<Value>) -> Value {
    Value::structure([
        ("MetricDataQueries", Value::List(queries)),
        ("StartTime", (now() - SignedDuration::from_mins(20)).into()),
        ("EndTime", now().into()),
    ])
}

fn values(result: &Value) -> Vec<f64> {
    let Value::List(values) = member(result, "Values") else { panic!("no list") };
    values
        .iter()
        .map(|value| if let Value::Double(number) = value { *number } else { panic!("{value:?}") })
        .collect()
}

#[test]
fn points_are_stamped_with_their_minute_and_come_newest_first() {
    let (status, answer) = call("GetMetricData", metric_data(vec![metric("m", "Count", "Sum")]));
    assert_eq!(status, StatusCode::OK);
    let result = first(&answer, "MetricDataResults");
    let Value::List(times) = member(result, "Timestamps") else { panic!("no list") };
    assert_eq!(times.len(), 20);
    assert_eq!(times[0], Value::Time("2026-11-20T12:29:00Z".parse().unwrap()));
    assert_eq!(times[19], Value::Time("2026-11-20T12:10:00Z".parse().unwrap()));
    assert_eq!(values(result), [100.0; 20]);
    assert_eq!(member(result, "StatusCode"), &Value::from("Complete"));
}

#[test]
fn expressions_use_each_other_in_any_order() {
    let queries = vec![
        expression("rate", "100 * filled / n"),
        metric("n", "Count", "Sum"),
        expression("filled", "FILL(e, 0)"),
        metric("e", "5XXError", "Sum"),
    ];
    let (_, answer) = call("GetMetricData", metric_data(queries));
    let rates = values(first(&answer, "MetricDataResults"));
    assert_eq!(rates.len(), 20);
    assert!((rates.iter().sum::<f64>() - 2.0).abs() < 1e-9, "{rates:?}");
}

#[test]
fn expressions_that_cannot_be_worked_out_are_refused() {
    for text in [
        "a",
        "b + 1",
        "SUM(nothing)",
        "FILL(m)",
        "1 +",
        "METRICS(m)",
        "IF(m)",
        "SORT(m, AVG, ASC)",
        "SLICE(METRICS(), 0.5)",
        "SEARCH('{', 'Sum')",
        "SEARCH('cell', 'Most')",
        "ANOMALY_DETECTION_BAND(m, 2)",
    ] {
        let queries = vec![expression("a", text), expression("b", "a * 2"), metric("m", "Count", "Sum")];
        let (status, answer) = call("GetMetricData", metric_data(queries));
        assert_eq!(status, StatusCode::BAD_REQUEST, "{text}");
        let Value::Text(message) = member(&answer, "message") else { panic!("no message") };
        assert!(message.starts_with("Error in expression 'a': "), "{message}");
    }
}

#[test]
fn conditions_choose_and_compare_point_by_point() {
    let queries = vec![
        metric("e", "5XXError", "Sum"),
        metric("n", "Count", "Sum"),
        expression("bad", "IF(FILL(e, 0) > 0 AND n >= 100, 1, 0)"),
        expression("running", "RUNNING_SUM(bad)"),
        expression("only", "IF(e, n)"),
    ];
    let (status, answer) = call("GetMetricData", metric_data(queries));
    assert_eq!(status, StatusCode::OK, "{answer:?}");
    let Value::List(results) = member(&answer, "MetricDataResults") else { panic!("no list") };
    assert!((values(&results[2]).iter().sum::<f64>() - 2.0).abs() < 1e-9);
    assert_eq!(values(&results[3]).first(), Some(&2.0));
    assert_eq!(values(&results[4]), [100.0, 100.0]);
}

#[test]
fn a_search_finds_series_with_labels_of_their_own() {
    let text = "SEARCH('{AWS/ApiGateway,ApiName} (Count OR error)', 'Sum', 60)";
    let search = expression("s", text).with("Label", "${PROP('Dim.ApiName')} ${PROP('MetricName')} ${SUM}");
    let sorted = expression("top", &format!("SLICE(SORT({text}, SUM, DESC), 0, 1)"));
    let (status, answer) = call("GetMetricData", metric_data(vec![search, sorted]));
    assert_eq!(status, StatusCode::OK, "{answer:?}");
    let Value::List(results) = member(&answer, "MetricDataResults") else { panic!("no list") };
    let labels: Vec<&Value> = results.iter().map(|result| member(result, "Label")).collect();
    let expected = ["cell-01-api 5XXError 2", "cell-01-api Count 2000", "cell-01-api Count"];
    assert_eq!(labels, expected.map(Value::from).iter().collect::<Vec<_>>());
}

#[test]
fn pages_hold_every_point_once() {
    let queries = || metric_data(vec![metric("m", "Count", "Sum"), metric("e", "5XXError", "Average")]);
    let mut points = 0;
    let mut pages = 0;
    let mut token: Option<Value> = None;
    loop {
        let request = queries().with("MaxDatapoints", 8_i64).with_optional("NextToken", token);
        let (status, answer) = call("GetMetricData", request);
        assert_eq!(status, StatusCode::OK);
        let Value::List(results) = member(&answer, "MetricDataResults") else { panic!("no list") };
        points += results.iter().map(|result| values(result).len()).sum::<usize>();
        pages += 1;
        let Value::Structure(members) = &answer else { panic!("no structure") };
        token = members.get("NextToken").cloned();
        if token.is_none() {
            break;
        }
    }
    assert_eq!((points, pages), (22, 3));
    let foreign = metric_data(vec![metric("m", "Count", "Sum")]).with("NextToken", "0-1");
    let (_, answer) = call("GetMetricData", foreign);
    assert_eq!(member(&answer, "__type"), &Value::from("com.amazonaws.cloudwatch#InvalidNextToken"));
}

#[test]
fn illegal_requests_get_awss_words() {
    let illegal = [
        (
            metric_data(vec![metric("5xx", "Count", "Sum")]),
            "The value 5xx for parameter MetricDataQueries.member.1.Id is not matching the expected pattern \
             ^[a-z][a-zA-Z0-9_]*$.",
        ),
        (
            metric_data(vec![metric("m", "Count", "Sum"); 501]),
            "The collection MetricDataQueries must not have a size greater than 500.",
        ),
        (
            metric_data(vec![metric("m", "Count", "Sum"); 2]),
            "The values for parameter id in MetricDataQueries are not unique.",
        ),
        (
            metric_data(vec![metric("m", "Count", "Sum")])
                .with("EndTime", now() - SignedDuration::from_hours(1)),
            "The parameter EndTime must be greater than StartTime.",
        ),
        (metric_data(Vec::new()), "The parameter MetricDataQueries is required."),
    ];
    for (request, words) in illegal {
        let (status, answer) = call("GetMetricData", request);
        assert_eq!((status, member(&answer, "message")), (StatusCode::BAD_REQUEST, &Value::from(words)));
    }
}

#[test]
fn both_typed_protocols_give_the_same_answer() {
    let input = metric_data(vec![metric("m", "Count", "Sum")]);
    let service = service();
    let in_json = service.handle(&json_head("GetMetricData"), &json::write(input.clone()).into(), "id-1");
    assert_eq!(in_json.headers()["content-type"], "application/x-amz-json-1.0");
    assert_eq!(in_json.headers()["x-amzn-requestid"], "id-1");
    let in_cbor = service.handle(&cbor_head("GetMetricData"), &cbor::write(input).into(), "id-2");
    assert_eq!(in_cbor.headers()["content-type"], "application/cbor");
    assert_eq!(in_cbor.headers()["smithy-protocol"], "rpc-v2-cbor");
    let in_json = json::read(&body_of(in_json)).unwrap();
    let in_cbor = json::read(&json::write(cbor::read(&body_of(in_cbor)).unwrap())).unwrap();
    assert_eq!(in_json, in_cbor);
}

#[test]
fn a_query_is_answered_in_xml() {
    let form = "Action=ListMetrics&Version=2010-08-01&MetricName=Count";
    let response = service().handle(&head(Request::builder().uri("/")), &form.into(), "id-1");
    assert_eq!(response.headers()["content-type"], "text/xml");
    let xml = String::from_utf8(body_of(response).to_vec()).unwrap();
    assert!(xml.contains("<MetricName>Count</MetricName>"), "{xml}");
    assert!(xml.contains("<RequestId>id-1</RequestId>"), "{xml}");
}

#[test]
fn errors_carry_type_and_old_code() {
    let response = service().handle(&cbor_head("PutInsightRule"), &Bytes::new(), "id-1");
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(response.headers()["x-amzn-query-error"], "UnknownOperationException;Sender");
    let answer = cbor::read(&body_of(response)).unwrap();
    let expected = Value::from("com.amazon.coral.service#UnknownOperationException");
    assert_eq!(member(&answer, "__type"), &expected);
}

#[test]
fn custom_metrics_are_stored_and_served() {
    let service = service();
    let datum = Value::structure([
        ("MetricName", "Depth".into()),
        ("Values", Value::list([1.0, 2.0])),
        ("Counts", Value::list([3.0, 1.0])),
    ]);
    let put = Value::structure([("Namespace", "Mine".into()), ("MetricData", Value::list([datum]))]);
    let response = service.handle(&cbor_head("PutMetricData"), &cbor::write(put).into(), "id-1");
    assert_eq!(response.status(), StatusCode::OK);
    let get = Value::structure([
        ("Namespace", "Mine".into()),
        ("MetricName", "Depth".into()),
        ("StartTime", (now() - SignedDuration::from_mins(5)).into()),
        ("EndTime", (now() + SignedDuration::from_mins(1)).into()),
        ("Period", MINUTE.into()),
        ("Statistics", Value::list(["Sum", "SampleCount", "Maximum"])),
    ]);
    let response = service.handle(&json_head("GetMetricStatistics"), &json::write(get).into(), "id-2");
    let answer = json::read(&body_of(response)).unwrap();
    let point = first(&answer, "Datapoints");
    assert_eq!(member(point, "Sum"), &Value::Double(5.0));
    assert_eq!(member(point, "SampleCount"), &Value::Double(4.0));
}

#[test]
fn metrics_are_listed_by_the_five_hundred() {
    let service = service();
    for number in 0..620 {
        let key =
            MetricKey::new("Many", "Depth", [("Queue", format!("q-{number:03}")), ("Zone", "a".to_owned())]);
        let id = service.metrics.series(&key, None);
        service.metrics.record(minute_of(now()), |recorder| recorder.at(id).add(1.0, 1.0));
    }
    let list = |input: Value| {
        let response = service.handle(&cbor_head("ListMetrics"), &cbor::write(input).into(), "id-1");
        let answer = cbor::read(&body_of(response)).unwrap();
        let Value::Structure(mut members) = answer else { panic!("no structure") };
        let Some(Value::List(metrics)) = members.remove("Metrics") else { panic!("no list") };
        (metrics.len(), members.remove("NextToken"))
    };
    let namespace = || Value::structure([("Namespace", "Many".into())]);
    let (count, token) = list(namespace());
    assert_eq!(count, 500);
    assert_eq!(list(namespace().with_optional("NextToken", token)), (120, None));
    let filter = |name: &str, value: &str| {
        let dimension = Value::structure([("Name", name.into()), ("Value", value.into())]);
        list(Value::structure([("Dimensions", Value::list([dimension]))])).0
    };
    assert_eq!(
        (filter("Queue", "q-007"), filter("Queue", "none"), filter("ApiName", "cell-01-api")),
        (1, 0, 2)
    );
}

#[test]
fn compressed_bodies_are_read_and_bombs_refused() {
    let pack = |plain: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, plain).unwrap();
        Bytes::from(encoder.finish().unwrap())
    };
    let mut head = cbor_head("ListMetrics");
    head.headers.insert("content-encoding", "gzip".parse().unwrap());
    let plain = cbor::write(Value::structure([]));
    assert_eq!(service().handle(&head, &pack(&plain), "id-1").status(), StatusCode::OK);
    let bomb = pack(&vec![0_u8; 64 * 1024 * 1024]);
    assert_eq!(service().handle(&head, &bomb, "id-1").status(), StatusCode::BAD_REQUEST);
    assert_eq!(service().handle(&head, &Bytes::from(plain), "id-1").status(), StatusCode::BAD_REQUEST);
}

/// Any value that a body can hold, with names that mean something now and then.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Boolean),
        any::<i64>().prop_map(Value::Integer),
        any::<f64>().prop_map(Value::Double),
        "[a-zA-Z/*+() 0-9]{0,12}".prop_map(Value::Text),
        (0_i64..4_000_000_000).prop_map(|second| Value::Time(Timestamp::from_second(second).unwrap())),
    ];
    let name = prop_oneof![
        "[A-Z][a-z]{0,4}",
        prop::sample::select(vec![
            "MetricDataQueries",
            "Id",
            "Expression",
            "MetricStat",
            "Metric",
            "Namespace",
            "MetricName",
            "Dimensions",
            "Name",
            "Value",
            "Period",
            "Stat",
            "StartTime",
            "EndTime",
            "MetricData",
            "Values",
            "Counts",
            "Timestamp",
            "Statistics",
            "NextToken",
            "MaxDatapoints",
            "AlarmNames",
            "MaxRecords",
            "AlarmName",
            "AlarmRule",
            "Metrics",
            "Threshold",
            "EvaluationPeriods",
            "ResourceARN",
            "Tags",
            "Label",
            "StateValue",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
            prop::collection::btree_map(name.clone(), inner, 0..8).prop_map(Value::Structure),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_get_an_answer(body in prop::collection::vec(any::<u8>(), 0..200), operation in 0..OPERATIONS.len()) {
        let service = service();
        let body = Bytes::from(body);
        let heads = [
            cbor_head(OPERATIONS[operation]),
            json_head(OPERATIONS[operation]),
            head(Request::builder().uri("/")),
        ];
        for head in heads {
            let status = service.handle(&head, &body, "id-1").status();
            prop_assert!(status.is_success() || status.is_client_error());
        }
    }

    #[test]
    fn any_value_gets_an_answer(input in any_value(), operation in 0..OPERATIONS.len()) {
        let service = service();
        let operation = OPERATIONS[operation];
        let status = service.handle(&cbor_head(operation), &cbor::write(input.clone()).into(), "id-1").status();
        prop_assert!(status.is_success() || status.is_client_error());
        let status = service.handle(&json_head(operation), &json::write(input).into(), "id-1").status();
        prop_assert!(status.is_success() || status.is_client_error());
    }

    #[test]
    fn a_request_with_wrong_bytes_gets_an_answer(
        changes in prop::collection::vec((0_usize..2_000, any::<u8>()), 1..4),
        in_json: bool,
    ) {
        let queries = vec![
            metric("m", "Count", "p99"),
            expression("filled", "FILL(m, LINEAR) + 0 * SUM(METRICS())"),
        ];
        let request = metric_data(queries).with("MaxDatapoints", 7_i64).with("ScanBy", "TimestampAscending");
        let (head, mut body) = if in_json {
            (json_head("GetMetricData"), json::write(request))
        } else {
            (cbor_head("GetMetricData"), cbor::write(request))
        };
        for (place, byte) in changes {
            let place = place % body.len();
            body[place] = byte;
        }
        let status = service().handle(&head, &Bytes::from(body), "id-1").status();
        prop_assert!(status.is_success() || status.is_client_error());
    }

    #[test]
    fn a_body_cut_short_is_refused(cut in 1_usize..100) {
        let body = cbor::write(metric_data(vec![metric("m", "Count", "Sum")]));
        let body = Bytes::from(body[..body.len().saturating_sub(cut).max(1)].to_vec());
        let response = service().handle(&cbor_head("GetMetricData"), &body, "id-1");
        prop_assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }
}
