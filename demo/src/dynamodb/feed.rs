//! What the traffic has to know of the mapping table and of placement: who was moved, how many reads the table bears,
//! and which cells take no new customers.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The mapping of one customer as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingChange {
    pub customer_id: String,
    /// `None`: there is no mapping any more.
    pub cell: Option<String>,
}

/// Changes of the mapping table on their way from the engine to the router of the simulation.
#[derive(Debug, Default)]
pub struct MappingFeed {
    contents: Mutex<Contents>,
}

#[derive(Debug, Default)]
struct Contents {
    changes: Vec<MappingChange>,
    read_capacity: Option<f64>,
    closed: BTreeSet<String>,
}

impl MappingFeed {
    /// Notes what a write left behind.
    pub fn push(&self, changes: impl IntoIterator<Item = MappingChange>) {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner).changes.extend(changes);
    }

    /// Takes what was noted since the last time, oldest first.
    pub fn drain(&self) -> Vec<MappingChange> {
        std::mem::take(&mut self.contents.lock().unwrap_or_else(PoisonError::into_inner).changes)
    }

    /// Notes the read units a second of the table; `None` for a table on demand.
    pub fn set_read_capacity(&self, units: Option<f64>) {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner).read_capacity = units;
    }

    /// Notes which cells take no new customers.
    pub fn set_closed(&self, closed: BTreeSet<String>) {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner).closed = closed;
    }

    /// The cells that take no new customers.
    pub fn closed(&self) -> BTreeSet<String> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner).closed.clone()
    }

    /// Read units a second that the table bears; `None`: as many as are asked for.
    pub fn read_capacity(&self) -> Option<f64> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner).read_capacity
    }
}
