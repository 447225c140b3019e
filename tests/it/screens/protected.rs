//! Throttles, usage plans, keys, web ACLs and IP sets: what they show, and what is read for them.

use cellgate::domain::failure::{Failure, FailureKind};
use cellgate::domain::id::ApiKeyId;
use cellgate::domain::inventory::{Listed, News, Update};
use cellgate::tui::colour::ColourDepth;
use cellgate::tui::effect::Effect;
use cellgate::tui::event::{Event, List, Reply, ReplyBody, ReplySlot};
use cellgate::tui::model::{Listing, Screen};

use super::console::{self, Console, Options};
use super::{picture, pictures};

#[test]
fn throttles() {
    pictures("throttles", &mut Console::loaded().at_list("throttles"));
}

#[test]
fn throttles_without_a_zero() {
    let mut console = Console::loaded().at_list("throttles");
    console.keys("j j");
    picture("throttles-well-120x40", &console.screen_at(120, 40));
}

#[test]
fn usage_plans() {
    let mut console = Console::loaded().at_list("plans");
    console.keys("end");
    pictures("plans", &mut console);
}

#[test]
fn api_keys() {
    let mut console = Console::loaded().at_list("keys");
    console.keys("j j");
    for _ in 0..2 {
        // Its plans first, then what it used of them.
        console.tick(1);
        console.answer_looked_at();
    }
    pictures("keys", &mut console);
}

#[test]
fn what_a_key_used_is_read_where_the_cursor_rests_on_it_and_shown_with_its_age() {
    let mut console = Console::loaded().at_list("keys");
    let asked = |effects: &[Effect]| {
        let keys = effects.iter().filter_map(|effect| match effect {
            Effect::ReadUsageOfKey { key, .. } => Some(key.to_string()),
            _ => None,
        });
        keys.collect::<Vec<_>>()
    };
    console.keys("j j");
    assert_eq!(asked(&console.tick(1)), Vec::<String>::new(), "its plans are not known yet");
    console.answer_looked_at();
    assert_eq!(asked(&console.effects), ["k3cc"], "as soon as they are");
    console.answer_looked_at();
    let screen = console.screen_at(120, 40);
    for says in ["used 965,000 of", "35,000 left", "by day since 2026-11-18", "96%"] {
        assert!(screen.contains(says), "{says}: {screen}");
    }
    assert_eq!(asked(&console.tick(30)), Vec::<String>::new());
    assert!(console.screen().contains("read 30 s ago"), "{}", console.screen());
    assert_eq!(asked(&console.tick(30)), ["k3cc"], "once a minute");
}

#[test]
fn plans_are_marked_whose_keys_are_nearly_used_up() {
    let mut console = Console::loaded().at_list("plans");
    let asked = console.effects.iter().find_map(|effect| match effect {
        Effect::ReadUsageOfPlans { plans, .. } => Some(plans.clone()),
        _ => None,
    });
    assert_eq!(asked, Some(vec!["silv01".into(), "free01".into()]), "those with a quota");
    let screen = console.screen_at(200, 60);
    assert!(screen.contains("▲ 96%") && screen.contains("✗ 100%"), "{screen}");
    console.keys("/");
    console.type_text("used>99%");
    console.keys("enter");
    assert_eq!(console.model.page().table.visible.len(), 1);
}

#[test]
fn web_acls() {
    pictures("web-acls", &mut Console::loaded().at_list("waf"));
}

#[test]
fn rules_of_a_web_acl() {
    let mut console = Console::loaded().at_list("waf");
    console.keys("enter j j");
    pictures("rules", &mut console);
    console.keys("esc");
    assert_eq!(console.model.page().listing, Listing::WebAcls);
}

#[test]
fn ip_sets() {
    pictures("ip-sets", &mut Console::loaded().at_list("ip-sets"));
}

#[test]
fn all_of_a_row_stands_in_front() {
    let mut console = Console::loaded().at_stage("orders-api/prod");
    console.keys("enter");
    pictures("stage-detail", &mut console);
    console.keys("esc");
    assert!(console.model.overlays.is_empty());
}

#[test]
fn sixteen_colours_and_none_tell_a_closed_method_by_its_text() {
    for (theme, depth, ascii) in [("dark", ColourDepth::Sixteen, false), ("mono", ColourDepth::None, true)] {
        let options = Options { ascii, theme, depth, ..Options::default() };
        let screen = Console::loaded_with(options).at_list("throttles").screen_at(80, 24);
        assert!(screen.contains("blocks all"), "{screen}");
        assert!(!ascii || screen.is_ascii(), "{screen}");
    }
}

/// What is asked for, of what only these screens show.
fn asked(effects: &[Effect]) -> Vec<String> {
    let asked = effects.iter().filter_map(|effect| match effect {
        Effect::ReadList { list, .. } => Some(list.words().to_owned()),
        Effect::ReadPlansOfKeys { keys, .. } => Some(format!("plans of {} keys", keys.len())),
        _ => None,
    });
    asked.collect()
}

#[test]
fn nothing_is_read_for_a_list_that_is_not_on_screen() {
    let mut console = Console::loaded();
    for screen in ["1", "2", "3", "5"] {
        console.keys(screen);
        for _ in 0..10 {
            assert_eq!(asked(&console.tick(30)), Vec::<String>::new(), "{screen}");
        }
    }
    console.keys("l");
    assert_eq!(asked(&console.tick(1)), ["API keys"]);
    console.keys("6");
    assert_eq!(asked(&console.tick(1)), ["web ACLs"]);
    console.keys("right right");
    assert_eq!(asked(&console.tick(1)), ["IP sets"], "the web ACLs are being read already");
}

#[test]
fn what_is_on_screen_is_read_again_as_often_as_the_inventory() {
    let mut console = Console::loaded().at_list("waf");
    let mut times = 0;
    for place in 0..61 {
        times += asked(&console.tick(10)).len();
        console.answer_looked_at();
        if place == 30 {
            // Somebody is still there.
            console.keys("j");
        }
    }
    assert_eq!(times, 2, "in ten minutes");
    let by_hand = console.keys("r");
    assert_eq!(asked(&by_hand), ["web ACLs"]);
}

#[test]
fn a_key_is_asked_for_its_plans_when_the_cursor_rests_on_it_and_once() {
    let mut console = Console::loaded();
    console.keys(":");
    console.type_text("keys");
    console.keys("enter");
    console.tick(1);
    console.answer_looked_at();
    console.screen();
    assert_eq!(asked(&console.tick(1)), ["plans of 1 keys"]);
    console.answer_looked_at();
    console.keys("j");
    assert_eq!(asked(&console.send(Event::Tick(console.model.now))), Vec::<String>::new(), "it moves");
    assert_eq!(asked(&console.tick(1)), ["plans of 1 keys"]);
    console.answer_looked_at();
    console.keys("k");
    assert_eq!(asked(&console.tick(1)), Vec::<String>::new(), "it was asked");
}

#[test]
fn plans_ask_all_keys_and_give_up_where_one_is_denied() {
    let mut console = Console::loaded();
    console.keys("5 l");
    console.tick(1);
    console.answer_looked_at();
    let effects = console.tick(1);
    assert!(asked(&effects).is_empty(), "asked already, when the keys arrived: {effects:?}");
    let denied = Failure::new("GetUsagePlans", "k1aa", FailureKind::AccessDenied, "not authorized");
    let news = News::PlansOfKeys { plans: [(ApiKeyId::new("k2bb"), vec![])].into(), failure: Some(denied) };
    let slot = ReplySlot::PlansOfKeys(console::slot());
    let ticket = console.ticket(&slot);
    let update = Update { slot: console::slot(), at: console.model.now, news };
    for body in [ReplyBody::News(update), ReplyBody::InventoryRead] {
        console.send(Event::Reply(Reply { slot: slot.clone(), ticket, body }));
    }
    for _ in 0..20 {
        assert!(asked(&console.tick(5)).iter().all(|asked| !asked.contains("plans")));
    }
    let screen = console.screen_at(120, 40);
    assert!(screen.contains("GetUsagePlans of k1aa failed: not"), "{screen}");
}

#[test]
fn each_list_shows_its_own_failure() {
    let mut console = Console::loaded();
    console.keys("6");
    console.tick(1);
    let denied = Failure::new("ListWebACLs", "", FailureKind::AccessDenied, "not authorized to list")
        .with_hint("the role needs wafv2:ListWebACLs");
    let news = News::WebAcls(Listed { items: vec![], failures: vec![denied] });
    let update = Update { slot: console::slot(), at: console.model.now, news };
    let slot = ReplySlot::List(console::slot(), List::WebAcls);
    console.answer(slot.clone(), ReplyBody::News(update));
    console.answer(slot, ReplyBody::InventoryRead);
    pictures("waf-denied", &mut console);
    console.keys("l l");
    console.tick(1);
    console.answer_looked_at();
    let screen = console.screen_at(120, 40);
    assert!(screen.contains("blocked-addresses") && screen.contains("web ACLs not read yet"), "{screen}");
    assert!(screen.contains("✗web ACLs"), "its name carries the sign: {screen}");
    console.keys("1");
    assert!(console.model.failures().is_empty(), "elsewhere nothing is missing");
}

#[test]
fn parts_turn_with_keys_and_the_mouse_and_keep_their_filter() {
    let mut console = Console::loaded().at_list("throttles");
    console.keys("/");
    console.type_text("state=blocks");
    console.keys("enter l");
    assert_eq!(console.model.page().listing, Listing::Plans);
    console.keys("l l");
    assert_eq!(console.model.page().listing, Listing::Throttles);
    console.model.settle();
    assert_eq!(console.model.page().table.visible.len(), 1);
    let screen = console.screen_at(80, 24);
    let title = screen.lines().nth(2).expect("the table's frame");
    let column = title.chars().take_while(|sign| *sign != 'A').count();
    console.click(u16::try_from(column).expect("a column"), 2);
    assert_eq!(console.model.page().listing, Listing::Keys);
    console.keys("5");
    assert_eq!(console.model.page().listing, Listing::Throttles, "the screen's first list");
    console.keys("tab");
    assert_eq!(console.model.page().screen(), Screen::Waf);
}

#[test]
fn a_plan_opens_its_keys() {
    let mut console = Console::loaded().at_list("plans");
    console.keys("/");
    console.type_text("silver");
    console.keys("enter enter");
    console.model.settle();
    let keys: Vec<&str> = console
        .model
        .page()
        .table
        .visible
        .iter()
        .map(|place| console.model.rows.listed.keys[*place].key.id.as_str())
        .collect();
    assert_eq!(keys, ["k2bb", "k3cc"]);
}

#[test]
fn filters_compare_limits_and_find_addresses() {
    let visible = |list: &str, filter: &str| {
        let mut console = Console::loaded().at_list(list);
        console.keys("/");
        console.type_text(filter);
        console.model.settle();
        assert_eq!(console.model.page().table.error, None);
        console.model.page().table.visible.len()
    };
    assert_eq!(visible("throttles", "rate<100"), 2);
    assert_eq!(visible("plans", "quota>1000"), 1);
    assert_eq!(visible("keys", "state=off"), 1);
    assert_eq!(visible("ip-sets", "198.51.1.17/32"), 1);
    assert_eq!(visible("rules", "action=count"), 1);
}
