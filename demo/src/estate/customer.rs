//! Customers: what they pay for, how much they ask for, and the uneven way in which they are spread over the cells.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::Cell;

/// How unequal customers are: the demand of the n-th largest falls as `1 / (n + offset)^SKEW` (Zipf and Mandelbrot).
const SKEW: f64 = 0.85;
/// The offset grows with the number of customers: in a large fleet no single one outweighs a cell.
const CUSTOMERS_PER_OFFSET: f64 = 600.0;
/// What all customers together ask for at an average time of day, as a share of what all cells bear.
const FLEET_LOAD: f64 = 0.5;
/// Cells beyond which fewer customers of each are known by name.
const MANY_CELLS: usize = 100;

/// What a customer pays for: the name of its usage plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tier {
    Free,
    Basic,
    Premium,
    /// The shop's own shops, and its staff's trials.
    Internal,
}

impl Tier {
    /// Every tier.
    pub const ALL: [Self; 4] = [Self::Free, Self::Basic, Self::Premium, Self::Internal];

    /// As the mapping table writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Basic => "basic",
            Self::Premium => "premium",
            Self::Internal => "internal",
        }
    }

    /// The usage plan that customers of the tier are on.
    pub fn plan(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::Basic => "Basic",
            Self::Premium => "Premium",
            Self::Internal => "Internal",
        }
    }

    /// How many customers of a cell hold an API key of their own, in a fleet of some cells and in a large one.
    fn key_holders(self, many_cells: bool) -> usize {
        match (self, many_cells) {
            (Self::Premium, false) => 5,
            (Self::Basic, false) => 3,
            (Self::Free, false) | (Self::Premium, true) => 2,
            (Self::Basic | Self::Free, true) => 1,
            (Self::Internal, _) => 0,
        }
    }

    /// The requests a second that a key of the tier's plan may send on average, well within its quota.
    fn within_quota(self) -> f64 {
        match self {
            Self::Free => 0.08,
            Self::Basic => 0.5,
            Self::Premium | Self::Internal => 22.0,
        }
    }
}

/// A customer, and its item in the mapping table. A region may have a million of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Customer {
    /// From 1 on, without gaps.
    pub number: u32,
    /// The id of its cell.
    pub cell: Arc<str>,
    pub tier: Tier,
    /// Requests a second at an average time of day, to all APIs of its cell together.
    pub demand: f32,
    /// Whether it holds an API key of its own and is known by name in the ledger; the others use the shop's
    /// applications.
    pub own_key: bool,
}

impl Customer {
    /// `customer-00001`, `customer-00002`, ...
    pub fn id(&self) -> String {
        id_of(self.number)
    }

    /// The tier as its item says it: not every item of a customer that pays nothing does.
    pub fn listed_tier(&self) -> Option<Tier> {
        (self.tier != Tier::Free || self.number.is_multiple_of(3)).then_some(self.tier)
    }
}

/// The id of the customer with this number.
pub fn id_of(number: u32) -> String {
    format!("customer-{number:05}")
}

/// The number of the customer with this id; `None` for an id of another kind.
pub fn number_of(id: &str) -> Option<u32> {
    let number = id.strip_prefix("customer-")?.parse().ok().filter(|number| *number > 0)?;
    (id_of(number) == id).then_some(number)
}

/// The customers that the region starts with, in the order of their numbers. Deterministic: the same seed gives
/// the same customers.
///
/// The first cell gets about three times as many as the last, as cells that were opened first do. Who is large is
/// not drawn blindly: an operator puts large customers where there is room. So the largest goes to the cell with the
/// most room left, and so on; how full a cell may get differs from cell to cell.
pub fn starting_customers(cells: &[Cell], count: usize, seed: u64) -> Vec<Customer> {
    let mut rng = StdRng::seed_from_u64(seed ^ 0x00C0_570E);
    let mut borders = Vec::with_capacity(cells.len());
    let mut total = 0.0;
    for (index, _) in (0_u32..).zip(cells) {
        total += 1.0 / (1.0 + 0.18 * f64::from(index.min(30)));
        borders.push(total);
    }
    if cells.is_empty() {
        return Vec::new();
    }
    let names: Vec<Arc<str>> = cells.iter().map(|cell| Arc::from(cell.id.as_str())).collect();
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); cells.len()];
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let mut customers: Vec<Customer> = (1..=count)
        .map(|number| {
            let point = rng.random_range(0.0..total);
            let cell = borders.partition_point(|border| *border <= point).min(cells.len() - 1);
            let tier = match rng.random_range(0..1_000) {
                0..5 => Tier::Internal,
                5..90 => Tier::Premium,
                90..340 => Tier::Basic,
                _ => Tier::Free,
            };
            members[cell].push(number - 1);
            Customer { number, cell: Arc::clone(&names[cell]), tier, demand: 0.0, own_key: false }
        })
        .collect();
    for members in &mut members {
        // Who pays more asks for more; the last of the list is the largest.
        members.sort_by_key(|index| customers[*index as usize].tier.min(Tier::Premium));
    }
    give_demand(cells, &mut members.clone(), &mut customers, &mut rng);
    for members in &members {
        hand_out_keys(members, cells.len() > MANY_CELLS, &mut customers);
    }
    customers
}

/// A cell with room for the demand of customers that have none yet.
#[derive(PartialEq)]
struct Room {
    left: f64,
    cell: usize,
}

impl Eq for Room {}

impl PartialOrd for Room {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Room {
    fn cmp(&self, other: &Self) -> Ordering {
        self.left.total_cmp(&other.left).then(other.cell.cmp(&self.cell))
    }
}

/// Gives each customer its share of the demand; `unplaced` are those of each cell, the largest last.
fn give_demand(cells: &[Cell], unplaced: &mut [Vec<u32>], customers: &mut [Customer], rng: &mut StdRng) {
    let fullness: Vec<f64> =
        cells.iter().map(|cell| cell.capacity_rps * rng.random_range(0.7..1.3)).collect();
    let count = u32::try_from(customers.len()).unwrap_or(u32::MAX);
    let offset = f64::from(count) / CUSTOMERS_PER_OFFSET;
    let weight = |rank: u32| (f64::from(rank) + offset).powf(-SKEW);
    let total_weight: f64 = (1..=count).map(weight).sum();
    let capacity: f64 = cells.iter().map(|cell| cell.capacity_rps).sum();
    let inhabited = |cell: usize| !unplaced[cell].is_empty();
    let total_room: f64 = (0..cells.len()).filter(|cell| inhabited(*cell)).map(|cell| fullness[cell]).sum();
    // Each customer asks for at least what the smallest does: that much room is taken from the start.
    let least = if count > 0 { weight(count) / total_weight } else { 0.0 };
    let mut rooms: BinaryHeap<Room> = (0..cells.len())
        .filter(|cell| inhabited(*cell))
        .map(|cell| {
            let customers = f64::from(u32::try_from(unplaced[cell].len()).unwrap_or(u32::MAX));
            Room { left: fullness[cell] - customers * least * total_room, cell }
        })
        .collect();
    for rank in 1..=count {
        let Some(mut room) = rooms.pop() else { break };
        let Some(customer) = unplaced[room.cell].pop() else { break };
        let share = weight(rank) / total_weight;
        #[expect(clippy::cast_possible_truncation, reason = "a demand needs no more than seven digits")]
        let demand = (share * capacity * FLEET_LOAD) as f32;
        customers[customer as usize].demand = demand;
        room.left -= (share - least) * total_room;
        if !unplaced[room.cell].is_empty() {
            rooms.push(room);
        }
    }
}

/// Lets the largest of each tier hold a key of its own, and ask for no more than its plan's quota gives.
fn hand_out_keys(members: &[u32], many_cells: bool, customers: &mut [Customer]) {
    for tier in Tier::ALL {
        let largest = members.iter().rev().filter(|index| customers[**index as usize].tier == tier);
        let holders: Vec<u32> = largest.copied().take(tier.key_holders(many_cells)).collect();
        for holder in holders {
            let customer = &mut customers[holder as usize];
            customer.own_key = true;
            #[expect(clippy::cast_possible_truncation, reason = "a demand needs no more than seven digits")]
            let within_quota = tier.within_quota() as f32;
            customer.demand = customer.demand.min(within_quota);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let customers = starting_customers(&cells, 5_000, 7);
        let capacity: f64 = cells.iter().map(|cell| cell.capacity_rps).sum();
        let demand = |wanted: &dyn Fn(&Customer) -> bool| -> f64 {
            customers
                .iter()
                .filter(|customer| wanted(customer))
                .map(|customer| f64::from(customer.demand))
                .sum()
        };
        let total = demand(&|_| true) / capacity;
        assert!((FLEET_LOAD - 0.06..=FLEET_LOAD + 0.001).contains(&total), "{total}");
        for cell in &cells {
            let load = demand(&|customer| *customer.cell == *cell.id) / cell.capacity_rps;
            assert!((0.25..0.75).contains(&load), "{}: {load}", cell.id);
        }
    }

    #[test]
    fn ids_and_numbers_belong_together() {
        assert_eq!(number_of("customer-00042"), Some(42));
        assert_eq!(number_of(&id_of(1_000_000)), Some(1_000_000));
        for other in ["customer-42", "customer-00000", "customer-0000x", "vip", "customer-"] {
            assert_eq!(number_of(other), None, "{other}");
        }
    }

    #[test]
    fn each_cell_has_holders_of_keys_on_every_paying_tier() {
        let cells = cells();
        let customers = starting_customers(&cells, 5_000, 7);
        for cell in &cells {
            let holders: Vec<&Customer> =
                customers.iter().filter(|customer| customer.own_key && *customer.cell == *cell.id).collect();
            assert_eq!(holders.len(), 10, "{}", cell.id);
            assert!(holders.iter().all(|holder| f64::from(holder.demand) <= 22.0));
        }
    }
}
