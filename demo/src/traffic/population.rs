//! The customers: how much each of them asks for, and on which cell it lives.

use std::collections::HashMap;

use crate::estate::{Cell, Customer};

/// Demand by cell.
#[derive(Clone, Debug)]
pub struct Population {
    /// Requests a second at an average time of day.
    demand: HashMap<String, f64>,
}

impl Population {
    /// Adds up what the customers of each cell ask for.
    pub fn new(cells: &[Cell], customers: &[Customer]) -> Self {
        let mut demand: HashMap<String, f64> = cells.iter().map(|cell| (cell.id.clone(), 0.0)).collect();
        for customer in customers {
            if let Some(demand) = demand.get_mut(&*customer.cell) {
                *demand += f64::from(customer.demand);
            }
        }
        Self { demand }
    }

    /// Requests a second that the cell's customers send at an average time of day.
    pub fn demand(&self, cell: &str) -> f64 {
        self.demand.get(cell).copied().unwrap_or(0.0)
    }

    /// Requests a second over all cells.
    pub fn total(&self) -> f64 {
        self.demand.values().sum()
    }
}
