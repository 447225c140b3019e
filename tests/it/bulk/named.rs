//! How several targets are named, and what is refused before anything is sent.

use std::fs;

use super::bench::{Bench, states};

const LEVER: [&str; 6] = ["--rate", "50", "--burst", "60", "--per-minute", "150"];

fn throttle<'typed>(typed: &[&'typed str]) -> Vec<&'typed str> {
    [&["throttle", "set"], typed, &LEVER].concat()
}

#[test]
fn stages_are_named_by_pattern_and_from_a_file_each_once_and_in_order() {
    let bench = Bench::new();
    let file = bench.home.path().join("targets");
    fs::write(&file, "# the fourth first\ncell-04-api/prod\n\n cell-02-api/prod \n").unwrap();
    let file = file.to_str().unwrap();
    let names = |arguments: &[&str]| -> Vec<String> {
        let plan = bench.run(&[&throttle(arguments)[..], &["--dry-run", "-o", "json"]].concat()).json();
        let parts = plan["parts"].as_array().unwrap();
        parts.iter().map(|part| part["target"]["api_name"].as_str().unwrap().to_owned()).collect()
    };
    let all: Vec<String> = (1..=6).map(|cell| format!("cell-0{cell}-api")).collect();
    assert_eq!(names(&["cell-*-api/prod"]), all);
    assert_eq!(names(&["--targets-from", file]), ["cell-04-api", "cell-02-api"]);
    assert_eq!(
        names(&["cell-01-api/prod", "cell-02-api/prod", "--targets-from", file]),
        ["cell-01-api", "cell-02-api", "cell-04-api"]
    );
    assert_eq!(bench.proxy.count("GetAccount"), 3, "what is the same for all is read once a plan");

    let nothing = bench.run(&[&throttle(&["nowhere-*/prod"])[..], &["--dry-run"]].concat());
    assert_eq!(nothing.code, Some(5), "{nothing:?}");
    assert!(nothing.stderr.contains("no stage is called like nowhere-*/prod"), "{nothing:?}");
}

#[test]
fn a_plan_for_several_says_what_holds_for_all_and_asks_for_more_than_y() {
    let bench = Bench::new();
    let three = ["cell-01-api/prod", "cell-02-api/prod", "cell-03-api/prod"];
    let shown = bench.run(&[&throttle(&three)[..], &["--waves", "1,1", "--dry-run"]].concat());
    assert_eq!(shown.code, Some(0), "{shown:?}");
    for text in [
        "Plan: change the throttle of 3 targets",
        "cell-02-api/prod  ",
        "waves     1, then 1, then 1; the first failure stops it",
        "pace      150 changes a minute",
        "requests/s",
        "needs     apigateway:PATCH on 3 resources",
        "what if   of ",
        "risk      ",
    ] {
        assert!(shown.stdout.contains(text), "{text}: {}", shown.stdout);
    }
    let warning = "is the default of each method, not a limit on their sum";
    assert_eq!(shown.stdout.matches(warning).count(), 1, "{}", shown.stdout);
    let unasked = bench.run(&throttle(&three));
    assert_eq!(unasked.code, Some(3), "{unasked:?}");
    let stops = [&["throttle", "set"], &three[..], &["--rate", "0", "--yes"]].concat();
    let severe = bench.run(&stops);
    assert_eq!(severe.code, Some(3), "{severe:?}");
    assert!(severe.stderr.contains("-yy"), "{severe:?}");
    assert_eq!(bench.proxy.count("UpdateStage"), 0);
}

#[test]
fn one_refused_target_keeps_all_from_being_changed_unless_it_is_left_out() {
    let bench = Bench::new();
    // No cache, and a kind of API that has none.
    let targets = ["flush", "cell-01-api/prod", "cell-01-api/beta", "orders-01/prod"];
    let targets = &targets[..];
    let refused = bench.run(&[targets, &["--yes"]].concat());
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(3), ""), "{refused:?}");
    assert!(refused.stderr.contains("2 of 3 targets are refused: cell-01-api/beta"), "{refused:?}");
    assert!(refused.stderr.contains("--leave-out-refused changes the others"), "{refused:?}");
    assert_eq!(bench.proxy.count("FlushStageCache"), 0);

    let others = bench.run(&[targets, &["--leave-out-refused", "--yes", "-o", "json"]].concat());
    let report = others.json();
    assert_eq!(states(&report), ["applied"], "{report}");
    assert_eq!(report["left_out"].as_array().unwrap().len(), 2, "{report}");
    assert_eq!(bench.proxy.count("FlushStageCache"), 1);

    let bulk = report["bulk"].as_str().unwrap();
    let flushed = bench.run(&["undo", bulk, "-yy"]);
    assert_eq!(flushed.code, Some(3), "a flush has no way back: {flushed:?}");
    let unknown = bench.run(&["undo", "bulk-20000101-000000-0000", "-yy"]);
    assert_eq!(unknown.code, Some(5), "{unknown:?}");
}
