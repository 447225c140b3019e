//! The console as an operator meets it: the binary in a terminal of its own, driven by keys.

mod moves;
mod row_levers;

use std::time::{Duration, Instant};

use cellgate_demo::RegionOptions;

use crate::support::binary::cellgate;
use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::home::Home;
use crate::support::region::Region;
use crate::support::terminal::{Terminal, keys};

/// The stage whose cache the operator flushes; the demo region starts with that cache on.
const STAGE: &str = "cell-01-api/prod";

/// A demo console at this size, with its fleet on screen and figures for every cell.
fn demo(home: &Home, columns: u16, rows: u16) -> Terminal {
    let terminal = Terminal::cellgate(home, &["demo"], columns, rows);
    terminal.wait_until("the fleet with figures", |screen| {
        screen.contains("12 cells, worst first") && screen.contains("figures of")
    });
    assert!(terminal.on_alternate_screen());
    terminal
}

/// Runs an action by its name in the palette.
pub fn run(terminal: &mut Terminal, action: &str) {
    terminal.send(":").wait_for("Palette");
    terminal.send(action).wait_for(action);
    terminal.send(keys::ENTER);
}

#[test]
fn an_operator_filters_opens_a_stage_flushes_it_sees_the_journal_and_leaves() {
    let home = Home::without_credentials();
    let mut terminal = demo(&home, 120, 40);

    terminal.send("/").send("cell-07").wait_for("/ cell-07   1 of 12");
    terminal.send(keys::ESCAPE).wait_for_absence("filter cell-07");

    terminal.send("3").wait_for("stages, by name");
    terminal.send("/").send("cell-01-api prod").wait_for("/ cell-01-api prod");
    let stage = terminal.send(keys::ENTER).wait_for("AVAILABLE");
    assert!(stage.contains(STAGE), "the stage's details are beside the table:\n{stage}");

    run(&mut terminal, "flush");
    let plan = terminal.wait_for("Carry it out?");
    for promised in [STAGE, "FlushStageCache", "apigateway:DELETE", "impossible"] {
        assert!(plan.contains(promised), "the plan does not say {promised:?}:\n{plan}");
    }
    terminal.send("y").wait_for("write the intent to the journal");
    terminal.wait_for("done in");
    terminal.send(keys::ESCAPE).wait_for_absence("write the intent to the journal");

    run(&mut terminal, "journal");
    let journal = terminal.wait_for("chain verified: 2 records");
    assert!(journal.contains(STAGE) && journal.contains("applied"), "{journal}");
    terminal.send("1").wait_for_absence("chain verified");

    terminal.send("q");
    let left = terminal.finish();
    assert_eq!(left.code, 0, "{left:?}");
    left.assert_restored();
}

#[test]
fn throttles_plans_keys_and_rules_are_a_key_or_two_away() {
    let home = Home::without_credentials();
    let mut terminal = demo(&home, 120, 40);
    terminal.send("5").wait_for("blocking first");
    let throttles = terminal.wait_for("POST /orders");
    assert!(throttles.contains("10,000/5,000"), "the account's limit stands beside it:\n{throttles}");
    terminal.send("l").wait_for("plans, by name");
    terminal.wait_for("Premium");
    terminal.send(keys::ENTER).wait_for("of Basic, by name");
    terminal.wait_for("basic-01");
    terminal.send("6").wait_for("cell-01-waf");
    terminal.send(keys::ENTER).wait_for("of cell-01-waf, by priority");
    let rules = terminal.wait_for("rate-limit");
    assert!(rules.contains("blocked-addresses"), "{rules}");
    terminal.send("q");
    assert_eq!(terminal.finish().code, 0);
}

#[test]
fn a_resize_is_followed() {
    let home = Home::without_credentials();
    let mut terminal = demo(&home, 200, 60);
    terminal.resize(80, 24);
    let small = terminal.wait_until("a frame of 80 columns", |screen| {
        screen.lines().nth(2).is_some_and(|line| line.chars().count() == 80 && line.ends_with(['╮', '┐']))
    });
    assert!(small.contains("12 cells"), "{small}");
    terminal.send(keys::CONTROL_C);
    let left = terminal.finish();
    assert_eq!(left.code, 0, "{left:?}");
    left.assert_restored();
}

#[test]
fn a_panic_gives_the_terminal_back() {
    let mut home = Home::without_credentials();
    home.set("CELLGATE_FORCE_PANIC", "1");
    let mut terminal = demo(&home, 120, 40);
    run(&mut terminal, "panic");
    let left = terminal.finish();
    assert_ne!(left.code, 0);
    left.assert_restored();
    assert!(left.text.contains("forced by the action 'panic'"), "the panic is not to be seen: {left:?}");
}

#[test]
fn sigterm_gives_the_terminal_back() {
    let home = Home::without_credentials();
    let terminal = demo(&home, 120, 40);
    terminal.signal("TERM");
    terminal.finish().assert_restored();
}

#[test]
fn keys_are_drawn_while_every_call_hangs() {
    let region =
        Region::start(RegionOptions { cells: 2, apis: 6, customers: 40, ..RegionOptions::default() });
    let proxy = FaultProxy::before(&region.endpoint_url());
    proxy.inject("/", Occurrence::Every, Fault::Delay(Duration::from_secs(30)));
    let home = Home::new();
    let endpoint_url = proxy.endpoint_url();
    let mut terminal = Terminal::cellgate(&home, &["console", "--endpoint-url", &endpoint_url], 120, 40);
    // The first screen does not wait for the login.
    terminal.wait_for("1 Fleet");
    // Its spinner turns, so the screen is looked at again and again.
    terminal.wait_until("call under way", |_| proxy.count("GetCallerIdentity") > 0);
    let mut slowest = Duration::ZERO;
    for _ in 0..40 {
        let pressed = Instant::now();
        terminal.send("?").wait_for("Move up by a page");
        slowest = slowest.max(pressed.elapsed());
        terminal.send(keys::ESCAPE).wait_for_absence("Move up by a page");
    }
    // A key that waited for a call would take half a minute; how fast a frame is drawn is for the benchmark `draw`.
    assert!(slowest < Duration::from_secs(20), "a key was drawn after {slowest:?}");
    terminal.send(keys::CONTROL_C);
    terminal.finish().assert_restored();
}

#[test]
fn a_throttle_changed_from_the_command_line_is_undone_in_under_twelve_keys() {
    let region =
        Region::start(RegionOptions { cells: 2, apis: 6, customers: 40, ..RegionOptions::default() });
    let home = Home::new();
    let endpoint_url = region.endpoint_url();
    let set = ["throttle", "set", STAGE, "--rate", "77", "--burst", "78", "--operate", "--yes"];
    let changed = cellgate(&home, set.into_iter().chain(["--endpoint-url", &endpoint_url]));
    assert_eq!(changed.code, Some(0), "{changed:?}");
    let rate = || {
        let stages =
            cellgate(&home, ["get", "stages", "cell-01-api", "-o", "json", "--endpoint-url", &endpoint_url]);
        stages.json().to_string().contains("\"rate\":77")
    };
    assert!(rate(), "the throttle was changed");

    let mut terminal =
        Terminal::cellgate(&home, &["console", "--operate", "--endpoint-url", &endpoint_url], 120, 40);
    terminal.wait_until("the fleet", |screen| {
        screen.contains("OPERATE") && screen.contains("cells, worst first")
    });
    // Six keys, beside the target's name where that must be typed.
    let row = terminal.send("9").wait_for("chain verified: 2 records");
    assert!(row.contains("throttle") && row.contains(STAGE) && row.contains("applied"), "{row}");
    let menu = terminal.send("a").wait_for("Actions");
    assert!(menu.contains("undo 2"), "{menu}");
    terminal.send(keys::ENTER);
    let plan = terminal.wait_until("the whole plan", |screen| {
        screen.contains("Carry it out?") || screen.contains("to carry it out; esc drops it")
    });
    assert!(plan.contains("Plan: undo: change the throttle"), "{plan}");
    assert!(plan.contains("takes back") && plan.contains("77"), "{plan}");
    if plan.contains("Carry it out?") {
        terminal.send("y");
    } else {
        terminal.send(STAGE).wait_for(&format!("> {STAGE}"));
        terminal.send(keys::ENTER);
    }
    terminal.wait_for("done in");
    terminal.send(keys::ESCAPE).wait_for_absence("write the intent to the journal");
    let journal = terminal.wait_for("chain verified: 4 records");
    assert!(journal.contains("takes back") && journal.contains("undone"), "{journal}");
    assert!(!rate(), "the throttle is as it was");
    terminal.send("q");
    assert_eq!(terminal.finish().code, 0);
}

#[test]
fn an_open_change_is_said_at_start_and_settled_from_its_row() {
    let region =
        Region::start(RegionOptions { cells: 2, apis: 6, customers: 40, ..RegionOptions::default() });
    let home = Home::new();
    let endpoint_url = region.endpoint_url();
    let set = ["throttle", "set", STAGE, "--rate", "77", "--burst", "78", "--operate", "--yes"];
    let changed = cellgate(&home, set.into_iter().chain(["--endpoint-url", &endpoint_url]));
    assert_eq!(changed.code, Some(0), "{changed:?}");
    forget_last_outcome(&home);

    let mut terminal =
        Terminal::cellgate(&home, &["console", "--operate", "--endpoint-url", &endpoint_url], 120, 40);
    terminal.wait_for("1 open");
    terminal.send("9").wait_for("chain verified: 1 records");
    terminal.send("a").wait_for("Actions");
    terminal.send(keys::ENTER);
    let question = terminal.wait_for("Record it as applied?");
    assert!(question.contains("its settings are as the change made them"), "{question}");
    terminal.send("y").wait_for("recorded as applied");
    terminal.wait_for("chain verified: 2 records");
    terminal.wait_for_absence("1 open");
    terminal.send("q");
    assert_eq!(terminal.finish().code, 0);
}

/// Leaves the journal as a process does that was killed before it recorded the outcome.
fn forget_last_outcome(home: &Home) {
    let folder = home.path().join("state/cellgate/journal");
    let path = folder.join("journal.jsonl");
    let text = std::fs::read_to_string(&path).expect("a journal");
    let intent = text.lines().next().expect("an intent");
    std::fs::remove_dir_all(&folder).expect("the test's own folder");
    std::fs::create_dir_all(&folder).expect("the test's own folder");
    std::fs::write(&path, format!("{intent}\n")).expect("the test's own file");
}

/// Goes to a list, and to the row that the filter leaves.
pub fn select(terminal: &mut Terminal, list: &str, title: &str, filter: &str) {
    run(terminal, list);
    terminal.wait_for(title);
    terminal.send("/").send(filter).wait_for(&format!("/ {filter}   1 of"));
    terminal.send(keys::ENTER).wait_for_absence(&format!("/ {filter}   1 of"));
}

/// Goes through the form in front line by line; nothing leaves a line as it begins.
pub fn fill_in(terminal: &mut Terminal, lines: &[&str]) {
    for line in lines {
        if !line.is_empty() {
            terminal.send(line).wait_for(line);
        }
        terminal.send(keys::ENTER);
    }
}

/// What an operator types to get from the stages to a plan of this lever, with `typed` on its lines.
pub fn pull(terminal: &mut Terminal, lever: &str, typed: &[&str]) {
    run(terminal, lever);
    terminal.wait_for("enter goes on and makes the plan");
    for line in typed {
        terminal.send(line).send(keys::ENTER);
    }
}

#[test]
fn a_throttle_and_a_rollback_are_made_and_undone_from_the_console() {
    let region =
        Region::start(RegionOptions { cells: 2, apis: 6, customers: 40, ..RegionOptions::default() });
    let home = Home::new();
    let endpoint_url = region.endpoint_url();
    // Deployment and settings, as text that can be compared.
    let stage = || {
        let estate = region.estate();
        let api = estate.apis.iter().find(|api| api.name == "cell-01-api").expect("the API is there").clone();
        let stage = api.stages.iter().find(|stage| stage.name == "prod").expect("its stage is there");
        (stage.deployment_id.clone(), format!("{:?}", stage.settings))
    };
    let before = stage();
    let mut terminal =
        Terminal::cellgate(&home, &["console", "--operate", "--endpoint-url", &endpoint_url], 120, 40);
    terminal.wait_until("the fleet", |screen| {
        screen.contains("OPERATE") && screen.contains("cells, worst first")
    });
    terminal.send("3").wait_for("stages, by name");
    terminal.send("/").send("cell-01-api prod").wait_for("/ cell-01-api prod");
    terminal.send(keys::ENTER).wait_for("AVAILABLE");

    // Beside what is typed: the palette, three times enter and the yes.
    pull(&mut terminal, "throttle", &["77", "78"]);
    terminal.say_yes(STAGE);
    assert_ne!(stage().1, before.1);
    pull(&mut terminal, "rollback", &[""]);
    terminal.say_yes(STAGE);
    assert_ne!(stage().0, before.0);

    // From the newest change on: its screen, the menu, undo, and the yes.
    for records in [4, 6] {
        terminal.send("9").wait_for(&format!("chain verified: {records} records"));
        if records == 6 {
            // The rollback and its undo come first.
            terminal.send("j").send("j");
        }
        terminal.send("a").wait_for("undo 2");
        terminal.send(keys::ENTER);
        terminal.say_yes(STAGE);
    }
    assert_eq!(stage(), before);
    terminal.send("q");
    assert_eq!(terminal.finish().code, 0);
}
