//! Whatever is pressed, in whatever size: nothing breaks, and a read-only session changes nothing.

use cellgate::ops::change::Verdict;
use cellgate::tui::effect::Effect;
use cellgate::tui::event::{Event, Examined, Reply, ReplyBody, ReplySlot};
use cellgate::tui::model::{Mode, RegionState};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::console::{self, Console, Options};
use super::history;

/// Keys that do something, each as likely as the other, and some text for the lines to type into.
fn keys() -> impl Strategy<Value = Vec<&'static str>> {
    const KEYS: &[&str] = &[
        "up",
        "down",
        "pgup",
        "pgdn",
        "home",
        "end",
        "enter",
        "enter",
        "enter",
        "esc",
        "tab",
        "backtab",
        "1",
        "2",
        "3",
        "5",
        "6",
        "8",
        "9",
        "9",
        "c",
        "C",
        "M",
        ":",
        "/",
        "s",
        "S",
        ">",
        "a",
        "a",
        "space",
        "U",
        "y",
        "y",
        "n",
        "r",
        "p",
        "e",
        "?",
        "q",
        "f",
        "l",
        "u",
        "h",
        "o",
        "d",
        "x",
        "%",
        "=",
        "!",
        "backspace",
        "ctrl-u",
        "ctrl-w",
        "delete",
        "left",
        "right",
        "TEXT-flush orders-api/prod",
        "TEXT-arm",
        "TEXT-123456789012",
        "TEXT-journal",
        "TEXT-throttle",
        "TEXT-move",
        "TEXT-drain",
        "TEXT-cell-01",
        "TEXT-undo ",
        "TEXT-finish ",
        "TEXT-payments-api/prod",
        "TEXT-orders-api/prod",
        "TICK",
        "ANSWER",
    ];
    prop::collection::vec(prop::sample::select(KEYS), 0..60)
}

fn play(console: &mut Console, keys: &[&str]) {
    play_where(console, keys, true);
}

/// Plays keys where AWS lets the session change things, or where arming it is never answered.
fn play_where(console: &mut Console, keys: &[&str], arms: bool) {
    for key in keys {
        match *key {
            "TICK" => {
                console.tick(1);
            }
            "ANSWER" => answer_all(console, arms),
            text if text.starts_with("TEXT-") => console.type_text(&text[5..]),
            key => {
                console.keys(key);
            }
        }
    }
}

/// Answers what waits, as AWS would where all goes well.
fn answer_all(console: &mut Console, arms: bool) {
    console.answer_looked_at();
    if console.model.tickets.is_running(&ReplySlot::Journal) {
        console.answer_journal(history::listing());
    }
    if arms && console.model.tickets.is_running(&ReplySlot::Arming(console::slot())) {
        console.answer(ReplySlot::Arming(console::slot()), ReplyBody::Armed(Ok(())));
    }
    let planned = console.effects.iter().rev().find_map(|effect| {
        Some(match effect {
            Effect::Plan { ticket, .. } => {
                (*ticket, ReplyBody::Planned(Ok(Box::new(console::plan(&console.effects)))))
            }
            Effect::PlanUndo { ticket, change, .. } => {
                let mut plan = history::throttle("orders-api", "50", "100");
                plan.undoes = Some(change.clone());
                (*ticket, ReplyBody::Planned(Ok(Box::new(plan))))
            }
            Effect::Examine { ticket, change, .. } => {
                let change = history::changes().into_iter().find(|known| known.id == *change)?;
                (
                    *ticket,
                    ReplyBody::Examined(Ok(Box::new(Examined { change, verdict: Verdict::NotApplied }))),
                )
            }
            _ => return None,
        })
    });
    // Old tickets are dropped.
    if let Some((ticket, body)) = planned {
        console.send(Event::Reply(Reply { slot: ReplySlot::Plan, ticket, body }));
    }
}

/// It asks what would happen.
fn plans(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Plan { .. }
            | Effect::PlanUndo { .. }
            | Effect::Examine { .. }
            | Effect::PlanBulk { .. }
            | Effect::PlanBulkUndo { .. }
            | Effect::PlanMove { .. }
            | Effect::PlanClosing { .. }
    )
}

/// It changes something.
fn carries_out(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Apply { .. }
            | Effect::ApplyBulk { .. }
            | Effect::Finish { .. }
            | Effect::StartMove { .. }
            | Effect::ContinueMove { .. }
            | Effect::WishMove { .. }
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(96),
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_locked_session_never_changes_anything(keys in keys()) {
        let region = RegionState { locked: Some("--read-only".into()), ..RegionState::default() };
        let mut console = Console::loaded_with(Options { region, ..Options::default() });
        play(&mut console, &keys);
        let changed = console.effects.iter().any(|effect| {
            plans(effect) || carries_out(effect) || matches!(effect, Effect::Arm { .. })
        });
        prop_assert!(!changed);
        prop_assert_eq!(console.model.regions[0].mode, Mode::ReadOnly);
    }

    #[test]
    fn a_session_that_is_not_armed_never_changes_anything(keys in keys()) {
        let mut console = Console::loaded();
        play_where(&mut console, &keys, false);
        let applied = console.effects.iter().any(carries_out);
        prop_assert!(!applied);
    }

    #[test]
    fn every_change_was_asked_for_with_a_plan_in_sight(keys in keys()) {
        let mut console = Console::loaded();
        play(&mut console, &keys);
        let mut planned = false;
        for effect in &console.effects {
            prop_assert!(planned || !carries_out(effect), "no plan since the last change: {effect:?}");
            planned = plans(effect) || (planned && !carries_out(effect));
        }
    }

    #[test]
    fn any_keys_at_any_size_draw(keys in keys(), width in 1_u16..250, height in 1_u16..80) {
        let mut console = Console::loaded_with(Options { size: (width, height), ..Options::default() });
        play(&mut console, &keys);
        prop_assert_eq!(console.screen().split('\n').count(), usize::from(height));
    }

    #[test]
    fn an_unread_console_draws_at_any_size(keys in keys(), width in 1_u16..250, height in 1_u16..80) {
        let mut console = Console::with(Options { size: (width, height), ..Options::default() });
        play(&mut console, &keys);
        console.screen();
    }
}
