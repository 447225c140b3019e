//! A guard between waves: a breach stops the bulk and takes back what it did.

use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;
use serde_json::Value;

use super::bench::{Bench, states};

const THREE: [&str; 3] = ["cell-01-api/prod", "cell-02-api/prod", "cell-03-api/prod"];

#[test]
fn a_breach_between_waves_takes_all_back_and_begins_no_other() {
    let clock = Clock::scaled("2026-11-20T14:03:30Z".parse().unwrap(), 60);
    let bench = Bench::before(RegionOptions { clock, ..RegionOptions::default() });
    let before = bench.stages_by_boto3(&THREE);
    // All but nothing passes.
    let choked = ["--rate", "1", "--burst", "1", "--waves", "2,rest", "--per-minute", "150"];
    let guard = ["--guard", "4xx < 20%", "--for", "4m", "--yes", "-o", "json"];
    let outcome = bench.run(&[&["throttle", "set"], &THREE[..], &choked, &guard].concat());
    assert_eq!(outcome.code, Some(6), "{outcome:?}");
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(states(&report), ["applied", "applied", "not-begun"]);
    let guard = &report["guard"];
    assert_eq!((&guard["verdict"], &guard["wave"]), (&"breached".into(), &1.into()), "{report}");
    assert_eq!(guard["undone"]["done"], 2, "{report}");
    assert_eq!(bench.proxy.count("UpdateStage"), 4, "two were made, and two taken back");
    assert_eq!(bench.stages_by_boto3(&THREE), before);

    let journal = bench.run(&["journal", "list", "-o", "json"]).json();
    let of = |place: usize| journal[place]["target"]["api_name"].as_str().unwrap();
    assert_eq!([of(0), of(1)], ["cell-01-api", "cell-02-api"], "newest first");
    assert_eq!(journal[0]["bulk"], guard["undone_by"]);
}
