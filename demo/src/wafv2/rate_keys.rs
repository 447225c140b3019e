//! The addresses that a rate rule limits now.

use serde_json::{Value, json};

use super::input::{Input, nonexistent};
use crate::estate::{Estate, WebAcl};
use crate::server::fault::Fault;

/// AWS: only for rules that count by address.
pub fn get(estate: &Estate, input: &Input) -> Result<Value, Fault> {
    input.regional()?;
    let (name, id) = (input.text("WebACLName")?, input.text("WebACLId")?);
    let acl = estate.waf.web_acls.iter().find(|acl: &&WebAcl| acl.name == name && acl.id == id);
    let acl = acl.ok_or_else(nonexistent)?;
    let rule_name = input.text("RuleName")?;
    let rules = acl.document["Rules"].as_array().into_iter().flatten();
    let rule = rules.into_iter().find(|rule| rule["Name"] == rule_name).ok_or_else(nonexistent)?;
    let statement = rule["Statement"].get("RateBasedStatement").ok_or_else(nonexistent)?;
    if !matches!(statement["AggregateKeyType"].as_str(), Some("IP" | "FORWARDED_IP")) {
        let message = "The rule that you've named doesn't aggregate solely on the IP address or solely on the \
                       forwarded IP address.";
        return Err(Fault::new(400, "WAFUnsupportedAggregateKeyTypeException", message));
    }
    let addresses = estate.waf.limited.addresses(&acl.arn, rule_name);
    let (v4, v6): (Vec<_>, Vec<_>) = addresses.into_iter().partition(std::net::IpAddr::is_ipv4);
    let set = |version: &str, prefix: u8, addresses: Vec<std::net::IpAddr>| {
        let addresses: Vec<String> = addresses.iter().map(|address| format!("{address}/{prefix}")).collect();
        json!({ "IPAddressVersion": version, "Addresses": addresses })
    };
    Ok(json!({
        "ManagedKeysIPV4": set("IPV4", 32, v4),
        "ManagedKeysIPV6": set("IPV6", 128, v6),
    }))
}
