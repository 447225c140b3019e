//! Moves of customers under way on screen: their progress, their rows, and what is done about those that stopped.

use cellgate::domain::change::Outcome;
use cellgate::domain::levers::Wanted;
use cellgate::domain::moves::outcome::Tally;
use cellgate::ops::moves::{Ended, GateChoice, Progress, Wish};
use cellgate::tui::action::Action;
use cellgate::tui::effect::Effect;
use cellgate::tui::event::{AppliedChange, ReplyBody, ReplySlot};
use cellgate::tui::model::{MoveWanted, Overlay};

use super::console::{Console, Options};
use super::moves_on_screen::{MOVE, planned};
use super::{moves, picture, pictures};

#[test]
fn progress_shows_bar_pace_gate_throttling_and_exceptions_and_can_be_left() {
    let mut console = Console::moving();
    console.goes(Progress::Wave { number: 3, waves: 4, customers: 100 });
    let tally = Tally { moved: 60, moved_meanwhile: 1, failed: 1, waiting: 138, ..Tally::default() };
    console.goes(Progress::Counted { tally, customers: 200, per_second: 6.9 });
    console.goes(Progress::Slowed { per_second: 12.5 });
    console.tick(9);
    pictures("move-progress", &mut console);
    let text = "waiting for cell.errors < 2% of 2 cells until 2026-11-20T14:12:00Z".to_owned();
    console.goes(Progress::Gate { text });
    assert!(
        console.screen_at(120, 40).contains("gate        waiting for cell.errors < 2%"),
        "{}",
        console.screen()
    );
    console.keys("esc");
    assert!(console.model.overlays.is_empty());
    pictures("move-footer", &mut console);
    console.keys("M");
    assert!(console.screen().contains("Running: move customers"), "{}", console.screen());
}

#[test]
fn ascii_and_no_colour_show_the_same_bar() {
    let options = Options { ascii: true, theme: "mono", ..Options::default() };
    let mut console = Console::loaded_with(options).armed().at_cell("cell-03").with_move_plan(5);
    console.keys("y");
    let tally = Tally { moved: 2, waiting: 3, ..Tally::default() };
    console.goes(Progress::Counted { tally, customers: 5, per_second: 1.0 });
    let screen = console.screen_at(80, 24);
    assert!(screen.is_ascii() && screen.contains("####") && screen.contains("40%"), "{screen}");
}

#[test]
fn a_running_move_is_paused_resumed_and_given_up_by_keys() {
    let mut console = Console::moving();
    assert_eq!(console.keys("p"), [Effect::StopMove]);
    assert!(console.screen().contains("pausing once what was sent is answered"), "{}", console.screen());
    let tally = Tally { moved: 11, waiting: 189, ..Tally::default() };
    console.move_ends(Ended::Paused { why: "a pause was asked for where it runs".into() }, tally);
    pictures("move-paused", &mut console);
    let effects = console.keys("r");
    assert!(matches!(&effects[..], [Effect::ContinueMove { give_up: false, id, .. }] if *id == MOVE.into()));
    assert!(console.screen().contains("11 of 200"), "what was done counts on: {}", console.screen());
    // A move that waits at its gate can't look for wishes: it is paused first, and given up then.
    assert_eq!(console.keys("x"), [Effect::StopMove]);
    let effects = console.move_ends(Ended::Paused { why: "interrupted at the gate".into() }, tally);
    assert!(matches!(&effects[..], [Effect::ContinueMove { give_up: true, .. }]), "{effects:?}");
    let why = "it was aborted".to_owned();
    let outcome =
        Outcome::Partly { done: vec!["11 moved".into()], not_done: vec!["189 not sent".into()], why };
    console.move_ends(Ended::Ended(outcome), tally);
    assert!(console.screen().contains("given up: 11 were moved, and stay"), "{}", console.screen());
}

#[test]
fn an_ended_move_says_what_comes_next_and_is_undone_from_there() {
    let mut console = Console::moving();
    let tally = Tally { moved: 200, ..Tally::default() };
    let effects = console.move_ends(Ended::Ended(Outcome::Applied), tally);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ReadJournal { .. })), "{effects:?}");
    pictures("move-ended", &mut console);
    console.keys("u");
    let effects = console.fill(&[("gate", "none")]);
    assert!(
        matches!(planned(&effects), MoveWanted::Undo(id, terms) if id == MOVE.into() && terms.gate == GateChoice::Nothing)
    );
}

#[test]
fn the_routers_cache_is_flushed_from_an_ended_move_as_any_other_change() {
    let mut console = Console::moving();
    let tally = Tally { moved: 200, ..Tally::default() };
    console.move_ends(Ended::Ended(Outcome::Applied), tally);
    let until = console.model.now + jiff::SignedDuration::from_secs(300);
    let said = format!("may answer with the old cell until {}", until.strftime("%H:%M:%SZ"));
    assert!(console.screen_at(120, 40).contains(&said), "{said}: {}", console.screen());
    let effects = console.keys("f");
    assert!(
        matches!(&effects[..], [Effect::Plan { target, wanted: Wanted::FlushStageCache, .. }]
            if target.to_string() == "orders-api/prod"),
        "{effects:?}"
    );
    let plan = super::console::plan(&console.effects);
    console.answer(ReplySlot::Plan, ReplyBody::Planned(Ok(Box::new(plan))));
    let effects = console.keys("y");
    assert!(matches!(&effects[..], [Effect::Apply { .. }]), "{effects:?}: {}", console.screen());
    let applied = AppliedChange {
        change: "20261120-140400-aa11".into(),
        outcome: Outcome::Applied,
        request_ids: vec![],
        unrecorded: None,
    };
    console.answer(ReplySlot::Change, ReplyBody::Applied(Ok(applied)));
    console.keys("esc");
    let screen = console.screen_at(120, 40);
    assert!(screen.contains("Ended: move customers") && !screen.contains("may answer"), "{screen}");

    // Nothing is offered once what the router keeps is outdated anyway.
    let mut console = Console::moving();
    console.move_ends(Ended::Ended(Outcome::Applied), tally);
    assert!(console.screen_at(120, 40).contains("f flush the router"), "{}", console.screen());
    console.tick(300);
    let screen = console.screen_at(120, 40);
    assert!(!screen.contains("may answer") && !screen.contains("flush the router"), "{screen}");
}

#[test]
fn only_one_move_runs_at_a_time_and_other_changes_go_on() {
    let mut console = Console::moving();
    console.keys("esc");
    console.ask_for_five();
    assert!(console.screen().contains("one at a time"), "{}", console.screen());
    let console = console.with_plan();
    assert!(
        matches!(console.model.overlays.last(), Some(Overlay::Plan(_))),
        "a flush may well be what it needs"
    );
}

#[test]
fn who_quits_is_asked_while_a_move_runs_and_ctrl_c_leaves_at_once() {
    let mut console = Console::moving();
    console.keys("esc");
    assert_eq!(console.keys("q"), []);
    pictures("move-leaving", &mut console);
    assert_eq!(console.keys("n"), []);
    assert!(console.model.overlays.is_empty());
    console.keys("q");
    assert_eq!(console.keys("y"), [Effect::Quit]);
    assert_eq!(console.keys("ctrl-c"), [Effect::Quit]);
}

#[test]
fn moves_are_rows_with_their_state_tally_and_why() {
    let mut console = Console::loaded().armed().with_moves(1);
    pictures("moves", &mut console);
    assert!(console.screen_at(120, 40).contains("2 open"), "{}", console.screen());
    console.keys("j d");
    picture("move-detail-120x40", &console.screen_at(120, 40));
    console.keys("esc");
    let mut found = |filter: &str| {
        console.keys("/");
        console.keys("ctrl-u");
        console.type_text(filter);
        console.keys("enter");
        console.model.settle();
        console.model.page().table.visible.len()
    };
    assert_eq!(
        (found("outcome=paused"), found("outcome=moving"), found("outcome=partly-applied")),
        (1, 1, 1)
    );
}

#[test]
fn the_move_that_runs_here_is_a_row_that_goes_on_by_itself() {
    let mut console = Console::moving();
    console.keys("esc 9");
    console.tick(0);
    let plan = moves::plan(200, "cell-03", "cell-01").header.as_plan();
    console.answer_journal(super::history::listing_of(vec![super::history::change(MOVE, 0, plan, None)]));
    let tally = Tally { moved: 150, waiting: 50, ..Tally::default() };
    console.goes(Progress::Counted { tally, customers: 200, per_second: 50.0 });
    let screen = console.screen_at(120, 40);
    assert!(screen.contains(" 150/200") && !screen.contains("▲ 1 open"), "{screen}");
    console.keys("enter");
    assert!(matches!(console.model.overlays.last(), Some(Overlay::MoveProgress { .. })));
}

#[test]
fn a_paused_move_is_shown_and_resumed_by_name_or_given_up_by_a_yes() {
    let mut console = Console::loaded().armed().with_moves(1);
    assert_eq!(console.chosen(Action::ResumeMove), []);
    pictures("move-unfinished", &mut console);
    console.type_text("cell-01");
    let effects = console.keys("enter");
    assert!(
        matches!(&effects[..], [Effect::ContinueMove { give_up: false, id, .. }] if *id == moves::PAUSED.into())
    );

    let mut console = Console::loaded().armed().with_moves(1);
    console.chosen(Action::AbortMove);
    assert!(console.screen().contains("Give it up?"), "{}", console.screen());
    let effects = console.keys("y");
    assert!(matches!(&effects[..], [Effect::ContinueMove { give_up: true, .. }]), "{effects:?}");
}

#[test]
fn a_move_of_another_process_is_asked_to_pause_and_can_not_be_taken_over() {
    let mut console = Console::loaded().armed().with_moves(0);
    console.keys("a");
    let Some(Overlay::Actions { items, .. }) = console.model.overlays.last() else { panic!("no menu") };
    let resume = items.iter().find(|item| item.action == Action::ResumeMove).expect("it is offered");
    assert!(resume.blocked.as_ref().is_some_and(|why| why.contains("another process")), "{resume:?}");
    console.keys("esc");
    let effects = console.chosen(Action::PauseMove);
    assert!(
        matches!(&effects[..], [Effect::WishMove { id, wish: Wish::Pause, .. }] if *id == moves::ELSEWHERE.into()),
        "{effects:?}"
    );
    console.answer(ReplySlot::MoveWish, ReplyBody::MoveWished(Ok(Wish::Pause)));
    assert!(console.screen().contains("asked its process to pause"), "{}", console.screen());
    let effects = console.chosen(Action::AbortMove);
    assert!(matches!(&effects[..], [Effect::WishMove { wish: Wish::Abort, .. }]), "{effects:?}");
}

#[test]
fn an_ended_move_is_undone_from_its_row_once_changes_are_allowed() {
    let mut console = Console::loaded().with_moves(2);
    console.chosen(Action::Undo);
    assert!(console.screen().contains("Undo a move"), "{}", console.screen());
    assert_eq!(console.fill(&[]), []);
    assert!(matches!(console.model.overlays.last(), Some(Overlay::Arming(_))));
    console.type_text("123456789012");
    console.keys("enter");
    let effects = console.answer(ReplySlot::Arming(super::console::slot()), ReplyBody::Armed(Ok(())));
    assert!(matches!(planned(&effects), MoveWanted::Undo(id, _) if id == moves::ENDED.into()));
}
