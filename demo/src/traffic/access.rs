//! What API keys open: the usage plans as the data plane knows them.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use jiff::{SignedDuration, Timestamp};

use super::throttle::TokenBucket;
use crate::estate::{Estate, Quota, RouteKey, Throttle};

/// A stage of an API, by their places in a plan.
type StageName = (String, String);

/// The plans and keys of one account, as of some moment.
#[derive(Debug, Default)]
struct Plans {
    plans: Vec<Plan>,
    /// Whether each key is enabled, and the plans that it is on.
    keys: HashMap<String, (bool, Vec<usize>)>,
}

#[derive(Debug)]
struct Plan {
    id: String,
    throttle: Option<Throttle>,
    quota: Option<Quota>,
    stages: HashMap<StageName, Vec<(RouteKey, Throttle)>>,
}

/// What a key may do at a stage.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    pub plan_id: &'a str,
    pub throttle: Option<Throttle>,
    pub quota: Option<Quota>,
    methods: &'a [(RouteKey, Throttle)],
}

impl Grant<'_> {
    /// The plan's own throttle of a method.
    pub fn of_method(&self, key: &RouteKey) -> Option<Throttle> {
        self.methods.iter().find(|(method, _)| method == key).map(|(_, throttle)| *throttle)
    }
}

/// The plans that hold, those that will, and what the buckets of the keys hold.
#[derive(Debug, Default)]
pub struct Access {
    current: Plans,
    /// Of what the estate said last, and since when.
    fingerprint: Option<(u64, Timestamp)>,
    /// Whether what it said is not yet taken up.
    pending: bool,
    /// By plan and key, and for methods by stage and method too.
    buckets: HashMap<(String, String), KeyBuckets>,
}

/// The buckets of one key on one plan.
#[derive(Debug, Default)]
struct KeyBuckets {
    refilled: Option<Timestamp>,
    all: TokenBucket,
    methods: HashMap<(StageName, RouteKey), (Timestamp, TokenBucket)>,
}

impl Access {
    /// Takes up what the estate says, `propagation` after it began to say it; the first time at once.
    pub fn follow(&mut self, estate: &Estate, now: Timestamp, propagation: SignedDuration) {
        let print = fingerprint(estate);
        match self.fingerprint {
            Some((known, since)) if known == print => {
                if self.pending && now.duration_since(since) >= propagation {
                    self.take_up(estate, print, since);
                }
            }
            Some(_) if propagation.is_positive() => {
                self.fingerprint = Some((print, now));
                self.pending = true;
            }
            _ => self.take_up(estate, print, now),
        }
    }

    fn take_up(&mut self, estate: &Estate, print: u64, since: Timestamp) {
        self.current = Plans::of(estate);
        self.fingerprint = Some((print, since));
        self.pending = false;
    }

    /// What a key opens at a stage; `None` for a key that is unknown, disabled, or on no plan for the stage.
    pub fn grant(&self, key: &str, stage: &StageName) -> Option<Grant<'_>> {
        let (enabled, plans) = self.current.keys.get(key)?;
        let plan = plans
            .iter()
            .map(|plan| &self.current.plans[*plan])
            .find(|plan| *enabled && plan.stages.contains_key(stage))?;
        Some(Grant {
            plan_id: &plan.id,
            throttle: plan.throttle,
            quota: plan.quota,
            methods: plan.stages.get(stage).map_or(&[], Vec::as_slice),
        })
    }

    /// How many of so many requests with a key the plan's throttles let through: the method's own, then the key's.
    pub fn admit(
        &mut self,
        key: &str,
        (stage, method): (&StageName, &RouteKey),
        requests: u64,
        (start, seconds): (Timestamp, f64),
    ) -> u64 {
        let Some(grant) = self.grant(key, stage) else { return 0 };
        let (throttle, of_method) = (grant.throttle, grant.of_method(method));
        if throttle.is_none() && of_method.is_none() {
            return requests;
        }
        let name = (grant.plan_id.to_owned(), key.to_owned());
        let buckets = self.buckets.entry(name).or_default();
        let mut admitted = requests;
        if let Some(throttle) = of_method {
            let (refilled, bucket) = buckets
                .methods
                .entry((stage.clone(), method.clone()))
                .or_insert_with(|| (Timestamp::MIN, TokenBucket::default()));
            if *refilled != start {
                bucket.refill(throttle, seconds);
                *refilled = start;
            }
            admitted = bucket.take(admitted);
        }
        if let Some(throttle) = throttle {
            if buckets.refilled != Some(start) {
                buckets.all.refill(throttle, seconds);
                buckets.refilled = Some(start);
            }
            admitted = buckets.all.take(admitted);
        }
        admitted
    }
}

impl Plans {
    fn of(estate: &Estate) -> Self {
        let plans: Vec<Plan> = estate
            .usage_plans
            .iter()
            .map(|plan| Plan {
                id: plan.id.clone(),
                throttle: plan.throttle,
                quota: plan.quota,
                stages: plan
                    .api_stages
                    .iter()
                    .map(|stage| {
                        let methods = stage.throttle.iter().map(|(key, throttle)| (key.clone(), *throttle));
                        ((stage.api_id.clone(), stage.stage.clone()), methods.collect())
                    })
                    .collect(),
            })
            .collect();
        let mut keys: HashMap<String, (bool, Vec<usize>)> =
            estate.api_keys.iter().map(|key| (key.id.clone(), (key.enabled, Vec::new()))).collect();
        for (place, plan) in estate.usage_plans.iter().enumerate() {
            for key in &plan.key_ids {
                if let Some((_, plans)) = keys.get_mut(key) {
                    plans.push(place);
                }
            }
        }
        Self { plans, keys }
    }
}

/// Changes whenever plans or keys do.
fn fingerprint(estate: &Estate) -> u64 {
    let mut hasher = DefaultHasher::new();
    let throttle = |throttle: &Throttle| (throttle.rate.to_bits(), throttle.burst);
    for plan in &estate.usage_plans {
        (&plan.id, plan.throttle.as_ref().map(throttle), &plan.key_ids).hash(&mut hasher);
        plan.quota.map(|quota| (quota.limit, quota.offset, quota.period.as_str())).hash(&mut hasher);
        for stage in &plan.api_stages {
            (&stage.api_id, &stage.stage).hash(&mut hasher);
            for (key, limit) in &stage.throttle {
                (key, throttle(limit)).hash(&mut hasher);
            }
        }
    }
    for key in &estate.api_keys {
        (&key.id, key.enabled).hash(&mut hasher);
    }
    hasher.finish()
}
