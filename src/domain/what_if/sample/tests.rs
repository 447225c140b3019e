//! Samples of traffic that is known: what they make of it, and whether the truth lies within their ranges.

use proptest::prelude::*;

use super::*;

const MINUTES: i64 = 60;

fn window() -> TimeWindow {
    let start = Timestamp::from_second(1_800_000_000).unwrap();
    TimeWindow { start, end: start + SignedDuration::from_mins(MINUTES) }
}

fn second(of: i64) -> Timestamp {
    window().start + SignedDuration::from_secs(of)
}

fn request(at: Timestamp, caller: &str, method: &str) -> LoggedRequest {
    let caller = (!caller.is_empty()).then(|| caller.to_owned());
    LoggedRequest { at, caller, method: Some(method.to_owned()) }
}

/// What is read of traffic with so many requests a second of each caller; and what CloudWatch has of it.
fn sample(
    count: usize,
    per_second: impl Fn(i64) -> Vec<(&'static str, &'static str, usize)>,
) -> (Sample, Traffic) {
    let minute = |minute: i64| {
        let seconds = minute * 60..(minute + 1) * 60;
        seconds.flat_map(&per_second).map(|(_, _, many)| many as u64).sum()
    };
    let traffic = Traffic::by_minute((0..MINUTES).map(minute).collect());
    let start = window().start.as_second();
    let glances = places(&traffic, window(), count).into_iter().map(|place| {
        let seconds = place.start.as_second() - start..place.end.as_second() - start;
        let requests = seconds.flat_map(|at| {
            let sent = per_second(at).into_iter();
            sent.flat_map(move |(caller, method, many)| vec![request(second(at), caller, method); many])
                .collect::<Vec<_>>()
        });
        Glance { window: place, requests: requests.collect() }
    });
    (Sample::new(glances.collect(), window()), traffic)
}

fn traffic(per_minute: impl Fn(i64) -> u64) -> Traffic {
    Traffic::by_minute((0..MINUTES).map(per_minute).collect())
}

#[test]
fn places_lie_where_the_requests_are_and_not_at_the_same_second_of_the_minute() {
    let even = traffic(|_| 600);
    let found = places(&even, window(), 20);
    assert_eq!((found.len(), found.clone()), (20, places(&even, window(), 20)));
    for (part, place) in (0..).zip(&found) {
        // Within a minute a window begins where it ends within it, too.
        let stretch = second(part * 180 - 5)..=second((part + 1) * 180 + 5);
        assert!(stretch.contains(&place.start) && stretch.contains(&place.end), "{part}: {place:?}");
        assert_eq!(place.end.duration_since(place.start), SignedDuration::from_secs(SECONDS));
    }
    let seconds: std::collections::BTreeSet<i64> =
        found.iter().map(|place| place.start.as_second() % 60 / 10).collect();
    assert!(seconds.len() >= 4, "spread over the minute: {seconds:?}");

    // Nine of ten requests came in the last six minutes.
    let flood = places(&traffic(|minute| if minute >= 54 { 54_000 } else { 667 }), window(), 20);
    assert!(flood.iter().filter(|place| place.start >= second(54 * 60)).count() >= 17, "{flood:?}");
    assert!(flood.windows(2).all(|pair| pair[0].end <= pair[1].start), "none is read twice: {flood:?}");

    let short = TimeWindow { end: second(60), ..window() };
    let dense = places(&Traffic::by_minute(vec![90_000]), short, 24);
    assert!(dense.len() >= 10 && dense.iter().all(|place| place.end <= second(60)), "{dense:?}");
    assert_eq!(places(&traffic(|_| 0), window(), 20), found, "where nothing is known, by time");
    assert_eq!(places(&even, TimeWindow { end: window().start, ..window() }, 24), []);
}

#[test]
fn what_began_in_between_counts_for_the_minutes_after_it() {
    // 100 requests a second; from the 45th minute on another 900 of one caller.
    let (sample, traffic) = sample(20, |at| {
        let mut sent = vec![("quiet", "GET /a", 80), ("", "GET /a", 20)];
        if at >= 45 * 60 {
            sent.push(("noisy", "GET /b", 900));
        }
        sent
    });
    let callers = sample.callers(&traffic, window());
    let shares = shares(&callers, traffic.total());
    let truth = 15.0 * 54_000.0 / exact(traffic.total());
    let noisy = shares["noisy"];
    assert!(noisy.least < truth && truth < noisy.most, "{truth} {noisy:?}");
    assert!((noisy.likely - truth).abs() < 0.05 && noisy.most - noisy.least < 0.3, "{truth} {noisy:?}");
    assert_eq!(callers["noisy"].likely.counts()[0], 0, "it sent nothing an hour ago");
    assert!(callers["noisy"].likely.counts()[59] > 50_000);
    let quiet = shares["quiet"];
    let truth = 60.0 * 4_800.0 / exact(traffic.total());
    assert!(quiet.least < truth && truth < quiet.most, "{truth} {quiet:?}");
    let sampling = sample.sampling();
    assert_eq!(sampling.windows, 20);
    assert!((sampling.of_seconds - 3_600.0).abs() < 1e-9 && (sampling.seconds - 100.0).abs() < 1e-9);
    assert!(sampling.events > 14 * 4 * 900, "most windows lie where most requests are: {sampling:?}");
}

#[test]
fn methods_have_their_own_traffic_and_callers() {
    let (sample, traffic) =
        sample(12, |_| vec![("one", "GET /a", 30), ("two", "GET /a", 10), ("two", "GET /b", 60)]);
    let methods = sample.methods(&traffic, window(), |method| method == "GET /a");
    let [(own, callers)] = &methods.likely[..] else { panic!("one method is wanted") };
    assert_eq!((own.total(), callers.len()), (60 * 2_400, 2));
    let one = sample.only(|request| request.method.as_deref() == Some("GET /a")).callers(own, window());
    assert_eq!(one["one"].likely.total(), 60 * 1_800);
    assert!(methods.least[0].0.total() < own.total() && own.total() < methods.most[0].0.total());
}

#[test]
fn nothing_found_tells_nobody() {
    let empty = Sample::new(Vec::new(), window());
    assert!(empty.callers(&traffic(|_| 600), window()).is_empty());
    let (mut nameless, traffic) = sample(4, |_| vec![("a", "GET /a", 3)]);
    nameless.name(|_| None);
    assert!(nameless.callers(&traffic, window()).is_empty());
}

#[test]
fn intervals_are_those_of_the_textbook() {
    // Wilson for 10 of 100: 5.5 to 17.4 percent.
    let range = wilson(0.1, 100.0);
    assert!((range.least - 0.0552).abs() < 5e-4 && (range.most - 0.1744).abs() < 5e-4, "{range:?}");
    assert_eq!((wilson(0.0, 50.0).least, wilson(1.0, 50.0).most), (0.0, 1.0));
    assert!(wilson(0.0, 50.0).most > 0.05, "none of 50 may well be one of 20");
}

proptest! {
    #[test]
    fn levels_are_in_order_and_no_caller_has_more_than_all(
        rates in prop::collection::vec(1_usize..60, 1..5),
        count in 2_usize..24,
        onset in 0_i64..3_600,
    ) {
        const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
        let (sample, traffic) = sample(count, |at| {
            let on = |place: usize| place > 0 || at >= onset;
            let sent = rates.iter().enumerate().filter(|(place, _)| on(*place));
            sent.map(|(place, rate)| (NAMES[place], "GET /a", *rate)).collect()
        });
        for own in sample.callers(&traffic, window()).values() {
            let Levels { least, likely, most } = own.map(Traffic::total);
            prop_assert!(least <= likely && likely <= most && most <= traffic.total());
        }
    }
}
