//! Settings and requests of API keys: what is read, and the order in which a key leaves and joins.

use super::*;
use crate::domain::stage::Throttle;

fn key() -> KeyTarget {
    KeyTarget { id: "k1".into(), name: "premium-01".to_owned() }
}

fn plan(id: &str, period: Option<&str>) -> UsagePlan {
    UsagePlan {
        id: id.into(),
        name: id.to_owned(),
        description: None,
        throttle: Throttle::default(),
        quota: period.map(|period| Quota { limit: 100, offset: 0, period: period.to_owned() }),
        stages: Vec::new(),
        key_count: None,
    }
}

fn read(enabled: bool, plans: &[UsagePlan]) -> Settings {
    let key = ApiKey {
        id: "k1".into(),
        name: "premium-01".to_owned(),
        description: None,
        customer_id: Some("customer-7".to_owned()),
        enabled,
        created: None,
        last_updated: None,
        stages: Vec::new(),
        tags: [].into(),
    };
    // A Friday.
    settings(&key, plans, "2026-11-20".parse().unwrap())
}

#[test]
fn settings_tell_plans_and_running_periods() {
    let settings = read(true, &[plan("p1", Some("WEEK")), plan("p2", Some("MONTH")), plan("p3", None)]);
    assert_eq!(settings.get("/enabled"), Some("true"));
    assert_eq!(plans(&settings).iter().map(UsagePlanId::as_str).collect::<Vec<_>>(), ["p1", "p2", "p3"]);
    assert_eq!(settings.get(&quota_period(&"p1".into())), Some("WEEK since 2026-11-15"));
    assert_eq!(settings.get(&quota_period(&"p2".into())), Some("MONTH since 2026-11-01"));
    assert_eq!(settings.get(&quota_period(&"p3".into())), None);
    assert_eq!(settings.get("/customerId"), Some("customer-7"));
}

fn lines(from: &Settings, to: &Settings) -> Vec<String> {
    let changes: Vec<_> =
        from.difference(to).into_iter().filter(|change| !change.setting.starts_with("status/")).collect();
    let steps = steps(&key(), &changes).unwrap();
    steps
        .iter()
        .map(|step| {
            assert_eq!(step.changes.len(), 1, "each step is told by a setting of its own");
            let request = &step.request;
            [vec![request.line()], request.body()].concat().join(" ")
        })
        .collect()
}

#[test]
fn a_key_leaves_before_it_joins_both_ways() {
    for (from, to) in [("p1", "p2"), ("p2", "p1")] {
        let (one, other) = (read(true, &[plan(from, None)]), read(true, &[plan(to, None)]));
        assert_eq!(
            lines(&one, &other),
            [format!("DELETE /usageplans/{from}/keys/k1"), format!("POST /usageplans/{to}/keys key k1")]
        );
    }
}

#[test]
fn a_key_is_switched_by_a_patch() {
    let (on, off) = (read(true, &[]), read(false, &[]));
    assert_eq!(lines(&on, &off), ["PATCH /apikeys/k1 replace /enabled = false"]);
    assert_eq!(lines(&off, &on), ["PATCH /apikeys/k1 replace /enabled = true"]);
}

#[test]
fn nothing_else_of_a_key_is_set() {
    for (setting, after) in
        [("/enabled", Some("yes")), ("/enabled", None), ("/name", Some("x")), ("/value", Some("x"))]
    {
        let change =
            SettingChange { setting: setting.to_owned(), before: None, after: after.map(str::to_owned) };
        assert!(matches!(steps(&key(), &[change]), Err(Refusal::Illegal { .. })), "{setting}");
    }
}
