//! What an expression comes to: a number, a time series or a list of them; and arithmetic between those.

use std::sync::Arc;

use super::Operator;
use crate::metrics::{Bin, MetricKey};

/// The metric that a series was read from, for its label.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    pub key: MetricKey,
    pub statistic: String,
}

/// A time series: points ascending by time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeSeries {
    pub label: String,
    /// `None` for what was worked out from several.
    pub origin: Option<Arc<Origin>>,
    /// Seconds between points that follow one another.
    pub period: i64,
    pub points: Vec<Bin>,
}

/// A value of metric math.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    Scalar(f64),
    Series(TimeSeries),
    List(Vec<TimeSeries>),
}

impl TimeSeries {
    /// The series with each value altered. AWS: what is not a number, such as a division by zero, is missing.
    #[must_use]
    pub fn map(mut self, alter: impl Fn(f64) -> f64) -> Self {
        for point in &mut self.points {
            point.value = alter(point.value);
        }
        self.points.retain(|point| point.value.is_finite());
        self
    }

    /// Both series point by point. AWS: a point that is missing in one is missing in the result.
    #[must_use]
    pub fn combine(self, other: &Self, operator: Operator) -> Self {
        let points = self.points.iter().filter_map(|point| {
            let at = other.points.binary_search_by_key(&point.start, |other| other.start).ok()?;
            let value = operator.apply(point.value, other.points[at].value);
            value.is_finite().then_some(Bin { start: point.start, value })
        });
        let points = points.collect();
        Self { period: self.period.max(other.period), label: self.label, origin: self.origin, points }
    }

    /// The values alone.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        self.points.iter().map(|point| point.value)
    }
}

impl Operand {
    /// The operand with each value altered.
    #[must_use]
    pub fn map(self, alter: impl Fn(f64) -> f64) -> Self {
        self.each(|series| series.map(&alter), &alter)
    }

    /// The operand with each series and each lone number altered.
    #[must_use]
    pub fn each(self, series: impl Fn(TimeSeries) -> TimeSeries, scalar: impl Fn(f64) -> f64) -> Self {
        match self {
            Self::Scalar(number) => Self::Scalar(scalar(number)),
            Self::Series(one) => Self::Series(series(one)),
            Self::List(many) => Self::List(many.into_iter().map(series).collect()),
        }
    }

    /// Arithmetic between two operands of any kind.
    pub fn arithmetic(self, operator: Operator, right: Self) -> Result<Self, String> {
        match (self, right) {
            (Self::Scalar(left), Self::Scalar(right)) => Ok(Self::Scalar(operator.apply(left, right))),
            (left, Self::Scalar(right)) => Ok(left.map(|left| operator.apply(left, right))),
            (Self::Scalar(left), right) => Ok(right.map(|right| operator.apply(left, right))),
            (left, Self::Series(right)) => {
                Ok(left.each(|left| left.combine(&right, operator), |number| number))
            }
            (Self::Series(left), right) => {
                Ok(right.each(|right| left.clone().combine(&right, operator), |number| number))
            }
            (Self::List(left), Self::List(right)) if left.len() == right.len() => {
                let pairs = left.into_iter().zip(&right);
                Ok(Self::List(pairs.map(|(left, right)| left.combine(right, operator)).collect()))
            }
            (Self::List(_), Self::List(_)) => Err("the lists differ in length".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(points: &[(i64, f64)]) -> TimeSeries {
        let points = points.iter().map(|(start, value)| Bin { start: *start, value: *value }).collect();
        TimeSeries { label: "m".to_owned(), period: 60, points, ..TimeSeries::default() }
    }

    #[test]
    fn a_point_missing_in_one_is_missing_in_the_result() {
        let left = series(&[(0, 6.0), (60, 8.0), (120, 1.0)]);
        let right = series(&[(60, 2.0), (120, 0.0), (180, 5.0)]);
        let result = left.combine(&right, Operator::Divide);
        assert_eq!(result.points, [Bin { start: 60, value: 4.0 }]);
    }

    #[test]
    fn numbers_apply_to_each_series_of_a_list() {
        let list = Operand::List(vec![series(&[(0, 2.0)]), series(&[(0, 3.0)])]);
        let Ok(Operand::List(doubled)) = Operand::Scalar(6.0).arithmetic(Operator::Divide, list) else {
            panic!("not a list");
        };
        assert_eq!(doubled.iter().flat_map(TimeSeries::values).collect::<Vec<_>>(), [3.0, 2.0]);
    }

    #[test]
    fn lists_of_different_lengths_do_not_go_together() {
        let one = Operand::List(vec![series(&[])]);
        let none = Operand::List(Vec::new());
        assert!(one.arithmetic(Operator::Add, none).is_err());
    }
}
