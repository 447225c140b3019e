//! A rule of a web ACL as a row: when it is looked at, what it looks for, what it does.

use std::sync::Arc;

use jiff::Timestamp;

use super::{RowKey, TableRow, number};
use crate::domain::estate::RegionSlot;
use crate::domain::filter::Value;
use crate::domain::web_acl::{Rule, RuleAction, WebAclDocument};
use crate::tui::model::{Model, Scope};

#[derive(Clone, Debug)]
pub struct RuleRow {
    pub slot: RegionSlot,
    pub document: Arc<WebAclDocument>,
    pub rule: Rule,
}

/// One row a rule: by web ACL, then in the order in which they are looked at.
pub(super) fn rows(model: &Model) -> Vec<RuleRow> {
    let mut rows = Vec::new();
    for (slot, region) in model.estate.regions() {
        for document in region.web_acls.value().into_iter().flatten() {
            let rules = document.acl.rules.iter().cloned();
            rows.extend(rules.map(|rule| RuleRow { slot, document: Arc::clone(document), rule }));
        }
    }
    rows.sort_by(|one, other| {
        let place = |row: &RuleRow| (row.slot, row.document.acl.name.clone(), row.rule.priority);
        place(one).cmp(&place(other))
    });
    rows
}

/// What a rule does, as a verb; what a group does is its own rules' affair.
pub fn action(rule: &Rule) -> String {
    let overridden = rule.group.as_ref().map_or(0, |group| group.overrides.len() + group.excluded.len());
    match &rule.action {
        RuleAction::GroupDecides if overridden > 0 => format!("{overridden} overridden"),
        RuleAction::GroupDecides => "as its rules".to_owned(),
        RuleAction::GroupCounts => "count all".to_owned(),
        action => action.to_string(),
    }
}

impl TableRow for RuleRow {
    fn key(&self) -> RowKey {
        RowKey::Rule(self.slot, self.document.acl.arn.clone(), self.rule.name.clone())
    }

    fn text(&self) -> String {
        let group = self.rule.group.as_ref();
        let overridden: Vec<&str> = group
            .map(|group| {
                let overrides = group.overrides.iter().map(|entry| entry.rule.as_str());
                overrides.chain(group.excluded.iter().map(String::as_str)).collect()
            })
            .unwrap_or_default();
        format!(
            "{} {} {} {} {} {}",
            self.document.acl.name,
            self.rule.name,
            self.rule.kind.word(),
            action(&self.rule),
            self.rule.statement,
            overridden.join(" ")
        )
    }

    #[expect(clippy::cast_precision_loss, reason = "limits and priorities are far below 2^52")]
    fn value(&self, column: &str, _now: Timestamp) -> Value {
        match column {
            "priority" => Value::Number(self.rule.priority as f64),
            "rule" => Value::Text(self.rule.name.clone()),
            "action" => Value::Text(action(&self.rule)),
            "web-acl" => Value::Text(self.document.acl.name.clone()),
            "kind" => Value::Text(self.rule.kind.word().to_owned()),
            "rate" => number(self.rule.rate.as_ref().map(|rate| rate.limit as f64)),
            "statement" => Value::Text(self.rule.statement.clone()),
            _ => Value::Absent,
        }
    }

    fn is_in(&self, scope: &Scope) -> bool {
        match scope {
            Scope::WebAcl { slot, arn, .. } => self.slot == *slot && self.document.acl.arn == *arn,
            _ => true,
        }
    }
}
