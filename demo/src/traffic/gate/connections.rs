//! The WebSocket connections that are open at a stage, and the customers who are about to open one again.

use jiff::{SignedDuration, Timestamp};

use super::super::chance::{Chance, whole};
use super::super::passage::Passage;
use super::super::population::CustomerIndex;
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
    /// Customers whose requests for a connection of their own are on their way.
    returning: Vec<(SourceIndex, CustomerIndex)>,
}

/// An open connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Its number at the stage.
    pub serial: u64,
    pub source: SourceIndex,
    pub id: SourceId,
    /// Who came back after a connection was closed; `None`: any of those behind the source.
    pub customer: Option<CustomerIndex>,
    pub since: Timestamp,
}

impl Connections {
    /// Those that are open.
    pub fn open(&self) -> &[Connection] {
        &self.open
    }

    fn add(
        &mut self,
        (source, id): (SourceIndex, SourceId),
        customer: Option<CustomerIndex>,
        since: Timestamp,
    ) {
        self.open.push(Connection { serial: self.opened, source, id, customer, since });
        self.opened += 1;
    }

    /// One of those who come back from this source, who is let in now.
    fn returned(&mut self, source: SourceIndex) -> Option<CustomerIndex> {
        let place = self.returning.iter().position(|(from, _)| *from == source)?;
        Some(self.returning.remove(place).1)
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
                self.connections.add((demand.source, id), None, now - age);
            }
        }
    }

    /// Closes a connection from this side: its request to `$disconnect` comes with the next step.
    pub fn close(&mut self, serial: u64) -> Option<Connection> {
        let place = self.connections.open.iter().position(|connection| connection.serial == serial)?;
        let closed = self.connections.open.swap_remove(place);
        if let Some(route) = self.place_of(Nature::Disconnect) {
            self.retries.push((closed.source, route, 1));
        }
        Some(closed)
    }

    /// Lets a customer ask for a connection with the next step; whether there is a way to.
    pub fn let_return(&mut self, source: SourceIndex, customer: CustomerIndex) -> bool {
        let Some(route) = self.place_of(Nature::Connect) else { return false };
        self.retries.push((source, route, 1));
        self.connections.returning.push((source, customer));
        true
    }

    /// The customers who asked for a connection in the last step and were not let in.
    pub fn turned_away(&mut self) -> Vec<CustomerIndex> {
        self.connections.returning.drain(..).map(|(_, customer)| customer).collect()
    }

    fn place_of(&self, nature: Nature) -> Option<u16> {
        let place = self.layout.routes.iter().position(|route| route.known.profile.nature == nature);
        place.and_then(|place| u16::try_from(place).ok())
    }

    /// Lets some connections end: their requests to `$disconnect`.
    pub(super) fn disconnects(&mut self, step: Step, chance: &mut Chance) -> Vec<(SourceIndex, u16, u64)> {
        let Some(place) = self.place_of(Nature::Disconnect) else { return Vec::new() };
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
                let since = step.start + SignedDuration::from_millis(within);
                let customer = self.connections.returned(source);
                self.connections.add((source, id), customer, since);
            }
        }
    }
}
