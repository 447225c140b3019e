//! Moving and counting many customers, measured and proven.
//!
//! ```text
//! cargo bench --bench customers              # all three
//! cargo bench --bench customers -- kills     # one: throughput, kills or count
//! ```
//! - `throughput`: customers a second of a move with journal, ranges and conditions, beside a bare loop of the same
//!   conditional writes at the same concurrency, in turns in the same run.
//! - `kills`: 100,000 customers are moved by the program, which is killed at 20 random moments and resumed each time,
//!   while boto3 moves 1,000 of the same customers elsewhere. boto3 scans the table before and after.
//! - `count`: 1,000,000 customers are counted by a scan at a set rate; what memory the program took, and how much of
//!   the rate it used.
//!
//! What isn't as it has to be ends it with a panic.

#[path = "customers/count.rs"]
mod count;
#[path = "customers/kills.rs"]
mod kills;
#[expect(dead_code, reason = "the tests do more with it")]
#[path = "../it/support"]
mod support {
    //! What the tests stand on.

    pub mod binary;
    pub mod child_output;
    pub mod home;
    pub mod moving;
    pub mod peak_memory;
    pub mod python;
    pub mod region;
    pub mod session;
    pub mod settings;
}
#[path = "customers/throughput.rs"]
mod throughput;

fn main() {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let all: [(&str, fn()); 3] =
        [("throughput", throughput::measure), ("kills", kills::prove), ("count", count::prove)];
    for (name, run) in all {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            run();
        }
    }
}

#[expect(clippy::print_stdout, reason = "what was measured")]
fn say(line: &str) {
    println!("{line}");
}
