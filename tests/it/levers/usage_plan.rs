//! Levers on usage plans against the demo region: what the customers of the plan feel, and that nothing else
//! is different.

use cellgate::domain::change::{Refusal, Request, Risk};
use cellgate::domain::levers::{LimitsWanted, MethodLimits, PlanWanted, QuotaWanted, Wanted};
use cellgate::domain::method::MethodKey;
use cellgate::ops::change::ChangeError;
use cellgate_demo::estate::{Quota, QuotaPeriod, RouteKey, Throttle, UsagePlan};

use serde_json::json;

use crate::support::key_holder::{Holdings, KeyHolder};

const UPDATE: &str = "UpdateUsagePlan";

fn throttle(rate: f64, burst: i64) -> PlanWanted {
    let limits = LimitsWanted::Set { rate: Some(rate), burst: Some(burst) };
    PlanWanted { throttle: Some(limits), ..PlanWanted::default() }
}

/// The holdings with the holder's plan altered.
fn altered(holder: &KeyHolder, alter: impl FnOnce(&mut UsagePlan)) -> Holdings {
    let mut holdings = holder.holdings();
    alter(holdings.plans.iter_mut().find(|plan| plan.id == holder.plan.id.as_str()).unwrap());
    holdings
}

#[test]
fn a_lower_throttle_yields_429s_until_it_is_undone() {
    let mut holder = KeyHolder::watched();
    let before = holder.now();
    assert!(before.rate > 0.5 && before.throttled < 0.05, "{before:?}");
    let expected = altered(&holder, |plan| plan.throttle = Some(Throttle { rate: 0.1, burst: 1 }));
    let (whole, mut by_boto3) = (holder.holdings(), holder.by_boto3());

    let (change, plan) = holder.change(&holder.plan_target(), &Wanted::UsagePlan(throttle(0.1, 1)));
    assert_eq!(plan.risk, Risk::High);
    let what_if = plan.what_if.as_ref().expect("a forecast");
    assert!(what_if.by_whom.starts_with("estimated from what each key used since 2026-11-20"), "{what_if:?}");
    let own = what_if.callers.iter().find(|caller| caller.who.contains(holder.key.id.as_str()));
    let own = own.unwrap_or_else(|| panic!("{:?} is not among {:?}", holder.key, what_if.callers));
    assert!(own.refused.likely > Some(own.arrived / 2), "{own:?}");
    assert!(plan.warnings[0].contains("0.1/s wanted: about "), "{:?}", plan.warnings);
    assert!(plan.warnings.iter().any(|said| said.contains("one UpdateUsagePlan in 20 s")), "{plan:?}");
    assert_eq!(plan.iam.len(), 1, "{:?}", plan.iam);
    assert_eq!(holder.holdings(), expected);
    let before_by_boto3 = by_boto3.clone();
    by_boto3["plan"]["throttle"] = json!({ "rateLimit": 0.1, "burstLimit": 1 });
    assert_eq!(holder.by_boto3(), by_boto3);
    let throttled = holder.later();
    assert!(throttled.throttled > 0.5 && throttled.over_quota < 0.01, "{throttled:?}");

    let late = holder.plan(&holder.plan_target(), &Wanted::UsagePlan(throttle(0.2, 1))).unwrap();
    assert!(late.warnings.iter().any(|said| said.contains("goes in about")), "{:?}", late.warnings);

    holder.take_over();
    holder.desk.undo(&change);
    assert_eq!(holder.holdings(), whole);
    assert_eq!(holder.by_boto3(), before_by_boto3);
    let after = holder.later();
    assert!(after.throttled < 0.05, "{after:?}");
}

#[test]
fn a_quota_below_what_was_used_blocks_until_it_is_undone() {
    let mut holder = KeyHolder::watched();
    let whole = holder.holdings();
    let expected = altered(&holder, |plan| {
        plan.quota = Some(Quota { limit: 1, offset: 0, period: QuotaPeriod::Day });
    });
    let quota = QuotaWanted::Set { limit: Some(1), period: Some("DAY".to_owned()), offset: None };
    let wanted = Wanted::UsagePlan(PlanWanted { quota: Some(quota), ..PlanWanted::default() });
    let (change, plan) = holder.change(&holder.plan_target(), &wanted);
    assert_eq!(plan.risk, Risk::High);
    let forecast = plan.quota.as_ref().expect("a forecast");
    let over: Vec<_> = forecast.over().map(|(key, _)| key.key.as_str()).collect();
    let named = format!("{} ({})", holder.key.name, holder.key.id);
    assert!(over.contains(&named.as_str()), "{named} is not among {over:?}");
    let says = "over it already and would get 429 at once: ";
    assert!(plan.warnings[0].contains(says), "{:?}", plan.warnings);
    assert_eq!(holder.holdings(), expected);
    // As it says: what each used was more than 1.
    assert_eq!(holder.remaining(), 0);
    let estate = holder.desk.region.estate();
    let keys = &estate.usage_plan(holder.plan.id.as_str()).expect("the plan").key_ids;
    let reached = plan.blast_radius.keys.expect("the keys are counted");
    assert_eq!(reached.count, keys.len());
    assert_eq!(forecast.keys.len() + forecast.lasting, keys.len());
    assert!(reached.used_today >= forecast.over().map(|(key, _)| key.used).max().unwrap_or(0));
    let stage = format!("{}/{}", holder.stage.api_name, holder.stage.stage);
    assert!(plan.blast_radius.stages.contains(&stage), "{:?}", plan.blast_radius);
    assert!(plan.blast_radius.requests_per_second.expect("their traffic") > 0.5, "{:?}", plan.blast_radius);
    let blocked = holder.later();
    assert!(blocked.over_quota > 0.5, "{blocked:?}");
    holder.take_over();
    holder.desk.undo(&change);
    assert_eq!(holder.holdings(), whole);
    assert!(holder.later().over_quota < 0.01);
}

#[test]
fn a_stage_that_is_removed_answers_the_plans_keys_with_403_until_it_is_undone() {
    let mut holder = KeyHolder::watched();
    let whole = holder.holdings();
    let before = holder.now();
    let expected =
        altered(&holder, |plan| plan.api_stages.retain(|open| open.api_id != holder.stage.api.as_str()));
    let wanted =
        Wanted::UsagePlan(PlanWanted { remove: vec![holder.stage.clone()], ..PlanWanted::default() });
    let (change, _) = holder.change(&holder.plan_target(), &wanted);
    assert_eq!(holder.holdings(), expected);
    let refused = holder.later();
    assert!(refused.failed > before.failed + 0.5 && refused.throttled < 0.05, "{before:?} {refused:?}");
    holder.take_over();
    holder.desk.undo(&change);
    assert_eq!(holder.holdings(), whole);
    assert!(holder.later().failed < before.failed + 0.1);
}

#[test]
fn a_throttle_of_one_method_leaves_the_others_alone_until_it_is_undone() {
    let mut holder = KeyHolder::watched();
    let whole = holder.holdings();
    let wanted = PlanWanted {
        methods: vec![MethodLimits {
            stage: holder.stage.clone(),
            method: MethodKey::Method { path: "/orders".to_owned(), verb: "GET".to_owned() },
            limits: LimitsWanted::Set { rate: Some(0.0), burst: Some(0) },
        }],
        ..PlanWanted::default()
    };
    let (change, plan) = holder.change(&holder.plan_target(), &Wanted::UsagePlan(wanted));
    assert_eq!(plan.risk, Risk::Severe, "0 blocks the method");
    let throttled = holder.later();
    assert!(throttled.throttled > 0.02 && throttled.throttled < 0.9, "{throttled:?}");
    holder.take_over();
    holder.desk.undo(&change);
    assert_eq!(holder.holdings(), whole);
    let after = holder.later();
    assert!(after.throttled < 0.01, "{after:?}");
}

#[test]
fn everything_of_a_plan_goes_in_one_request_and_comes_back_in_one() {
    let mut holder = KeyHolder::watched();
    let whole = holder.holdings();
    let orders = MethodKey::Method { path: "/orders".to_owned(), verb: "POST".to_owned() };
    let estate = holder.desk.region.estate();
    let of_plan = estate.usage_plan(holder.plan.id.as_str()).unwrap();
    let other = of_plan.api_stages.iter().find(|open| open.api_id != holder.stage.api.as_str()).unwrap();
    let api = estate.apis.iter().find(|api| api.id == other.api_id).unwrap();
    let leaving = cellgate::domain::target::StageTarget {
        api: api.id.as_str().into(),
        api_name: api.name.clone(),
        stage: other.stage.as_str().into(),
    };
    let wanted = PlanWanted {
        methods: vec![MethodLimits {
            stage: holder.stage.clone(),
            method: orders,
            limits: LimitsWanted::Set { rate: Some(2.5), burst: Some(3) },
        }],
        quota: Some(QuotaWanted::Clear),
        remove: vec![leaving.clone()],
        ..throttle(12.5, 25)
    };
    let expected = altered(&holder, |plan| {
        plan.throttle = Some(Throttle { rate: 12.5, burst: 25 });
        plan.quota = None;
        plan.api_stages.retain(|open| open.api_id != leaving.api.as_str());
        let open = plan.api_stages.iter_mut().find(|open| open.api_id == holder.stage.api.as_str()).unwrap();
        let key = RouteKey::Http { verb: "POST".to_owned(), path: "/orders".to_owned() };
        open.throttle.insert(key, Throttle { rate: 2.5, burst: 3 });
    });
    let (change, plan) = holder.change(&holder.plan_target(), &Wanted::UsagePlan(wanted));
    assert!(
        matches!(plan.steps.as_slice(), [step] if matches!(step.request, Request::UpdateUsagePlan { .. }))
    );
    assert_eq!(holder.desk.region.count(UPDATE), 1);
    assert_eq!(holder.holdings(), expected);
    holder.take_over();
    let back = holder.desk.undo(&change);
    assert_eq!(holder.desk.region.count(UPDATE), 2);
    assert_eq!(holder.holdings(), whole);
    // The undo of the undo is the change again.
    holder.take_over();
    holder.desk.undo(&back);
    assert_eq!(holder.holdings(), expected);
}

#[test]
fn illegal_values_and_a_world_that_moved_on_send_nothing() {
    let holder = KeyHolder::watched();
    let target = holder.plan_target();
    let quota = |limit, period: &str, offset| {
        let quota =
            QuotaWanted::Set { limit: Some(limit), period: Some(period.to_owned()), offset: Some(offset) };
        PlanWanted { quota: Some(quota), ..PlanWanted::default() }
    };
    for wanted in
        [throttle(-1.0, 5), throttle(5.0, -1), quota(0, "DAY", 0), quota(5, "HOUR", 0), quota(5, "WEEK", 7)]
    {
        let refused = holder.plan(&target, &Wanted::UsagePlan(wanted.clone())).unwrap_err();
        assert!(matches!(refused, ChangeError::Refused(Refusal::Illegal { .. })), "{wanted:?}: {refused}");
    }
    let plan = holder.plan(&target, &Wanted::UsagePlan(throttle(5.0, 5))).unwrap();
    holder.desk.region.alter(|estate| {
        let known = estate.usage_plans.iter_mut().find(|known| known.id == holder.plan.id.as_str()).unwrap();
        known.throttle = Some(Throttle { rate: 77.0, burst: 400 });
    });
    let (applied, _) = holder.desk.apply(&plan);
    let refused = applied.unwrap_err().to_string();
    assert!(refused.contains("rate of each key (requests/s) was 200, now it is 77"), "{refused}");
    assert_eq!(holder.desk.region.count(UPDATE), 0);
    assert!(holder.desk.entries().is_empty(), "nothing was announced");
}
