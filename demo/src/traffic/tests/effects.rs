//! What operators do has its effect, and what happens to the region shows.

use super::*;
use crate::estate::{Canary, MethodSetting, Release, Throttle};

#[test]
fn a_flush_lets_hits_fall_and_recover_and_the_backend_feels_it() {
    let mut world = World::new(SEED);
    let name = world.cached_api();
    world.run(60);
    let hits = |world: &World, minutes| world.read(&rest(&name, "CacheHitCount"), "Average", minutes);
    let misses = |world: &World, minutes| world.read(&rest(&name, "CacheMissCount"), "Sum", minutes);
    let latency = |world: &World, minutes| world.read(&rest(&name, "Latency"), "Average", minutes);
    let settled = hits(&world, 0..1);
    assert!(settled > 0.5, "{settled}");
    let (calm, usual) = (latency(&world, 0..1), misses(&world, 0..1));
    let now = world.clock.now();
    world.alter(&name, |api| api.stage_mut("prod").unwrap().cache.flush(now));
    world.run(60);
    assert!(hits(&world, 1..2) < 0.85 * settled, "{} of {settled}", hits(&world, 1..2));
    assert!(misses(&world, 1..2) > 1.1 * usual);
    assert!(latency(&world, 1..2) > 1.2 * calm, "{} after {calm}", latency(&world, 1..2));
    world.run(240);
    assert!(hits(&world, 5..6) > 0.9 * settled, "{} of {settled}", hits(&world, 5..6));
}

#[test]
fn a_lower_throttle_turns_the_rest_away_after_the_propagation_delay() {
    let mut world = World::new(SEED);
    let name = "cell-01-api";
    world.run(2);
    world.alter(name, |api| {
        let settings = &mut api.stage_mut("prod").unwrap().settings;
        let throttle = Throttle { rate: 0.0, burst: 0 };
        settings.default = Some(MethodSetting { throttle, ..MethodSetting::initial() });
        settings.overrides.clear();
    });
    world.run(2);
    assert!(world.share(name, 2, Outcome::StageThrottled) < 1e-9);
    world.run(1);
    assert!(world.share(name, 1, Outcome::StageThrottled) > 0.9);
    let reached = world.count(name, 1, |group| group.outcome.reached_backend()).1;
    assert_eq!(reached, 0);
}

#[test]
fn a_bad_release_fails_until_it_is_rolled_back() {
    let mut world = World::small(SEED);
    let name = "cell-02-api";
    let before = world.estate().api_named(name).unwrap().stage("prod").unwrap().deployment_id.clone();
    world.alter(name, |api| {
        let mut bad = api.deployments[0].clone();
        bad.id = "bad001".to_owned();
        bad.release = Release { slowness: 3.0, server_errors: 0.4 };
        api.deployments.insert(0, bad);
        api.stage_mut("prod").unwrap().deployment_id = "bad001".to_owned();
    });
    world.run(8);
    assert!(world.share(name, 4, Outcome::ServerError) > 0.1);
    world.alter(name, |api| api.stage_mut("prod").unwrap().deployment_id = before);
    world.run(8);
    assert!(world.share(name, 4, Outcome::ServerError) < 0.05);
}

#[test]
fn a_canary_gets_its_share_and_fails_alone() {
    let mut world = World::small(SEED);
    let name = "cell-02-api";
    world.alter(name, |api| {
        let mut bad = api.deployments[0].clone();
        bad.id = "bad001".to_owned();
        bad.release = Release { slowness: 1.0, server_errors: 1.0 };
        api.deployments.insert(0, bad);
        api.stage_mut("prod").unwrap().canary = Some(Canary {
            deployment_id: "bad001".to_owned(),
            percent_traffic: 20.0,
            stage_variable_overrides: std::collections::BTreeMap::new(),
            use_stage_cache: false,
        });
    });
    world.run(10);
    let (all, canary) = world.count(name, 5, |group| group.canary);
    let share = crate::metrics::as_weight(canary) / crate::metrics::as_weight(all);
    assert!((0.15..0.25).contains(&share), "{share}");
    let (_, failed) = world.count(name, 5, |group| !group.canary && group.outcome == Outcome::ServerError);
    assert!(failed * 20 < canary);
}

#[test]
fn methods_missing_from_the_deployment_are_forbidden() {
    let mut world = World::small(SEED);
    world.alter("cell-02-api", |api| {
        for deployment in &mut api.deployments {
            deployment.methods.truncate(1);
        }
    });
    world.run(6);
    let forbidden = world.share("cell-02-api", 3, Outcome::MissingMethod);
    assert!((0.3..0.9).contains(&forbidden), "{forbidden}");
}

#[test]
fn a_weak_authorizer_fails_and_a_long_ttl_saves_it() {
    let ttl = |seconds: u32| {
        let mut world = World::altered(SEED, (3, 12, 90), |estate| {
            for api in estate.apis.iter_mut().map(Arc::make_mut) {
                for deployment in &mut api.deployments {
                    for authorizer in &mut deployment.authorizers {
                        authorizer.result_ttl_seconds = seconds;
                    }
                }
            }
        });
        let (api_id, _) = world.stage("cell-01-api");
        world.disturb(Disturbance::Authorizer { api_id, calls_per_second: 20.0 });
        world.run(10);
        world.share("cell-01-api", 5, Outcome::AuthorizerFailure)
    };
    assert!(ttl(0) > 0.3, "{}", ttl(0));
    assert!(ttl(3_600) < 0.5 * ttl(0), "{}", ttl(3_600));
}

#[test]
fn an_overload_ends_when_the_load_is_taken_off() {
    let mut world = World::new(SEED);
    let name = world.cached_api();
    let cell = world.estate().api_named(&name).unwrap().cell.clone().unwrap();
    world.run(5);
    world.disturb(Disturbance::Backend { cell, capacity: 0.08, slowness: 1.0, server_errors: 0.0 });
    world.run(90);
    let failing = |world: &World| world.share(&name, 10, Outcome::TimedOut);
    assert!(failing(&world) > 0.2, "{}", failing(&world));
    world.calm();
    world.alter(&name, |api| {
        let settings = &mut api.stage_mut("prod").unwrap().settings;
        settings.overrides.clear();
        settings.default.as_mut().unwrap().throttle = Throttle { rate: 1.0, burst: 1 };
    });
    world.run(60);
    assert!(failing(&world) < 0.02, "{}", failing(&world));
}

#[test]
fn a_flood_comes_and_goes() {
    let mut world = World::small(SEED);
    let (api_id, stage) = world.stage("cell-01-api");
    let route = crate::estate::RouteKey::Http { verb: "GET".to_owned(), path: "/health".to_owned() };
    world.run(2);
    let (before, _) = world.count("cell-01-api", 2, |_| true);
    world.disturb(Disturbance::Flood(crate::traffic::disturbance::Flood {
        name: "scrapers".to_owned(),
        api_id,
        stage,
        route,
        rate: 2_000.0,
        network: "198.51.100.0/24".to_owned(),
        addresses: 20,
        country: "US",
        user_agent: "python-requests/2.32",
    }));
    world.run(2);
    assert!(world.count("cell-01-api", 2, |_| true).0 > before + 3_000);
    let name = world.stage("cell-01-api");
    let mut clients = std::collections::HashSet::new();
    let now = world.clock.now();
    world.ledger.requests(
        &name,
        &(now - SignedDuration::from_secs(1)..now),
        |_| true,
        |request| {
            if request.user_agent.starts_with("python") {
                clients.insert(request.client.to_string());
            }
            std::ops::ControlFlow::Continue(())
        },
    );
    assert_eq!(clients.len(), 20);
    assert!(clients.iter().all(|client| client.starts_with("198.51.100.")));
    world.calm();
    world.run(3);
    assert!(world.count("cell-01-api", 2, |_| true).0 < before + 1_000);
}

#[test]
fn only_requests_to_a_guarded_stage_have_a_verdict() {
    let arn =
        "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/edge/11111111-2222-3333-4444-555555555555";
    let mut world = World::altered(SEED, (3, 12, 90), |estate| {
        estate.waf.web_acls = vec![crate::estate::WebAcl {
            id: "11111111-2222-3333-4444-555555555555".to_owned(),
            name: "edge".to_owned(),
            arn: arn.to_owned(),
            lock_token: "token".to_owned(),
            document: serde_json::json!({ "DefaultAction": { "Allow": {} }, "Rules": [] }),
            logging_configuration: None,
            tags: std::collections::BTreeMap::new(),
        }];
        for api in estate.apis.iter_mut().map(Arc::make_mut) {
            let guarded = api.name == "cell-01-api";
            for stage in &mut api.stages {
                stage.web_acl_arn = guarded.then(|| arn.to_owned());
            }
        }
    });
    world.run(3);
    let verdicts = |name: &str| -> Vec<_> {
        let groups = world.groups(&world.stage(name), 3);
        assert!(!groups.is_empty());
        groups.iter().map(|group| world.ledger.verdict(group.verdict).web_acl_arn.clone()).collect()
    };
    assert!(verdicts("cell-01-api").iter().all(|verdict| verdict.as_deref() == Some(arn)));
    assert!(verdicts("cell-02-api").iter().all(Option::is_none));
}
