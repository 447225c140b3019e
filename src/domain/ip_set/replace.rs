//! Some networks put into a set and others taken out of it at once: how a planned change and its way back are
//! carried out.

use serde_json::json;

use super::{EditedIpSet, IpSetDocument, IpSetRefused, MOST_ADDRESSES, normalised, parse};
use crate::domain::change::FieldChange;

impl IpSetDocument {
    /// Adds networks that aren't in the set, and removes others that are, each by itself: unlike
    /// [`IpSetDocument::add`] it also adds one that lies within another, since the set may have been so before.
    ///
    /// # Errors
    /// Where one is in the set already or isn't in it, or the document would not come back whole.
    pub fn replace(&self, add: &[String], remove: &[String]) -> Result<EditedIpSet, IpSetRefused> {
        let set = || self.set.name.clone();
        if let Some(path) = &self.lost {
            return Err(IpSetRefused::Lossy { set: set(), path: path.clone() });
        }
        let mut addresses = self.raw_addresses();
        for address in remove {
            let wanted = parse(address);
            let before = addresses.len();
            addresses.retain(|present| present.as_str().and_then(parse) != wanted);
            if addresses.len() == before {
                return Err(IpSetRefused::NotIn { set: set(), address: normalised(address), by: None });
            }
        }
        for address in add {
            let wanted = self.network(address)?;
            let present = addresses.iter().filter_map(|present| present.as_str());
            if let Some(by) = present.into_iter().find(|present| parse(present) == Some(wanted)) {
                let (address, by) = (wanted.to_string(), by.to_owned());
                return Err(IpSetRefused::AlreadyIn { set: set(), address, by });
            }
            addresses.push(json!(wanted.to_string()));
        }
        if addresses.len() > MOST_ADDRESSES {
            return Err(IpSetRefused::TooMany { set: set(), count: addresses.len() });
        }
        let mut body = self.body.clone();
        body["Addresses"] = json!(addresses);
        let change = |address: &String, before: &str, after: &str| FieldChange {
            field: normalised(address),
            before: before.to_owned(),
            after: after.to_owned(),
        };
        let added = add.iter().map(|address| change(address, "absent", "present"));
        let removed = remove.iter().map(|address| change(address, "present", "absent"));
        Ok(EditedIpSet { body, changes: added.chain(removed).collect() })
    }
}
