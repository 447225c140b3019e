//! What the levers do to the simulated traffic, as CloudWatch tells it.

use std::collections::BTreeMap;

use cellgate::domain::levers::{RollbackTo, Wanted};
use cellgate::domain::method::MethodKey;
use cellgate::domain::signal::{MetricIdentity, MetricQuery, Statistic, TimeWindow};
use cellgate_demo::estate::{Release, RouteKey};
use cellgate_demo::scenario::{self, Phase};
use cellgate_demo::{RegionOptions, estate};
use jiff::SignedDuration;

use super::{alter, api, desk, options, stage};
use crate::support::desk::Desk;
use crate::support::region::Region;

const TARGET: &str = "orders-01/prod";
const ROUTE: &str = "GET /orders/{orderId}";

/// The share of the requests of [`TARGET`] that `metric` counts, over three minutes from one minute from now
/// on: by then the region's data plane has taken up what was changed.
fn share(desk: &Desk, metric: &str) -> f64 {
    desk.region.advance(SignedDuration::from_mins(2));
    let start = TimeWindow::until(desk.region.now(), 0).start;
    // CloudWatch publishes one to three minutes late.
    desk.region.advance(SignedDuration::from_mins(7));
    let window = TimeWindow { start, end: start + SignedDuration::from_mins(3) };
    let id = api(desk, "orders-01").id;
    let query = |name: &str| MetricQuery {
        metric: MetricIdentity {
            namespace: "AWS/ApiGateway".to_owned(),
            name: name.to_owned(),
            dimensions: vec![("ApiId".to_owned(), id.clone()), ("Stage".to_owned(), "prod".to_owned())],
        },
        statistic: Statistic::Sum,
    };
    let queries = [query("Count"), query(metric)];
    let answers = desk.runtime.block_on(desk.session.metric_data(&queries, window)).unwrap();
    let sum = |place: usize| answers[place].series.points().iter().map(|(_, value)| value).sum::<f64>();
    assert!(sum(0) > 10.0, "there is traffic: {answers:?}");
    sum(1) / sum(0)
}

#[test]
fn a_lower_throttle_of_a_route_answers_429_and_its_undo_ends_that() {
    let desk = desk();
    let before = share(&desk, "4xx");
    let wanted =
        Wanted::SetThrottle { method: MethodKey::Route(ROUTE.to_owned()), rate: Some(0.02), burst: Some(1) };
    let (change, plan) = desk.change(TARGET, &wanted);
    assert!(plan.blast_radius.requests_per_second.unwrap() > 0.1, "{:?}", plan.blast_radius);
    let key = RouteKey::parse(ROUTE).unwrap();
    assert_eq!(
        stage(&desk, TARGET).settings.overrides[&key].throttle,
        estate::Throttle { rate: 0.02, burst: 1 }
    );
    let throttled = share(&desk, "4xx");
    assert!(throttled > before + 0.15, "{before} -> {throttled}");

    let back = desk.undo(&change);
    assert_eq!(desk.region.count("DeleteRouteSettings"), 1);
    assert!(stage(&desk, TARGET).settings.overrides.is_empty());
    let after = share(&desk, "4xx");
    assert!(after < before + 0.05, "{before} -> {throttled} -> {after}");
    // An undo of an undo works.
    desk.undo(&back);
    assert_eq!(stage(&desk, TARGET).settings.overrides[&key].throttle.burst, 1);
}

#[test]
fn a_rollback_brings_the_old_deployment_s_behaviour_back() {
    let desk = desk();
    alter(&desk, "orders-01", |api| {
        api.deployments[0].release = Release { server_errors: 0.6, ..Release::SOUND };
        let newest = api.deployments[0].id.clone();
        api.stage_mut("prod").unwrap().deployment_id = newest;
    });
    let bad = share(&desk, "5xx");
    assert!(bad > 0.3, "{bad}");

    let (change, plan) = desk.change(TARGET, &Wanted::Rollback { to: RollbackTo::Previous });
    assert_eq!(plan.steps.len(), 1);
    assert!(plan.warnings.iter().any(|said| said.contains("which routes")), "{:?}", plan.warnings);
    assert_eq!(stage(&desk, TARGET).deployment_id, api(&desk, "orders-01").deployments[1].id);
    let good = share(&desk, "5xx");
    assert!(good < 0.1, "{bad} -> {good}");

    desk.undo(&change);
    let again = share(&desk, "5xx");
    assert!(again > 0.3, "{bad} -> {good} -> {again}");
}

#[test]
fn a_throttle_of_zero_is_cured_by_throttle_set() {
    let region = Region::start(RegionOptions {
        cells: 8,
        apis: 21,
        customers: 600,
        scenario: Some(scenario::load("throttled-by-zero").unwrap()),
        ..options()
    });
    let desk = Desk::before(region);
    let wait_for = |phase: Phase, seconds: i64| {
        for _ in 0..seconds / 5 {
            if desk.region.scenario().phase == phase {
                return true;
            }
            desk.region.advance(SignedDuration::from_secs(5));
        }
        desk.region.scenario().phase == phase
    };
    assert!(wait_for(Phase::Raging, 200));
    // It shows first: a cure that comes before the trouble is none.
    desk.region.advance(SignedDuration::from_mins(2));
    let zero = |api: &&std::sync::Arc<estate::Api>| {
        let throttle = api.stage("prod").and_then(|stage| stage.settings.default.as_ref());
        throttle.is_some_and(|setting| setting.throttle.burst == 0)
    };
    let name = desk.region.estate().apis.iter().find(zero).unwrap().name.clone();
    let wanted = Wanted::SetThrottle { method: MethodKey::All, rate: Some(400.0), burst: Some(800) };
    desk.change(&format!("{name}/prod"), &wanted);
    assert!(wait_for(Phase::Cured, 900), "{:?}", desk.region.scenario().conditions);
}

#[test]
fn a_reset_makes_authorizers_decide_anew() {
    let desk = desk();
    let (_, plan) = desk.change("partner/$default", &Wanted::FlushAuthorizersCache);
    assert_eq!(desk.region.count("ResetAuthorizersCache"), 1);
    assert!(stage(&desk, "partner/$default").authorizers_emptied_at.is_some());
    assert!(plan.iam[0].starts_with("apigateway:DELETE on"), "{:?}", plan.iam);
    // What can't be told can't be undone, and is sent once.
    let change = desk.history().last().unwrap().id.clone();
    assert!(desk.plan_undo(&change).is_err());
}

#[test]
fn a_variable_of_a_websocket_stage_is_changed_and_put_back() {
    let desk = desk();
    let target = "live-01/prod";
    let before = stage(&desk, target).variables;
    let wanted = Wanted::StageVariables {
        set: BTreeMap::from([("colour".to_owned(), "green".to_owned())]),
        unset: vec!["cellId".to_owned()],
    };
    let (change, _) = desk.change(target, &wanted);
    assert_eq!(stage(&desk, target).variables, BTreeMap::from([("colour".to_owned(), "green".to_owned())]));
    desk.undo(&change);
    assert_eq!(stage(&desk, target).variables, before);
}
