//! The demo region and the emulators of others answer the same calls alike, up to ids and times.

use serde_json::{Value, json};

use crate::support::emulator::Emulator;
use crate::support::referee::boto3;
use crate::support::region::Region;
use cellgate_demo::RegionOptions;

/// Plays every story that the region can to both, and reads what came of it.
fn compare(emulator: &Emulator, name: &str) -> Value {
    // The emulators have no request quotas; whether ours hold is for other tests.
    let region = Region::start(RegionOptions { control_plane_limits: false, ..RegionOptions::default() });
    let claimed = json!(cellgate_demo::operations());
    boto3("agree.py", &[&region.endpoint_url(), emulator.endpoint_url(), name], &claimed)
}

fn lines(values: &Value) -> String {
    let values = values.as_array().unwrap_or_else(|| panic!("no list: {values}"));
    values.iter().map(|line| line.as_str().map_or_else(|| line.to_string(), str::to_owned) + "\n").collect()
}

fn judge(answer: &Value) {
    let found = lines(&answer["disagreements"]);
    assert!(found.is_empty(), "the answers differ:\n{found}");
    let outdated = lines(&answer["outdated"]);
    assert!(outdated.is_empty(), "known differences that did not show:\n{outdated}");
    let compared = answer["compared"].as_array().map_or(0, Vec::len);
    assert!(compared >= 20, "only {compared} calls were compared; waiting: {}", answer["waiting"]);
}

#[test]
fn moto_and_the_region_agree() {
    judge(&compare(&Emulator::moto(), "moto"));
}

#[test]
fn ministack_and_the_region_agree() {
    judge(&compare(&Emulator::ministack(), "ministack"));
}
