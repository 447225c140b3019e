//! Addresses of IP sets: what is sent, and what is refused before.

use super::*;

fn set() -> WafTarget {
    WafTarget { id: "1".to_owned(), name: "blocked".to_owned() }
}

fn target() -> Target {
    Target::IpSet(set())
}

fn read(version: &str, addresses: &[&str]) -> Settings {
    let body = json!({ "Name": "blocked", "Id": "1", "IPAddressVersion": version, "Addresses": addresses });
    settings(&IpSetDocument::new(body, "token", None).unwrap())
}

fn wanted(add: &[&str], remove: &[&str]) -> Wanted {
    let owned = |list: &[&str]| list.iter().map(|&address| address.to_owned()).collect();
    Wanted::ChangeAddresses { add: owned(add), remove: owned(remove) }
}

fn drafted(add: &[&str], remove: &[&str], settings: &Settings) -> Result<Draft, Refusal> {
    draft(&target(), &set(), &wanted(add, remove), settings)
}

const V4: &[&str] = &["192.0.2.0/28", "192.0.2.44/32"];

#[test]
fn one_update_adds_and_removes_and_another_takes_it_back() {
    let before = read("IPV4", V4);
    let draft = drafted(&["198.51.100.7", "203.0.113.0/24"], &["192.0.2.44"], &before).unwrap();
    let lists = |step: &DraftStep| match &step.request {
        Request::UpdateIPSet { add, remove, .. } => (add.clone(), remove.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(draft.steps.len(), 1);
    let (added, removed) = lists(&draft.steps[0]);
    assert_eq!(
        (added.join(" "), removed.join(" ")),
        ("198.51.100.7/32 203.0.113.0/24".to_owned(), "192.0.2.44/32".to_owned())
    );
    let told: Vec<_> =
        draft.fields.iter().map(|at| format!("{} {} > {}", at.field, at.before, at.after)).collect();
    assert_eq!(
        told,
        [
            "192.0.2.44/32 present > absent",
            "198.51.100.7/32 absent > present",
            "203.0.113.0/24 absent > present"
        ]
    );
    assert_eq!(draft.risk, Risk::Low);

    let after = before.after(&draft.steps[0].changes);
    let back: Vec<_> = draft.steps[0].changes.iter().map(SettingChange::reversed).collect();
    let back = steps(&target(), &set(), &back, &after).unwrap();
    assert_eq!(lists(&back[0]), (removed, added));
    assert_eq!(after.after(&back[0].changes), before);
}

#[test]
fn illegal_addresses_are_refused_with_what_is_legal() {
    for (add, legal) in [
        ("", "CIDR notation"),
        ("example.com", "CIDR notation"),
        ("192.0.2", "CIDR notation"),
        ("192.0.2.256", "CIDR notation"),
        ("192.0.2.0/33", "CIDR notation"),
        ("192.0.2.0/-1", "CIDR notation"),
        ("192.0.2.1/24", "the network is 192.0.2.0/24"),
        ("0.0.0.0/0", "no /0"),
        ("2001:db8::/32", "IPV4 addresses alone"),
    ] {
        match drafted(&[add], &[], &read("IPV4", V4)) {
            Err(Refusal::Illegal { legal: told, .. }) => assert!(told.contains(legal), "{add}: {told}"),
            other => panic!("{add}: {other:?}"),
        }
    }
    let refused = drafted(&["192.0.2.1"], &[], &read("IPV6", &[])).unwrap_err();
    assert!(refused.to_string().contains("IPV6 addresses alone"), "{refused}");
    let full: Vec<String> =
        (0..MOST_ADDRESSES).map(|number| format!("10.0.{}.{}/32", number / 250, number % 250)).collect();
    let full = read("IPV4", &full.iter().map(String::as_str).collect::<Vec<_>>());
    let refused = drafted(&["192.0.2.1"], &[], &full).unwrap_err();
    assert!(refused.to_string().contains("up to 10000 in a set"), "{refused}");
    assert!(drafted(&["192.0.2.1"], &["10.0.0.0"], &full).is_ok(), "what goes makes room");
    assert!(matches!(drafted(&[], &[], &full), Err(Refusal::Illegal { .. })));
}

#[test]
fn what_is_so_already_is_unchanged() {
    for (add, remove, says) in [
        (&["192.0.2.5"][..], &[][..], "192.0.2.5/32 is in it, as 192.0.2.0/28"),
        (&["198.51.100.7", "198.51.100.7/32"], &[], "is in it"),
        (&[], &["198.51.100.7"], "198.51.100.7/32 is not in it"),
        (&["192.0.2.44"], &["192.0.2.44"], "added again"),
    ] {
        match drafted(add, remove, &read("IPV4", V4)) {
            Err(refused @ Refusal::Unchanged { .. }) => {
                assert!(refused.to_string().contains(says), "{refused}");
            }
            other => panic!("{add:?} {remove:?}: {other:?}"),
        }
    }
    let within = drafted(&[], &["192.0.2.5"], &read("IPV4", V4)).unwrap_err();
    assert!(matches!(&within, Refusal::Forbidden { why, .. } if why.contains("removed whole")), "{within}");
}

#[test]
fn an_address_has_one_setting_however_it_is_spelt() {
    let spelt = ["2001:0DB8:0000:0000:0000:0000:0000:0001/128"];
    let before = read("IPV6", &spelt);
    assert_eq!(before.get("/addresses/2001:db8::1/128"), Some(PRESENT));
    let draft = drafted(&[], &["2001:db8::1"], &before).unwrap();
    assert_eq!(draft.fields[0].field, "2001:db8::1/128");
}

#[test]
fn a_wide_network_asks_for_the_name() {
    let wide = drafted(&["10.0.0.0/8"], &[], &read("IPV4", V4)).unwrap();
    assert_eq!(wide.risk, Risk::High);
    assert!(wide.warnings[0].contains("10.0.0.0/8 is a wide network"), "{:?}", wide.warnings);
    assert_eq!(drafted(&["10.1.0.0/16"], &[], &read("IPV4", V4)).unwrap().risk, Risk::Low);
    let wide = drafted(&["2001:db8::/31"], &[], &read("IPV6", &[])).unwrap();
    assert_eq!(wide.risk, Risk::High);
}

#[test]
fn a_set_that_would_not_come_back_whole_is_left_alone() {
    let mut settings = read("IPV4", V4);
    settings.set(LOST, "NewMember");
    let refused = drafted(&["198.51.100.7"], &[], &settings).unwrap_err();
    assert!(refused.to_string().contains("NewMember"), "{refused}");
    assert!(matches!(refused, Refusal::Forbidden { .. }));
}
