//! What stands in front of a stage's methods: WAF, authorizers, usage plans, throttles.

use std::sync::Mutex;

use jiff::civil::Date;

use super::super::access::Access;
use super::super::cache::Fill;
use super::super::chance::Chance;
use super::super::layout::Guard;
use super::super::passage::Passage;
use super::super::source::Sources;
use super::super::throttle::TokenBucket;
use super::super::waf::{self, Wall};
use super::{Gate, Step};
use crate::estate::Usage;
use crate::ledger::{Ledger, Outcome, WafAction};
use crate::metrics::as_weight;

/// The share of guarded requests that bring no identity or a false one in quiet times, and of those that may not
/// do what they want.
const UNAUTHORIZED: f64 = 0.001_2;
const DENIED: f64 = 0.000_8;

/// What all stages of an account share on their fronts.
#[derive(Debug)]
pub struct Post<'a> {
    pub sources: &'a Sources,
    pub ledger: &'a Ledger,
    pub wall: &'a mut Wall,
    /// `None` in the past, when every key was good.
    pub access: Option<&'a mut Access>,
    pub usage: &'a Mutex<Usage>,
    pub today: Date,
    /// Calls a second that the function behind the API's authorizer bears; `None`: all.
    pub authorizer_capacity: Option<f64>,
}

impl Gate {
    /// Lets a step's requests pass everything up to the account's throttle.
    pub fn pass_front(
        &mut self,
        passage: &mut Passage,
        post: &mut Post<'_>,
        step: Step,
        chance: &mut Chance,
    ) {
        self.pass_waf(passage, post, step);
        self.match_routes(passage);
        self.authorize(passage, post, step, chance);
        if let Some(access) = post.access.as_deref_mut() {
            self.check_keys(passage, access, (post.sources, post.usage, post.today), step);
        }
        self.throttle(passage, step, chance);
    }

    fn pass_waf(&mut self, passage: &mut Passage, post: &mut Post<'_>, step: Step) {
        let Some(arn) = &self.layout.web_acl_arn else { return };
        for place in 0..passage.lanes.len() {
            let lane = passage.lanes[place];
            let entry = post.sources.get(lane.source);
            let facts = self.facts.entry((lane.source, lane.route)).or_insert_with(|| {
                let route = &self.layout.routes[usize::from(lane.route)];
                waf::facts(entry, &self.layout.name.1, &route.known)
            });
            let remembers = (!self.steady).then_some((step, lane.count, entry.addresses));
            let Some(verdict) = post.wall.judge(arn, facts, remembers) else { continue };
            let blocked =
                matches!(verdict.action, WafAction::Block | WafAction::Captcha | WafAction::Challenge);
            passage.lanes[place].verdict = post.ledger.verdict_id(&verdict);
            if blocked {
                passage.end(place, Outcome::WafBlocked, lane.count);
            }
        }
    }

    fn match_routes(&self, passage: &mut Passage) {
        for place in 0..passage.lanes.len() {
            let lane = passage.lanes[place];
            let route = &self.layout.routes[usize::from(lane.route)];
            let served = if lane.canary { route.in_canary } else { route.deployed };
            if !served {
                passage.end(place, Outcome::MissingMethod, lane.count);
            }
        }
    }

    fn authorize(&mut self, passage: &mut Passage, post: &Post<'_>, step: Step, chance: &mut Chance) {
        let mut by_source: Vec<(u32, u64)> = Vec::new();
        for lane in &passage.lanes {
            match by_source.iter_mut().find(|(source, _)| *source == lane.source) {
                Some((_, count)) => *count += lane.count,
                None => by_source.push((lane.source, lane.count)),
            }
        }
        let mut calls: Vec<u64> = vec![0; passage.lanes.len()];
        for (place, lane) in passage.lanes.iter().enumerate() {
            let Guard::Function { authorizer, ttl } = &self.layout.routes[usize::from(lane.route)].guard
            else {
                continue;
            };
            let fill =
                self.decisions.entry(authorizer.clone()).or_insert_with(|| Fill::warm(self.known_emptying));
            let age = fill.age(self.layout.authorizers_emptied_at, step.start);
            let sent =
                by_source.iter().find(|(source, _)| *source == lane.source).map_or(0, |(_, sent)| *sent);
            let identities = post.sources.get(lane.source).identities.max(1.0);
            let rate = as_weight(sent) / step.length() / identities;
            calls[place] = chance.share(lane.count, 1.0 - remembered(rate, age, *ttl));
        }
        let all: u64 = calls.iter().sum();
        passage.authorizer_calls = all;
        let failing = match post.authorizer_capacity {
            Some(capacity) if all > 0 => (1.0 - capacity * step.length() / as_weight(all)).clamp(0.0, 1.0),
            _ => 0.0,
        };
        if !self.steady {
            for (name, fill) in &mut self.decisions {
                let ttl = self.layout.routes.iter().find_map(|route| match &route.guard {
                    Guard::Function { authorizer, ttl } if authorizer == name => Some(*ttl),
                    _ => None,
                });
                if let Some(ttl) = ttl {
                    fill.pass(step.length(), 1.0 - failing, ttl);
                }
            }
        }
        for (place, calls) in calls.into_iter().enumerate() {
            let failed = chance.share(calls, failing);
            passage.end(place, Outcome::AuthorizerFailure, failed);
            let lane = passage.lanes[place];
            if self.layout.routes[usize::from(lane.route)].guard != Guard::Open {
                let turned_down = chance.share(lane.count, UNAUTHORIZED + DENIED);
                let unknown = chance.share(turned_down, UNAUTHORIZED / (UNAUTHORIZED + DENIED));
                passage.end(place, Outcome::Unauthorized, unknown);
                passage.end(place, Outcome::AccessDenied, turned_down - unknown);
            }
        }
    }

    fn check_keys(
        &self,
        passage: &mut Passage,
        access: &mut Access,
        (sources, usage, today): (&Sources, &Mutex<Usage>, Date),
        step: Step,
    ) {
        let stage = &self.layout.name;
        let mut usage = usage.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for place in 0..passage.lanes.len() {
            let lane = passage.lanes[place];
            let route = &self.layout.routes[usize::from(lane.route)];
            if !route.key_required || lane.count == 0 {
                continue;
            }
            let key = sources.get(lane.source).key.as_deref();
            let Some(key) = key.filter(|key| access.grant(key, stage).is_some()) else {
                passage.end(place, Outcome::InvalidApiKey, lane.count);
                continue;
            };
            let admitted =
                access.admit(key, (stage, &route.known.key), lane.count, (step.start, step.length()));
            passage.end(place, Outcome::PlanThrottled, lane.count - admitted);
            let Some(grant) = access.grant(key, stage) else { continue };
            let within = usage.admit(grant.plan_id, key, grant.quota, today, admitted);
            passage.end(place, Outcome::OverQuota, admitted - within);
        }
    }

    fn throttle(&mut self, passage: &mut Passage, step: Step, chance: &mut Chance) {
        let mut wanted: Vec<u64> = vec![0; self.buckets.len()];
        for lane in &passage.lanes {
            let base = self.layout.routes[usize::from(lane.route)].base;
            wanted[usize::from(base)] += lane.count;
        }
        let mut admitted: Vec<u64> = Vec::with_capacity(wanted.len());
        for (place, bucket) in self.buckets.iter_mut().enumerate() {
            let throttle = self.layout.routes[place].throttle;
            if self.steady {
                *bucket = TokenBucket::fluid(throttle, step.length());
            } else {
                bucket.refill(throttle, step.length());
            }
            admitted.push(bucket.take(wanted[place]));
        }
        for place in 0..passage.lanes.len() {
            let lane = passage.lanes[place];
            let base = usize::from(self.layout.routes[usize::from(lane.route)].base);
            let through = chance.part(lane.count, admitted[base], wanted[base]);
            wanted[base] -= lane.count;
            admitted[base] -= through;
            passage.end(place, Outcome::StageThrottled, lane.count - through);
        }
    }
}

/// The share of requests whose decision is remembered, where each identity sends `rate` requests a second.
pub(super) fn remembered(rate: f64, age: f64, ttl: f64) -> f64 {
    let settled = rate * ttl / (1.0 + rate * ttl);
    settled.min(1.0 - (-rate * age).exp())
}
