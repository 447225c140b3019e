//! IP sets of AWS WAF: lists of networks that rules refer to, and edits of them.
//!
//! AWS replaces the whole list with each update, so an edit works on the document that was read.

mod replace;

use std::fmt;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::change::FieldChange;
use super::text::sanitise;

/// AWS: networks of one IP set.
pub const MOST_ADDRESSES: usize = 10_000;

/// A list of networks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpSet {
    pub name: String,
    pub id: String,
    pub arn: String,
    pub description: Option<String>,
    pub version: IpVersion,
    /// In CIDR notation, as AWS gave them.
    pub addresses: Vec<String>,
    /// Changes with each update; an update brings the one that was read.
    pub lock_token: String,
}

/// Which addresses a set holds: never both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum IpVersion {
    Ipv4,
    Ipv6,
}

impl IpVersion {
    fn of(network: &IpNet) -> Self {
        match network {
            IpNet::V4(_) => Self::Ipv4,
            IpNet::V6(_) => Self::Ipv6,
        }
    }
}

impl fmt::Display for IpVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Ipv4 => "IPV4",
            Self::Ipv6 => "IPV6",
        })
    }
}

/// An IP set with the document that it was read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpSetDocument {
    pub set: IpSet,
    /// The `IPSet` of `GetIPSet`, as AWS gave it.
    pub body: Value,
    /// The path of the first member that an update of this version's would lose.
    pub lost: Option<String>,
}

/// An IP set's document with its list edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditedIpSet {
    /// The whole document, to be sent with the lock token of the one that was read.
    pub body: Value,
    pub changes: Vec<FieldChange>,
}

/// An edit that must not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum IpSetRefused {
    #[error("the IP set {set} has {path}, which this version of cellgate doesn't know and would lose")]
    Lossy { set: String, path: String },
    #[error(
        "'{0}' is no address: write one, or a network in CIDR notation such as 192.0.2.0/24 or 2001:db8::/32"
    )]
    NotAnAddress(String),
    #[error("{address} reaches beyond its mask: the network is {network}")]
    HostBits { address: String, network: String },
    #[error("{address} is every address there is, and AWS takes no /0")]
    Everything { address: String },
    #[error("the IP set {set} holds {version} addresses, and {address} is none")]
    OtherVersion { set: String, version: IpVersion, address: String },
    #[error("{address} is in the IP set {set} already, as {by}")]
    AlreadyIn { set: String, address: String, by: String },
    #[error("{address} is not in the IP set {set}{}", within(.by.as_deref()))]
    NotIn { set: String, address: String, by: Option<String> },
    #[error("the IP set {set} would have {count} addresses, and AWS takes {MOST_ADDRESSES}")]
    TooMany { set: String, count: usize },
}

fn within(network: Option<&str>) -> String {
    network
        .map(|network| format!(" by itself: it lies within {network}, which can only be removed whole"))
        .unwrap_or_default()
}

impl IpSetDocument {
    /// Reads the `IPSet` of an answer. None where it is neither of IPv4 nor of IPv6.
    pub fn new(body: Value, lock_token: &str, lost: Option<String>) -> Option<Self> {
        let text = |name: &str| sanitise(body[name].as_str().unwrap_or_default()).into_owned();
        let addresses = body["Addresses"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let set = IpSet {
            name: text("Name"),
            id: text("Id"),
            arn: text("ARN"),
            description: Some(text("Description")).filter(|description| !description.is_empty()),
            version: match text("IPAddressVersion").as_str() {
                "IPV4" => IpVersion::Ipv4,
                "IPV6" => IpVersion::Ipv6,
                _ => return None,
            },
            addresses: addresses.map(|address| sanitise(address).into_owned()).collect(),
            lock_token: lock_token.to_owned(),
        };
        Some(Self { set, body, lost })
    }

    /// Adds an address or a network.
    ///
    /// # Errors
    /// Where it is in the set already, of the other version, or one too many.
    pub fn add(&self, address: &str) -> Result<EditedIpSet, IpSetRefused> {
        let network = self.network(address)?;
        if let Some(by) = self.parsed().find(|(_, present)| present.contains(&network)).map(|(by, _)| by) {
            return Err(IpSetRefused::AlreadyIn {
                set: self.set.name.clone(),
                address: network.to_string(),
                by: by.to_owned(),
            });
        }
        let count = self.set.addresses.len() + 1;
        if count > MOST_ADDRESSES {
            return Err(IpSetRefused::TooMany { set: self.set.name.clone(), count });
        }
        let mut addresses = self.raw_addresses();
        addresses.push(json!(network.to_string()));
        Ok(self.edited(addresses, &network, "absent", "present"))
    }

    /// Removes an address or a network, in whatever way the set spells it.
    ///
    /// # Errors
    /// Where it is not in the set by itself.
    pub fn remove(&self, address: &str) -> Result<EditedIpSet, IpSetRefused> {
        let network = self.network(address)?;
        if !self.parsed().any(|(_, present)| present == network) {
            let by =
                self.parsed().find(|(_, present)| present.contains(&network)).map(|(by, _)| by.to_owned());
            let (set, address) = (self.set.name.clone(), network.to_string());
            return Err(IpSetRefused::NotIn { set, address, by });
        }
        let mut addresses = self.raw_addresses();
        addresses.retain(|present| present.as_str().and_then(parse) != Some(network));
        Ok(self.edited(addresses, &network, "present", "absent"))
    }

    /// What the operator typed, as a network that may stand in this set.
    fn network(&self, typed: &str) -> Result<IpNet, IpSetRefused> {
        if let Some(path) = &self.lost {
            return Err(IpSetRefused::Lossy { set: self.set.name.clone(), path: path.clone() });
        }
        let typed = typed.trim();
        let network = parse(typed).ok_or_else(|| IpSetRefused::NotAnAddress(sanitise(typed).into_owned()))?;
        let address = network.to_string();
        if network.prefix_len() == 0 {
            return Err(IpSetRefused::Everything { address });
        }
        if network.trunc() != network {
            return Err(IpSetRefused::HostBits { address, network: network.trunc().to_string() });
        }
        if IpVersion::of(&network) != self.set.version {
            let (set, version) = (self.set.name.clone(), self.set.version);
            return Err(IpSetRefused::OtherVersion { set, version, address });
        }
        Ok(network)
    }

    fn parsed(&self) -> impl Iterator<Item = (&str, IpNet)> {
        self.set.addresses.iter().filter_map(|address| Some((address.as_str(), parse(address)?)))
    }

    fn raw_addresses(&self) -> Vec<Value> {
        self.body["Addresses"].as_array().cloned().unwrap_or_default()
    }

    fn edited(&self, addresses: Vec<Value>, network: &IpNet, before: &str, after: &str) -> EditedIpSet {
        let (count, new_count) = (self.raw_addresses().len(), addresses.len());
        let mut body = self.body.clone();
        body["Addresses"] = Value::Array(addresses);
        let change = |field: String, before: String, after: String| FieldChange { field, before, after };
        EditedIpSet {
            body,
            changes: vec![
                change(network.to_string(), before.to_owned(), after.to_owned()),
                change("addresses".to_owned(), count.to_string(), new_count.to_string()),
            ],
        }
    }
}

/// An address or a network in the one way of writing it: AWS spells addresses of IPv6 in another than they were
/// sent in. What is neither stays as it is.
pub fn normalised(text: &str) -> String {
    parse(text).map_or_else(|| sanitise(text).into_owned(), |network| network.to_string())
}

/// How many bits of a network are its own; none where it is no network.
pub fn prefix_length(text: &str) -> Option<u8> {
    parse(text).map(|network| network.prefix_len())
}

/// A network, or an address as the network of it alone.
fn parse(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| {
        let width = if text.contains(':') { 128 } else { 32 };
        format!("{text}/{width}").parse().ok().filter(|_| !text.contains('/'))
    })
}

#[cfg(test)]
mod tests;
