//! Bulk changes as programs run them: stopped in the middle, killed, guarded, saved, and taken back.

mod bench;
mod console;
mod guarded;
mod named;

use std::time::Duration;

use serde_json::Value;

use crate::support::binary::{RunningCellgate, cellgate};
use crate::support::fault_proxy::{Fault, Occurrence};
use bench::{Bench, states};

const FIVE: [&str; 5] =
    ["cell-01-api/prod", "cell-02-api/prod", "cell-03-api/prod", "cell-04-api/prod", "cell-05-api/prod"];
const TO_50: &[&str] = &["--rate", "50", "--burst", "60", "--per-minute", "150"];

fn throttle(targets: &[&'static str], how: &[&'static str]) -> Vec<&'static str> {
    [&["throttle", "set"], targets, TO_50, how].concat()
}

#[test]
fn a_failure_in_the_middle_stops_all_and_the_same_command_goes_on() {
    let bench = Bench::new();
    let before = bench.stages_by_boto3(&FIVE);
    bench.proxy.inject("UpdateStage", Occurrence::Nth(3), Fault::AccessDenied);
    let stopped = bench.run(&throttle(&FIVE, &["--waves", "1,3,rest", "--yes", "-o", "json"]));
    assert_eq!(stopped.code, Some(4), "{stopped:?}");
    let report: Value = serde_json::from_str(&stopped.stdout).unwrap();
    assert_eq!(states(&report), ["applied", "applied", "not-applied", "not-begun", "not-begun"]);
    assert_eq!(report["outcome"], "partly-applied");
    assert_eq!(report["stopped"]["place"], 2, "{report}");
    assert_eq!(bench.proxy.count("UpdateStage"), 3, "nothing was sent after the failure");
    assert!(stopped.stderr.contains("2 done, 1 failed, 2 not begun"), "{stopped:?}");
    let between = bench.stages_by_boto3(&FIVE);
    let touched: Vec<bool> = between.iter().zip(&before).map(|(now, then)| now != then).collect();
    assert_eq!(touched, [true, true, false, false, false]);

    bench.proxy.heal();
    let rest = bench.run(&throttle(&FIVE, &["--yes", "-o", "json"]));
    let rest: Value = rest.json();
    assert_eq!((states(&rest).len(), rest["left_out"].as_array().unwrap().len()), (3, 2), "{rest}");

    // Newest first: the later bulk, then what the first one did.
    for bulk in [&rest["bulk"], &report["bulk"]] {
        let undone = bench.run(&["undo", bulk.as_str().unwrap(), "-yy", "-o", "json"]);
        assert_eq!(undone.code, Some(0), "{undone:?}");
    }
    assert_eq!(bench.stages_by_boto3(&FIVE), before, "boto3 sees every stage as it was");
    assert_eq!(bench.run(&["journal", "verify"]).code, Some(0));
    let again = bench.run(&["undo", report["bulk"].as_str().unwrap(), "-yy"]);
    assert_eq!(again.code, Some(3), "what is undone doesn't stand any more: {again:?}");
}

#[test]
fn an_undo_leaves_what_was_changed_since_and_undoes_the_others() {
    let bench = Bench::new();
    let three = &FIVE[..3];
    let before = bench.stages_by_boto3(three);
    let made = bench.run(&throttle(three, &["--yes", "-o", "json"])).json();
    let bulk = made["bulk"].as_str().unwrap();
    let later = ["throttle", "set", FIVE[1], "--rate", "70", "--yes"];
    assert_eq!(bench.run(&later).code, Some(0));
    let changed = bench.stages_by_boto3(three);

    let shown = bench.run(&["undo", bulk, "--dry-run"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(
        shown.stdout.contains("refused   cell-02-api/prod") && shown.stdout.contains("now it is 70"),
        "{shown:?}"
    );
    let undone = bench.run(&["undo", bulk, "-yy", "-o", "json"]);
    assert_eq!(undone.code, Some(4), "{undone:?}");
    let report: Value = serde_json::from_str(&undone.stdout).unwrap();
    let targets: Vec<&Value> =
        report["targets"].as_array().unwrap().iter().map(|row| &row["target"]["api_name"]).collect();
    assert_eq!(targets, ["cell-03-api", "cell-01-api"], "newest first");
    let after = bench.stages_by_boto3(three);
    assert_eq!((&after[0], &after[1], &after[2]), (&before[0], &changed[1], &before[2]));

    // The way back has a way back.
    let forth = bench.run(&["undo", report["bulk"].as_str().unwrap(), "-yy"]);
    assert_eq!(forth.code, Some(0), "{forth:?}");
    assert_eq!(bench.stages_by_boto3(three), changed);
}

#[test]
fn a_bulk_that_was_killed_is_told_and_taken_back() {
    let bench = Bench::new();
    let before = bench.stages_by_boto3(&FIVE);
    // The third request is on its way while the process dies, and never arrives.
    bench.proxy.inject("UpdateStage", Occurrence::Nth(3), Fault::Delay(Duration::from_mins(10)));
    let running = RunningCellgate::start(&bench.home, throttle(&FIVE, &["--yes"]));
    bench.wait_until("the third is sent", || bench.proxy.count("UpdateStage") == 3);
    assert_eq!(running.kill().code, None);
    bench.proxy.heal();

    let journal = bench.run(&["journal", "list", "-o", "json"]).json();
    let rows = journal.as_array().unwrap();
    let outcomes: Vec<&str> = rows.iter().map(|row| row["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["open", "applied", "applied"], "newest first");
    let bulk = rows[0]["bulk"].as_str().expect("the bulk's id is in each row");
    assert!(rows.iter().all(|row| row["bulk"] == bulk), "{journal}");

    let undone = bench.run(&["undo", bulk, "-yy", "-o", "json"]);
    assert_eq!(undone.code, Some(0), "{undone:?}");
    let report: Value = serde_json::from_str(&undone.stdout).unwrap();
    assert_eq!(states(&report), ["applied", "applied"]);
    assert_eq!(bench.stages_by_boto3(&FIVE), before);
    let settled = bench.run(&["journal", "list", "-o", "json"]).json();
    assert_eq!(settled[2]["outcome"], "not-applied", "the open one was found out: {settled}");
}

#[test]
fn ctrl_c_between_two_targets_begins_no_other() {
    let bench = Bench::new();
    let slowly = ["throttle", "set", FIVE[0], FIVE[1], "--rate", "50", "--per-minute", "1", "--yes"];
    let mut running = RunningCellgate::start(&bench.home, [&slowly[..], &["-o", "json"]].concat());
    running.wait_for_note("1/2 cell-01-api/prod applied");
    running.signal("INT");
    let outcome = running.finish();
    assert_eq!(outcome.code, Some(130), "{outcome:?}");
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(states(&report), ["applied", "not-begun"]);
    assert_eq!(report["stopped"]["by"], "operator");
    assert!(outcome.stderr.contains("1 done, 1 not begun"), "{outcome:?}");
    assert_eq!(bench.proxy.count("UpdateStage"), 1);
}

#[test]
fn a_saved_plan_is_refused_whole_where_one_target_has_moved_on() {
    let bench = Bench::new();
    let file = bench.home.path().join("bulk.json");
    let file = file.to_str().unwrap();
    let three = &FIVE[..3];
    let plan = [&["plan"][..], &throttle(three, &[]), &["--save", file]].concat();
    let saved = bench.run(&plan);
    assert_eq!(saved.code, Some(0), "{saved:?}");
    assert!(saved.stdout.contains("change the throttle of 3 targets"), "{saved:?}");
    assert_eq!(bench.proxy.count("UpdateStage"), 0);

    assert_eq!(bench.run(&["throttle", "set", FIVE[2], "--rate", "70", "--yes"]).code, Some(0));
    let refused = bench.run(&["apply", file, "--yes"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(refused.stderr.contains("cell-03-api/prod has changed since the plan was made"), "{refused:?}");
    assert_eq!(bench.proxy.count("UpdateStage"), 1, "nothing was sent to the others either");

    let undo = bench.run(&["journal", "list", "-o", "json"]).json();
    assert_eq!(bench.run(&["undo", undo[0]["id"].as_str().unwrap(), "--yes"]).code, Some(0));
    let applied = bench.run(&["apply", file, "--yes", "-o", "json"]).json();
    assert_eq!(states(&applied), ["applied", "applied", "applied"]);
}

#[test]
fn one_stage_named_in_full_is_changed_as_it_always_was() {
    let bench = Bench::new();
    let alone = bench.run(&throttle(&FIVE[..1], &["--yes", "-o", "json"])).json();
    assert_eq!((&alone["outcome"], &alone["target"]["api_name"]), (&"applied".into(), &"cell-01-api".into()));
    assert!(alone.get("bulk").is_none(), "{alone}");
    let list = cellgate(&bench.home, ["journal", "list", "-o", "json"]).json();
    assert!(list[0].get("bulk").is_none(), "{list}");
}
