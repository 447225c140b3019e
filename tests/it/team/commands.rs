//! `cellgate journal` with a team: which journal it reads, and what it makes of it.

use std::process::Command;

use cellgate::domain::journal::{Record, verify};
use serde_json::Value;

use crate::support::binary::{Outcome, RunningCellgate, cellgate};
use crate::support::home::{Home, REGION};
use crate::support::python::PythonEnvironment;
use crate::support::region::Region;
use crate::support::table::TeamTable;

const README: &str = include_str!("../../../README.md");
const FIRST: &str = "cell-01-api/prod";
const SECOND: &str = "cell-02-api/prod";

/// A home whose cellgate shares a team's table at this endpoint.
fn home(region: &Region) -> Home {
    let mut home = Home::new();
    home.set("CELLGATE_TEAM_TABLE", TeamTable::NAME).set("AWS_ENDPOINT_URL", &region.endpoint_url());
    home
}

fn flush(home: &Home, target: &str) -> String {
    let report = cellgate(home, ["flush", target, "--yes", "-o", "json"]).json();
    report["change"].as_str().expect("a change").to_owned()
}

fn journal(home: &Home, arguments: &[&str]) -> Outcome {
    cellgate(home, ["journal"].iter().chain(arguments).copied())
}

fn ids(home: &Home, arguments: &[&str]) -> Vec<String> {
    let rows = journal(home, &[&["list", "-o", "json"], arguments].concat()).json();
    let rows = rows.as_array().expect("a list").iter();
    rows.map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
}

fn records(text: &str) -> Vec<Record> {
    text.lines().map(|line| serde_json::from_str(line).expect("a record")).collect()
}

#[test]
fn the_readmes_command_makes_the_table_and_a_team_uses_it() {
    let region = Region::on_the_wall_clock();
    let (alice, bob) = (home(&region), home(&region));
    let command = README.split("```sh\n").find(|block| block.starts_with("aws dynamodb create-table"));
    let command = command.and_then(|block| block.split("```").next()).expect("the command in the README");
    let words: Vec<&str> = command.split_whitespace().filter(|word| *word != "\\").skip(1).collect();
    let mut aws: Command = PythonEnvironment::clients().command("aws", &alice);
    let made = aws.args(words).output().expect("the AWS CLI runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));

    assert!(ids(&alice, &[]).is_empty());
    let first = flush(&alice, FIRST);
    let second = flush(&bob, SECOND);

    // Each has their own file; the table has both, the newest first.
    assert_eq!(ids(&alice, &[]), [second.as_str(), first.as_str()]);
    assert_eq!(ids(&alice, &["--store", "file"]), [first.as_str()]);
    assert_eq!(ids(&bob, &["--store", "file"]), [second.as_str()]);
    for (filter, expected) in [
        (&["--target", "cell-01"][..], vec![first.clone()]),
        (&["--since", "1h", "--operator", "user/operator"], vec![second.clone(), first.clone()]),
        (&["--since", "2999-01-01"], vec![]),
        (&["--lever", "flush-stage-cache", "--outcome", "applied"], vec![second.clone(), first.clone()]),
        (&["--lever", "flush"], vec![]),
        (&["--outcome", "open"], vec![]),
        (&["--filter", "target=cell-02-api/prod"], vec![second.clone()]),
        (&["--sort", "at"], vec![first.clone(), second.clone()]),
    ] {
        assert_eq!(ids(&alice, filter), expected, "{filter:?}");
    }

    let shown = journal(&alice, &["show", &second, "-o", "json"]).json();
    assert_eq!(
        (&shown["id"], &shown["outcome"], &shown["fence"]),
        (&second.clone().into(), &"applied".into(), &1.into())
    );
    assert_eq!(shown["records"].as_array().map(Vec::len), Some(2));
    let text = journal(&alice, &["show", &second]);
    for part in ["flush the stage cache of cell-02-api/prod", "intent, by", "outcome applied", "lease 1"] {
        assert!(text.stdout.contains(part), "{part}: {text:?}");
    }
    let unknown = journal(&alice, &["show", "20200101-000000-0000"]);
    assert_eq!(unknown.code, Some(5), "{unknown:?}");
    assert!(unknown.stderr.contains("table cellgate-team"), "{unknown:?}");

    let exported = records(&journal(&alice, &["export"]).stdout);
    assert_eq!(exported.len(), 4);
    assert_eq!(verify(&exported), Ok(()), "what is exported can be verified");
    let part = records(&journal(&alice, &["export", "--from", "2", "--to", "3"]).stdout);
    assert_eq!(part, exported[1..3]);
    assert_eq!(journal(&alice, &["export", "--from", "3", "--to", "2"]).code, Some(2));
    assert_eq!(records(&journal(&bob, &["export", "--store", "file"]).stdout).len(), 2);

    let whole = journal(&alice, &["verify", "-o", "json"]).json();
    assert_eq!((&whole["records"], &whole["team"]["records"]), (&2.into(), &4.into()));
    assert_eq!(whole["team"]["path"], "table cellgate-team");
    let text = journal(&alice, &["verify"]);
    assert_eq!(text.stdout.lines().count(), 2, "{text:?}");
}

#[test]
fn a_tampered_item_is_a_finding_and_the_file_is_still_verified() {
    let region = Region::on_the_wall_clock();
    let table = TeamTable::create(&region.endpoint_url());
    let home = home(&region);
    flush(&home, FIRST);
    let text = table.record(1).replace("user/operator", "user/somebody");
    table.forge(1, &text);
    let outcome = journal(&home, &["verify"]);
    assert_eq!(outcome.code, Some(6), "{outcome:?}");
    assert!(
        outcome.stderr.contains("table cellgate-team was tampered with: record 1 was altered"),
        "{outcome:?}"
    );
    assert!(outcome.stdout.contains("journal.jsonl: 2 records, the chain holds"), "{outcome:?}");
    assert_eq!(journal(&home, &["verify", "--store", "file"]).code, Some(0));
    assert_eq!(journal(&home, &["verify", "--store", "team"]).code, Some(6));
}

#[test]
fn a_tail_shows_what_comes_and_ends_with_ctrl_c() {
    let region = Region::on_the_wall_clock();
    TeamTable::create(&region.endpoint_url());
    let home = home(&region);
    let mut newest = flush(&home, FIRST);
    for store in ["file", "team"] {
        let mut tail =
            RunningCellgate::start(&home, ["journal", "tail", "-n", "1", "-o", "json", "--store", store]);
        let begun = tail.wait_for_line(&newest);
        assert!(begun.contains("outcome"), "only the last record was asked for: {begun}");
        newest = flush(&home, SECOND);
        let came: Value = serde_json::from_str(&tail.wait_for_line(&newest)).unwrap();
        assert!(came["entry"]["intent"].is_object(), "{came}");
        tail.wait_for_line("outcome");
        tail.signal("INT");
        let outcome = tail.finish();
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }
}

#[test]
fn the_teams_store_needs_a_table() {
    let mut home = Home::new();
    home.set("AWS_REGION", REGION);
    let outcome = journal(&home, &["list", "--store", "team"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{outcome:?}");
    assert!(outcome.stderr.contains("CELLGATE_TEAM_TABLE"), "{outcome:?}");
}

#[test]
fn a_read_only_session_reads_the_teams_journal_and_writes_nothing() {
    let region = Region::on_the_wall_clock();
    TeamTable::create(&region.endpoint_url());
    let home = home(&region);
    let refused = cellgate(&home, ["flush", FIRST, "--yes", "--read-only"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert_eq!(journal(&home, &["list", "--read-only", "-o", "json"]).json(), Value::Array(vec![]));
    for write in ["PutItem", "UpdateItem"] {
        assert_eq!(region.count(write), 0, "{write}");
    }
}
