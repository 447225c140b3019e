//! `flush` and `journal`: asked, refused, done, recorded.

use std::fs;

use serde_json::Value;

use super::home;
use crate::support::binary::{Outcome, RunningCellgate, cellgate};
use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::home::Home;
use crate::support::region::Region;
use crate::support::terminal::Terminal;

const TARGET: &str = "cell-01-api/prod";
const FLUSH: &str = "FlushStageCache";

fn flush(home: &Home, endpoint: &str, arguments: &[&str]) -> Outcome {
    cellgate(home, ["flush"].iter().chain(arguments).copied().chain(["--endpoint-url", endpoint]))
}

fn journal(home: &Home) -> Value {
    cellgate(home, ["journal", "list", "-o", "json"]).json()
}

#[test]
fn a_flush_is_planned_made_and_recorded() {
    let region = Region::on_the_wall_clock();
    let endpoint = region.endpoint_url();
    let home = home();
    assert_eq!(journal(&home), Value::Array(vec![]));

    let plan = flush(&home, &endpoint, &[TARGET, "--dry-run", "-o", "json"]).json();
    assert_eq!(plan["lever"], "flush-stage-cache");
    assert_eq!(plan["target"]["api_name"], "cell-01-api");
    let text = flush(&home, &endpoint, &[TARGET, "--dry-run"]);
    assert!(text.stdout.contains("can't be brought back"), "{text:?}");
    assert_eq!(region.count(FLUSH), 0, "a dry run sends nothing");

    let unasked = flush(&home, &endpoint, &[TARGET]);
    assert_eq!((unasked.code, unasked.stdout.as_str()), (Some(3), ""), "{unasked:?}");
    assert!(
        unasked.stderr.contains("not confirmed; there is no terminal to ask on: give --yes"),
        "{unasked:?}"
    );
    assert_eq!(region.count(FLUSH), 0);
    assert_eq!(journal(&home), Value::Array(vec![]), "what isn't sent isn't announced");

    let done = flush(&home, &endpoint, &[TARGET, "--yes", "-o", "json"]);
    let report = done.json();
    assert_eq!(report["outcome"], "applied");
    assert_eq!(region.count(FLUSH), 1);
    assert!(done.stderr.contains("Plan: flush the stage cache of cell-01-api/prod"), "{done:?}");

    let recorded = journal(&home);
    assert_eq!(recorded.as_array().unwrap().len(), 1);
    assert_eq!(recorded[0]["id"], report["change"]);
    assert_eq!(recorded[0]["outcome"], "applied");
    assert_eq!(recorded[0]["request_ids"], report["request_ids"]);
    let table = cellgate(&home, ["journal", "list", "--filter", "outcome=applied"]);
    assert_eq!(table.stdout.lines().count(), 2, "{table:?}");

    let verified = cellgate(&home, ["journal", "verify", "-o", "json"]).json();
    assert_eq!((&verified["records"], &verified["intact"]), (&Value::from(2), &Value::from(true)));
}

#[test]
fn what_must_not_be_flushed_is_refused_and_what_is_not_there_not_found() {
    let region = Region::on_the_wall_clock();
    let endpoint = region.endpoint_url();
    let home = home();
    for (arguments, code, says) in [
        (&["cell-01-api/beta", "--yes"][..], 3, "is off"),
        (&["orders-01/prod", "--yes"], 3, "AWS can't flush the stage cache there"),
        (&[TARGET, "--yes", "--read-only"], 3, "this session is read-only"),
        (&["cell-01-api/prd", "--yes"], 5, "it has prod, beta"),
        (&["nowhere/prod", "--yes"], 5, "no API is called 'nowhere'"),
        (&["cell-01-api", "--yes"], 2, "write API/STAGE"),
    ] {
        let outcome = flush(&home, &endpoint, arguments);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(code), ""), "{arguments:?}: {outcome:?}");
        assert!(outcome.stderr.contains(says), "{arguments:?}: {outcome:?}");
    }
    assert_eq!(region.count(FLUSH), 0);
}

#[test]
fn a_refusal_of_awss_and_a_lost_answer_are_told_apart() {
    let region = Region::on_the_wall_clock();
    let proxy = FaultProxy::before(&region.endpoint_url());
    let home = home();
    proxy.inject(FLUSH, Occurrence::Every, Fault::AccessDenied);
    let denied = flush(&home, &proxy.endpoint_url(), &[TARGET, "--yes", "-o", "json"]);
    assert_eq!(denied.code, Some(1), "{denied:?}");
    let report: Value = serde_json::from_str(&denied.stdout).unwrap();
    assert_eq!(report["outcome"], "not-applied");
    assert_eq!(journal(&home)[0]["outcome"], "not-applied");

    // The request is dropped before it reaches the region, and cellgate can't know.
    proxy.heal().inject(FLUSH, Occurrence::Every, Fault::DropConnection);
    let lost = flush(&home, &proxy.endpoint_url(), &[TARGET, "--yes"]);
    assert_eq!((lost.code, lost.stdout.as_str()), (Some(4), ""), "{lost:?}");
    assert!(lost.stderr.contains("the outcome is open"), "{lost:?}");
    assert_eq!(journal(&home)[0]["outcome"], "unknown", "the newest comes first");
    assert_eq!(proxy.requests().get(FLUSH), Some(&2), "each was sent once");
}

#[test]
fn a_flush_whose_outcome_cannot_be_recorded_is_partly_done() {
    let region = Region::on_the_wall_clock();
    let home = home();
    let running = RunningCellgate::start(
        &home,
        ["flush", TARGET, "--yes", "-o", "json", "--endpoint-url", &region.endpoint_url()],
    );
    super::wait_until("the flush is sent", || region.count(FLUSH) == 1);
    // The intent is on the disk by now; a directory in the file's place takes no outcome.
    let file = home.path().join("state/cellgate/journal/journal.jsonl");
    let aside = file.with_extension("aside");
    fs::rename(&file, &aside).unwrap();
    fs::create_dir(&file).unwrap();
    let outcome = running.finish();
    assert_eq!(outcome.code, Some(4), "{outcome:?}");
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(report["outcome"], "applied");
    assert!(report["unrecorded"].as_str().unwrap().contains("journal"), "{report}");
    let says = format!(
        "change {} was sent, outcome applied, and is not recorded",
        report["change"].as_str().unwrap()
    );
    assert!(outcome.stderr.contains(&says), "{outcome:?}");

    fs::remove_dir(&file).unwrap();
    fs::rename(&aside, &file).unwrap();
    assert_eq!(journal(&home)[0]["outcome"], "open", "the intent stands alone");
}

#[test]
fn the_question_is_asked_on_the_terminal() {
    let region = Region::on_the_wall_clock();
    let endpoint = region.endpoint_url();
    let home = home();
    let arguments = ["flush", TARGET, "--endpoint-url", &endpoint];

    let mut terminal = Terminal::cellgate(&home, &arguments, 160, 40);
    terminal.wait_for("arry it out");
    terminal.send("n\r");
    let left = terminal.finish();
    assert_eq!(left.code, 3, "{left:?}");
    assert!(left.text.contains("error: not confirmed"), "{left:?}");
    assert_eq!(region.count(FLUSH), 0);

    let mut terminal = Terminal::cellgate(&home, &arguments, 160, 40);
    let asked = terminal.wait_for("arry it out");
    // A change that moves much load asks for the target's name.
    let answer = if asked.contains("[y/N]") { "y\r".to_owned() } else { format!("{TARGET}\r") };
    terminal.send(&answer);
    let left = terminal.finish();
    assert_eq!(left.code, 0, "{left:?}");
    assert!(left.text.contains("done: flush the stage cache of cell-01-api/prod"), "{left:?}");
    assert_eq!(region.count(FLUSH), 1);
}

#[test]
fn ctrl_c_ends_a_wait_for_a_flush_and_the_journal_says_what_is_known() {
    let region = Region::on_the_wall_clock();
    let home = home();
    let running =
        RunningCellgate::start(&home, ["flush", TARGET, "--yes", "--endpoint-url", &region.endpoint_url()]);
    super::wait_until("the flush is sent", || region.count(FLUSH) == 1);
    running.signal("INT");
    let outcome = running.finish();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(130), ""), "{outcome:?}");
    assert!(outcome.stderr.contains("interrupted"), "{outcome:?}");
    let recorded = journal(&home);
    assert_eq!(recorded[0]["outcome"], "unknown", "{recorded}");
    assert_eq!(region.count(FLUSH), 1);
}

#[test]
fn a_journal_that_was_tampered_with_is_a_finding() {
    let region = Region::on_the_wall_clock();
    let home = home();
    assert_eq!(flush(&home, &region.endpoint_url(), &[TARGET, "--yes"]).code, Some(0));
    let file = home.path().join("state/cellgate/journal/journal.jsonl");
    let altered = fs::read_to_string(&file).unwrap().replacen("user/operator", "user/somebody", 1);
    fs::write(&file, altered).unwrap();
    let outcome = cellgate(&home, ["journal", "verify"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(6), ""), "{outcome:?}");
    assert!(outcome.stderr.contains("record 1 was altered"), "{outcome:?}");
}
