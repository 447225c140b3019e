//! Moves from the console: a share of a cell by key script, paused, resumed and undone, as boto3 and the commands see
//! it; and a console that is left while one runs.

use serde_json::Value;

use super::run;
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

/// Opens the form for a part of cell-01 and fills it in: so many to cell-02 at a pace that leaves time to look.
fn ask_for(terminal: &mut Terminal, how_many: &str, rate: &str) {
    terminal.send("/").send("cell-01").wait_for("/ cell-01   1 of 4");
    terminal.send(keys::ENTER).wait_for_absence("/ cell-01   1 of 4");
    run(terminal, "move");
    terminal.wait_for("Move customers");
    for line in [how_many, "cell-02", rate, "none", "yes"] {
        // What stands there already gives way.
        terminal.send("\x15").send(line).wait_for(line);
        terminal.send(keys::ENTER);
    }
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
    let moved = |cells: &std::collections::BTreeMap<String, String>| {
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
    for line in ["5000", "none", "yes"] {
        terminal.send("\x15").send(line).wait_for(line);
        terminal.send(keys::ENTER);
    }
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
