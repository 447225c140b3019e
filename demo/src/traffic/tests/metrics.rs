//! The metrics of the past and the present, as CloudWatch reads them.

use super::*;
use crate::estate::ApiKind;
use crate::metrics::as_weight;

fn count_of(name: &str) -> MetricKey {
    MetricKey::new("AWS/ApiGateway", "Count", [("ApiName", name), ("Stage", "prod")])
}

#[test]
fn series_of_the_past_are_those_of_its_flows() {
    let world = World::small(SEED);
    let minute = start().as_second() / 60;
    let stage = world.stage("cell-01-api");
    for ago in [1, 90, 179] {
        let flow = world.simulation.history().flow(&stage.0, &stage.1, minute - ago).unwrap();
        let read = |name: &str, statistic: &str| {
            let dimensions = [("ApiName", "cell-01-api"), ("Stage", "prod")];
            world.read(&MetricKey::new("AWS/ApiGateway", name, dimensions), statistic, -ago..1 - ago)
        };
        let tally = flow.tally(|_| true);
        assert!((read("Count", "Sum") - as_weight(tally.requests())).abs() < 1e-6);
        assert!((read("4XXError", "Sum") - as_weight(tally.all_4xx())).abs() < 1e-6);
        assert!((read("Latency", "p99") - flow.latency.percentile(99.0).unwrap()).abs() < 1e-6);
        assert!(
            (read("IntegrationLatency", "Average") * flow.integration_latency.count()
                - flow.integration_latency.sum())
            .abs()
                < 1e-3
        );
    }
}

#[test]
fn two_weeks_are_there_from_the_start_in_whatever_order_they_are_read() {
    let (one, other) = (World::small(SEED), World::small(SEED));
    let key = count_of("cell-01-api");
    let days: Vec<i64> = vec![14, 1, 7];
    let read = |world: &World, day: i64| world.read(&key, "Sum", -day * 1_440..-day * 1_440 + 60);
    let forwards: Vec<f64> = days.iter().map(|day| read(&one, *day)).collect();
    let mut backwards: Vec<f64> = days.iter().rev().map(|day| read(&other, *day)).collect();
    backwards.reverse();
    assert_eq!(forwards, backwards);
    assert!(forwards.iter().all(|hour| *hour > 0.0));
    assert!(one.read(&key, "Sum", -16 * 1_440..-15 * 1_440 - 60).abs() < 1e-9);
}

#[test]
fn metrics_are_listed_before_anything_happened() {
    let world = World::small(SEED);
    let minute = start().as_second() / 60;
    let listed = |namespace: &str| world.metrics.list(minute - 180, |key| key.namespace() == namespace);
    let gateway = listed("AWS/ApiGateway");
    for api in world.estate().apis.iter().filter(|api| api.kind == ApiKind::Rest) {
        assert!(gateway.contains(&count_of(&api.name)), "{}", api.name);
    }
    assert!(!listed("CellBasedArchitecture/ApiGateway").is_empty());
    let table = MetricKey::new("AWS/DynamoDB", "ConsumedReadCapacityUnits", [("TableName", "CellMappings")]);
    assert!(listed("AWS/DynamoDB").contains(&table));
    assert!(world.read(&table, "Sum", -60..0) > 0.0);
    assert!(!listed("AWS/Lambda").is_empty());
}
