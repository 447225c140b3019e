//! Grants and their way back: what is legal, what remains, and periods that ended.

use super::*;
use crate::domain::change::{BlastRadius, Lever, PlannedCall, Step};
use crate::domain::identity::RegionKey;

const PERIOD: &str = "WEEK since 2026-11-15";

fn key() -> KeyTarget {
    KeyTarget { id: "k1".into(), name: "premium-01".to_owned() }
}

fn on(plans: &[(&str, Option<&str>)]) -> Settings {
    let mut settings = Settings::default();
    for (plan, period) in plans {
        settings.set(on_plan(&(*plan).into()), "present");
        if let Some(period) = period {
            settings.set(quota_period(&(*plan).into()), *period);
        }
    }
    settings
}

fn extended(by: i64, remaining: Option<i64>, settings: &Settings) -> Result<Draft, Refusal> {
    let facts = Facts { remaining, ..Facts::default() };
    draft(&Target::ApiKey(key()), &key(), (None, by), settings, &facts)
}

fn grant(draft: &Draft) -> (i64, i64) {
    match &draft.steps[0].request {
        Request::UpdateUsage { grant, remaining, .. } => (*grant, *remaining),
        other => panic!("{other:?}"),
    }
}

/// The draft as it stands in the journal.
fn planned(draft: Draft) -> Plan {
    let call = PlannedCall {
        service: String::new(),
        operation: String::new(),
        request: String::new(),
        body: Vec::new(),
    };
    let step = |step: DraftStep| Step {
        call: call.clone(),
        request: step.request,
        changes: step.changes,
        settled: step.settled,
    };
    Plan {
        lever: Lever::ExtendQuota,
        region: RegionKey { account: "123456789012".into(), region: "eu-west-1".into() },
        target: Target::ApiKey(key()),
        risk: draft.risk,
        steps: draft.steps.into_iter().map(step).collect(),
        fields: draft.fields,
        iam: Vec::new(),
        blast_radius: BlastRadius::default(),
        cost: None,
        undo: draft.undo,
        preconditions: draft.preconditions,
        warnings: draft.warnings,
        undoes: None,
        bulk: None,
        what_if: None,
        guard: None,
        quota: None,
        planned_at: jiff::Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn a_grant_goes_on_top_of_what_remains_and_nothing_tells_it() {
    let settings = on(&[("p1", Some(PERIOD)), ("p2", None)]);
    let draft = extended(500, Some(20), &settings).unwrap();
    assert_eq!(grant(&draft), (500, 520));
    assert!(draft.steps.iter().all(|step| step.changes.is_empty() && step.settled.is_empty()));
    let plan = planned(draft);
    assert_eq!(plan.moved(&settings), None);
    let moved = plan.moved(&on(&[("p1", Some("WEEK since 2026-11-22")), ("p2", None)]));
    assert!(moved.is_some_and(|said| said.contains("2026-11-22")), "a new period refuses the old grant");
}

#[test]
fn only_what_is_legal_is_granted() {
    let settings = on(&[("p1", Some(PERIOD))]);
    for by in [0, -1, i64::MIN, MOST + 1] {
        assert!(matches!(extended(by, Some(0), &settings), Err(Refusal::Illegal { .. })), "{by}");
    }
    for settings in [on(&[]), on(&[("p1", None)]), on(&[("p1", Some(PERIOD)), ("p2", Some(PERIOD))])] {
        assert!(matches!(extended(1, Some(0), &settings), Err(Refusal::Forbidden { .. })), "{settings:?}");
    }
    assert!(matches!(extended(1, None, &settings), Err(Refusal::Forbidden { .. })));
    let target = Target::ApiKey(key());
    assert!(choose(&target, Some(&"p9".into()), &settings).is_err());
    assert!(choose(&target, Some(&"p1".into()), &settings).is_ok());
}

#[test]
fn the_way_back_starts_from_what_remains_then() {
    let settings = on(&[("p1", Some(PERIOD))]);
    let plan = planned(extended(500, Some(20), &settings).unwrap());
    let back = |remaining| take_back(&plan, &settings, Some(remaining)).map(|draft| grant(&draft));
    assert_eq!(back(520), Ok((-500, 20)));
    assert_eq!(back(5_000), Ok((-500, 4_500)), "somebody else's grant stays");
    assert_eq!(back(300), Ok((-300, 0)), "never below 0");
    assert!(back(0).is_err() && back(-3).is_err());
    assert!(take_back(&plan, &settings, None).is_err());

    // Back and forth again: as much as was taken.
    let taken = planned(take_back(&plan, &settings, Some(300)).unwrap());
    assert_eq!(taken.risk, Risk::High);
    let again = take_back(&taken, &settings, Some(0)).unwrap();
    assert_eq!(grant(&again), (300, 300));
}

#[test]
fn a_new_period_has_nothing_to_take_back() {
    let settings = on(&[("p1", Some(PERIOD))]);
    let plan = planned(extended(500, Some(20), &settings).unwrap());
    let next = on(&[("p1", Some("WEEK since 2026-11-22"))]);
    let refused = take_back(&plan, &next, Some(1_000)).unwrap_err();
    assert!(refused.contains(PERIOD) && refused.contains("2026-11-22"), "{refused}");
    assert!(take_back(&plan, &on(&[("p1", None)]), Some(1_000)).is_err());
}
