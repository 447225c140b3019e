//! What the traffic simulation costs: time to start, time by step, memory of the process.
//!
//! ```text
//! cargo run --release -p cellgate-demo --example traffic_cost -- CELLS APIS CUSTOMERS SECONDS
//! ```

use std::sync::{Arc, RwLock};
use std::time::Instant;

use cellgate_demo::clock::Clock;
use cellgate_demo::estate::Throttle;
use cellgate_demo::estate::customer::starting_customers;
use cellgate_demo::estate::seed::{issue_keys, starting_estate};
use cellgate_demo::ledger::Ledger;
use cellgate_demo::metrics::MetricStore;
use cellgate_demo::traffic::{PROPAGATION, Simulation, Surroundings, TrafficAccount};
use jiff::{SignedDuration, Timestamp};

const SEED: u64 = 7;

#[expect(clippy::print_stdout, reason = "this program is there for what it prints")]
fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse().ok());
    let mut number = |otherwise: usize| arguments.next().flatten().unwrap_or(otherwise);
    let (cells, apis, customers, seconds) = (number(12), number(30), number(5_000), number(120));
    // Noon of some day: about as busy as it gets.
    let clock = Clock::manual(Timestamp::from_second(1_795_176_000).unwrap_or_default());
    let mut estate = starting_estate(SEED, cells, apis, clock.now());
    // One account for all: its throttle must not be what is measured.
    estate.account_throttle = Throttle { rate: 1e7, burst: 5_000_000 };
    let api = estate.apis.first().map(|api| api.id.clone()).unwrap_or_default();
    let begun = Instant::now();
    let customers = starting_customers(&estate.cells, customers, SEED);
    issue_keys(&mut estate, &customers, SEED, clock.now());
    println!("customers: {:.2} s, {} MB", begun.elapsed().as_secs_f64(), resident());
    let ledger = Arc::new(Ledger::default());
    let surroundings = Surroundings {
        accounts: vec![TrafficAccount {
            estate: Arc::new(RwLock::new(estate)),
            metrics: Arc::new(MetricStore::new()),
        }],
        ledger: Arc::clone(&ledger),
        disturbances: Arc::default(),
        mappings: Arc::default(),
        clock: clock.clone(),
        seed: SEED,
        propagation: PROPAGATION,
    };
    let begun = Instant::now();
    let mut simulation = Simulation::new(surroundings, &customers);
    println!("start: {:.2} s, {} MB", begun.elapsed().as_secs_f64(), resident());
    drop(customers);
    let (mut all, mut longest) = (0.0, 0.0_f64);
    for _ in 0..seconds {
        clock.advance(SignedDuration::from_secs(1));
        let begun = Instant::now();
        simulation.advance(clock.now());
        let taken = begun.elapsed().as_secs_f64();
        all += taken;
        longest = longest.max(taken);
    }
    let steps = u32::try_from(seconds).map_or(1.0, f64::from);
    println!("step: {:.2} ms on average, {:.2} ms at most", 1e3 * all / steps, 1e3 * longest);
    println!("ledger: {} groups; {} MB in all", ledger.group_count(), resident());
    let history = simulation.history();
    let minute = clock.now().as_second() / 60 - 60;
    let begun = Instant::now();
    let flows = (0..60).filter(|ago| history.flow(&api, "prod", minute - ago).is_some()).count();
    println!(
        "history: {:.2} ms a flow",
        1e3 * begun.elapsed().as_secs_f64() / f64::from(u32::try_from(flows).unwrap_or(1).max(1))
    );
}

/// Megabytes that the process has in memory.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or_default()
        / 1_024
}
