//! Single requests that somebody tries out: straight to the backend, as it is at this moment, and counted nowhere.

use super::chance::{self, Chance};
use super::flow;
use super::latency::{GATEWAY, Law, SPREAD};
use super::profile::Profile;
use super::{Simulation, backend_name, demand};
use crate::estate::{Api, Method};
use crate::ledger::Outcome;

/// How a request that was tried out ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    pub outcome: Outcome,
    /// Milliseconds that the backend took.
    pub integration_ms: f64,
    /// Milliseconds until the answer.
    pub latency_ms: f64,
}

impl Simulation {
    /// Sends one request to the backend of a method, with the code that would be deployed next; `None` where the data
    /// plane doesn't run the API.
    pub fn try_method(&mut self, api: &Api, method: &Method) -> Option<Trial> {
        let running = self.accounts.iter().flat_map(|account| &account.plane.apis);
        let known = running.map(|running| &running.api).find(|running| running.id == api.id)?;
        let place = known.methods.iter().position(|one| one.key == method.key).unwrap_or(0);
        let profile = Profile::new(&method.key, place, self.seed);
        let condition = self.conditions.get(super::backend_of(api)).copied().unwrap_or_else(|| {
            // Before the first step: as it is on an ordinary day.
            let curve = demand::at_time(self.next, backend_name(api), self.seed);
            self.history.settled(super::backend_of(api), curve).1
        });
        self.trials += 1;
        // A stream of its own: whoever tries something out does not alter what happens.
        let mut chance =
            Chance::new(chance::bits(self.seed, &format!("{} {} {}", api.id, method.key, self.trials)));
        let timeout_ms = f64::from(method.integration.timeout_ms);
        let odds = flow::odds(profile.median_ms, timeout_ms, condition, api.code);
        let outcome = if chance.number() < odds.late {
            Outcome::TimedOut
        } else if chance.number() < odds.server_errors {
            Outcome::ServerError
        } else if chance.number() < condition.client_errors {
            Outcome::ClientError
        } else {
            Outcome::Succeeded
        };
        let median_ms = profile.median_ms * condition.slowness * api.code.slowness;
        let worked = chance.log_normal(Law { median_ms, sigma: SPREAD }, 0.0..1.0);
        let integration_ms = match outcome {
            Outcome::TimedOut => timeout_ms,
            _ => (worked + condition.wait_ms).min(timeout_ms),
        };
        let latency_ms = integration_ms + chance.log_normal(GATEWAY, 0.0..1.0);
        Some(Trial { outcome, integration_ms, latency_ms })
    }
}
