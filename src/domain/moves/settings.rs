//! How customers are moved, as configured: the attributes of the mapping table that fence and stamp a move, the
//! pace, the gate, and which cells keep data.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::hook::HookSettings;
use crate::domain::id::CellId;
use crate::domain::mapping::MappingSettings;
use crate::domain::placement::PlacementSettings;

/// A range takes no longer than this at the pace that was asked for.
const OBEYED_WITHIN_SECONDS: f64 = 2.0;

/// Everything about moves that is configured.
#[derive(Clone, Debug, PartialEq)]
pub struct MoveSettings {
    pub fence: Fence,
    pub stamp: Stamp,
    /// Customers a second after the first waves.
    pub rate: f64,
    /// Customers announced in the journal at once, at the most.
    pub range: u32,
    /// Writes under way at the same time.
    pub at_once: u32,
    /// What is watched between waves.
    pub gate: String,
    pub gate_minutes: u32,
    /// For how long the router may answer from its cache.
    pub router_cache_seconds: u32,
    /// No cell keeps data of its customers.
    pub stateless: bool,
    /// The cells that keep none, where not all are so.
    pub stateless_cells: BTreeSet<CellId>,
    /// The commands around each wave.
    pub hooks: HookSettings,
    /// What the API key of a customer is called, with `{CustomerId}` in it, where the key doesn't bear their id.
    pub key_name: Option<String>,
    /// Where cells are closed to new customers; none where no table says so.
    pub placement: Option<PlacementSettings>,
}

/// Numbers in each item that grow with its changes; a write is refused where another came in between.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fence {
    /// Grows with each write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Grows with each change of the cell; routers pass it on, and cells refuse lower ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
}

/// Attributes that a move leaves in an item for people. None is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The id of the move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// When, as ISO 8601 in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// By whom: their ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// The mapping table with the names of what a move reads and writes in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveTable {
    pub name: String,
    pub customer_attribute: String,
    pub cell_attribute: String,
    #[serde(default)]
    pub fence: Fence,
    #[serde(default)]
    pub stamp: Stamp,
}

impl MoveTable {
    pub fn new(mapping: &MappingSettings, moves: &MoveSettings) -> Self {
        Self {
            name: mapping.table.clone(),
            customer_attribute: mapping.customer_attribute.clone(),
            cell_attribute: mapping.cell_attribute.clone(),
            fence: moves.fence.clone(),
            stamp: moves.stamp.clone(),
        }
    }
}

impl MoveSettings {
    /// How many customers are announced at once at this many a second: what is written in [`OBEYED_WITHIN_SECONDS`], so
    /// that a pause, which is obeyed between two ranges, is obeyed soon; never more than configured.
    pub fn range_at(&self, per_second: f64) -> u32 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
        let soon =
            (per_second * OBEYED_WITHIN_SECONDS).ceil().clamp(1.0, f64::from(self.range.max(1))) as u32;
        soon
    }

    /// Whether a cell keeps no data of its customers.
    pub fn is_stateless(&self, cell: &CellId) -> bool {
        self.stateless || self.stateless_cells.contains(cell)
    }
}

impl Default for MoveSettings {
    fn default() -> Self {
        Self {
            fence: Fence::default(),
            stamp: Stamp::default(),
            rate: 100.0,
            range: 500,
            at_once: 16,
            gate: "cell.errors < 2%".to_owned(),
            gate_minutes: 2,
            router_cache_seconds: 300,
            stateless: false,
            stateless_cells: BTreeSet::new(),
            hooks: HookSettings::default(),
            key_name: None,
            placement: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_done_within_two_seconds_and_has_somebody() {
        let settings = MoveSettings { range: 500, ..MoveSettings::default() };
        assert_eq!([0.1, 20.0, 100.0, 1e9].map(|rate| settings.range_at(rate)), [1, 40, 200, 500]);
    }
}
