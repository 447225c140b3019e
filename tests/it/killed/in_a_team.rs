//! A kill where a team has a table: the lease outlives the process for a while, either journal may lack what the
//! other has, and a colleague at another machine brings the change to its end.

use cellgate::domain::change::Plan;
use cellgate_demo::clock::Clock;
use jiff::SignedDuration;

use super::bench::{self, Bench, Lever, history};
use crate::support::home::Home;
use crate::support::table::TeamTable;

const THROTTLE: &[&str] = &["throttle", "set", "cell-01-api/prod", "--rate", "77"];

fn home(bench: &Bench) -> Home {
    let mut home = bench.home();
    home.set("CELLGATE_TEAM_TABLE", TeamTable::NAME);
    home
}

#[test]
fn a_colleague_finishes_what_a_killed_process_left() {
    // Standing time: a lease ends when the test says so.
    let clock = Clock::manual("2026-11-20T14:03:30Z".parse().unwrap());
    let bench = Bench::with_clock(Lever::new(THROTTLE), clock);
    TeamTable::create(&bench.region.endpoint_url());
    let mut alice = home(&bench);
    let bob = home(&bench);
    let dry = bench::run(&alice, &[THROTTLE, &["--dry-run", "-o", "json"]].concat()).json();
    let plan: Plan = serde_json::from_value(dry).unwrap();
    let before = bench.settings(&plan.target);
    let after = before.after(&plan.changes());

    let points = bench::points(&mut alice, &bench.pull());
    assert_eq!(points.len(), 8, "around each record, between its two stores, around the request: {points:?}");
    let first = history(&alice)[0].id.to_string();
    let undone = bench::undo(&bob, &first);
    assert_eq!(undone.code, Some(0), "the team's journal has the change of a colleague: {undone:?}");

    for point in points {
        let mut alice = home(&bench);
        let sent = bench.sent(&plan);
        bench::kill(&mut alice, &bench.pull(), &point);
        let known = history(&alice).pop();
        if let Some(change) = known.as_ref().filter(|_| !point.starts_with("after-outcome")) {
            // Nobody knows yet that the process has gone.
            let finish = ["finish", change.id.as_str(), "--send", "-yy"];
            let leased = bench::run(&alice, &finish);
            assert_eq!(leased.code, Some(3), "{point}: {leased:?}");
            assert!(leased.stderr.contains("whose lease lasts until"), "{point}: {leased:?}");
        }
        bench.region.advance(SignedDuration::from_mins(2));
        match known {
            None => assert_eq!(bench.settings(&plan.target), before, "{point}"),
            Some(change) if point.starts_with("after-outcome") => {
                assert_eq!(bench::undo(&bob, change.id.as_str()).code, Some(0), "{point}");
            }
            Some(change) => {
                // What the team was not told of can be finished by its author alone.
                let told = point != "between-stores-1";
                let finisher = if told { &bob } else { &alice };
                let refused = bench::run(finisher, &bench.pull());
                assert_eq!(refused.code, Some(3), "{point}: {refused:?}");
                assert!(
                    refused.stderr.contains(&format!("the change {} to", change.id)),
                    "{point}: {refused:?}"
                );
                let finish = ["finish", change.id.as_str(), "--send", "-yy", "-o", "json"];
                let finished = bench::run(finisher, &finish).json();
                assert_eq!(finished["outcome"], "applied", "{point}: {finished}");
                assert_eq!(bench.settings(&plan.target), after, "{point}");
                assert_eq!(bench.sent(&plan) - sent, 1, "{point}");
                assert_eq!(bench::undo(finisher, change.id.as_str()).code, Some(0), "{point}");
            }
        }
        assert_eq!(bench.settings(&plan.target), before, "{point}");
        for (home, store) in [(&alice, "file"), (&bob, "file"), (&bob, "team")] {
            let verified = bench::run(home, &["journal", "verify", "--store", store]);
            assert_eq!(verified.code, Some(0), "{point}: {verified:?}");
        }
    }
}
