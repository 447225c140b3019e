//! What keeps a change safe, whatever its lever: the world that moved on, answers that were lost, changes
//! that were never finished.

use cellgate::domain::change::{Outcome, Plan, Refusal};
use cellgate::domain::levers::Wanted;
use cellgate::domain::method::MethodKey;
use cellgate::ops::change::{self, ChangeError, Verdict};

use super::{Bench, STAGE};
use crate::support::fault_proxy::{Fault, Occurrence};

fn throttle(rate: f64) -> Wanted {
    Wanted::SetThrottle { method: MethodKey::All, rate: Some(rate), burst: None }
}

#[test]
fn a_plan_that_the_world_has_overtaken_is_refused_with_the_difference() {
    let bench = Bench::new();
    let saved = serde_json::to_string(&bench.desk.plan(STAGE, &throttle(50.0)).unwrap()).unwrap();
    bench.desk.change(STAGE, &throttle(60.0));
    let plan: Plan = serde_json::from_str(&saved).unwrap();
    let (applied, _) = bench.desk.apply(&plan);
    let refused = applied.unwrap_err();
    assert!(
        matches!(&refused, ChangeError::Refused(Refusal::Moved { difference, .. }) if difference.contains("now it is 60")),
        "{refused}"
    );
    assert_eq!(bench.desk.region.count("UpdateStage"), 1);
}

#[test]
fn a_plan_may_wait_in_a_file_where_nothing_has_changed() {
    let bench = Bench::new();
    let plan = bench.desk.plan(STAGE, &throttle(50.0)).unwrap();
    let saved: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
    assert_eq!(saved, plan);
    bench.desk.done(&saved);
}

#[test]
fn a_lost_answer_is_looked_up_and_never_sent_again() {
    for fault in [Fault::DropConnection, Fault::InternalFailure, Fault::CutBody] {
        let bench = Bench::new();
        let plan = bench.desk.plan(STAGE, &throttle(50.0)).unwrap();
        bench.desk.proxy.inject("UpdateStage", Occurrence::Every, fault);
        let (applied, _) = bench.desk.apply(&plan);
        let outcome = applied.unwrap().outcome;
        assert_eq!(bench.desk.proxy.count("UpdateStage"), 1, "{fault:?}");
        let arrived = bench.desk.region.count("UpdateStage");
        assert_eq!(arrived, usize::from(fault == Fault::CutBody), "{fault:?}");
        match arrived {
            0 => assert!(matches!(outcome, Outcome::NotApplied { .. }), "{fault:?} {outcome:?}"),
            _ => assert_eq!(outcome, Outcome::Applied, "{fault:?}"),
        }
    }
}

#[test]
fn a_conflict_or_a_throttled_control_plane_changes_nothing() {
    let bench = Bench::new();
    let plan = bench.desk.plan(STAGE, &throttle(50.0)).unwrap();
    bench.desk.proxy.inject("UpdateStage", Occurrence::Every, Fault::Throttle);
    let (applied, _) = bench.desk.apply(&plan);
    assert!(matches!(applied.unwrap().outcome, Outcome::NotApplied { .. }));
    assert_eq!(bench.desk.proxy.count("UpdateStage"), 1);
}

#[test]
fn an_open_change_blocks_its_target_until_it_is_told_what_became_of_it() {
    let bench = Bench::new();
    let desk = &bench.desk;
    let plan = desk.plan(STAGE, &throttle(50.0)).unwrap();
    // A process that died between its intent and its request: the outcome is cut off the journal.
    desk.announce(&plan);
    let (applied, _) = desk.apply(&desk.plan(STAGE, &throttle(70.0)).unwrap());
    assert!(matches!(applied.unwrap_err(), ChangeError::Refused(Refusal::Open { .. })));

    let open = desk.runtime.block_on(change::open_changes(&desk.session, &desk.store)).unwrap();
    let [open] = open.as_slice() else { panic!("{open:?}") };
    assert_eq!(change::verdict(&open.plan, &desk.settings_of(&plan.target)), Verdict::NotApplied);
    let recovered = desk
        .runtime
        .block_on(change::recover(&desk.session, open, true, &desk.store, &desk.clock, &|_| {}))
        .unwrap();
    assert_eq!(recovered.outcome, Outcome::Applied);
    assert_eq!(desk.settings_of(&plan.target).get("/*/*/throttling/rateLimit"), Some("50"));
    desk.undo(&open.id);
}

#[test]
fn an_open_flush_cannot_be_told_and_is_not_sent_again() {
    let bench = Bench::new();
    let desk = &bench.desk;
    desk.announce(&desk.plan(STAGE, &Wanted::FlushStageCache).unwrap());
    let open = desk.runtime.block_on(change::open_changes(&desk.session, &desk.store)).unwrap();
    let recovered = desk
        .runtime
        .block_on(change::recover(&desk.session, &open[0], true, &desk.store, &desk.clock, &|_| {}))
        .unwrap();
    assert!(matches!(recovered.outcome, Outcome::Unknown { .. }), "{recovered:?}");
    assert_eq!(desk.region.count("FlushStageCache"), 0);
}
