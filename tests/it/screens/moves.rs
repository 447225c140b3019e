//! Moves of customers on screen: their forms and plans, and who may confirm them.

use cellgate::domain::lookup::{Answer, HashFunction, Mapping};
use cellgate::domain::moves::outcome::Tally;
use cellgate::ops::lookup::Lookup;
use cellgate::ops::moves::{Among, By, Choice, Ended, GateChoice, Part, Progress};
use cellgate::tui::action::Action;
use cellgate::tui::effect::Effect;
use cellgate::tui::event::{MoveEnd, ReplyBody, ReplySlot, Trouble};
use cellgate::tui::model::{MoveWanted, Overlay, RegionState};

use super::console::{Console, Options};
use super::{moves, picture, pictures};

/// The move that a test starts.
pub const MOVE: &str = "20261120-140334-99dd";

impl Console {
    /// The cursor on a cell of the fleet.
    pub fn at_cell(mut self, cell: &str) -> Self {
        self.keys("1 /");
        self.type_text(cell);
        self.keys("enter");
        self.screen();
        self
    }

    /// Opens the form for what is selected, marked or was looked up.
    pub fn ask_to_move(&mut self) {
        self.keys(":");
        self.type_text("move");
        self.keys("enter");
    }

    /// Goes through the form in front line by line, typing on those that are named here, until it is asked or refuses.
    pub fn fill(&mut self, lines: &[(&str, &str)]) -> Vec<Effect> {
        let mut effects = Vec::new();
        while let Some(Overlay::Form(state)) = self.model.overlays.last() {
            let (place, last) = (state.cursor, state.form.fields.len() - 1);
            let name = state.form.fields[place].name;
            if let Some((_, text)) = lines.iter().find(|(line, _)| *line == name) {
                self.type_text(text);
            }
            effects = self.keys("enter");
            let refused =
                matches!(self.model.overlays.last(), Some(Overlay::Form(state)) if state.error.is_some());
            if refused || place == last {
                break;
            }
        }
        effects
    }

    /// Asks for five customers of the selected cell to go to cell-01.
    pub fn ask_for_five(&mut self) -> Vec<Effect> {
        self.ask_to_move();
        self.fill(&[("how many", "5"), ("to", "cell-01")])
    }

    /// With the plan of a small move in front, which a yes is enough for.
    pub fn with_move_plan(mut self, customers: u32) -> Self {
        self.ask_for_five();
        let plan = moves::plan(customers, "cell-03", "cell-01");
        self.answer(ReplySlot::Plan, ReplyBody::MovePlanned(Ok(Box::new(plan))));
        self
    }

    pub fn goes(&mut self, progress: Progress) {
        self.answer(ReplySlot::Move, ReplyBody::MoveStep(progress));
    }

    pub fn move_ends(&mut self, ended: Ended, tally: Tally) -> Vec<Effect> {
        let outdated = Some(self.model.now + jiff::SignedDuration::from_secs(300));
        let end = MoveEnd { id: MOVE.into(), ended, tally, exceptions: vec![], outdated };
        self.answer(ReplySlot::Move, ReplyBody::MoveEnded(Ok(Box::new(end))))
    }

    /// On the changes, with moves among them, the cursor on the one `down` rows below the newest.
    pub fn with_moves(mut self, down: usize) -> Self {
        self.keys("9");
        self.tick(0);
        self.answer_journal(moves::listing());
        self.screen();
        self.keys(&"j ".repeat(down));
        self
    }

    /// The fleet, with a move of 200 on its way.
    pub fn moving() -> Self {
        let mut console = Self::loaded().armed().at_cell("cell-03").with_move_plan(200);
        console.type_text("cell-01");
        let effects = console.keys("enter");
        assert_eq!(starts(&effects), 1, "{}", console.screen());
        console.goes(Progress::Announced(MOVE.into()));
        console.answer_journal(super::history::listing_of(vec![]));
        console
    }

    pub fn chosen(&mut self, action: Action) -> Vec<Effect> {
        self.keys("a");
        let Some(Overlay::Actions { items, .. }) = self.model.overlays.last() else { panic!("no menu") };
        let place = items.iter().position(|item| item.action == action);
        let place = place.unwrap_or_else(|| panic!("{action:?} is not offered: {items:?}"));
        self.keys(&"j ".repeat(place));
        self.keys("enter")
    }
}

pub fn starts(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| matches!(effect, Effect::StartMove { .. })).count()
}

pub fn planned(effects: &[Effect]) -> MoveWanted {
    let wanted = effects.iter().rev().find_map(|effect| match effect {
        Effect::PlanMove { wanted, .. } => Some(MoveWanted::clone(wanted)),
        _ => None,
    });
    wanted.unwrap_or_else(|| panic!("no move was planned: {effects:?}"))
}

#[test]
fn a_share_of_a_cell_is_asked_for_in_a_form() {
    let mut console = Console::loaded().armed().at_cell("cell-03");
    console.ask_to_move();
    console.type_text("10%");
    console.keys("enter down enter");
    console.type_text("gold-*");
    console.keys("enter");
    console.type_text("tier=gold epoch<3");
    console.keys("enter");
    console.type_text("cell-0");
    pictures("move-form", &mut console);
    console.keys("down");
    let effects = console.fill(&[("rate", "20"), ("gate", "none"), ("conflict", "stop"), ("force", "yes")]);
    let MoveWanted::Choice(choice, terms) = planned(&effects) else { panic!("{effects:?}") };
    let Choice::Part { from, to, part, among, by, .. } = choice else { panic!("{choice:?}") };
    assert_eq!((from, to, part), ("cell-03".into(), vec!["cell-01".into()], Part::Share(0.1)));
    let meant = Among { glob: Some("gold-*".into()), filter: Some("tier=gold epoch<3".into()) };
    assert_eq!((by, among), (By::Load, meant));
    assert_eq!((terms.rate, terms.gate, terms.force), (Some(20.0), GateChoice::Nothing, true));
    assert!(terms.stop_on_conflict && !terms.data_stays && !terms.create);
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
    console.keys("space space");
    console.ask_to_move();
    assert!(console.screen().contains("2 customers"), "{}", console.screen());
    let effects = console.fill(&[("to", "cell-01")]);
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
    console.ask_to_move();
    let effects = console.fill(&[("to", "cell-01")]);
    let MoveWanted::Choice(Choice::Named { customers, .. }, _) = planned(&effects) else {
        panic!("{effects:?}")
    };
    assert_eq!(customers, ["it's 5 🚀"], "the one that was looked up");
    console.keys("esc esc :");
    console.type_text("move it's 7 🚀");
    console.keys("enter");
    let effects = console.fill(&[("to", "cell-02")]);
    let MoveWanted::Choice(Choice::Named { customers, .. }, _) = planned(&effects) else {
        panic!("{effects:?}")
    };
    assert_eq!(customers, ["it's 7 🚀"]);
}

#[test]
fn a_customer_without_a_mapping_gets_one_where_the_router_sends_them_already() {
    let mut console = Console::loaded().armed();
    console.type_text("f");
    console.type_text("newcomer");
    console.keys("enter");
    let hashed = Answer::Hashed { cell: "cell-02".into(), function: HashFunction::Crc32Modulo, cells: 12 };
    let found =
        Lookup { answer: Some(hashed), mapping: Ok(Mapping::Absent), ..super::customers::found("newcomer") };
    console.answer(ReplySlot::Lookup, ReplyBody::LookedUp(Box::new(found)));
    console.ask_to_move();
    let effects = console.fill(&[("to", "cell-02"), ("create", "yes")]);
    let MoveWanted::Choice(choice, terms) = planned(&effects) else { panic!("{effects:?}") };
    assert_eq!(choice, Choice::Named { customers: vec!["newcomer".into()], to: vec!["cell-02".into()] });
    assert!(terms.create);
}

#[test]
fn several_cells_are_chosen_one_after_the_other() {
    let mut console = Console::loaded().armed().at_cell("cell-03");
    console.chosen(Action::Drain);
    let to = |console: &Console| {
        let Some(Overlay::Form(state)) = console.model.overlays.last() else { panic!("no form") };
        (
            state.line(0).to_owned(),
            state.fitting().iter().map(|choice| choice.text.clone()).collect::<Vec<_>>(),
        )
    };
    console.type_text("cell-02,");
    let (_, left) = to(&console);
    assert!(left.contains(&"cell-01".to_owned()) && !left.contains(&"cell-02".to_owned()), "{left:?}");
    console.type_text("0");
    console.keys("down");
    console.keys("tab backtab");
    assert_eq!(to(&console).0, "cell-02,cell-01", "what stands before stays");
    console.type_text(", cell-04");
    let effects = console.fill(&[]);
    let MoveWanted::Choice(Choice::Drain { to, .. }, _) = planned(&effects) else { panic!("{effects:?}") };
    assert_eq!(to, ["cell-02".into(), "cell-01".into(), "cell-04".into()]);
}

#[test]
fn a_part_without_a_number_pattern_or_filter_is_nobody() {
    let mut console = Console::loaded().armed().at_cell("cell-03");
    console.ask_to_move();
    console.fill(&[("to", "cell-01")]);
    let Some(Overlay::Form(state)) = console.model.overlays.last() else { panic!("no form") };
    assert_eq!((state.cursor, state.error.as_ref().map(|(line, _)| *line)), (0, Some(0)));
    assert!(console.screen().contains("whom by match or where"), "{}", console.screen());
}

#[test]
fn a_drained_cell_goes_to_all_well_ones_unless_others_are_named() {
    let mut console = Console::loaded().armed().at_cell("cell-03");
    console.chosen(Action::Drain);
    picture("drain-form-120x40", &console.screen_at(120, 40));
    let effects = console.fill(&[]);
    let MoveWanted::Choice(Choice::Drain { cell, to }, _) = planned(&effects) else { panic!("{effects:?}") };
    assert_eq!(cell, "cell-03".into());
    assert!(to.contains(&"cell-01".into()) && !to.contains(&"cell-07".into()), "only well ones: {to:?}");
    console.keys("esc");
    console.chosen(Action::Rebalance);
    let effects = console.fill(&[("cells", "cell-01,cell-02")]);
    let cells = vec!["cell-01".into(), "cell-02".into()];
    assert!(
        matches!(planned(&effects), MoveWanted::Choice(Choice::Rebalance { cells: evened }, _) if evened == cells)
    );
}

#[test]
fn cells_that_keep_data_ask_for_a_word_about_it() {
    let mut console =
        Console::loaded_with(Options { stateless: false, ..Options::default() }).armed().at_cell("cell-03");
    console.ask_to_move();
    let effects = console.fill(&[("how many", "5"), ("to", "cell-01"), ("data stays", "no")]);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::PlanMove { .. })));
    pictures("move-form-data", &mut console);
    console.keys("ctrl-u");
    let effects = console.fill(&[("data stays", "yes")]);
    assert!(matches!(planned(&effects), MoveWanted::Choice(_, terms) if terms.data_stays));
}

#[test]
fn a_read_only_session_asks_to_allow_changes_and_then_plans() {
    let mut console = Console::loaded().at_cell("cell-03");
    let effects = console.ask_for_five();
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
    console.ask_for_five();
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
    console.ask_for_five();
    let why = "cell-01: no change is allowed: it would be at 104% of its capacity".to_owned();
    let trouble = Trouble { why, hint: None, refused: true };
    console.answer(ReplySlot::Plan, ReplyBody::MovePlanned(Err(trouble)));
    assert!(console.screen().contains("104% of its capacity"), "{}", console.screen());
    assert_eq!(starts(&console.keys("y enter")), 0);
}
