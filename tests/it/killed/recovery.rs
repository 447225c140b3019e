//! One kill after the other, and each way out.

use cellgate::domain::change::{Outcome, Plan, Settings, Undo};
use serde_json::Value;

use super::bench::{self, Bench, history};
use crate::support::home::Home;

/// How a change that was left open is brought to an end.
#[derive(Clone, Copy, Debug)]
enum WayOut {
    Finish,
    Send,
    Undo,
}

const WAYS_OUT: [WayOut; 3] = [WayOut::Finish, WayOut::Send, WayOut::Undo];

/// Kills the lever at each of its points, and tries the ways out.
pub fn try_every_point(bench: &Bench) {
    let mut home = bench.home();
    let dry = bench::run(&home, &[bench.lever.command, &["--dry-run", "-o", "json"]].concat()).json();
    let plan: Plan = serde_json::from_value(dry).unwrap();
    let (before, status) = (bench.settings(&plan.target), bench.status(&plan.target));
    let points = bench::points(&mut home, &bench.pull());
    assert_eq!(points.len(), 4 + 2 * plan.steps.len(), "around each record and each request: {points:?}");
    let after = bench.settings(&plan.target);
    assert_eq!(after, before.after(&plan.changes()), "nothing but what was planned is different");
    let calm = [status, bench.status(&plan.target)];
    let course = Course { bench, plan, before, after, calm };
    course.take_back(&home, history(&home)[0].id.as_str());

    for (place, point) in points.iter().enumerate() {
        for (number, way_out) in WAYS_OUT.into_iter().enumerate() {
            // What levers of one request do after a kill differs in nothing but the request: there each
            // point has one way out, and each lever begins with another.
            let turn = place + bench.lever.command.concat().len();
            if course.plan.steps.len() > 1 || turn % WAYS_OUT.len() == number {
                course.kill_at(point, way_out);
            }
        }
    }
}

/// A lever between its two ends.
struct Course<'bench> {
    bench: &'bench Bench,
    plan: Plan,
    before: Settings,
    after: Settings,
    /// What the target says of its own state at either end.
    calm: [Settings; 2],
}

impl Course<'_> {
    fn kill_at(&self, point: &str, way_out: WayOut) {
        let bench = self.bench;
        let mut home = bench.home();
        (bench.lever.prepare)(bench);
        assert_eq!(self.settings(), self.before, "{point}: each kill begins with the same target");
        let sent = bench.sent(&self.plan);
        bench::kill(&mut home, &bench.pull(), point);
        bench.wait_for_status(&self.plan.target, &self.calm);
        let sent_until_killed = bench.sent(&self.plan) - sent;
        match history(&home).as_slice() {
            [] => {
                assert_eq!((self.settings(), sent_until_killed), (self.before.clone(), 0), "{point}");
                let done = bench::run(&home, &bench.pull());
                assert_eq!(
                    done.code,
                    Some(0),
                    "{point}: what was never announced is in nobody's way: {done:?}"
                );
                self.take_back(&home, history(&home)[0].id.as_str());
            }
            [change] if change.end.is_none() => {
                self.is_refused(&home, change.id.as_str());
                assert_eq!(
                    bench.sent(&self.plan) - sent,
                    sent_until_killed,
                    "{point}: a refusal sends nothing"
                );
                let id = change.id.to_string();
                match way_out {
                    WayOut::Finish => self.finish(&home, &id),
                    WayOut::Send => self.send(&home, &id, sent),
                    WayOut::Undo => self.undo(&home, &id),
                }
            }
            [change] => {
                assert_eq!(change.end.as_ref().unwrap().outcome, Outcome::Applied, "{point}");
                assert_eq!(self.settings(), self.after, "{point}");
                self.take_back(&home, change.id.as_str());
            }
            several => panic!("{point}: {several:?}"),
        }
        let history = history(&home);
        assert!(history.iter().all(|change| change.end.is_some()), "{point} {way_out:?}: {history:?}");
        assert_eq!(self.undoable(&self.settings()), self.undoable(&self.before), "{point} {way_out:?}");
    }

    /// The next one is told of the change that is in its way.
    fn is_refused(&self, home: &Home, change: &str) {
        let refused = bench::run(home, &self.bench.pull());
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(3), ""), "{refused:?}");
        let says = format!("the change {change} to {} was never finished", self.plan.target);
        assert!(refused.stderr.contains(&says), "{refused:?}");
        assert!(refused.stderr.contains(&format!("cellgate finish {change}")), "{refused:?}");
    }

    /// Only finds out.
    fn finish(&self, home: &Home, change: &str) {
        let (settings, sent) = (self.settings(), self.bench.sent(&self.plan));
        let found = bench::run(home, &["finish", change, "-o", "json"]).json();
        let expected = if !self.can_be_told() {
            "unknown"
        } else if settings == self.after {
            "applied"
        } else if settings == self.before {
            "not-applied"
        } else {
            "partly-applied"
        };
        assert_eq!(found["outcome"], expected, "{found}");
        assert_eq!((self.settings(), self.bench.sent(&self.plan)), (settings, sent), "it only looks");
        if self.is_there_to_take_back() {
            return self.take_back(home, change);
        }
        let refused = bench::undo(home, change);
        assert_eq!(refused.code, Some(3), "{refused:?}");
    }

    /// Finds out, and sends the rest.
    fn send(&self, home: &Home, change: &str, sent: usize) {
        let until_killed = self.bench.sent(&self.plan) - sent;
        let finished = bench::run(home, &["finish", change, "--send", "-yy", "-o", "json"]);
        let found: Value = serde_json::from_str(&finished.stdout).unwrap_or_default();
        if !self.can_be_told() {
            assert_eq!((finished.code, &found["outcome"]), (Some(4), &"unknown".into()), "{finished:?}");
            assert_eq!(
                self.bench.sent(&self.plan) - sent,
                until_killed,
                "nobody knows, so it isn't sent again"
            );
            return;
        }
        assert_eq!((finished.code, &found["outcome"]), (Some(0), &"applied".into()), "{finished:?}");
        assert_eq!(self.settings(), self.after);
        assert_eq!(self.bench.sent(&self.plan) - sent, self.plan.steps.len(), "each request is sent once");
        self.take_back(home, change);
    }

    /// Takes back what was done of it.
    fn undo(&self, home: &Home, change: &str) {
        let (settings, sent) = (self.settings(), self.bench.sent(&self.plan));
        if self.is_there_to_take_back() {
            return self.take_back(home, change);
        }
        let refused = bench::undo(home, change);
        assert_eq!(refused.code, Some(3), "{refused:?}");
        assert_eq!(
            (self.settings(), self.bench.sent(&self.plan)),
            (settings, sent),
            "a refusal sends nothing"
        );
        self.finish(home, change);
    }

    /// Undoes it, unless it is of the kind that can't be undone.
    fn take_back(&self, home: &Home, change: &str) {
        let undone = bench::undo(home, change);
        let expected = if matches!(self.plan.undo, Undo::Possible { .. }) { 0 } else { 3 };
        assert_eq!(undone.code, Some(expected), "{undone:?}");
        self.bench.wait_for_status(&self.plan.target, &self.calm);
        assert_eq!(self.undoable(&self.settings()), self.undoable(&self.before), "{undone:?}");
    }

    fn is_there_to_take_back(&self) -> bool {
        self.can_be_told() && self.undoable(&self.settings()) != self.undoable(&self.before)
    }

    /// Without what an undo leaves as it is.
    fn undoable(&self, settings: &Settings) -> Settings {
        let left = self.bench.lever.left_by_undo;
        let kept = settings.iter().filter(|(name, _)| !left.contains(name));
        kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn settings(&self) -> Settings {
        self.bench.settings(&self.plan.target)
    }

    fn can_be_told(&self) -> bool {
        self.plan.steps.iter().all(cellgate::domain::change::Step::can_be_told)
    }
}
