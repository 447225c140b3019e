//! Edits of one rule of a web ACL, on the document as it was read: whatever else is in it stays as it is.
//!
//! Nothing here sends anything. An edit gives the new document, and says field by field what is new in it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::document::WebAclDocument;
use super::group::{GroupReference, GroupRules, GroupSource};
use super::rule::{Rule, RuleAction, only_key};
use crate::domain::change::FieldChange;
use crate::domain::suggest::nearest;
use crate::domain::text::sanitise;

/// AWS: requests of a rate rule in its window.
pub const RATE_LIMITS: std::ops::RangeInclusive<u64> = 10..=2_000_000_000;
/// AWS: windows of a rate rule, in seconds.
pub const RATE_WINDOWS: [u64; 4] = [60, 120, 300, 600];
/// AWS: overrides in one reference to a rule group.
const MOST_OVERRIDES: usize = 100;

/// The two actions that a rule is switched between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SwitchedAction {
    Block,
    Count,
}

impl SwitchedAction {
    fn document(self) -> Value {
        match self {
            Self::Block => json!({ "Block": {} }),
            Self::Count => json!({ "Count": {} }),
        }
    }

    /// The same as an action of a rule.
    pub const fn action(self) -> RuleAction {
        match self {
            Self::Block => RuleAction::Block,
            Self::Count => RuleAction::Count,
        }
    }
}

impl fmt::Display for SwitchedAction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.action().fmt(formatter)
    }
}

/// A web ACL's document with one rule edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edited {
    /// The whole document, to be sent with the lock token of the one that was read.
    pub body: Value,
    pub changes: Vec<FieldChange>,
    /// The name of the rule that was edited.
    pub rule: String,
    /// The whole rule as it was, to be put back by [`WebAclDocument::restore_rule`].
    pub rule_before: Value,
    /// The whole rule as it is now.
    pub rule_after: Value,
}

/// An edit that must not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum EditRefused {
    #[error(
        "the web ACL {acl} has {path}, which this version of cellgate doesn't know and would lose: edit it with a \
         newer one, or in AWS's console"
    )]
    Lossy { acl: String, path: String },
    #[error("the web ACL {acl} is kept by Firewall Manager, which would undo the change: change its policy")]
    FirewallManager { acl: String },
    #[error("the web ACL {acl} has no rule '{wanted}'{}", meant(.nearest.as_deref()))]
    UnknownRule { acl: String, wanted: String, nearest: Option<String> },
    #[error(
        "the rule {rule} stands for the whole of {group}: switch single rules of the group by an override, never \
         all of it"
    )]
    IsGroup { rule: String, group: String },
    #[error("the action of the rule {rule} is {action}: only block and count are switched")]
    NotSwitchable { rule: String, action: String },
    #[error("the rule {rule} is {kind}, and has no rate limit")]
    NotRateBased { rule: String, kind: String },
    #[error("{limit} is no legal rate limit: AWS takes {} to {} requests", RATE_LIMITS.start(), RATE_LIMITS.end())]
    LimitOutOfRange { limit: u64 },
    #[error("{seconds} s is no legal window: AWS takes 60, 120, 300 and 600")]
    IllegalWindow { seconds: u64 },
    #[error("the rule {rule} stands for no rule group, so no rule of one can be overridden in it")]
    NotAGroup { rule: String },
    #[error("the rule {rule} stands for {group}, and the names that were read are those of {given}")]
    OtherGroup { rule: String, group: String, given: String },
    #[error(
        "{group} has no rule '{wanted}'{}: AWS would take the override and ignore it",
        meant(.nearest.as_deref())
    )]
    UnknownGroupRule { group: String, wanted: String, nearest: Option<String> },
    #[error(
        "{wanted} is among the ExcludedRules of the rule {rule}, an older way to count: take it out of there first"
    )]
    Excluded { rule: String, wanted: String },
    #[error("the rule {rule} only counts what {group} finds: an override to block would have no effect")]
    GroupOnlyCounts { rule: String, group: String },
    #[error("the rule {rule} has {} overrides already, and AWS takes no more", MOST_OVERRIDES)]
    TooManyOverrides { rule: String },
    #[error("nothing to change: {field} of the rule {rule} is {value} already")]
    Unchanged { rule: String, field: String, value: String },
    #[error("the rule {rule} has changed since: {path} differs")]
    Moved { rule: String, path: String },
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(", did you mean '{name}'?")).unwrap_or_default()
}

impl WebAclDocument {
    /// Switches a rule between block and count. What hung on the old action, such as a custom response, goes.
    ///
    /// # Errors
    /// Where the rule isn't there, has another action, or stands for a rule group.
    pub fn switch_rule(&self, rule: &str, to: SwitchedAction) -> Result<Edited, EditRefused> {
        let known = self.known(rule)?;
        if let Some(group) = &known.group {
            return Err(EditRefused::IsGroup { rule: known.name.clone(), group: group.source.to_string() });
        }
        if !matches!(known.action, RuleAction::Block | RuleAction::Count) {
            let action = known.action.to_string();
            return Err(EditRefused::NotSwitchable { rule: known.name.clone(), action });
        }
        if known.action == to.action() {
            return Err(unchanged(known, "the action", &to.to_string()));
        }
        self.edit(known, |rule| {
            let before = action_text(&rule["Action"]);
            rule["Action"] = to.document();
            vec![change(known, "action", before, action_text(&rule["Action"]))]
        })
    }

    /// Sets the limit of a rate rule, its window in seconds, or both. AWS: any change starts its counts anew,
    /// and can let everything pass for up to a minute.
    ///
    /// # Errors
    /// Where it isn't a rate rule, or AWS wouldn't take the numbers.
    pub fn set_rate(
        &self,
        rule: &str,
        limit: Option<u64>,
        window_seconds: Option<u64>,
    ) -> Result<Edited, EditRefused> {
        let known = self.known(rule)?;
        let Some(rate) = &known.rate else {
            let kind = known.kind.word().to_owned();
            return Err(EditRefused::NotRateBased { rule: known.name.clone(), kind });
        };
        if let Some(limit) = limit.filter(|limit| !RATE_LIMITS.contains(limit)) {
            return Err(EditRefused::LimitOutOfRange { limit });
        }
        if let Some(seconds) = window_seconds.filter(|seconds| !RATE_WINDOWS.contains(seconds)) {
            return Err(EditRefused::IllegalWindow { seconds });
        }
        let new_limit = limit.filter(|limit| *limit != rate.limit);
        let new_window = window_seconds.filter(|seconds| *seconds != rate.window_seconds);
        if new_limit.is_none() && new_window.is_none() {
            let value = format!("{} requests in {} s", rate.limit, rate.window_seconds);
            return Err(unchanged(known, "the rate limit", &value));
        }
        self.edit(known, |rule| {
            let statement = &mut rule["Statement"]["RateBasedStatement"];
            let mut changes = Vec::new();
            if let Some(limit) = new_limit {
                statement["Limit"] = json!(limit);
                changes.push(change(known, "limit", rate.limit.to_string(), limit.to_string()));
            }
            if let Some(seconds) = new_window {
                statement["EvaluationWindowSec"] = json!(seconds);
                let (before, after) = (format!("{} s", rate.window_seconds), format!("{seconds} s"));
                changes.push(change(known, "window", before, after));
            }
            changes
        })
    }

    /// Overrides the action of one rule of a rule group, or lets the group decide again. `contents` are the
    /// rules that the group really has: AWS ignores a name that it doesn't know.
    ///
    /// # Errors
    /// Where the rule stands for no group or another one, or the group has no such rule.
    pub fn override_group_rule(
        &self,
        rule: &str,
        group_rule: &str,
        to: Option<SwitchedAction>,
        contents: &GroupRules,
    ) -> Result<Edited, EditRefused> {
        let known = self.known(rule)?;
        let name = || known.name.clone();
        let Some(group) = &known.group else { return Err(EditRefused::NotAGroup { rule: name() }) };
        let own_action = verified(known, group, group_rule, contents)?;
        let wanted = || group_rule.to_owned();
        let current = group.overrides.iter().find(|entry| entry.rule == group_rule);
        if group.excluded.iter().any(|excluded| excluded == group_rule) {
            return Err(match to {
                Some(SwitchedAction::Count) => unchanged(known, group_rule, "count"),
                _ => EditRefused::Excluded { rule: name(), wanted: wanted() },
            });
        }
        if known.action == RuleAction::GroupCounts && to == Some(SwitchedAction::Block) {
            return Err(EditRefused::GroupOnlyCounts { rule: name(), group: group.source.to_string() });
        }
        let effective = current.map_or(own_action, |entry| &entry.action);
        match to {
            Some(to) if *effective == to.action() => {
                return Err(unchanged(known, group_rule, &to.to_string()));
            }
            None if current.is_none() => return Err(unchanged(known, group_rule, "the group's to decide")),
            _ => {}
        }
        if current.is_none() && group.overrides.len() >= MOST_OVERRIDES {
            return Err(EditRefused::TooManyOverrides { rule: name() });
        }
        let as_group = format!("{own_action} (as the group says)");
        let before = current.map_or_else(|| as_group.clone(), |entry| entry.action.to_string());
        let after = to.map_or(as_group, |to| to.to_string());
        self.edit(known, |rule| {
            set_override(rule, &group.source, group_rule, to);
            vec![change(known, group_rule, before, after)]
        })
    }

    /// The rule of this name, in a document that may be edited.
    ///
    /// # Errors
    /// Where the document may not be edited, or has no such rule.
    pub fn known(&self, wanted: &str) -> Result<&Rule, EditRefused> {
        self.editable()?;
        self.acl.rule(wanted).ok_or_else(|| {
            let names = self.acl.rules.iter().map(|rule| rule.name.as_str());
            EditRefused::UnknownRule {
                acl: self.acl.name.clone(),
                wanted: sanitise(wanted).into_owned(),
                nearest: nearest(wanted, names).map(str::to_owned),
            }
        })
    }

    fn edit(
        &self,
        known: &Rule,
        alter: impl FnOnce(&mut Value) -> Vec<FieldChange>,
    ) -> Result<Edited, EditRefused> {
        self.edit_checked(known, |rule| Ok(alter(rule)))
    }

    pub(super) fn edit_checked(
        &self,
        known: &Rule,
        alter: impl FnOnce(&mut Value) -> Result<Vec<FieldChange>, EditRefused>,
    ) -> Result<Edited, EditRefused> {
        let mut body = self.body.clone();
        let rules = body["Rules"].as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
        // AWS: a rule's name is unique in its web ACL.
        let rule = rules.iter_mut().find(|rule| rule["Name"].as_str() == Some(known.name.as_str()));
        let Some(rule) = rule else {
            let acl = self.acl.name.clone();
            return Err(EditRefused::UnknownRule { acl, wanted: known.name.clone(), nearest: None });
        };
        let rule_before = rule.clone();
        let changes = alter(rule)?;
        let rule_after = rule.clone();
        Ok(Edited { body, changes, rule: known.name.clone(), rule_before, rule_after })
    }
}

/// What the group's rule does of itself, where the group has it.
fn verified<'contents>(
    known: &Rule,
    group: &GroupReference,
    wanted: &str,
    contents: &'contents GroupRules,
) -> Result<&'contents RuleAction, EditRefused> {
    if contents.source != group.source {
        return Err(EditRefused::OtherGroup {
            rule: known.name.clone(),
            group: group.source.to_string(),
            given: contents.source.to_string(),
        });
    }
    let found = contents.rules.iter().find(|rule| rule.name == wanted);
    found.map(|rule| &rule.action).ok_or_else(|| {
        let names = contents.rules.iter().map(|rule| rule.name.as_str());
        EditRefused::UnknownGroupRule {
            group: group.source.to_string(),
            wanted: sanitise(wanted).into_owned(),
            nearest: nearest(wanted, names).map(str::to_owned),
        }
    })
}

fn set_override(rule: &mut Value, source: &GroupSource, group_rule: &str, to: Option<SwitchedAction>) {
    let statement = rule["Statement"].get_mut(source.statement());
    let Some(body) = statement.and_then(Value::as_object_mut) else { return };
    let list = body.entry("RuleActionOverrides").or_insert_with(|| json!([]));
    if !list.is_array() {
        *list = json!([]);
    }
    let Some(overrides) = list.as_array_mut() else { return };
    let place = overrides.iter().position(|entry| entry["Name"].as_str() == Some(group_rule));
    match (place, to) {
        (Some(place), Some(to)) => overrides[place]["ActionToUse"] = to.document(),
        (None, Some(to)) => overrides.push(json!({ "Name": group_rule, "ActionToUse": to.document() })),
        (Some(place), None) => {
            overrides.remove(place);
        }
        (None, None) => {}
    }
    if overrides.is_empty() {
        body.remove("RuleActionOverrides");
    }
}

fn unchanged(known: &Rule, field: &str, value: &str) -> EditRefused {
    EditRefused::Unchanged { rule: known.name.clone(), field: field.to_owned(), value: value.to_owned() }
}

fn change(known: &Rule, field: &str, before: String, after: String) -> FieldChange {
    FieldChange { field: format!("{}: {field}", known.name), before, after }
}

/// An action, with what hangs on it.
pub(super) fn action_text(action: &Value) -> String {
    let word = RuleAction::of_action(action).to_string();
    match &action[only_key(action)] {
        Value::Object(members) if !members.is_empty() => {
            sanitise(&format!("{word} {}", action[only_key(action)])).into_owned()
        }
        _ => word,
    }
}
