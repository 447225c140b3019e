//! Places in a change at which a process may die, so that tests can kill it at each of them.
//!
//! In a debug build `CELLGATE_FAULT_POINTS=trace` names each point on stderr as it is passed, and
//! `CELLGATE_FAULT_POINTS=NAME` stays there for ever once it is reached, to be killed. A release build has
//! none of it.

/// Passes a point: `what` of the step `number`.
#[cfg(debug_assertions)]
pub fn pass(what: &str, number: usize) {
    use std::io::Write as _;

    let Ok(wanted) = std::env::var("CELLGATE_FAULT_POINTS") else { return };
    let name = format!("{what}-{number}");
    let mut stderr = std::io::stderr().lock();
    if wanted == "trace" {
        // Nobody reads it where it can't be written.
        let _ = writeln!(stderr, "fault point {name}");
    } else if wanted == name {
        let _ = writeln!(stderr, "fault point {name} reached");
        let _ = stderr.flush();
        drop(stderr);
        loop {
            std::thread::park();
        }
    }
}

#[cfg(not(debug_assertions))]
pub fn pass(_what: &str, _number: usize) {}
