//! What may go into an IP set and out of it, and what is refused.

use super::*;

fn document(version: &str, addresses: &[&str]) -> IpSetDocument {
    let body = json!({
        "Name": "blocked",
        "Id": "1",
        "ARN": "arn:aws:wafv2:eu-west-1:123456789012:regional/ipset/blocked/1",
        "Description": "",
        "IPAddressVersion": version,
        "Addresses": addresses,
        "Unknown": { "stays": true },
    });
    IpSetDocument::new(body, "token", None).unwrap()
}

#[test]
fn an_address_is_added_and_removed_and_the_rest_stays() {
    let set = document("IPV4", &["192.0.2.0/28"]);
    assert_eq!((set.set.version, set.set.description.as_deref()), (IpVersion::Ipv4, None));
    let added = set.add(" 198.51.100.7 ").unwrap();
    assert_eq!(added.body["Addresses"], json!(["192.0.2.0/28", "198.51.100.7/32"]));
    assert_eq!(added.body["Unknown"], set.body["Unknown"]);
    let change = |field: &str, before: &str, after: &str| FieldChange {
        field: field.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
    };
    assert_eq!(
        added.changes,
        [change("198.51.100.7/32", "absent", "present"), change("addresses", "1", "2")]
    );
    let with = IpSetDocument::new(added.body, "token", None).unwrap();
    let removed = with.remove("198.51.100.7").unwrap();
    assert_eq!(removed.body, set.body);
    assert_eq!(removed.changes[1], change("addresses", "2", "1"));
}

#[test]
fn ipv6_is_told_by_value_and_not_by_spelling() {
    let set = document("IPV6", &["2001:0db8:0000:0000:0000:0000:0000:0000/48"]);
    assert!(matches!(set.add("2001:db8::1"), Err(IpSetRefused::AlreadyIn { by, .. }) if by.ends_with("/48")));
    assert_eq!(set.remove("2001:db8::/48").unwrap().body["Addresses"], json!([]));
    let added = set.add("2001:DB8:1::/64").unwrap();
    assert_eq!(added.body["Addresses"][1], "2001:db8:1::/64");
}

#[test]
fn what_aws_would_not_take_or_not_notice_is_refused() {
    let set = document("IPV4", &["192.0.2.0/24"]);
    for (typed, says) in [
        ("", "'' is no address"),
        ("localhost", "'localhost' is no address"),
        ("192.0.2.256", "is no address"),
        ("192.0.2.0/33", "is no address"),
        ("192.0.2.0/", "is no address"),
        ("0.0.0.0/0", "AWS takes no /0"),
        ("198.51.100.7/24", "the network is 198.51.100.0/24"),
        ("2001:db8::1", "holds IPV4 addresses, and 2001:db8::1/128 is none"),
        ("192.0.2.9", "192.0.2.9/32 is in the IP set blocked already, as 192.0.2.0/24"),
    ] {
        let refused = set.add(typed).unwrap_err().to_string();
        assert!(refused.contains(says), "{typed}: {refused}");
    }
    let refused = set.remove("198.51.100.7").unwrap_err().to_string();
    assert_eq!(refused, "198.51.100.7/32 is not in the IP set blocked");
    let refused = set.remove("192.0.2.9").unwrap_err().to_string();
    assert!(refused.contains("it lies within 192.0.2.0/24"), "{refused}");
}

#[test]
fn a_set_takes_ten_thousand_and_no_more() {
    let addresses: Vec<String> =
        (0..MOST_ADDRESSES).map(|place| format!("10.{}.{}.0/32", place / 256, place % 256)).collect();
    let mut addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let full = document("IPV4", &addresses);
    assert_eq!(
        full.add("192.0.2.1").unwrap_err(),
        IpSetRefused::TooMany { set: "blocked".into(), count: MOST_ADDRESSES + 1 }
    );
    addresses.pop();
    document("IPV4", &addresses).add("192.0.2.1").unwrap();
}

#[test]
fn a_set_that_would_lose_something_is_not_edited() {
    let set = document("IPV4", &[]);
    let lossy = IpSetDocument { lost: Some("Unknown".to_owned()), ..set };
    assert!(matches!(lossy.add("192.0.2.1"), Err(IpSetRefused::Lossy { path, .. }) if path == "Unknown"));
    assert!(IpSetDocument::new(json!({ "IPAddressVersion": "IPV5" }), "", None).is_none());
}
