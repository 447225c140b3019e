//! Requests on their way through a stage, and where each of them ended.

use super::source::SourceIndex;
use crate::ledger::{Group, Outcome, SourceId, VerdictId};

/// Requests of one step that are still on their way and have everything in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    pub source: SourceIndex,
    pub id: SourceId,
    /// The place of the route.
    pub route: u16,
    pub canary: bool,
    pub verdict: VerdictId,
    pub count: u64,
}

/// All requests of a stage in one step.
#[derive(Debug, Default)]
pub struct Passage {
    pub lanes: Vec<Lane>,
    pub groups: Vec<Group>,
    /// How many arrived.
    pub arrived: u64,
    /// By route: requests that asked the cache in vain.
    pub misses: Vec<u64>,
    /// How often the function behind the API's authorizer was called.
    pub authorizer_calls: u64,
    /// Requests that failed and that clients may send again.
    pub failed: Vec<(SourceIndex, u16, u64)>,
}

impl Passage {
    /// Lets `count` of a lane's requests end so.
    pub fn end(&mut self, place: usize, outcome: Outcome, count: u64) {
        let Some(lane) = self.lanes.get_mut(place) else { return };
        let count = count.min(lane.count);
        if count == 0 {
            return;
        }
        lane.count -= count;
        if matches!(outcome, Outcome::ServerError | Outcome::TimedOut | Outcome::AuthorizerFailure) {
            self.failed.push((lane.source, lane.route, count));
        }
        self.groups.push(Group {
            source: lane.id,
            route: lane.route,
            outcome,
            verdict: lane.verdict,
            canary: lane.canary,
            count: u32::try_from(count).unwrap_or(u32::MAX),
        });
    }

    /// Requests that are still on their way.
    pub fn on_the_way(&self) -> u64 {
        self.lanes.iter().map(|lane| lane.count).sum()
    }

    /// Lets only `admitted` of those on their way through, each with the same chance; the others end so.
    pub fn admit(&mut self, admitted: u64, outcome: Outcome, chance: &mut super::chance::Chance) {
        let mut all = self.on_the_way();
        let mut left = admitted.min(all);
        for place in 0..self.lanes.len() {
            let count = self.lanes[place].count;
            let through = chance.part(count, left, all);
            all -= count;
            left -= through;
            self.end(place, outcome, count - through);
        }
    }
}
