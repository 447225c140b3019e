//! Rule groups as a rule refers to them: of a vendor's or of the account's own, with the rules of the
//! group whose action is overridden.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::name_in_arn;
use super::rule::RuleAction;
use crate::domain::text::sanitise;

/// The reference of a rule to a rule group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupReference {
    pub source: GroupSource,
    /// Rules of the group that act otherwise than the group says.
    pub overrides: Vec<RuleOverride>,
    /// Rules of the group that only count, in the older way of saying so.
    pub excluded: Vec<String>,
}

/// Which rule group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupSource {
    /// A vendor's.
    Managed {
        vendor: String,
        name: String,
        /// None: the version that the vendor has made the default.
        version: Option<String>,
    },
    /// The account's own.
    Own { arn: String },
}

impl fmt::Display for GroupSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Managed { vendor, name, version: Some(version) } => {
                write!(formatter, "{vendor} {name} {version}")
            }
            Self::Managed { vendor, name, version: None } => {
                write!(formatter, "{vendor} {name} (default version)")
            }
            Self::Own { arn } => write!(formatter, "rule group {}", name_in_arn(arn)),
        }
    }
}

/// A rule of a group with an action of the web ACL's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleOverride {
    pub rule: String,
    pub action: RuleAction,
}

/// The rules that a rule group really has. AWS ignores an override of a name that the group doesn't
/// have, without a word: an edit asks for these first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRules {
    /// Of which group; an edit refuses those of another.
    pub source: GroupSource,
    pub rules: Vec<GroupRule>,
}

/// A rule of a rule group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRule {
    pub name: String,
    /// What it does unless it is overridden.
    pub action: RuleAction,
}

/// AWS's names of the two statements that refer to a rule group.
const MANAGED: &str = "ManagedRuleGroupStatement";
const OWN: &str = "RuleGroupReferenceStatement";

impl GroupSource {
    /// AWS's name of the statement that refers to it.
    pub(super) const fn statement(&self) -> &'static str {
        match self {
            Self::Managed { .. } => MANAGED,
            Self::Own { .. } => OWN,
        }
    }
}

impl GroupReference {
    /// Reads the reference in a statement; none where it refers to no rule group.
    pub(super) fn of(statement: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(|text| sanitise(text).into_owned());
        let (managed, own) = (&statement[MANAGED], &statement[OWN]);
        let (body, source) = if managed.is_object() {
            let source = GroupSource::Managed {
                vendor: text(&managed["VendorName"]).unwrap_or_default(),
                name: text(&managed["Name"]).unwrap_or_default(),
                version: text(&managed["Version"]),
            };
            (managed, source)
        } else if own.is_object() {
            (own, GroupSource::Own { arn: text(&own["ARN"]).unwrap_or_default() })
        } else {
            return None;
        };
        let list = |name: &str| body[name].as_array().map(Vec::as_slice).unwrap_or_default();
        Some(Self {
            source,
            overrides: list("RuleActionOverrides")
                .iter()
                .map(|entry| RuleOverride {
                    rule: text(&entry["Name"]).unwrap_or_default(),
                    action: RuleAction::of_action(&entry["ActionToUse"]),
                })
                .collect(),
            excluded: list("ExcludedRules").iter().filter_map(|entry| text(&entry["Name"])).collect(),
        })
    }
}
