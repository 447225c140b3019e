//! How many requests are sent, when, and to which of a cell's APIs and stages.

use std::f64::consts::TAU;

use jiff::Timestamp;

use super::chance::fraction;
use super::roster::ROUTER_CHORES;
use crate::estate::{Api, ApiKind};

const DAY: i64 = 86_400;

/// How far the day's peak and trough are from the average.
const DAY_SWING: f64 = 0.18;
/// The hour, in UTC, at which the day is busiest.
const BUSIEST_HOUR: f64 = 14.0;
/// How far a cell's own ups and downs go, over [`WOBBLE_SECONDS`].
const WOBBLE: f64 = 0.06;
const WOBBLE_SECONDS: f64 = 2_400.0;

/// The share of requests that go to a stage before release.
const BETA_SHARE: f64 = 0.02;

/// Factor on the average demand of a cell at this time: the day's curve and the cell's own ups and downs.
pub fn at_time(time: Timestamp, name: &str, seed: u64) -> f64 {
    let second = whole_seconds(time.as_second().rem_euclid(DAY));
    let day = 1.0 + DAY_SWING * (TAU * (second / 3_600.0 - BUSIEST_HOUR) / 24.0).cos();
    let phase = fraction(seed, name);
    // Periods that don't divide the day would jump at midnight; the multiple of it that is nearest to one doesn't.
    let turns = (whole_seconds(DAY) / WOBBLE_SECONDS).round();
    let own = 1.0 + WOBBLE * (TAU * (turns * second / whole_seconds(DAY) + phase)).sin();
    day * own
}

/// The share of an API's requests that go to a stage.
pub fn stage_share(api: &Api, stage: &str) -> f64 {
    let live = api.stages.iter().filter(|stage| !is_trial(&stage.name)).count();
    let trial = api.stages.len() - live;
    let part = |share: f64, stages: usize| share / whole_seconds(i64::try_from(stages.max(1)).unwrap_or(1));
    match (is_trial(stage), live, trial) {
        (true, 0, _) => part(1.0, trial),
        (true, ..) => part(BETA_SHARE, trial),
        (false, _, 0) => part(1.0, live),
        (false, ..) => part(1.0 - BETA_SHARE, live),
    }
}

/// Whether a stage is for what is not released yet.
pub fn is_trial(stage: &str) -> bool {
    matches!(stage, "beta" | "dev" | "test" | "staging")
}

/// How a cell's requests are spread over its APIs.
pub fn kind_weight(kind: ApiKind) -> f64 {
    match kind {
        ApiKind::Rest => 0.72,
        ApiKind::Http => 0.20,
        ApiKind::WebSocket => 0.08,
    }
}

/// Requests a second that the callers of an API without a cell send at an average time of day, where all customers
/// send `total`.
pub fn of_shared(api: &Api, total: f64) -> f64 {
    match api.name.as_str() {
        "router" => ROUTER_CHORES,
        "partner" => 0.012 * total,
        "webhooks" => 0.008 * total,
        "status" => 0.005 * total,
        "admin" => 0.001 * total,
        _ => 0.004 * total,
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a day, and small counts")]
fn whole_seconds(seconds: i64) -> f64 {
    seconds as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_has_a_mild_curve_without_jumps() {
        let midnight: Timestamp = "2026-11-20T00:00:00Z".parse().unwrap();
        let factors: Vec<f64> = (0..2_880)
            .map(|minute| at_time(midnight + jiff::SignedDuration::from_mins(minute), "cell-01", 7))
            .collect();
        assert!(factors.iter().all(|factor| (0.75..1.3).contains(factor)));
        assert!(factors.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 0.02));
        assert!(factors[14 * 60] > factors[2 * 60]);
    }
}
