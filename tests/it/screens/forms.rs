//! Forms: what a lever asks for, what is made of it, and what is refused on the line where it stands.

use cellgate::domain::levers::{RollbackTo, Wanted};
use cellgate::domain::method::MethodKey;
use cellgate::tui::action::{Action, Argument};
use cellgate::tui::effect::Effect;
use cellgate::tui::model::{Listing, Overlay, forms};

use super::console::Console;

/// What the last plan is to bring about.
fn wanted(effects: &[Effect]) -> Option<Wanted> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::Plan { wanted, .. } => Some(wanted.clone()),
        _ => None,
    })
}

fn open(console: &mut Console, lever: &str) {
    console.keys(":");
    console.type_text(lever);
    console.keys("enter");
    assert!(matches!(console.model.overlays.last(), Some(Overlay::Form(_))), "{lever} opens its form");
}

#[test]
fn a_throttle_is_typed_and_planned_in_few_keys() {
    let mut console = Console::loaded().at_stage("orders-api/prod").armed();
    open(&mut console, "throttle");
    // The method stands there already, and the cursor is behind it.
    console.type_text("50");
    console.keys("enter");
    console.type_text("100");
    super::picture("form-80x24", &console.screen_at(80, 24));
    let effects = console.keys("enter");
    assert_eq!(
        wanted(&effects),
        Some(Wanted::SetThrottle { method: MethodKey::All, rate: Some(50.0), burst: Some(100) })
    );
    assert!(matches!(console.model.overlays.last(), Some(Overlay::Planning { .. })));
}

#[test]
fn a_rollback_needs_one_key_beyond_its_name() {
    let mut console = Console::loaded().at_stage("orders-api/prod").armed();
    open(&mut console, "rollback");
    let effects = console.keys("enter");
    assert_eq!(wanted(&effects), Some(Wanted::Rollback { to: RollbackTo::Previous }));
}

#[test]
fn what_can_not_be_read_is_said_on_its_line_and_nothing_is_lost() {
    let mut console = Console::loaded().at_stage("orders-api/prod").armed();
    open(&mut console, "throttle");
    console.type_text("many");
    console.keys("enter");
    let effects = console.keys("enter");
    assert_eq!(wanted(&effects), None);
    let screen = console.screen_at(80, 24);
    assert!(screen.contains("a rate is a number") && screen.contains("many"), "{screen}");
    // The cursor stands where the mistake is.
    console.keys("ctrl-u");
    console.type_text("5");
    console.keys("enter");
    assert!(wanted(&console.keys("enter")).is_some());
}

#[test]
fn a_read_only_session_asks_to_allow_changes_between_form_and_plan() {
    let mut console = Console::loaded().at_stage("orders-api/prod");
    open(&mut console, "rollback");
    let effects = console.keys("enter");
    assert_eq!(wanted(&effects), None);
    assert!(matches!(console.model.overlays.last(), Some(Overlay::Arming(_))));
}

#[test]
fn every_form_opens_from_the_palette_and_closes_with_escape() {
    for form in forms() {
        let console = Console::loaded();
        let mut console = match form.action.info().argument {
            Some(Argument::Row(Listing::Plans)) => console.at_list("plans"),
            Some(Argument::Row(Listing::Keys)) => console.at_list("keys"),
            Some(Argument::Row(Listing::WebAcls)) => console.at_list("waf"),
            Some(Argument::Row(Listing::IpSets)) => console.at_list("ip-sets"),
            _ => console.at_stage("orders-api/prod"),
        }
        .armed();
        open(&mut console, form.action.info().id);
        let screen = console.screen_at(80, 24);
        for field in form.fields {
            assert!(screen.contains(field.name), "{}: {screen}", form.title);
        }
        console.keys("esc");
        assert!(console.model.overlays.is_empty());
    }
}

#[test]
fn levers_of_rows_are_in_their_menus_and_none_has_a_key() {
    for (list, first) in
        [("plans", Action::PlanThrottle), ("keys", Action::KeyExtend), ("ip-sets", Action::IpAdd)]
    {
        let mut console = Console::loaded().at_list(list);
        console.keys("a");
        let Some(Overlay::Actions { items, .. }) = console.model.overlays.last() else { panic!("{list}") };
        assert!(items.iter().any(|item| item.action == first), "{list}: {items:?}");
        for item in items.iter().filter(|item| item.action.info().dangerous) {
            assert!(item.action.info().keys.is_empty(), "{item:?}");
        }
    }
}
