//! The table of actions holds together.

use super::*;
use std::collections::BTreeSet;

#[test]
fn ids_are_unique_and_kebab_case() {
    let ids: BTreeSet<_> = ACTIONS.iter().map(|info| info.id).collect();
    assert_eq!(ids.len(), ACTIONS.len());
    for id in ids {
        assert!(id.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'), "{id}");
    }
}

#[test]
fn each_action_stands_in_the_table_once() {
    let actions: BTreeSet<_> = ACTIONS.iter().map(|info| info.action).collect();
    assert_eq!(actions.len(), ACTIONS.len());
    assert!(!actions.contains(&Action::Panic), "hidden");
}

#[test]
fn every_action_is_documented_and_reachable() {
    for info in ACTIONS {
        assert!(info.doc.len() > 8 && !info.title.is_empty(), "{}", info.id);
        assert!(!info.keys.is_empty() || info.in_palette, "{} can't be reached", info.id);
    }
}

#[test]
fn what_can_alter_something_is_not_a_slip_of_a_finger_away() {
    for info in ACTIONS.iter().filter(|info| info.dangerous) {
        // A move in front was said yes to; its keys work nowhere else.
        let is_asked_for = matches!(info.scope, Scope::Confirmation | Scope::Move);
        assert!(info.keys.is_empty() || is_asked_for, "{}", info.id);
    }
}
