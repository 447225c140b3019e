//! Conditions against what was observed: what is proven, what is broken, and what nobody can tell.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::domain::condition::readings::Reading;
use crate::domain::condition::signals::SIGNALS;
use crate::domain::signal::Series;

fn minute(number: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + number * 60).unwrap()
}

/// The same value in each of the first ten minutes; `before` is the first five.
fn observed(readings: &[(Reading, f64)]) -> Observations {
    let mut observations = Observations::default();
    for (reading, value) in readings {
        let points = (0..10).map(|number| (minute(number), *value)).collect();
        observations.insert(*reading, Series::new(points));
    }
    observations
}

fn bench(observed: &Observations) -> Bench<'_> {
    let baseline = TimeWindow { start: minute(0), end: minute(0) + SignedDuration::from_mins(5) };
    Bench { observed, evidence: Evidence::default(), baseline: Some(baseline) }
}

fn judge(text: &str, observed: &Observations) -> Judgement {
    Condition::parse(text).unwrap().judge(&bench(observed), minute(7))
}

#[test]
fn a_breach_says_what_was_when_and_what_should_have_been() {
    let all = observed(&[(Reading::Requests, 1_000.0), (Reading::Errors5xx, 42.0)]);
    let Judgement::Breached(breaches) = judge("5xx < 1%", &all) else { panic!("4.2% is no breach") };
    assert_eq!(breaches.len(), 1);
    assert_eq!((breaches[0].minute, breaches[0].limit), (minute(7), 0.01));
    assert_eq!(breaches[0].to_string(), "5xx was 4.2% at 08:07Z, and should have been < 1%");
    let Judgement::Breached(breaches) = judge("requests > 2 * before", &all) else { panic!("no breach") };
    assert!(breaches[0].to_string().ends_with("> 2 * before, which is 33.3/s"), "{}", breaches[0]);
}

#[test]
fn within_not_the_opposite_should_have_held() {
    let all =
        observed(&[(Reading::Requests, 1_000.0), (Reading::Errors4xx, 70.0), (Reading::Errors5xx, 0.0)]);
    let Judgement::Breached(breaches) = judge("not (4xx > 5% or 5xx > 1%)", &all) else {
        panic!("no breach")
    };
    let texts: Vec<_> = breaches.iter().map(|breach| breach.comparison.to_string()).collect();
    assert_eq!(texts, ["4xx <= 5%"]);
}

#[test]
fn what_is_missing_is_unknown_unless_the_rest_decides() {
    let all = observed(&[(Reading::Requests, 1_000.0), (Reading::Errors5xx, 0.0)]);
    for (text, expected) in [
        ("5xx < 1%", "holds"),
        ("p99 < 1s", "unknown"),
        ("not (p99 < 1s)", "unknown"),
        ("5xx < 1% and p99 < 1s", "unknown"),
        ("5xx > 1% and p99 < 1s", "breached"),
        ("5xx < 1% or p99 < 1s", "holds"),
        ("5xx > 1% or p99 < 1s", "unknown"),
        ("not (5xx > 1% and p99 < 1s)", "holds"),
        ("p99 < before", "unknown"),
    ] {
        assert_eq!(judge(text, &all).word(), expected, "{text}");
    }
    let without_change = Bench { baseline: None, ..bench(&all) };
    let condition = Condition::parse("5xx <= before").unwrap();
    let Judgement::Unknown(gaps) = condition.judge(&without_change, minute(7)) else { panic!("no gap") };
    assert_eq!(gaps[0].why, Why::NoChange);
    assert_eq!(condition.baseline_gaps(&without_change, minute(7)).len(), 1);
    assert_eq!(condition.baseline_gaps(&bench(&all), minute(7)), []);
}

#[test]
fn a_count_of_little_traffic_can_exceed_a_limit_and_never_stays_below() {
    let little = observed(&[(Reading::Requests, 10.0), (Reading::Errors5xx, 6.0)]);
    for (text, expected) in [
        ("5xx-count < 5", "breached"),
        ("5xx-count < 6", "breached"),
        ("5xx-count <= 6", "unknown"),
        ("5xx-count < 7", "unknown"),
        ("5xx-count > 5", "holds"),
        ("5xx-count > 6", "unknown"),
        ("5xx-count >= 6", "holds"),
        ("not (5xx-count > 5)", "breached"),
        ("not (5xx-count > 7)", "unknown"),
    ] {
        assert_eq!(judge(text, &little).word(), expected, "{text}");
    }
}

#[test]
fn a_figure_on_its_limit_is_on_it_however_it_was_worked_out() {
    let all = observed(&[(Reading::Requests, 1_000.0), (Reading::Errors5xx, 7.0)]);
    assert_eq!(judge("5xx <= 0.7%", &all), Judgement::Holds);
    assert_eq!(judge("5xx < 0.7%", &all).word(), "breached");
    assert_eq!(judge("5xx <= before", &all), Judgement::Holds);
    assert_eq!(judge("5xx >= 100% of before", &all), Judgement::Holds);
}

/// Some readings with some values, others not read.
fn observations() -> impl Strategy<Value = Observations> {
    prop::collection::vec(prop::option::weighted(0.8, 0.0_f64..400.0), Reading::ALL.len()).prop_map(
        |values| {
            let read: Vec<_> = Reading::ALL.into_iter().zip(values).collect();
            observed(
                &read.into_iter().filter_map(|(reading, value)| Some((reading, value?))).collect::<Vec<_>>(),
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn not_swaps_holds_and_breached_and_leaves_unknown(
        root in crate::domain::condition::tests::node(),
        observed in observations(),
    ) {
        let judge = |root| Condition { root }.judge(&bench(&observed), minute(7));
        let plain = judge(root.clone());
        let inverse = judge(Node::Not(Box::new(root.clone())));
        let expected = match plain.word() {
            "holds" => "breached",
            "breached" => "holds",
            other => other,
        };
        prop_assert_eq!(inverse.word(), expected);
        let twice = judge(Node::Not(Box::new(Node::Not(Box::new(root)))));
        prop_assert_eq!(twice, plain);
    }

    #[test]
    fn nothing_observed_never_holds(root in crate::domain::condition::tests::node()) {
        let nothing = Observations::default();
        let judgement = Condition { root }.judge(&bench(&nothing), minute(7));
        prop_assert_eq!(judgement.word(), "unknown");
    }

    #[test]
    fn no_signal_is_judged_by_fewer_requests_than_it_takes(place in 0..SIGNALS.len(), few in 0.0_f64..19.9) {
        let signal = &SIGNALS[place];
        prop_assume!(!matches!(signal.formula, crate::domain::condition::signals::Formula::PerSecond(_)));
        let little = observed(&Reading::ALL.map(|reading| (reading, few / 2.0)));
        let figure = Evidence::default().figure(&little, signal, minute(7));
        prop_assert!(!matches!(figure, Ok(Figure::Known(_))), "{}: {:?}", signal.name, figure);
    }
}
