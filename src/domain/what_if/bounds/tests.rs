//! What minute averages allow a token bucket to have refused, against textbook cases and a bucket run second by second.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::domain::token_bucket::{Level, TokenBucket};

fn steady(per_second: u64, minutes: usize) -> Traffic {
    Traffic::by_minute(vec![per_second * 60; minutes])
}

#[test]
fn half_of_the_rate_is_never_refused_where_it_is_spread_evenly() {
    let bucket = Bucket::new(1_000.0, 2_000);
    assert_eq!(of_one(&steady(500, 60), bucket).least, 0);
    // At worst, two minutes' requests meet between them, and find what the bucket holds.
    assert_eq!(of_one(&steady(500, 60), bucket).most, 60 * 30_000 - 30 * 2_000);
}

#[test]
fn twice_the_rate_is_refused_by_half_once_the_burst_is_used_up() {
    let refused = least(&steady(2_000, 3), Bucket::new(1_000.0, 2_000));
    let requests: Vec<_> = refused.by_period.iter().map(|tokens| tokens / REQUEST).collect();
    assert_eq!(requests, [58_000, 60_000, 60_000]);
    assert_eq!(refused.total, 178_000);
}

#[test]
fn the_rate_itself_is_admitted_and_an_idle_bucket_fills_up_again() {
    let bucket = Bucket::new(1_000.0, 2_000);
    assert_eq!(of_one(&steady(1_000, 60), bucket).least, 0);
    let pauses = Traffic::by_minute(vec![62_000, 0, 62_000]);
    assert_eq!(of_one(&pauses, bucket).least, 0);
    assert_eq!(of_one(&Traffic::by_minute(vec![62_000, 60_000, 62_000]), bucket).least, 2_000);
}

#[test]
fn a_burst_of_zero_refuses_all_and_a_rate_of_zero_what_the_burst_does_not_hold() {
    let traffic = steady(10, 2);
    assert_eq!(of_one(&traffic, Bucket::new(1_000.0, 0)), Bounds { least: 1_200, likely: None, most: 1_200 });
    assert_eq!(of_one(&traffic, Bucket::new(0.0, 100)), Bounds { least: 1_100, likely: None, most: 1_100 });
}

#[test]
fn at_worst_one_minute_finds_the_burst_and_no_more() {
    let bucket = Bucket::new(1.0, 50);
    assert_eq!(of_one(&Traffic::by_minute(vec![80]), bucket).most, 30);
    assert_eq!(of_one(&Traffic::by_minute(vec![40, 40]), bucket).most, 30);
    // Three bursts: the outer two at least a minute apart, of which one brings 60.
    assert_eq!(of_one(&Traffic::by_minute(vec![40, 40, 40]), bucket).most, 30);
    assert_eq!(of_one(&Traffic::by_minute(vec![100, 100, 100]), bucket).most, 200);
}

#[test]
fn of_several_buckets_the_best_is_all_alike_and_the_worst_is_one() {
    let (traffic, bucket) = (steady(4_000, 10), Bucket::new(1_000.0, 2_000));
    assert_eq!(of_each(&traffic, bucket, 4).least, 0);
    assert_eq!(of_each(&traffic, bucket, 4).most, of_one(&traffic, bucket).most);
    assert_eq!(of_each(&traffic, bucket, 1), of_one(&traffic, bucket));
}

#[test]
fn seconds_say_what_is_likely() {
    let bucket = Bucket::new(10.0, 20);
    // All within the first second of the minute, and every tenth request sampled.
    let mut seconds = vec![0; 60];
    seconds[0] = 60;
    let bounds = of_one(&Traffic::by_minute(vec![600]), bucket);
    assert_eq!(bounds, Bounds { least: 0, likely: None, most: 580 });
    assert_eq!(bounds.with_seconds(600, &Traffic::by_second(seconds), bucket).likely, Some(300));
    assert_eq!(bounds.with_seconds(600, &Traffic::by_second(vec![0; 60]), bucket).likely, None);
}

/// Replays single requests through the bucket that the control plane's own limits use: whole
/// tokens, to the nanosecond. Returns how many are refused.
fn replayed(bucket: TokenBucket, times: &[u64]) -> u64 {
    let mut level = Level::default();
    let mut refused = 0;
    for time in times {
        if bucket.wait(level, *time).is_zero() {
            level = bucket.take(level, *time, 1);
        } else {
            refused += 1;
        }
    }
    refused
}

const MINUTE: u64 = 60_000_000_000;

/// Rates whose interval is a whole number of nanoseconds.
const RATES: [u32; 6] = [1, 2, 4, 5, 8, 10];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_happened_within_the_minutes_lies_between_the_bounds(
        rate in prop::sample::select(RATES.to_vec()),
        burst in 1_u32..200,
        arrivals in prop::collection::vec(
            (0_usize..400, prop_oneof![Just(0), Just(MINUTE - 1), 0..MINUTE], prop_oneof![Just(1), 1..MINUTE]),
            1..8,
        ),
    ) {
        let mut times = Vec::new();
        let mut counts = Vec::new();
        for (number, (count, from, within)) in arrivals.iter().enumerate() {
            // Evenly over `within` from `from` on, as far as the minute goes.
            let start = 1_000 * MINUTE + number as u64 * MINUTE;
            let step = within / (*count as u64 + 1);
            times.extend((0..*count as u64).map(|place| start + (from + place * step).min(MINUTE - 1)));
            counts.push(*count as u64);
        }
        let refused = replayed(TokenBucket::new(rate, Duration::from_secs(1), burst), &times);
        let bounds = of_one(&Traffic::by_minute(counts), Bucket::new(f64::from(rate), u64::from(burst)));
        prop_assert!((bounds.least..=bounds.most).contains(&refused), "{} of {:?}", refused, bounds);
    }

    #[test]
    fn the_worst_is_reached_by_bursts_at_some_ends_of_their_minutes(
        rate in prop::sample::select(RATES.to_vec()),
        burst in 1_u32..200,
        counts in prop::collection::vec(0_u64..600, 1..8),
    ) {
        let bucket = TokenBucket::new(rate, Duration::from_secs(1), burst);
        let worst = (0..1_u32 << counts.len()).map(|ends| {
            let mut times = Vec::new();
            for (number, count) in counts.iter().enumerate() {
                let moment = 1_000 * MINUTE + (number as u64 + u64::from(ends >> number & 1)) * MINUTE;
                times.extend((0..*count).map(|_| moment));
            }
            replayed(bucket, &times)
        });
        let expected = worst.max().unwrap();
        let bounds = of_one(&Traffic::by_minute(counts.clone()), Bucket::new(f64::from(rate), u64::from(burst)));
        prop_assert_eq!(bounds.most, expected);
    }

    #[test]
    fn more_rate_or_burst_never_refuses_more(
        counts in prop::collection::vec(0_u64..5_000, 1..30),
        rate in 0.0_f64..100.0,
        burst in 0_u64..2_000,
        more_rate in 0.0_f64..50.0,
        more_burst in 0_u64..500,
    ) {
        let traffic = Traffic::by_minute(counts);
        let tight = of_one(&traffic, Bucket::new(rate, burst));
        for wide in [Bucket::new(rate + more_rate, burst), Bucket::new(rate, burst + more_burst)] {
            let wide = of_one(&traffic, wide);
            prop_assert!(wide.least <= tight.least && wide.most <= tight.most);
        }
    }

    #[test]
    fn refused_and_admitted_are_within_what_arrived_and_what_the_bucket_gives(
        counts in prop::collection::vec(0_u64..5_000, 0..30),
        rate in 0.0_f64..100.0,
        burst in 0_u64..2_000,
    ) {
        let traffic = Traffic::by_minute(counts.clone());
        let bucket = Bucket::new(rate, burst);
        let (least, most) = (least(&traffic, bucket), most(&traffic, bucket));
        prop_assert!(least.total <= most.total && most.total <= traffic.total());
        let given = bucket.full() + bucket.refill(60) * counts.len() as u128;
        prop_assert!(u128::from(traffic.total() - least.total) * REQUEST <= given);
        // The minutes add up, but for the fractions of a request lost in each.
        for refused in [least, most] {
            let sum: Tokens = refused.by_period.iter().sum();
            let total = Tokens::from(refused.total) * REQUEST;
            prop_assert!(sum.abs_diff(total) <= REQUEST * (counts.len() as u128 + 1));
            for (period, arrived) in refused.by_period.iter().zip(&counts) {
                prop_assert!(*period <= Tokens::from(*arrived) * REQUEST);
            }
        }
    }
}
