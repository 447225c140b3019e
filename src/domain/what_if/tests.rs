//! The whole replay: traffic through a proposed limit, and of whom.

use super::attribution::CallerForecast;
use super::*;

fn minutes(counts: &[u64]) -> Traffic {
    Traffic::by_minute(counts.to_vec())
}

fn callers(of: &[(&str, &[u64])]) -> Callers {
    Callers::new(of.iter().map(|(who, counts)| ((*who).to_owned(), minutes(counts))))
}

fn least_of(by_whom: &ByWhom) -> Vec<(&str, u64)> {
    let ByWhom::Known { callers, .. } = by_whom else { panic!("nobody is known") };
    callers.iter().map(|caller| (caller.who.as_str(), caller.refused.least)).collect()
}

#[test]
fn the_throttle_as_it_is_stands_beside_the_proposed_one() {
    let traffic = minutes(&[120_000; 3]);
    let (now, proposed) = (Bucket::new(2_000.0, 4_000), Bucket::new(1_000.0, 2_000));
    let forecast = throttle(&traffic, Scope::Shared, Some(now), proposed, None);
    assert_eq!(forecast.arrived, 360_000);
    assert_eq!(forecast.now.unwrap().least, 0);
    assert_eq!(forecast.proposed.least, 178_000);
    assert_eq!(forecast.by_whom, ByWhom::Unknown);
    assert_eq!(throttle(&traffic, Scope::Shared, None, proposed, None).now, None);
}

#[test]
fn on_a_shared_bucket_each_is_refused_by_its_part_of_the_minute() {
    let traffic = minutes(&[1_000, 1_000]);
    let known = callers(&[("quiet", &[100, 100]), ("noisy", &[800, 800]), ("early", &[50, 0])]);
    // The first minute is refused 380 of 1,000, the second 400.
    let forecast = throttle(&traffic, Scope::Shared, None, Bucket::new(10.0, 20), Some(&known));
    assert_eq!(forecast.proposed.least, 780);
    assert_eq!(least_of(&forecast.by_whom), [("noisy", 624), ("quiet", 78), ("early", 19)]);
    let ByWhom::Known { unattributed, .. } = forecast.by_whom else { panic!("nobody is known") };
    assert_eq!(unattributed, 150);
}

#[test]
fn with_a_bucket_each_the_quiet_are_let_alone() {
    let traffic = minutes(&[1_000, 1_000]);
    let known = callers(&[("quiet", &[100, 100]), ("noisy", &[900, 900])]);
    let scope = Scope::Each { buckets: 2 };
    let forecast = throttle(&traffic, scope, None, Bucket::new(10.0, 200), Some(&known));
    assert_eq!(least_of(&forecast.by_whom), [("noisy", 400)]);
    assert_eq!(forecast.proposed.least, 400);
    let without_names = throttle(&traffic, scope, None, Bucket::new(10.0, 200), None);
    assert!(without_names.proposed.least <= 400 && without_names.proposed.most >= forecast.proposed.most);
}

#[test]
fn a_name_that_comes_twice_is_one_caller() {
    let twice = callers(&[("key", &[5]), ("key", &[5, 7])]);
    assert_eq!(twice, callers(&[("key", &[10, 7])]));
    assert!(!twice.is_empty());
}

#[test]
fn shares_are_of_the_callers_own_requests() {
    let refused = Bounds { least: 10, likely: None, most: 50 };
    let caller = CallerForecast { who: "key".to_owned(), arrived: 200, refused, share: None };
    assert_eq!(caller.shares(), (0.05, 0.25));
}

#[test]
fn what_each_uses_tells_who_is_likely_to_be_refused() {
    let traffic = minutes(&[1_200; 60]);
    let until = jiff::Timestamp::from_second(1_800_000_000).unwrap();
    // 20 requests/s: one key sends 15 of them, the other 3, and 2 are sent without either.
    let shares = [("quiet".to_owned(), 0.15), ("noisy".to_owned(), 0.75)];
    let (now, proposed) = (Some(Bucket::new(20.0, 100)), Bucket::new(5.0, 10));
    let replay = Replay { traffic: &traffic, until, scope: Scope::Each { buckets: 2 }, now, proposed };
    let told = replay.of_shares(&shares, "estimated");
    assert_eq!(told.now.unwrap().likely, Some(0));
    assert_eq!((told.proposed.least, told.proposed.likely), (0, Some(60 * 600 - 10)));
    assert!(told.proposed.most > 60 * 600, "all of it may have been one key's: {told:?}");
    let named: Vec<&str> = told.callers.iter().map(|caller| caller.who.as_str()).collect();
    assert_eq!(named, ["noisy"]);
    assert!((told.recent_per_second - 20.0).abs() < 1e-9 && told.tighter);
    assert!(told.method.contains("AWS says it used"));
    let wider = Replay { proposed: Bucket::new(50.0, 100), ..replay }.of_shares(&shares, "estimated");
    assert!(!wider.tighter && wider.callers.is_empty());
}

#[test]
fn a_forecast_of_before_is_still_read() {
    let text = r#"{"minutes":60,"until":"2026-11-20T14:00:00Z","arrived":9,"now":null,
        "proposed":{"least":0,"likely":null,"most":3},"by_whom":"unknown","method":"m","limits":"l"}"#;
    let read: WhatIf = serde_json::from_str(text).unwrap();
    assert_eq!((read.scope, read.tighter, read.callers.len()), (Scope::Shared, false, 0));
}

#[test]
fn with_a_bucket_for_each_method_a_caller_is_refused_where_it_is_too_much() {
    let until = jiff::Timestamp::from_second(1_800_000_000).unwrap();
    let all = minutes(&[1_200, 1_200]);
    let methods = [
        (minutes(&[1_000, 1_000]), callers(&[("noisy", &[900, 900]), ("quiet", &[100, 100])])),
        (minutes(&[200, 200]), callers(&[("quiet", &[200, 200])])),
    ];
    let (scope, proposed) = (Scope::Each { buckets: 2 }, Bucket::new(10.0, 20));
    let replay = Replay { traffic: &all, until, scope, now: None, proposed };
    let told = replay.of_methods(&methods, "by the access logs");
    assert_eq!(told.proposed.least, 780, "the second method has enough");
    let named: Vec<_> =
        told.callers.iter().map(|caller| (caller.who.as_str(), caller.refused.least)).collect();
    assert_eq!(named, [("noisy", 702), ("quiet", 78)]);
    // What is known narrows what isn't.
    let unknown = replay.of_unknown();
    assert!(unknown.proposed.least <= 780 && told.proposed.most <= unknown.proposed.most);
}
