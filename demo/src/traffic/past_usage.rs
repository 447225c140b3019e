//! What keys used of their quotas before the region started.

use jiff::{Timestamp, ToSpan, tz::TimeZone};

use super::chance::{fraction, whole};
use super::gate::Asked;
use super::roster::Rates;
use super::router::Router;
use super::{Simulation, demand};

/// Days before the start for which usage is told: a month, so that monthly quotas are used as they would be.
const DAYS: u32 = 31;
/// Keys of an account beyond which only today's and this week's usage is told.
const MANY_KEYS: usize = 1_000;

impl Simulation {
    /// Counts what each key used up to now, for keys of which nothing was counted.
    pub(super) fn fill_usage(&mut self, now: Timestamp) {
        let rates = self.roster.rates(&self.sources, &[], Router::memory(0));
        let today = now.to_zoned(TimeZone::UTC).date();
        let begun = super::as_seconds(now.as_second().rem_euclid(86_400)) / 86_400.0;
        for number in 0..self.accounts.len() {
            let used = self.requests_by_key(number, &rates);
            let usage = {
                let estate = self.accounts[number].shared.estate.read();
                estate.unwrap_or_else(std::sync::PoisonError::into_inner).usage.clone()
            };
            let mut usage = usage.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let days = if used.len() > MANY_KEYS { 7 } else { DAYS };
            for ((plan, key), rate) in used {
                for age in 0..=days {
                    let Ok(day) = today.checked_sub(i64::from(age).days()) else { continue };
                    if usage.used(&plan, &key, day) > 0 {
                        continue;
                    }
                    let spread = 0.88 + 0.24 * fraction(self.seed, &format!("usage {key} {day}"));
                    let share = if age == 0 { begun } else { 1.0 };
                    let count = whole(rate * 86_400.0 * spread * share);
                    usage.add(&plan, &key, day, i64::try_from(count).unwrap_or(i64::MAX));
                }
            }
        }
    }

    /// Requests a second by plan and key, at an average time of day.
    fn requests_by_key(&self, number: usize, rates: &Rates) -> Vec<((String, String), f64)> {
        let account = &self.accounts[number];
        let mut used = std::collections::BTreeMap::new();
        for running in &account.plane.apis {
            for gate in &running.gates {
                let layout = &gate.layout;
                let Some(stage) = running.api.stage(&layout.name.1) else { continue };
                let wanting = layout.routes.iter().filter(|route| route.key_required && route.deployed);
                let share =
                    wanting.map(|route| route.known.profile.weight).sum::<f64>() / layout.weight.max(1e-9);
                if share <= 0.0 || demand::is_trial(&stage.name) {
                    continue;
                }
                for demand in self.demands(account, (&running.api, stage), 1.0, rates, &[]) {
                    let key = self.sources.get(demand.source).key.as_deref();
                    if demand.routes == Asked::Any
                        && let Some(key) = key
                        && let Some(grant) = account.access.grant(key, &layout.name)
                    {
                        *used.entry((grant.plan_id.to_owned(), key.to_owned())).or_insert(0.0) +=
                            demand.rate * share;
                    }
                }
            }
        }
        used.into_iter().collect()
    }
}
