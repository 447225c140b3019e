//! What the lines of plans' and keys' forms become.

use super::*;
use crate::domain::change::{PlanTarget, Target};
use crate::domain::estate::RegionSlot;
use crate::domain::id::UsagePlanId;
use crate::domain::target::StageTarget;
use crate::tui::model::{Choice, Chosen};

fn stage() -> StageTarget {
    StageTarget { api: "a1b2c3".into(), api_name: "orders-api".into(), stage: "prod".into() }
}

fn choices(action: Action) -> Vec<Vec<Choice>> {
    let plan = |name: &str| Choice {
        text: name.into(),
        note: String::new(),
        chosen: Chosen::Plan(UsagePlanId::new(name.to_lowercase())),
    };
    let stages =
        vec![Choice { text: "orders-api/prod".into(), note: String::new(), chosen: Chosen::Stage(stage()) }];
    match action {
        Action::KeyMove => vec![vec![plan("Basic"), plan("Premium")]; 2],
        Action::KeyExtend => vec![Vec::new(), vec![plan("Basic")]],
        Action::PlanMethodThrottle | Action::PlanAddStage | Action::PlanRemoveStage => vec![stages],
        _ => Vec::new(),
    }
}

fn asked(action: Action, typed: &[&str]) -> Result<Wanted, (usize, String)> {
    let target = Target::UsagePlan(PlanTarget { id: "basic".into(), name: "Basic".into() });
    let lines = typed.iter().map(|line| (*line).to_owned()).collect();
    let form = Form::of(action).unwrap();
    let state = FormState::new(form, RegionSlot(0), target, ApiKind::Rest, lines);
    wanted(&state.with_choices(choices(action)))
}

#[test]
fn every_form_reads_what_it_asks_for() {
    let limits = LimitsWanted::Set { rate: Some(2.5), burst: Some(5) };
    let method = MethodKey::Method { path: "/users".into(), verb: "GET".into() };
    let plan = |wanted: PlanWanted| Ok(Wanted::UsagePlan(wanted));
    for (action, typed, expected) in [
        (
            Action::PlanThrottle,
            &["2.5", "5"][..],
            plan(PlanWanted { throttle: Some(limits), ..PlanWanted::default() }),
        ),
        (
            Action::PlanThrottle,
            &["none", ""],
            plan(PlanWanted { throttle: Some(LimitsWanted::Clear), ..PlanWanted::default() }),
        ),
        (
            Action::PlanMethodThrottle,
            &["Orders-API/prod", "get /users", "2.5", "5"],
            plan(PlanWanted {
                methods: vec![MethodLimits { stage: stage(), method, limits }],
                ..PlanWanted::default()
            }),
        ),
        (
            Action::PlanQuota,
            &["1000", "week", ""],
            plan(PlanWanted {
                quota: Some(QuotaWanted::Set {
                    limit: Some(1_000),
                    period: Some("WEEK".into()),
                    offset: None,
                }),
                ..PlanWanted::default()
            }),
        ),
        (
            Action::PlanQuota,
            &["none", "", ""],
            plan(PlanWanted { quota: Some(QuotaWanted::Clear), ..PlanWanted::default() }),
        ),
        (
            Action::PlanAddStage,
            &["orders-api/prod"],
            plan(PlanWanted { add: vec![stage()], ..PlanWanted::default() }),
        ),
        (
            Action::PlanRemoveStage,
            &["orders-api/prod"],
            plan(PlanWanted { remove: vec![stage()], ..PlanWanted::default() }),
        ),
        (
            Action::KeyMove,
            &["premium", "Basic"],
            Ok(Wanted::MoveApiKey { from: Some("basic".into()), to: "premium".into() }),
        ),
        (Action::KeyExtend, &["500", ""], Ok(Wanted::ExtendQuota { plan: None, by: 500 })),
    ] {
        assert_eq!(asked(action, typed), expected, "{action:?} {typed:?}");
    }
}

#[test]
fn what_can_not_be_read_names_its_line() {
    for (action, typed, line) in [
        (Action::PlanThrottle, &["", ""][..], 0),
        (Action::PlanThrottle, &["many", "5"], 0),
        (Action::PlanThrottle, &["5", "1.5"], 1),
        (Action::PlanThrottle, &["none", "5"], 1),
        (Action::PlanMethodThrottle, &["", "GET /users", "1", "1"], 0),
        (Action::PlanMethodThrottle, &["orders-api/prod", "*/*", "1", "1"], 1),
        (Action::PlanMethodThrottle, &["orders-api/prod", "GET /users", "", ""], 2),
        (Action::PlanQuota, &["", "", ""], 0),
        (Action::PlanQuota, &["none", "DAY", ""], 1),
        (Action::PlanQuota, &["10", "DAY", "soon"], 2),
        (Action::PlanAddStage, &["orders-api/beta"], 0),
        (Action::KeyMove, &["", ""], 0),
        (Action::KeyMove, &["Premium", "Gold"], 1),
        (Action::KeyExtend, &["a few", ""], 0),
    ] {
        assert_eq!(asked(action, typed).unwrap_err().0, line, "{action:?} {typed:?}");
    }
}

#[test]
fn a_name_that_is_nearly_right_is_said() {
    let (_, why) = asked(Action::KeyMove, &["Premiun", ""]).unwrap_err();
    assert!(why.contains("did you mean Premium?"), "{why}");
}
