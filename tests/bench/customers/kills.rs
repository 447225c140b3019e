//! 100,000 customers, 20 kills, and somebody else who moves 1,000 of the same customers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::Value;

use crate::say;
use crate::support::binary::{RunningCellgate, cellgate};
use crate::support::home::Home;
use crate::support::python::{PythonEnvironment, fixture};
use crate::support::region::Region;

const CUSTOMERS: usize = 100_000;
const KILLS: usize = 20;
const REWRITTEN: usize = 1_000;
/// Customers leave these two.
const CELLS: usize = 2;
const TO: &str = "cell-to";
const ELSEWHERE: &str = "cell-elsewhere";
const SETTINGS: &str = "[cells]\nstateless = true\n[[cells.configured]]\nid = \"cell-to\"\n[mapping]\n\
                        version-attribute = \"version\"\n";
const SEED: u64 = 20;

type Items = BTreeMap<String, (String, u64)>;

fn boto3(home: &Home, arguments: &[&str]) -> Command {
    let mut command = PythonEnvironment::clients().command("python", home);
    command.arg(fixture("mappings.py")).args(arguments).stdout(Stdio::piped());
    command
}

/// Every customer's cell and version.
fn scan(home: &Home) -> Items {
    let output = boto3(home, &["scan"]).output().expect("python runs");
    let items: BTreeMap<String, BTreeMap<String, Value>> =
        serde_json::from_slice(&output.stdout).expect("every item");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let version = |item: &BTreeMap<String, Value>| text(&item["version"]).parse().expect("a version");
    items.iter().map(|(customer, item)| (customer.clone(), (text(&item["CellId"]), version(item)))).collect()
}

pub fn prove() {
    let region = Region::start(RegionOptions {
        cells: CELLS,
        apis: 4,
        customers: CUSTOMERS,
        clock: Clock::manual("2026-11-20T12:00:00Z".parse().expect("a timestamp")),
        control_plane_limits: false,
        ..RegionOptions::default()
    });
    let mut witness = Home::new();
    witness.set("AWS_ENDPOINT_URL", &region.endpoint_url());
    assert!(boto3(&witness, &["version"]).status().expect("python runs").success());
    let before = scan(&witness);
    assert_eq!(before.len(), CUSTOMERS);
    let mut random = StdRng::seed_from_u64(SEED);
    let customers: Vec<&String> = before.keys().collect();
    let rewritten: BTreeSet<&String> = customers.choose_multiple(&mut random, REWRITTEN).copied().collect();

    let mut home = Home::new();
    home.set("AWS_ENDPOINT_URL", &region.endpoint_url());
    let (list, others) = (home.path().join("list"), home.path().join("others"));
    let lines = |of: &[&String]| of.iter().flat_map(|id| [id.as_str(), "\n"]).collect::<String>();
    fs::write(&list, lines(&customers)).expect("a list");
    fs::write(&others, lines(&rewritten.iter().copied().collect::<Vec<_>>())).expect("a list");
    let config = home.path().join("config/cellgate/config.toml");
    fs::create_dir_all(config.parent().expect("a folder")).expect("a folder");
    fs::write(config, SETTINGS).expect("a configuration");
    let report = home.path().join("report.json");
    let list = list.display().to_string();
    let report_path = report.display().to_string();

    let begun = Instant::now();
    let first = [
        "move", "--file", &list, "--to", TO, "--gate", "none", "--rate", "1000000", "--force", "-y", "-o",
        "json",
    ];
    let resume = ["moves", "resume", "--last", "-o", "json", "--report", &report_path];
    let mut second_writer = None;
    for kill in 0..KILLS {
        let mut running = RunningCellgate::start(&home, if kill == 0 { &first[..] } else { &resume[..] });
        if kill == 0 {
            // It has read a hundred thousand mappings and writes now.
            running.wait_for_line("\"event\":\"wave\"");
            let arguments = ["rewrite", ELSEWHERE, &others.display().to_string()];
            second_writer = Some(boto3(&witness, &arguments).spawn().expect("python runs"));
        }
        let moment = Duration::from_millis(random.random_range(50..1_500));
        assert!(!running.ends_within(moment), "it ended before kill {kill}: {:?}", running.finish());
        running.signal("KILL");
        assert_eq!(running.finish().code, None);
    }
    let outcome = cellgate(&home, resume);
    assert_eq!(outcome.code, Some(4), "those who were moved elsewhere are told of: {outcome:?}");
    let seconds = begun.elapsed().as_secs_f64();
    assert!(second_writer.is_some_and(|mut writer| writer.wait().is_ok_and(|status| status.success())));

    let after = scan(&witness);
    let lines: Vec<Value> =
        serde_json::from_slice(&fs::read(&report).expect("a report")).expect("a list of outcomes");
    let moved: BTreeSet<&str> = lines
        .iter()
        .filter(|line| line["outcome"] == "moved")
        .filter_map(|line| line["customer"].as_str())
        .collect();
    assert_eq!((after.len(), lines.len()), (CUSTOMERS, CUSTOMERS), "nobody is lost");
    let mut twice = 0;
    for (customer, (cell, version)) in &after {
        let by_us = u64::from(moved.contains(customer.as_str()));
        let by_others = u64::from(rewritten.contains(customer));
        let expected = if by_others == 1 { ELSEWHERE } else { TO };
        assert_eq!((cell.as_str(), *version), (expected, 1 + by_us + by_others), "{customer}");
        twice += by_us * by_others;
    }
    assert_eq!(moved.len(), CUSTOMERS - REWRITTEN + usize::try_from(twice).expect("a count"));
    let verified = cellgate(&home, ["journal", "verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let journal = home.path().join("state/cellgate/journal/journal.jsonl");
    let bytes = fs::metadata(journal).expect("a journal").len();
    say(&format!(
        "{CUSTOMERS} customers moved with {KILLS} kills in {seconds:.0} s: nobody lost, nobody written twice; of \
         {REWRITTEN} whom boto3 moved meanwhile {} were not touched and {twice} had been moved before; the journal has \
         {} bytes a customer",
        REWRITTEN - usize::try_from(twice).expect("a count"),
        bytes / CUSTOMERS as u64,
    ));
}
