//! GetMetricStatistics: several statistics of one metric.

use jiff::Timestamp;

use super::error::Fault;
use super::input::Input;
use super::metric;
use super::value::Value;
use super::window::{Window, is_legal_period};
use crate::metrics::{MetricStore, Statistic, Summary};

/// AWS: the most data points in one answer.
const MOST_POINTS: i64 = 1_440;

/// Answers a GetMetricStatistics.
pub fn get_metric_statistics(metrics: &MetricStore, now: Timestamp, request: &Value) -> Result<Value, Fault> {
    let input = Input::root(request)?;
    let key = metric::read_key(&input, input.required_text("Namespace")?)?;
    let window = Window::read(&input, now)?.ok_or_else(|| {
        Fault::invalid_value("The parameter StartTime must be less than the parameter EndTime.")
    })?;
    let period = input.required("Period", input.integer("Period")?)?;
    if !is_legal_period(period) {
        let message =
            format!("The value {period} for parameter Period is not 1, 5, 10, 20, 30 or a multiple of 60.");
        return Err(Fault::invalid_value(message));
    }
    let unit = metric::read_unit(&input)?;
    let simple = read_statistics(&input, "Statistics", Statistic::is_simple)?;
    let extended = read_statistics(&input, "ExtendedStatistics", |statistic| !statistic.is_simple())?;
    if simple.is_empty() && extended.is_empty() {
        return Err(Fault::invalid_combination("Must specify either Statistics or ExtendedStatistics."));
    }
    if window.points(period) > MOST_POINTS {
        return Err(Fault::invalid_combination(format!(
            "You have requested up to {} datapoints, which exceeds the limit of {MOST_POINTS}. You may reduce the \
             datapoints requested by increasing Period, or decreasing the time range.",
            window.points(period)
        )));
    }
    let unit_of_data = metrics.unit(&key).unwrap_or_else(|| "None".to_owned());
    let mut points = Vec::new();
    metrics.visit(&key, unit, window.bins(period), |start, summary| {
        points.extend(point(start, summary, &unit_of_data, &simple, &extended));
    });
    Ok(Value::structure([("Label", key.name().into()), ("Datapoints", Value::List(points))]))
}

/// A `Datapoint`; `None` for a time that no clock shows.
fn point(
    start: i64,
    summary: &Summary,
    unit: &str,
    simple: &[(&str, Statistic)],
    extended: &[(&str, Statistic)],
) -> Option<Value> {
    let start = Timestamp::from_second(start).ok()?;
    let with = |point: Value, (name, statistic): &(&str, Statistic)| {
        point.with_optional(name, statistic.of(summary))
    };
    let point = Value::structure([("Timestamp", start.into()), ("Unit", unit.into())]);
    let point = simple.iter().fold(point, with);
    if extended.is_empty() {
        return Some(point);
    }
    Some(point.with("ExtendedStatistics", extended.iter().fold(Value::structure([]), with)))
}

/// The statistics of a list with the names that the request gave them.
fn read_statistics<'a>(
    input: &Input<'a>,
    name: &str,
    legal: impl Fn(Statistic) -> bool,
) -> Result<Vec<(&'a str, Statistic)>, Fault> {
    let read = |text: &'a str| {
        let statistic = text.parse().ok().filter(|statistic| legal(*statistic));
        statistic.map(|statistic| (text, statistic)).ok_or_else(|| {
            Fault::invalid_value(format!("The value {text} for parameter {name} is not supported."))
        })
    };
    input.texts(name)?.into_iter().map(read).collect()
}
