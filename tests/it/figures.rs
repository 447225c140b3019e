//! The numbers on screen are CloudWatch's: boto3 reads the same for the same minute.

use std::time::{Duration, Instant};

use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;
use cellgate_demo::estate::{Api, ApiKind, Estate};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::support::binary::{RunningCellgate, cellgate};
use crate::support::home::Home;
use crate::support::referee::boto3;
use crate::support::region::Region;

/// A query for one minute's value of one metric.
fn query(id: &str, namespace: &str, metric: &str, dimensions: &[(&str, &str)], statistic: &str) -> Value {
    let dimensions: Vec<Value> =
        dimensions.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    json!({
        "Id": id,
        "MetricStat": {
            "Metric": { "Namespace": namespace, "MetricName": metric, "Dimensions": dimensions },
            "Period": 60,
            "Stat": statistic,
        },
    })
}

/// AWS: "API Gateway dimensions and metrics", by kind: requests, errors of the backend, latency.
fn metric_names(kind: ApiKind) -> [&'static str; 3] {
    match kind {
        ApiKind::Rest => ["Count", "5XXError", "Latency"],
        ApiKind::Http => ["Count", "5xx", "Latency"],
        ApiKind::WebSocket => ["MessageCount", "ExecutionError", "IntegrationLatency"],
    }
}

/// AWS: REST APIs are keyed by name, the others by id.
fn dimension(api: &Api) -> (&'static str, &str) {
    match api.kind {
        ApiKind::Rest => ("ApiName", &api.name),
        ApiKind::Http | ApiKind::WebSocket => ("ApiId", &api.id),
    }
}

/// What boto3 reads of every cell for one minute, asked in one go.
struct Minute {
    points: Map<String, Value>,
    estate: Estate,
}

impl Minute {
    fn read(region: &Region, minute: Timestamp) -> Self {
        let estate = region.estate();
        let mut queries = Vec::new();
        for (index, api) in estate.apis.iter().enumerate() {
            let [requests, errors, latency] = metric_names(api.kind);
            let namespace = "AWS/ApiGateway";
            queries.push(query(&format!("r{index}"), namespace, requests, &[dimension(api)], "Sum"));
            queries.push(query(&format!("e{index}"), namespace, errors, &[dimension(api)], "Sum"));
            queries.push(query(&format!("p{index}"), namespace, latency, &[dimension(api)], "p99"));
        }
        for (index, cell) in estate.cells.iter().enumerate() {
            let dimensions = [("CellId", cell.id.as_str())];
            queries.push(query(
                &format!("c{index}"),
                "CellBasedArchitecture/ApiGateway",
                "Latency",
                &dimensions,
                "p99",
            ));
        }
        let end = minute + SignedDuration::from_mins(1);
        let asked = json!({ "start": minute.to_string(), "end": end.to_string(), "queries": queries });
        let Value::Object(points) = boto3("metric_data.py", &[&region.endpoint_url()], &asked) else {
            panic!("boto3 gave no points");
        };
        Self { points, estate }
    }

    fn value(&self, id: &str) -> Option<f64> {
        let points = self.points[id].as_array().expect("a list of points");
        assert!(points.len() <= 1, "{id}: more than one point in a minute: {points:?}");
        points.first().map(|point| point[1].as_f64().expect("a number"))
    }

    fn of_apis<'a>(&'a self, cell: &'a str, figure: char) -> impl Iterator<Item = f64> + 'a {
        let apis = self.estate.apis.iter().enumerate();
        apis.filter(move |(_, api)| api.cell.as_deref() == Some(cell))
            .filter_map(move |(index, _)| self.value(&format!("{figure}{index}")))
    }

    fn requests(&self, cell: &str) -> f64 {
        self.of_apis(cell, 'r').sum()
    }

    fn errors(&self, cell: &str) -> f64 {
        self.of_apis(cell, 'e').sum()
    }

    /// The cell's own metric, else the worst of its APIs.
    fn p99(&self, cell: &str) -> f64 {
        let index =
            self.estate.cells.iter().position(|known| known.id == cell).expect("a cell of the estate");
        self.value(&format!("c{index}")).unwrap_or_else(|| self.of_apis(cell, 'p').fold(0.0, f64::max))
    }
}

fn assert_equal(what: &str, shown: &Value, read: f64) {
    let shown =
        shown.as_f64().unwrap_or_else(|| panic!("{what}: cellgate shows {shown}, boto3 reads {read}"));
    assert!((shown - read).abs() <= 1e-9 * read.abs(), "{what}: cellgate shows {shown}, boto3 reads {read}");
}

#[test]
fn the_fleet_shows_what_boto3_reads_for_the_same_minute() {
    let region = Region::on_the_wall_clock();
    let home = Home::new();
    let rows =
        cellgate(&home, ["get", "cells", "-o", "json", "--endpoint-url", &region.endpoint_url()]).json();
    let rows = rows.as_array().expect("a list of cells");
    assert_eq!(rows.len(), 12);
    let minute = rows[0]["minute"].as_str().and_then(|minute| minute.parse().ok()).expect("a minute");
    let read = Minute::read(&region, minute);
    for row in rows {
        let cell = row["id"].as_str().expect("a cell's id");
        assert_eq!(row["minute"], rows[0]["minute"], "one minute stands for all");
        let requests = read.requests(cell);
        assert!(requests > 0.0, "{cell} has no traffic, so that its figures prove nothing");
        assert_equal(&format!("{cell}: requests per second"), &row["requests_per_second"], requests / 60.0);
        assert_equal(&format!("{cell}: 5xx rate"), &row["rate_5xx"], read.errors(cell) / requests);
        assert_equal(&format!("{cell}: p99"), &row["p99_ms"], read.p99(cell));
    }
}

/// Cache misses of a stage in each minute from `start` on, as boto3 reads them.
fn cache_misses(region: &Region, api: &str, stage: &str, start: Timestamp, minutes: i64) -> Vec<f64> {
    let dimensions = [("ApiName", api), ("Stage", stage)];
    let query = query("m", "AWS/ApiGateway", "CacheMissCount", &dimensions, "Sum");
    let end = start + SignedDuration::from_mins(minutes);
    let asked = json!({ "start": start.to_string(), "end": end.to_string(), "queries": [query] });
    let points = boto3("metric_data.py", &[&region.endpoint_url()], &asked);
    let points = points["m"].as_array().expect("a list of points");
    points.iter().map(|point| point[1].as_f64().expect("a number")).collect()
}

#[test]
fn after_a_flush_boto3_reads_more_cache_misses() {
    let (api, stage) = ("cell-01-api", "prod");
    let now = Timestamp::now();
    let minute = now - SignedDuration::from_secs(now.as_second().rem_euclid(60));
    let region = Region::start(RegionOptions {
        clock: Clock::manual(minute),
        // Quotas refill with the clock, and this one stands still.
        control_plane_limits: false,
        ..RegionOptions::default()
    });
    let before = cache_misses(&region, api, stage, minute - SignedDuration::from_mins(10), 10);
    assert_eq!(before.len(), 10, "the cache has no history: {before:?}");

    let home = Home::new();
    let target = format!("{api}/{stage}");
    let endpoint_url = region.endpoint_url();
    let mut flush =
        RunningCellgate::start(&home, ["flush", &target, "--yes", "--endpoint-url", &endpoint_url]);
    // It begins with the minute, however long the command takes to start.
    let deadline = Instant::now() + Duration::from_mins(5);
    while region.count("FlushStageCache") == 0 {
        assert!(Instant::now() < deadline, "the flush was never sent");
        std::thread::park_timeout(Duration::from_millis(20));
    }
    // AWS empties a cache over some seconds: the region's clock goes on until the command has seen it.
    let mut seconds = 0;
    while !flush.ends_within(Duration::from_millis(100)) {
        region.advance(SignedDuration::from_secs(1));
        seconds += 1;
    }
    let outcome = flush.finish();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(region.count("FlushStageCache"), 1);

    // The minutes that were touched by the flush, to the end of the last of them.
    let touched = seconds / 60 + 1;
    region.advance(SignedDuration::from_secs(touched * 60 - seconds));
    let after = cache_misses(&region, api, stage, minute, touched);
    let highest = |misses: &[f64]| misses.iter().copied().fold(0.0, f64::max);
    assert!(
        highest(&after) > 1.1 * highest(&before),
        "misses a minute before the flush: {before:?}, since: {after:?}"
    );
}
