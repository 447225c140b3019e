//! The way of a change through the console: what must be typed, and what can never happen.

use cellgate::domain::change::Outcome;
use cellgate::domain::id::ChangeId;
use cellgate::tui::effect::Effect;
use cellgate::tui::event::{AppliedChange, ReplyBody, ReplySlot, Trouble};
use cellgate::tui::model::{Mode, Overlay, RegionState};

use super::console::{self, Console, Options};

fn applies(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| matches!(effect, Effect::Apply { .. })).count()
}

#[test]
fn a_flush_from_the_actions_menu_arms_plans_confirms_and_applies() {
    let mut console = Console::loaded().at_stage("orders-api/prod");
    console.keys("a enter");
    assert!(matches!(console.model.overlays.last(), Some(Overlay::Arming(_))));
    console.type_text("shop-test");
    let effects = console.keys("enter");
    assert!(matches!(effects.as_slice(), [Effect::Arm { typed, .. }] if typed == "shop-test"), "{effects:?}");
    console.answer(ReplySlot::Arming(console::slot()), ReplyBody::Armed(Ok(())));
    assert!(matches!(console.model.overlays.last(), Some(Overlay::Planning { .. })), "goes on to the plan");
    let plan = console::plan(&console.effects);
    console.answer(ReplySlot::Plan, ReplyBody::Planned(Ok(Box::new(plan))));
    assert_eq!(applies(&console.effects), 0, "nothing is sent before the yes");
    console.keys("enter");
    assert_eq!(applies(&console.effects), 0, "enter is not yes");
    let effects = console.keys("y");
    assert_eq!(applies(&effects), 1);
    let applied = AppliedChange {
        change: ChangeId::new("c1"),
        outcome: Outcome::Applied,
        request_ids: vec![],
        unrecorded: None,
    };
    console.answer(ReplySlot::Change, ReplyBody::Applied(Ok(applied)));
    assert!(!console.model.change.as_ref().expect("a change").is_running());
}

#[test]
fn a_flushed_stage_is_followed_every_fifteen_seconds_for_three_minutes() {
    let mut console = Console::loaded().at_stage("orders-api/prod").armed().with_plan();
    console.keys("y");
    let applied = AppliedChange {
        change: ChangeId::new("c1"),
        outcome: Outcome::Applied,
        request_ids: vec![],
        unrecorded: None,
    };
    console.answer(ReplySlot::Change, ReplyBody::Applied(Ok(applied)));
    console.keys("esc 1");
    let before = console.effects.len();
    for _ in 0..240 {
        console.tick(1);
        console.answer_looked_at();
    }
    let reads = console.effects[before..]
        .iter()
        .filter(|effect| matches!(effect, Effect::ReadTraffic { .. }))
        .count();
    assert!((11..=13).contains(&reads), "{reads}");
}

#[test]
fn keys_work_while_a_change_runs_and_a_second_one_is_refused() {
    let mut console = Console::loaded().at_stage("orders-api/prod").armed().with_plan();
    console.keys("y esc");
    console.keys("1 j j");
    assert_eq!(console.model.page().table.cursor, 2);
    console.keys(":");
    console.type_text("flush payments-api/prod");
    console.keys("enter");
    assert!(console.model.overlays.is_empty());
    let said = console.model.notice.as_ref().expect("a notice").text.clone();
    assert!(said.contains("one at a time"), "{said}");
    let effects = console.keys("q");
    assert!(effects.is_empty(), "q does not leave a running change");
    assert_eq!(console.keys("ctrl-c"), [Effect::Quit]);
}

#[test]
fn leaving_a_running_change_is_answered_in_sight() {
    let mut console = Console::loaded().at_stage("orders-api/prod").armed().with_plan();
    console.keys("y esc");
    assert!(console.screen().contains("checking account and target"));
    console.keys("q");
    assert!(console.screen().contains("is running: ctrl-c leaves it as it stands"), "{}", console.screen());
    console.tick(9);
    assert!(console.screen().contains("checking account and target"), "{}", console.screen());
}

#[test]
fn what_was_sent_but_not_recorded_is_said_on_every_screen() {
    let why = "the journal can't be written: no space left on device";
    for (outcome, became) in [
        (Outcome::Applied, "sent and done"),
        (Outcome::Unknown { why: "the answer was lost".into() }, "sent, fate unknown: the answer was lost"),
        (Outcome::NotApplied { why: "access denied".into() }, "not carried out: access denied"),
    ] {
        for (width, height) in [(80, 24), (120, 40), (200, 60)] {
            let mut console = Console::loaded().at_stage("orders-api/prod").armed().with_plan();
            console.keys("y");
            let applied = AppliedChange {
                change: ChangeId::new("c1"),
                outcome: outcome.clone(),
                request_ids: vec!["6f8f2c1e".into()],
                unrecorded: Some(why.into()),
            };
            console.answer(ReplySlot::Change, ReplyBody::Applied(Ok(applied)));
            let screen = console.screen_at(width, height);
            for text in [became, "BUT NOT RECORDED: the journal can't be written", "request 6f8f2c1e"] {
                assert!(screen.contains(text), "{text}\n{screen}");
            }
            console.keys("esc");
            console.tick(600);
            let notice = console.model.notice.as_ref().expect("it stays until it was seen");
            assert!(notice.text.ends_with(&format!("but that is not recorded: {why}")), "{notice:?}");
        }
    }
}

#[test]
fn production_asks_for_the_target_by_name() {
    let region = RegionState { production: true, ..RegionState::default() };
    let mut console = Console::loaded_with(Options { region, ..Options::default() })
        .at_stage("orders-api/prod")
        .armed()
        .with_plan();
    console.keys("y enter");
    assert_eq!(applies(&console.effects), 0);
    console.keys("ctrl-u");
    console.type_text("orders-api/prod");
    assert_eq!(applies(&console.keys("enter")), 1);
}

#[test]
fn what_reaches_production_by_its_tags_asks_for_the_name_in_any_region() {
    let mut console = Console::loaded().at_stage("orders-api/prod").armed();
    console.keys(":");
    console.type_text("flush orders-api/prod");
    console.keys("enter");
    let mut plan = console::plan(&console.effects);
    plan.blast_radius.production.insert("orders-api".to_owned());
    console.answer(ReplySlot::Plan, ReplyBody::Planned(Ok(Box::new(plan))));
    console.keys("y enter");
    assert_eq!(applies(&console.effects), 0);
    console.keys("ctrl-u");
    console.type_text("orders-api/prod");
    assert_eq!(applies(&console.keys("enter")), 1);
}

#[test]
fn disarming_drops_a_plan_that_waits() {
    let mut console = Console::loaded().at_stage("orders-api/prod").armed().with_plan();
    console.keys("esc");
    console = console.with_plan();
    let effects = console.keys(":");
    assert!(effects.is_empty());
    console.type_text("disarm");
    let effects = console.keys("enter");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Disarm { .. })));
    assert!(console.model.overlays.is_empty(), "{:?}", console.model.overlays);
    assert_eq!(console.model.regions[0].mode, Mode::ReadOnly);
    assert_eq!(applies(&console.keys("y")), 0);
}

#[test]
fn a_plan_called_off_does_not_come_back() {
    let mut console = Console::loaded().at_stage("orders-api/prod").armed();
    console.keys(":");
    console.type_text("flush orders-api/prod");
    console.keys("enter");
    let effects = console.keys("esc");
    assert_eq!(effects, [Effect::Cancel(ReplySlot::Plan)]);
    let plan = console::plan(&console.effects);
    console.answer(ReplySlot::Plan, ReplyBody::Planned(Ok(Box::new(plan))));
    assert!(console.model.overlays.is_empty());
}

#[test]
fn a_refused_plan_says_why() {
    let mut console = Console::loaded().at_stage("orders-api/prod").armed();
    console.keys(":");
    console.type_text("flush orders-api/prod");
    console.keys("enter");
    let trouble = Trouble {
        why: "the cache of orders-api/prod is off: there is nothing to flush".into(),
        hint: None,
        refused: true,
    };
    console.answer(ReplySlot::Plan, ReplyBody::Planned(Err(trouble)));
    assert!(console.screen().contains("there is nothing to flush"));
}

#[test]
fn what_has_no_cache_is_not_planned() {
    let mut console = Console::loaded().at_stage("orders-api/prod").armed();
    for target in ["orders-api/staging", "router-api/$default"] {
        let before = console.effects.len();
        console.keys(":");
        console.type_text(&format!("flush {target}"));
        console.keys("enter");
        let planned = console.effects[before..].iter().any(|effect| matches!(effect, Effect::Plan { .. }));
        assert!(!planned, "{target}");
        assert!(console.model.notice.as_ref().is_some_and(|notice| notice.text.contains("can't be flushed")));
    }
}

#[test]
fn a_session_started_armed_asks_for_changes_as_soon_as_it_is_connected() {
    let region = RegionState { arm_at_start: true, ..RegionState::default() };
    let mut console = Console::with(Options { region, ..Options::default() });
    console.tick(0);
    let effects = console.answer_connection();
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::Arm { typed, .. } if typed == "123456789012"))
    );
}
