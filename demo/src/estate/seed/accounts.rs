//! Which account an API lives in. All APIs of a cell share one; what belongs to no cell is in the first.

use std::collections::HashMap;

use super::super::Cell;
use super::roster::{self, Entry};

/// AWS: Regional APIs per account and region.
pub const APIS_PER_ACCOUNT: usize = 600;

/// How many accounts a region of this size takes; `None` if no number does, for a cell has more than one holds.
pub fn accounts_needed(cells: usize, apis: usize) -> Option<usize> {
    let cells: Vec<Cell> =
        (1..=cells).map(|number| Cell { id: super::cell_id(number), capacity_rps: 0.0 }).collect();
    let entries = roster::entries(&cells, apis);
    let fewest = entries.len().div_ceil(APIS_PER_ACCOUNT).max(1);
    let fullest = |accounts| {
        let homes = Homes::new(&cells, accounts);
        let mut counts = vec![0_usize; accounts];
        for entry in &entries {
            counts[homes.of(entry)] += 1;
        }
        counts.into_iter().max().unwrap_or(0)
    };
    // With an account for each cell there is nothing left to spread.
    (fewest..=cells.len().max(1)).find(|accounts| fullest(*accounts) <= APIS_PER_ACCOUNT)
}

/// The account of each cell.
#[derive(Debug)]
pub struct Homes<'a> {
    by_cell: HashMap<&'a str, usize>,
}

impl<'a> Homes<'a> {
    /// Deals the cells out to the accounts one by one, so that each gets as many APIs.
    pub fn new(cells: &'a [Cell], accounts: usize) -> Self {
        let dealt = cells.iter().enumerate();
        Self { by_cell: dealt.map(|(place, cell)| (cell.id.as_str(), place % accounts.max(1))).collect() }
    }

    /// The account of an API, from 0.
    pub fn of(&self, entry: &Entry) -> usize {
        entry.cell.as_deref().map_or(0, |cell| self.of_cell(cell))
    }

    /// The account of a cell, from 0.
    pub fn of_cell(&self, cell: &str) -> usize {
        self.by_cell.get(cell).copied().unwrap_or(0)
    }
}
