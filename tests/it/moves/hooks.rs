//! Commands around the waves of a move: what they are told, what becomes of a move where they fail, and that they run
//! again after a crash, for those who are still to be copied.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::killed::{Items, assert_moved_once, list};
use super::table::MappingTable;
use crate::killed::bench;
use crate::support::home::Home;

/// Cells that keep data, in a fenced table.
const STATEFUL: &str = "[cells]\nid-pattern = \"cell-*\"\n[mapping]\nversion-attribute = \"version\"\nepoch-attribute = \"epoch\"\n";
/// Says what it was told in a file, and fails where another is there.
const RECORD: &str = r#"{ printf 'run %s %s %s %s %s %s\n' "$CELLGATE_HOOK" "$CELLGATE_WAVE" "$CELLGATE_TABLE" "$CELLGATE_REGION" "$CELLGATE_ACCOUNT" "$CELLGATE_MOVE"; cat; } >> "$0"; if test -e "$0.broken"; then printf 'no room\033[2J\n' >&2; exit 1; fi"#;

/// One run of a command: when, of which wave, and who was on its stdin.
#[derive(Debug)]
struct Told {
    kind: String,
    wave: u32,
    environment: Vec<String>,
    customers: Vec<(String, Value, Value)>,
}

impl Told {
    fn ids(&self) -> BTreeSet<String> {
        self.customers.iter().map(|(customer, ..)| customer.clone()).collect()
    }
}

fn record(home: &Home) -> PathBuf {
    home.path().join("record")
}

/// Settings with this command before and after each wave.
fn configure(home: &Home, script: &str, more: &str) {
    let command = serde_json::json!(["/bin/sh", "-c", script, record(home)]).to_string();
    let settings = format!("before-wave = {command}\nafter-wave = {command}\nrange = 6\n{more}");
    let file = home.path().join("config/cellgate/config.toml");
    fs::write(file, format!("[limits]\ncontrol-plane-share = \"100%\"\n{STATEFUL}[moves]\n{settings}"))
        .unwrap();
}

fn told(home: &Home) -> Vec<Told> {
    let text = fs::read_to_string(record(home)).unwrap_or_default();
    let mut all: Vec<Told> = Vec::new();
    for line in text.lines() {
        if let Some(words) = line.strip_prefix("run ") {
            let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
            let wave = words[1].parse().unwrap();
            let environment = words[2..].to_vec();
            all.push(Told { kind: words[0].clone(), wave, environment, customers: Vec::new() });
        } else {
            let one: Value = serde_json::from_str(line).unwrap();
            let customer = one["customer"].as_str().unwrap().to_owned();
            all.last_mut().unwrap().customers.push((customer, one["from"].clone(), one["to"].clone()));
        }
    }
    all
}

fn forget(home: &Home) {
    drop(fs::remove_file(record(home)));
}

fn fenced() -> (MappingTable, Home, Vec<String>) {
    let table = MappingTable::new();
    table.python(&["version"]);
    let home = table.home(STATEFUL);
    configure(&home, RECORD, "");
    let customers = table.customers_of("cell-01").into_iter().take(12).collect();
    (table, home, customers)
}

fn command<'list>(file: &'list str, to: &'list str) -> [&'list str; 8] {
    ["move", "--file", file, "--to", to, "--gate", "none", "-y"]
}

#[test]
fn each_wave_is_copied_before_and_told_of_after_and_an_undo_the_other_way_round() {
    let (table, home, customers) = fenced();
    let file = list(&home, &customers);
    let planned = bench::run(
        &home,
        &["move", "--file", &file, "--to", "cell-02", "--gate", "none", "--force", "--dry-run"],
    );
    assert_eq!(planned.code, Some(0), "{planned:?}");
    assert!(planned.stdout.contains("is copied before each wave"), "{planned:?}");
    assert!(told(&home).is_empty(), "a dry run runs nothing");
    let [.., yes] = command(&file, "cell-02");
    let moved =
        bench::run(&home, &["--read-only", "move", "--file", &file, "--to", "cell-02", "--force", yes]);
    assert_eq!(moved.code, Some(3), "{moved:?}");
    assert!(told(&home).is_empty(), "a read session runs nothing");

    let moved = bench::run(&home, &[&command(&file, "cell-02")[..], &["--force", "-o", "json"]].concat());
    assert_eq!(moved.code, Some(0), "no --data-stays is needed: {moved:?}");
    let ran = told(&home);
    let order: Vec<(&str, u32, usize)> =
        ran.iter().map(|run| (run.kind.as_str(), run.wave, run.customers.len())).collect();
    let expected = [
        ("before", 1, 1),
        ("after", 1, 1),
        ("before", 2, 10),
        ("after", 2, 10),
        ("before", 3, 1),
        ("after", 3, 1),
    ];
    assert_eq!(order, expected);
    let end: Value = serde_json::from_str(moved.stdout.lines().last().unwrap()).unwrap();
    let id = end["move"].as_str().unwrap();
    assert_eq!(ran[0].environment, ["CellMappings", "eu-west-1", "123456789012", id]);
    for kind in ["before", "after"] {
        let runs = ran.iter().filter(|run| run.kind == kind);
        let all: Vec<_> = runs.flat_map(|run| run.customers.iter().cloned()).collect();
        let asked = customers.iter().map(|customer| (customer.clone(), "cell-01".into(), "cell-02".into()));
        assert_eq!(all, asked.collect::<Vec<_>>(), "{kind}");
    }
    let shown = bench::run(&home, &["journal", "show", id]);
    assert!(shown.stdout.contains("hook     before wave 2, 10 customers"), "{shown:?}");
    assert_eq!(bench::run(&home, &["journal", "verify"]).code, Some(0));

    forget(&home);
    let undone = bench::run(&home, &["undo", id, "--gate", "none", "--force", "-y"]);
    assert_eq!(undone.code, Some(0), "{undone:?}");
    let back: BTreeSet<(String, String)> = told(&home)
        .iter()
        .flat_map(|run| run.customers.iter())
        .map(|(_, from, to)| (from.as_str().unwrap().to_owned(), to.as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(back, [("cell-02".to_owned(), "cell-01".to_owned())].into());
    assert!(
        table
            .cells()
            .iter()
            .filter(|(customer, _)| customers.contains(customer))
            .all(|(_, cell)| cell == "cell-01")
    );
}

#[test]
fn a_command_that_fails_pauses_the_move_and_says_why() {
    let (table, home, customers) = fenced();
    let file = list(&home, &customers);
    let before = table.items();
    let broken = record(&home).with_extension("broken");
    fs::write(&broken, "").unwrap();
    let paused = bench::run(&home, &[&command(&file, "cell-02")[..], &["--force"]].concat());
    assert_eq!(paused.code, Some(4), "{paused:?}");
    let why = "the command before wave 1 failed: `/bin/sh` ended with exit code 1: no room\u{fffd}[2J";
    assert!(paused.stderr.contains(why), "{paused:?}");
    assert!(!paused.stderr.contains('\u{1b}') && !paused.stdout.contains('\u{1b}'), "{paused:?}");
    assert_eq!(table.items(), before, "nobody is moved who was not copied");
    let shown = bench::run(&home, &["moves", "show", "--last", "-o", "json"]).json();
    assert_eq!(shown["state"], "paused");

    // On a machine, or with a file, that has no such command.
    let config = home.path().join("config/cellgate/config.toml");
    let with_hooks = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("[limits]\ncontrol-plane-share = \"100%\"\n{STATEFUL}")).unwrap();
    let refused = bench::run(&home, &["moves", "resume", "--last"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(refused.stderr.contains("set moves.before-wave"), "{refused:?}");
    assert_eq!(table.items(), before);
    let refused = bench::run(&home, &[&command(&file, "cell-02")[..], &["--force"]].concat());
    assert_eq!(refused.code, Some(3), "the data would stay behind: {refused:?}");
    fs::write(&config, with_hooks).unwrap();

    fs::remove_file(&broken).unwrap();
    let resumed = bench::run(&home, &["moves", "resume", "--last"]);
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    assert_moved_once(&before, &table.items(), &customers, "cell-02", "resumed");
}

#[test]
fn a_command_over_its_time_limit_is_ended_with_all_that_it_started() {
    let (table, home, customers) = fenced();
    let file = list(&home, &customers);
    let before = table.items();
    configure(&home, "sleep 600 & echo copying >&2; wait", "hook-timeout = \"10s\"\n");
    let paused = bench::run(&home, &[&command(&file, "cell-02")[..], &["--force"]].concat());
    assert_eq!(paused.code, Some(4), "{paused:?}");
    assert!(paused.stderr.contains("was ended at its time limit of 10s: copying"), "{paused:?}");
    assert_eq!(table.items(), before);
    let aborted = bench::run(&home, &["moves", "abort", "--last"]);
    assert_eq!(aborted.code, Some(0), "an abort runs no command: {aborted:?}");
}

#[test]
fn a_move_that_is_given_up_says_for_whom_the_second_command_was_not_run() {
    let (table, mut home, customers) = fenced();
    let file = list(&home, &customers);
    bench::kill(&mut home, &[&command(&file, "cell-02")[..], &["--force"]].concat(), "to-after-hook-1");
    let runs = told(&home).len();
    assert_eq!(bench::run(&home, &["moves", "abort", "--last"]).code, Some(0));
    assert_eq!(told(&home).len(), runs, "an abort runs no command");
    let shown = bench::run(&home, &["moves", "show", "--last", "-o", "json"]).json();
    let why = shown["why"].as_str().unwrap();
    assert!(why.contains("the command after the wave was not run for 1 who were moved"), "{shown}");
    assert_eq!(table.cells()[&customers[0]], "cell-02", "who was moved stays");
}

#[test]
fn killed_at_every_point_of_a_command_and_of_its_wave() {
    let (table, mut home, customers) = fenced();
    let file = list(&home, &customers);
    // Of the second wave; its ranges are the second, of 6, and the third, of 4.
    let points = [
        "to-before-hook-2",
        "from-before-hook-2",
        "noted-before-hook-2",
        "after-range-2",
        "between-writes-2",
        "before-done-2",
        "after-done-2",
        "before-done-3",
        "after-done-3",
        "to-after-hook-2",
        "from-after-hook-2",
        "noted-after-hook-2",
        "from-after-hook-3",
    ];
    for (number, point) in points.into_iter().enumerate() {
        let (from, to) = [("cell-01", "cell-03"), ("cell-03", "cell-01")][number % 2];
        let before = table.items();
        forget(&home);
        bench::kill(&mut home, &[&command(&file, to)[..], &["--force"]].concat(), point);
        let at_death = table.items();
        let until_death = told(&home).len();
        let resumed = bench::run(&home, &["moves", "resume", "--last"]);
        assert_eq!(resumed.code, Some(0), "{point}: {resumed:?}");
        assert_moved_once(&before, &table.items(), &customers, to, point);
        let ran = told(&home);
        let still = |items: &Items, customer: &String| items[customer]["CellId"] == from;
        // The first command of the new process is for those of the wave whom nobody has moved yet.
        if let Some(again) = ran[until_death..].iter().find(|run| run.kind == "before" && run.wave == 2) {
            let rest = customers[1..11].iter().filter(|customer| still(&at_death, customer)).cloned();
            assert_eq!(again.ids(), rest.collect(), "{point}");
        } else {
            assert!(customers[1..11].iter().all(|customer| !still(&at_death, customer)), "{point}");
        }
        // Everybody is copied before, and told of after; after twice only where its success was not noted.
        for kind in ["before", "after"] {
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            for customer in ran.iter().filter(|run| run.kind == kind).flat_map(Told::ids) {
                *seen.entry(customer).or_default() += 1;
            }
            assert_eq!(
                seen.keys().collect::<Vec<_>>(),
                customers.iter().collect::<Vec<_>>(),
                "{point} {kind}"
            );
            if kind == "after" && !point.starts_with("from-after") {
                assert!(seen.values().all(|count| *count == 1), "{point}: {seen:?}");
            }
        }
        assert_eq!(bench::run(&home, &["journal", "verify"]).code, Some(0), "{point}");
    }
}
