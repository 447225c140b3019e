//! One request, made out from its group: the same each time, whoever asks.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::{Caller, Outcome, Slot, Source, StageName, Verdict};
use crate::estate::RouteKey;

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
    source: &Source,
    verdict: &Arc<Verdict>,
) -> Option<Request> {
    let group = slot.groups.get(index)?;
    let route = slot.routes.get(usize::from(group.route))?;
    let mut hasher = DefaultHasher::new();
    (stage, slot.start.as_second(), index, ordinal).hash(&mut hasher);
    let mut rng = StdRng::seed_from_u64(hasher.finish());
    let within = rng.random_range(0..i64::from(slot.seconds) * 1_000);
    let bits: u128 = rng.random();
    let hex = format!("{bits:032x}");
    let worked =
        route.median_ms * f64::from(slot.slowness) * rng.random_range(0.5..2.0) + f64::from(slot.wait_ms);
    let integration = group.outcome.reached_backend().then_some(match group.outcome {
        Outcome::TimedOut => route.timeout_ms,
        _ => worked.min(route.timeout_ms),
    });
    let customer_id = match &source.caller {
        Caller::Customer(id) => Some(id.clone()),
        _ => None,
    };
    Some(Request {
        time: slot.start + SignedDuration::from_millis(within),
        id: format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..]),
        extended_id: hex[..16].to_owned(),
        path: route.key.http().map_or_else(|| "/".to_owned(), |(_, path)| path.to_owned()),
        route: route.key.clone(),
        deployment_id: Arc::clone(&slot.deployment_id),
        canary: group.canary,
        customer_id,
        api_key_id: source.api_key_id.clone(),
        client: IpAddr::V4(Ipv4Addr::new(203, 0, 113, rng.random())),
        country: source.country,
        user_agent: source.user_agent,
        body_bytes: 0,
        response_bytes: rng.random_range(200..4_000),
        outcome: group.outcome,
        status: group.outcome.status(),
        latency_ms: integration.unwrap_or(0.0) + rng.random_range(1.0..9.0),
        integration_latency_ms: integration,
        verdict: Arc::clone(verdict),
        connection_id: None,
    })
}
