//! Rule groups that vendors offer.

use serde_json::{Value, json};

use super::engine::{CATALOGUE, ManagedGroup};
use super::input::{Input, nonexistent};
use crate::estate::Estate;
use crate::ledger::WafAction;
use crate::server::fault::Fault;

pub fn list(input: &Input) -> Result<Value, Fault> {
    input.regional()?;
    let (rows, next) = input.page(CATALOGUE.iter(), |group| group.name)?;
    let groups: Vec<Value> = rows
        .into_iter()
        .map(|group| {
            json!({
                "VendorName": group.vendor,
                "Name": group.name,
                "VersioningSupported": !group.versions.is_empty(),
                "Description": group.description,
            })
        })
        .collect();
    let mut answer = json!({ "ManagedRuleGroups": groups });
    if let Some(next) = next {
        answer["NextMarker"] = json!(next);
    }
    Ok(answer)
}

pub fn versions(estate: &Estate, input: &Input) -> Result<Value, Fault> {
    let group = find(input)?;
    let versions: Vec<Value> = group.versions.iter().map(|version| json!({ "Name": version })).collect();
    Ok(json!({ "Versions": versions, "CurrentDefaultVersion": default_version(estate, group) }))
}

pub fn describe(estate: &Estate, input: &Input) -> Result<Value, Fault> {
    let group = find(input)?;
    let version = match input.member("VersionName").as_str() {
        Some(version) if group.versions.contains(&version) => Some(version),
        Some(_) => return Err(nonexistent()),
        None => default_version(estate, group),
    };
    let rules: Vec<Value> = group
        .actions(version)
        .into_iter()
        .map(|(name, action)| {
            let action =
                if action == WafAction::Count { json!({ "Count": {} }) } else { json!({ "Block": {} }) };
            json!({ "Name": name, "Action": action })
        })
        .collect();
    let labels: Vec<Value> = group
        .actions(version)
        .into_iter()
        .map(|(name, _)| json!({ "Name": format!("{}{name}", group.label_namespace) }))
        .collect();
    Ok(json!({
        "VersionName": version,
        "Capacity": group.capacity,
        "Rules": rules,
        "LabelNamespace": group.label_namespace,
        "AvailableLabels": labels,
        "ConsumedLabels": [],
    }))
}

fn default_version<'a>(estate: &'a Estate, group: &'a ManagedGroup) -> Option<&'a str> {
    let changed = estate.waf.managed_versions.get(&format!("{}#{}", group.vendor, group.name));
    changed.map(String::as_str).or(group.default_version)
}

fn find(input: &Input) -> Result<&'static ManagedGroup, Fault> {
    input.regional()?;
    ManagedGroup::find(input.text("VendorName")?, input.text("Name")?).ok_or_else(nonexistent)
}
