//! Switching and moving API keys: what is refused, and what a plan states.

use super::*;
use crate::domain::change::Request;
use crate::domain::stage::Throttle;
use crate::domain::usage_plan::Quota;

fn key() -> KeyTarget {
    KeyTarget { id: "k1".into(), name: "premium-01".to_owned() }
}

fn plan(id: &str, apis: &[&str], quota: Option<i64>) -> UsagePlan {
    UsagePlan {
        id: id.into(),
        name: format!("Plan-{id}"),
        description: None,
        throttle: Throttle { rate: Some(5.0), burst: Some(10) },
        quota: quota.map(|limit| Quota { limit, offset: 0, period: "DAY".to_owned() }),
        stages: apis
            .iter()
            .map(|api| PlanStage { api: (*api).into(), stage: "prod".into(), method_throttles: [].into() })
            .collect(),
        key_count: None,
    }
}

fn on(plans: &[&str]) -> Settings {
    let marker = |plan: &&str| (format!("/usagePlans/{plan}"), PRESENT.to_owned());
    plans.iter().map(marker).chain([(ENABLED.to_owned(), "true".to_owned())]).collect()
}

fn moved(from: Option<&str>, to: &str, present: &[&str], plans: Vec<UsagePlan>) -> Result<Draft, Refusal> {
    let wanted = Wanted::MoveApiKey { from: from.map(UsagePlanId::new), to: to.into() };
    let facts = Facts { plans, ..Facts::default() };
    draft(&Target::ApiKey(key()), &key(), &wanted, &on(present), &facts)
}

fn two() -> Vec<UsagePlan> {
    vec![plan("p1", &["a1", "a2"], None), plan("p2", &["a2", "a3"], Some(100))]
}

#[test]
fn a_move_states_the_gap_and_what_is_different() {
    let draft = moved(None, "p2", &["p1"], two()).unwrap();
    let requests: Vec<&Request> = draft.steps.iter().map(|step| &step.request).collect();
    assert!(matches!(
        requests.as_slice(),
        [Request::DeleteUsagePlanKey { plan: left, .. }, Request::CreateUsagePlanKey { plan: joined, .. }]
            if left.as_str() == "p1" && joined.as_str() == "p2"
    ));
    assert_eq!(draft.risk, Risk::High);
    let said = draft.warnings.join("\n");
    for part in [
        "in between, and until AWS has taken both up, its requests get 403",
        "Plan-p2 doesn't open, so the key gets 403 there: a1:prod",
        "Plan-p2 opens beside what Plan-p1 opens: a3:prod",
        "5 requests/s, burst 10, 100 requests a DAY",
        "what it used under Plan-p1 doesn't count under Plan-p2",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(draft.fields[0].field, "on the usage plan Plan-p1 (p1)");
}

#[test]
fn a_third_plan_for_a_stage_of_the_target_is_refused() {
    let mut plans = two();
    plans.push(plan("p3", &["a3"], None));
    let refused = moved(Some("p1"), "p2", &["p1", "p3"], plans.clone()).unwrap_err().to_string();
    assert!(refused.contains("also on Plan-p3, which opens a3:prod as Plan-p2 does"), "{refused}");
    plans[2] = plan("p3", &["a9"], None);
    assert!(moved(Some("p1"), "p2", &["p1", "p3"], plans).is_ok());
}

#[test]
fn a_move_that_can_not_be_is_refused() {
    for (from, to, present, says) in [
        (None, "p2", &[][..], "it is on no usage plan"),
        (None, "p2", &["p1", "p3"], "say which one it is to leave"),
        (None, "p1", &["p1"], "it is on Plan-p1 and no other plan"),
        (Some("p1"), "p1", &["p1"], "both plans are the same"),
        (Some("p3"), "p2", &["p1"], "it is not on the usage plan p3"),
        (Some("p1"), "p2", &["p1", "p2"], "it is on Plan-p2 already"),
        (None, "p9", &["p1"], "there is no usage plan p9"),
    ] {
        let refused = moved(from, to, present, two()).unwrap_err().to_string();
        assert!(refused.contains(says), "{refused}");
    }
}

#[test]
fn a_key_is_switched_once() {
    let switched = |enabled: bool, settings: &Settings| {
        let wanted = Wanted::SwitchApiKey { enabled };
        draft(&Target::ApiKey(key()), &key(), &wanted, settings, &Facts::default())
    };
    let on = on(&["p1"]);
    assert!(matches!(switched(true, &on), Err(Refusal::Unchanged { .. })));
    let off = switched(false, &on).unwrap();
    assert_eq!(off.risk, Risk::High);
    let changes: Vec<_> = off.steps[0].changes.clone();
    assert_eq!(switched(true, &on.after(&changes)).unwrap().risk, Risk::Low);
}

#[test]
fn levers_of_others_are_refused() {
    for wanted in [Wanted::FlushStageCache, Wanted::UsagePlan(super::super::PlanWanted::default())] {
        let refused = draft(&Target::ApiKey(key()), &key(), &wanted, &on(&[]), &Facts::default());
        assert!(matches!(refused, Err(Refusal::NotOnThisKind { .. })));
    }
}
