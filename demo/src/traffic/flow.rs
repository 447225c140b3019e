//! The requests of one stage in one step, from the backend to the client, and what is measured of them.

use std::collections::HashMap;
use std::ops::Range;

use super::backend::Condition;
use super::chance::Chance;
use super::gate::Gate;
use super::latency::{FROM_CACHE, GATEWAY, Law, SPREAD, TURNED_DOWN};
use super::layout::Layout;
use super::passage::Passage;
use super::payload;
use super::profile::{Nature, Profile};
use super::source::{Sources, Who};
use super::tally::Tally;
use crate::estate::{Release, RouteKey};
use crate::ledger::{Group, Outcome, VerdictId};
use crate::metrics::{Summary, as_weight};

/// The quantiles between which one latency is drawn each, which then stands for as many requests as lie there.
/// One from each range shows a whole distribution in few values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Samples {
    /// Of requests that the backend served.
    backend: &'static [f64],
    /// Of any other kind.
    other: &'static [f64],
}

impl Samples {
    /// For a second: the sixty of a minute make a fine picture together.
    const OF_SECOND: Self = Self { backend: &[0.0, 0.5, 1.0], other: &[0.0, 1.0] };
    /// For a longer step: finer where percentiles are read.
    const OF_MINUTE: Self = Self {
        backend: &[0.0, 0.25, 0.5, 0.7, 0.84, 0.92, 0.96, 0.98, 0.99, 0.996, 1.0],
        other: &[0.0, 0.5, 0.9, 1.0],
    };

    /// For a step of so many seconds.
    pub fn of(seconds: u32) -> Self {
        if seconds >= 10 { Self::OF_MINUTE } else { Self::OF_SECOND }
    }
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
    /// How often the function behind the API's authorizer was called.
    pub authorizer_calls: u64,
}

/// The requests of one method in one step.
#[derive(Clone, Debug, PartialEq)]
pub struct MethodFlow {
    pub key: RouteKey,
    pub profile: Profile,
    /// Whether the stage has detailed metrics on for it.
    pub detailed: bool,
    /// Milliseconds, as those of the stage; only with detailed metrics.
    pub latency: Summary,
    pub integration_latency: Summary,
    pub tally: Tally,
}

impl StageFlow {
    /// The outcomes of all methods that satisfy the condition.
    pub fn tally(&self, wanted: impl Fn(&MethodFlow) -> bool) -> Tally {
        let mut tally = Tally::default();
        for method in self.methods.iter().filter(|method| wanted(method)) {
            tally += method.tally;
        }
        tally
    }

    /// WebSocket connections that were asked for.
    pub fn connects(&self) -> u64 {
        self.tally(|method| method.profile.nature == Nature::Connect).requests()
    }

    /// WebSocket messages.
    pub fn messages(&self) -> u64 {
        self.tally(|method| method.profile.nature == Nature::Message).requests()
    }
}

/// What a backend is to one stage in one step.
#[derive(Clone, Copy, Debug)]
pub struct Backing<'a> {
    pub condition: Condition,
    /// By cell: the share of look-ups that end since it is full. Empty but for the router.
    pub full: &'a [f64],
}

/// Lets the backend answer what is left on its way.
pub fn answer(
    layout: &Layout,
    passage: &mut Passage,
    backing: Backing<'_>,
    sources: &Sources,
    chance: &mut Chance,
) {
    for place in 0..passage.lanes.len() {
        let lane = passage.lanes[place];
        if lane.count == 0 {
            continue;
        }
        let route = &layout.routes[usize::from(lane.route)];
        let release = release_of(layout, lane.canary);
        let condition = backing.condition;
        let Odds { late, server_errors } =
            odds(route.known.profile.median_ms, route.timeout_ms, condition, release);
        passage.end(place, Outcome::TimedOut, chance.share(lane.count, late));
        passage.end(place, Outcome::ServerError, chance.share(passage.lanes[place].count, server_errors));
        let answered = passage.lanes[place].count;
        let (client_errors, full) = match sources.get(lane.source).who {
            Who::Astray => (1.0, 0.0),
            Who::Clients { cell } => {
                (condition.client_errors, backing.full.get(usize::from(cell)).copied().unwrap_or(0.0))
            }
            _ => (condition.client_errors, 0.0),
        };
        let client_errors = chance.share(answered, client_errors);
        passage.end(place, Outcome::ClientError, client_errors);
        let full = chance.share(passage.lanes[place].count, full);
        passage.end(place, Outcome::CellFull, full);
        passage.end(place, Outcome::Succeeded, passage.lanes[place].count);
    }
}

/// How likely a request to a backend comes to a bad end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Odds {
    /// That there is no answer in time.
    pub late: f64,
    /// That an answer in time is an error of the server's.
    pub server_errors: f64,
}

/// The odds of a request whose backend takes so long without load, and which is waited for so long.
pub fn odds(median_ms: f64, timeout_ms: f64, condition: Condition, release: Release) -> Odds {
    // The wait is an average: a request times out for sure when it uses the whole time up, and seldom when it
    // uses most of it. Code that has grown slow makes some of the slowest requests late.
    let taken = condition.wait_ms / timeout_ms;
    let waited_out = ((taken - 0.8) / 0.2).clamp(0.0, 1.0);
    let median = median_ms * condition.slowness * release.slowness;
    let worked_out = beyond(timeout_ms - condition.wait_ms, median);
    Odds {
        late: 1.0 - (1.0 - condition.turned_away) * (1.0 - waited_out) * (1.0 - worked_out),
        server_errors: 1.0 - (1.0 - condition.server_errors) * (1.0 - release.server_errors),
    }
}

fn release_of(layout: &Layout, canary: bool) -> Release {
    layout.canary.filter(|_| canary).map_or(layout.release, |canary| canary.release)
}

/// The share of requests that work longer than this; nothing for what is far from it.
fn beyond(limit_ms: f64, median_ms: f64) -> f64 {
    if limit_ms <= 0.0 {
        return 1.0;
    }
    let sigmas = (limit_ms / median_ms.max(1e-3)).ln() / SPREAD;
    if sigmas > 3.5 {
        return 0.0;
    }
    // The logistic curve that is nearest to the normal distribution.
    1.0 / (1.0 + (1.702 * sigmas).exp())
}

/// Measures what happened: the same requests that the groups count.
pub fn measure(
    gate: &Gate,
    passage: &Passage,
    condition: Condition,
    samples: Samples,
    chance: &mut Chance,
) -> StageFlow {
    let layout = &gate.layout;
    let mut flow = StageFlow { authorizer_calls: passage.authorizer_calls, ..StageFlow::default() };
    // One tally by route and deployment, since deployments differ in how long they take.
    let mut tallies = vec![[Tally::default(); 2]; layout.routes.len()];
    let mut verdicts: HashMap<VerdictId, u64> = HashMap::new();
    for group in &passage.groups {
        let count = u64::from(group.count);
        tallies[usize::from(group.route)][usize::from(group.canary)].count(group.outcome, count);
        flow.canary += count * u64::from(group.canary);
        flow.bytes += count * bytes(layout, group);
        if layout.web_acl_arn.is_some() {
            *verdicts.entry(group.verdict).or_default() += count;
        }
    }
    for (place, misses) in passage.misses.iter().enumerate() {
        tallies[place][0].cache_misses += misses;
    }
    flow.verdicts = verdicts.into_iter().collect();
    flow.verdicts.sort_unstable();
    for (route, tallies) in layout.routes.iter().zip(&tallies) {
        if !route.known.large {
            flow.methods.push(MethodFlow {
                key: route.known.key.clone(),
                profile: route.known.profile,
                detailed: route.detailed,
                latency: Summary::default(),
                integration_latency: Summary::default(),
                tally: Tally::default(),
            });
        }
        let Some(method) = flow.methods.last_mut() else { continue };
        for (tally, canary) in tallies.iter().zip([false, true]) {
            method.tally += *tally;
            let condition =
                Condition { slowness: condition.slowness * release_of(layout, canary).slowness, ..condition };
            let mut note = |integration: Option<f64>, latency: f64, weight: f64| {
                flow.latency.add(latency, weight);
                if let Some(integration) = integration {
                    flow.integration_latency.add(integration, weight);
                }
                if method.detailed {
                    method.latency.add(latency, weight);
                    method.integration_latency.add(
                        integration.unwrap_or_default(),
                        weight * f64::from(u8::from(integration.is_some())),
                    );
                }
            };
            take_time(
                tally,
                (route.known.profile.median_ms, route.timeout_ms),
                condition,
                (samples, chance),
                &mut note,
            );
        }
    }
    flow
}

/// Draws how long the requests of a tally took: what the integration took, until the answer, how many requests.
fn take_time(
    tally: &Tally,
    (median_ms, timeout_ms): (f64, f64),
    condition: Condition,
    (samples, chance): (Samples, &mut Chance),
    note: &mut impl FnMut(Option<f64>, f64, f64),
) {
    let served = tally.succeeded + tally.client_errors + tally.server_errors;
    for (quantiles, weight) in parts(served, samples.backend) {
        let law = Law { median_ms: median_ms * condition.slowness, sigma: SPREAD };
        let worked = chance.log_normal(law, quantiles);
        let taken = (worked + condition.wait_ms).min(timeout_ms);
        note(Some(taken), taken + chance.log_normal(GATEWAY, 0.0..1.0), weight);
    }
    if tally.timed_out > 0 {
        note(Some(timeout_ms), timeout_ms + GATEWAY.median_ms, as_weight(tally.timed_out));
    }
    let turned_down = tally.throttled + tally.refused + tally.failed;
    for (count, law) in [(tally.cache_hits, FROM_CACHE), (turned_down, TURNED_DOWN)] {
        for (quantiles, weight) in parts(count, samples.other) {
            note(None, chance.log_normal(law, quantiles), weight);
        }
    }
}

fn bytes(layout: &Layout, group: &Group) -> u64 {
    let known = &layout.routes[usize::from(group.route)].known;
    u64::from(payload::body_bytes(&known.key, known.large, 0.5))
        + payload::average_answer_bytes(group.outcome)
}

/// The ranges between the borders, and how many of `count` requests lie in each; none for no requests.
fn parts(count: u64, borders: &[f64]) -> impl Iterator<Item = (Range<f64>, f64)> {
    // A request or two are no distribution: each is drawn by itself.
    let borders = if count == 1 { &[0.0, 1.0] } else { borders };
    let ranges = borders.windows(2).filter(move |_| count > 0);
    ranges.map(move |pair| (pair[0]..pair[1], as_weight(count) * (pair[1] - pair[0])))
}
