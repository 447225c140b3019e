//! The structures `Metric` and `Dimension` of requests and answers.

use super::error::Fault;
use super::input::Input;
use super::value::Value;
use crate::metrics::MetricKey;

/// AWS: a metric has at most 30 dimensions.
const MOST_DIMENSIONS: usize = 30;

/// AWS's `StandardUnit`.
const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];

/// Reads the identity of a metric from a structure with `MetricName` and `Dimensions`.
pub fn read_key(input: &Input<'_>, namespace: &str) -> Result<MetricKey, Fault> {
    let name = input.required_text("MetricName")?;
    let dimensions = input.structures("Dimensions")?;
    if dimensions.len() > MOST_DIMENSIONS {
        let path = input.path("Dimensions");
        let message = format!("The collection {path} must not have a size greater than {MOST_DIMENSIONS}.");
        return Err(Fault::validation(message));
    }
    let dimensions = dimensions
        .iter()
        .map(|dimension| Ok((dimension.required_text("Name")?, dimension.required_text("Value")?)))
        .collect::<Result<Vec<_>, Fault>>()?;
    Ok(MetricKey::new(namespace, name, dimensions))
}

/// Reads a `Unit`.
pub fn read_unit<'a>(input: &Input<'a>) -> Result<Option<&'a str>, Fault> {
    input.choice("Unit", &UNITS)
}

/// A `Metric` of an answer.
pub fn value(key: &MetricKey) -> Value {
    Value::structure([
        ("Namespace", key.namespace().into()),
        ("MetricName", key.name().into()),
        ("Dimensions", dimensions(key)),
    ])
}

/// The `Dimensions` of an answer.
pub fn dimensions(key: &MetricKey) -> Value {
    let dimension = |(name, value): &(String, String)| {
        Value::structure([("Name", name.as_str().into()), ("Value", value.as_str().into())])
    };
    Value::list(key.dimensions().iter().map(dimension))
}
