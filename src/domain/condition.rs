//! Conditions on signals: what a guard watches and, by the same grammar, what a runbook asks.
//!
//! ```text
//! 5xx < 1%
//! p99 < 800ms and 5xx <= 2 * before
//! requests > 50% of before
//! not (4xx > 5% or cache-hit-rate < 0.5)
//! cell.errors < 1% and cell.latency.p99 < 1s
//! ```
//!
//! The grammar, in which words are read without regard to case and `not` binds before `and`, and
//! `and` before `or`:
//!
//! ```text
//! condition  = both { "or" both }
//! both       = term { "and" term }
//! term       = "not" term | "(" condition ")" | comparison
//! comparison = signal ( "<" | "<=" | ">" | ">=" ) limit
//! limit      = quantity | relative [ "+" quantity ]
//! relative   = "before" [ "*" number ] | number "*" "before" | number "%" "of" "before"
//! quantity   = number [ "%" | "ms" | "s" | "/s" | "/min" ]
//! ```
//!
//! `before` is the same signal over the minutes before the change, see [`watch`]. Which signals
//! there are, and in which unit each is compared, stands in [`signals::SIGNALS`].

pub mod error;
mod fit;
pub mod judge;
pub mod observed;
mod parser;
pub mod quantity;
pub mod readings;
pub mod signals;
pub mod watch;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

use error::ConditionError;
use quantity::Limit;
use readings::Reading;
use signals::Signal;

use super::api::ApiKind;

/// The grammar by example, for help texts.
pub const EXAMPLES: [(&str, &str); 5] = [
    ("5xx < 1%", "fewer than one request in a hundred is answered 5xx"),
    ("p99 < 800ms and 5xx <= 2 * before", "both: quick enough, and at most twice the errors of before"),
    ("requests > 50% of before", "traffic has not halved"),
    ("5xx <= before + 0.5%", "at most half a percent point more errors than before"),
    ("not (4xx > 5% or cache-hit-rate < 0.5)", "neither of the two"),
];

/// A condition that has been read and whose units fit. It displays as canonical text, which reads
/// back as the same condition; files hold it as that text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Condition {
    root: Node,
}

/// `All` and `Any` hold two nodes or more.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    Compare(Comparison),
    Not(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
}

/// One signal against one limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    pub signal: &'static Signal,
    pub operator: Operator,
    pub limit: Limit,
}

/// There is no `=`: a measured figure is never exactly anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// Where it doesn't follow the grammar, names a signal that doesn't exist, compares a signal
    /// with another unit than its own, or decides nothing, as `5xx >= 0%` would.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        parser::parse(text).map(|root| Self { root })
    }

    /// Its comparisons, from left to right.
    pub fn comparisons(&self) -> Vec<&Comparison> {
        let mut found = Vec::new();
        self.root.collect(&mut found);
        found
    }

    /// The series that have to be read to judge it.
    pub fn readings(&self) -> BTreeSet<Reading> {
        self.comparisons().iter().flat_map(|comparison| comparison.signal.formula.readings()).collect()
    }

    /// Signals that an API of this kind doesn't have: a guard that names one could never be proven.
    pub fn missing_on(&self, kind: ApiKind) -> Vec<&'static Signal> {
        let published = |signal: &Signal| {
            signal.formula.readings().into_iter().all(|reading| reading.source(kind).is_some())
        };
        let signals = self.comparisons().into_iter().map(|comparison| comparison.signal);
        signals.filter(|signal| !published(signal)).collect()
    }

    /// Whether it compares with the time before the change, so that it can't be judged without one.
    pub fn needs_baseline(&self) -> bool {
        self.comparisons().iter().any(|comparison| comparison.limit.is_relative())
    }
}

impl Node {
    fn collect<'node>(&'node self, found: &mut Vec<&'node Comparison>) {
        match self {
            Self::Compare(comparison) => found.push(comparison),
            Self::Not(inner) => inner.collect(found),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.collect(found)),
        }
    }

    /// Writes the parts of an `and` or `or`, in brackets where they would be read differently.
    fn write_joined(formatter: &mut fmt::Formatter<'_>, parts: &[Self], word: &str) -> fmt::Result {
        for (place, part) in parts.iter().enumerate() {
            if place > 0 {
                write!(formatter, " {word} ")?;
            }
            match part {
                Self::Compare(_) | Self::Not(_) => write!(formatter, "{part}")?,
                Self::All(_) | Self::Any(_) => write!(formatter, "({part})")?,
            }
        }
        Ok(())
    }
}

impl Operator {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// The one that holds exactly where this doesn't.
    #[must_use]
    pub fn inverse(self) -> Self {
        match self {
            Self::Less => Self::GreaterOrEqual,
            Self::LessOrEqual => Self::Greater,
            Self::Greater => Self::LessOrEqual,
            Self::GreaterOrEqual => Self::Less,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(formatter)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare(comparison) => comparison.fmt(formatter),
            Self::Not(inner) => write!(formatter, "not ({inner})"),
            Self::All(parts) => Self::write_joined(formatter, parts, "and"),
            Self::Any(parts) => Self::write_joined(formatter, parts, "or"),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} {}", self.signal.name, self.operator.as_str(), self.limit)
    }
}

impl Serialize for Comparison {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Condition {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Condition {
    type Error = ConditionError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Condition> for String {
    fn from(condition: Condition) -> Self {
        condition.to_string()
    }
}

#[cfg(test)]
mod tests;
