//! Bulk changes on screen: marks, one form, one plan with all targets, progress, and the way back.

use cellgate::domain::bulk::{BulkOptions, BulkPlan, LeftOut, NotPlanned, PartState, Stop};
use cellgate::domain::change::{Lever, Outcome, Plan, Risk};
use cellgate::domain::levers::Wanted;
use cellgate::ops::bulk::{BulkEnd, BulkProgress};
use cellgate::tui::action::Action;
use cellgate::tui::effect::Effect;
use cellgate::tui::event::{ReplyBody, ReplySlot};
use cellgate::tui::model::{Overlay, RegionState};

use super::console::{Console, Options};
use super::{estate, history, pictures};

const BULK: &str = "bulk-20261120-140322-7f3a";

fn planned(production: bool, refused: bool) -> BulkPlan {
    let plans = ["orders-api", "payments-api"].map(|api| Ok(history::throttle(api, "100", "50")));
    let left = |api: &str| {
        let target = history::throttle(api, "1", "1").target;
        NotPlanned::Refused(LeftOut { target, why: "another change to it is running".to_owned() })
    };
    let plans = plans.into_iter().chain(refused.then(|| Err(left("orders-api"))));
    let options = BulkOptions { production, ..BulkOptions::default() };
    BulkPlan::of(Lever::Throttle, estate::connected().key, plans.collect(), &options, estate::now())
}

impl Console {
    /// On the stages, with those of two APIs marked.
    fn with_marks(mut self) -> Self {
        for name in ["orders-api/prod", "payments-api/prod"] {
            self = self.at_stage(name);
            self.keys("space");
        }
        self
    }

    /// Opens the form of a lever from the palette and fills it in.
    fn fill_in(&mut self, lever: &str, typed: &[&str]) -> Vec<Effect> {
        self.keys(":");
        self.type_text(lever);
        let mut effects = self.keys("enter");
        for line in typed {
            self.type_text(line);
            effects = self.keys("enter");
        }
        effects
    }

    /// With the plan for both in front.
    fn with_bulk_plan(mut self, plan: BulkPlan) -> Self {
        self.fill_in("throttle", &["50", ""]);
        self.answer(ReplySlot::Plan, ReplyBody::BulkPlanned(Ok(Box::new(plan))));
        self
    }

    fn goes_on(&mut self, progress: BulkProgress) {
        self.answer(ReplySlot::Change, ReplyBody::BulkStep(progress));
    }
}

fn applied(change: &str) -> PartState {
    PartState::Ended {
        change: change.into(),
        outcome: Outcome::Applied,
        request_ids: vec![],
        unplanned: vec![],
        unrecorded: None,
    }
}

fn applies(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| matches!(effect, Effect::ApplyBulk { .. })).count()
}

#[test]
fn marked_stages_share_one_form_and_one_plan() {
    let mut console = Console::loaded().armed().with_marks();
    console.keys("a");
    assert!(console.screen().contains("throttle the 2 marked stages"), "{}", console.screen());
    console.keys("esc");
    let effects = console.fill_in("throttle", &["50", ""]);
    let Some(Effect::PlanBulk { targets, .. }) = effects.last() else { panic!("{effects:?}") };
    let names: Vec<String> = targets.iter().map(|(target, _)| target.to_string()).collect();
    assert_eq!(names, ["orders-api/prod", "payments-api/prod"]);
    assert!(targets.iter().all(|(_, wanted)| matches!(wanted, Wanted::SetThrottle { rate: Some(50.0), .. })));
}

#[test]
fn a_read_only_session_asks_to_allow_changes_first_and_goes_on_with_all() {
    let mut console = Console::loaded().with_marks();
    assert!(console.fill_in("throttle", &["50", ""]).is_empty());
    assert!(matches!(console.model.overlays.last(), Some(Overlay::Arming(_))));
    console.type_text("123456789012");
    console.keys("enter");
    let effects = console.answer(ReplySlot::Arming(super::console::slot()), ReplyBody::Armed(Ok(())));
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::PlanBulk { targets, .. } if targets.len() == 2))
    );
}

#[test]
fn the_plan_lists_targets_and_waves_and_its_progress_what_is_done() {
    let mut console = Console::loaded().armed().with_marks().with_bulk_plan(planned(false, false));
    pictures("bulk-plan", &mut console);
    assert_eq!(applies(&console.keys("y")), 1);
    assert!(console.model.page().table.marks.is_empty(), "the next lever is not for these again");
    console.goes_on(BulkProgress::Begun(BULK.into()));
    console.goes_on(BulkProgress::Wave { number: 1, of: 2 });
    console.goes_on(BulkProgress::Part { place: 0, state: applied("c1") });
    console.goes_on(BulkProgress::Part { place: 1, state: PartState::Running { change: None } });
    pictures("bulk-progress", &mut console);
    let end =
        BulkEnd { bulk: BULK.into(), parts: vec![applied("c1"), applied("c2")], stop: None, guard: None };
    console.answer(ReplySlot::Change, ReplyBody::BulkEnded(Ok(Box::new(end))));
    assert!(console.screen().contains("done in"), "{}", console.screen());
}

#[test]
fn escape_stops_before_the_next_target_and_enter_only_closes() {
    let mut console = Console::loaded().armed().with_marks().with_bulk_plan(planned(false, false));
    console.keys("y");
    console.goes_on(BulkProgress::Part { place: 0, state: PartState::Running { change: None } });
    console.keys("enter");
    assert!(console.model.overlays.is_empty());
    // What runs is a row of its own once the journal has it; its progress opens from there.
    console.goes_on(BulkProgress::Begun(BULK.into()));
    let running = Plan { bulk: Some(BULK.into()), ..history::throttle("orders-api", "100", "50") };
    console.keys("9");
    console.tick(0);
    console.answer_journal(history::listing_of(vec![history::change("one", 0, running, None)]));
    assert!(!console.screen().contains("1 open"), "what runs is not left open: {}", console.screen());
    console.keys("enter");
    assert_eq!(console.keys("esc"), [Effect::StopBulk]);
    assert!(console.screen().contains("the target that runs is the last"), "{}", console.screen());
    let parts = vec![applied("c1"), PartState::NotBegun];
    let end = BulkEnd { bulk: BULK.into(), parts, stop: Some(Stop::Operator), guard: None };
    console.answer(ReplySlot::Change, ReplyBody::BulkEnded(Ok(Box::new(end))));
    let screen = console.screen();
    assert!(screen.contains("1 done, 1 not begun") && screen.contains("not begun"), "{screen}");
    console.keys("esc");
    assert!(console.model.overlays.is_empty());
}

#[test]
fn production_asks_for_the_lever_and_the_number_of_targets() {
    let region = RegionState { production: true, ..RegionState::default() };
    let options = Options { region, ..Options::default() };
    let plan = planned(true, false);
    assert_eq!(plan.risk, Risk::High);
    let mut console = Console::loaded_with(options).armed().with_marks().with_bulk_plan(plan);
    assert_eq!(applies(&console.keys("y enter")), 0);
    console.keys("ctrl-u");
    console.type_text("throttle 3");
    assert_eq!(applies(&console.keys("enter")), 0, "{}", console.screen());
    console.keys("ctrl-u");
    console.type_text("throttle 2");
    assert_eq!(applies(&console.keys("enter")), 1);
}

#[test]
fn a_refused_target_is_named_and_nothing_can_be_confirmed() {
    let mut console = Console::loaded().armed().with_marks().with_bulk_plan(planned(false, true));
    let screen = console.screen();
    assert!(
        screen.contains("another change to it is running") && screen.contains("Unmark these"),
        "{screen}"
    );
    assert_eq!(applies(&console.keys("y enter")), 0);
}

#[test]
fn a_bulk_is_undone_from_the_row_of_any_of_its_changes() {
    let part = |id: &str, api: &str| {
        let plan = Plan { bulk: Some(BULK.into()), ..history::throttle(api, "100", "50") };
        history::change(id, 5, plan, Some(Outcome::Applied))
    };
    let changes = vec![part("one", "orders-api"), part("two", "payments-api")];
    let mut console = Console::loaded().armed();
    console.keys("9");
    console.tick(0);
    console.answer_journal(history::listing_of(changes));
    pictures("changes-of-a-bulk", &mut console);
    console.keys("a");
    let Some(Overlay::Actions { items, .. }) = console.model.overlays.last() else { panic!("no menu") };
    let place = items.iter().position(|item| item.action == Action::UndoBulk).expect("it is offered");
    console.keys(&"j ".repeat(place));
    let effects = console.keys("enter");
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::PlanBulkUndo { bulk, .. } if bulk.as_str() == BULK)),
        "{effects:?}"
    );
    console.keys("esc d");
    assert!(console.screen().contains("with 2 changes"), "{}", console.screen());
}
