//! Moves of customers on screen: their forms, plans and progress, and what is done about those that stopped.

use cellgate::domain::change::Outcome;
use cellgate::domain::moves::outcome::Tally;
use cellgate::ops::moves::{Choice, Ended, GateChoice, Part, Progress, Wish};
use cellgate::tui::action::Action;
use cellgate::tui::effect::Effect;
use cellgate::tui::event::{MoveEnd, ReplyBody, ReplySlot, Trouble};
use cellgate::tui::model::{MoveWanted, Overlay, RegionState};

use super::console::{Console, Options};
use super::{moves, picture, pictures};

/// The move that a test starts.
const MOVE: &str = "20261120-140334-99dd";

impl Console {
    /// The cursor on a cell of the fleet.
    fn at_cell(mut self, cell: &str) -> Self {
        self.keys("1 /");
        self.type_text(cell);
        self.keys("enter");
        self.screen();
        self
    }

    /// Fills in what is in front, line by line; nothing leaves a line as it is.
    fn fill(&mut self, lines: &[&str]) -> Vec<Effect> {
        let mut effects = Vec::new();
        for line in lines {
            if !line.is_empty() {
                self.keys("ctrl-u");
                self.type_text(line);
            }
            effects = self.keys("enter");
        }
        effects
    }

    /// With the plan of a small move in front, which a yes is enough for.
    fn with_move_plan(mut self, customers: u32) -> Self {
        self.keys("m");
        self.fill(&["5", "cell-01", "", "", ""]);
        let plan = moves::plan(customers, "cell-03", "cell-01");
        self.answer(ReplySlot::Plan, ReplyBody::MovePlanned(Ok(Box::new(plan))));
        self
    }

    fn goes(&mut self, progress: Progress) {
        self.answer(ReplySlot::Move, ReplyBody::MoveStep(progress));
    }

    fn move_ends(&mut self, ended: Ended, tally: Tally) -> Vec<Effect> {
        let next = vec!["the router may answer with the old cells for 300 s more".to_owned()];
        let end = MoveEnd { id: MOVE.into(), ended, tally, exceptions: vec![], next };
        self.answer(ReplySlot::Move, ReplyBody::MoveEnded(Ok(Box::new(end))))
    }

    /// On the changes, with moves among them, the cursor on the one `down` rows below the newest.
    fn with_moves(mut self, down: usize) -> Self {
        self.keys("9");
        self.tick(0);
        self.answer_journal(moves::listing());
        self.screen();
        self.keys(&"j ".repeat(down));
        self
    }

    /// The fleet, with a move of 200 on its way.
    fn moving() -> Self {
        let mut console = Self::loaded().armed().at_cell("cell-03").with_move_plan(200);
        console.type_text("cell-01");
        let effects = console.keys("enter");
        assert_eq!(starts(&effects), 1, "{}", console.screen());
        console.goes(Progress::Announced(MOVE.into()));
        console.answer_journal(super::history::listing_of(vec![]));
        console
    }

    fn chosen(&mut self, action: Action) -> Vec<Effect> {
        self.keys("a");
        let Some(Overlay::Actions { items, .. }) = self.model.overlays.last() else { panic!("no menu") };
        let place = items.iter().position(|item| item.action == action);
        let place = place.unwrap_or_else(|| panic!("{action:?} is not offered: {items:?}"));
        self.keys(&"j ".repeat(place));
        self.keys("enter")
    }
}

fn starts(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| matches!(effect, Effect::StartMove { .. })).count()
}

fn planned(effects: &[Effect]) -> MoveWanted {
    let wanted = effects.iter().rev().find_map(|effect| match effect {
        Effect::PlanMove { wanted, .. } => Some(MoveWanted::clone(wanted)),
        _ => None,
    });
    wanted.unwrap_or_else(|| panic!("no move was planned: {effects:?}"))
}

#[test]
fn a_share_of_a_cell_is_asked_for_in_a_form() {
    let mut console = Console::loaded().armed().at_cell("cell-03");
    console.keys("m");
    console.type_text("10%");
    console.keys("enter");
    console.type_text("cell-0");
    pictures("move-form", &mut console);
    let effects = console.fill(&["cell-01", "20", "none", "yes"]);
    let MoveWanted::Choice(choice, terms) = planned(&effects) else { panic!("{effects:?}") };
    let Choice::Part { from, to, part, .. } = choice else { panic!("{choice:?}") };
    assert_eq!((from, to, part), ("cell-03".into(), vec!["cell-01".into()], Part::Share(0.1)));
    assert_eq!((terms.rate, terms.gate, terms.force), (Some(20.0), GateChoice::Nothing, true));
    assert!(!terms.data_stays && !terms.create);
}

#[test]
fn marked_customers_are_moved_and_so_is_the_one_that_was_looked_up() {
    let mut console = Console::loaded().armed();
    console.keys("c");
    console.tick(1);
    let customers: Vec<String> = (1..=9).map(|number| format!("it's {number} 🚀")).collect();
    let page = cellgate::tui::event::CustomerPage { customers, next: None };
    console.answer(ReplySlot::Customers, ReplyBody::Customers(Ok(page)));
    console.screen();
    console.keys("space space m");
    assert!(console.screen().contains("2 customers"), "{}", console.screen());
    let effects = console.fill(&["cell-01", "", "", ""]);
    let MoveWanted::Choice(Choice::Named { customers, to }, _) = planned(&effects) else {
        panic!("{effects:?}")
    };
    assert_eq!(
        (customers, to),
        (vec!["it's 1 🚀".to_owned(), "it's 2 🚀".to_owned()], vec!["cell-01".into()])
    );
    console.keys("esc");
    console.type_text("f");
    console.type_text("it's 5 🚀");
    console.keys("enter");
    let found = super::customers::found("it's 5 🚀");
    console.answer(ReplySlot::Lookup, ReplyBody::LookedUp(Box::new(found)));
    console.keys("m");
    let effects = console.fill(&["cell-01", "", "", ""]);
    let MoveWanted::Choice(Choice::Named { customers, .. }, _) = planned(&effects) else {
        panic!("{effects:?}")
    };
    assert_eq!(customers, ["it's 5 🚀"], "the one that was looked up");
    console.keys("esc esc :");
    console.type_text("move it's 7 🚀");
    console.keys("enter");
    let effects = console.fill(&["cell-02", "", "", ""]);
    let MoveWanted::Choice(Choice::Named { customers, .. }, _) = planned(&effects) else {
        panic!("{effects:?}")
    };
    assert_eq!(customers, ["it's 7 🚀"]);
}

#[test]
fn a_drained_cell_goes_to_all_well_ones_unless_others_are_named() {
    let mut console = Console::loaded().armed().at_cell("cell-03");
    console.chosen(Action::Drain);
    picture("drain-form-120x40", &console.screen_at(120, 40));
    let effects = console.fill(&["", "", "", ""]);
    let MoveWanted::Choice(Choice::Drain { cell, to }, _) = planned(&effects) else { panic!("{effects:?}") };
    assert_eq!(cell, "cell-03".into());
    assert!(to.contains(&"cell-01".into()) && !to.contains(&"cell-07".into()), "only well ones: {to:?}");
    console.keys("esc");
    console.chosen(Action::Rebalance);
    let effects = console.fill(&["cell-01,cell-02", "", "", ""]);
    let cells = vec!["cell-01".into(), "cell-02".into()];
    assert!(
        matches!(planned(&effects), MoveWanted::Choice(Choice::Rebalance { cells: evened }, _) if evened == cells)
    );
}

#[test]
fn cells_that_keep_data_ask_for_a_word_about_it() {
    let mut console =
        Console::loaded_with(Options { stateless: false, ..Options::default() }).armed().at_cell("cell-03");
    console.keys("m");
    let effects = console.fill(&["5", "cell-01", "", "", "", "no"]);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::PlanMove { .. })));
    pictures("move-form-data", &mut console);
    let effects = console.fill(&["yes"]);
    assert!(matches!(planned(&effects), MoveWanted::Choice(_, terms) if terms.data_stays));
}

#[test]
fn a_read_only_session_asks_to_allow_changes_and_then_plans() {
    let mut console = Console::loaded().at_cell("cell-03");
    console.keys("m");
    let effects = console.fill(&["5", "cell-01", "", "", ""]);
    assert_eq!(effects, []);
    assert!(matches!(console.model.overlays.last(), Some(Overlay::Arming(_))));
    console.type_text("123456789012");
    console.keys("enter");
    let effects = console.answer(ReplySlot::Arming(super::console::slot()), ReplyBody::Armed(Ok(())));
    assert!(matches!(planned(&effects), MoveWanted::Choice(Choice::Part { .. }, _)));
}

#[test]
fn a_locked_session_moves_nobody() {
    let region = RegionState { locked: Some("--read-only says so".into()), ..RegionState::default() };
    let mut console = Console::loaded_with(Options { region, ..Options::default() }).at_cell("cell-03");
    console.keys("m");
    console.fill(&["5", "cell-01", "", "", ""]);
    assert!(console.screen().contains("Changes can't be allowed here"), "{}", console.screen());
    assert!(!console.effects.iter().any(|effect| matches!(effect, Effect::PlanMove { .. })));
}

#[test]
fn a_plan_says_who_and_how_and_asks_for_the_target_where_many_move() {
    let mut console = Console::loaded().armed().at_cell("cell-03").with_move_plan(200);
    pictures("move-plan", &mut console);
    console.type_text("cell-02");
    assert_eq!(starts(&console.keys("enter")), 0);
    assert!(console.screen().contains("that is not cell-01"), "{}", console.screen());
    console.keys("ctrl-u");
    console.type_text("cell-01");
    assert_eq!(starts(&console.keys("enter")), 1);
}

#[test]
fn a_few_are_moved_by_a_yes_and_production_asks_for_more() {
    let mut console = Console::loaded().armed().at_cell("cell-03").with_move_plan(5);
    assert_eq!(starts(&console.keys("enter")), 0, "enter is no yes");
    assert_eq!(starts(&console.keys("n")), 0);
    assert!(console.screen().contains("nothing was sent"), "{}", console.screen());
    let mut console = console.with_move_plan(5);
    assert_eq!(starts(&console.keys("y")), 1);

    let region = RegionState { production: true, ..RegionState::default() };
    let console = Console::loaded_with(Options { region, ..Options::default() }).armed().at_cell("cell-03");
    let mut console = console.with_move_plan(5);
    assert_eq!(starts(&console.keys("y enter")), 0);
    assert!(console.screen().contains("Type cell-01 to carry it out"), "{}", console.screen());
}

#[test]
fn a_refused_plan_says_why() {
    let mut console = Console::loaded().armed().at_cell("cell-03");
    console.keys("m");
    console.fill(&["5", "cell-01", "", "", ""]);
    let why = "cell-01: no change is allowed: it would be at 104% of its capacity".to_owned();
    let trouble = Trouble { why, hint: None, refused: true };
    console.answer(ReplySlot::Plan, ReplyBody::MovePlanned(Err(trouble)));
    assert!(console.screen().contains("104% of its capacity"), "{}", console.screen());
    assert_eq!(starts(&console.keys("y enter")), 0);
}

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
    let effects = console.fill(&["", "none", ""]);
    assert!(
        matches!(planned(&effects), MoveWanted::Undo(id, terms) if id == MOVE.into() && terms.gate == GateChoice::Nothing)
    );
}

#[test]
fn only_one_move_runs_at_a_time_and_other_changes_go_on() {
    let mut console = Console::moving();
    console.keys("esc m");
    console.fill(&["5", "cell-01", "", "", ""]);
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
    assert_eq!(console.fill(&["", "", ""]), []);
    assert!(matches!(console.model.overlays.last(), Some(Overlay::Arming(_))));
    console.type_text("123456789012");
    console.keys("enter");
    let effects = console.answer(ReplySlot::Arming(super::console::slot()), ReplyBody::Armed(Ok(())));
    assert!(matches!(planned(&effects), MoveWanted::Undo(id, _) if id == moves::ENDED.into()));
}
