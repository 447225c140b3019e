//! The statistics that CloudWatch reads from a period: `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount`
//! and percentiles such as `p99` or `p99.9`.

use std::fmt;
use std::str::FromStr;

use super::summary::Summary;

/// One statistic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// How many values there were.
    SampleCount,
    /// The sum of the values by their number.
    Average,
    /// The sum of the values.
    Sum,
    /// The smallest value.
    Minimum,
    /// The largest value.
    Maximum,
    /// The value below which that many percent of the values lie.
    Percentile(f64),
}

impl Statistic {
    /// Whether it is one of the five that need no distribution.
    pub fn is_simple(self) -> bool {
        !matches!(self, Self::Percentile(_))
    }

    /// Reads the statistic from a period that holds at least one value; `None` from an empty one.
    pub fn of(self, summary: &Summary) -> Option<f64> {
        if summary.count() <= 0.0 {
            return None;
        }
        match self {
            // Samples stand for fractions of requests at times, which add up to whole ones but for rounding.
            Self::SampleCount => Some((summary.count() * 1e6).round() / 1e6),
            Self::Average => Some(summary.sum() / summary.count()),
            Self::Sum => Some(summary.sum()),
            Self::Minimum => Some(summary.minimum()),
            Self::Maximum => Some(summary.maximum()),
            Self::Percentile(percent) => summary.percentile(percent),
        }
    }
}

/// The name is none of CloudWatch's statistics, or one that this region does not compute (`TM`, `WM`, `PR`...).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a statistic: use SampleCount, Average, Sum, Minimum, Maximum or a percentile such as p99"
)]
pub struct UnknownStatistic(String);

impl FromStr for Statistic {
    type Err = UnknownStatistic;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "SampleCount" => Ok(Self::SampleCount),
            "Average" => Ok(Self::Average),
            "Sum" => Ok(Self::Sum),
            "Minimum" => Ok(Self::Minimum),
            "Maximum" => Ok(Self::Maximum),
            _ => percent(name).map(Self::Percentile).ok_or_else(|| UnknownStatistic(name.to_owned())),
        }
    }
}

/// AWS: `p` and a number from 0 to 100 with up to ten decimal places.
fn percent(name: &str) -> Option<f64> {
    let digits = name.strip_prefix('p')?;
    let legal = digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
        && digits.split_once('.').is_none_or(|(_, decimals)| (1..=10).contains(&decimals.len()));
    let percent: f64 = digits.parse().ok()?;
    (legal && percent <= 100.0).then_some(percent)
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SampleCount => f.write_str("SampleCount"),
            Self::Average => f.write_str("Average"),
            Self::Sum => f.write_str("Sum"),
            Self::Minimum => f.write_str("Minimum"),
            Self::Maximum => f.write_str("Maximum"),
            Self::Percentile(percent) => write!(f, "p{percent}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_read_with_their_decimals() {
        assert_eq!("p99".parse(), Ok(Statistic::Percentile(99.0)));
        assert_eq!("p99.9".parse(), Ok(Statistic::Percentile(99.9)));
        assert_eq!("p100".parse(), Ok(Statistic::Percentile(100.0)));
    }

    #[test]
    fn what_is_no_statistic_is_refused() {
        for name in ["", "p", "p-1", "p101", "p1e1", "p1.", "p1.2.3", "pinf", "sum", "P99", "99"] {
            assert!(name.parse::<Statistic>().is_err(), "{name}");
        }
    }

    #[test]
    fn a_statistic_is_written_as_it_is_read() {
        for name in ["SampleCount", "Average", "Sum", "Minimum", "Maximum", "p50", "p99.9"] {
            assert_eq!(name.parse::<Statistic>().unwrap().to_string(), name);
        }
    }
}
