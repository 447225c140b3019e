//! Tags of whatever has an ARN in WAF.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::input::{self, Input, nonexistent};
use crate::estate::Estate;
use crate::server::fault::Fault;

pub fn list(estate: &Estate, input: &Input) -> Result<Value, Fault> {
    let arn = input.text("ResourceARN")?;
    let waf = &estate.waf;
    let tags = waf
        .web_acls
        .iter()
        .map(|acl| (&acl.arn, &acl.tags))
        .chain(waf.ip_sets.iter().map(|set| (&set.arn, &set.tags)))
        .chain(waf.regex_pattern_sets.iter().map(|set| (&set.arn, &set.tags)))
        .chain(waf.rule_groups.iter().map(|group| (&group.arn, &group.tags)))
        .find_map(|(known, tags)| (known == arn).then_some(tags))
        .ok_or_else(nonexistent)?;
    let tags: Vec<Value> = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    Ok(json!({ "TagInfoForResource": { "ResourceARN": arn, "TagList": tags } }))
}

pub fn tag(estate: &mut Estate, input: &Input) -> Result<Value, Fault> {
    let added = input::tags(input.list("Tags"));
    of(estate, input.text("ResourceARN")?)?.extend(added);
    Ok(json!({}))
}

pub fn untag(estate: &mut Estate, input: &Input) -> Result<Value, Fault> {
    let gone = input.list("TagKeys");
    of(estate, input.text("ResourceARN")?)?.retain(|key, _| !gone.iter().any(|gone| gone == key.as_str()));
    Ok(json!({}))
}

fn of<'e>(estate: &'e mut Estate, arn: &str) -> Result<&'e mut BTreeMap<String, String>, Fault> {
    let waf = &mut estate.waf;
    let acls = waf.web_acls.iter_mut().map(|acl| (&acl.arn, &mut acl.tags));
    let sets = waf.ip_sets.iter_mut().map(|set| (&set.arn, &mut set.tags));
    let patterns = waf.regex_pattern_sets.iter_mut().map(|set| (&set.arn, &mut set.tags));
    let groups = waf.rule_groups.iter_mut().map(|group| (&group.arn, &mut group.tags));
    let mut all = acls.chain(sets).chain(patterns).chain(groups);
    all.find_map(|(known, tags)| (known == arn).then_some(tags)).ok_or_else(nonexistent)
}
