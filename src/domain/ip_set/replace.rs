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

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(add: &[&str], remove: &[&str]) -> Result<EditedIpSet, IpSetRefused> {
        let addresses = ["10.0.0.0/8", "10.1.0.0/16", "192.0.2.44/32"];
        let body = json!({ "Name": "set", "Id": "1", "IPAddressVersion": "IPV4", "Addresses": addresses });
        let owned = |list: &[&str]| list.iter().map(|&address| address.to_owned()).collect::<Vec<_>>();
        IpSetDocument::new(body, "token", None).unwrap().replace(&owned(add), &owned(remove))
    }

    #[test]
    fn one_within_another_goes_and_comes_back() {
        let without = replaced(&[], &["10.1.0.0/16"]).unwrap().body;
        assert_eq!(without["Addresses"], json!(["10.0.0.0/8", "192.0.2.44/32"]));
        let back =
            IpSetDocument::new(without, "token", None).unwrap().replace(&["10.1.0.0/16".to_owned()], &[]);
        assert_eq!(back.unwrap().body["Addresses"], json!(["10.0.0.0/8", "192.0.2.44/32", "10.1.0.0/16"]));
    }

    #[test]
    fn what_somebody_else_did_meanwhile_is_told() {
        let by = |refused: Result<EditedIpSet, IpSetRefused>| refused.unwrap_err();
        assert!(matches!(by(replaced(&["192.0.2.44"], &[])), IpSetRefused::AlreadyIn { .. }));
        assert!(matches!(by(replaced(&[], &["192.0.2.45"])), IpSetRefused::NotIn { .. }));
        assert!(matches!(by(replaced(&[], &["192.0.2.44", "192.0.2.44"])), IpSetRefused::NotIn { .. }));
        let moved = replaced(&["198.51.100.7/32"], &["192.0.2.44/32"]).unwrap();
        assert_eq!(moved.body["Addresses"], json!(["10.0.0.0/8", "10.1.0.0/16", "198.51.100.7/32"]));
    }
}
