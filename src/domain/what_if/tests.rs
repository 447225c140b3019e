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
    let caller = CallerForecast { who: "key".to_owned(), arrived: 200, refused };
    assert_eq!(caller.shares(), (0.05, 0.25));
}
