//! Eight processes at one target at once: one of them at a time changes it, the others are refused, and what was
//! recorded is one chain.

use std::collections::BTreeMap;
use std::fs;

use cellgate::domain::change::Outcome;
use cellgate::domain::journal::{Entry, Record, verify};
use cellgate::ops::journal::Journal;
use cellgate_demo::RegionOptions;
use serde_json::Value;

use crate::support::binary::{RunningCellgate, cellgate};
use crate::support::home::Home;
use crate::support::region::Region;
use crate::support::table::TeamTable;

const TARGET: &str = "cell-01-api/prod";
const PROCESSES: u32 = 8;

fn region() -> Region {
    Region::start(RegionOptions {
        cells: 4,
        apis: 12,
        customers: 200,
        control_plane_limits: false,
        ..RegionOptions::default()
    })
}

fn home(region: &Region) -> Home {
    let mut home = Home::new();
    home.set("AWS_ENDPOINT_URL", &region.endpoint_url());
    let file = home.path().join("config/cellgate/config.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, "[limits]\ncontrol-plane-share = \"100%\"\n").unwrap();
    home
}

fn throttle(home: &Home, rate: u32) -> RunningCellgate {
    let rate = rate.to_string();
    RunningCellgate::start(home, ["throttle", "set", TARGET, "--rate", &rate, "--yes", "-o", "json"])
}

/// The rates that were set, by the ids of their changes. Whoever set none was refused, and said why.
fn winners(running: Vec<(u32, RunningCellgate)>, refusals: &[&str]) -> BTreeMap<String, u32> {
    let mut won = BTreeMap::new();
    for (rate, process) in running {
        let outcome = process.finish();
        if outcome.code == Some(0) {
            won.insert(outcome.json()["change"].as_str().unwrap().to_owned(), rate);
            continue;
        }
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(3), ""), "{outcome:?}");
        let error = outcome.stderr.lines().find(|line| line.starts_with("error: ")).unwrap_or_default();
        assert!(refusals.iter().any(|refusal| error.contains(refusal)), "{outcome:?}");
    }
    assert!(!won.is_empty(), "the first to take the lock wins");
    won
}

/// Each change was at its end before the next began; gives their ids in this order.
fn one_after_the_other(records: &[Record]) -> Vec<String> {
    verify(records).unwrap();
    let pairs = records.chunks(2).map(|pair| {
        let [begun, ended] = pair else { panic!("an intent stands alone: {pair:?}") };
        assert!(matches!(begun.body.entry, Entry::Intent { .. }), "{begun:?}");
        assert!(matches!(&ended.body.entry, Entry::Outcome { outcome: Outcome::Applied, .. }), "{ended:?}");
        assert_eq!(begun.body.change, ended.body.change, "another change came between");
        begun.body.change.to_string()
    });
    pairs.collect()
}

fn rate(home: &Home) -> f64 {
    let stages = cellgate(home, ["get", "stages", "-o", "json"]).json();
    let stages = stages.as_array().unwrap();
    let stage = stages.iter().find(|stage| stage["api_name"] == "cell-01-api" && stage["stage"] == "prod");
    stage.and_then(|stage| stage["throttle"]["rate"].as_f64()).unwrap_or_else(|| panic!("{stages:?}"))
}

#[test]
fn processes_on_one_machine() {
    let region = region();
    let home = home(&region);
    let running: Vec<_> =
        (0..PROCESSES).map(|number| (100 + number, throttle(&home, 100 + number))).collect();
    let won = winners(running, &["is running on this machine", "has changed since the plan was made"]);
    let journal = Journal::open(&home.path().join("state/cellgate/journal"));
    let order = one_after_the_other(&journal.records().unwrap());
    assert_eq!(journal.verify().unwrap(), 2 * won.len() as u64);
    assert_eq!(order.len(), won.len());
    assert_eq!(region.count("UpdateStage"), won.len(), "nobody who was refused has sent anything");
    assert!((rate(&home) - f64::from(won[order.last().unwrap()])).abs() < f64::EPSILON);
}

#[test]
fn machines_of_one_team() {
    let region = region();
    TeamTable::create(&region.endpoint_url());
    let homes: Vec<Home> = (0..PROCESSES)
        .map(|_| {
            let mut home = home(&region);
            home.set("CELLGATE_TEAM_TABLE", TeamTable::NAME);
            home
        })
        .collect();
    let running: Vec<_> = (100..).zip(&homes).map(|(rate, home)| (rate, throttle(home, rate))).collect();
    let won = winners(running, &["whose lease lasts until", "has changed since the plan was made"]);
    let exported = cellgate(&homes[0], ["journal", "export", "--store", "team"]);
    let records: Vec<Record> =
        exported.stdout.lines().map(|line| serde_json::from_str(line).expect("a record")).collect();
    let order = one_after_the_other(&records);
    assert_eq!(order.len(), won.len());
    assert_eq!(region.count("UpdateStage"), won.len());
    assert!((rate(&homes[0]) - f64::from(won[order.last().unwrap()])).abs() < f64::EPSILON);
    let fences: Vec<u64> = records.iter().filter_map(|record| record.body.fence).collect();
    assert!(
        fences.len() == records.len() && fences.is_sorted(),
        "a later lease has a higher number: {fences:?}"
    );
    for home in &homes {
        let verified = cellgate(home, ["journal", "verify", "--store", "file"]);
        assert_eq!(verified.code, Some(0), "{verified:?}");
    }
}

#[test]
fn those_who_finish_one_change() {
    let region = region();
    let mut home = home(&region);
    home.set("CELLGATE_FAULT_POINTS", "before-request-1");
    let mut killed = throttle(&home, 100);
    killed.wait_for_note("fault point before-request-1 reached");

    // As long as it lives, it holds the target.
    home.set("CELLGATE_FAULT_POINTS", "");
    let held = throttle(&home, 101).finish();
    assert_eq!(held.code, Some(3), "{held:?}");
    assert!(held.stderr.contains("is running on this machine"), "{held:?}");
    assert_eq!(killed.kill().code, None);

    let open = cellgate(&home, ["journal", "list", "-o", "json"]).json();
    let id = open[0]["id"].as_str().unwrap().to_owned();
    let finishing: Vec<_> = (0..PROCESSES)
        .map(|_| RunningCellgate::start(&home, ["finish", &id, "--send", "--yes", "-o", "json"]))
        .collect();
    let outcomes: Vec<_> = finishing.into_iter().map(RunningCellgate::finish).collect();
    let (done, refused): (Vec<_>, Vec<_>) = outcomes.iter().partition(|outcome| outcome.code == Some(0));
    assert_eq!(done.len(), 1, "{outcomes:?}");
    assert_eq!(done[0].json()["outcome"], Value::from("applied"));
    assert!(refused.iter().all(|outcome| outcome.code == Some(3)), "{refused:?}");
    assert_eq!(region.count("UpdateStage"), 1);
    let journal = Journal::open(&home.path().join("state/cellgate/journal"));
    assert_eq!(journal.verify().unwrap(), 2);
}
