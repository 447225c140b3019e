//! The gateway in front of a backend: what becomes of a stage's requests before they reach it.
//!
//! ```text
//! clients ─► account throttle ─► method throttle ─► deployed? authorised? ─► cache ─► backend
//! ```

use jiff::Timestamp;

use super::cache::KeySpace;
use super::chance::{Chance, whole};
use super::profile::{Nature, Profile};
use super::tally::Tally;
use super::throttle::TokenBucket;
use crate::estate::{Api, RouteKey, Stage, Throttle};
use crate::metrics::{Summary, as_weight};

/// The share of requests that the authorizer or the gateway turns down in quiet times.
const REFUSED: f64 = 0.002;
/// The time that an integration gets when nothing says otherwise. AWS: 29 s.
const TIMEOUT_MS: u32 = 29_000;

/// A stretch of time that is simulated at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub start: Timestamp,
    /// 1, or 60 for a whole minute of history.
    pub seconds: u32,
}

/// How much clients ask of a stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// Requests a second now.
    pub rate: f64,
    /// Requests a second at an average time of day.
    pub average: f64,
    pub seed: u64,
}

/// What clients ask of a stage, and what the gateway remembers for it.
#[derive(Debug, Default)]
pub struct Gate {
    /// Methods that clients know. They go on calling one that is gone.
    known: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    key: RouteKey,
    profile: Profile,
    bucket: TokenBucket,
    /// What a cache of the method could hold; `None` until there is one.
    keys: Option<KeySpace>,
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
    /// Requests sent by clients.
    pub arrived: u64,
    /// Requests that reach the backend; how they end there isn't in the tally yet.
    pub to_backend: u64,
    /// The time that the integration gets, in milliseconds.
    pub timeout_ms: f64,
    pub tally: Tally,
}

impl Gate {
    /// Takes the requests of one step; `account` is the account's bucket, refilled for this step.
    pub fn pass(
        &mut self,
        (api, stage): (&Api, &Stage),
        demand: Demand,
        step: Step,
        account: &mut TokenBucket,
        chance: &mut Chance,
    ) -> Vec<MethodFlow> {
        self.learn(api, demand);
        let seconds = f64::from(step.seconds);
        let weight: f64 = self.known.iter().map(|known| known.profile.weight).sum();
        let deployment = api.deployment(&stage.deployment_id);
        let caches = stage.cache.serves(step.start);
        let age = stage
            .cache
            .emptied_at
            .map(|emptied| (step.start - emptied).total(jiff::Unit::Second).unwrap_or(0.0));
        self.known
            .iter_mut()
            .map(|known| {
                let rate = demand.rate * known.profile.weight / weight;
                let arrived = chance.events(rate * seconds);
                let setting = stage.settings.effective(&known.key);
                let no_throttle = Throttle { rate: -1.0, burst: -1 };
                known.bucket.refill(setting.map_or(no_throttle, |setting| setting.throttle), seconds);
                let admitted = account.take(known.bucket.take(arrived));

                let deployed = deployment.is_some_and(|deployment| deployment.serves(&known.key));
                let refused = if deployed { chance.share(admitted, REFUSED) } else { admitted };
                let passed = admitted - refused;

                let ttl = setting
                    .filter(|setting| setting.caching_enabled)
                    .map(|setting| setting.cache_ttl_seconds);
                let cached = ttl.filter(|ttl| *ttl > 0 && caches && known.profile.nature == Nature::Read);
                let hits = cached.map_or(0, |ttl| {
                    // Requests that are throttled don't fill the cache.
                    let filling =
                        if arrived > 0 { rate * as_weight(passed) / as_weight(arrived) } else { rate };
                    let keys = known.keys.get_or_insert_with(|| {
                        let average = demand.average * known.profile.weight / weight;
                        let keys = whole(average * known.profile.seconds_of_keys);
                        KeySpace::new(u32::try_from(keys).unwrap_or(u32::MAX))
                    });
                    chance.share(passed, keys.hit_probability(filling, age, as_weight(ttl.unsigned_abs())))
                });
                let method = api.methods.iter().find(|method| method.key == known.key);
                let timeout = method.map_or(TIMEOUT_MS, |method| method.integration.timeout_ms);
                MethodFlow {
                    key: known.key.clone(),
                    profile: known.profile,
                    detailed: setting.is_some_and(|setting| setting.metrics_enabled),
                    latency: Summary::default(),
                    integration_latency: Summary::default(),
                    arrived,
                    to_backend: passed - hits,
                    timeout_ms: f64::from(timeout),
                    tally: Tally {
                        throttled: arrived - admitted,
                        refused,
                        cache_hits: hits,
                        cache_misses: if cached.is_some() { passed - hits } else { 0 },
                        ..Tally::default()
                    },
                }
            })
            .collect()
    }

    /// Lets clients know of new methods.
    fn learn(&mut self, api: &Api, demand: Demand) {
        for (place, method) in api.methods.iter().enumerate() {
            if self.known.get(place).is_some_and(|known| known.key == method.key)
                || self.known.iter().any(|known| known.key == method.key)
            {
                continue;
            }
            let profile = Profile::new(&method.key, place, demand.seed);
            let key = method.key.clone();
            self.known.push(Known { key, profile, bucket: TokenBucket::default(), keys: None });
        }
    }
}
