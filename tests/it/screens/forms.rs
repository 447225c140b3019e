//! Forms: what a lever asks for, what is made of it, and what is refused on the line where it stands.

use cellgate::domain::levers::{RollbackTo, Wanted};
use cellgate::domain::method::MethodKey;
use cellgate::tui::action::{Action, Argument};
use cellgate::tui::colour::ColourDepth;
use cellgate::tui::effect::Effect;
use cellgate::tui::event::Event;
use cellgate::tui::model::{Listing, Overlay, forms};

use super::console::{Console, Options};

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

/// The form of a logging level with the cursor on its method, which it begins with.
fn at_the_method(options: Options) -> Console {
    let mut console = Console::loaded_with(options).at_stage("orders-api/prod").armed();
    open(&mut console, "logging");
    console.keys("backtab");
    console
}

fn line(console: &Console, place: usize) -> String {
    let Some(Overlay::Form(state)) = console.model.overlays.last() else { panic!("no form") };
    state.line(place).to_owned()
}

#[test]
fn what_is_typed_or_pasted_takes_the_place_of_what_a_line_began_with_and_other_keys_edit_that() {
    for (keys, expected) in [
        ("", "x"),
        ("left", "*/x*"),
        ("right", "*/*x"),
        ("home", "x*/*"),
        ("end", "*/*x"),
        ("backspace", "*/x"),
        ("delete", "*/*x"),
        ("ctrl-a", "x*/*"),
        ("ctrl-e", "*/*x"),
        ("ctrl-u", "x"),
        ("tab backtab", "x"),
        ("tab backtab left", "*/x*"),
    ] {
        let mut console = at_the_method(Options::default());
        assert_eq!(line(&console, 0), "*/*");
        console.keys(keys);
        console.type_text("x");
        assert_eq!(line(&console, 0), expected, "{keys}");
    }
    let mut console = at_the_method(Options::default());
    console.send(Event::Paste("GET /users".to_owned()));
    assert_eq!(line(&console, 0), "GET /users");
}

#[test]
fn what_was_typed_stays_when_another_line_is_gone_to_and_is_gone_on_with() {
    let mut console = at_the_method(Options::default());
    console.type_text("GET /us");
    console.keys("tab backtab");
    console.type_text("ers");
    console.keys("tab");
    console.type_text("info");
    console.keys("backtab");
    assert_eq!((line(&console, 0), line(&console, 1)), ("GET /users".into(), "info".into()));
}

#[test]
fn the_end_of_a_long_text_is_in_sight_where_it_is_typed() {
    let mut console = at_the_method(Options { size: (80, 24), ..Options::default() });
    let long = format!("GET /{}/the-end", "part/".repeat(30));
    console.type_text(&long);
    let screen = console.screen();
    assert!(screen.contains("part/part//the-end") && !screen.contains("GET /part"), "{screen}");
    console.keys("home");
    let screen = console.screen();
    assert!(screen.contains("GET /part/part/") && !screen.contains("the-end"), "{screen}");
}

#[test]
fn what_typing_would_replace_is_seen_in_every_theme_and_without_colours() {
    for theme in ["dark", "light", "mono"] {
        for (depth, ascii) in
            [(ColourDepth::Full, false), (ColourDepth::Sixteen, true), (ColourDepth::None, true)]
        {
            let mut console = at_the_method(Options { ascii, theme, depth, ..Options::default() });
            let below = |screen: &str| -> String {
                let mut lines = screen.lines().skip_while(|line| !line.contains("method      */*"));
                let value =
                    lines.next().and_then(|line| line.split("*/*").next().map(|lead| lead.chars().count()));
                lines.next().unwrap_or_default().chars().skip(value.unwrap()).take(4).collect()
            };
            assert_eq!(below(&console.screen_with_reversed()).trim_end(), "^^^", "{theme} {depth:?}");
            console.keys("end");
            let edited = below(&console.screen_with_reversed());
            assert!(!edited.contains('^'), "{theme} {depth:?}: {edited}");
        }
    }
    let mut console = at_the_method(Options { size: (80, 24), ..Options::default() });
    super::picture("form-selected-80x24", &console.screen_with_reversed());
    let ascii = Options { size: (80, 24), ascii: true, depth: ColourDepth::None, ..Options::default() };
    super::picture("form-selected-ascii-80x24", &at_the_method(ascii).screen_with_reversed());
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
