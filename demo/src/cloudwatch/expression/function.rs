//! The functions of metric math: their names, and those of one operand.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::operand::{Operand, TimeSeries};
use crate::metrics::Bin;

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// A number of each number.
    Each(Alteration),
    /// A part of each point's time, in UTC.
    OfTime(Part),
    Reduce(Reduction),
    /// The difference to the point before, per second.
    Rate,
    /// The difference to the point before.
    Difference,
    /// The seconds since the point before.
    TimeDifference,
    RunningSum,
    /// The seconds between points.
    Period,
    /// How many series a list has.
    MetricCount,
    /// How many points a series has.
    DatapointCount,
    /// A number as a series.
    TimeSeries,
    RemoveEmpty,
    If,
    /// Values for missing points.
    Fill,
    /// All metrics of the request.
    Metrics,
    /// All metrics that a text finds.
    Search,
    Sort,
    Slice,
}

/// What becomes of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alteration {
    Absolute,
    Ceiling,
    Exponential,
    Floor,
    NaturalLogarithm,
    DecimalLogarithm,
}

impl Alteration {
    fn of(self, number: f64) -> f64 {
        match self {
            Self::Absolute => number.abs(),
            Self::Ceiling => number.ceil(),
            Self::Exponential => number.exp(),
            Self::Floor => number.floor(),
            Self::NaturalLogarithm => number.ln(),
            Self::DecimalLogarithm => number.log10(),
        }
    }
}

/// A part of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Minute,
    Hour,
    /// Of the week. AWS: 1 for Monday.
    Day,
    /// Of the month.
    Date,
    Month,
    Year,
    /// Seconds since 1970.
    Epoch,
}

impl Part {
    fn of(self, time: Timestamp) -> f64 {
        let civil = time.to_zoned(TimeZone::UTC).datetime();
        match self {
            Self::Minute => f64::from(civil.minute()),
            Self::Hour => f64::from(civil.hour()),
            Self::Day => f64::from(civil.weekday().to_monday_one_offset()),
            Self::Date => f64::from(civil.day()),
            Self::Month => f64::from(civil.month()),
            Self::Year => f64::from(civil.year()),
            Self::Epoch => seconds(time.as_second()),
        }
    }
}

/// What becomes of many values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    Sum,
    Average,
    Minimum,
    Maximum,
    Deviation,
}

impl FromStr for Function {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Ok(match name {
            "ABS" => Self::Each(Alteration::Absolute),
            "CEIL" => Self::Each(Alteration::Ceiling),
            "EXP" => Self::Each(Alteration::Exponential),
            "FLOOR" => Self::Each(Alteration::Floor),
            "LOG" => Self::Each(Alteration::NaturalLogarithm),
            "LOG10" => Self::Each(Alteration::DecimalLogarithm),
            "MINUTE" => Self::OfTime(Part::Minute),
            "HOUR" => Self::OfTime(Part::Hour),
            "DAY" => Self::OfTime(Part::Day),
            "DATE" => Self::OfTime(Part::Date),
            "MONTH" => Self::OfTime(Part::Month),
            "YEAR" => Self::OfTime(Part::Year),
            "EPOCH" => Self::OfTime(Part::Epoch),
            "RATE" => Self::Rate,
            "DIFF" => Self::Difference,
            "DIFF_TIME" => Self::TimeDifference,
            "RUNNING_SUM" => Self::RunningSum,
            "PERIOD" => Self::Period,
            "METRIC_COUNT" => Self::MetricCount,
            "DATAPOINT_COUNT" => Self::DatapointCount,
            "TIME_SERIES" => Self::TimeSeries,
            "REMOVE_EMPTY" => Self::RemoveEmpty,
            "IF" => Self::If,
            "FILL" => Self::Fill,
            "METRICS" => Self::Metrics,
            "SEARCH" => Self::Search,
            "SORT" => Self::Sort,
            "SLICE" => Self::Slice,
            "ANOMALY_DETECTION_BAND"
            | "INSIGHT_RULE_METRIC"
            | "DB_PERF_INSIGHTS"
            | "SERVICE_QUOTA"
            | "LAMBDA" => {
                return Err(format!("the demo region has no {name}: it needs another service of AWS's"));
            }
            _ => return Reduction::from_str(name).map(Self::Reduce),
        })
    }
}

impl FromStr for Reduction {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Ok(match name {
            "SUM" => Self::Sum,
            "AVG" => Self::Average,
            "MIN" => Self::Minimum,
            "MAX" => Self::Maximum,
            "STDDEV" => Self::Deviation,
            _ => return Err(format!("the function {name} is not known")),
        })
    }
}

impl Function {
    /// The result of a function of one operand; `None` for those that take something else.
    pub fn of_one(self, operand: Operand) -> Option<Operand> {
        Some(match self {
            Self::Each(alteration) => operand.map(|number| alteration.of(number)),
            Self::OfTime(part) => operand.each(|series| of_time(series, part), |number| number),
            Self::Reduce(reduction) => reduction.of(operand),
            Self::Rate => operand.each(|series| changes(series, true), |_| 0.0),
            Self::Difference => operand.each(|series| changes(series, false), |_| 0.0),
            Self::TimeDifference => operand.each(time_changes, |_| 0.0),
            Self::RunningSum => operand.each(running_sum, |number| number),
            Self::Period => match operand {
                Operand::Series(series) => Operand::Scalar(seconds(series.period)),
                other => other.each(
                    |series| {
                        let period = seconds(series.period);
                        series.map(|_| period)
                    },
                    |_| 0.0,
                ),
            },
            Self::MetricCount => match operand {
                Operand::List(list) => Operand::Scalar(count(list.len())),
                _ => Operand::Scalar(1.0),
            },
            Self::DatapointCount => match operand {
                Operand::Series(series) => Operand::Scalar(count(series.points.len())),
                // AWS: of a list, the sum over its series.
                Operand::List(list) => {
                    Operand::Scalar(count(list.iter().map(|series| series.points.len()).sum()))
                }
                Operand::Scalar(_) => return None,
            },
            Self::RemoveEmpty => match operand {
                Operand::List(mut list) => {
                    list.retain(|series| !series.points.is_empty());
                    Operand::List(list)
                }
                other => other,
            },
            Self::TimeSeries
            | Self::If
            | Self::Fill
            | Self::Metrics
            | Self::Search
            | Self::Sort
            | Self::Slice => return None,
        })
    }
}

impl Reduction {
    /// AWS: of one series the result is a number, of a list it is a series, in which a point counts that any of
    /// the list has.
    fn of(self, operand: Operand) -> Operand {
        match operand {
            Operand::Scalar(number) => Operand::Scalar(number),
            Operand::Series(series) if series.points.is_empty() => Operand::Series(series),
            Operand::Series(series) => Operand::Scalar(self.of_values(&series.values().collect::<Vec<_>>())),
            Operand::List(list) => {
                let mut values: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
                let period = list.iter().map(|series| series.period).max().unwrap_or(60);
                for point in list.iter().flat_map(|series| &series.points) {
                    values.entry(point.start).or_default().push(point.value);
                }
                let point = |(start, values): (i64, Vec<f64>)| Bin { start, value: self.of_values(&values) };
                let points = values.into_iter().map(point).collect();
                Operand::Series(TimeSeries { period, points, ..TimeSeries::default() })
            }
        }
    }

    /// The result for some values, of which there is one at least.
    pub fn of_values(self, values: &[f64]) -> f64 {
        let sum = || values.iter().sum::<f64>();
        let average = || sum() / count(values.len());
        match self {
            Self::Sum => sum(),
            Self::Average => average(),
            Self::Minimum => values.iter().copied().fold(f64::INFINITY, f64::min),
            Self::Maximum => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Self::Deviation => {
                let average = average();
                let squares: f64 = values.iter().map(|value| (value - average).powi(2)).sum();
                (squares / count(values.len())).sqrt()
            }
        }
    }
}

fn of_time(mut series: TimeSeries, part: Part) -> TimeSeries {
    for point in &mut series.points {
        if let Ok(time) = Timestamp::from_second(point.start) {
            point.value = part.of(time);
        }
    }
    series
}

fn changes(mut series: TimeSeries, per_second: bool) -> TimeSeries {
    let change = |pair: &[Bin]| {
        let length = if per_second { seconds(pair[1].start - pair[0].start) } else { 1.0 };
        Bin { start: pair[1].start, value: (pair[1].value - pair[0].value) / length }
    };
    series.points = series.points.windows(2).map(change).collect();
    series
}

fn time_changes(mut series: TimeSeries) -> TimeSeries {
    let change = |pair: &[Bin]| Bin { start: pair[1].start, value: seconds(pair[1].start - pair[0].start) };
    series.points = series.points.windows(2).map(change).collect();
    series
}

fn running_sum(mut series: TimeSeries) -> TimeSeries {
    let mut sum = 0.0;
    for point in &mut series.points {
        sum += point.value;
        point.value = sum;
    }
    series
}

#[expect(clippy::cast_precision_loss, reason = "periods and windows are far below 2^53 seconds")]
fn seconds(seconds: i64) -> f64 {
    seconds as f64
}

#[expect(clippy::cast_precision_loss, reason = "the number of series and points is small")]
fn count(length: usize) -> f64 {
    length as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(points: &[(i64, f64)]) -> TimeSeries {
        let points = points.iter().map(|(start, value)| Bin { start: *start, value: *value }).collect();
        TimeSeries { label: "m".to_owned(), period: 60, points, ..TimeSeries::default() }
    }

    fn of(name: &str, operand: Operand) -> Operand {
        name.parse::<Function>().unwrap().of_one(operand).unwrap()
    }

    fn values(operand: &Operand) -> Vec<f64> {
        let Operand::Series(series) = operand else { panic!("no series") };
        series.values().collect()
    }

    #[test]
    fn a_list_reduces_to_a_series_and_a_series_to_a_number() {
        let list = Operand::List(vec![series(&[(0, 1.0), (60, 5.0)]), series(&[(0, 3.0)])]);
        assert_eq!(values(&of("SUM", list.clone())), [4.0, 5.0]);
        assert_eq!(values(&of("AVG", list.clone())), [2.0, 5.0]);
        assert_eq!(values(&of("STDDEV", list.clone())), [1.0, 0.0]);
        assert_eq!(of("DATAPOINT_COUNT", list), Operand::Scalar(3.0));
        let one = Operand::Series(series(&[(0, 1.0), (60, 5.0)]));
        assert_eq!(of("MAX", one), Operand::Scalar(5.0));
    }

    #[test]
    fn changes_and_sums_run_along_a_series() {
        let one = Operand::Series(series(&[(0, 0.0), (60, 120.0), (180, 0.0)]));
        assert_eq!(values(&of("RATE", one.clone())), [2.0, -1.0]);
        assert_eq!(values(&of("DIFF", one.clone())), [120.0, -120.0]);
        assert_eq!(values(&of("DIFF_TIME", one.clone())), [60.0, 120.0]);
        assert_eq!(values(&of("RUNNING_SUM", one)), [0.0, 120.0, 120.0]);
    }

    #[test]
    fn times_have_parts() {
        // Friday, 20 November 2026, 12:30.
        let start = "2026-11-20T12:30:00Z".parse::<Timestamp>().unwrap().as_second();
        let one = Operand::Series(series(&[(start, 7.0)]));
        for (name, part) in [
            ("MINUTE", 30.0),
            ("HOUR", 12.0),
            ("DAY", 5.0),
            ("DATE", 20.0),
            ("MONTH", 11.0),
            ("YEAR", 2026.0),
        ] {
            assert_eq!(values(&of(name, one.clone())), [part], "{name}");
        }
    }

    #[test]
    fn what_needs_another_service_is_refused_in_so_many_words() {
        let refusal = "ANOMALY_DETECTION_BAND".parse::<Function>().unwrap_err();
        assert!(refusal.contains("ANOMALY_DETECTION_BAND"), "{refusal}");
    }
}
