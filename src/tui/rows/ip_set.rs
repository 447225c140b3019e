//! An IP set as a row: how many networks it holds, and which rules use it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::{RowKey, TableRow, count};
use crate::domain::estate::{RegionEstate, RegionSlot};
use crate::domain::filter::Value;
use crate::domain::ip_set::IpSetDocument;
use crate::tui::model::{Model, Scope};

#[derive(Clone, Debug)]
pub struct IpSetRow {
    pub slot: RegionSlot,
    pub document: Arc<IpSetDocument>,
    /// Rules that refer to it, as `ACL RULE`; none where the web ACLs were not read.
    pub used_by: Option<Vec<String>>,
}

/// One row an IP set, by name.
pub(super) fn rows(model: &Model) -> Vec<IpSetRow> {
    let mut rows = Vec::new();
    for (slot, region) in model.estate.regions() {
        let mut users = users_of_sets(region);
        for document in region.ip_sets.value().into_iter().flatten() {
            let used_by = users.as_mut().map(|users| users.remove(&document.set.arn).unwrap_or_default());
            rows.push(IpSetRow { slot, document: Arc::clone(document), used_by });
        }
    }
    rows.sort_by(|one, other| {
        (one.slot, &one.document.set.name).cmp(&(other.slot, &other.document.set.name))
    });
    rows
}

/// Which rules of which web ACLs name an ARN anywhere in their statements, by that ARN.
fn users_of_sets(region: &RegionEstate) -> Option<BTreeMap<String, Vec<String>>> {
    let mut users: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for document in region.web_acls.value()? {
        for rule in document.body["Rules"].as_array().into_iter().flatten() {
            let mut arns = Vec::new();
            collect_arns(&rule["Statement"], &mut arns);
            arns.sort_unstable();
            arns.dedup();
            let name = rule["Name"].as_str().unwrap_or_default();
            let user = crate::domain::text::sanitise(&format!("{} {name}", document.acl.name)).into_owned();
            for arn in arns {
                users.entry(arn.to_owned()).or_default().push(user.clone());
            }
        }
    }
    Some(users)
}

fn collect_arns<'body>(statement: &'body Json, found: &mut Vec<&'body str>) {
    match statement {
        Json::Object(members) => {
            found.extend(members.get("ARN").and_then(Json::as_str));
            members.values().for_each(|member| collect_arns(member, found));
        }
        Json::Array(members) => members.iter().for_each(|member| collect_arns(member, found)),
        _ => {}
    }
}

impl IpSetRow {
    /// Whether an edit could be sent without losing anything.
    pub fn editable(&self) -> &'static str {
        if self.document.lost.is_none() { "yes" } else { "no" }
    }

    /// The rules that use it; `nothing` where none does.
    pub fn users(&self) -> Option<String> {
        let users = self.used_by.as_ref()?;
        Some(if users.is_empty() { "nothing".to_owned() } else { users.join(", ") })
    }
}

impl TableRow for IpSetRow {
    fn key(&self) -> RowKey {
        RowKey::IpSet(self.slot, self.document.set.arn.clone())
    }

    fn text(&self) -> String {
        let set = &self.document.set;
        let description = set.description.as_deref().unwrap_or_default();
        let users = self.users().unwrap_or_default();
        format!("{} {} {description} {users} {}", set.name, set.id, set.addresses.join(" "))
    }

    fn value(&self, column: &str, _now: Timestamp) -> Value {
        let set = &self.document.set;
        match column {
            "ip-set" => Value::Text(set.name.clone()),
            "version" => Value::Text(set.version.to_string()),
            "addresses" => count(set.addresses.len()),
            "editable" => Value::Text(self.editable().to_owned()),
            "used-by" => self.users().map_or(Value::Absent, Value::Text),
            "description" => set.description.clone().map_or(Value::Absent, Value::Text),
            _ => Value::Absent,
        }
    }

    fn is_in(&self, _scope: &Scope) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_found_however_deep_it_stands() {
        let set = "arn:aws:wafv2:eu-west-1:123456789012:regional/ipset/blocked/1";
        let statement = serde_json::json!({ "AndStatement": { "Statements": [
            { "NotStatement": { "Statement": { "IPSetReferenceStatement": { "ARN": set } } } },
            { "GeoMatchStatement": { "CountryCodes": ["ARN"] } },
        ] } });
        let mut found = Vec::new();
        collect_arns(&statement, &mut found);
        assert_eq!(found, [set]);
    }
}
