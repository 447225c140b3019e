//! The functions of metric math that the region knows.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::operand::{Operand, TimeSeries};
use crate::metrics::Bin;

/// A function's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Abs,
    Ceil,
    Floor,
    Sum,
    Average,
    Minimum,
    Maximum,
    /// The difference to the point before, per second.
    Rate,
    /// The difference to the point before.
    Difference,
    /// The seconds between points.
    Period,
    /// How many series a list has.
    MetricCount,
    /// Values for missing points.
    Fill,
    /// All metrics of the request.
    Metrics,
}

impl FromStr for Function {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Ok(match name {
            "ABS" => Self::Abs,
            "CEIL" => Self::Ceil,
            "FLOOR" => Self::Floor,
            "SUM" => Self::Sum,
            "AVG" => Self::Average,
            "MIN" => Self::Minimum,
            "MAX" => Self::Maximum,
            "RATE" => Self::Rate,
            "DIFF" => Self::Difference,
            "PERIOD" => Self::Period,
            "METRIC_COUNT" => Self::MetricCount,
            "FILL" => Self::Fill,
            "METRICS" => Self::Metrics,
            _ => return Err(format!("the function {name} is not known")),
        })
    }
}

impl Function {
    /// The result of a function of one operand; `None` for those that take something else.
    pub fn of_one(self, operand: Operand) -> Option<Operand> {
        Some(match self {
            Self::Abs => operand.map(f64::abs),
            Self::Ceil => operand.map(f64::ceil),
            Self::Floor => operand.map(f64::floor),
            Self::Sum | Self::Average | Self::Minimum | Self::Maximum => self.reduce(operand),
            Self::Rate => operand.each(|series| changes(series, true), |_| 0.0),
            Self::Difference => operand.each(|series| changes(series, false), |_| 0.0),
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
            Self::Fill | Self::Metrics => return None,
        })
    }

    /// AWS: of one series the result is a number, of a list it is a series, in which a point counts that any of
    /// the list has.
    fn reduce(self, operand: Operand) -> Operand {
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
                Operand::Series(TimeSeries { label: String::new(), period, points })
            }
        }
    }

    fn of_values(self, values: &[f64]) -> f64 {
        let sum = || values.iter().sum::<f64>();
        match self {
            Self::Average => sum() / count(values.len()),
            Self::Minimum => values.iter().copied().fold(f64::INFINITY, f64::min),
            Self::Maximum => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            _ => sum(),
        }
    }
}

fn changes(mut series: TimeSeries, per_second: bool) -> TimeSeries {
    let change = |pair: &[Bin]| {
        let length = if per_second { seconds(pair[1].start - pair[0].start) } else { 1.0 };
        Bin { start: pair[1].start, value: (pair[1].value - pair[0].value) / length }
    };
    series.points = series.points.windows(2).map(change).collect();
    series
}

/// What `FILL` puts where a point is missing.
#[derive(Clone, Debug, PartialEq)]
pub enum Filler {
    Number(f64),
    /// The point before.
    Repeat,
    /// A straight line between the neighbours.
    Linear,
    /// The point of another series.
    Series(TimeSeries),
}

/// The series with a point at each of `starts` that the filler has a value for.
pub fn fill(mut series: TimeSeries, filler: &Filler, starts: impl Iterator<Item = i64>) -> TimeSeries {
    let known = &series.points;
    let mut next = 0;
    let mut points = Vec::new();
    for start in starts {
        while known.get(next).is_some_and(|point| point.start < start) {
            next += 1;
        }
        let before = next.checked_sub(1).and_then(|at| known.get(at));
        let value = match known.get(next) {
            Some(point) if point.start == start => Some(point.value),
            after => match filler {
                Filler::Number(number) => Some(*number),
                Filler::Repeat => before.map(|point| point.value),
                Filler::Linear => before.zip(after).map(|(before, after)| between(before, after, start)),
                Filler::Series(other) => {
                    let at = other.points.binary_search_by_key(&start, |point| point.start).ok();
                    at.map(|at| other.points[at].value)
                }
            },
        };
        points.extend(value.map(|value| Bin { start, value }));
    }
    series.points = points;
    series
}

fn between(before: &Bin, after: &Bin, start: i64) -> f64 {
    let share = seconds(start - before.start) / seconds(after.start - before.start);
    before.value + (after.value - before.value) * share
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
        TimeSeries { label: "m".to_owned(), period: 60, points }
    }

    fn filled(filler: &Filler) -> Vec<(i64, f64)> {
        let gappy = series(&[(60, 1.0), (240, 4.0)]);
        let starts = [0, 60, 120, 180, 240, 300].into_iter();
        fill(gappy, filler, starts).points.iter().map(|point| (point.start, point.value)).collect()
    }

    #[test]
    fn missing_points_are_filled_in_each_of_the_ways() {
        let number = [(0, 0.0), (60, 1.0), (120, 0.0), (180, 0.0), (240, 4.0), (300, 0.0)];
        assert_eq!(filled(&Filler::Number(0.0)), number);
        assert_eq!(filled(&Filler::Repeat), [(60, 1.0), (120, 1.0), (180, 1.0), (240, 4.0), (300, 4.0)]);
        assert_eq!(filled(&Filler::Linear), [(60, 1.0), (120, 2.0), (180, 3.0), (240, 4.0)]);
        let other = series(&[(0, 9.0), (60, 9.0)]);
        assert_eq!(filled(&Filler::Series(other)), [(0, 9.0), (60, 1.0), (240, 4.0)]);
    }

    #[test]
    fn a_list_reduces_to_a_series_and_a_series_to_a_number() {
        let list = Operand::List(vec![series(&[(0, 1.0), (60, 5.0)]), series(&[(0, 3.0)])]);
        let Some(Operand::Series(sum)) = Function::Sum.of_one(list.clone()) else { panic!("no series") };
        assert_eq!(sum.values().collect::<Vec<_>>(), [4.0, 5.0]);
        let Some(Operand::Series(average)) = Function::Average.of_one(list) else { panic!("no series") };
        assert_eq!(average.values().collect::<Vec<_>>(), [2.0, 5.0]);
        let one = Operand::Series(series(&[(0, 1.0), (60, 5.0)]));
        assert_eq!(Function::Maximum.of_one(one), Some(Operand::Scalar(5.0)));
    }

    #[test]
    fn a_rate_is_per_second() {
        let one = Operand::Series(series(&[(0, 0.0), (60, 120.0), (180, 0.0)]));
        let Some(Operand::Series(rate)) = Function::Rate.of_one(one) else { panic!("no series") };
        assert_eq!(rate.values().collect::<Vec<_>>(), [2.0, -1.0]);
    }
}
