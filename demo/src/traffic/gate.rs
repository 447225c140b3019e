//! The gateway in front of a backend: what becomes of a stage's requests before they reach it.
//!
//! ```text
//! clients -> WAF -> deployed? -> authorizer -> key, plan, quota -> method throttle      (gate::front)
//!         -> account throttle (shared by the account's APIs)
//!         -> validation -> cache -> backend                                             (gate::behind)
//! ```

mod behind;
mod connections;
mod front;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

pub use connections::{Connection, Connections};
pub use front::Post;

use super::cache::{Fill, KeySpace};
use super::chance::{Chance, whole};
use super::layout::{self, Known, Layout};
use super::passage::{Lane, Passage};
use super::profile::Nature;
use super::source::{SourceIndex, Sources};
use super::throttle::TokenBucket;
use super::waf::RequestFacts;
use crate::estate::{Api, Stage};
use crate::metrics::as_weight;

/// The share of failed requests that clients send again. All that follow from one request are at most
/// `1 / (1 - RETRIED)`: a stampede feeds itself, but not without bound.
const RETRIED: f64 = 0.55;
/// Requests a second, for a cache's key space, of a stage that was not there at the start.
const USUAL_RATE: f64 = 20.0;

/// A stretch of time that is simulated at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub start: Timestamp,
    /// 1 to 60, and never beyond a minute's end.
    pub seconds: u32,
}

impl Step {
    /// Its length in seconds.
    pub fn length(self) -> f64 {
        f64::from(self.seconds)
    }
}

/// What one source asks of a stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    pub source: SourceIndex,
    /// Requests a second.
    pub rate: f64,
    pub routes: Asked,
}

/// Which routes are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// All, as popular as they are.
    Any,
    One(u16),
    /// All but this one.
    Not(u16),
}

/// A stage's gate, and what it remembers.
#[derive(Debug)]
pub struct Gate {
    api: Arc<Api>,
    pub layout: Layout,
    known: Vec<Known>,
    /// By route.
    buckets: Vec<TokenBucket>,
    /// By route; `None` until there is a cache.
    caches: Vec<Option<(KeySpace, Fill)>>,
    /// By authorizer.
    decisions: HashMap<String, Fill>,
    /// Requests that come with the next step: those that failed and are sent again, and those of clients who were
    /// called for, see [`Gate::ask`].
    retries: Vec<(SourceIndex, u16, u64)>,
    facts: HashMap<(SourceIndex, u16), RequestFacts>,
    pub connections: Connections,
    /// Requests a second at an average time of day, for the size of the key spaces.
    usual: f64,
    /// The share of what reached the backend in the last step that it answered well.
    served: f64,
    /// Where all answers are asked for alike, how many there are: the router's customers.
    pub equal_keys: Option<f64>,
    /// When the cache and the authorizers' decisions had been emptied as the gate came up: long ago, for it.
    known_flush: Option<Timestamp>,
    known_emptying: Option<Timestamp>,
    /// Whether everything is as it has long been: no memory, buckets without a burst.
    steady: bool,
    seed: u64,
}

impl Gate {
    /// The gate of a stage with warm caches.
    pub fn new(api: &Arc<Api>, stage: &Stage, usual: Option<f64>, seed: u64) -> Self {
        let mut known = Vec::new();
        layout::learn(&mut known, api, seed);
        let layout = Layout::new(api, stage, &known);
        Self {
            api: Arc::clone(api),
            known_flush: layout.cache.emptied_at,
            known_emptying: layout.authorizers_emptied_at,
            buckets: vec![TokenBucket::default(); known.len()],
            caches: (0..known.len()).map(|_| None).collect(),
            known,
            layout,
            decisions: HashMap::new(),
            retries: Vec::new(),
            facts: HashMap::new(),
            connections: Connections::default(),
            usual: usual.unwrap_or(USUAL_RATE),
            served: 1.0,
            equal_keys: None,
            steady: false,
            seed,
        }
    }

    /// The gate of a stage in the past, when nothing happened.
    pub fn steady(api: &Arc<Api>, stage: &Stage, usual: f64, seed: u64) -> Self {
        Self { steady: true, ..Self::new(api, stage, Some(usual), seed) }
    }

    /// Takes up a version of the API, if it is another one.
    pub fn take_up(&mut self, api: &Arc<Api>, stage: &Stage) {
        if Arc::ptr_eq(&self.api, api) {
            return;
        }
        self.api = Arc::clone(api);
        layout::learn(&mut self.known, api, self.seed);
        self.buckets.resize_with(self.known.len(), TokenBucket::default);
        self.caches.resize_with(self.known.len(), || None);
        self.layout = Layout::new(api, stage, &self.known);
        self.facts.clear();
    }

    /// Lets the requests of one step arrive.
    pub fn arrive(
        &mut self,
        demands: &[Demand],
        sources: &Sources,
        step: Step,
        chance: &mut Chance,
    ) -> Passage {
        let mut passage = Passage { misses: vec![0; self.known.len()], ..Passage::default() };
        if self.layout.weight <= 0.0 {
            return passage;
        }
        let mut lanes: Vec<(SourceIndex, u16, u64)> = std::mem::take(&mut self.retries);
        let live = !self.steady && self.layout.kind == crate::estate::ApiKind::WebSocket;
        for demand in demands {
            let rate = demand.rate * step.length();
            for (place, route) in (0_u16..).zip(&self.layout.routes) {
                let profile = route.known.profile;
                let asked = match demand.routes {
                    Asked::One(one) => f64::from(u8::from(one == place)),
                    Asked::Not(one) if one == place => 0.0,
                    Asked::Any | Asked::Not(_) => profile.weight / self.layout.weight,
                };
                if live && profile.nature == Nature::Disconnect {
                    continue;
                }
                let count = chance.events(rate * asked);
                if count > 0 {
                    lanes.push((demand.source, place, count));
                }
            }
        }
        if live {
            lanes.extend(self.disconnects(step, chance));
        }
        let share = self.layout.canary.map_or(0.0, |canary| canary.share);
        for (source, route, count) in lanes {
            passage.arrived += count;
            let id = sources.get(source).id;
            let to_canary = chance.share(count, share);
            let lane = Lane {
                source,
                id,
                route,
                canary: false,
                verdict: sources.unguarded,
                count: count - to_canary,
            };
            let canary = Lane { canary: true, count: to_canary, ..lane };
            passage.lanes.extend([lane, canary].into_iter().filter(|lane| lane.count > 0));
        }
        passage
    }

    /// Lets a source send a single request with the next step.
    pub fn ask(&mut self, source: SourceIndex, route: u16) {
        self.retries.push((source, route, 1));
    }

    /// Notes how the step ended: who will try again, what the cache could keep.
    pub fn settle(&mut self, passage: &Passage, step: Step, chance: &mut Chance) {
        if self.steady {
            return;
        }
        let retries = passage
            .failed
            .iter()
            .map(|(source, route, count)| (*source, *route, chance.share(*count, RETRIED)));
        self.retries = retries.filter(|(.., count)| *count > 0).collect();
        let (mut served, mut reached) = (0_u64, 0_u64);
        for group in passage.groups.iter().filter(|group| group.outcome.reached_backend()) {
            reached += u64::from(group.count);
            served += u64::from(group.count) * u64::from(group.outcome.is_served());
        }
        self.served = if reached > 0 { as_weight(served) / as_weight(reached) } else { self.served };
        for (cache, route) in self.caches.iter_mut().zip(&self.layout.routes) {
            if let (Some((_, fill)), Some(ttl)) = (cache, route.cache_ttl) {
                fill.pass(step.length(), self.served, ttl);
            }
        }
        if self.layout.kind == crate::estate::ApiKind::WebSocket {
            self.connect(passage, step);
        }
    }

    /// Requests a second that reach the backend in the long run, where so many arrive.
    pub fn expected_load(&self, rate: f64) -> f64 {
        let (now, weight) = (self.layout.cache.emptied_at.unwrap_or_default(), self.layout.weight.max(1e-9));
        let caches = self.layout.cache.enabled
            && self.layout.cache.serves(now + crate::estate::stage::CACHE_BUILD_DURATION);
        let of_route = |(place, route): (usize, &layout::Route)| {
            let asked = rate * route.known.profile.weight / weight;
            let ttl = route.cache_ttl.filter(|_| caches);
            let hits = ttl.map_or(0.0, |ttl| {
                KeySpace::new(self.keys(place)).hit_probability(asked, f64::INFINITY, ttl, u32::MAX)
            });
            if route.deployed { asked * (1.0 - hits) } else { 0.0 }
        };
        self.layout.routes.iter().enumerate().map(of_route).sum()
    }

    /// The size of a route's key space.
    fn keys(&self, place: usize) -> u32 {
        let profile = self.known[place].profile;
        let average = self.usual * profile.weight / self.layout.weight;
        u32::try_from(whole(average * profile.seconds_of_keys)).unwrap_or(u32::MAX)
    }
}
