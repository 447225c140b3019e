//! IP sets: lists of networks that rules refer to.

use ipnet::IpNet;
use serde_json::{Value, json};

use super::input::{Input, invalid};
use super::items::{self, Item};
use crate::estate::{Estate, IpSet};
use crate::server::fault::Fault;

/// AWS: networks of one set.
const MOST_ADDRESSES: usize = 10_000;

pub fn list(estate: &Estate, input: &Input) -> Result<Value, Fault> {
    items::listing::<IpSet>(estate, input, "IPSets")
}

pub fn get(estate: &Estate, input: &Input) -> Result<Value, Fault> {
    let set = items::find::<IpSet>(estate, input)?;
    let document = json!({
        "Name": set.name,
        "Id": set.id,
        "ARN": set.arn,
        "Description": set.description,
        "IPAddressVersion": set.ip_version,
        "Addresses": set.addresses,
    });
    Ok(json!({ "IPSet": document, "LockToken": set.lock_token }))
}

pub fn create(estate: &mut Estate, input: &Input) -> Result<Value, Fault> {
    let (id, name, arn, lock_token) = items::claim::<IpSet>(estate, input)?;
    let ip_version = input.text("IPAddressVersion")?.to_owned();
    if !matches!(ip_version.as_str(), "IPV4" | "IPV6") {
        return Err(invalid("The address version is not valid.", "IP_ADDRESS_VERSION", &ip_version));
    }
    let addresses = addresses(input, &ip_version)?;
    let description = description(input);
    let set = IpSet { id, name, arn, lock_token, description, ip_version, addresses, tags: input.tags() };
    let answer = json!({ "Summary": items::summary(&set) });
    estate.waf.ip_sets.push(set);
    Ok(answer)
}

pub fn update(estate: &mut Estate, input: &Input) -> Result<Value, Fault> {
    let set = items::find_locked::<IpSet>(estate, input)?;
    // AWS: the list is replaced, not added to.
    set.addresses = addresses(input, &set.ip_version)?;
    set.description = description(input);
    set.lock_token = items::token(&mut rand::rng());
    Ok(json!({ "NextLockToken": set.lock_token }))
}

pub fn delete(estate: &mut Estate, input: &Input) -> Result<Value, Fault> {
    let arn = items::find_locked::<IpSet>(estate, input)?.arn().to_owned();
    items::check_unused(estate, &arn)?;
    estate.waf.ip_sets.retain(|set| set.arn != arn);
    Ok(json!({}))
}

fn description(input: &Input) -> String {
    input.member("Description").as_str().unwrap_or_default().to_owned()
}

/// The networks of a request: CIDR notation, of the set's version, and never the whole internet.
fn addresses(input: &Input, version: &str) -> Result<Vec<String>, Fault> {
    let list = input.list("Addresses");
    if list.len() > MOST_ADDRESSES {
        let message = format!("An IP set has at most {MOST_ADDRESSES} addresses");
        return Err(Fault::new(400, "WAFLimitsExceededException", message));
    }
    list.iter()
        .map(|address| {
            let text = address.as_str().unwrap_or_default();
            let network: Option<IpNet> = text.parse().ok();
            let fits = network.filter(|network| {
                let v4 = matches!(network, IpNet::V4(_));
                network.prefix_len() > 0 && v4 == (version == "IPV4")
            });
            let reason = "The address is not a network of this version in CIDR notation.";
            fits.map(|_| text.to_owned()).ok_or_else(|| invalid(reason, "IP_ADDRESS", text))
        })
        .collect()
}
