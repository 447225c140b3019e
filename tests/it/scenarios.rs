//! Every scenario of the demo region is cured by an AWS client that knows nothing of either program: boto3.
//!
//! That nothing done and a wrong lever don't cure is tested where the scenarios are, in the region's own tests.

use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;
use cellgate_demo::scenario::{self, Phase};
use jiff::SignedDuration;
use serde_json::Value;

use crate::support::referee::boto3;
use crate::support::region::Region;

/// Names and onsets differ from one to the other.
const SEEDS: [u64; 3] = [5, 17, 29];
/// Seconds from the start to the last onset there is.
const ONSET_WITHIN: i64 = 200;
/// Seconds in which what goes wrong shows in the signals.
const SHOWS_WITHIN: i64 = 60;
/// Seconds in which a right lever does its work.
const CURED_WITHIN: i64 = 900;

fn wait_for(region: &Region, phase: Phase, seconds: i64) -> bool {
    for _ in 0..seconds / 5 {
        if region.scenario().phase == phase {
            return true;
        }
        region.advance(SignedDuration::from_secs(5));
    }
    region.scenario().phase == phase
}

/// Has boto3 use the scenario's cure of this place, again while it is throttled.
fn act(region: &Region, name: &str, place: usize) -> Value {
    for _ in 0..60 {
        let done = boto3("scenarios.py", &[&region.endpoint_url(), name, &place.to_string()], &Value::Null);
        if done["throttled"] != true {
            return done;
        }
        region.advance(SignedDuration::from_millis(1037));
    }
    panic!("{name}: every call was throttled");
}

/// Plays a scenario with this seed and uses its cure of this place; how many cures it has.
fn is_cured_by(name: &str, seed: u64, place: usize) -> usize {
    let scenario = scenario::load(name).expect("a scenario");
    let last_step = scenario.steps.iter().map(|step| step.after.as_secs()).max().unwrap_or_default();
    let region = Region::start(RegionOptions {
        seed,
        cells: 8,
        apis: 21,
        customers: 600,
        clock: Clock::manual("2026-11-20T12:00:00Z".parse().expect("a timestamp")),
        scenario: Some(scenario),
        ..RegionOptions::default()
    });
    assert!(wait_for(&region, Phase::Raging, ONSET_WITHIN), "{name}, seed {seed}");
    if name != "calm" {
        region.advance(SignedDuration::from_secs(last_step + SHOWS_WITHIN));
        assert_eq!(region.scenario().phase, Phase::Raging, "{name}, seed {seed}: nothing was done yet");
    }
    let done = act(&region, name, place);
    let cured = wait_for(&region, Phase::Cured, CURED_WITHIN);
    assert!(cured, "{name}, seed {seed}, {done}: {:?}", region.scenario().conditions);
    let cures = done["of"].as_u64().expect("how many cures there are");
    usize::try_from(cures).expect("a small number")
}

/// Each seed has another of the scenario's cures; cures beyond the third have seeds of their own.
fn is_cured_by_boto3(name: &str) {
    let mut cures = SEEDS.len();
    let mut place = 0;
    while place < cures {
        let seed = SEEDS[place % SEEDS.len()] + 100 * u64::try_from(place / SEEDS.len()).unwrap_or(0);
        cures = cures.max(is_cured_by(name, seed, place));
        place += 1;
    }
}

macro_rules! scenarios {
    ($($test:ident: $name:literal;)*) => {
        /// Those that are played here.
        const PLAYED: &[&str] = &[$($name),*];
        $(
            #[test]
            fn $test() {
                is_cured_by_boto3($name);
            }
        )*
    };
}

scenarios! {
    a_calm_shift: "calm";
    a_bad_deploy: "bad-deploy";
    a_noisy_customer: "noisy-customer";
    a_flood: "waf-flood";
    a_false_positive: "waf-false-positive";
    an_overloaded_cell: "cell-overload";
    a_stale_router_cache: "stale-router-cache";
    a_move_that_was_cut_off: "half-moved";
    a_quota_that_is_used_up: "quota-used-up";
    a_throttle_of_zero: "throttled-by-zero";
    a_cache_stampede: "cache-stampede";
    a_slow_backend: "backend-slow";
    a_storm_on_the_control_plane: "control-plane-storm";
    a_table_that_is_too_small: "router-table-throttled";
    a_broken_authorizer: "authorizer-broken";
}

#[test]
fn every_scenario_is_played() {
    let mut played = PLAYED.to_vec();
    played.sort_unstable();
    let listed = scenario::list();
    let mut known: Vec<&str> = listed.iter().map(|summary| &*summary.name).collect();
    known.sort_unstable();
    assert_eq!(played, known);
}
