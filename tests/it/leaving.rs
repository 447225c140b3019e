//! Leaving the console while a change runs: the terminal comes back at once, and the change's record
//! is whole.

use crate::moves::table::MappingTable;
use crate::support::binary::cellgate;
use crate::support::home::Home;
use crate::support::terminal::{Left, Terminal, keys};

/// A stage whose cache is on when the demo region starts.
const STAGE: &str = "cell-01-api/prod";

/// A console in which a flush was sent a moment ago and is being waited for.
fn flushing(home: &Home, state: &str) -> Terminal {
    let mut terminal = Terminal::cellgate(home, &["--state-dir", state, "console", "--operate"], 120, 40);
    terminal.wait_until("the fleet with figures", |screen| {
        screen.contains("4 cells, worst first") && screen.contains("figures of")
    });
    terminal.send("3").wait_for("stages, by name");
    terminal.send(":").wait_for("Palette");
    let command = format!("flush {STAGE}");
    terminal.send(&command).wait_for(&command);
    terminal.send(keys::ENTER).wait_for("Carry it out?");
    terminal.send("y").wait_for("FLUSH_IN_PROGRESS");
    terminal
}

/// The terminal is back, and the journal's one change says the same as the last line on it.
fn assert_recorded(home: &Home, state: &str, left: &Left) {
    left.assert_restored();
    let changes = cellgate(home, ["--state-dir", state, "--output", "json", "journal", "list"]).json();
    let [change] = changes.as_array().expect("a list").as_slice() else { panic!("one change: {changes}") };
    let field = |name: &str| change[name].as_str().unwrap_or_default().to_owned();
    let outcome = field("outcome");
    assert_eq!(outcome, "unknown", "the flush goes on, and open is what it must not be: {change}");
    let said =
        format!("left the change {} to {STAGE}; its outcome is recorded as {outcome}", field("change"));
    let shown = left.text.replace('\n', "");
    assert!(shown.contains(&said), "{said:?} is not on the terminal: {left:?}");
    let verified = cellgate(home, ["--state-dir", state, "journal", "verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

#[test]
fn a_flush_that_is_left_with_ctrl_c_has_an_outcome_in_the_journal() {
    // Time stands still there: the flush is under way for as long as anybody looks.
    let table = MappingTable::standing();
    let home = table.home("");
    let state = home.path().join("kept").display().to_string();
    let mut terminal = flushing(&home, &state);
    terminal.send(keys::CONTROL_C);
    let left = terminal.finish();
    assert_eq!(left.code, 0, "{left:?}");
    assert_recorded(&home, &state, &left);
}

#[test]
fn a_flush_that_is_left_by_sigterm_has_an_outcome_in_the_journal() {
    // Time stands still there: the flush is under way for as long as anybody looks.
    let table = MappingTable::standing();
    let home = table.home("");
    let state = home.path().join("kept").display().to_string();
    let terminal = flushing(&home, &state);
    terminal.signal("TERM");
    assert_recorded(&home, &state, &terminal.finish());
}
