//! The customers: how much each of them asks for, and on which cell it lives.

use std::collections::HashMap;

use super::chance::fraction;
use crate::estate::{Cell, Customer};

/// How unequal customers are: the demand of the n-th largest is `1 / n^SKEW` of the largest.
const SKEW: f64 = 0.85;

/// What all customers together ask for at an average time of day, as a share of what all cells bear.
const FLEET_LOAD: f64 = 0.5;

/// Demand by cell.
#[derive(Clone, Debug)]
pub struct Population {
    /// Requests a second at an average time of day.
    demand: HashMap<String, f64>,
}

impl Population {
    /// Gives each customer its share of the demand.
    ///
    /// Who is large is not drawn blindly: an operator puts large customers where there is room. So the largest
    /// goes to the cell with the most room left, and so on; how full a cell may get differs from cell to cell.
    pub fn new(cells: &[Cell], customers: &[Customer], seed: u64) -> Self {
        let mut unplaced: HashMap<&str, u32> = HashMap::new();
        for customer in customers {
            *unplaced.entry(&customer.cell).or_default() += 1;
        }
        let fullness =
            |cell: &Cell| cell.capacity_rps * (0.7 + 0.6 * fraction(seed, &format!("fullness {}", cell.id)));
        let mut rooms: Vec<(&str, f64, u32)> = cells
            .iter()
            .map(|cell| {
                (cell.id.as_str(), fullness(cell), unplaced.get(cell.id.as_str()).copied().unwrap_or(0))
            })
            .filter(|(_, _, customers)| *customers > 0)
            .collect();
        let total_room: f64 = rooms.iter().map(|(_, room, _)| room).sum();
        let capacity: f64 = cells.iter().map(|cell| cell.capacity_rps).sum();
        let placed: u32 = rooms.iter().map(|(_, _, customers)| customers).sum();
        let weight = |rank: u32| f64::from(rank).powf(-SKEW);
        let total_weight: f64 = (1..=placed).map(weight).sum();
        let share = |rank: u32| weight(rank) / total_weight;
        // Each customer asks for at least what the smallest does: that much room is taken from the start.
        let least = if placed > 0 { share(placed) } else { 0.0 };
        for (_, room, customers) in &mut rooms {
            *room -= f64::from(*customers) * least * total_room;
        }

        let mut demand: HashMap<String, f64> = cells.iter().map(|cell| (cell.id.clone(), 0.0)).collect();
        for rank in 1..=placed {
            let roomiest = rooms
                .iter_mut()
                .filter(|(_, _, customers)| *customers > 0)
                .max_by(|(_, one, _), (_, other, _)| one.total_cmp(other));
            let Some((cell, room, customers)) = roomiest else { break };
            *customers -= 1;
            *room -= (share(rank) - least) * total_room;
            if let Some(demand) = demand.get_mut(*cell) {
                *demand += share(rank) * capacity * FLEET_LOAD;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::customer::starting_customers;

    fn cells() -> Vec<Cell> {
        let cell = |number: u32| Cell {
            id: format!("cell-{number:02}"),
            capacity_rps: 400.0 + 60.0 * f64::from(number),
        };
        (1..=12).map(cell).collect()
    }

    #[test]
    fn the_fleet_is_half_full_and_no_cell_too_full() {
        let cells = cells();
        let population = Population::new(&cells, &starting_customers(&cells, 5_000, 7), 7);
        let capacity: f64 = cells.iter().map(|cell| cell.capacity_rps).sum();
        assert!((population.total() - capacity * FLEET_LOAD).abs() < 1.0);
        for cell in &cells {
            let load = population.demand(&cell.id) / cell.capacity_rps;
            assert!((0.3..0.75).contains(&load), "{}: {load}", cell.id);
        }
    }

    #[test]
    fn a_cell_without_customers_has_no_demand() {
        let population = Population::new(&cells(), &[], 7);
        assert!(population.total().abs() < 1e-9);
        assert!(population.demand("cell-01").abs() < 1e-9);
        assert!(population.demand("unknown").abs() < 1e-9);
    }
}
