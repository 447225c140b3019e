//! What a field holds.

use std::cmp::Ordering;
use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The value of a field or of an expression.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Value {
    /// The event has no such field.
    #[default]
    Missing,
    Number(f64),
    Text(String),
    /// Milliseconds since the epoch.
    Time(i64),
    Bool(bool),
}

impl Value {
    /// As a number, where it is one or reads like one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of this age are below 2^53")]
            Self::Time(millis) => Some(*millis as f64),
            Self::Bool(is_true) => Some(f64::from(u8::from(*is_true))),
            Self::Missing => None,
        }
    }

    /// As milliseconds since the epoch.
    #[expect(clippy::cast_possible_truncation, reason = "a conversion that saturates is what is wanted")]
    pub fn millis(&self) -> Option<i64> {
        match self {
            Self::Time(millis) => Some(*millis),
            other => other.number().map(|number| number as i64),
        }
    }

    /// Whether a condition that came to this holds.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Bool(is_true) => *is_true,
            Self::Number(number) => *number != 0.0,
            _ => false,
        }
    }

    pub fn is_missing(&self) -> bool {
        *self == Self::Missing
    }

    /// The order of two values: of numbers where both are or read like numbers, of texts otherwise. `None` where one
    /// is missing.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.is_missing() || other.is_missing() {
            return None;
        }
        match (self, other) {
            (Self::Bool(is_true), Self::Text(text)) => Some(is_true.to_string().as_str().cmp(text)),
            (Self::Text(text), Self::Bool(is_true)) => Some(text.as_str().cmp(&is_true.to_string())),
            _ => match (self.number(), other.number()) {
                (Some(left), Some(right)) => left.partial_cmp(&right),
                _ => Some(self.to_string().cmp(&other.to_string())),
            },
        }
    }

    /// From JSON. Objects and lists are not values of fields, their members are.
    pub fn from_json(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Bool(is_true) => Self::Bool(*is_true),
            serde_json::Value::Number(number) => number.as_f64().map_or(Self::Missing, Self::Number),
            serde_json::Value::String(text) => Self::Text(text.clone()),
            _ => Self::Missing,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => Ok(()),
            Self::Number(number) if number.fract() == 0.0 => write!(formatter, "{number:.0}"),
            // AWS: four decimals.
            Self::Number(number) => {
                let text = format!("{number:.4}");
                formatter.write_str(text.trim_end_matches('0').trim_end_matches('.'))
            }
            Self::Text(text) => formatter.write_str(text),
            Self::Time(millis) => {
                let time = Timestamp::from_millisecond(*millis).unwrap_or(Timestamp::UNIX_EPOCH);
                write!(formatter, "{}", time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S.%3f"))
            }
            Self::Bool(is_true) => write!(formatter, "{}", u8::from(*is_true)),
        }
    }
}
