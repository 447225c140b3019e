//! The functions of stats.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::expression::Expression;
use super::row::Row;
use super::value::Value;

/// A function over the rows of a group.
#[derive(Debug)]
pub struct Aggregate {
    pub kind: Kind,
    /// `None`: `count(*)`.
    pub of: Option<Expression>,
}

/// Which function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Count,
    CountDistinct,
    Sum,
    Average,
    Least,
    Greatest,
    Percentile(f64),
    Deviation,
    Earliest,
    Latest,
}

impl Kind {
    /// The function of this name, whatever its case. A percentile's level comes later.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "count" => Self::Count,
            "count_distinct" => Self::CountDistinct,
            "sum" => Self::Sum,
            "avg" => Self::Average,
            "min" | "sortsfirst" => Self::Least,
            "max" | "sortslast" => Self::Greatest,
            "pct" | "percentile" | "median" => Self::Percentile(50.0),
            "stddev" => Self::Deviation,
            "earliest" => Self::Earliest,
            "latest" => Self::Latest,
            _ => return None,
        })
    }
}

/// What has been seen of a group.
#[derive(Debug)]
pub enum Tally {
    Count(u64),
    Distinct(HashSet<String>),
    Numbers(Vec<f64>),
    Sum {
        sum: f64,
        count: u32,
    },
    One(Value),
    /// A value and the time of its event.
    Timed(Option<(i64, Value)>),
}

impl Aggregate {
    /// Nothing seen yet.
    pub fn start(&self) -> Tally {
        match self.kind {
            Kind::Count => Tally::Count(0),
            Kind::CountDistinct => Tally::Distinct(HashSet::new()),
            Kind::Sum | Kind::Average => Tally::Sum { sum: 0.0, count: 0 },
            Kind::Least | Kind::Greatest => Tally::One(Value::Missing),
            Kind::Percentile(_) | Kind::Deviation => Tally::Numbers(Vec::new()),
            Kind::Earliest | Kind::Latest => Tally::Timed(None),
        }
    }

    /// Takes in a row. Rows without the field don't count.
    pub fn add(&self, tally: &mut Tally, row: &Row) {
        let value = match &self.of {
            None => Value::Bool(true),
            Some(expression) => expression.value(row, &[]),
        };
        if value.is_missing() {
            return;
        }
        match tally {
            Tally::Count(count) => *count += 1,
            Tally::Distinct(seen) => {
                seen.insert(value.to_string());
            }
            Tally::Numbers(numbers) => numbers.extend(value.number()),
            Tally::Sum { sum, count } => {
                if let Some(number) = value.number() {
                    *sum += number;
                    *count += 1;
                }
            }
            Tally::One(best) => {
                let wanted = if self.kind == Kind::Least { Ordering::Less } else { Ordering::Greater };
                if best.is_missing() || value.compare(best) == Some(wanted) {
                    *best = value;
                }
            }
            Tally::Timed(best) => {
                let Some(time) = row.value("@timestamp").millis() else { return };
                let is_better = best.as_ref().is_none_or(|(known, _)| match self.kind {
                    Kind::Earliest => time < *known,
                    _ => time > *known,
                });
                if is_better {
                    *best = Some((time, value));
                }
            }
        }
    }

    /// The result over the rows of the group.
    pub fn finish(&self, tally: Tally) -> Value {
        match tally {
            #[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^53")]
            Tally::Count(count) => Value::Number(count as f64),
            #[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^53")]
            Tally::Distinct(seen) => Value::Number(seen.len() as f64),
            Tally::Sum { count: 0, .. } => Value::Missing,
            Tally::Sum { sum, count } if self.kind == Kind::Average => Value::Number(sum / f64::from(count)),
            Tally::Sum { sum, .. } => Value::Number(sum),
            Tally::One(value) => value,
            Tally::Timed(best) => best.map_or(Value::Missing, |(_, value)| value),
            Tally::Numbers(numbers) => match self.kind {
                Kind::Percentile(level) => percentile(numbers, level),
                _ => deviation(&numbers),
            },
        }
    }
}

/// The smallest number that so many percent are not above.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a rank is a small positive number"
)]
fn percentile(mut numbers: Vec<f64>, level: f64) -> Value {
    numbers.sort_by(f64::total_cmp);
    let rank = (level / 100.0 * numbers.len() as f64).ceil().max(1.0) as usize;
    numbers.get(rank.min(numbers.len()).wrapping_sub(1)).copied().map_or(Value::Missing, Value::Number)
}

/// The standard deviation of a population.
#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^53")]
fn deviation(numbers: &[f64]) -> Value {
    if numbers.is_empty() {
        return Value::Missing;
    }
    let count = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    let variance = numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / count;
    Value::Number(variance.sqrt())
}
