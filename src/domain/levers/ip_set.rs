//! IP sets as targets: each network is a setting that is there or isn't, in the one way of writing it.

use serde_json::json;

use super::draft::{Draft, DraftStep};
use super::wanted::Wanted;
use super::web_acl::{LOST, TAKES_A_MINUTE};
use crate::domain::change::{
    FieldChange, Refusal, Request, Risk, SettingChange, Settings, Target, WafTarget,
};
use crate::domain::ip_set::{
    IpSetDocument, IpSetRefused, IpVersion, MOST_ADDRESSES, normalised, prefix_length,
};

pub const ADDRESSES: &str = "/addresses/";
/// Read, and never written.
pub const VERSION: &str = "/addressVersion";
const PRESENT: &str = "present";
/// A network that is wider takes the set's name to confirm.
const WIDE_IPV4: u8 = 16;
const WIDE_IPV6: u8 = 32;

/// Everything of an IP set that is compared.
pub fn settings(document: &IpSetDocument) -> Settings {
    let mut settings = Settings::default();
    for address in &document.set.addresses {
        settings.set(format!("{ADDRESSES}{}", normalised(address)), PRESENT);
    }
    settings.set(VERSION, document.set.version.to_string());
    if let Some(path) = &document.lost {
        settings.set(LOST, path);
    }
    settings
}

/// What the settings tell of the document: enough to judge an edit, and never sent.
fn document(target: &Target, set: &WafTarget, settings: &Settings) -> Result<IpSetDocument, Refusal> {
    let addresses = settings.under(ADDRESSES).filter_map(|(name, _)| name.strip_prefix(ADDRESSES));
    let body = json!({
        "Name": set.name,
        "Id": set.id,
        "IPAddressVersion": settings.get(VERSION),
        "Addresses": addresses.collect::<Vec<_>>(),
    });
    let lost = settings.get(LOST).map(str::to_owned);
    IpSetDocument::new(body, "", lost).ok_or_else(|| Refusal::Forbidden {
        target: target.to_string(),
        why: "its addresses are neither of IPv4 nor of IPv6".to_owned(),
    })
}

/// One update for all of them.
///
/// # Errors
/// Where something else than addresses is to be altered, or the set would not come back whole.
pub fn steps(
    target: &Target,
    set: &WafTarget,
    changes: &[SettingChange],
    settings: &Settings,
) -> Result<Vec<DraftStep>, Refusal> {
    let forbidden = |why: String| Err(Refusal::Forbidden { target: target.to_string(), why });
    if let Some(path) = settings.get(LOST) {
        let (set, path) = (set.name.clone(), path.to_owned());
        return Err(refused(target, &IpSetRefused::Lossy { set, path }));
    }
    let (mut add, mut remove) = (Vec::new(), Vec::new());
    for change in changes {
        let Some(address) = change.setting.strip_prefix(ADDRESSES) else {
            return forbidden(format!("the {} can't be set", label(&change.setting)));
        };
        let list = if change.after.is_some() { &mut add } else { &mut remove };
        list.push(address.to_owned());
    }
    let request = Request::UpdateIPSet { set: set.clone(), add, remove };
    Ok(vec![DraftStep::new(request, changes.to_vec())])
}

/// A setting in words: the network itself.
pub fn label(setting: &str) -> String {
    match setting {
        VERSION => "kind of addresses".to_owned(),
        LOST => "what an update would lose".to_owned(),
        other => other.strip_prefix(ADDRESSES).unwrap_or(other).to_owned(),
    }
}

/// An address's coming or going in words; none for what is no address.
pub fn in_words(change: &SettingChange) -> Option<Vec<FieldChange>> {
    let field = change.setting.strip_prefix(ADDRESSES)?.to_owned();
    let shown = |value: &Option<String>| if value.is_some() { PRESENT } else { "absent" }.to_owned();
    Some(vec![FieldChange { field, before: shown(&change.before), after: shown(&change.after) }])
}

/// The change of one IP set that brings `wanted` about.
///
/// # Errors
/// As [`super::draft`].
pub fn draft(
    target: &Target,
    set: &WafTarget,
    wanted: &Wanted,
    settings: &Settings,
) -> Result<Draft, Refusal> {
    let Wanted::ChangeAddresses { add, remove } = wanted else {
        return Err(Refusal::NotOnThisKind {
            target: target.to_string(),
            kind: target.kind(),
            what: wanted.lever().title(),
        });
    };
    if add.is_empty() && remove.is_empty() {
        return Err(Refusal::Illegal {
            what: "the addresses".to_owned(),
            value: "none".to_owned(),
            legal: "give one or more to add or to remove".to_owned(),
        });
    }
    let mut document = document(target, set, settings)?;
    // What goes makes room for what comes.
    let removals = remove.iter().map(|address| (address, false));
    for (address, added) in removals.chain(add.iter().map(|address| (address, true))) {
        let edited = if added { document.add(address) } else { document.remove(address) };
        let edited = edited.map_err(|why| refused(target, &why))?;
        let lost = document.lost.take();
        document = IpSetDocument::new(edited.body, "", lost).unwrap_or(document);
    }
    let changes = settings.difference(&self::settings(&document));
    if changes.is_empty() {
        return Err(super::draft::unchanged(target, "what is removed is added again"));
    }
    let mut draft =
        Draft::of_settings(target, steps(target, set, &changes, settings)?).resting_on(LOST, settings);
    for change in &changes {
        let network = label(&change.setting);
        let widest = if document.set.version == IpVersion::Ipv4 { WIDE_IPV4 } else { WIDE_IPV6 };
        if prefix_length(&network).is_some_and(|length| length < widest) {
            draft = draft
                .with_risk(Risk::High)
                .warn(format!("{network} is a wide network: many senders are in it who are not meant"));
        }
    }
    Ok(draft.warn(TAKES_A_MINUTE))
}

/// Why an edit must not be made, in the terms of a change.
fn refused(target: &Target, why: &IpSetRefused) -> Refusal {
    let name = target.to_string();
    let illegal = |value: &str, legal: String| Refusal::Illegal {
        what: "the address".to_owned(),
        value: value.to_owned(),
        legal,
    };
    match why {
        IpSetRefused::NotAnAddress(typed) => illegal(
            typed,
            "write an address, or a network in CIDR notation such as 192.0.2.0/24 or 2001:db8::/32"
                .to_owned(),
        ),
        IpSetRefused::HostBits { address, network } => {
            illegal(address, format!("it reaches beyond its mask: the network is {network}"))
        }
        IpSetRefused::Everything { address } => {
            illegal(address, "it is every address there is, and AWS takes no /0".to_owned())
        }
        IpSetRefused::OtherVersion { version, address, .. } => {
            illegal(address, format!("the set holds {version} addresses alone"))
        }
        IpSetRefused::TooMany { count, .. } => Refusal::Illegal {
            what: "addresses".to_owned(),
            value: count.to_string(),
            legal: format!("AWS takes up to {MOST_ADDRESSES} in a set"),
        },
        IpSetRefused::AlreadyIn { address, by, .. } => {
            Refusal::Unchanged { target: name, how: format!("{address} is in it, as {by}") }
        }
        IpSetRefused::NotIn { address, by: None, .. } => {
            Refusal::Unchanged { target: name, how: format!("{address} is not in it") }
        }
        other => Refusal::Forbidden { target: name, why: other.to_string() },
    }
}

#[cfg(test)]
mod tests;
