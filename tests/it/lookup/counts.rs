//! Counts agree with boto3 however they are made, go on where they were called off, and need little memory.

use std::collections::BTreeMap;

use cellgate_demo::RegionOptions;
use serde_json::{Value, json};

use super::{call, home, lines, put, region, run, text};
use crate::support::binary::RunningCellgate;
use crate::support::peak_memory::peak_kilobytes;
use crate::support::region::Region;

/// Customers by cell, as boto3 reads them.
fn by_boto3(endpoint_url: &str) -> BTreeMap<String, u64> {
    let mut cells = BTreeMap::new();
    let mut from = Value::Null;
    loop {
        let mut arguments = json!({ "TableName": "CellMappings" });
        if !from.is_null() {
            arguments["ExclusiveStartKey"] = from;
        }
        let page = call(endpoint_url, &[("scan", arguments)]).remove(0);
        for item in page["Items"].as_array().expect("a list") {
            *cells.entry(text(&item["CellId"]["S"])).or_default() += 1;
        }
        from = page["LastEvaluatedKey"].clone();
        if from.is_null() {
            return cells;
        }
    }
}

fn counted(count: &Value) -> BTreeMap<String, u64> {
    serde_json::from_value(count["tally"]["cells"].clone()).expect("customers by cell")
}

#[test]
fn index_and_scan_agree_with_boto3_and_the_last_count_is_kept() {
    let region = region();
    let (home, endpoint) = (home(), region.endpoint_url());
    call(&endpoint, &[put("stranger", "cell-unknown")]);
    let expected = by_boto3(&endpoint);

    let scanned = run(&home, &endpoint, &["count", "--scan", "--rate", "400", "-o", "json"]);
    assert!(scanned.stderr.contains("5,001 items") || scanned.stderr.contains("5,000 items"), "{scanned:?}");
    assert!(scanned.stderr.contains("read units"), "what it takes is said first: {scanned:?}");
    assert_eq!(counted(&scanned.json()), expected);
    let last = run(&home, &endpoint, &["count", "--last", "-o", "json"]).json();
    assert_eq!(last, scanned.json());

    let indexed = run(&home, &endpoint, &["count", "--rate", "400", "-o", "json"]).json();
    assert_eq!(indexed["method"], "index");
    let mut known = expected.clone();
    known.remove("cell-unknown");
    let mut indexed = counted(&indexed);
    indexed.remove("cell-unknown");
    assert_eq!(indexed, known);

    let listed = lines(&run(&home, &endpoint, &["get", "customers", "--all", "-o", "json", "--rate", "400"]));
    assert_eq!(listed.len() as u64, expected.values().sum::<u64>());
    let some = lines(&run(
        &home,
        &endpoint,
        &["get", "customers", "--cell", "cell-03", "--limit", "7", "-o", "json"],
    ));
    assert_eq!(some.len(), 7);
    assert!(some.iter().all(|line| line["cell"] == "cell-03"));
    let none = run(&home, &endpoint, &["count", "--scan", "--dry-run"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""), "{none:?}");
}

#[test]
fn a_scan_that_was_called_off_goes_on_and_counts_nothing_twice() {
    let region = Region::on_the_wall_clock();
    let (home, endpoint) = (home(), region.endpoint_url());
    let missing = run(&home, &endpoint, &["count", "--last"]);
    assert_eq!(missing.code, Some(5), "{missing:?}");
    // Some 26 read units at 2 a second: there is time to call it off.
    let slow = ["count", "--scan", "--rate", "2", "--endpoint-url", &endpoint];
    for signal in ["INT", "KILL"] {
        let resume: &[&str] = if signal == "KILL" { &["--resume"] } else { &[] };
        let before = region.count("Scan");
        let running = RunningCellgate::start(&home, slow.iter().chain(resume));
        let until = std::time::Instant::now() + std::time::Duration::from_mins(5);
        while region.count("Scan") < before + 3 {
            assert!(std::time::Instant::now() < until, "it does not read");
            std::thread::park_timeout(std::time::Duration::from_millis(20));
        }
        running.signal(signal);
        let ended = running.finish();
        assert_eq!(ended.code, if signal == "INT" { Some(130) } else { None }, "{ended:?}");
    }
    let done = run(&home, &endpoint, &["count", "--scan", "--resume", "--rate", "400", "-o", "json"]);
    assert!(done.stderr.contains("going on with the scan"), "{done:?}");
    assert_eq!(counted(&done.json()), by_boto3(&endpoint));
    let anew = run(&home, &endpoint, &["count", "--scan", "--resume", "--rate", "400", "-o", "json"]);
    assert!(anew.stderr.contains("there is no scan to go on with"), "{anew:?}");
}

#[test]
fn forty_times_the_customers_need_no_more_memory_and_use_up_the_rate() {
    let peak = |customers: usize| {
        let region =
            Region::start(RegionOptions { cells: 4, apis: 8, customers, ..RegionOptions::default() });
        let (home, endpoint) = (home(), region.endpoint_url());
        let peak = peak_kilobytes(&home, &["count", "--scan", "--rate", "15", "--endpoint-url", &endpoint]);
        let last = run(&home, &endpoint, &["count", "--last", "-o", "json"]).json();
        assert_eq!(counted(&last).values().sum::<u64>(), customers as u64);
        let rate = last["read_units"].as_f64().expect("units") / last["seconds"].as_f64().expect("seconds");
        (peak, rate)
    };
    let (few, _) = peak(2_000);
    let (many, rate) = peak(80_000);
    // The debug build itself takes most of it.
    assert!(many < few + 24_000, "{many} kB instead of {few} kB");
    assert!(many < 100_000, "{many} kB");
    // A rate that any machine bears: how much a fast one can take is for the benchmark `customers`.
    assert!((11.0..=16.0).contains(&rate), "{rate} read units a second of 15");
}
