//! Levers on usage plans, API keys, web ACLs and IP sets: what is chosen, planned, and refused on its line.

use std::sync::Arc;

use cellgate::domain::api_key::ApiKey;
use cellgate::domain::change::{Lever, Outcome, Target};
use cellgate::domain::inventory::{Listed, News};
use cellgate::domain::levers::{LimitsWanted, MethodLimits, PlanWanted, QuotaWanted, Wanted};
use cellgate::domain::method::MethodKey;
use cellgate::domain::web_acl::SwitchedAction;
use cellgate::tui::effect::Effect;
use cellgate::tui::event::{AppliedChange, List, ReplyBody, ReplySlot};
use cellgate::tui::model::Overlay;

use super::console::{self, Console};
use super::{picture, pictures, protection};

/// What the last plan is to be made to, and to bring about.
fn asked(effects: &[Effect]) -> Option<(String, Wanted)> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::Plan { target, wanted, .. } => Some((target.to_string(), wanted.clone())),
        _ => None,
    })
}

fn at(list: &str, row: &str) -> Console {
    let mut console = Console::loaded().at_list(list).armed();
    console.keys("/");
    console.type_text(row);
    console.keys("enter");
    console.tick(1);
    console.answer_looked_at();
    console
}

fn open(console: &mut Console, lever: &str) -> Vec<Effect> {
    console.keys(":");
    console.type_text(lever);
    console.keys("enter")
}

/// Types each text on a line of its own; gives what the last `enter` asked for.
fn fill(console: &mut Console, lines: &[&str]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for line in lines {
        console.type_text(line);
        effects = console.keys("enter");
    }
    effects
}

#[test]
fn a_quota_is_typed_and_its_period_chosen() {
    let mut console = at("plans", "silver");
    open(&mut console, "plan-quota");
    console.type_text("2000000");
    console.keys("enter down down");
    pictures("form-plan-quota", &mut console);
    console.keys("enter");
    let effects = console.keys("enter");
    let quota = QuotaWanted::Set { limit: Some(2_000_000), period: Some("WEEK".into()), offset: None };
    let wanted = Wanted::UsagePlan(PlanWanted { quota: Some(quota), ..PlanWanted::default() });
    assert_eq!(asked(&effects), Some(("silver".into(), wanted)));
}

#[test]
fn what_aws_would_not_take_is_said_beside_its_line_and_nothing_is_planned() {
    for (list, row, lever, lines, says, line) in [
        ("plans", "silver", "plan-quota", &["0", "", ""][..], "1 to 2147483647", 0),
        ("plans", "silver", "plan-quota", &["", "WEEK", "9"], "quota", 2),
        ("plans", "silver", "plan-throttle", &["-4", ""], "a number", 0),
        ("plans", "gold", "plan-quota", &["", "DAY", ""], "give a limit", 0),
        ("keys", "acme-batch", "key-extend", &["0"], "1 to 2147483647", 0),
        ("rules", "rate-by-address", "rule-rate", &["5", ""], "10 to 2000000000", 1),
        ("ip-sets", "blocked", "ip-add", &["10.0.0.7/8"], "the network is 10.0.0.0/8", 0),
        ("ip-sets", "blocked", "ip-add", &["2001:db8::/32"], "IPV4", 0),
    ] {
        let mut console = at(list, row);
        open(&mut console, lever);
        let mut effects = fill(&mut console, lines);
        while matches!(console.model.overlays.last(), Some(Overlay::Form(state)) if state.error.is_none()) {
            effects = console.keys("enter");
        }
        assert_eq!(asked(&effects), None, "{lever} {lines:?}");
        let screen = console.screen_at(120, 40);
        let Some(Overlay::Form(state)) = console.model.overlays.last() else { panic!("{lever}: {screen}") };
        let (place, why) = state.error.clone().unwrap();
        assert!(why.contains(says), "{lever} {lines:?}: {why}");
        assert_eq!((place, state.cursor), (line, line), "{lever} {lines:?}: {why}");
        assert!(screen.contains(says), "{screen}");
    }
}

#[test]
fn a_method_of_a_plan_is_throttled_where_the_plan_opens_it() {
    let mut console = at("plans", "silver");
    open(&mut console, "plan-method");
    // The only stage that it opens stands there already.
    let effects = fill(&mut console, &["get /orders/search", "1", "2"]);
    let Some((_, Wanted::UsagePlan(wanted))) = asked(&effects) else { panic!("{effects:?}") };
    let [MethodLimits { stage, method, limits }] = wanted.methods.as_slice() else { panic!("{wanted:?}") };
    assert_eq!(stage.to_string(), "orders-api/prod");
    assert_eq!(*method, MethodKey::Method { path: "/orders/search".into(), verb: "GET".into() });
    assert_eq!(*limits, LimitsWanted::Set { rate: Some(1.0), burst: Some(2) });
}

#[test]
fn stages_are_found_by_a_part_of_their_name() {
    let mut console = at("plans", "silver");
    open(&mut console, "plan-add");
    console.type_text("billing");
    picture("form-plan-add-stage-80x24", &console.screen_at(80, 24));
    let effects = console.keys("enter");
    let Some((_, Wanted::UsagePlan(wanted))) = asked(&effects) else { panic!("{effects:?}") };
    assert_eq!(wanted.add.iter().map(ToString::to_string).collect::<Vec<_>>(), ["billing-api/prod"]);
}

#[test]
fn a_key_moves_from_its_only_plan_to_a_chosen_one() {
    let mut console = at("keys", "acme-batch");
    open(&mut console, "key-move");
    console.type_text("go");
    pictures("form-key-move", &mut console);
    console.keys("enter");
    let effects = console.keys("enter");
    let wanted = Wanted::MoveApiKey { from: Some("silv01".into()), to: "gold01".into() };
    assert_eq!(asked(&effects), Some(("acme-batch".into(), wanted)));
}

#[test]
fn a_key_is_switched_without_a_form_and_never_without_a_plan() {
    let mut console = at("keys", "acme-prod");
    let effects = open(&mut console, "key-disable");
    assert_eq!(asked(&effects), Some(("acme-prod".into(), Wanted::SwitchApiKey { enabled: false })));
    assert!(matches!(console.model.overlays.last(), Some(Overlay::Planning { .. })));
    // By name, from anywhere.
    console.keys("esc 1");
    let effects = open(&mut console, "key-enable initech");
    assert_eq!(asked(&effects), Some(("initech".into(), Wanted::SwitchApiKey { enabled: true })));
}

#[test]
fn a_rule_is_switched_and_a_group_never_as_a_whole() {
    let mut console = at("rules", "rate-by-address");
    open(&mut console, "rule-action");
    console.type_text("c");
    console.keys("enter");
    let effects = console.keys("enter");
    let switch = |rule: &str, group_rule: Option<&str>| Wanted::SwitchRule {
        rule: rule.into(),
        group_rule: group_rule.map(str::to_owned),
        to: SwitchedAction::Count,
    };
    assert_eq!(asked(&effects), Some(("cell-07-waf".into(), switch("rate-by-address", None))));

    let mut console = at("rules", "common-rules");
    open(&mut console, "rule-action");
    console.type_text("count");
    console.keys("enter");
    assert_eq!(asked(&console.keys("enter")), None);
    pictures("form-group-rule", &mut console);
    let effects = fill(&mut console, &["NoUserAgent_HEADER"]);
    let expected = switch("common-rules", Some("NoUserAgent_HEADER"));
    assert_eq!(asked(&effects), Some(("cell-07-waf".into(), expected)));
}

#[test]
fn addresses_are_chosen_from_the_set_or_typed() {
    let mut console = at("ip-sets", "office");
    open(&mut console, "ip-remove");
    console.keys("down");
    let effects = console.keys("enter");
    let remove = Wanted::ChangeAddresses { add: vec![], remove: vec!["2001:db8:7::/48".into()] };
    assert_eq!(asked(&effects), Some(("office".into(), remove)));
}

#[test]
fn a_web_acl_is_attached_from_its_row_and_from_the_stage() {
    let mut console = at("web-acls", "partners-waf");
    open(&mut console, "acl-attach");
    console.type_text("admin-api/staging");
    let effects = console.keys("enter");
    let Some((target, Wanted::AttachWebAcl { acl })) = asked(&effects) else { panic!("{effects:?}") };
    assert_eq!(target, "admin-api/staging");
    assert!(acl.contains("webacl/partners-waf"), "{acl}");

    let mut console = Console::loaded().at_stage("orders-api/prod").armed();
    open(&mut console, "acl-detach");
    let effects = console.keys("enter");
    assert_eq!(asked(&effects), Some(("orders-api/prod".into(), Wanted::DetachWebAcl)));
}

#[test]
fn a_lever_without_its_row_asks_for_a_name() {
    let mut console = Console::loaded().armed();
    open(&mut console, "plan-quota");
    let Some(Overlay::Palette(state)) = console.model.overlays.last() else { panic!("it stays open") };
    assert!(state.items.iter().any(|item| item.line == "plan-quota silver"), "{:?}", state.items);
    console.type_text("gol");
    console.keys("enter");
    assert!(matches!(console.model.overlays.last(), Some(Overlay::Form(_))));
}

#[test]
fn a_name_that_several_rows_have_is_not_guessed() {
    let mut console = Console::loaded().at_list("keys").armed();
    let mut keys = protection::keys();
    let twin = ApiKey { id: "k9zz".into(), ..keys[0].as_ref().clone() };
    keys.push(Arc::new(twin));
    console.tick(300);
    console.news(News::ApiKeys(Listed { items: keys, failures: vec![] }));
    console.keys(":");
    console.type_text("key-disable acme-prod");
    let effects = console.keys("enter");
    assert_eq!(asked(&effects), None);
    let Some(Overlay::Palette(state)) = console.model.overlays.last() else { panic!("it stays open") };
    assert!(state.error.as_ref().is_some_and(|why| why.contains("2 of the API keys")), "{:?}", state.error);
}

#[test]
fn what_was_changed_is_read_again() {
    let mut console = Console::loaded().armed();
    open(&mut console, "flush orders-api/prod");
    let mut plan = console::plan(&console.effects);
    let key = protection::keys().remove(0);
    plan.target =
        Target::ApiKey(cellgate::domain::change::KeyTarget { id: key.id.clone(), name: key.name.clone() });
    console.answer(ReplySlot::Plan, ReplyBody::Planned(Ok(Box::new(plan))));
    console.keys("y");
    let applied = AppliedChange {
        change: "20261120-140322-7f3a".into(),
        outcome: Outcome::Applied,
        request_ids: vec![],
        unrecorded: None,
    };
    let effects = console.answer(ReplySlot::Change, ReplyBody::Applied(Ok(applied)));
    let lists =
        effects.iter().filter(|effect| matches!(effect, Effect::ReadList { list: List::ApiKeys, .. }));
    assert_eq!(lists.count(), 1, "{effects:?}");
}

#[test]
fn the_menus_of_rows_offer_their_levers() {
    for (list, row) in
        [("plans", "silver"), ("keys", "initech"), ("rules", "common-rules"), ("web-acls", "cell-07")]
    {
        let mut console = at(list, row);
        console.keys("a");
        picture(&format!("menu-{list}-120x40"), &console.screen_at(120, 40));
    }
}

#[test]
fn a_stage_is_read_again_once_a_web_acl_was_detached() {
    let mut console = Console::loaded().at_stage("orders-api/prod").armed();
    open(&mut console, "flush");
    let mut plan = console::plan(&console.effects);
    plan.lever = Lever::WebAclAssociation;
    console.answer(ReplySlot::Plan, ReplyBody::Planned(Ok(Box::new(plan))));
    console.keys("y");
    let applied = AppliedChange {
        change: "20261120-140322-7f3a".into(),
        outcome: Outcome::Applied,
        request_ids: vec![],
        unrecorded: None,
    };
    let effects = console.answer(ReplySlot::Change, ReplyBody::Applied(Ok(applied)));
    assert_eq!(
        effects.iter().filter(|effect| matches!(effect, Effect::ReadApi { .. })).count(),
        1,
        "{effects:?}"
    );
}
