//! Rule groups of the account's own.

use serde_json::{Value, json};

use super::check;
use super::input::{Input, invalid};
use super::items::{self, Item};
use crate::estate::{Estate, RuleGroup};
use crate::server::fault::Fault;

pub fn list(estate: &Estate, input: &Input) -> Result<Value, Fault> {
    items::listing::<RuleGroup>(estate, input, "RuleGroups")
}

pub fn get(estate: &Estate, input: &Input) -> Result<Value, Fault> {
    let group = match input.member("ARN").as_str() {
        Some(arn) => RuleGroup::all(estate).iter().find(|group| group.arn == arn),
        None => Some(items::find::<RuleGroup>(estate, input)?),
    };
    let group = group.ok_or_else(super::input::nonexistent)?;
    Ok(json!({ "RuleGroup": group.document, "LockToken": group.lock_token }))
}

pub fn create(estate: &mut Estate, input: &Input) -> Result<Value, Fault> {
    let (id, name, arn, lock_token) = items::claim::<RuleGroup>(estate, input)?;
    let capacity = input.member("Capacity").as_u64().filter(|capacity| *capacity > 0);
    let capacity = capacity.ok_or_else(|| invalid("A rule group needs a capacity.", "CAPACITY", ""))?;
    let mut document = document(input, capacity)?;
    set_identity(&mut document, (&id, &name, &arn), capacity);
    let group = RuleGroup { id, name, arn, lock_token, document, tags: input.tags() };
    let answer = json!({ "Summary": items::summary(&group) });
    estate.waf.rule_groups.push(group);
    Ok(answer)
}

pub fn update(estate: &mut Estate, input: &Input) -> Result<Value, Fault> {
    let group = items::find_locked::<RuleGroup>(estate, input)?;
    // AWS: the capacity is fixed when the group is made.
    let capacity = group.document["Capacity"].as_u64().unwrap_or_default();
    let mut document = document(input, capacity)?;
    set_identity(&mut document, (&group.id, &group.name, &group.arn), capacity);
    group.document = document;
    group.lock_token = items::token(&mut rand::rng());
    Ok(json!({ "NextLockToken": group.lock_token }))
}

pub fn delete(estate: &mut Estate, input: &Input) -> Result<Value, Fault> {
    let arn = items::find_locked::<RuleGroup>(estate, input)?.arn().to_owned();
    if estate.waf.web_acls.iter().any(|acl| acl.document.to_string().contains(&arn)) {
        let message = "AWS WAF couldn\u{2019}t perform the operation because your resource is being used by another \
                       resource or it\u{2019}s associated with another resource.";
        return Err(Fault::new(400, "WAFAssociatedItemException", message));
    }
    estate.waf.rule_groups.retain(|group| group.arn != arn);
    Ok(json!({}))
}

fn document(input: &Input, capacity: u64) -> Result<Value, Fault> {
    check::visibility(input.object("VisibilityConfig")?)?;
    check::rules(input.list("Rules"))?;
    if check::rules_capacity(input.list("Rules")) > capacity {
        return Err(invalid(
            "The rules need more than the group's capacity.",
            "CAPACITY",
            &capacity.to_string(),
        ));
    }
    Ok(json!({
        "Description": input.member("Description").as_str().unwrap_or_default(),
        "Rules": input.list("Rules"),
        "VisibilityConfig": input.member("VisibilityConfig"),
    }))
}

fn set_identity(document: &mut Value, (id, name, arn): (&str, &str, &str), capacity: u64) {
    let account = arn.split(':').nth(4).unwrap_or_default();
    document["Name"] = json!(name);
    document["Id"] = json!(id);
    document["ARN"] = json!(arn);
    document["Capacity"] = json!(capacity);
    document["LabelNamespace"] = json!(format!("awswaf:{account}:rulegroup:{name}:"));
}
