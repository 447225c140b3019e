//! 1,000,000 customers counted without an index.

use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;

use crate::say;
use crate::support::binary::cellgate;
use crate::support::home::Home;
use crate::support::peak_memory::peak_kilobytes;
use crate::support::region::Region;

const CUSTOMERS: u64 = 1_000_000;
/// Read units a second.
const RATE: f64 = 200.0;
/// Of the client.
const MOST_KILOBYTES: u64 = 100_000;

pub fn prove() {
    let region = Region::start(RegionOptions {
        cells: 12,
        apis: 24,
        customers: usize::try_from(CUSTOMERS).expect("a count"),
        clock: Clock::manual("2026-11-20T12:00:00Z".parse().expect("a timestamp")),
        ..RegionOptions::default()
    });
    let mut home = Home::new();
    home.set("AWS_ENDPOINT_URL", &region.endpoint_url());
    let peak = peak_kilobytes(&home, &["count", "--scan", "--rate", &RATE.to_string()]);
    let last = cellgate(&home, ["count", "--last", "-o", "json"]).json();
    let counted: u64 = last["tally"]["cells"]
        .as_object()
        .expect("customers by cell")
        .values()
        .filter_map(serde_json::Value::as_u64)
        .sum();
    assert_eq!(counted, CUSTOMERS);
    let (units, seconds) = (last["read_units"].as_f64(), last["seconds"].as_f64());
    let rate = units.expect("read units") / seconds.expect("seconds");
    say(&format!(
        "{CUSTOMERS} customers counted by a scan: {peak} kB at the most, {rate:.0} of {RATE:.0} read units a second"
    ));
    assert!(peak < MOST_KILOBYTES, "{peak} kB");
    assert!((0.9 * RATE..=1.05 * RATE).contains(&rate), "{rate} read units a second");
}
