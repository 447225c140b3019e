//! Guards of changes: a breach is taken back, calm passes, and what can't be proven never does.

use std::fs;

use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;
use serde_json::Value;

use crate::support::binary::{Outcome, RunningCellgate, cellgate};
use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::home::Home;
use crate::support::region::Region;

const STAGE: &str = "cell-01-api/prod";
/// All but nothing passes.
const CHOKED: &[&str] = &["throttle", "set", STAGE, "--rate", "1", "--burst", "1", "--yes", "-o", "json"];
const HARMLESS: &[&str] = &["variables", STAGE, "blue=green", "--yes", "-o", "json"];

/// A minute of the region is a second.
fn region() -> Region {
    Region::start(RegionOptions {
        cells: 4,
        apis: 12,
        customers: 400,
        clock: Clock::scaled("2026-11-20T14:03:30Z".parse().unwrap(), 60),
        control_plane_limits: false,
        ..RegionOptions::default()
    })
}

fn home(endpoint_url: &str) -> Home {
    let mut home = Home::new();
    home.set("AWS_ENDPOINT_URL", endpoint_url);
    let file = home.path().join("config/cellgate/config.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, "[limits]\ncontrol-plane-share = \"100%\"\n").unwrap();
    home
}

fn report(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"))
}

fn rate(home: &Home) -> Value {
    let stages = cellgate(home, ["get", "stages", "-o", "json"]).json();
    let stages = stages.as_array().unwrap();
    let stage = stages.iter().find(|stage| stage["api_name"] == "cell-01-api" && stage["stage"] == "prod");
    stage.unwrap_or_else(|| panic!("{stages:?}"))["throttle"]["rate"].clone()
}

#[test]
fn a_breach_is_taken_back() {
    let region = region();
    let home = home(&region.endpoint_url());
    let before = rate(&home);
    let outcome = cellgate(&home, [CHOKED, &["--guard", "4xx < 20%", "--for", "4m"]].concat());
    assert_eq!(outcome.code, Some(6), "{outcome:?}");
    let report = report(&outcome);
    assert_eq!((&report["outcome"], &report["guard"]["verdict"]), (&"applied".into(), &"breached".into()));
    assert_eq!(report["guard"]["undo_outcome"], "applied", "{report}");
    let (change, undo) = (report["change"].as_str().unwrap(), report["guard"]["undone_by"].as_str().unwrap());
    let says = format!("the change {change} was taken back by {undo}");
    assert!(outcome.stderr.contains(&says), "{outcome:?}");
    assert!(outcome.stderr.contains("guard: breached: 4xx"), "{outcome:?}");
    assert_eq!(rate(&home), before);
    assert_eq!(region.count("UpdateStage"), 2);

    let journal = cellgate(&home, ["journal", "list", "-o", "json"]).json();
    assert_eq!((&journal[0]["id"], &journal[1]["id"]), (&undo.into(), &change.into()));
    let undone = cellgate(&home, ["journal", "show", undo, "-o", "json"]).json();
    assert_eq!(undone["records"][0]["entry"]["intent"]["plan"]["undoes"], change, "{undone}");
    assert_eq!(cellgate(&home, ["journal", "verify"]).code, Some(0));
}

#[test]
fn a_breach_is_only_told_where_that_was_wanted() {
    let region = region();
    let home = home(&region.endpoint_url());
    let guard = ["--guard", "4xx < 20%", "--for", "4m", "--no-undo"];
    let outcome = cellgate(&home, [CHOKED, &guard].concat());
    assert_eq!(outcome.code, Some(6), "{outcome:?}");
    let report = report(&outcome);
    assert_eq!(
        (&report["guard"]["verdict"], &report["guard"]["undone_by"]),
        (&"breached".into(), &Value::Null)
    );
    let change = report["change"].as_str().unwrap();
    assert!(outcome.stderr.contains(&format!("the change {change} stays")), "{outcome:?}");
    assert_eq!(rate(&home), 1.0);
    assert_eq!(region.count("UpdateStage"), 1);
}

#[test]
fn calm_passes() {
    let region = region();
    let home = home(&region.endpoint_url());
    let cells = cellgate(&home, ["get", "cells", "-o", "json"]).json();
    let reports = |cell: &&Value| cell["sources"].as_array().unwrap().contains(&"metric".into());
    let reporting = cells.as_array().unwrap().iter().find(reports).expect("a cell that reports of itself");
    let of_cell = format!("{}-api/prod", reporting["id"].as_str().unwrap());
    for (condition, watched) in [("5xx < 50% and p99 < 60s", STAGE), ("cell.errors < 50%", &of_cell)] {
        let guard = ["--guard", condition, "--for", "2m", "--watch", watched];
        let outcome = cellgate(&home, [HARMLESS, &guard].concat());
        assert_eq!(outcome.code, Some(0), "{condition}: {outcome:?}");
        let report = report(&outcome);
        assert_eq!(report["guard"]["verdict"], "passed", "{report}");
        assert_eq!(report["guard"]["minutes"].as_array().unwrap().len(), 2, "{report}");
        let change = report["change"].as_str().unwrap();
        assert_eq!(cellgate(&home, ["undo", change, "--yes"]).code, Some(0));
    }
}

#[test]
fn a_guard_whose_process_was_killed_is_gone_on_with_and_takes_back() {
    let region = region();
    let home = home(&region.endpoint_url());
    let before = rate(&home);
    let mut running =
        RunningCellgate::start(&home, [CHOKED, &["--guard", "4xx < 20%", "--for", "4m"]].concat());
    running.wait_for_note("is made");
    running.wait_for_note("guard:");
    assert_eq!(running.kill().code, None);
    assert_eq!(rate(&home), 1.0, "nobody has taken it back");

    let listed = cellgate(&home, ["journal", "list", "-o", "json"]).json();
    let change = listed[0]["id"].as_str().unwrap();
    let shown = cellgate(&home, ["journal", "show", change]);
    assert!(shown.stdout.contains("guard begun"), "{shown:?}");
    assert!(shown.stdout.contains("`cellgate finish` goes on with it"), "{shown:?}");
    let finished = cellgate(&home, ["finish", change, "-o", "json"]);
    assert_eq!(finished.code, Some(6), "{finished:?}");
    let report = report(&finished);
    assert_eq!(
        (&report["guard"]["verdict"], &report["guard"]["undo_outcome"]),
        (&"breached".into(), &"applied".into())
    );
    assert_eq!(rate(&home), before);

    let again = cellgate(&home, ["finish", change]);
    assert_eq!(again.code, Some(3), "it has come to its end: {again:?}");
    assert_eq!(cellgate(&home, ["journal", "verify"]).code, Some(0));
    let shown = cellgate(&home, ["journal", "show", change]);
    assert!(shown.stdout.contains("guard breached"), "{shown:?}");
}

#[test]
fn missing_figures_do_not_pass() {
    let region = region();
    let proxy = FaultProxy::before(&region.endpoint_url());
    let home = home(&proxy.endpoint_url());
    let guard = ["--guard", "5xx < 50%", "--for", "12m"];
    let mut running = RunningCellgate::start(&home, [HARMLESS, &guard].concat());
    running.wait_for_note("is made");
    proxy.inject("GetMetricData", Occurrence::Every, Fault::AccessDenied);
    let outcome = running.finish();
    assert_eq!(outcome.code, Some(6), "{outcome:?}");
    let report = report(&outcome);
    assert_eq!(
        (&report["guard"]["verdict"], &report["guard"]["undone_by"]),
        (&"unproven".into(), &Value::Null)
    );
    assert!(outcome.stderr.contains("the guard is unproven: 5xx at"), "{outcome:?}");
    assert_eq!(region.count("UpdateStage"), 1, "what is unknown is no breach");
}

#[test]
fn ctrl_c_breaks_a_guard_off_and_leaves_the_change() {
    let region = region();
    let home = home(&region.endpoint_url());
    let guard = ["--guard", "5xx < 50%", "--for", "24h"];
    let mut running = RunningCellgate::start(&home, [HARMLESS, &guard].concat());
    running.wait_for_note("guard: ");
    running.signal("INT");
    let outcome = running.finish();
    assert_eq!(outcome.code, Some(130), "{outcome:?}");
    assert!(outcome.stderr.contains("the guard was broken off"), "{outcome:?}");
    let journal = cellgate(&home, ["journal", "list", "-o", "json"]).json();
    assert_eq!(journal[0]["outcome"], "applied");
}

#[test]
fn a_guard_that_could_prove_nothing_is_refused_before_the_change() {
    let region = region();
    let home = home(&region.endpoint_url());
    for (guard, code, says) in [
        (&["--guard", "5xx < 1%"][..], 2, "--for"),
        (&["--guard", "5xxx < 1%", "--for", "2m"], 2, "5xx"),
        (&["--guard", "5xx < 3ms", "--for", "2m"], 2, "share"),
        (&["--guard", "5xx < 1%", "--for", "2s"], 3, "from 1m to 24h"),
        (&["--guard", "waf.blocked < 1%", "--for", "2m", "--watch", "cell-01-api/beta"], 3, "no web ACL"),
        (
            &["--guard", "cell.errors < 1%", "--for", "2m", "--watch", "router/prod"],
            3,
            "which cell its API serves",
        ),
        (
            &["--guard", "cache-hit-rate > 1%", "--for", "2m", "--watch", "orders-01/prod"],
            3,
            "cache-hit-rate",
        ),
        (&["--guard", "5xx < 1%", "--for", "2m", "--watch", "nowhere/prod"], 5, "nowhere"),
    ] {
        let outcome = cellgate(&home, [HARMLESS, guard].concat());
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(code), ""), "{guard:?}: {outcome:?}");
        assert!(outcome.stderr.contains(says), "{guard:?}: {outcome:?}");
    }
    let flush = ["flush", STAGE, "--yes", "--guard", "5xx < 1%", "--for", "2m"];
    let outcome = cellgate(&home, flush);
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(outcome.stderr.contains("--no-undo"), "{outcome:?}");
    assert_eq!((region.count("UpdateStage"), region.count("FlushStageCache")), (0, 0));
}

#[test]
fn a_saved_plan_is_guarded_when_it_is_applied() {
    let region = region();
    let home = home(&region.endpoint_url());
    let file = home.path().join("plan.json").display().to_string();
    let guard = ["--guard", "5xx < 50%", "--for", "1m"];
    let early = cellgate(&home, [&["plan", "variables", STAGE, "blue=green"][..], &guard].concat());
    assert_eq!(early.code, Some(2), "{early:?}");
    assert!(early.stderr.contains("`cellgate apply` takes one"), "{early:?}");
    let saved = cellgate(&home, ["plan", "variables", STAGE, "blue=green", "--save", &file]);
    assert_eq!(saved.code, Some(0), "{saved:?}");
    let applied = cellgate(&home, [&["apply", &file, "--yes", "-o", "json"][..], &guard].concat());
    assert_eq!(report(&applied)["guard"]["verdict"], "passed", "{applied:?}");
}
