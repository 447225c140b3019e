//! One rule of a web ACL: what it looks for, in words, and what it does.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::group::{GroupReference, GroupSource};
use super::statement;
use crate::domain::text::sanitise;

/// AWS: the window of a rate rule that names none, in seconds.
pub const DEFAULT_WINDOW_SECONDS: u64 = 300;

/// A rule of a web ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub name: String,
    /// The lowest is looked at first.
    pub priority: i64,
    pub kind: RuleKind,
    pub action: RuleAction,
    /// What it looks for, in words.
    pub statement: String,
    /// The name that its metrics and samples go by. It stays where the rule is renamed.
    pub metric: Option<String>,
    /// Rate rules only.
    pub rate: Option<RateLimit>,
    /// Rules that stand for a rule group only.
    pub group: Option<GroupReference>,
}

/// What kind of statement a rule has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleKind {
    /// A rule group that AWS or another vendor keeps.
    ManagedGroup,
    /// A rule group of the account's own.
    OwnGroup,
    /// Counts requests, and acts on who sends too many.
    RateBased,
    /// Everything else.
    Match,
}

impl RuleKind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::ManagedGroup => "managed-group",
            Self::OwnGroup => "own-group",
            Self::RateBased => "rate-based",
            Self::Match => "match",
        }
    }

    pub const fn is_group(self) -> bool {
        matches!(self, Self::ManagedGroup | Self::OwnGroup)
    }
}

/// What is done with a request that fits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleAction {
    Allow,
    Block,
    Count,
    Captcha,
    Challenge,
    /// The rules of the group act as the group says.
    GroupDecides,
    /// The group's verdict is only counted.
    GroupCounts,
    /// An action that this version doesn't know, or none.
    #[serde(untagged)]
    Other(String),
}

impl RuleAction {
    /// Reads an action, such as `{"Block": {}}`.
    pub fn of_action(action: &Value) -> Self {
        match only_key(action) {
            "Allow" => Self::Allow,
            "Block" => Self::Block,
            "Count" => Self::Count,
            "Captcha" => Self::Captcha,
            "Challenge" => Self::Challenge,
            other => Self::Other(sanitise(other).into_owned()),
        }
    }

    /// Reads the override action of a rule that stands for a rule group.
    pub(super) fn of_override(action: &Value) -> Self {
        match only_key(action) {
            "None" => Self::GroupDecides,
            "Count" => Self::GroupCounts,
            other => Self::Other(sanitise(other).into_owned()),
        }
    }

    pub fn word(&self) -> &str {
        match self {
            Self::Allow => "allow",
            Self::Block => "block",
            Self::Count => "count",
            Self::Captcha => "captcha",
            Self::Challenge => "challenge",
            Self::GroupDecides => "group-decides",
            Self::GroupCounts => "group-counts",
            Self::Other(other) if other.is_empty() => "none",
            Self::Other(other) => other,
        }
    }
}

impl fmt::Display for RuleAction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}

/// How many requests one sender may make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateLimit {
    /// Requests in a window.
    pub limit: u64,
    /// AWS: 60, 120, 300 or 600.
    pub window_seconds: u64,
    /// What a sender is told by: `IP`, `FORWARDED_IP`, `CUSTOM_KEYS` or `CONSTANT`.
    pub aggregate_key: String,
}

impl Rule {
    /// Reads a rule of a web ACL's document.
    pub fn of(rule: &Value) -> Self {
        let text = |value: &Value| sanitise(value.as_str().unwrap_or_default()).into_owned();
        let statement = &rule["Statement"];
        let rate = &statement["RateBasedStatement"];
        let group = GroupReference::of(statement);
        let kind = match group.as_ref().map(|group| &group.source) {
            Some(GroupSource::Managed { .. }) => RuleKind::ManagedGroup,
            Some(GroupSource::Own { .. }) => RuleKind::OwnGroup,
            None if rate.is_object() => RuleKind::RateBased,
            None => RuleKind::Match,
        };
        Self {
            name: text(&rule["Name"]),
            priority: rule["Priority"].as_i64().unwrap_or_default(),
            kind,
            action: if kind.is_group() {
                RuleAction::of_override(&rule["OverrideAction"])
            } else {
                RuleAction::of_action(&rule["Action"])
            },
            statement: statement::in_words(statement),
            metric: rule["VisibilityConfig"]["MetricName"].as_str().map(|name| sanitise(name).into_owned()),
            rate: rate.is_object().then(|| RateLimit {
                limit: rate["Limit"].as_u64().unwrap_or_default(),
                window_seconds: window(rate),
                aggregate_key: text(&rate["AggregateKeyType"]),
            }),
            group,
        }
    }
}

/// The window of a rate rule's statement, in seconds. AWS: 300 where it names none.
pub(super) fn window(rate: &Value) -> u64 {
    rate["EvaluationWindowSec"].as_u64().filter(|window| *window > 0).unwrap_or(DEFAULT_WINDOW_SECONDS)
}

/// The name of the one member of a union; empty where it has none.
pub(super) fn only_key(union: &Value) -> &str {
    union.as_object().and_then(|members| members.keys().next()).map_or("", String::as_str)
}
