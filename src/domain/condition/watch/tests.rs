//! A condition watched over time: when it holds, breaks, or can't be told.

use proptest::prelude::*;

use super::*;
use crate::domain::condition::readings::Reading;
use crate::domain::signal::Series;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

/// Minutes are numbered from five minutes before the one in which the change is made, which is
/// minute 5; so `before` is minutes 0 to 4, and 6 is the first that counts.
const CHANGED: i64 = 5 * 60 + 30;

fn watch(text: &str, minutes: i64) -> Watch {
    Watch::new(Condition::parse(text).unwrap(), at(CHANGED), SignedDuration::from_mins(minutes))
}

/// 5xx errors of 1,000 requests by minute; none where nothing was published.
fn errors(by_minute: &[Option<f64>]) -> Observations {
    let points = |value: fn(f64) -> f64| {
        let known = (0..).zip(by_minute).filter_map(|(number, errors)| Some((at(number * 60), (*errors)?)));
        Series::new(known.map(|(minute, errors)| (minute, value(errors))).collect())
    };
    let mut observed = Observations::default();
    observed.insert(Reading::Requests, points(|_| 1_000.0));
    observed.insert(Reading::Errors5xx, points(|errors| errors));
    observed
}

/// Five well minutes, the change's own (bad, as changes are), and then these.
fn after(by_minute: &[f64]) -> Observations {
    let before = [1.0, 1.0, 1.0, 1.0, 1.0, 999.0];
    errors(&before.iter().chain(by_minute).copied().map(Some).collect::<Vec<_>>())
}

const LATE: i64 = 3_600;

fn verdict(watch: &Watch, now: i64, observed: &Observations) -> &'static str {
    watch.judge(at(now), observed).verdict.word()
}

#[test]
fn the_windows_leave_the_minute_of_the_change_out() {
    let watch = watch("5xx < 1%", 3);
    assert_eq!(watch.baseline(), TimeWindow { start: at(0), end: at(300) });
    assert_eq!(watch.window(), TimeWindow { start: at(0), end: at(6 * 60 + 4 * 60) });
    assert_eq!(watch.due(), at(6 * 60 + 3 * 60 + 120));
    assert_eq!(watch.minutes, 3);
    let part = Watch::new(watch.condition.clone(), at(CHANGED), SignedDuration::from_secs(61));
    assert_eq!(part.minutes, 2);
    let on_the_minute = Watch { changed_at: at(300), ..watch };
    assert_eq!(on_the_minute.baseline().end, at(300));
    assert_eq!(on_the_minute.first(), at(360));
}

#[test]
fn a_minute_counts_two_minutes_after_it_has_ended() {
    let (watch, bad) = (watch("5xx < 1%", 10), after(&[500.0; 10]));
    assert_eq!(watch.judge(at(7 * 60 + 119), &bad).minutes, []);
    assert_eq!(watch.judge(at(7 * 60 + 120), &bad).minutes.len(), 1);
    assert_eq!(verdict(&watch, 7 * 60 + 120, &bad), "pending");
    assert_eq!(verdict(&watch, 8 * 60 + 120, &bad), "breached");
}

#[test]
fn it_passes_when_the_last_minute_counts_and_not_before() {
    let (watch, well) = (watch("5xx < 1% and 5xx <= 2 * before", 3), after(&[1.0; 5]));
    let due = 9 * 60 + 120;
    assert_eq!(watch.judge(at(due - 1), &well).verdict, Verdict::Pending { until: at(due) });
    let watched = watch.judge(at(due), &well);
    assert_eq!((watched.verdict, watched.minutes.len()), (Verdict::Passed, 3));
}

#[test]
fn two_breached_minutes_in_a_row_are_a_breach_and_one_is_not() {
    let watch = watch("5xx < 1%", 5);
    assert_eq!(verdict(&watch, LATE, &after(&[1.0, 500.0, 1.0, 500.0, 1.0, 1.0])), "passed");
    let watched = watch.judge(at(LATE), &after(&[1.0, 500.0, 600.0, 1.0, 1.0, 1.0]));
    let Verdict::Breached(breaches) = &watched.verdict else { panic!("{}", watched.verdict) };
    assert_eq!(breaches.iter().map(|breach| breach.minute).collect::<Vec<_>>(), [at(420), at(480)]);
    assert_eq!(watched.minutes.len(), 3);
    assert!(
        watched.verdict.to_string().starts_with("breached: 5xx was 50% at 08:07Z"),
        "{}",
        watched.verdict
    );
}

#[test]
fn a_breach_in_the_last_minute_is_given_the_next_one() {
    let watch = watch("5xx < 1%", 2);
    assert_eq!(verdict(&watch, 8 * 60 + 120, &after(&[1.0, 500.0, 500.0])), "pending");
    assert_eq!(verdict(&watch, LATE, &after(&[1.0, 500.0, 500.0])), "breached");
    assert_eq!(verdict(&watch, LATE, &after(&[1.0, 500.0, 1.0])), "passed");
    assert_eq!(verdict(&watch, LATE, &after(&[1.0, 500.0])), "unproven");
    assert_eq!(verdict(&watch, LATE, &after(&[1.0, 1.0, 500.0, 500.0])), "passed");
}

#[test]
fn a_hard_limit_is_breached_by_one_minute() {
    let soft = watch("5xx < 1%", 5);
    let hard = Watch { hard: Some(Condition::parse("5xx < 30%").unwrap()), ..soft.clone() };
    let spike = after(&[1.0, 400.0, 1.0, 1.0, 1.0]);
    assert_eq!(verdict(&soft, LATE, &spike), "passed");
    assert_eq!(verdict(&hard, LATE, &spike), "breached");
    assert_eq!(verdict(&hard, LATE, &after(&[1.0, 200.0, 1.0, 1.0, 1.0])), "passed");
}

#[test]
fn a_minute_without_points_is_waited_for_and_then_proves_nothing() {
    let watch = watch("5xx < 1%", 3);
    let mut minutes = vec![Some(1.0); 9];
    minutes[7] = None;
    let observed = errors(&minutes);
    let due = 9 * 60 + 120;
    assert_eq!(watch.judge(at(due), &observed).verdict, Verdict::Pending { until: at(due + 180) });
    let Verdict::Unproven(Unproven::Missing(gaps)) = watch.judge(at(due + 180), &observed).verdict else {
        panic!("a gap passed")
    };
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0].to_string(), "5xx at 08:07Z: no data point for requests");
}

#[test]
fn a_gap_between_two_breached_minutes_does_not_clear_the_first() {
    let mut minutes = vec![Some(1.0); 6];
    minutes.extend([Some(500.0), None, Some(500.0), Some(1.0)]);
    assert_eq!(verdict(&watch("5xx < 1%", 4), LATE, &errors(&minutes)), "breached");
}

#[test]
fn without_a_before_nothing_relative_is_proven() {
    let mut minutes = vec![None; 5];
    minutes.extend([Some(1.0); 6]);
    let watch = watch("5xx <= 2 * before", 3);
    assert_eq!(watch.baseline_gaps(&errors(&minutes)).len(), 1);
    assert_eq!(watch.baseline_gaps(&after(&[])), []);
    let watched = watch.judge(at(LATE), &errors(&minutes));
    assert!(watched.verdict.to_string().contains("0 of 5 minutes have a figure"), "{}", watched.verdict);
    assert_eq!(watched.verdict.word(), "unproven");
}

#[test]
fn a_watch_of_no_minutes_proves_nothing_and_one_of_ages_waits() {
    assert_eq!(verdict(&watch("5xx < 1%", 0), LATE, &after(&[1.0])), "unproven");
    let ages = Watch::new(Condition::parse("5xx < 1%").unwrap(), at(CHANGED), SignedDuration::MAX);
    assert_eq!(verdict(&ages, LATE, &after(&[1.0])), "pending");
}

#[test]
fn a_watch_survives_in_a_file() {
    let watch = Watch { hard: Some(Condition::parse("5xx < 50%").unwrap()), ..watch("p99 < 1s", 3) };
    let json = serde_json::to_string(&watch).unwrap();
    assert_eq!(serde_json::from_str::<Watch>(&json).unwrap(), watch);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn only_minutes_after_the_change_and_old_enough_matter(
        counted in prop::collection::vec(prop::option::of(prop_oneof![Just(0.0), Just(500.0)]), 8),
        other in prop::collection::vec(prop::option::of(prop_oneof![Just(0.0), Just(500.0)]), 20),
        now in 6_i64..20,
    ) {
        let watch = watch("5xx < 1%", 6);
        let first = [other[..6].to_vec(), counted.clone()].concat();
        // Minute 6 + k counts from 6 + k + 3 on: what comes later may be anything.
        let known = usize::try_from((now - 8).clamp(0, 8)).unwrap();
        let second = [&other[6..12], &counted[..known], &other[12..]].concat();
        let judge = |minutes: &[Option<f64>]| watch.judge(at(now * 60), &errors(minutes));
        prop_assert_eq!(judge(&first), judge(&second));
    }

    #[test]
    fn losing_points_never_makes_a_watch_pass(
        minutes in prop::collection::vec(prop::option::weighted(0.95, prop_oneof![4 => Just(0.0), 1 => Just(500.0)]), 14),
        lost in prop::collection::vec(any::<bool>(), 14),
    ) {
        let watch = watch("5xx < 1%", 6);
        let fewer: Vec<_> = minutes.iter().zip(&lost).map(|(one, lost)| one.filter(|_| !lost)).collect();
        let (whole, thinned) = (watch.judge(at(LATE), &errors(&minutes)), watch.judge(at(LATE), &errors(&fewer)));
        prop_assert!(thinned.verdict != Verdict::Passed || whole.verdict == Verdict::Passed);
    }
}
