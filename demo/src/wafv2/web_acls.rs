//! Web ACLs. An update replaces the whole of one.

use serde_json::{Map, Value, json};

use super::input::Input;
use super::items::{self, Item};
use super::{associations, check};
use crate::estate::{Estate, WebAcl};
use crate::server::fault::Fault;

/// What an update replaces; members that are not sent are gone.
const MUTABLE: [&str; 11] = [
    "DefaultAction",
    "Description",
    "Rules",
    "VisibilityConfig",
    "CustomResponseBodies",
    "CaptchaConfig",
    "ChallengeConfig",
    "TokenDomains",
    "AssociationConfig",
    "DataProtectionConfig",
    "OnSourceDDoSProtectionConfig",
];

pub fn list(estate: &Estate, input: &Input) -> Result<Value, Fault> {
    items::listing::<WebAcl>(estate, input, "WebACLs")
}

pub fn get(estate: &Estate, input: &Input) -> Result<Value, Fault> {
    let acl = match input.member("ARN").as_str() {
        Some(arn) => estate.waf.web_acl(arn).ok_or_else(super::input::nonexistent)?,
        None => items::find::<WebAcl>(estate, input)?,
    };
    Ok(json!({ "WebACL": acl.document, "LockToken": acl.lock_token }))
}

pub fn create(estate: &mut Estate, input: &Input) -> Result<Value, Fault> {
    let (id, name, arn, lock_token) = items::claim::<WebAcl>(estate, input)?;
    let mut document = document(input)?;
    set_identity(&mut document, (&id, &name, &arn));
    let tags = input.tags();
    let acl = WebAcl { id, name, arn, lock_token, document, logging_configuration: None, tags };
    let answer = json!({ "Summary": items::summary(&acl) });
    estate.waf.web_acls.push(acl);
    Ok(answer)
}

pub fn update(estate: &mut Estate, input: &Input) -> Result<Value, Fault> {
    let acl = items::find_locked::<WebAcl>(estate, input)?;
    let mut document = document(input)?;
    set_identity(&mut document, (&acl.id, &acl.name, &acl.arn));
    acl.document = document;
    acl.lock_token = items::token(&mut rand::rng());
    Ok(json!({ "NextLockToken": acl.lock_token }))
}

pub fn delete(estate: &mut Estate, input: &Input) -> Result<Value, Fault> {
    let arn = items::find_locked::<WebAcl>(estate, input)?.arn().to_owned();
    if associations::stages_of(estate, &arn).next().is_some() {
        let message = "AWS WAF couldn\u{2019}t perform the operation because your resource is being used by another \
                       resource or it\u{2019}s associated with another resource.";
        return Err(Fault::new(400, "WAFAssociatedItemException", message));
    }
    estate.waf.web_acls.retain(|acl| acl.arn != arn);
    Ok(json!({}))
}

/// The members of a request that make up a web ACL, checked.
fn document(input: &Input) -> Result<Value, Fault> {
    check::default_action(input.object("DefaultAction")?)?;
    check::visibility(input.object("VisibilityConfig")?)?;
    check::rules(input.list("Rules"))?;
    let members = MUTABLE.into_iter().filter(|name| !input.member(name).is_null());
    let mut document: Map<String, Value> =
        members.map(|name| (name.to_owned(), input.member(name).clone())).collect();
    document.entry("Rules").or_insert_with(|| json!([]));
    Ok(Value::Object(document))
}

/// Adds what AWS tells beside what was sent.
pub fn set_identity(document: &mut Value, (id, name, arn): (&str, &str, &str)) {
    let capacity = check::rules_capacity(document["Rules"].as_array().map(Vec::as_slice).unwrap_or_default());
    let namespace = arn.split(':').nth(4).unwrap_or_default();
    document["Name"] = json!(name);
    document["Id"] = json!(id);
    document["ARN"] = json!(arn);
    document["Capacity"] = json!(capacity);
    document["ManagedByFirewallManager"] = json!(false);
    document["LabelNamespace"] = json!(format!("awswaf:{namespace}:webacl:{name}:"));
}
