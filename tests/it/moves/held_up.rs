//! What holds a move up: a cell that another one empties, customers who were changed meanwhile, and its own pace.

use std::time::{Duration, Instant};

use super::killed::list;
use super::table::MappingTable;
use crate::killed::bench;

#[test]
fn nobody_is_moved_to_a_cell_that_an_unfinished_move_empties() {
    let table = MappingTable::new();
    let mut home = table.home("");
    let leaving: Vec<String> = table.customers_of("cell-02").into_iter().take(2).collect();
    let leave = ["move", &leaving[0], &leaving[1], "--to", "cell-03", "--gate", "none", "--force", "-y"];
    bench::kill(&mut home, &leave, "after-done-1");
    let arriving = table.customers_of("cell-01").remove(0);
    let arrive = ["move", &arriving, "--to", "cell-02", "--gate", "none", "-y"];
    let refused = bench::run(&home, &arrive);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(refused.stderr.contains("has not ended, and takes customers away from it"), "{refused:?}");
    assert_eq!(table.cells()[&arriving], "cell-01");
    let forced = bench::run(&home, &[&arrive[..], &["--force"]].concat());
    assert_eq!(forced.code, Some(0), "{forced:?}");
    assert!(forced.stderr.contains("takes customers away from it"), "it is said all the same: {forced:?}");
    assert_eq!(bench::run(&home, &["moves", "resume", "--last"]).code, Some(3), "the newest has ended");
    let known = bench::run(&home, &["moves", "list", "-o", "json"]).json();
    let resumed = bench::run(&home, &["moves", "resume", known[1]["move"].as_str().unwrap()]);
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    let other = table.customers_of("cell-01").remove(0);
    let free = bench::run(&home, &["move", &other, "--to", "cell-02", "--gate", "none", "--dry-run"]);
    assert!(!free.stderr.contains("takes customers away") && !free.stdout.contains("takes customers away"));
}

#[test]
fn the_first_customer_who_was_changed_meanwhile_stops_it_where_asked() {
    for in_doubt in [false, true] {
        let table = MappingTable::new();
        let mut home = table.home("[moves]\nrange = 2\n");
        let customers: Vec<String> = table.customers_of("cell-01").into_iter().take(8).collect();
        let file = list(&home, &customers);
        let command = [
            "move",
            "--file",
            &file,
            "--to",
            "cell-02",
            "--gate",
            "none",
            "--force",
            "--stop-on-conflict",
            "-y",
        ];
        // The second range has not been announced, or is in doubt.
        bench::kill(&mut home, &command, if in_doubt { "after-range-2" } else { "after-done-1" });
        table.python(&["put", &customers[2], "cell-04"]);
        let paused = bench::run(&home, &["moves", "resume", "--last"]);
        assert_eq!(paused.code, Some(4), "{paused:?}");
        assert!(paused.stderr.contains("it was to stop at that"), "{paused:?}");
        let cells = table.cells();
        let at: Vec<&str> = customers.iter().map(|customer| cells[customer].as_str()).collect();
        assert_eq!(at[..3], ["cell-02", "cell-02", "cell-04"]);
        assert!(at[3..].iter().all(|cell| *cell == "cell-01"), "the next range was not begun: {at:?}");
        let resumed = bench::run(&home, &["moves", "resume", "--last"]);
        assert_eq!(resumed.code, Some(4), "one was not moved: {resumed:?}");
        let cells = table.cells();
        assert_eq!(cells[&customers[2]], "cell-04", "theirs stays");
        assert!(customers.iter().all(|customer| cells[customer] != "cell-01"));
    }
}

#[test]
fn it_keeps_to_the_pace_that_it_is_given() {
    let table = MappingTable::new();
    let home = table.home("");
    let begun = Instant::now();
    let arguments =
        ["move", "--from", "cell-01", "--count", "30", "--to", "cell-02", "--rate", "20", "--gate", "none"];
    let moved = bench::run(&home, &[&arguments[..], &["--force", "-y"]].concat());
    assert_eq!(moved.code, Some(0), "{moved:?}");
    assert!(moved.stderr.contains("at most 20 a second"), "{moved:?}");
    // 29 pauses of a twentieth of a second; a late timer catches up a little.
    assert!(begun.elapsed() > Duration::from_millis(1_300), "{:?}", begun.elapsed());
}
