//! The statistics that CloudWatch reads from a period: `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount`, and those
//! that need the distribution: percentiles such as `p99.9`, trimmed and winsorized means, percentile ranks.

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
    /// Of the values within bounds (AWS: `TM`, `TC`, `TS`, `WM`, `PR`, `IQM`).
    Within(Within, Bounds),
}

/// What is made of the values within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// `TM`: their average.
    TrimmedMean,
    /// `TC`: their number.
    TrimmedCount,
    /// `TS`: their sum.
    TrimmedSum,
    /// `WM`: the average of all, where those outside are taken to lie at the border.
    WinsorizedMean,
    /// `PR`: their share in percent.
    PercentileRank,
}

/// Which values count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bounds {
    /// Percent, 0 to 100.
    Percent(f64, f64),
    /// Values; AWS: the lower bound is exclusive, the upper one inclusive.
    Values(f64, f64),
}

impl Statistic {
    /// Whether it is one of the five that need no distribution.
    pub fn is_simple(self) -> bool {
        !matches!(self, Self::Percentile(_) | Self::Within(..))
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
            Self::Within(what, bounds) => what.of(bounds, summary),
        }
    }
}

impl Within {
    fn of(self, bounds: Bounds, summary: &Summary) -> Option<f64> {
        let all = summary.buckets();
        let total: f64 = all.iter().map(|(_, weight)| weight).sum();
        let inside = bounds.inside(&all, total);
        let count: f64 = inside.iter().map(|(_, weight)| weight).sum();
        let sum: f64 = inside.iter().map(|(value, weight)| value * weight).sum();
        let (first, last) = (inside.first(), inside.last());
        match self {
            Self::TrimmedCount => Some((count * 1e6).round() / 1e6),
            Self::PercentileRank => (total > 0.0).then(|| (100.0 * count / total).min(100.0)),
            Self::TrimmedSum => (count > 0.0).then_some(sum),
            Self::TrimmedMean => (count > 0.0).then(|| sum / count),
            Self::WinsorizedMean => {
                let (low, high) = (first?.0, last?.0);
                let clamped: f64 = all.iter().map(|(value, weight)| value.clamp(low, high) * weight).sum();
                Some(clamped / total)
            }
        }
    }
}

impl Bounds {
    /// The part of the values that lies within, in the order of the values.
    fn inside(self, all: &[(f64, f64)], total: f64) -> Vec<(f64, f64)> {
        let mut below = 0.0;
        let mut inside = Vec::new();
        for (value, weight) in all {
            let part = match self {
                Self::Values(low, high) => {
                    if *value > low && *value <= high {
                        *weight
                    } else {
                        0.0
                    }
                }
                Self::Percent(low, high) => {
                    let (from, to) = (below, below + weight);
                    (to.min(total * high / 100.0) - from.max(total * low / 100.0)).max(0.0)
                }
            };
            below += weight;
            if part > total * 1e-12 {
                inside.push((*value, part));
            }
        }
        inside
    }
}

/// The name is none of CloudWatch's statistics.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a statistic: use SampleCount, Average, Sum, Minimum, Maximum, a percentile such as p99, or one of TM, \
     TC, TS, WM, PR and IQM"
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
            "IQM" => Ok(Self::Within(Within::TrimmedMean, Bounds::Percent(25.0, 75.0))),
            _ => {
                let percentile = || name.strip_prefix('p').and_then(percent).map(Self::Percentile);
                percentile().or_else(|| within(name)).ok_or_else(|| UnknownStatistic(name.to_owned()))
            }
        }
    }
}

/// AWS: a number from 0 to 100 with up to ten decimal places.
fn percent(digits: &str) -> Option<f64> {
    number(digits).filter(|percent| *percent <= 100.0)
}

fn number(digits: &str) -> Option<f64> {
    let legal = digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
        && digits.split_once('.').is_none_or(|(_, decimals)| (1..=10).contains(&decimals.len()));
    digits.parse().ok().filter(|_| legal)
}

/// AWS: `tm99` for the lower 99 %, or bounds as in `TM(10%:90%)`, `TM(:95%)` and `TM(150:1000)`.
fn within(name: &str) -> Option<Statistic> {
    let (head, rest) = name.split_at_checked(2)?;
    let what = match head.to_ascii_lowercase().as_str() {
        "tm" => Within::TrimmedMean,
        "tc" => Within::TrimmedCount,
        "ts" => Within::TrimmedSum,
        "wm" => Within::WinsorizedMean,
        "pr" => Within::PercentileRank,
        _ => return None,
    };
    let short = head.chars().all(|c| c.is_ascii_lowercase()) && what != Within::PercentileRank;
    let bounds = match rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        None => short.then(|| percent(rest)).flatten().map(|high| Bounds::Percent(0.0, high))?,
        Some(_) if head.chars().any(|c| c.is_ascii_lowercase()) => return None,
        Some(range) => range_of(range)?,
    };
    let legal = match bounds {
        // A rank within percent would be those percent.
        Bounds::Percent(low, high) => low < high && what != Within::PercentileRank,
        Bounds::Values(low, high) => low < high,
    };
    legal.then_some(Statistic::Within(what, bounds))
}

fn range_of(range: &str) -> Option<Bounds> {
    let (low, high) = range.split_once(':')?;
    if low.is_empty() && high.is_empty() {
        return None;
    }
    let percents = [low, high].map(|end| end.strip_suffix('%'));
    if percents.iter().any(Option::is_some) {
        let end = |text: &str, open: f64| {
            if text.is_empty() { Some(open) } else { percent(text.strip_suffix('%')?) }
        };
        return Some(Bounds::Percent(end(low, 0.0)?, end(high, 100.0)?));
    }
    let end = |text: &str, open: f64| if text.is_empty() { Some(open) } else { number(text) };
    Some(Bounds::Values(end(low, f64::NEG_INFINITY)?, end(high, f64::INFINITY)?))
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
            Self::Within(what, bounds) => {
                let what = match what {
                    Within::TrimmedMean => "TM",
                    Within::TrimmedCount => "TC",
                    Within::TrimmedSum => "TS",
                    Within::WinsorizedMean => "WM",
                    Within::PercentileRank => "PR",
                };
                match bounds {
                    Bounds::Percent(low, high) => write!(f, "{what}({low}%:{high}%)"),
                    Bounds::Values(low, high) => {
                        let end =
                            |value: f64| if value.is_finite() { value.to_string() } else { String::new() };
                        write!(f, "{what}({}:{})", end(*low), end(*high))
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(name: &str, values: std::ops::RangeInclusive<u32>) -> f64 {
        let mut summary = Summary::default();
        for value in values {
            summary.add(f64::from(value), 1.0);
        }
        name.parse::<Statistic>().unwrap().of(&summary).unwrap()
    }

    #[test]
    fn percentiles_are_read_with_their_decimals() {
        assert_eq!("p99".parse(), Ok(Statistic::Percentile(99.0)));
        assert_eq!("p99.9".parse(), Ok(Statistic::Percentile(99.9)));
        assert_eq!("p100".parse(), Ok(Statistic::Percentile(100.0)));
    }

    #[test]
    fn values_within_bounds_are_counted_and_averaged() {
        // 1 to 100: known by hand, within a bucket's width.
        for (name, expected) in [
            ("tm90", 45.5),
            ("TM(10%:90%)", 50.5),
            ("TM(50:60)", 55.5),
            ("IQM", 50.5),
            ("tc99", 99.0),
            ("TC(:50)", 50.0),
            ("TS(90%:)", 955.0),
            ("WM(:90%)", 49.95),
            ("PR(:25)", 25.0),
            ("PR(50:75)", 25.0),
        ] {
            let value = read(name, 1..=100);
            assert!((value - expected).abs() <= expected * 0.03, "{name}: {value} is not {expected}");
        }
    }

    #[test]
    fn what_is_no_statistic_is_refused() {
        for name in [
            "",
            "p",
            "p-1",
            "p101",
            "p1e1",
            "p1.",
            "p1.2.3",
            "pinf",
            "sum",
            "P99",
            "99",
            "TM",
            "TM()",
            "TM(:)",
            "TM(90%:10%)",
            "tm(1:2)",
            "pr90",
            "PR(1%:2%)",
            "TM(1:2%:3)",
            "TM(a:b)",
            "tmé",
            "é",
        ] {
            assert!(name.parse::<Statistic>().is_err(), "{name}");
        }
    }

    #[test]
    fn a_statistic_is_written_as_it_is_read() {
        for name in
            ["SampleCount", "Average", "Sum", "Minimum", "Maximum", "p50", "p99.9", "TM(10%:90%)", "PR(:300)"]
        {
            assert_eq!(name.parse::<Statistic>().unwrap().to_string(), name);
        }
    }

    proptest! {
        #[test]
        fn no_name_makes_it_panic(name in "[A-Za-z0-9.:%()é]{0,12}") {
            let _ = name.parse::<Statistic>();
        }
    }
}
