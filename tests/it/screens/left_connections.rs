//! Connections that a move left on the old cell: what finding them costs is said before they are looked for, and they
//! are closed by a plan.

use cellgate::domain::change::Outcome;
use cellgate::domain::connection::Connection;
use cellgate::domain::count::ScanCost;
use cellgate::domain::moves::outcome::Tally;
use cellgate::ops::moves::{Ended, LeftBehind, LeftConnection};
use cellgate::tui::action::Action;
use cellgate::tui::effect::Effect;
use cellgate::tui::event::{ReplyBody, ReplySlot, Trouble};
use cellgate::tui::model::Overlay;

use super::console::Console;
use super::moves_on_screen::MOVE;
use super::pictures;

const COST: ScanCost = ScanCost { items: 41_000, size_bytes: 8_200_000, price: Some(0.28) };

fn left(count: usize) -> LeftBehind {
    let connections = (1..=count).map(|number| LeftConnection {
        connection: Connection {
            id: format!("L0SM9cOFvHc{number:04}="),
            customer: Some(format!("customer-{number:05}")),
            cell: Some("cell-03".into()),
            attributes: std::collections::BTreeMap::new(),
        },
        customer_cell: Some("cell-01".into()),
    });
    LeftBehind { connections: connections.collect(), read_units: 1_001.0 }
}

/// With a move of 200 that has ended in front.
fn ended() -> Console {
    let mut console = Console::moving();
    let tally = Tally { moved: 200, ..Tally::default() };
    console.move_ends(Ended::Ended(Outcome::Applied), tally);
    console
}

fn weighed(console: &mut Console) {
    console.answer(ReplySlot::LeftConnections, ReplyBody::ConnectionsWeighed(Ok(COST)));
}

#[test]
fn they_are_found_once_the_cost_was_said_yes_to_and_closed_by_a_plan() {
    let mut console = ended();
    let effects = console.keys("c");
    assert!(matches!(&effects[..], [Effect::WeighConnections { .. }]), "{effects:?}");
    assert_eq!(console.keys("y"), [], "nothing to say yes to yet");
    weighed(&mut console);
    pictures("left-connections-cost", &mut console);
    assert_eq!(console.keys("enter"), [], "its own keys alone say yes");
    let effects = console.keys("y");
    assert!(
        matches!(&effects[..], [Effect::FindConnections { id, .. }] if *id == MOVE.into()),
        "{effects:?}"
    );
    console.answer(ReplySlot::LeftConnections, ReplyBody::ConnectionsSeen(17));
    assert!(console.screen().contains("reading: 17 found"), "{}", console.screen());
    console.answer(ReplySlot::LeftConnections, ReplyBody::ConnectionsFound(Ok(Box::new(left(31)))));
    pictures("left-connections", &mut console);
    let effects = console.keys("y");
    assert!(
        matches!(&effects[..], [Effect::PlanClosing { left, .. }] if left.connections.len() == 31),
        "{effects:?}"
    );
    let trouble = Trouble { why: "none can be reached".into(), hint: None, refused: true };
    console.answer(ReplySlot::Plan, ReplyBody::Planned(Err(trouble)));
    assert!(console.screen().contains("none can be reached"), "{}", console.screen());
}

#[test]
fn a_no_reads_nothing_and_leaving_calls_the_search_off() {
    let mut console = ended();
    console.keys("c");
    weighed(&mut console);
    assert_eq!(console.keys("n"), [Effect::Cancel(ReplySlot::LeftConnections)]);
    assert!(matches!(console.model.overlays.last(), Some(Overlay::MoveProgress { .. })));
    console.keys("c");
    weighed(&mut console);
    console.keys("y");
    assert_eq!(console.keys("esc"), [Effect::Cancel(ReplySlot::LeftConnections)]);
    console.answer(ReplySlot::LeftConnections, ReplyBody::ConnectionsFound(Ok(Box::new(left(3)))));
    assert!(!console.screen().contains("are open on cells"), "nobody waits for it: {}", console.screen());
}

#[test]
fn none_left_and_a_table_that_is_not_there_are_said() {
    let mut console = ended();
    console.keys("c");
    weighed(&mut console);
    console.keys("y");
    console.answer(ReplySlot::LeftConnections, ReplyBody::ConnectionsFound(Ok(Box::new(left(0)))));
    assert!(console.screen().contains("None is left"), "{}", console.screen());
    assert_eq!(console.keys("y"), [], "there is nothing to close");
    console.keys("esc c");
    let hint = Some("set connections.table".to_owned());
    let trouble = Trouble { why: "there is no table of connections".into(), hint, refused: false };
    console.answer(ReplySlot::LeftConnections, ReplyBody::ConnectionsWeighed(Err(trouble)));
    let screen = console.screen();
    assert!(
        screen.contains("no table of connections") && screen.contains("set connections.table"),
        "{screen}"
    );
}

#[test]
fn a_read_only_session_finds_them_and_is_asked_before_they_are_closed() {
    let mut console = Console::loaded().with_moves(0);
    let place = |console: &Console| {
        let table = &console.model.page().table;
        table.cursor
    };
    // Down to a move that has moved somebody.
    let effects = loop {
        console.keys("a");
        let Some(Overlay::Actions { items, .. }) = console.model.overlays.last() else { panic!("no menu") };
        if let Some(down) = items.iter().position(|item| item.action == Action::LeftConnections) {
            console.keys(&"j ".repeat(down));
            break console.keys("enter");
        }
        let before = place(&console);
        console.keys("esc j");
        assert_ne!(place(&console), before, "no move offers it");
    };
    assert!(matches!(&effects[..], [Effect::WeighConnections { .. }]), "{effects:?}");
    weighed(&mut console);
    console.keys("y");
    console.answer(ReplySlot::LeftConnections, ReplyBody::ConnectionsFound(Ok(Box::new(left(2)))));
    console.keys("y");
    assert!(matches!(console.model.overlays.last(), Some(Overlay::Arming(_))));
    console.type_text("123456789012");
    console.keys("enter");
    let effects = console.answer(ReplySlot::Arming(super::estate::SLOT), ReplyBody::Armed(Ok(())));
    assert!(matches!(&effects[..], [Effect::PlanClosing { .. }]), "{effects:?}");
}
