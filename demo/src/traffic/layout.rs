//! A stage as the data plane runs it: what was taken up of an API, worked out once for all requests until it changes.

use std::sync::Arc;

use jiff::Timestamp;

use super::payload;
use super::profile::{Nature, Profile};
use crate::estate::{
    Api, ApiKind, Authorization, AuthorizerKind, Cache, Deployment, Release, RouteKey, Stage, Throttle,
};
use crate::ledger::{LedgerRoute, StageName};

/// The time that an integration gets when nothing says otherwise. AWS: 29 s.
const TIMEOUT_MS: u32 = 29_000;
/// No throttle, as a stage writes it.
const UNTHROTTLED: Throttle = Throttle { rate: -1.0, burst: -1 };

/// A stage, compiled.
#[derive(Clone, Debug)]
pub struct Layout {
    pub name: StageName,
    pub kind: ApiKind,
    /// In the order of [`Known`] routes, so that what is remembered of a route keeps its place.
    pub routes: Vec<Route>,
    pub ledger_routes: Arc<[LedgerRoute]>,
    pub deployment_id: Arc<str>,
    pub release: Release,
    pub canary: Option<CanaryLayout>,
    pub cache: Cache,
    pub authorizers_emptied_at: Option<Timestamp>,
    pub web_acl_arn: Option<String>,
    /// The sum of all weights.
    pub weight: f64,
}

/// A canary, compiled.
#[derive(Clone, Copy, Debug)]
pub struct CanaryLayout {
    /// The share of requests that it gets.
    pub share: f64,
    pub release: Release,
    /// Whether its answers come from the stage's cache.
    pub caches: bool,
}

/// A route that clients call; they go on calling one that is gone.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    pub key: RouteKey,
    pub profile: Profile,
    /// Whether it stands for the requests with large bodies of the route before it.
    pub large: bool,
}

/// A route, compiled.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Route {
    pub known: Known,
    /// Whose throttle it shares: its own place, or that of the route with small bodies.
    pub base: u16,
    pub timeout_ms: f64,
    pub guard: Guard,
    pub key_required: bool,
    pub deployed: bool,
    pub in_canary: bool,
    pub throttle: Throttle,
    /// Seconds for which answers are kept; `None` where they are not.
    pub cache_ttl: Option<f64>,
    pub detailed: bool,
}

/// What stands in front of a route.
#[derive(Clone, Debug, PartialEq)]
pub enum Guard {
    Open,
    /// Signatures and tokens, which the gateway checks by itself.
    Checked,
    /// A function that decides, and for how many seconds a decision is kept.
    Function {
        authorizer: String,
        ttl: f64,
    },
}

/// Adds the routes that clients don't know yet.
pub fn learn(known: &mut Vec<Known>, api: &Api, seed: u64) {
    for (place, method) in api.methods.iter().enumerate() {
        if known.iter().any(|known| known.key == method.key) {
            continue;
        }
        let profile = Profile::new(&method.key, place, seed);
        if payload::has_large_bodies(&method.key) {
            let part = |share: f64, large: bool| Known {
                key: method.key.clone(),
                profile: Profile { weight: profile.weight * share, ..profile },
                large,
            };
            known.extend([part(1.0 - payload::LARGE_ORDERS, false), part(payload::LARGE_ORDERS, true)]);
        } else {
            known.push(Known { key: method.key.clone(), profile, large: false });
        }
    }
}

impl Layout {
    /// Compiles a stage.
    pub fn new(api: &Api, stage: &Stage, known: &[Known]) -> Self {
        let deployment = api.deployment(&stage.deployment_id);
        let canary = stage.canary.as_ref();
        let canary_deployment = canary.and_then(|canary| api.deployment(&canary.deployment_id));
        let routes: Vec<Route> = (0_u16..)
            .zip(known)
            .map(|(place, known)| route(api, stage, (known, place), deployment, canary_deployment))
            .collect();
        let sound = |deployment: Option<&Deployment>| deployment.map_or(Release::SOUND, |one| one.release);
        Self {
            name: (api.id.clone(), stage.name.clone()),
            kind: api.kind,
            ledger_routes: routes
                .iter()
                .map(|route| LedgerRoute {
                    key: route.known.key.clone(),
                    median_ms: route.known.profile.median_ms,
                    timeout_ms: route.timeout_ms,
                })
                .collect(),
            deployment_id: Arc::from(stage.deployment_id.as_str()),
            release: sound(deployment),
            canary: canary.map(|canary| CanaryLayout {
                share: (canary.percent_traffic / 100.0).clamp(0.0, 1.0),
                release: sound(canary_deployment),
                caches: canary.use_stage_cache,
            }),
            cache: stage.cache.clone(),
            authorizers_emptied_at: stage.authorizers_emptied_at,
            web_acl_arn: stage.web_acl_arn.clone(),
            weight: known.iter().map(|known| known.profile.weight).sum(),
            routes,
        }
    }

    /// The place of a route.
    pub fn place(&self, key: &RouteKey) -> Option<u16> {
        let place = self.routes.iter().position(|route| route.known.key == *key)?;
        u16::try_from(place).ok()
    }
}

fn route(
    api: &Api,
    stage: &Stage,
    (known, place): (&Known, u16),
    deployment: Option<&Deployment>,
    canary: Option<&Deployment>,
) -> Route {
    let key = &known.key;
    let method = api.methods.iter().find(|method| method.key == *key);
    let snapshot = deployment
        .or(canary)
        .and_then(|deployment| deployment.methods.iter().find(|method| method.key == *key));
    let setting = stage.settings.effective(key);
    let guarded = snapshot.is_some_and(|snapshot| snapshot.authorization_type != "NONE");
    let timeout = method.map_or(TIMEOUT_MS, |method| method.integration.timeout_ms);
    let caches = setting.filter(|setting| setting.caching_enabled && setting.cache_ttl_seconds > 0);
    Route {
        base: place - u16::from(known.large),
        timeout_ms: f64::from(timeout),
        guard: if guarded {
            guard(api, deployment, method.map(|method| &method.authorization))
        } else {
            Guard::Open
        },
        // AWS: usage plans are for REST APIs.
        key_required: api.kind == ApiKind::Rest && snapshot.is_some_and(|snapshot| snapshot.api_key_required),
        deployed: deployment.is_some_and(|deployment| deployment.serves(key)),
        in_canary: canary.is_some_and(|deployment| deployment.serves(key)),
        throttle: setting.map_or(UNTHROTTLED, |setting| setting.throttle),
        cache_ttl: caches
            .filter(|_| api.kind == ApiKind::Rest && known.profile.nature == Nature::Read)
            .map(|setting| super::as_seconds(setting.cache_ttl_seconds)),
        detailed: setting.is_some_and(|setting| setting.metrics_enabled),
        known: known.clone(),
    }
}

/// Decisions are kept for as long as the deployed authorizer says, whatever it says by now.
fn guard(api: &Api, deployment: Option<&Deployment>, authorization: Option<&Authorization>) -> Guard {
    let Some(Authorization::Authorizer { id, .. }) = authorization else { return Guard::Checked };
    let frozen = deployment.map(|deployment| deployment.authorizers.as_slice()).unwrap_or_default();
    let authorizer = frozen.iter().chain(&api.authorizers).find(|authorizer| authorizer.id == *id);
    match authorizer.map(|authorizer| (authorizer.kind, authorizer.result_ttl_seconds)) {
        Some((AuthorizerKind::Token | AuthorizerKind::Request, seconds)) => {
            // AWS: the decision on a WebSocket connection holds for it and for no other.
            let ttl = if api.kind == ApiKind::WebSocket { 0.0 } else { f64::from(seconds) };
            Guard::Function { authorizer: id.clone(), ttl }
        }
        _ => Guard::Checked,
    }
}
