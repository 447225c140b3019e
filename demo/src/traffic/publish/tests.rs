//! What is published, from the flows of the starting estate.

use jiff::Timestamp;

use super::*;
use crate::estate::seed::starting_estate;
use crate::estate::{ApiKind, RouteKey};
use crate::metrics::{Bins, MINUTE, MetricKey, Statistic, minute_of};
use crate::traffic::flow::MethodFlow;
use crate::traffic::profile::Profile;
use crate::traffic::roster;
use crate::traffic::tally::Tally;

fn now() -> Timestamp {
    "2026-11-20T12:30:00Z".parse().unwrap()
}

fn flow(requests: u64, errors: u64, detailed: bool) -> StageFlow {
    let key = RouteKey::Http { verb: "GET".to_owned(), path: "/orders/{id}".to_owned() };
    let mut latency = crate::metrics::Summary::default();
    latency.add(20.0, 1.0);
    let tally = Tally { succeeded: requests - errors, server_errors: errors, ..Tally::default() };
    let methods = vec![MethodFlow {
        profile: Profile::new(&key, 0, 7),
        key,
        detailed,
        latency: latency.clone(),
        integration_latency: latency.clone(),
        tally,
    }];
    StageFlow {
        methods,
        latency: latency.clone(),
        integration_latency: latency,
        bytes: 100 * requests,
        ..StageFlow::default()
    }
}

fn sum(metrics: &MetricStore, namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> Option<f64> {
    let end = (minute_of(now()) + 1) * MINUTE;
    let bins = Bins { start: end - 600, end, period: 600 };
    let key = MetricKey::new(namespace, name, dimensions.iter().copied());
    metrics.read(&key, None, Statistic::Sum, bins).first().map(|bin| bin.value)
}

#[test]
fn apis_of_one_name_fold_and_cells_stay_apart() {
    let estate = starting_estate(7, 4, 12, now());
    let metrics = Arc::new(MetricStore::new());
    let mut publisher = Publisher::new(Arc::clone(&metrics), &estate.cells[..1], 7);
    publisher.reporting = estate.cells.iter().map(|cell| cell.id.clone()).collect();
    let rest: Vec<&Api> = estate.apis_of(ApiKind::Rest).filter(|api| api.cell.is_some()).take(2).collect();
    let twin = Api { name: rest[0].name.clone(), ..rest[1].clone() };
    for (api, requests) in [(rest[0], 100), (&twin, 40)] {
        publisher.prepare(api, "prod");
        metrics.record(minute_of(now()), |recorder| {
            publisher.write(recorder, api, "prod", &flow(requests, 4, true), false);
        });
    }
    let name = rest[0].name.as_str();
    let gateway =
        |metric: &str, dimensions: &[(&str, &str)]| sum(&metrics, "AWS/ApiGateway", metric, dimensions);
    assert_eq!(gateway("Count", &[("ApiName", name)]), Some(140.0));
    assert_eq!(gateway("5XXError", &[("ApiName", name), ("Stage", "prod")]), Some(8.0));
    let method = [("ApiName", name), ("Stage", "prod"), ("Resource", "/orders/{id}"), ("Method", "GET")];
    assert_eq!(gateway("Count", &method), Some(140.0));
    assert_eq!(gateway("CacheHitCount", &[("ApiName", name)]), None);
    let cell = |api: &Api| {
        let cell = api.cell.clone().unwrap();
        sum(&metrics, "CellBasedArchitecture/ApiGateway", "RequestCount", &[("CellId", &cell)])
    };
    assert_eq!((cell(rest[0]), cell(&twin)), (Some(100.0), Some(40.0)));
}

#[test]
fn the_router_shows_in_lambda_and_dynamodb() {
    let estate = starting_estate(7, 4, 30, now());
    let metrics = Arc::new(MetricStore::new());
    let mut publisher = Publisher::new(Arc::clone(&metrics), &estate.cells, 7);
    let router = estate.apis.iter().find(|api| roster::is_router(api)).unwrap();
    publisher.prepare(router, "prod");
    let asked = RouterFlow { invocations: 60, reads: 50, throttled_reads: 10 };
    metrics.record(minute_of(now()), |recorder| {
        publisher.write_router(recorder, (router, "prod"), &flow(60, 0, false), asked);
        Publisher::write_table(recorder, 3);
    });
    let table = |metric: &str, operation: &[(&str, &str)]| {
        let dimensions = [&[("TableName", "CellMappings")], operation].concat();
        sum(&metrics, "AWS/DynamoDB", metric, &dimensions)
    };
    assert_eq!(table("ConsumedReadCapacityUnits", &[]), Some(25.0));
    assert_eq!(table("ConsumedWriteCapacityUnits", &[]), Some(3.0));
    assert_eq!(table("ReadThrottleEvents", &[]), Some(10.0));
    assert_eq!(table("ThrottledRequests", &[("Operation", "GetItem")]), Some(10.0));
    let functions = metrics.list(0, |key| key.namespace() == "AWS/Lambda" && key.name() == "Invocations");
    assert_eq!(functions.len(), 1);
    let name = functions[0].dimensions()[0].1.as_str();
    assert_eq!(sum(&metrics, "AWS/Lambda", "Invocations", &[("FunctionName", name)]), Some(60.0));
}
