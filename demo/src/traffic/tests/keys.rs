//! API keys, plans and quotas.

use super::*;
use crate::estate::{Quota, QuotaPeriod, Throttle};

/// A premium customer with a key: its id, its cell's API, its key and its plan.
fn holder(world: &World) -> (String, String, String, String) {
    let estate = world.estate();
    let plan = estate.usage_plans.iter().find(|plan| plan.name == "Premium").unwrap();
    let customer = world
        .customers
        .iter()
        .filter(|customer| customer.own_key && customer.tier == crate::estate::Tier::Premium)
        .max_by(|one, other| one.demand.total_cmp(&other.demand))
        .unwrap();
    let key = estate.api_keys.iter().find(|key| key.customer_id == customer.id()).unwrap();
    assert!(plan.key_ids.contains(&key.id));
    (customer.id(), format!("{}-api", customer.cell), key.id.clone(), plan.id.clone())
}

/// The share of a customer's requests in the last seconds that ended so.
fn share_of(world: &World, (customer, api): (&str, &str), seconds: i64, outcome: Outcome) -> f64 {
    let of_customer = |group: &Group| {
        let source = world.ledger.source(group.source).unwrap();
        source.caller == crate::ledger::Caller::Customer(customer.to_owned())
    };
    let all = world.count(api, seconds, of_customer).1;
    let so = world.count(api, seconds, |group| of_customer(group) && group.outcome == outcome).1;
    assert!(all > 0, "{customer} sent nothing");
    crate::metrics::as_weight(so) / crate::metrics::as_weight(all)
}

#[test]
fn a_used_up_quota_blocks_until_it_is_raised() {
    let mut world = World::new(SEED);
    let (customer, api, key, plan) = holder(&world);
    world.run(3);
    assert!(share_of(&world, (&customer, &api), 3, Outcome::OverQuota) < 1e-9);
    let quota = Quota { limit: 10, offset: 0, period: QuotaPeriod::Day };
    let set = |world: &World, quota: Quota| {
        let mut estate = world.estate.write().unwrap();
        estate.usage_plans.iter_mut().find(|one| one.id == plan).unwrap().quota = Some(quota);
    };
    set(&world, quota);
    world.run(6);
    assert!(share_of(&world, (&customer, &api), 3, Outcome::OverQuota) > 0.9);
    // Either lever: what is left of the period, or the plan's quota.
    let today = jiff::civil::date(2026, 11, 20);
    let usage = Arc::clone(&world.estate.read().unwrap().usage);
    usage.lock().unwrap().set_remaining(&plan, &key, quota, today, 1_000_000);
    world.run(3);
    assert!(share_of(&world, (&customer, &api), 3, Outcome::OverQuota) < 1e-9);
    usage.lock().unwrap().set_remaining(&plan, &key, quota, today, 0);
    world.run(3);
    assert!(share_of(&world, (&customer, &api), 2, Outcome::OverQuota) > 0.9);
    set(&world, Quota { limit: 100_000_000, ..quota });
    world.run(6);
    assert!(share_of(&world, (&customer, &api), 3, Outcome::OverQuota) < 1e-9);
}

#[test]
fn a_noisy_customer_is_held_by_its_plan_and_others_are_not() {
    let mut world = World::new(SEED);
    let (customer, api, ..) = holder(&world);
    world.disturb(Disturbance::Customer { customer_id: customer.clone(), factor: 60.0 });
    world.run(12);
    assert!(share_of(&world, (&customer, &api), 3, Outcome::PlanThrottled) > 0.3);
    let (_, throttled) = world.count(&api, 3, |group| {
        let source = world.ledger.source(group.source).unwrap();
        group.outcome == Outcome::PlanThrottled
            && source.caller != crate::ledger::Caller::Customer(customer.clone())
    });
    assert_eq!(throttled, 0);
}

#[test]
fn a_disabled_key_opens_nothing() {
    let mut world = World::new(SEED);
    let (customer, api, key, _) = holder(&world);
    world.run(2);
    world.estate.write().unwrap().api_keys.iter_mut().find(|one| one.id == key).unwrap().enabled = false;
    world.run(6);
    assert!(share_of(&world, (&customer, &api), 3, Outcome::InvalidApiKey) > 0.9);
}

#[test]
fn a_plan_never_lets_through_more_than_its_rate_and_burst() {
    let mut world = World::new(SEED);
    let (customer, api, _, plan) = holder(&world);
    {
        let mut estate = world.estate.write().unwrap();
        let plan = estate.usage_plans.iter_mut().find(|one| one.id == plan).unwrap();
        plan.throttle = Some(Throttle { rate: 2.0, burst: 3 });
    }
    world.run(4);
    let (_, before) = world.count(&api, 100, |_| true);
    assert!(before > 0);
    world.run(20);
    let (_, through) = world.count(&api, 20, |group| {
        let source = world.ledger.source(group.source).unwrap();
        let route_is_open =
            matches!(group.outcome, Outcome::MissingMethod | Outcome::Unauthorized | Outcome::AccessDenied);
        source.caller == crate::ledger::Caller::Customer(customer.clone())
            && group.outcome != Outcome::PlanThrottled
            && !route_is_open
    });
    // The method without a key is a few in a hundred requests.
    assert!(through <= 43 + 20, "{through}");
}

#[test]
fn keys_have_a_past() {
    let world = World::new(SEED);
    let (_, _, key, plan) = holder(&world);
    let usage = Arc::clone(&world.estate.read().unwrap().usage);
    let usage = usage.lock().unwrap();
    let day = |day| usage.used(&plan, &key, jiff::civil::date(2026, 11, day));
    assert!(day(19) > 10_000, "{}", day(19));
    assert!(day(20) > day(19) / 4 && day(20) < day(19));
    for (plan, key) in
        world.estate().usage_plans.iter().flat_map(|plan| plan.key_ids.iter().map(move |key| (plan, key)))
    {
        if let Some(quota) = plan.quota {
            let left = usage.remaining(&plan.id, key, quota, jiff::civil::date(2026, 11, 20));
            assert!(left > quota.limit / 20, "{left} of {} left on {}", quota.limit, plan.name);
        }
    }
}
