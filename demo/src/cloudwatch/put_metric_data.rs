//! PutMetricData: custom metrics.

use jiff::{SignedDuration, Timestamp};

use super::error::Fault;
use super::input::Input;
use super::metric;
use super::value::Value;
use crate::metrics::{MetricKey, MetricStore, Summary, minute_of};

/// AWS: at most 1,000 metrics in one request.
const MOST_METRICS: usize = 1_000;
/// AWS: at most 150 different values for one metric.
const MOST_VALUES: usize = 150;
/// AWS: data may be two weeks old.
const OLDEST: SignedDuration = SignedDuration::from_hours(14 * 24);
/// AWS: data may be two hours early.
const EARLIEST: SignedDuration = SignedDuration::from_hours(2);

/// One metric's new data.
struct Datum<'a> {
    key: MetricKey,
    unit: Option<&'a str>,
    time: Timestamp,
    summary: Summary,
}

/// Answers a PutMetricData. AWS: one bad metric fails the whole request, so nothing is stored before all is read.
pub fn put_metric_data(metrics: &MetricStore, now: Timestamp, request: &Value) -> Result<Value, Fault> {
    let input = Input::root(request)?;
    let namespace = input.required_text("Namespace")?;
    if namespace.starts_with("AWS/") || namespace.starts_with(':') || namespace.len() > 255 {
        return Err(Fault::invalid_value(format!(
            "The value {namespace} for parameter Namespace is invalid."
        )));
    }
    let mut members = input.structures("MetricData")?;
    for entity in input.structures("EntityMetricData")? {
        members.extend(entity.structures("MetricData")?);
    }
    if members.is_empty() {
        return Err(Fault::missing("MetricData"));
    }
    if members.len() > MOST_METRICS {
        let message = format!("The collection MetricData must not have a size greater than {MOST_METRICS}.");
        return Err(Fault::invalid_value(message));
    }
    let data = members.iter().map(|member| read(member, namespace, now)).collect::<Result<Vec<_>, _>>()?;
    for datum in data {
        let id = metrics.series(&datum.key, datum.unit);
        metrics.record(minute_of(datum.time), |recorder| recorder.at(id).merge(&datum.summary));
    }
    Ok(Value::structure([]))
}

fn read<'a>(input: &Input<'a>, namespace: &str, now: Timestamp) -> Result<Datum<'a>, Fault> {
    let key = metric::read_key(input, namespace)?;
    let unit = metric::read_unit(input)?;
    let time = input.time("Timestamp")?.unwrap_or(now);
    let path = input.path("Timestamp");
    if time < now - OLDEST {
        let message = format!("The parameter {path} must specify a time within the past two weeks.");
        return Err(Fault::invalid_value(message));
    }
    if time > now + EARLIEST {
        let message =
            format!("The parameter {path} must specify a time no more than two hours in the future.");
        return Err(Fault::invalid_value(message));
    }
    Ok(Datum { key, unit, time, summary: read_summary(input)? })
}

/// AWS: `Value`, `Values` with `Counts`, or `StatisticValues`; exactly one of them.
fn read_summary(input: &Input<'_>) -> Result<Summary, Fault> {
    let given = ["Value", "Values", "StatisticValues"].map(|name| input.has(name));
    match given {
        [true, false, false] => {
            let value = legal(input, "Value", input.number("Value")?.unwrap_or_default())?;
            let mut summary = Summary::default();
            summary.add(value, 1.0);
            Ok(summary)
        }
        [false, true, false] => read_values(input),
        [false, false, true] => {
            let totals = input.required("StatisticValues", input.structure("StatisticValues")?)?;
            let part = |name: &str| legal(&totals, name, totals.required(name, totals.number(name)?)?);
            let (count, sum) = (part("SampleCount")?, part("Sum")?);
            let (minimum, maximum) = (part("Minimum")?, part("Maximum")?);
            if count <= 0.0 || minimum > maximum {
                let path = input.path("StatisticValues");
                return Err(Fault::invalid_value(format!("The values of {path} do not go together.")));
            }
            Ok(Summary::from_totals(count, sum, minimum, maximum))
        }
        [false, false, false] => {
            let path = input.path("Value");
            Err(Fault::missing(&path))
        }
        _ => {
            let path = input.path("Value");
            let message =
                format!("The parameters {path}, Values and StatisticValues are mutually exclusive.");
            Err(Fault::invalid_combination(message))
        }
    }
}

fn read_values(input: &Input<'_>) -> Result<Summary, Fault> {
    let values = input.numbers("Values")?;
    let counts = input.numbers("Counts")?;
    if values.is_empty() {
        return Err(Fault::missing(&input.path("Values")));
    }
    if values.len() > MOST_VALUES {
        let path = input.path("Values");
        let message = format!("The collection {path} must not have a size greater than {MOST_VALUES}.");
        return Err(Fault::invalid_value(message));
    }
    if !counts.is_empty() && counts.len() != values.len() {
        let path = input.path("Values");
        let message = format!("The parameters {path} and Counts must have the same size.");
        return Err(Fault::invalid_value(message));
    }
    let mut summary = Summary::default();
    for (index, value) in values.into_iter().enumerate() {
        let count = counts.get(index).copied().unwrap_or(1.0);
        let count = legal(input, "Counts", count)?;
        if count <= 0.0 {
            let path = input.path("Counts");
            return Err(Fault::invalid_value(format!("The value {count} for parameter {path} is invalid.")));
        }
        summary.add(legal(input, "Values", value)?, count);
    }
    Ok(summary)
}

/// AWS: values lie between -2^360 and 2^360 and are numbers.
fn legal(input: &Input<'_>, name: &str, value: f64) -> Result<f64, Fault> {
    if value.abs() <= 2.0_f64.powi(360) {
        return Ok(value);
    }
    Err(Fault::invalid_value(format!("The value {value} for parameter {} is invalid.", input.path(name))))
}
