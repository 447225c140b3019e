//! Connections that a move left on the old cell, step by step: what finding them costs, those that were found, and the
//! plan to close them.

use crate::domain::count::ScanCost;
use crate::domain::estate::RegionSlot;
use crate::domain::id::ChangeId;
use crate::ops::moves::LeftBehind;
use crate::tui::event::Trouble;

/// What is in front.
#[derive(Clone, Debug)]
pub struct LeftConnections {
    pub slot: RegionSlot,
    pub id: ChangeId,
    pub scroll: usize,
    /// What finding them takes, as soon as the table has told.
    pub cost: Option<ScanCost>,
    pub search: Search,
}

/// How far the search is.
#[derive(Clone, Debug)]
pub enum Search {
    /// The table is asked how large it is.
    Weighing,
    /// It waits for a yes.
    Weighed,
    /// So many are found so far.
    Reading(usize),
    Found(Box<LeftBehind>),
    Failed(Trouble),
}

impl LeftConnections {
    pub fn new(slot: RegionSlot, id: ChangeId) -> Self {
        Self { slot, id, scroll: 0, cost: None, search: Search::Weighing }
    }

    /// Whether there is something to say yes or no to.
    pub fn asks(&self) -> bool {
        match &self.search {
            Search::Weighed => true,
            Search::Found(left) => !left.connections.is_empty(),
            Search::Weighing | Search::Reading(_) | Search::Failed(_) => false,
        }
    }
}
