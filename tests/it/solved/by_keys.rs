//! From the console: keys alone, and nothing known but what is on the screen.

use super::Shift;
use crate::console::{fill_in, pull, run, select};
use crate::support::home::Home;
use crate::support::terminal::{Terminal, keys};

/// The armed console of an operator on the region of the shift.
fn console(home: &Home) -> Terminal {
    let terminal = Terminal::cellgate(home, &["console", "--operate"], 120, 40);
    terminal.wait_until("the fleet with figures", |screen| {
        screen.contains("8 cells, worst first") && screen.contains("figures of")
    });
    terminal
}

fn leave(mut terminal: Terminal) {
    terminal.send("q");
    assert_eq!(terminal.finish().code, 0);
}

fn flush_the_router(terminal: &mut Terminal) {
    select(terminal, "stages", "stages, by name", "router prod");
    run(terminal, "flush");
    terminal.say_yes("router");
}

/// Fills the form of a move in, and says yes to its plan as that asks for it.
fn carry_out(terminal: &mut Terminal, form: &str, lines: &[&str]) {
    terminal.wait_for(form);
    fill_in(terminal, lines);
    let asked = "to carry it out";
    let plan = terminal.wait_for(asked);
    let named = plan.split(asked).next().and_then(|before| before.rsplit("Type ").next()).unwrap();
    let name = named.trim().to_owned();
    terminal.send(&name).wait_for(&format!("> {name}"));
    terminal.send(keys::ENTER).wait_for("Ended: move customers");
    terminal.send(keys::ESCAPE).wait_for_absence("Ended: move customers");
}

fn select_cell(terminal: &mut Terminal, cell: &str) {
    terminal.send("1").wait_for("8 cells, worst first");
    terminal.send("/").send(cell).wait_for(&format!("/ {cell}   1 of 8"));
    terminal.send(keys::ENTER).wait_for_absence(&format!("/ {cell}   1 of 8"));
}

#[test]
fn most_customers_of_an_overloaded_cell_go_where_there_is_room() {
    let shift = Shift::with("cell-overload", 29);
    let home = shift.home();
    let mut terminal = console(&home);
    select_cell(&mut terminal, &shift.cell());
    run(&mut terminal, "move");
    carry_out(&mut terminal, "Move customers", &["70%", "", "", "", "", "2000", "none", "", "no"]);
    flush_the_router(&mut terminal);
    shift.is_cured();
    leave(terminal);
}

#[test]
fn a_move_that_was_cut_off_is_brought_to_its_end() {
    let shift = Shift::with("half-moved", 5);
    let home = shift.home();
    let mut terminal = console(&home);
    select_cell(&mut terminal, &shift.cell());
    run(&mut terminal, "drain");
    carry_out(&mut terminal, "Drain a cell", &["", "2000", "none", "", "no"]);
    flush_the_router(&mut terminal);
    shift.is_cured();
    leave(terminal);
}

#[test]
fn a_router_that_keeps_old_answers_is_flushed() {
    let shift = Shift::with("stale-router-cache", 17);
    let home = shift.home();
    let mut terminal = console(&home);
    flush_the_router(&mut terminal);
    shift.is_cured();
    leave(terminal);
}

#[test]
fn a_noisy_customers_plan_is_throttled() {
    let shift = Shift::with("noisy-customer", 29);
    let home = shift.home();
    let mut terminal = console(&home);
    run(&mut terminal, "plans");
    let plans = terminal.wait_until("the plans with their limits", |screen| screen.contains("5,000"));
    let widest = plans.lines().find(|line| line.contains("5,000")).unwrap();
    let name = widest.split(|letter: char| !letter.is_alphanumeric()).find(|word| word.len() > 2).unwrap();
    select(&mut terminal, "plans", "plans, by name", name);
    pull(&mut terminal, "plan-throttle", &["60", "120"]);
    terminal.say_yes(name);
    shift.is_cured();
    leave(terminal);
}
