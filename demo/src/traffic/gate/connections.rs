//! The WebSocket connections that are open at a stage.

use jiff::{SignedDuration, Timestamp};

use super::super::chance::{Chance, whole};
use super::super::passage::Passage;
use super::super::profile::Nature;
use super::super::source::SourceIndex;
use super::{Demand, Gate, Step};
use crate::ledger::{Outcome, SourceId};

/// How long a connection stays open on average, in seconds.
const LIFETIME: f64 = 600.0;

/// Connections in the order in which they were opened, but for gaps that younger ones fill.
#[derive(Debug, Default)]
pub struct Connections {
    open: Vec<Connection>,
    /// How many there have been.
    opened: u64,
}

/// An open connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Its number at the stage.
    pub serial: u64,
    pub source: SourceIndex,
    pub id: SourceId,
    pub since: Timestamp,
}

impl Connections {
    /// Those that are open.
    pub fn open(&self) -> &[Connection] {
        &self.open
    }

    fn add(&mut self, source: SourceIndex, id: SourceId, since: Timestamp) {
        self.open.push(Connection { serial: self.opened, source, id, since });
        self.opened += 1;
    }
}

impl Gate {
    /// Opens as many connections as there are in the long run.
    pub fn open_usual(
        &mut self,
        demands: &[Demand],
        sources: &super::Sources,
        now: Timestamp,
        chance: &mut Chance,
    ) {
        let connects =
            self.layout.routes.iter().filter(|route| route.known.profile.nature == Nature::Connect);
        let share: f64 = connects.map(|route| route.known.profile.weight).sum::<f64>() / self.layout.weight;
        for demand in demands {
            let id = sources.get(demand.source).id;
            for _ in 0..chance.events(demand.rate * share * LIFETIME) {
                let age = -LIFETIME * (1.0 - chance.number()).ln();
                let age = SignedDuration::from_millis(i64::try_from(whole(age * 1_000.0)).unwrap_or(0));
                self.connections.add(demand.source, id, now - age);
            }
        }
    }

    /// Lets some connections end: their requests to `$disconnect`.
    pub(super) fn disconnects(&mut self, step: Step, chance: &mut Chance) -> Vec<(SourceIndex, u16, u64)> {
        let routes = &self.layout.routes;
        let place = routes.iter().position(|route| route.known.profile.nature == Nature::Disconnect);
        let Some(place) = place.and_then(|place| u16::try_from(place).ok()) else { return Vec::new() };
        let open = &mut self.connections.open;
        let ending = 1.0 - (-step.length() / LIFETIME).exp();
        let count = chance.share(u64::try_from(open.len()).unwrap_or(0), ending);
        let mut ended: Vec<(SourceIndex, u16, u64)> = Vec::new();
        for _ in 0..count {
            let drawn = whole(chance.number() * super::super::as_count(open.len()));
            let chosen = usize::try_from(drawn).unwrap_or(0).min(open.len() - 1);
            let connection = open.swap_remove(chosen);
            match ended.iter_mut().find(|(source, ..)| *source == connection.source) {
                Some((.., count)) => *count += 1,
                None => ended.push((connection.source, place, 1)),
            }
        }
        ended
    }

    /// Opens the connections that were let in.
    pub(super) fn connect(&mut self, passage: &Passage, step: Step) {
        let connects = |route: u16| {
            let route = self.layout.routes.get(usize::from(route));
            route.is_some_and(|route| route.known.profile.nature == Nature::Connect)
        };
        let opened: Vec<_> = passage
            .groups
            .iter()
            .filter(|group| group.outcome == Outcome::Succeeded && connects(group.route))
            .filter_map(|group| {
                let lane = passage.lanes.iter().find(|lane| lane.id == group.source)?;
                Some((lane.source, group.source, group.count))
            })
            .collect();
        for (source, id, count) in opened {
            for ordinal in 0..count {
                let within =
                    i64::from(ordinal % 1_000) * i64::from(step.seconds) * 1_000 / i64::from(count.max(1));
                self.connections.add(source, id, step.start + SignedDuration::from_millis(within));
            }
        }
    }
}
