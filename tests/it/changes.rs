//! The flush from plan to outcome, against the demo region: what is sent, what is recorded, and
//! what is refused before anything leaves.

use cellgate::domain::change::{Outcome, Refusal, Undo};
use cellgate::domain::journal::Entry;
use cellgate::domain::levers::Wanted;
use cellgate::ops::change::{ChangeError, Progress};

use crate::support::desk::Desk;
use crate::support::fault_proxy::{Fault, Occurrence};

/// A stage whose cache is on, in the region's starting estate.
const CACHED: &str = "cell-01-api/prod";

#[test]
fn a_flush_is_recorded_before_it_is_sent_and_waited_for() {
    let desk = Desk::new();
    let plan = desk.plan(CACHED, &Wanted::FlushStageCache).unwrap();
    assert_eq!(plan.region.account.as_str(), "123456789012");
    assert!(plan.blast_radius.cache_hit_rate.unwrap() > 0.2, "{:?}", plan.blast_radius);
    assert!(plan.blast_radius.requests_per_second.unwrap() > 1.0, "{:?}", plan.blast_radius);
    assert!(
        plan.iam[0].starts_with("apigateway:DELETE on arn:aws:apigateway:eu-west-1::/restapis/"),
        "{:?}",
        plan.iam
    );
    assert!(matches!(plan.undo, Undo::Impossible { .. }));
    assert_eq!(desk.region.count("FlushStageCache"), 0, "a plan sends no change");

    let (applied, progress) = desk.apply(&plan);
    let applied = applied.unwrap();
    assert_eq!(applied.outcome, Outcome::Applied);
    assert_eq!(applied.request_ids.len(), 1);
    assert_eq!(desk.region.count("FlushStageCache"), 1);

    let place = |wanted: fn(&Progress) -> bool| progress.iter().position(wanted).unwrap();
    let journaled = place(|step| matches!(step, Progress::Journaled(_)));
    let sent = place(|step| matches!(step, Progress::Sending(_)));
    let waited = place(|step| matches!(step, Progress::Waiting { .. }));
    assert!(journaled < sent && sent < waited, "{progress:?}");

    assert_eq!(desk.store.journal.verify().unwrap(), 2);
    let entries = desk.entries();
    assert!(matches!(&entries[0], Entry::Intent { plan: recorded } if **recorded == plan));
    assert!(matches!(&entries[1], Entry::Outcome { outcome: Outcome::Applied, .. }));
}

#[test]
fn a_cache_that_is_off_or_absent_is_refused() {
    let desk = Desk::new();
    let off = desk.plan("cell-04-api/prod", &Wanted::FlushStageCache).unwrap_err();
    assert!(matches!(off, ChangeError::Refused(Refusal::CacheOff { .. })), "{off}");
    let http = desk.plan("orders-01/prod", &Wanted::FlushStageCache).unwrap_err();
    assert!(matches!(http, ChangeError::Refused(Refusal::NotOnThisKind { .. })), "{http}");
    assert_eq!(desk.region.count("FlushStageCache"), 0);
}

#[test]
fn a_flush_is_refused_while_another_runs() {
    let desk = Desk::new();
    let plan = desk.plan(CACHED, &Wanted::FlushStageCache).unwrap();
    // Somebody else's flush, which the region's standing clock keeps running.
    let stage = plan.target.stage().unwrap();
    desk.runtime.block_on(desk.session.flush_stage_cache(&stage.api, &stage.stage)).unwrap();
    let (applied, _) = desk.apply(&plan);
    let error = applied.unwrap_err();
    assert!(matches!(error, ChangeError::Refused(Refusal::Moved { .. })), "{error}");
    assert_eq!(desk.region.count("FlushStageCache"), 1);
    assert!(desk.entries().is_empty(), "nothing was announced");
}

#[test]
fn a_flush_whose_answer_is_lost_is_looked_up_and_not_sent_again() {
    for fault in [Fault::DropConnection, Fault::InternalFailure, Fault::CutBody] {
        let desk = Desk::new();
        let plan = desk.plan(CACHED, &Wanted::FlushStageCache).unwrap();
        desk.proxy.inject("FlushStageCache", Occurrence::Every, fault);
        let (applied, _) = desk.apply(&plan);
        let outcome = applied.unwrap().outcome;
        assert_eq!(desk.proxy.count("FlushStageCache"), 1, "{fault:?}");
        // The proxy answers in the region's place where it makes errors of its own; where it cuts the
        // answer, the region has flushed and its status says so.
        let arrived = desk.region.count("FlushStageCache");
        assert_eq!(arrived, usize::from(fault == Fault::CutBody), "{fault:?}");
        match arrived {
            0 => assert!(matches!(outcome, Outcome::Unknown { .. }), "{fault:?} {outcome:?}"),
            _ => assert_eq!(outcome, Outcome::Applied, "{fault:?}"),
        }
        assert_eq!(desk.store.journal.verify().unwrap(), 2);
    }
}

#[test]
fn a_flush_that_aws_throttles_was_not_applied() {
    let desk = Desk::new();
    let plan = desk.plan(CACHED, &Wanted::FlushStageCache).unwrap();
    desk.proxy.inject("FlushStageCache", Occurrence::Every, Fault::Throttle);
    let (applied, _) = desk.apply(&plan);
    assert!(matches!(applied.unwrap().outcome, Outcome::NotApplied { .. }));
    assert_eq!(desk.proxy.count("FlushStageCache"), 1, "a change is never repeated by itself");
}

#[test]
fn an_outcome_that_cannot_be_recorded_is_still_told() {
    let desk = Desk::new();
    let plan = desk.plan(CACHED, &Wanted::FlushStageCache).unwrap();
    let journal = desk.store.journal.path();
    // The intent is on the disk; then a directory takes the place of the file.
    let block = |progress: &Progress| {
        if matches!(progress, Progress::Sending(_)) {
            std::fs::rename(&journal, journal.with_extension("moved")).unwrap();
            std::fs::create_dir(&journal).unwrap();
        }
    };
    let (applied, _) = desk.apply_while(&plan, block);
    let applied = applied.unwrap();
    assert_eq!(applied.outcome, Outcome::Applied);
    assert!(applied.unrecorded.is_some_and(|why| why.contains("journal")));
}

#[test]
fn nothing_is_sent_where_the_journal_cannot_be_written() {
    let desk = Desk::new();
    let plan = desk.plan(CACHED, &Wanted::FlushStageCache).unwrap();
    // A file where the journal's directory should be.
    std::fs::write(desk.store.journal.path().parent().unwrap(), "in the way").unwrap();
    let (applied, _) = desk.apply(&plan);
    assert!(matches!(applied.unwrap_err(), ChangeError::Journal(_)));
    assert_eq!(desk.region.count("FlushStageCache"), 0);
}
