//! What levers on usage plans refuse, state and weigh.

use super::*;
use crate::domain::method::MethodKey;
use crate::domain::usage_plan::PlanStage;

fn plan() -> PlanTarget {
    PlanTarget { id: "p1".into(), name: "Basic".to_owned() }
}

fn stage(number: u8) -> StageTarget {
    StageTarget {
        api: format!("a{number}").as_str().into(),
        api_name: format!("cell-0{number}-api"),
        stage: "prod".into(),
    }
}

fn settings(pairs: &[(&str, &str)]) -> Settings {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A plan with everything, that opens stage 1.
fn whole() -> Settings {
    settings(&[
        ("/name", "Basic"),
        ("/apiStages/a1:prod", "present"),
        ("/throttle/rateLimit", "25"),
        ("/throttle/burstLimit", "50"),
        ("/quota/limit", "1000"),
        ("/quota/offset", "0"),
        ("/quota/period", "MONTH"),
    ])
}

fn bare() -> Settings {
    settings(&[("/name", "Basic"), ("/apiStages/a1:prod", "present")])
}

fn drafted(wanted: PlanWanted, settings: &Settings) -> Result<Draft, Refusal> {
    let facts = Facts::default();
    draft(&Target::UsagePlan(plan()), &plan(), &Wanted::UsagePlan(wanted), settings, &facts)
}

fn throttle(rate: Option<f64>, burst: Option<i64>) -> PlanWanted {
    PlanWanted { throttle: Some(LimitsWanted::Set { rate, burst }), ..PlanWanted::default() }
}

fn method(key: MethodKey, rate: Option<f64>, burst: Option<i64>) -> PlanWanted {
    let limits = LimitsWanted::Set { rate, burst };
    PlanWanted {
        methods: vec![MethodLimits { stage: stage(1), method: key, limits }],
        ..PlanWanted::default()
    }
}

fn orders() -> MethodKey {
    MethodKey::Method { path: "/orders".to_owned(), verb: "POST".to_owned() }
}

fn quota(limit: Option<i64>, period: Option<&str>, offset: Option<i64>) -> PlanWanted {
    let period = period.map(str::to_owned);
    PlanWanted { quota: Some(QuotaWanted::Set { limit, period, offset }), ..PlanWanted::default() }
}

#[test]
fn illegal_values_are_refused_before_anything_is_sent() {
    let (whole, bare) = (whole(), bare());
    let table: Vec<(PlanWanted, &Settings)> = vec![
        (throttle(Some(-1.0), None), &whole),
        (throttle(Some(f64::NAN), None), &whole),
        (throttle(Some(f64::INFINITY), None), &whole),
        (throttle(None, Some(-1)), &whole),
        (throttle(None, Some(i64::MAX)), &whole),
        (throttle(Some(5.0), None), &bare),
        (throttle(None, Some(5)), &bare),
        (method(orders(), Some(-1.0), Some(1)), &whole),
        (method(orders(), Some(1.0), Some(-1)), &whole),
        (method(orders(), Some(1.0), None), &whole),
        (method(MethodKey::All, Some(1.0), Some(1)), &whole),
        (method(MethodKey::Route("$default".to_owned()), Some(1.0), Some(1)), &whole),
        (quota(Some(0), None, None), &whole),
        (quota(Some(-5), None, None), &whole),
        (quota(Some(i64::MAX), None, None), &whole),
        (quota(None, Some("HOUR"), None), &whole),
        (quota(None, Some("day"), None), &whole),
        (quota(None, Some("YEAR"), None), &whole),
        (quota(None, None, Some(28)), &whole),
        (quota(None, None, Some(-1)), &whole),
        (quota(None, Some("WEEK"), Some(7)), &whole),
        (quota(None, Some("DAY"), Some(1)), &whole),
        (quota(Some(5), None, None), &bare),
        (quota(None, Some("DAY"), None), &bare),
    ];
    for (wanted, settings) in table {
        let refused = drafted(wanted.clone(), settings).unwrap_err();
        assert!(matches!(refused, Refusal::Illegal { .. }), "{wanted:?}: {refused}");
    }
    let json = StageTarget { api: "{\"apiId\":\"a2\",\"stage\"".into(), ..stage(2) };
    let wanted = PlanWanted { add: vec![json], ..PlanWanted::default() };
    assert!(matches!(drafted(wanted, &bare).unwrap_err(), Refusal::Illegal { .. }));
}

#[test]
fn what_the_plan_has_or_lacks_already_is_refused() {
    let forbidden = |wanted: PlanWanted| drafted(wanted, &whole()).unwrap_err();
    let remove = |number| PlanWanted { remove: vec![stage(number)], ..PlanWanted::default() };
    assert!(matches!(forbidden(remove(2)), Refusal::Forbidden { .. }));
    let both = PlanWanted { add: vec![stage(1)], ..remove(1) };
    assert!(matches!(forbidden(both), Refusal::Forbidden { .. }));
    let mut elsewhere = method(orders(), Some(1.0), Some(1));
    elsewhere.methods[0].stage = stage(2);
    assert!(matches!(forbidden(elsewhere), Refusal::Forbidden { .. }));
    for wanted in [
        throttle(Some(25.0), Some(50)),
        quota(Some(1_000), Some("MONTH"), Some(0)),
        PlanWanted { add: vec![stage(1)], ..PlanWanted::default() },
        PlanWanted::default(),
    ] {
        assert!(matches!(forbidden(wanted.clone()), Refusal::Unchanged { .. }), "{wanted:?}");
    }
    let clear = PlanWanted { quota: Some(QuotaWanted::Clear), ..PlanWanted::default() };
    assert!(matches!(drafted(clear, &bare()), Err(Refusal::Unchanged { .. })));
}

#[test]
fn one_call_takes_all_and_names_what_it_alters() {
    let wanted = PlanWanted {
        add: vec![stage(2)],
        methods: method(orders(), Some(1.0), Some(2)).methods,
        quota: quota(Some(500), None, None).quota,
        ..throttle(Some(10.0), None)
    };
    let draft = drafted(wanted, &whole()).unwrap();
    assert_eq!(draft.steps.len(), 1);
    assert_eq!(draft.steps[0].changes.len(), 5);
    let fields: Vec<&str> = draft.fields.iter().map(|field| field.field.as_str()).collect();
    assert!(fields.contains(&"stage cell-02-api/prod (a2:prod)"), "{fields:?}");
    assert!(
        fields.contains(&"rate (requests/s) of POST /orders at cell-01-api/prod (a1:prod)"),
        "{fields:?}"
    );
}

#[test]
fn a_new_quota_has_the_offset_that_aws_will_tell() {
    let draft = drafted(quota(Some(500), Some("DAY"), None), &bare()).unwrap();
    let offset = draft.steps[0].changes.iter().find(|change| change.setting == QUOTA_OFFSET).unwrap();
    assert_eq!(offset.after.as_deref(), Some("0"));
}

#[test]
fn risk_grows_with_what_may_be_blocked() {
    let risk = |wanted: PlanWanted| drafted(wanted, &whole()).unwrap().risk;
    assert_eq!(risk(throttle(Some(10.0), None)), Risk::Low);
    assert_eq!(risk(throttle(Some(0.0), None)), Risk::Severe);
    assert_eq!(risk(throttle(None, Some(0))), Risk::Severe);
    assert_eq!(risk(method(orders(), Some(0.0), Some(1))), Risk::Severe);
    assert_eq!(risk(quota(Some(2_000), None, None)), Risk::Low);
    assert_eq!(risk(quota(Some(1), None, None)), Risk::High);
    assert_eq!(risk(quota(None, Some("DAY"), None)), Risk::High);
    assert_eq!(risk(PlanWanted { remove: vec![stage(1)], ..PlanWanted::default() }), Risk::High);
}

#[test]
fn another_plan_for_the_same_stage_is_told() {
    let other = UsagePlan {
        id: "p2".into(),
        name: "Premium".to_owned(),
        description: None,
        throttle: Throttle::default(),
        quota: None,
        stages: vec![PlanStage { api: "a2".into(), stage: "prod".into(), method_throttles: [].into() }],
        key_count: None,
    };
    let facts = Facts { plans: vec![other], ..Facts::default() };
    let wanted = |number| Wanted::UsagePlan(PlanWanted { add: vec![stage(number)], ..PlanWanted::default() });
    let said = |number| {
        let draft = draft(&Target::UsagePlan(plan()), &plan(), &wanted(number), &whole(), &facts).unwrap();
        draft.warnings.iter().any(|said| said.contains("if a key of Basic is on Premium too"))
    };
    assert!(said(2) && !said(3));
}
