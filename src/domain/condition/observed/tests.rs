//! Which points count, and what is said of those that are missing.

use jiff::SignedDuration;

use super::*;

fn minute(number: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + number * 60).unwrap()
}

fn observed(readings: &[(Reading, &[f64])]) -> Observations {
    let mut observations = Observations::default();
    for (reading, values) in readings {
        let points = (0..).zip(*values).map(|(number, value)| (minute(number), *value));
        observations.insert(*reading, Series::new(points.collect()));
    }
    observations
}

fn figure(name: &str, observed: &Observations) -> Result<Figure, Why> {
    Evidence::default().figure(observed, Signal::named(name).unwrap(), minute(0))
}

fn five_minutes() -> TimeWindow {
    TimeWindow { start: minute(0), end: minute(0) + SignedDuration::from_mins(5) }
}

fn before(name: &str, observed: &Observations) -> Result<f64, Why> {
    Evidence::default().baseline(observed, Signal::named(name).unwrap(), five_minutes())
}

#[test]
fn figures_come_in_the_unit_of_their_signal() {
    let all = observed(&[
        (Reading::Requests, &[120.0]),
        (Reading::Errors5xx, &[3.0]),
        (Reading::LatencyP99, &[812.0]),
        (Reading::CacheHits, &[30.0]),
        (Reading::CacheMisses, &[10.0]),
    ]);
    assert_eq!(figure("requests", &all), Ok(Figure::Known(2.0)));
    assert_eq!(figure("5xx", &all), Ok(Figure::Known(0.025)));
    assert_eq!(figure("5xx-count", &all), Ok(Figure::Known(3.0)));
    assert_eq!(figure("p99", &all), Ok(Figure::Known(812.0)));
    assert_eq!(figure("cache-hit-rate", &all), Ok(Figure::Known(0.75)));
}

#[test]
fn missing_points_are_missing_and_not_zero() {
    let without_errors = observed(&[(Reading::Requests, &[120.0]), (Reading::Errors5xx, &[])]);
    assert_eq!(figure("5xx", &without_errors), Err(Why::NoPoint { reading: Reading::Errors5xx }));
    assert_eq!(figure("4xx", &without_errors), Err(Why::NoPoint { reading: Reading::Errors4xx }));
    let without_requests = observed(&[(Reading::Requests, &[]), (Reading::Errors5xx, &[3.0])]);
    assert_eq!(figure("5xx", &without_requests), Err(Why::NoPoint { reading: Reading::Requests }));
    let broken = observed(&[(Reading::Requests, &[f64::NAN])]);
    assert_eq!(figure("requests", &broken), Err(Why::NoPoint { reading: Reading::Requests }));
}

#[test]
fn what_aws_leaves_out_is_zero_only_where_the_series_was_read() {
    let nothing_blocked = observed(&[(Reading::WafAllowed, &[50.0]), (Reading::WafBlocked, &[])]);
    assert_eq!(figure("waf.blocked", &nothing_blocked), Ok(Figure::Known(0.0)));
    let not_read = observed(&[(Reading::WafAllowed, &[50.0])]);
    assert_eq!(figure("waf.blocked", &not_read), Err(Why::NoPoint { reading: Reading::WafBlocked }));
    let silent = observed(&[(Reading::WafAllowed, &[]), (Reading::WafBlocked, &[])]);
    assert_eq!(figure("waf.blocked", &silent), Err(Why::Scant { requests: 0.0, needed: 20.0 }));
}

#[test]
fn little_traffic_is_no_figure_and_a_count_of_it_a_lower_bound() {
    let little = observed(&[
        (Reading::Requests, &[19.0]),
        (Reading::Errors5xx, &[7.0]),
        (Reading::LatencyP99, &[100.0]),
    ]);
    let scant = Why::Scant { requests: 19.0, needed: 20.0 };
    assert_eq!(figure("5xx", &little), Err(scant));
    assert_eq!(figure("p99", &little), Err(scant));
    assert_eq!(figure("5xx-count", &little), Ok(Figure::AtLeast(7.0, scant)));
    let nobody = observed(&[(Reading::Requests, &[0.0]), (Reading::Errors5xx, &[0.0])]);
    let evidence = Evidence { minimum_requests: 0.0, ..Evidence::default() };
    let share = evidence.figure(&nobody, Signal::named("5xx").unwrap(), minute(0));
    assert_eq!(share, Err(Why::Scant { requests: 0.0, needed: 1.0 }));
}

#[test]
fn before_is_a_share_of_all_requests_the_mean_of_rates_and_the_median_of_percentiles() {
    let all = observed(&[
        (Reading::Requests, &[100.0, 100.0, 100.0, 100.0, 600.0]),
        (Reading::Errors5xx, &[0.0, 0.0, 0.0, 0.0, 10.0]),
        (Reading::LatencyP99, &[100.0, 9_000.0, 120.0, 110.0, 130.0]),
    ]);
    assert_eq!(before("5xx", &all), Ok(0.01));
    assert!((before("requests", &all).unwrap() - 1_000.0 / 300.0).abs() < 1e-9);
    assert_eq!(before("p99", &all), Ok(120.0));
}

#[test]
fn before_needs_three_of_its_five_minutes() {
    let minutes = |usable: &[f64]| observed(&[(Reading::Requests, usable), (Reading::Errors5xx, &[1.0; 5])]);
    let missing = Err(Why::NoBaseline { usable: 2, needed: 3, minutes: 5 });
    assert_eq!(before("5xx", &minutes(&[100.0, 100.0])), missing);
    assert_eq!(before("5xx", &minutes(&[100.0, 100.0, 5.0, 5.0, 5.0])), missing);
    assert_eq!(before("5xx", &minutes(&[100.0, 100.0, 100.0])), Ok(0.01));
}
