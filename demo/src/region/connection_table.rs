//! Keeps the table of WebSocket connections in step with the traffic.

use dynoxide::Database;
use jiff::Timestamp;

use super::course::Follower;
use crate::dynamodb::DynamoDb;
use crate::dynamodb::connections::{AT_ONCE, Connections};
use crate::traffic::Simulation;

/// The table, and what is in it.
pub struct ConnectionTable {
    database: Database,
    connections: Connections,
}

impl ConnectionTable {
    /// The table of this account, if it has one.
    pub fn of(dynamodb: &DynamoDb) -> Option<Self> {
        let connections = dynamodb.connections()?.clone();
        Some(Self { database: dynamodb.database().clone(), connections })
    }

    /// Writes all connections that the region starts with.
    pub fn fill(&self, simulation: &Simulation, now: Timestamp) {
        self.sync(simulation, now, usize::MAX);
    }

    /// What keeps it up to date, after steps of the traffic.
    pub fn follower(self) -> Follower {
        Box::new(move |simulation, now| {
            if self.connections.is_due(now) {
                self.sync(simulation, now, AT_ONCE);
            }
        })
    }

    fn sync(&self, simulation: &Simulation, now: Timestamp, at_once: usize) {
        let open = simulation.open_connections();
        if let Err(error) = self.connections.sync(&self.database, open, now, at_once) {
            // Somebody may have deleted the table: that is an operator's freedom, and no fault of the region.
            tracing::debug!(%error, "the table of connections is not up to date");
        }
    }
}
