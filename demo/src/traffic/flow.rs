//! The requests of one stage in one step, from the gateway through the backend to the client.

use std::ops::Range;

use super::backend::{Condition, SPREAD};
use super::chance::Chance;
use super::gate::MethodFlow;
use super::tally::Tally;
use crate::ledger::VerdictId;
use crate::metrics::{Summary, as_weight};

/// What the gateway itself takes for a request that goes on to the backend: median in milliseconds and spread.
const GATEWAY: (f64, f64) = (5.0, 0.45);
/// What it takes to answer from the cache.
const FROM_CACHE: (f64, f64) = (3.5, 0.35);
/// What it takes to turn a request down.
const TURNED_DOWN: (f64, f64) = (2.0, 0.3);

/// The quantiles between which one latency is drawn each, which then stands for as many requests as lie there.
/// One from each range shows a whole distribution in few values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Samples {
    /// Of requests that the backend served.
    pub backend: &'static [f64],
    /// Of any other kind.
    pub other: &'static [f64],
}

impl Samples {
    /// For a second: the sixty of a minute make a fine picture together.
    pub const OF_SECOND: Self = Self { backend: &[0.0, 0.5, 1.0], other: &[0.0, 1.0] };
    /// For a minute at once: finer where percentiles are read.
    pub const OF_MINUTE: Self = Self {
        backend: &[0.0, 0.25, 0.5, 0.7, 0.84, 0.92, 0.96, 0.98, 0.99, 0.996, 1.0],
        other: &[0.0, 0.5, 0.9, 1.0],
    };
}

/// How a stage's requests ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StageFlow {
    pub methods: Vec<MethodFlow>,
    /// Milliseconds from the request to the answer.
    pub latency: Summary,
    /// Milliseconds that the backend took, of requests that went there.
    pub integration_latency: Summary,
    /// Requests by what the stage's web ACL said of them; empty without one.
    pub verdicts: Vec<(VerdictId, u64)>,
    /// Requests that the canary's deployment took; they are among the methods' too.
    pub canary: u64,
    /// Bytes of requests and answers.
    pub bytes: u64,
}

impl StageFlow {
    /// The flow behind the gate.
    pub fn new(methods: Vec<MethodFlow>) -> Self {
        Self { methods, ..Self::default() }
    }

    /// Requests that reach the backend.
    pub fn to_backend(&self) -> u64 {
        self.methods.iter().map(|method| method.to_backend).sum()
    }

    /// The outcomes of all methods that satisfy the condition.
    pub fn tally(&self, wanted: impl Fn(&MethodFlow) -> bool) -> Tally {
        let mut tally = Tally::default();
        for method in self.methods.iter().filter(|method| wanted(method)) {
            tally += method.tally;
        }
        tally
    }

    /// Lets the backend answer, and notes how long everything took.
    pub fn finish(&mut self, condition: Condition, samples: Samples, chance: &mut Chance) {
        for method in &mut self.methods {
            end(method, condition, chance);
            let median = method.profile.median_ms * condition.slowness;
            let tally = &method.tally;
            let served = tally.succeeded + tally.client_errors + tally.server_errors;
            for (quantiles, weight) in parts(served, samples.backend) {
                let worked = chance.log_normal(median, SPREAD, quantiles);
                let taken = (worked + condition.wait_ms).min(method.timeout_ms);
                self.integration_latency.add(taken, weight);
                let overhead = chance.log_normal(GATEWAY.0, GATEWAY.1, 0.0..1.0);
                self.latency.add(taken + overhead, weight);
            }
            if tally.timed_out > 0 {
                let weight = as_weight(tally.timed_out);
                self.integration_latency.add(method.timeout_ms, weight);
                self.latency.add(method.timeout_ms + GATEWAY.0, weight);
            }
            let turned_down = tally.throttled + tally.refused;
            for (count, (median, sigma)) in [(tally.cache_hits, FROM_CACHE), (turned_down, TURNED_DOWN)] {
                for (quantiles, weight) in parts(count, samples.other) {
                    self.latency.add(chance.log_normal(median, sigma, quantiles), weight);
                }
            }
        }
    }
}

/// How a method's requests end at the backend.
fn end(method: &mut MethodFlow, condition: Condition, chance: &mut Chance) {
    let turned_away = chance.share(method.to_backend, condition.turned_away);
    let taken = method.to_backend - turned_away;
    // The wait is an average: a request times out for sure when it uses the whole time up, and seldom when it uses
    // most of it.
    let late = ((condition.wait_ms / method.timeout_ms - 0.8) / 0.2).clamp(0.0, 1.0);
    let late = chance.share(taken, late);
    let server_errors = chance.share(taken - late, condition.server_errors);
    let answered = taken - late - server_errors;
    let client_errors = chance.share(answered, condition.client_errors);
    method.tally.timed_out += turned_away + late;
    method.tally.server_errors += server_errors;
    method.tally.client_errors += client_errors;
    method.tally.succeeded += answered - client_errors;
}

/// The ranges between the borders, and how many of `count` requests lie in each; none for no requests.
fn parts(count: u64, borders: &[f64]) -> impl Iterator<Item = (Range<f64>, f64)> {
    let ranges = borders.windows(2).filter(move |_| count > 0);
    ranges.map(move |pair| (pair[0]..pair[1], as_weight(count) * (pair[1] - pair[0])))
}
