//! Cells on the Fleet screen: where sources and settings disagree, what fires, and a region that is gone.

use cellgate::domain::alarm::Alarm;
use cellgate::domain::estate::RegionSlot;
use cellgate::domain::failure::{Failure, FailureKind};
use cellgate::domain::fleet::Highest;
use cellgate::domain::inventory::News;
use cellgate::domain::method::MethodKey;
use cellgate::tui::event::{ReplyBody, ReplySlot};
use cellgate::tui::model::{Listing, RegionState};

use super::console::{Console, Options};
use super::{estate, history, picture, pictures};

/// Cell 4: its throttle differs, an alarm fires, its web ACL blocks, and it has nearly all the customers it can hold.
fn troubled() -> Console {
    let mut console = Console::loaded();
    for (place, cell) in console.model.settings.cells.configured.iter_mut().enumerate() {
        cell.customers = Some(if place == 3 { 4_600 } else { 8_000 });
    }
    console.tick(300);
    let api = estate::apis().remove(3);
    assert_eq!(api.name, "cell-04-api");
    let mut stages = estate::stages(3, &api);
    if let Some(all) = stages[0].settings.get_mut(&MethodKey::All) {
        all.throttle.rate = Some(50.0);
    }
    console.news(News::Stages { api: api.id, outcome: Ok(stages) });
    console.answer(ReplySlot::Inventory(estate::SLOT), ReplyBody::InventoryRead);
    let mut signals = estate::signals();
    let cell = estate::cell_id(4);
    let alarm = |name: &str| Alarm { name: name.into(), dimensions: vec![], since: None };
    let alarms = vec![alarm("cell-04-latency"), alarm("cell-02-throttles"), alarm("fleet-5xx")];
    signals.alarms.insert(estate::SLOT, alarms);
    signals.blocked.insert(cell.clone(), signals.apis.values().next().expect("series").errors_4xx.clone());
    let hour = estate::figures_minute();
    let highest =
        |requests_per_second| Highest { requests_per_second, hour, since: hour, read_at: estate::now() };
    signals.highest.insert(cell, highest(1_400.0));
    console.answer(ReplySlot::Signals(estate::SLOT), ReplyBody::Signals(Ok(Box::new(signals))));
    console
}

#[test]
fn a_cell_in_trouble_says_what_it_is() {
    let mut console = troubled();
    console.keys("/");
    console.type_text("cell=cell-04");
    console.keys("enter");
    let screen = console.screen_at(120, 60);
    for said in ["cell-04-latency", "throttle rate is 50", "WAF blocks", "customers", "1,400/s seen"] {
        assert!(screen.contains(said), "{said} is not in\n{screen}");
    }
    assert!(!screen.contains("fleet-5xx"), "another's alarm is not its own\n{screen}");
    pictures("cell-troubled", &mut console);
}

#[test]
fn cells_with_findings_or_alarms_can_be_filtered() {
    let mut console = troubled();
    let mut shown = |filter: &str| {
        console.keys("/ ctrl-u");
        console.type_text(filter);
        console.keys("enter");
        console.model.settle();
        let visible = console.model.page().table.visible.clone();
        visible.iter().map(|place| console.model.rows.cells[*place].id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(shown("findings>0"), ["cell-04"]);
    let mut firing = shown("alarms>0");
    firing.sort();
    assert_eq!(firing, ["cell-02", "cell-04"]);
}

#[test]
fn a_fleet_that_agrees_stays_calm() {
    let mut console = Console::loaded();
    assert!(!console.screen_at(120, 60).contains(" of 12 cells"));
    let found: Vec<_> = console.model.rows.cells.iter().flat_map(|row| &row.findings).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_region_that_is_gone_greys_its_cells() {
    let other = RegionState { alias: Some("shop-two".into()), ..RegionState::default() };
    let mut console = Console::with_regions(Options::default(), vec![other]);
    let cells = ["cell-90", "cell-91"].map(str::to_owned).to_vec();
    console.model.settings.cells.of_regions = vec![vec![], cells];
    console.tick(0);
    console.answer_connection();
    let gone =
        Failure::new("GetCallerIdentity", "", FailureKind::Unreachable, "nobody answers at 127.0.0.1:9");
    console.answer(ReplySlot::Connection(RegionSlot(1)), ReplyBody::Connected(Err(gone)));
    console.answer_journal(history::listing_of(vec![]));
    console.answer_inventory();
    console.answer_signals();
    console.answer_signals();
    console.tick(12);
    console.keys("/");
    console.type_text("state=unseen");
    console.keys("enter");
    let screen = console.screen_at(120, 40);
    assert!(screen.contains("shop-two") && screen.contains("nobody answers"), "{screen}");
    console.keys("esc");
    console.model.settle();
    let states: Vec<&str> = console.model.rows.cells.iter().map(|row| row.state.word()).collect();
    assert_eq!(states.iter().filter(|state| **state == "unseen").count(), 2, "{states:?}");
    assert!(states.contains(&"well") && states.contains(&"errors"), "{states:?}");
    picture("fleet-unseen-120x40", &console.screen_at(120, 40));
    picture("fleet-unseen-80x24", &console.screen_at(80, 24));
}

#[test]
fn a_cell_opens_on_its_changes_alone() {
    let mut console = Console::loaded();
    console.answer_journal_anew(history::listing());
    console.keys("/");
    console.type_text("cell=cell-07");
    console.keys("enter C");
    console.model.settle();
    assert_eq!(console.model.page().listing, Listing::Changes);
    let rows = &console.model.rows.listed.changes;
    let own: Vec<String> = rows.iter().map(|row| row.change.plan.target.to_string()).collect();
    assert!(!own.is_empty() && own.iter().all(|target| target.starts_with("orders-api")), "{own:?}");
    let all = console.model.journal.value().expect("a journal").changes.len();
    assert!(own.len() < all, "{own:?} of {all}");
    console.keys("9");
    console.model.settle();
    assert_eq!(console.model.rows.listed.changes.len(), all, "the menu's page has all of them");
}
