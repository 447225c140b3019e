//! A pipeline that wants a deployment live and tries until it is: each attempt takes from the account's budget of
//! calls, so that everybody else waits.

use std::collections::VecDeque;
use std::sync::PoisonError;

use jiff::{SignedDuration, Timestamp};
use rand::Rng;
use rand::rngs::StdRng;
use rand_distr::Exp1;

use super::World;
use super::cast::CastApi;
use super::signal::WINDOW;

/// The pipeline.
#[derive(Debug)]
pub struct Pipeline {
    api: CastApi,
    /// The id of the deployment that is to be live.
    wanted: String,
    attempts_per_second: f64,
    rng: StdRng,
    /// When it tries next.
    next: Timestamp,
    /// The attempts of the last minute.
    recent: VecDeque<Timestamp>,
    satisfied: bool,
}

impl Pipeline {
    /// A pipeline that begins now.
    pub fn new(api: CastApi, wanted: String, attempts_per_second: f64, now: Timestamp, rng: StdRng) -> Self {
        let recent = VecDeque::new();
        Self { api, wanted, attempts_per_second, rng, next: now, recent, satisfied: false }
    }

    /// Makes the attempts up to this time, each at its own: the budget fills up between them, and others get their
    /// share of it.
    pub fn catch_up(&mut self, world: &World, now: Timestamp) {
        while !self.satisfied && self.next <= now {
            self.recent.push_back(self.next);
            self.satisfied = self.attempt(world, self.next);
            // Workers that retry on their own: the time between two attempts is exponentially distributed.
            let wait: f64 = self.rng.sample(Exp1);
            let wait = SignedDuration::try_from_secs_f64(wait / self.attempts_per_second.max(0.001));
            self.next += wait.unwrap_or(SignedDuration::from_secs(1)).max(SignedDuration::from_micros(1));
        }
        while self.recent.front().is_some_and(|attempt| *attempt < now - WINDOW) {
            self.recent.pop_front();
        }
    }

    /// Attempts a second over the last minute.
    pub fn rate(&self) -> f64 {
        let attempts = u32::try_from(self.recent.len()).unwrap_or(u32::MAX);
        f64::from(attempts) / WINDOW.as_secs_f64()
    }

    /// One `UpdateStage`. Whether the deployment is live now.
    fn attempt(&self, world: &World, at: Timestamp) -> bool {
        let Some(account) = world.accounts.get(self.api.account) else { return true };
        if account.quotas.as_ref().is_some_and(|quotas| quotas.take("UpdateStage", at).is_err()) {
            return false;
        }
        let mut estate = account.estate.write().unwrap_or_else(PoisonError::into_inner);
        // An API or a stage that is gone is no reason to go on.
        let stage = estate.api(&self.api.id).and_then(|api| api.stage("prod"));
        match stage.map(|stage| (stage.deployment_id == self.wanted, stage.canary.is_some())) {
            None | Some((true, _)) => true,
            // AWS: a stage with a canary cannot be pointed elsewhere.
            Some((false, true)) => false,
            Some((false, false)) => {
                if let Some(stage) = estate.api_mut(&self.api.id).and_then(|api| api.stage_mut("prod")) {
                    self.wanted.clone_into(&mut stage.deployment_id);
                    stage.last_updated = at;
                }
                true
            }
        }
    }
}
