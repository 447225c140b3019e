//! From the console: keys alone, and nothing known but what is on the screen.

use super::Shift;
use crate::console::{pull, run, select};
use crate::support::terminal::Terminal;

/// The console on the region of the shift, armed.
fn console(shift: &Shift) -> Terminal {
    let terminal = Terminal::cellgate(&shift.home(), &["console", "--operate"], 120, 40);
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

#[test]
fn a_router_that_keeps_old_answers_is_flushed() {
    let shift = Shift::with("stale-router-cache", 17);
    let mut terminal = console(&shift);
    flush_the_router(&mut terminal);
    shift.is_cured();
    leave(terminal);
}

#[test]
fn a_noisy_customers_plan_is_throttled() {
    let shift = Shift::with("noisy-customer", 29);
    let mut terminal = console(&shift);
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
