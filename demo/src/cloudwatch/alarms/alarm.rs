//! What an alarm is: its rule, its actions, its state.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::rule::Rule;
use crate::cloudwatch::metric_data::query::Query;
use crate::metrics::{MetricKey, Statistic};

/// AWS's `StateValue`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StateValue {
    Ok,
    Alarm,
    InsufficientData,
}

impl StateValue {
    /// All of them as AWS writes them.
    pub const NAMES: [&str; 3] = ["OK", "ALARM", "INSUFFICIENT_DATA"];

    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    /// The state that AWS writes so.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ok, Self::Alarm, Self::InsufficientData].into_iter().find(|state| state.as_str() == text)
    }
}

/// A state and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub value: StateValue,
    pub reason: String,
    /// JSON; `None` where AWS has none.
    pub data: Option<String>,
    pub since: Timestamp,
}

/// How a value is compared with the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    GreaterOrEqual,
    Greater,
    Less,
    LessOrEqual,
}

impl Comparison {
    const ALL: [Self; 4] = [Self::GreaterOrEqual, Self::Greater, Self::Less, Self::LessOrEqual];

    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GreaterOrEqual => "GreaterThanOrEqualToThreshold",
            Self::Greater => "GreaterThanThreshold",
            Self::Less => "LessThanThreshold",
            Self::LessOrEqual => "LessThanOrEqualToThreshold",
        }
    }

    /// The comparison that AWS writes so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|comparison| comparison.as_str() == text)
    }

    /// As AWS's reasons say it.
    pub fn words(self) -> &'static str {
        match self {
            Self::GreaterOrEqual => "greater than or equal to",
            Self::Greater => "greater than",
            Self::Less => "less than",
            Self::LessOrEqual => "less than or equal to",
        }
    }

    /// Whether a value breaches the threshold.
    pub fn is_breached(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::GreaterOrEqual => value >= threshold,
            Self::Greater => value > threshold,
            Self::Less => value < threshold,
            Self::LessOrEqual => value <= threshold,
        }
    }
}

/// What a missing point counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// `missing`.
    Unknown,
    Ignore,
    Breaching,
    NotBreaching,
}

impl Missing {
    /// All of them as AWS writes them.
    pub const NAMES: [&str; 4] = ["missing", "ignore", "breaching", "notBreaching"];

    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "missing",
            Self::Ignore => "ignore",
            Self::Breaching => "breaching",
            Self::NotBreaching => "notBreaching",
        }
    }

    /// The treatment that AWS writes so; AWS: `missing` unless told otherwise.
    pub fn parse(text: Option<&str>) -> Self {
        let all = [Self::Ignore, Self::Breaching, Self::NotBreaching];
        all.into_iter().find(|missing| Some(missing.as_str()) == text).unwrap_or(Self::Unknown)
    }
}

/// What a metric alarm watches.
#[derive(Clone, Debug)]
pub enum Watched {
    Metric {
        key: MetricKey,
        statistic: Statistic,
        /// As the request wrote it.
        statistic_name: String,
        /// Seconds.
        period: i64,
        unit: Option<String>,
    },
    /// Metric math, of which one query has the result.
    Queries(Vec<Query>),
}

/// The rule of a metric alarm.
#[derive(Clone, Debug)]
pub struct MetricRule {
    pub watched: Watched,
    pub comparison: Comparison,
    pub threshold: f64,
    /// N of "M out of N".
    pub evaluation_periods: usize,
    /// M of "M out of N", where the request gave it.
    pub datapoints_to_alarm: Option<usize>,
    pub missing: Missing,
    /// Whether the request said what missing data counts for.
    pub missing_given: bool,
    pub low_sample_count: Option<String>,
}

impl MetricRule {
    /// M of "M out of N".
    pub fn needed(&self) -> usize {
        self.datapoints_to_alarm.unwrap_or(self.evaluation_periods)
    }

    /// Seconds.
    pub fn period(&self) -> i64 {
        match &self.watched {
            Watched::Metric { period, .. } => *period,
            Watched::Queries(queries) => {
                queries.iter().filter_map(Query::period).max().unwrap_or(crate::metrics::MINUTE)
            }
        }
    }
}

/// What raises an alarm.
#[derive(Clone, Debug)]
pub enum Kind {
    Metric(MetricRule),
    Composite { text: String, rule: Rule },
}

impl Kind {
    /// AWS's `AlarmType`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Metric(_) => "MetricAlarm",
            Self::Composite { .. } => "CompositeAlarm",
        }
    }
}

/// What an alarm does when it comes into a state: ARNs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actions {
    pub enabled: bool,
    pub ok: Vec<String>,
    pub alarm: Vec<String>,
    pub insufficient_data: Vec<String>,
}

impl Actions {
    /// Those for a state.
    pub fn of(&self, state: StateValue) -> &[String] {
        match state {
            StateValue::Ok => &self.ok,
            StateValue::Alarm => &self.alarm,
            StateValue::InsufficientData => &self.insufficient_data,
        }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.ok.iter().chain(&self.alarm).chain(&self.insufficient_data)
    }
}

/// An alarm.
#[derive(Clone, Debug)]
pub struct Alarm {
    pub name: String,
    pub arn: String,
    pub description: Option<String>,
    pub actions: Actions,
    pub tags: BTreeMap<String, String>,
    /// When it was made or altered last.
    pub configured: Timestamp,
    pub kind: Kind,
    pub state: State,
    /// Made or altered since the last evaluation: it is evaluated without waiting for the next minute.
    pub fresh: bool,
}

impl Alarm {
    /// The rule of a metric alarm.
    pub fn metric_rule(&self) -> Option<&MetricRule> {
        match &self.kind {
            Kind::Metric(rule) => Some(rule),
            Kind::Composite { .. } => None,
        }
    }
}
