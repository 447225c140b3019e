//! What is different between two states of a rule, in words for people.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::edit::action_text;
use super::rule::{RuleAction, window};
use crate::domain::change::FieldChange;
use crate::domain::text::sanitise;

/// Members that are told in words of their own.
const RATE: &str = "RateBasedStatement";
const OVERRIDES: &str = "RuleActionOverrides";
const AS_THE_GROUP_SAYS: &str = "as the group says";

/// The differences between two states of the rule of this name, each with the rule before it. None: there is
/// no such rule.
pub fn in_words(rule: &str, before: Option<&Value>, after: Option<&Value>) -> Vec<FieldChange> {
    let mut found = Found { rule: sanitise(rule).into_owned(), changes: Vec::new() };
    match (before, after) {
        (Some(before), Some(after)) => found.compare("", before, after),
        (before, after) => {
            let there = |rule: Option<&Value>| if rule.is_some() { "present" } else { "absent" }.to_owned();
            if before.is_some() != after.is_some() {
                let (before, after) = (there(before), there(after));
                found.changes.push(FieldChange { field: found.rule.clone(), before, after });
            }
        }
    }
    found.changes
}

struct Found {
    rule: String,
    changes: Vec<FieldChange>,
}

impl Found {
    fn add(&mut self, field: &str, before: String, after: String) {
        if before != after {
            let field = format!("{}: {}", self.rule, sanitise(field));
            self.changes.push(FieldChange { field, before, after });
        }
    }

    /// Compares what stands at a path, such as `Statement.RateBasedStatement.`.
    fn compare(&mut self, path: &str, before: &Value, after: &Value) {
        let (Some(one), Some(other)) = (before.as_object(), after.as_object()) else {
            if before != after {
                self.add(path.trim_end_matches('.'), shown(before), shown(after));
            }
            return;
        };
        let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
        for name in names {
            let (before, after) = (&before[name], &after[name]);
            match name.as_str() {
                "Action" if path.is_empty() => self.add("action", action_text(before), action_text(after)),
                "OverrideAction" if path.is_empty() => {
                    let word = |action: &Value| RuleAction::of_override(action).to_string();
                    self.add("action", word(before), word(after));
                }
                RATE if before.is_object() && after.is_object() => self.rate(path, before, after),
                OVERRIDES => self.overrides(before, after),
                name => self.compare(&format!("{path}{name}."), before, after),
            }
        }
    }

    fn rate(&mut self, path: &str, before: &Value, after: &Value) {
        self.add("limit", shown(&before["Limit"]), shown(&after["Limit"]));
        self.add("window", format!("{} s", window(before)), format!("{} s", window(after)));
        let rest = |statement: &Value| {
            let mut rest = statement.clone();
            if let Some(members) = rest.as_object_mut() {
                members.retain(|name, _| !["Limit", "EvaluationWindowSec"].contains(&name.as_str()));
            }
            rest
        };
        self.compare(&format!("{path}{RATE}."), &rest(before), &rest(after));
    }

    fn overrides(&mut self, before: &Value, after: &Value) {
        let (before, after) = (actions(before), actions(after));
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for name in names {
            let action = |of: &BTreeMap<String, String>| {
                of.get(name).cloned().unwrap_or_else(|| AS_THE_GROUP_SAYS.to_owned())
            };
            self.add(name, action(&before), action(&after));
        }
    }
}

/// Overrides by the names of the group's rules.
fn actions(overrides: &Value) -> BTreeMap<String, String> {
    let entries = overrides.as_array().into_iter().flatten();
    entries
        .map(|entry| {
            (entry["Name"].as_str().unwrap_or_default().to_owned(), action_text(&entry["ActionToUse"]))
        })
        .collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "not set".to_owned(),
        Value::String(text) => sanitise(text).into_owned(),
        other => sanitise(&other.to_string()).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(before: &Value, after: &Value) -> Vec<String> {
        let changes = in_words("one", Some(before), Some(after));
        changes.iter().map(|at| format!("{} {} > {}", at.field, at.before, at.after)).collect()
    }

    #[test]
    fn what_operators_change_has_words() {
        let rate = |limit: u64, window: Value, action: &str| {
            json!({
                "Action": { action: {} },
                "Statement": { "RateBasedStatement": {
                    "Limit": limit, "EvaluationWindowSec": window, "AggregateKeyType": "IP",
                } },
            })
        };
        assert_eq!(
            told(&rate(500, Value::Null, "Count"), &rate(100, json!(60), "Block")),
            ["one: action count > block", "one: limit 500 > 100", "one: window 300 s > 60 s"]
        );
        let group = |overrides: Value| {
            json!({
                "OverrideAction": { "None": {} },
                "Statement": { "ManagedRuleGroupStatement": { "Name": "G", "RuleActionOverrides": overrides } },
            })
        };
        let counted = group(json!([{ "Name": "Size", "ActionToUse": { "Count": {} } }]));
        assert_eq!(told(&group(Value::Null), &counted), ["one: Size as the group says > count"]);
        assert_eq!(told(&counted, &group(json!([]))), ["one: Size count > as the group says"]);
    }

    #[test]
    fn anything_else_is_told_by_its_path() {
        let (one, other) = (json!({ "A": { "B": [1] } }), json!({ "A": { "B": [2], "C": "x" } }));
        assert_eq!(told(&one, &other), ["one: A.B [1] > [2]", "one: A.C not set > x"]);
        assert_eq!(told(&one, &one), <[String; 0]>::default());
    }

    #[test]
    fn a_rule_that_has_gone_is_absent() {
        let gone = in_words("one", Some(&json!({})), None);
        assert_eq!(
            (gone[0].field.as_str(), gone[0].before.as_str(), gone[0].after.as_str()),
            ("one", "present", "absent")
        );
    }
}
