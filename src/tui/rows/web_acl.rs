//! A web ACL as a row: what it does by default, how many rules, and which stages it stands before.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::{RowKey, TableRow, count, number};
use crate::domain::estate::RegionSlot;
use crate::domain::filter::Value;
use crate::domain::web_acl::{RuleAction, WebAclDocument};
use crate::tui::model::{Model, Scope};

#[derive(Clone, Debug)]
pub struct AclRow {
    pub slot: RegionSlot,
    pub document: Arc<WebAclDocument>,
    /// The stages that it stands before, as `API/STAGE`.
    pub stages: Vec<String>,
}

/// One row a web ACL, by name.
pub(super) fn rows(model: &Model) -> Vec<AclRow> {
    let mut stages = stages_of_acls(model);
    let mut rows = Vec::new();
    for (slot, region) in model.estate.regions() {
        for document in region.web_acls.value().into_iter().flatten() {
            let stages = stages.remove(&(slot, document.acl.arn.as_str())).unwrap_or_default();
            rows.push(AclRow { slot, document: Arc::clone(document), stages });
        }
    }
    rows.sort_by(|one, other| {
        (one.slot, &one.document.acl.name).cmp(&(other.slot, &other.document.acl.name))
    });
    rows
}

/// The stages say which web ACL they have, at no cost: WAF answers one such question a second.
pub(super) fn stages_of_acls(model: &Model) -> BTreeMap<(RegionSlot, &str), Vec<String>> {
    let mut stages: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for (slot, entry) in model.estate.apis() {
        for stage in entry.stages.value().into_iter().flatten() {
            if let Some(arn) = &stage.web_acl_arn {
                let name = format!("{}/{}", entry.api.name, stage.name);
                stages.entry((slot, arn.as_str())).or_default().push(name);
            }
        }
    }
    stages
}

impl AclRow {
    /// Rules that do this by themselves.
    pub fn acting(&self, action: &RuleAction) -> usize {
        self.document.acl.rules.iter().filter(|rule| rule.action == *action).count()
    }

    pub fn groups(&self) -> usize {
        self.document.acl.rules.iter().filter(|rule| rule.kind.is_group()).count()
    }

    /// Whether an edit could be sent without losing anything.
    pub fn editable(&self) -> &'static str {
        if self.document.editable().is_ok() { "yes" } else { "no" }
    }
}

impl TableRow for AclRow {
    fn key(&self) -> RowKey {
        RowKey::WebAcl(self.slot, self.document.acl.arn.clone())
    }

    fn text(&self) -> String {
        let acl = &self.document.acl;
        let rules: Vec<&str> = acl.rules.iter().map(|rule| rule.name.as_str()).collect();
        format!("{} {} {} {}", acl.name, acl.id, self.stages.join(" "), rules.join(" "))
    }

    fn value(&self, column: &str, _now: Timestamp) -> Value {
        let acl = &self.document.acl;
        let capacity = acl.capacity.and_then(|units| u32::try_from(units).ok()).map(f64::from);
        match column {
            "web-acl" => Value::Text(acl.name.clone()),
            "default" => Value::Text(acl.default_action.to_string()),
            "rules" => count(acl.rules.len()),
            "block" => count(self.acting(&RuleAction::Block)),
            "count" => count(self.acting(&RuleAction::Count) + self.acting(&RuleAction::GroupCounts)),
            "groups" => count(self.groups()),
            "capacity" => number(capacity),
            "editable" => Value::Text(self.editable().to_owned()),
            "stages" => count(self.stages.len()),
            "attached" if self.stages.is_empty() => Value::Absent,
            "attached" => Value::Text(self.stages.join(", ")),
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
