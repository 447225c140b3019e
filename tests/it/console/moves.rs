//! Moves from the console: a share of a cell by key script, paused, resumed and undone, as boto3 and the commands see
//! it; and a console that is left while one runs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{fill_in, run};
use crate::killed::bench;
use crate::moves::table::MappingTable;
use crate::support::home::Home;
use crate::support::terminal::{Terminal, keys};

/// A console on the table's region, with figures for its cells.
fn console(home: &Home) -> Terminal {
    let terminal = Terminal::cellgate(home, &["console", "--operate"], 120, 40);
    terminal.wait_until("the fleet", |screen| {
        screen.contains("OPERATE") && screen.contains("4 cells, worst first") && screen.contains("figures of")
    });
    terminal
}

/// The state of the last move, as the commands tell it.
fn last_move(home: &Home) -> Value {
    bench::run(home, &["moves", "show", "--last", "-o", "json"]).json()
}

/// Opens the form for a part of a cell.
fn open_form(terminal: &mut Terminal, cell: &str) {
    let found = format!("/ {cell}   1 of 4");
    // A filter that is there goes.
    terminal.send("/\x15").send(cell).wait_for(&found);
    terminal.send(keys::ENTER).wait_for_absence(&found);
    run(terminal, "move");
    terminal.wait_for("Move customers");
}

/// Says yes to the plan in front by this name, and closes what tells of its end.
fn carry_out(terminal: &mut Terminal, name: &str) {
    terminal.wait_for(&format!("Type {name} to carry it out"));
    terminal.send(name).wait_for(&format!("> {name}"));
    terminal.send(keys::ENTER).wait_for("Ended: move customers");
    terminal.wait_for("done in");
    terminal.send(keys::ESCAPE).wait_for_absence("Ended: move customers");
}

/// Opens the form for a part of cell-01 and fills it in: so many to cell-02 at a pace that leaves time to look.
fn ask_for(terminal: &mut Terminal, how_many: &str, rate: &str) {
    open_form(terminal, "cell-01");
    fill_in(terminal, &[how_many, "", "", "", "cell-02", rate, "none", "", "yes"]);
}

/// The first wave is one customer, the second ten: whoever looks late sees the third.
fn wait_for_a_later_wave(terminal: &Terminal) {
    terminal.wait_until("a later wave", |screen| {
        ["2 of", "3 of"].iter().any(|wave| screen.contains(&format!("wave        {wave}")))
    });
}

#[test]
fn a_share_of_a_cell_is_moved_paused_resumed_and_undone_by_keys() {
    let table = MappingTable::with_customers(400);
    let home = table.home("[moves]\nrange = 5\n");
    let before = table.cells();
    let of_cell = table.customers_of("cell-01").len();
    let mut terminal = console(&home);

    ask_for(&mut terminal, "50%", "5");
    let plan = terminal.wait_for("Type cell-02 to carry it out");
    for promised in ["Plan: move customers", "waves", "1, then 10, then", "router", "undo"] {
        assert!(plan.contains(promised), "the plan does not say {promised:?}:\n{plan}");
    }
    assert_eq!(table.cells(), before, "a plan writes nothing");
    terminal.send("cell-02").wait_for("> cell-02");
    terminal.send(keys::ENTER).wait_for("Running: move customers");
    wait_for_a_later_wave(&terminal);
    terminal.send("p");
    let paused = terminal.wait_for("Paused: move customers");
    assert!(paused.contains("resume"), "{paused}");

    let stands = last_move(&home);
    assert_eq!(stands["state"], "paused", "{stands}");
    let moved = |cells: &BTreeMap<String, String>| {
        before.iter().filter(|(customer, cell)| cells[*customer] != **cell).count() as u64
    };
    assert_eq!(Value::from(moved(&table.cells())), stands["tally"]["moved"], "{stands}");

    terminal.send("r").wait_for("Running: move customers");
    terminal.wait_for("Ended: move customers");
    terminal.wait_for("done in");
    let after = table.cells();
    assert_eq!(moved(&after), of_cell.div_ceil(2) as u64, "half of {of_cell}");
    for (customer, cell) in &before {
        let now = &after[customer];
        assert!(now == cell || (cell == "cell-01" && now == "cell-02"), "{customer}: {cell} to {now}");
    }
    assert_eq!(last_move(&home)["state"], "applied");

    // From the row of the move: its menu, the form, the plan and the name.
    terminal.send(keys::ESCAPE).wait_for_absence("Ended: move customers");
    let row = terminal.send("9").wait_for("chain verified");
    assert!(row.contains("move-customers"), "{row}");
    terminal.wait_for("applied");
    run(&mut terminal, "undo");
    terminal.wait_for("Undo a move");
    fill_in(&mut terminal, &["5000", "none", "", "yes"]);
    terminal.wait_for("Type cell-01 to carry it out");
    terminal.send("cell-01").wait_for("> cell-01");
    terminal.send(keys::ENTER).wait_for("Ended: move customers");
    terminal.wait_for("done in");
    assert_eq!(table.cells(), before, "everybody is back");
    terminal.send("q").send("q");
    let left = terminal.finish();
    assert_eq!(left.code, 0, "{left:?}");
    left.assert_restored();
    assert_eq!(bench::run(&home, &["journal", "verify"]).code, Some(0));
}

#[test]
fn a_console_that_is_left_pauses_its_move_and_another_takes_it_up() {
    let table = MappingTable::with_customers(400);
    let home = table.home("[moves]\nrange = 5\n");
    let before = table.cells();
    let mut terminal = console(&home);
    ask_for(&mut terminal, "60", "5");
    terminal.wait_for("Type cell-02 to carry it out");
    terminal.send("cell-02").wait_for("> cell-02");
    terminal.send(keys::ENTER);
    wait_for_a_later_wave(&terminal);
    terminal.send(keys::ESCAPE).wait_for_absence("Running: move customers");
    terminal.send("q").wait_for("Pause it and leave?");
    terminal.send("y");
    let left = terminal.finish();
    assert_eq!(left.code, 0, "{left:?}");
    left.assert_restored();
    assert!(left.text.contains("paused the move"), "{left:?}");
    let stands = last_move(&home);
    assert_eq!((&stands["state"], &stands["customers"]), (&"paused".into(), &60.into()), "{stands}");

    let mut terminal = console(&home);
    terminal.wait_for("1 open");
    terminal.send("9").wait_for("paused");
    run(&mut terminal, "resume-move");
    let plan = terminal.wait_for("Type cell-02 to carry it out");
    assert!(
        plan.contains("Unfinished: move customers") && plan.contains("asked for where it runs"),
        "{plan}"
    );
    terminal.send("cell-02").wait_for("> cell-02");
    terminal.send(keys::ENTER).wait_for("Ended: move customers");
    terminal.wait_for("done in");
    let after = table.cells();
    assert_eq!(before.iter().filter(|(customer, cell)| after[*customer] != **cell).count(), 60);
    assert_eq!(
        after.values().filter(|cell| *cell == "cell-02").count(),
        before.values().filter(|cell| *cell == "cell-02").count() + 60
    );
    terminal.send("q").send("q");
    assert_eq!(terminal.finish().code, 0);
}

#[test]
fn customers_are_chosen_by_load_pattern_and_attribute_and_a_new_one_gets_a_mapping_by_keys() {
    let table = MappingTable::with_customers(1_200);
    let home = table.home("");
    let before = table.items();
    let cell_of = |item: &BTreeMap<String, Value>| item["CellId"].as_str().map(str::to_owned);
    let meant: BTreeSet<&String> = before
        .iter()
        .filter(|(customer, item)| {
            item["CellId"] == "cell-01"
                && customer.starts_with("customer-00")
                && item.get("tier").is_some_and(|tier| tier == "free")
        })
        .map(|(customer, _)| customer)
        .collect();
    assert!(meant.len() > 10, "too few for a plan that asks for a name: {meant:?}");

    // All whom a pattern and an attribute leave, to two cells.
    let mut terminal = console(&home);
    open_form(&mut terminal, "cell-01");
    let chosen = ["", "random", "customer-00*", "tier=free", "cell-02,cell-03", "2000", "none", "", "yes"];
    fill_in(&mut terminal, &chosen);
    carry_out(&mut terminal, "cell-02,cell-03");
    let after = table.items();
    let moved = |after: &BTreeMap<String, BTreeMap<String, Value>>| -> BTreeMap<String, String> {
        let differs = |(customer, item): &(&String, &BTreeMap<String, Value>)| {
            before.get(*customer).and_then(cell_of) != cell_of(item)
        };
        after
            .iter()
            .filter(differs)
            .map(|(customer, item)| (customer.clone(), cell_of(item).unwrap()))
            .collect()
    };
    let first = moved(&after);
    assert_eq!(first.keys().collect::<BTreeSet<_>>(), meant);
    assert_eq!(first.values().map(String::as_str).collect::<BTreeSet<_>>(), ["cell-02", "cell-03"].into());

    // Those of another cell that send most, as far as its keys tell.
    let usage: BTreeMap<String, i64> = serde_json::from_str(&table.python(&["usage"])).unwrap();
    open_form(&mut terminal, "cell-04");
    fill_in(&mut terminal, &["3", "load", "", "", "cell-01", "2000", "none", "stop", "yes"]);
    let plan = terminal.wait_for("Carry it out?");
    assert!(plan.contains("by load: what their API keys used since"), "{plan}");
    terminal.say_yes("cell-01");
    let second: BTreeSet<String> =
        moved(&table.items()).into_keys().filter(|customer| !first.contains_key(customer)).collect();
    assert_eq!(second.len(), 3);
    let later: BTreeMap<String, i64> = serde_json::from_str(&table.python(&["usage"])).unwrap();
    let least = second.iter().map(|customer| later[customer]).min().unwrap();
    let of_cell = before.iter().filter(|(_, item)| item["CellId"] == "cell-04");
    for (other, _) in of_cell.filter(|(customer, _)| !second.contains(*customer)) {
        assert!(usage.get(other).is_none_or(|used| *used <= least), "{other} sends more: {usage:?}");
    }

    // One whom the table doesn't know gets a mapping where that is said, and only there.
    run(&mut terminal, "move newcomer");
    terminal.wait_for("customer newcomer");
    fill_in(&mut terminal, &["cell-03", "no", "", "none", "", "yes"]);
    terminal.wait_for("Refused: move of customer newcomer");
    terminal.send(keys::ESCAPE).wait_for_absence("Refused: move of customer newcomer");
    run(&mut terminal, "move newcomer");
    terminal.wait_for("customer newcomer");
    fill_in(&mut terminal, &["cell-03", "yes", "", "none", "", "yes"]);
    terminal.say_yes("cell-03");
    let created = table.items();
    assert_eq!(created["newcomer"]["CellId"], "cell-03");
    assert_eq!(created.len(), before.len() + 1);
    terminal.send("q");
    assert_eq!(terminal.finish().code, 0);
}
