//! Counters by cell. However many customers there are, only the cells take memory, and not endlessly many.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::id::CellId;

/// Cells that are counted by themselves. A table in which nearly every item names another one holds no cells
/// in that attribute.
const MOST_CELLS: usize = 10_000;

/// How many customers each cell has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub cells: BTreeMap<CellId, u64>,
    /// Items whose cell attribute is missing or no text.
    pub without_cell: u64,
    /// Items of cells beyond the first ten thousand.
    pub other_cells: u64,
}

impl Tally {
    /// Counts an item.
    pub fn add(&mut self, cell: Option<&str>) {
        match cell.filter(|cell| !cell.is_empty()) {
            Some(cell) => self.add_many(&CellId::new(cell), 1),
            None => self.without_cell += 1,
        }
    }

    /// Counts so many items of a cell.
    pub fn add_many(&mut self, cell: &CellId, customers: u64) {
        if let Some(count) = self.cells.get_mut(cell) {
            *count += customers;
        } else if self.cells.len() < MOST_CELLS {
            self.cells.insert(cell.clone(), customers);
        } else {
            self.other_cells += customers;
        }
    }

    pub fn merge(&mut self, other: &Self) {
        for (cell, customers) in &other.cells {
            self.add_many(cell, *customers);
        }
        self.without_cell += other.without_cell;
        self.other_cells += other.other_cells;
    }

    /// All items.
    pub fn total(&self) -> u64 {
        self.cells.values().sum::<u64>() + self.without_cell + self.other_cells
    }
}
