//! Labels of results, and what AWS puts in the place of `${...}` in them.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::cloudwatch::error::Fault;
use crate::cloudwatch::expression::operand::TimeSeries;
use crate::metrics::Bin;

/// How labels are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LabelStyle {
    /// Seconds east of UTC.
    offset: i32,
}

impl LabelStyle {
    /// Reads a `Timezone` of `LabelOptions`. AWS: `+0130`, a sign and four digits.
    pub fn read(timezone: Option<&str>) -> Result<Self, Fault> {
        let Some(text) = timezone else { return Ok(Self { offset: 0 }) };
        let illegal = || {
            Fault::validation(format!(
                "The value {text} for parameter LabelOptions.Timezone is not of the form +0130."
            ))
        };
        let (sign, digits) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
            (Some(digits), _) => (1, digits),
            (_, Some(digits)) => (-1, digits),
            _ => return Err(illegal()),
        };
        if digits.len() != 4 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(illegal());
        }
        let number: i32 = digits.parse().map_err(|_| illegal())?;
        let (hours, minutes) = (number / 100, number % 100);
        if hours > 23 || minutes > 59 {
            return Err(illegal());
        }
        Ok(Self { offset: sign * (hours * 3_600 + minutes * 60) })
    }

    /// The label with everything put in. `own` is the label that there would be without one.
    pub fn write(self, template: &str, own: &str, series: &TimeSeries) -> String {
        let mut label = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("${") {
            label.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                label.push_str("${");
                rest = after;
                continue;
            };
            if let Some(value) = self.value(name.trim(), own, series) {
                label.push_str(&value);
            } else {
                // AWS leaves what it doesn't know as it is.
                label.push_str("${");
                label.push_str(name);
                label.push('}');
            }
            rest = after;
        }
        label.push_str(rest);
        label
    }

    fn value(self, name: &str, own: &str, series: &TimeSeries) -> Option<String> {
        if let Some(property) = name.strip_prefix("PROP(").and_then(|rest| rest.strip_suffix(')')) {
            return Some(property_of(property.trim().trim_matches(['\'', '"']), series));
        }
        if name == "LABEL" {
            return Some(own.to_owned());
        }
        if name == "DATAPOINT_COUNT" {
            return Some(series.points.len().to_string());
        }
        let (what, form) = match name.strip_suffix("_TIME_RELATIVE") {
            Some(what) => (what, Form::Relative),
            None => match name.strip_suffix("_TIME") {
                Some(what) => (what, Form::Time),
                None => (name, Form::Value),
            },
        };
        let by_value = |one: &&Bin, other: &&Bin| one.value.total_cmp(&other.value);
        let points = &series.points;
        let point = match what {
            "FIRST" => points.first(),
            "LAST" => points.last(),
            "MIN" => points.iter().min_by(by_value),
            "MAX" => points.iter().max_by(by_value),
            "SUM" | "AVG" if form == Form::Value => {
                let sum: f64 = series.values().sum();
                #[expect(clippy::cast_precision_loss, reason = "a series has far fewer than 2^53 points")]
                let value = if what == "SUM" { sum } else { sum / points.len() as f64 };
                // AWS: without data there is nothing to say.
                return Some(if points.is_empty() { "--".to_owned() } else { written(value) });
            }
            _ => return None,
        };
        let Some(point) = point else { return Some("--".to_owned()) };
        match form {
            Form::Value => Some(written(point.value)),
            Form::Time => {
                let zone = Offset::from_seconds(self.offset).map_or(TimeZone::UTC, TimeZone::fixed);
                let time = Timestamp::from_second(point.start).ok()?.to_zoned(zone);
                Some(time.strftime("%Y-%m-%d %H:%M:%S").to_string())
            }
            Form::Relative => {
                let ago = (points.last()?.start - point.start).max(0);
                Some(format!("{}h{}m", ago / 3_600, ago % 3_600 / 60))
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Value,
    Time,
    Relative,
}

fn property_of(property: &str, series: &TimeSeries) -> String {
    let Some(origin) = &series.origin else { return String::new() };
    match property {
        "MetricName" => origin.key.name().to_owned(),
        "Namespace" => origin.key.namespace().to_owned(),
        "Stat" => origin.statistic.clone(),
        "Period" => series.period.to_string(),
        "Region" => crate::estate::REGION.to_owned(),
        _ => {
            let name = property.strip_prefix("Dim.").unwrap_or_default();
            let own = origin.key.dimensions().iter().find(|(own, _)| own == name);
            own.map_or_else(String::new, |(_, value)| value.clone())
        }
    }
}

/// AWS: three digits behind the point, and no more than are needed.
fn written(value: f64) -> String {
    let text = format!("{value:.3}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::cloudwatch::expression::operand::Origin;
    use crate::metrics::MetricKey;

    fn write(template: &str) -> String {
        let key = MetricKey::new("AWS/ApiGateway", "Count", [("ApiName", "cell-01-api")]);
        let start = "2026-11-20T12:00:00Z".parse::<Timestamp>().unwrap().as_second();
        let points = [3.0, 9.25, 4.0]
            .into_iter()
            .zip(0..)
            .map(|(value, minute)| Bin { start: start + minute * 60, value });
        let series = TimeSeries {
            label: String::new(),
            origin: Some(Arc::new(Origin { key, statistic: "Sum".to_owned() })),
            period: 60,
            points: points.collect(),
        };
        LabelStyle::read(Some("+0130")).unwrap().write(template, "own", &series)
    }

    #[test]
    fn dynamic_labels_say_what_there_is() {
        assert_eq!(write("${PROP('Dim.ApiName')}: ${LAST} of ${MAX} ${LABEL}"), "cell-01-api: 4 of 9.25 own");
        assert_eq!(write("${MAX_TIME} ${MIN_TIME_RELATIVE}"), "2026-11-20 13:31:00 0h2m");
        assert_eq!(write("${SUM}/${AVG}/${DATAPOINT_COUNT}/${PROP('Stat')}"), "16.25/5.417/3/Sum");
        assert_eq!(write("${NOTHING} ${ open"), "${NOTHING} ${ open");
    }

    #[test]
    fn time_zones_have_a_sign_and_four_digits() {
        for text in ["", "0130", "+130", "+01:30", "+2400", "+0160", "+01é"] {
            assert!(LabelStyle::read(Some(text)).is_err(), "{text}");
        }
    }
}
