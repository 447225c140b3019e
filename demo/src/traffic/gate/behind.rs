//! What comes behind the throttles: the request validator and the stage's cache.

use super::super::cache::{Fill, KeySpace};
use super::super::chance::{Chance, whole};
use super::super::passage::Passage;
use super::super::profile::Nature;
use super::front::remembered;
use super::{Gate, Step};
use crate::estate::CacheSize;
use crate::ledger::Outcome;
use crate::metrics::as_weight;

/// The share of bodies that the validator refuses in quiet times.
const INVALID: f64 = 0.002;
/// Bytes that an answer takes in the cache, with its key.
const CACHED_BYTES: f64 = 24_000.0;

impl Gate {
    /// Lets requests pass the validator and the cache; what is left goes to the backend.
    pub fn pass_behind(&mut self, passage: &mut Passage, step: Step, chance: &mut Chance) {
        for place in 0..passage.lanes.len() {
            let lane = passage.lanes[place];
            let nature = self.layout.routes[usize::from(lane.route)].known.profile.nature;
            if nature == Nature::Write {
                passage.end(place, Outcome::Invalid, chance.share(lane.count, INVALID));
            }
        }
        if self.layout.cache.serves(step.start) {
            self.ask_cache(passage, step, chance);
        }
    }

    fn ask_cache(&mut self, passage: &mut Passage, step: Step, chance: &mut Chance) {
        let cached = self.layout.routes.iter().filter(|route| route.cache_ttl.is_some()).count();
        // The cached methods share the room evenly.
        let fits = bytes(self.layout.cache.size) / CACHED_BYTES / super::super::as_count(cached.max(1));
        let fits = u32::try_from(whole(fits)).unwrap_or(u32::MAX);
        let mut asked: Vec<u64> = vec![0; self.layout.routes.len()];
        for lane in &passage.lanes {
            asked[usize::from(lane.route)] += lane.count;
        }
        let mut hits: Vec<Option<f64>> = vec![None; asked.len()];
        for (place, asked) in asked.iter().enumerate() {
            let Some(ttl) = self.layout.routes[place].cache_ttl else { continue };
            let emptied_at = self.layout.cache.emptied_at;
            let fresh = self.caches[place]
                .is_none()
                .then(|| (KeySpace::new(self.keys(place)), Fill::warm(self.known_flush)));
            if let Some(fresh) = fresh {
                self.caches[place] = Some(fresh);
            }
            let Some((keys, fill)) = &mut self.caches[place] else { continue };
            // What is asked for right now says little of a method that is seldom asked for: its usual rate says more.
            let weight = self.known[place].profile.weight / self.layout.weight;
            let rate = (as_weight(*asked) / step.length()).max(0.5 * self.usual * weight);
            let age = fill.age(emptied_at, step.start);
            // The age at the middle of the step stands for all of it.
            let age = if step.seconds > 1 { age + step.length() / 2.0 } else { age };
            hits[place] = Some(match self.equal_keys {
                Some(keys) => remembered(rate / keys.max(1.0), age, ttl) * (f64::from(fits) / keys).min(1.0),
                None => keys.hit_probability(rate, age, ttl, fits),
            });
        }
        let canary_caches = self.layout.canary.is_some_and(|canary| canary.caches);
        for place in 0..passage.lanes.len() {
            let lane = passage.lanes[place];
            let Some(probability) = hits[usize::from(lane.route)].filter(|_| !lane.canary || canary_caches)
            else {
                continue;
            };
            let hits = chance.share(lane.count, probability);
            passage.end(place, Outcome::CacheHit, hits);
            passage.misses[usize::from(lane.route)] += lane.count - hits;
        }
    }
}

fn bytes(size: CacheSize) -> f64 {
    size.as_str().parse::<f64>().map_or(0.0, |gigabytes| gigabytes * 1e9)
}
