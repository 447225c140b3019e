//! Screen 9: the changes of the journal, and what can be done about each.

use cellgate::domain::change::{Outcome, Plan};
use cellgate::domain::failure::{Failure, FailureKind};
use cellgate::domain::id::ChangeId;
use cellgate::ops::change::Verdict;
use cellgate::tui::action::Action;
use cellgate::tui::effect::Effect;
use cellgate::tui::event::{AppliedChange, ChangeStep, Examined, ReplyBody, ReplySlot, Trouble};
use cellgate::tui::model::{ActionItem, Listing, NoticeKind, Overlay, RegionState};
use cellgate::tui::rows::RowKey;

use super::console::{self, Console, Options};
use super::history::{self, ELSEWHERE, FLUSH, OPEN, REFUSED_BY_AWS, THROTTLE, UNDO, UNDONE};
use super::{picture, pictures};

impl Console {
    /// On screen 9, with the journal read and this change selected.
    fn at_change(mut self, id: &str) -> Self {
        self.keys("9");
        self.tick(0);
        self.answer_journal(history::listing());
        self.model.settle();
        for _ in 0..history::changes().len() {
            if self.model.page().table.selected == Some(RowKey::Change(ChangeId::new(id))) {
                return self;
            }
            self.keys("j");
        }
        panic!("{id} is not on screen:\n{}", self.screen());
    }

    /// The entry of an action in the menu of the selected row.
    fn offered(&mut self, action: Action) -> ActionItem {
        self.keys("a");
        let Some(Overlay::Actions { items, .. }) = self.model.overlays.last() else { panic!("no menu") };
        let found = items.iter().find(|item| item.action == action).cloned();
        self.keys("esc");
        found.unwrap_or_else(|| panic!("{action:?} is not in the menu"))
    }

    fn why_blocked(&mut self, action: Action) -> String {
        self.offered(action).blocked.unwrap_or_else(|| panic!("{action:?} is not blocked"))
    }
}

fn examined(verdict: Verdict) -> ReplyBody {
    let change = history::changes().into_iter().find(|change| change.id.as_str() == OPEN);
    ReplyBody::Examined(Ok(Box::new(Examined { change: change.expect("it is in the journal"), verdict })))
}

fn undo_plan() -> Plan {
    Plan { undoes: Some(ChangeId::new(THROTTLE)), ..history::throttle("orders-api", "50", "100") }
}

fn applied(id: &str, outcome: Outcome) -> ReplyBody {
    let change = ChangeId::new(id);
    ReplyBody::Applied(Ok(AppliedChange { change, outcome, request_ids: vec![], unrecorded: None }))
}

#[test]
fn changes() {
    let mut console = Console::loaded().at_change(THROTTLE);
    pictures("changes", &mut console);
    console.keys("d");
    picture("change-detail-80x24", &console.screen_at(80, 24));
}

#[test]
fn actions_of_an_open_change() {
    let mut console = Console::loaded().at_change(OPEN);
    console.keys("a");
    pictures("change-actions", &mut console);
}

#[test]
fn a_plan_to_undo() {
    let mut console = Console::loaded().armed().at_change(THROTTLE);
    console.keys("a enter");
    picture("undo-planning-80x24", &console.screen_at(80, 24));
    console.answer(ReplySlot::Plan, ReplyBody::Planned(Ok(Box::new(undo_plan()))));
    pictures("undo-plan", &mut console);
}

#[test]
fn an_unfinished_change() {
    let mut console = Console::loaded().armed().at_change(OPEN);
    console.keys("a enter");
    console.answer(ReplySlot::Plan, examined(Verdict::NotApplied));
    pictures("unfinished", &mut console);
}

#[test]
fn a_journal_without_changes_says_where_it_is() {
    let mut console = Console::loaded();
    console.keys("9");
    console.tick(0);
    console.answer_journal(history::listing_of(vec![]));
    picture("changes-none-80x24", &console.screen_at(80, 24));
}

#[test]
fn the_newest_change_stands_first_and_an_open_one_is_said_at_start() {
    let mut console = Console::new();
    console.tick(0);
    console.answer_connection();
    console.answer_journal(history::listing());
    let notice = console.model.notice.clone().expect("a notice");
    assert_eq!(notice.kind, NoticeKind::Warning);
    assert!(notice.text.contains(OPEN) && notice.text.contains(":journal"), "{notice:?}");
    console.tick(600);
    assert!(
        console.screen().lines().nth(1).is_some_and(|menu| menu.contains("1 open")),
        "{}",
        console.screen()
    );
    console.keys("9");
    console.model.settle();
    assert_eq!(console.model.page().table.selected, Some(RowKey::Change(ChangeId::new(OPEN))));
}

#[test]
fn nothing_is_said_of_a_journal_in_which_all_has_ended() {
    let mut console = Console::new();
    console.tick(0);
    console.answer_connection();
    let ended = history::changes().into_iter().filter(|change| change.end.is_some()).collect();
    console.answer_journal(history::listing_of(ended));
    assert_eq!(console.model.notice, None);
    assert!(
        !console.screen().lines().nth(1).is_some_and(|menu| menu.contains("open")),
        "{}",
        console.screen()
    );
}

#[test]
fn the_journal_is_read_while_it_is_on_screen_and_after_every_change() {
    let mut console = Console::loaded();
    let reads = |effects: &[Effect]| {
        effects.iter().filter(|effect| matches!(effect, Effect::ReadJournal { .. })).count()
    };
    assert_eq!((0..60).map(|_| reads(&console.tick(1))).sum::<usize>(), 0, "not on screen");
    console.keys("9");
    let mut started = 0;
    for _ in 0..60 {
        let now = reads(&console.tick(1));
        started += now;
        if now > 0 {
            console.answer_journal(history::listing());
        }
    }
    assert!((4..=5).contains(&started), "{started}");
    let mut console = console.armed().at_change(THROTTLE);
    console.keys("a enter");
    console.answer(ReplySlot::Plan, ReplyBody::Planned(Ok(Box::new(undo_plan()))));
    console.keys("y");
    let effects = console.answer(ReplySlot::Change, applied("20261120-140400-66ff", Outcome::Applied));
    assert_eq!(reads(&effects), 1, "{effects:?}");
}

#[test]
fn the_newest_change_is_undone_in_four_keys() {
    let mut console = Console::loaded().armed();
    let mut newest = history::changes();
    newest.retain(|change| change.end.is_some());
    console.keys("9");
    console.tick(0);
    console.answer_journal(history::listing_of(newest));
    let before = console.effects.len();
    console.keys("a enter");
    let asked = console.effects[before..].iter().find_map(|effect| match effect {
        Effect::PlanUndo { change, .. } => Some(change.to_string()),
        _ => None,
    });
    assert_eq!(asked.as_deref(), Some(THROTTLE));
    console.answer(ReplySlot::Plan, ReplyBody::Planned(Ok(Box::new(undo_plan()))));
    let effects = console.keys("y");
    assert!(
        matches!(effects.as_slice(), [Effect::Apply { plan, .. }] if plan.undoes == Some(ChangeId::new(THROTTLE))),
        "{effects:?}"
    );
}

#[test]
fn a_read_only_session_allows_changes_before_it_goes_on_to_the_plan() {
    let mut console = Console::loaded().at_change(THROTTLE);
    assert!(console.offered(Action::Undo).text.contains("asks to allow changes first"));
    let effects = console.keys("a enter");
    assert!(effects.is_empty(), "{effects:?}");
    console.type_text("shop-test");
    console.keys("enter");
    let effects = console.answer(ReplySlot::Arming(console::slot()), ReplyBody::Armed(Ok(())));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::PlanUndo { .. })), "{effects:?}");
}

#[test]
fn a_locked_session_neither_undoes_nor_finishes() {
    let region = RegionState { locked: Some("--read-only".into()), ..RegionState::default() };
    let mut console = Console::loaded_with(Options { region, ..Options::default() }).at_change(OPEN);
    for entry in ["a enter", "a j enter", "a j j enter"] {
        let effects = console.keys(entry);
        assert!(effects.is_empty(), "{entry}: {effects:?}");
        assert!(console.screen().contains("Read-only session"), "{entry}:\n{}", console.screen());
        console.keys("esc");
    }
}

#[test]
fn what_cannot_be_undone_is_blocked_with_the_reason() {
    for (id, why) in [
        (FLUSH, "what is flushed is gone; the cache fills again"),
        (ELSEWHERE, "it was made in 210987654321 us-east-1, where this console isn't"),
        (UNDONE, "it was undone by 20261120-132100-33cc"),
        (REFUSED_BY_AWS, "nothing was changed"),
    ] {
        let mut console = Console::loaded().armed().at_change(id);
        let blocked = console.why_blocked(Action::Undo);
        assert!(blocked.contains(why), "{id}: {blocked}");
        assert!(console.keys("a enter").is_empty(), "{id}: a blocked entry does nothing");
        console.keys("esc :");
        console.type_text(&format!("undo {id}"));
        let effects = console.keys("enter");
        assert!(effects.is_empty(), "{id}: {effects:?}");
        let said = console.model.notice.clone().expect("a notice").text;
        assert!(said.contains("can't be undone") && said.contains(why), "{said}");
    }
    let mut console = Console::loaded().armed().at_change(UNDO);
    assert_eq!(console.offered(Action::Undo).blocked, None, "an undo can be undone");
}

#[test]
fn the_palette_undoes_by_name_from_any_screen_and_offers_the_changes() {
    let mut console = Console::loaded().armed();
    console.answer_journal_anew(history::listing());
    console.keys(":");
    console.type_text("undo");
    assert!(console.keys("enter").is_empty(), "nothing is selected: it asks which");
    assert!(console.screen().contains(THROTTLE), "{}", console.screen());
    console.type_text("135400");
    let effects = console.keys("enter");
    assert!(
        matches!(effects.as_slice(), [Effect::PlanUndo { change, .. }] if change.as_str() == THROTTLE),
        "{effects:?}"
    );
    console.keys("esc :");
    console.type_text("undo 20261120-135400-44de zz");
    console.keys("enter");
    assert!(console.screen().contains("the journal has no change"), "{}", console.screen());
}

#[test]
fn an_undo_that_is_refused_says_why() {
    let mut console = Console::loaded().armed().at_change(THROTTLE);
    console.keys("a enter");
    let why = format!(
        "orders-api/prod was changed after {THROTTLE}: rate of all methods was set to 50, now it is 70"
    );
    let trouble = Trouble { why, hint: None, refused: true };
    console.answer(ReplySlot::Plan, ReplyBody::Planned(Err(trouble)));
    let screen = console.screen();
    assert!(
        screen.contains("Refused: undo of orders-api/prod") && screen.contains("now it is 70"),
        "{screen}"
    );
}

#[test]
fn finishing_sends_only_what_is_missing_and_only_after_the_yes() {
    for (verdict, question, sends) in [
        (Verdict::NotApplied, "Send what is missing?", true),
        (Verdict::Applied, "Record it as applied?", false),
        (Verdict::CannotBeTold { why: "the rate is 70".into() }, "Record its outcome as unknown?", false),
    ] {
        let mut console = Console::loaded().armed().at_change(OPEN);
        let effects = console.keys("a enter");
        assert!(
            matches!(effects.as_slice(), [Effect::Examine { change, .. }] if change.as_str() == OPEN),
            "{effects:?}"
        );
        console.answer(ReplySlot::Plan, examined(verdict.clone()));
        assert!(console.screen().contains(question), "{verdict:?}:\n{}", console.screen());
        assert_eq!(console.screen().contains("UpdateStage"), sends, "{verdict:?}:\n{}", console.screen());
        assert!(console.keys("enter").is_empty(), "enter is not yes");
        let effects = console.keys("y");
        assert!(
            matches!(effects.as_slice(), [Effect::Finish { change, send, .. }]
                if change.id.as_str() == OPEN && *send == sends),
            "{verdict:?}: {effects:?}"
        );
    }
}

#[test]
fn a_no_leaves_an_open_change_open() {
    let mut console = Console::loaded().armed().at_change(OPEN);
    console.keys("a enter");
    console.answer(ReplySlot::Plan, examined(Verdict::NotApplied));
    assert!(console.keys("n").is_empty());
    assert!(console.model.overlays.is_empty());
}

#[test]
fn settling_records_and_never_sends() {
    let mut console = Console::loaded().armed().at_change(OPEN);
    console.keys("a j enter");
    console.answer(ReplySlot::Plan, examined(Verdict::NotApplied));
    assert!(console.screen().contains("Record it as not applied?"), "{}", console.screen());
    let effects = console.keys("y");
    assert!(matches!(effects.as_slice(), [Effect::Finish { send: false, .. }]), "{effects:?}");
    let why = "its process ended before the outcome was recorded".to_owned();
    console.answer(ReplySlot::Change, applied(OPEN, Outcome::NotApplied { why }));
    let notice = console.model.notice.clone().expect("a notice");
    assert_eq!((notice.kind, notice.text.starts_with("recorded as not-applied: ")), (NoticeKind::Done, true));
}

#[test]
fn what_is_sent_in_production_is_confirmed_by_name_and_what_is_recorded_is_not() {
    let production = || {
        let region = RegionState { production: true, ..RegionState::default() };
        Console::loaded_with(Options { region, ..Options::default() }).armed().at_change(OPEN)
    };
    let mut console = production();
    console.keys("a enter");
    console.answer(ReplySlot::Plan, examined(Verdict::NotApplied));
    assert!(console.keys("y enter").is_empty(), "y is no name");
    console.keys("ctrl-u");
    console.type_text("payments-api/prod");
    assert!(matches!(console.keys("enter").as_slice(), [Effect::Finish { send: true, .. }]));
    let mut console = production();
    console.keys("a j enter");
    console.answer(ReplySlot::Plan, examined(Verdict::NotApplied));
    assert!(matches!(console.keys("y").as_slice(), [Effect::Finish { send: false, .. }]));
}

#[test]
fn a_running_change_is_the_first_row_and_cannot_be_undone() {
    let mut console = Console::loaded().armed().at_change(THROTTLE);
    console.keys("a enter");
    console.answer(ReplySlot::Plan, ReplyBody::Planned(Ok(Box::new(undo_plan()))));
    console.keys("y esc g");
    let id = ChangeId::new("20261120-140400-66ff");
    assert_eq!(row_one(&mut console), "checking");
    console.answer(ReplySlot::Change, ReplyBody::Step(ChangeStep::Journaled(id.clone())));
    let call = undo_plan().steps.remove(0).call;
    console.answer(ReplySlot::Change, ReplyBody::Step(ChangeStep::Sending(call)));
    assert_eq!(row_one(&mut console), "sending");
    console.model.settle();
    assert_eq!(console.model.rows.listed.changes.len(), history::changes().len() + 1);
    console.keys("g enter");
    assert!(matches!(console.model.overlays.last(), Some(Overlay::Progress)));
    console.keys("esc");
    console.keys(":");
    console.type_text(&format!("undo {FLUSH}"));
    assert!(console.keys("enter").is_empty());
    console.answer(ReplySlot::Change, applied(id.as_str(), Outcome::Applied));
    console.model.settle();
    assert_eq!(console.model.rows.listed.changes.len(), history::changes().len());
}

/// How the first row stands, in its own word.
fn row_one(console: &mut Console) -> String {
    let screen = console.screen_at(120, 40);
    let row = screen.lines().nth(4).expect("a row").to_owned();
    let word = ["checking", "sending", "applied", "open"].into_iter().find(|word| row.contains(word));
    word.unwrap_or_else(|| panic!("no state in {row}\n{screen}")).to_owned()
}

#[test]
fn filter_and_order_know_the_columns_of_changes() {
    let mut console = Console::loaded().at_change(THROTTLE);
    console.keys("/");
    console.type_text("outcome=applied lever=throttle");
    console.keys("enter");
    console.model.settle();
    assert_eq!(console.model.page().table.visible.len(), 2, "{}", console.screen());
    console.keys("esc :");
    console.type_text("sort target");
    console.keys("enter g");
    assert!(console.screen().contains("by target"), "{}", console.screen());
    console.model.settle();
    let first = console.model.rows.listed.changes[console.model.page().table.visible[0]].clone();
    assert_eq!(first.change.plan.target.to_string(), "orders-api/prod");
}

#[test]
fn a_broken_chain_cannot_be_missed_on_the_screen_and_is_said_at_start() {
    let why = "record 3 was altered: its hash does not match its content";
    let broken = || {
        let mut listing = history::listing();
        listing.verified = Err(Failure::new(
            "verifying the journal in /state/journal.jsonl",
            "",
            FailureKind::Conflict,
            why,
        ));
        listing
    };
    let mut console = Console::new();
    console.tick(0);
    console.answer_connection();
    console.answer_journal(broken());
    let notice = console.model.notice.clone().expect("a notice");
    assert!(notice.kind == NoticeKind::Error && notice.text.contains(why), "{notice:?}");
    console.keys("esc 9");
    for (width, height) in super::SIZES {
        let screen = console.screen_at(width, height);
        assert!(screen.contains("chain broken") && screen.contains("record 3"), "{screen}");
    }
}

#[test]
fn a_journal_that_cannot_be_read_keeps_its_rows_and_says_why() {
    let mut console = Console::loaded().at_change(THROTTLE);
    console.tick(16);
    let failure = Failure::new("Query", "table cellgate-team", FailureKind::Timeout, "no answer within 5 s");
    console.answer(ReplySlot::Journal, ReplyBody::Journal(Err(failure)));
    let screen = console.screen_at(120, 40);
    assert!(screen.contains("no answer within 5 s") && screen.contains("payments-api"), "{screen}");
}

#[test]
fn changes_are_shown_while_the_login_fails() {
    let mut console = Console::new();
    console.tick(0);
    let failure = Failure::new("GetCallerIdentity", "", FailureKind::Credentials, "expired");
    console.answer(ReplySlot::Connection(console::slot()), ReplyBody::Connected(Err(failure)));
    let mut console = console.at_change(THROTTLE);
    assert_eq!(console.model.page().listing, Listing::Changes);
    assert!(console.screen().contains("orders-api/prod"), "{}", console.screen());
    assert!(console.why_blocked(Action::Undo).contains("isn't connected"));
}
