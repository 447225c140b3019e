//! One request, made out from its group: the same each time, whoever asks.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, LogNormal};

use super::{Caller, Group, LedgerRoute, Outcome, People, Person, Slot, Source, StageName, Verdict};
use crate::estate::RouteKey;
use crate::traffic::latency::{FROM_CACHE, GATEWAY, Law, SPREAD, TURNED_DOWN};
use crate::traffic::payload;

/// Everything that can be told of a request.
#[derive(Clone, Debug)]
pub struct Request {
    pub time: Timestamp,
    /// A UUID.
    pub id: String,
    /// The id that a client can't choose.
    pub extended_id: String,
    pub route: RouteKey,
    /// The path with its parameters filled in, without the stage.
    pub path: String,
    pub deployment_id: Arc<str>,
    pub canary: bool,
    /// `None` for callers without one.
    pub customer_id: Option<String>,
    pub api_key_id: Option<String>,
    pub client: IpAddr,
    /// Two capital letters.
    pub country: &'static str,
    pub user_agent: &'static str,
    pub body_bytes: u32,
    pub response_bytes: u32,
    pub outcome: Outcome,
    pub status: u16,
    /// Milliseconds.
    pub latency_ms: f64,
    /// Milliseconds; `None` where no integration was asked.
    pub integration_latency_ms: Option<f64>,
    pub verdict: Arc<Verdict>,
    /// Of a WebSocket API.
    pub connection_id: Option<String>,
}

/// The request of a group at this place (the group's index in the slot, and its ordinal in the group).
pub(super) fn make(
    stage: &StageName,
    slot: &Slot,
    (index, ordinal): (usize, u32),
    (source, people): (&Source, Option<&dyn People>),
    verdict: &Arc<Verdict>,
) -> Option<Request> {
    let group = slot.groups.get(index)?;
    let route = slot.routes.get(usize::from(group.route))?;
    let mut hasher = DefaultHasher::new();
    (stage, slot.start.as_second(), index, ordinal).hash(&mut hasher);
    let mut rng = StdRng::seed_from_u64(hasher.finish());
    let within = rng.random_range(0..i64::from(slot.seconds.max(1)) * 1_000);
    let bits: u128 = rng.random();
    let hex = format!("{bits:032x}");
    let (latency_ms, integration_latency_ms) = latencies(slot, route, group, &mut rng);
    let person = match people {
        Some(people) => people.draw(group.source, &mut || rng.random()),
        None => stranger(source, &mut rng),
    };
    let customer = person.customer_id.as_deref();
    let path = payload::path(&route.key, customer, rng.random());
    Some(Request {
        time: slot.start + SignedDuration::from_millis(within),
        id: format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..]),
        extended_id: format!("{}=", &hex[..15]),
        path,
        route: route.key.clone(),
        deployment_id: Arc::clone(&slot.deployment_id),
        canary: group.canary,
        api_key_id: source.api_key_id.clone(),
        client: person.client,
        country: source.country,
        user_agent: source.user_agent,
        body_bytes: payload::body_bytes(&route.key, slot.has_large_bodies(group.route), rng.random()),
        response_bytes: payload::answer_bytes(group.outcome, rng.random()),
        outcome: group.outcome,
        status: group.outcome.status(),
        latency_ms,
        integration_latency_ms,
        verdict: Arc::clone(verdict),
        connection_id: matches!(route.key, RouteKey::Named(_)).then(|| format!("{}=", &hex[17..32])),
        customer_id: person.customer_id,
    })
}

/// Milliseconds until the answer, and those of them that the integration took: by the laws that the metrics follow.
fn latencies(slot: &Slot, route: &LedgerRoute, group: &Group, rng: &mut StdRng) -> (f64, Option<f64>) {
    let mut draw = |law: Law| {
        let law = LogNormal::new(law.median_ms.max(1e-3).ln(), law.sigma);
        // Refuses a spread that is no number only.
        law.map_or(0.0, |law| law.sample(rng))
    };
    match group.outcome {
        Outcome::TimedOut => (route.timeout_ms + GATEWAY.median_ms, Some(route.timeout_ms)),
        Outcome::CacheHit => (draw(FROM_CACHE), None),
        outcome if outcome.reached_backend() => {
            let median_ms = route.median_ms * f64::from(slot.slowness);
            let worked = draw(Law { median_ms, sigma: SPREAD }) + f64::from(slot.wait_ms);
            let taken = worked.min(route.timeout_ms);
            (taken + draw(GATEWAY), Some(taken))
        }
        _ => (draw(TURNED_DOWN), None),
    }
}

/// Somebody of whom nobody knows more than the source says.
fn stranger(source: &Source, rng: &mut StdRng) -> Person {
    let customer_id = match &source.caller {
        Caller::Customer(id) => Some(id.clone()),
        _ => None,
    };
    // AWS and everybody else may use this network in examples (RFC 5737).
    Person { customer_id, client: IpAddr::V4(Ipv4Addr::new(203, 0, 113, rng.random())) }
}
