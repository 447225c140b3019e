//! How many customers were hurt, minute by minute.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::World;
use super::signal::stages;
use crate::ledger::{Caller, SourceId};

const MINUTE: i64 = 60;

/// What the customers went through since the onset.
#[derive(Debug)]
pub struct Harm {
    /// The share of failures within a minute that nobody minds.
    tolerated: f64,
    /// Everything before this minute has been counted.
    next: i64,
    sources: HashMap<SourceId, f64>,
}

impl Harm {
    /// Counts from the minute in which this time lies.
    pub fn since(onset: Timestamp, tolerated: f64) -> Self {
        Self { tolerated, next: onset.as_second().div_euclid(MINUTE), sources: HashMap::new() }
    }

    /// Counts the minutes that are over.
    pub fn count(&mut self, world: &World, now: Timestamp) {
        let current = now.as_second().div_euclid(MINUTE);
        while self.next < current {
            if let Ok(start) = Timestamp::from_second(self.next * MINUTE) {
                self.count_minute(world, start);
            }
            self.next += 1;
        }
    }

    fn count_minute(&mut self, world: &World, start: Timestamp) {
        // By source: requests, and those that failed.
        let mut minute: HashMap<SourceId, (f64, f64)> = HashMap::new();
        let range = start..start + SignedDuration::from_secs(MINUTE);
        for stage in stages(world) {
            world.ledger.slots(&stage.name, &range, |slot| {
                for group in &slot.groups {
                    let (requests, failed) = minute.entry(group.source).or_default();
                    *requests += f64::from(group.count);
                    if !group.outcome.is_served() {
                        *failed += f64::from(group.count);
                    }
                }
            });
        }
        for (source, (requests, failed)) in minute {
            if failed > self.tolerated * requests {
                *self.sources.entry(source).or_default() += failed - self.tolerated * requests;
            }
        }
    }

    /// Requests that failed beyond what is tolerated.
    pub fn failed_requests(&self, world: &World) -> u64 {
        whole(self.of_customers(world).map(|(_, failed)| failed).sum())
    }

    /// Customers with at least one of these requests, where the requests of a crowd are spread over its customers
    /// by chance: of n customers, `n * (1 - e^(-failed / n))`.
    pub fn customers_hurt(&self, world: &World) -> u64 {
        let hurt = |(customers, failed): (u32, f64)| {
            let customers = f64::from(customers);
            -customers * (-failed / customers).exp_m1()
        };
        whole(self.of_customers(world).map(hurt).map(f64::ceil).sum())
    }

    /// How many customers stand behind a source, and how many of its requests failed. Floods and partners are none.
    fn of_customers<'a>(&'a self, world: &'a World) -> impl Iterator<Item = (u32, f64)> + 'a {
        self.sources.iter().filter_map(|(source, failed)| {
            let source = world.ledger.source(*source)?;
            match source.caller {
                Caller::Customer(_) => Some((1, *failed)),
                Caller::Crowd { .. } if source.customers > 0 => Some((source.customers, *failed)),
                _ => None,
            }
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of requests, never negative"
)]
fn whole(count: f64) -> u64 {
    count.round().max(0.0) as u64
}
