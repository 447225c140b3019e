//! Limits: a number with its unit, or a multiple of what was before.

use std::fmt;

use super::signals::Dimension;

/// The unit a number was written with. It is kept, so that a condition reads back as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A count, or a share between 0 and 1.
    Plain,
    Percent,
    Milliseconds,
    Seconds,
    PerSecond,
    PerMinute,
}

/// A number with its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    pub number: f64,
    pub unit: Unit,
}

/// How much of what was before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// `before`
    Same,
    /// `2 * before`
    Times(f64),
    /// `50% of before`
    Percent(f64),
}

/// What a signal is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    Fixed(Quantity),
    /// A multiple of the signal's own figure before the change, and a margin on top, so that
    /// twice nothing isn't nothing.
    Relative {
        scale: Scale,
        margin: Option<Quantity>,
    },
}

impl Unit {
    pub const ALL: [Self; 6] =
        [Self::Plain, Self::Percent, Self::Milliseconds, Self::Seconds, Self::PerSecond, Self::PerMinute];

    pub fn suffix(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Percent => "%",
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::PerSecond => "/s",
            Self::PerMinute => "/min",
        }
    }

    pub fn of_suffix(suffix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.suffix().eq_ignore_ascii_case(suffix))
    }

    /// The unit that a wrong one was probably meant to be.
    pub fn meant_by(wrong: &str) -> Option<Self> {
        match wrong.to_ascii_lowercase().as_str() {
            "sec" | "secs" | "second" | "seconds" => Some(Self::Seconds),
            "msec" | "millis" | "milliseconds" => Some(Self::Milliseconds),
            "rps" | "/sec" | "/second" => Some(Self::PerSecond),
            "rpm" | "/m" | "/minute" => Some(Self::PerMinute),
            "pct" | "percent" => Some(Self::Percent),
            _ => None,
        }
    }

    /// Whether a number in this unit is a figure of that dimension.
    pub fn measures(self, dimension: Dimension) -> bool {
        match dimension {
            Dimension::Share => matches!(self, Self::Percent | Self::Plain),
            Dimension::Latency => matches!(self, Self::Milliseconds | Self::Seconds),
            Dimension::Rate => matches!(self, Self::PerSecond | Self::PerMinute),
            Dimension::Count => self == Self::Plain,
        }
    }
}

impl Quantity {
    /// In the unit of figures: a share of 0 to 1, milliseconds, per second, a count.
    pub fn figure(self) -> f64 {
        match self.unit {
            Unit::Plain | Unit::Milliseconds | Unit::PerSecond => self.number,
            Unit::Percent => self.number / 100.0,
            Unit::Seconds => self.number * 1_000.0,
            Unit::PerMinute => self.number / 60.0,
        }
    }
}

impl Scale {
    pub fn factor(self) -> f64 {
        match self {
            Self::Same => 1.0,
            Self::Times(factor) => factor,
            Self::Percent(percent) => percent / 100.0,
        }
    }
}

impl Limit {
    pub fn is_relative(self) -> bool {
        matches!(self, Self::Relative { .. })
    }

    /// The figure to compare with, given the signal's figure before the change.
    pub fn figure(self, before: f64) -> f64 {
        match self {
            Self::Fixed(quantity) => quantity.figure(),
            Self::Relative { scale, margin } => {
                scale.factor() * before + margin.map_or(0.0, Quantity::figure)
            }
        }
    }
}

/// A number as short as it can be written and still read back as itself.
impl fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.number, self.unit.suffix())
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(quantity) => quantity.fmt(formatter),
            Self::Relative { scale, margin } => {
                match scale {
                    Scale::Same => formatter.write_str("before")?,
                    Scale::Times(factor) => write!(formatter, "{factor} * before")?,
                    Scale::Percent(percent) => write!(formatter, "{percent}% of before")?,
                }
                margin.map_or(Ok(()), |margin| write!(formatter, " + {margin}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_figure_in_the_unit_of_its_signal() {
        let figure = |number, unit| Quantity { number, unit }.figure();
        assert!((figure(1.0, Unit::Percent) - 0.01).abs() < f64::EPSILON);
        assert!((figure(1.5, Unit::Seconds) - 1_500.0).abs() < f64::EPSILON);
        assert!((figure(120.0, Unit::PerMinute) - 2.0).abs() < f64::EPSILON);
        let margin = Some(Quantity { number: 0.5, unit: Unit::Percent });
        let limit = Limit::Relative { scale: Scale::Percent(150.0), margin };
        assert!((limit.figure(0.01) - 0.02).abs() < 1e-12);
        assert_eq!(limit.to_string(), "150% of before + 0.5%");
    }
}
