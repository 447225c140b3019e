//! Plans in the console with what their traffic says: calm where nobody would be refused, unmistakable where
//! somebody would, and whole on a small screen.

use cellgate::domain::change::{KeysReached, Plan, PlanTarget, Risk, Target};
use cellgate::domain::levers::consequences;
use cellgate::domain::usage_plan::Quota;
use cellgate::domain::what_if::bucket::Bucket;
use cellgate::domain::what_if::quota::{KeyUsage, QuotaWhatIf};
use cellgate::domain::what_if::traffic::Traffic;
use cellgate::domain::what_if::{Replay, Scope};
use cellgate::tui::event::{ReplyBody, ReplySlot};

use super::console::Console;
use super::{estate, history, picture};

/// A console with this plan in front.
fn with(plan: Plan) -> Console {
    let mut console = Console::loaded().at_stage("orders-api/prod").armed();
    console.keys(":");
    console.type_text("flush orders-api/prod");
    console.keys("enter");
    console.answer(ReplySlot::Plan, ReplyBody::Planned(Ok(Box::new(plan))));
    console
}

/// The throttle of a stage over an hour of 340 requests a second.
fn throttled(rate: f64, burst: u64) -> Plan {
    let mut plan = history::throttle("orders-api", "10000", &rate.to_string());
    let traffic = Traffic::by_minute(vec![340 * 60; 60]);
    let (scope, now) = (Scope::Each { buckets: 4 }, Some(Bucket::new(10_000.0, 5_000)));
    let until = estate::figures_minute();
    let proposed = Bucket::new(rate, burst);
    plan.what_if = Some(Replay { traffic: &traffic, until, scope, now, proposed }.of_unknown());
    plan.blast_radius.requests_per_second = Some(340.0);
    consequences::weighed(plan)
}

/// A quota that one of two keys is over.
fn over_quota() -> Plan {
    let mut plan = history::throttle("orders-api", "10000", "50");
    plan.target = Target::UsagePlan(PlanTarget { id: "p1a2b3".into(), name: "Basic".into() });
    plan.lever = cellgate::domain::change::Lever::UsagePlan;
    plan.steps[0].changes[0].setting = "/quota/limit".into();
    plan.fields[0].field = "quota of each key (requests)".into();
    let now = estate::now();
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let used = |key: &str, used| KeyUsage { key: key.into(), first_day: today, used: vec![used] };
    let keys = [used("basic-01 (k0000000a1)", 7_310), used("basic-02 (k0000000a2)", 12)];
    let quota = Quota { limit: 5_000, offset: 0, period: "DAY".into() };
    plan.quota = Some(QuotaWhatIf::of(&quota, &keys, now).unwrap());
    plan.blast_radius.stages = (1..=11).map(|cell| format!("cell-{cell:02}-api/prod")).collect();
    plan.blast_radius.requests_per_second = Some(340.0);
    plan.blast_radius.keys = Some(KeysReached { count: 2, used_today: 7_322, per_second: 0.14 });
    consequences::weighed(plan)
}

#[test]
fn a_throttle_below_the_traffic_is_unmistakable() {
    let plan = throttled(50.0, 100);
    assert_eq!(plan.risk, Risk::High);
    let mut console = with(plan);
    for (width, height) in [(80, 24), (120, 40)] {
        let screen = console.screen_at(width, height);
        assert!(screen.contains("✗ of 1,224,000 requests"), "the answer has a sign of its own:\n{screen}");
        assert!(screen.contains("Type orders-api/prod to carry it out"), "{screen}");
        picture(&format!("plan-above-{width}x{height}"), &screen);
    }
    // What doesn't fit is a few keys away.
    console.screen_at(80, 24);
    console.keys("pgdn pgdn pgdn");
    assert!(console.screen_at(80, 24).contains("best-effort basis"), "{}", console.screen_at(80, 24));
}

#[test]
fn a_throttle_above_the_traffic_is_calm() {
    let plan = throttled(9_000.0, 4_000);
    assert_eq!((plan.risk, plan.warnings.as_slice()), (Risk::Low, [].as_slice()));
    let screen = with(plan).screen_at(80, 24);
    assert!(screen.contains("Carry it out?") && !screen.contains('✗'), "{screen}");
    picture("plan-calm-80x24", &screen);
}

#[test]
fn a_quota_names_who_is_over_it() {
    let mut console = with(over_quota());
    for (width, height) in [(80, 24), (120, 40)] {
        let screen = console.screen_at(width, height);
        assert!(screen.contains("basic-01 (k0000000a1): 7,310 used, 2,310 over"), "{screen}");
        picture(&format!("plan-quota-{width}x{height}"), &screen);
    }
}
