//! What brings a change to an end is killed in its turn.

use cellgate::domain::change::{Plan, Settings};

use super::bench::{self, Bench, Lever, history};
use crate::support::home::Home;

const THROTTLE: &[&str] = &["throttle", "set", "cell-01-api/prod", "--rate", "77"];

/// A region with the target's settings before and after the change.
fn bench() -> (Bench, Plan, [Settings; 2]) {
    let bench = Bench::of(Lever::new(THROTTLE));
    let dry = bench::run(&bench.home(), &[THROTTLE, &["--dry-run", "-o", "json"]].concat()).json();
    let plan: Plan = serde_json::from_value(dry).unwrap();
    let before = bench.settings(&plan.target);
    let after = before.after(&plan.changes());
    (bench, plan, [before, after])
}

fn open_change(home: &Home) -> Option<String> {
    let open = history(home).into_iter().find(|change| change.end.is_none());
    open.map(|change| change.id.to_string())
}

#[test]
fn an_undo() {
    let (bench, plan, [before, after]) = bench();
    let changed = |home: &Home| bench::run(home, &bench.pull()).json()["change"].as_str().unwrap().to_owned();
    let mut home = bench.home();
    let id = changed(&home);
    let points = bench::points(&mut home, &["undo", &id, "-yy"]);
    assert_eq!(points.len(), 6, "{points:?}");
    for point in points {
        let mut home = bench.home();
        let id = changed(&home);
        bench::kill(&mut home, &["undo", &id, "-yy"], &point);
        if let Some(open) = open_change(&home) {
            assert_ne!(open, id);
            let finished = bench::run(&home, &["finish", &open, "--send", "-yy"]);
            assert_eq!(finished.code, Some(0), "{point}: {finished:?}");
        } else if point.starts_with("before") {
            assert_eq!(bench.settings(&plan.target), after, "{point}");
            assert_eq!(bench::undo(&home, &id).code, Some(0), "{point}");
        }
        assert_eq!(bench.settings(&plan.target), before, "{point}");

        // An undo can be undone, whoever brought it to its end.
        let undo = history(&home).last().unwrap().id.to_string();
        assert_eq!(bench::undo(&home, &undo).code, Some(0), "{point}");
        assert_eq!(bench.settings(&plan.target), after, "{point}");
        let undone = history(&home).last().unwrap().id.to_string();
        assert_eq!(bench::undo(&home, &undone).code, Some(0), "{point}");
        assert_eq!(bench.settings(&plan.target), before, "{point}");
    }
}

#[test]
fn a_finish() {
    let (bench, plan, [before, after]) = bench();
    let opened = |home: &mut Home| {
        bench::kill(home, &bench.pull(), "before-request-1");
        open_change(home).unwrap()
    };
    let mut home = bench.home();
    let id = opened(&mut home);
    let points = bench::points(&mut home, &["finish", &id, "--send", "-yy"]);
    assert_eq!(points.len(), 4, "around the request and the outcome: {points:?}");
    assert_eq!(bench::undo(&home, &id).code, Some(0));
    for point in points {
        let mut home = bench.home();
        let id = opened(&mut home);
        let sent = bench.sent(&plan);
        bench::kill(&mut home, &["finish", &id, "--send", "-yy"], &point);
        let refused = bench::run(&home, &bench.pull());
        if open_change(&home).is_some() {
            assert_eq!(refused.code, Some(3), "{refused:?}");
            assert!(refused.stderr.contains(&format!("the change {id} to")), "{refused:?}");
            let finished = bench::run(&home, &["finish", &id, "--send", "-yy"]);
            assert_eq!(finished.code, Some(0), "{point}: {finished:?}");
        } else {
            assert_eq!(refused.code, Some(3), "there is nothing left to change: {refused:?}");
        }
        assert_eq!(bench.settings(&plan.target), after, "{point}");
        assert_eq!(bench.sent(&plan) - sent, 1, "{point}: two ends of one request");
        assert_eq!(bench::undo(&home, &id).code, Some(0), "{point}");
        assert_eq!(bench.settings(&plan.target), before, "{point}");
        assert_eq!(open_change(&home), None);
    }
}
