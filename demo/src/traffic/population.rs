//! The customers in compact form: what each asks for, on which cell its requests arrive, and the crowds that those
//! without a name form.

use std::collections::{HashMap, HashSet};

use crate::estate::customer::{id_of, number_of};
use crate::estate::{Customer, Tier};

/// Requests a second of a customer that appeared after the start.
const NEWCOMER: f32 = 0.05;

/// A customer's place in the population.
pub type CustomerIndex = u32;

/// Customers of one cell and tier that are not known by name.
#[derive(Debug, Default)]
pub struct Crowd {
    /// Those that were there at the start, the largest first, with the sums of their demand up to each.
    members: Vec<CustomerIndex>,
    borders: Vec<f64>,
    /// Those that came since.
    joined: Vec<CustomerIndex>,
    /// Requests a second.
    demand: f64,
    customers: u32,
}

impl Crowd {
    /// Requests a second at an average time of day.
    pub fn demand(&self) -> f64 {
        self.demand.max(0.0)
    }

    /// How many there are.
    pub fn customers(&self) -> u32 {
        self.customers
    }
}

/// All customers. Each is in exactly one cell at a time, in one crowd or known by name.
#[derive(Debug)]
pub struct Population {
    /// Where the customer's requests arrive: the place of the cell.
    cells: Vec<u16>,
    tiers: Vec<Tier>,
    demand: Vec<f32>,
    /// The ids of customers that came after the start.
    newcomers: Vec<String>,
    newcomer_index: HashMap<String, CustomerIndex>,
    /// By cell and tier.
    crowds: Vec<Crowd>,
    named: HashSet<CustomerIndex>,
}

impl Population {
    /// The customers at the start, on so many cells; `place` tells a cell's place.
    pub fn new(cells: usize, customers: &[Customer], place: impl Fn(&str) -> Option<u16>) -> Self {
        let mut last: (Option<&str>, u16) = (None, 0);
        let mut population = Self {
            cells: Vec::with_capacity(customers.len()),
            tiers: Vec::with_capacity(customers.len()),
            demand: Vec::with_capacity(customers.len()),
            newcomers: Vec::new(),
            newcomer_index: HashMap::new(),
            crowds: (0..cells * Tier::ALL.len()).map(|_| Crowd::default()).collect(),
            named: HashSet::new(),
        };
        for (index, customer) in (0..).zip(customers) {
            if last.0 != Some(&*customer.cell) {
                last = (Some(&customer.cell), place(&customer.cell).unwrap_or(0));
            }
            population.cells.push(last.1);
            population.tiers.push(customer.tier);
            population.demand.push(customer.demand);
            if customer.own_key {
                population.named.insert(index);
            } else if let Some(crowd) = population.crowds.get_mut(crowd_place(last.1, customer.tier)) {
                crowd.members.push(index);
            }
        }
        let demand = &population.demand;
        for crowd in &mut population.crowds {
            crowd.members.sort_by(|one, other| demand[*other as usize].total_cmp(&demand[*one as usize]));
            crowd.members.shrink_to_fit();
            crowd.borders = Vec::with_capacity(crowd.members.len());
            for member in &crowd.members {
                crowd.demand += f64::from(demand[*member as usize]);
                crowd.borders.push(crowd.demand);
            }
            crowd.customers = u32::try_from(crowd.members.len()).unwrap_or(u32::MAX);
        }
        population
    }

    /// How many customers there are.
    pub fn len(&self) -> usize {
        self.demand.len()
    }

    /// The customer with this id.
    pub fn find(&self, id: &str) -> Option<CustomerIndex> {
        let first = self.demand.len() - self.newcomers.len();
        let numbered = number_of(id).map(|number| number - 1).filter(|index| (*index as usize) < first);
        numbered.or_else(|| self.newcomer_index.get(id).copied())
    }

    /// The customer with this id, who is new on this cell if nobody knew it.
    pub fn find_or_add(&mut self, id: &str, cell: u16) -> CustomerIndex {
        if let Some(index) = self.find(id) {
            return index;
        }
        let index = u32::try_from(self.demand.len()).unwrap_or(u32::MAX);
        self.cells.push(cell);
        self.tiers.push(Tier::Free);
        self.demand.push(NEWCOMER);
        self.newcomers.push(id.to_owned());
        self.newcomer_index.insert(id.to_owned(), index);
        self.join(index);
        index
    }

    /// The customer's id.
    pub fn id(&self, customer: CustomerIndex) -> String {
        let first = self.demand.len() - self.newcomers.len();
        match (customer as usize).checked_sub(first) {
            None => id_of(customer + 1),
            Some(place) => self.newcomers.get(place).cloned().unwrap_or_default(),
        }
    }

    /// Where the customer's requests arrive.
    pub fn cell(&self, customer: CustomerIndex) -> u16 {
        self.cells[customer as usize]
    }

    /// What the customer pays for.
    pub fn tier(&self, customer: CustomerIndex) -> Tier {
        self.tiers[customer as usize]
    }

    /// Requests a second at an average time of day.
    pub fn demand(&self, customer: CustomerIndex) -> f64 {
        f64::from(self.demand[customer as usize])
    }

    /// Whether the customer is known by name, and in no crowd.
    pub fn is_named(&self, customer: CustomerIndex) -> bool {
        self.named.contains(&customer)
    }

    /// Those known by name.
    pub fn named(&self) -> impl Iterator<Item = CustomerIndex> {
        self.named.iter().copied()
    }

    /// The crowd of a cell and a tier.
    pub fn crowd(&self, cell: u16, tier: Tier) -> Option<&Crowd> {
        self.crowds.get(crowd_place(cell, tier))
    }

    /// Lets a customer be known by name from now on.
    pub fn name(&mut self, customer: CustomerIndex) {
        if !self.is_named(customer) {
            self.leave(customer);
            self.named.insert(customer);
        }
    }

    /// Lets a customer's requests arrive at another cell from now on.
    pub fn shift(&mut self, customer: CustomerIndex, cell: u16) {
        if self.is_named(customer) {
            self.cells[customer as usize] = cell;
        } else if self.cell(customer) != cell {
            self.leave(customer);
            self.cells[customer as usize] = cell;
            self.join(customer);
        }
    }

    /// A member of a crowd, drawn by how much each asks for.
    pub fn draw(&self, cell: u16, tier: Tier, draw: &mut dyn FnMut() -> f64) -> Option<CustomerIndex> {
        /// Draws that may hit somebody who has left.
        const PATIENCE: usize = 16;
        let crowd = self.crowd(cell, tier)?;
        let at_start = crowd.borders.last().copied().unwrap_or(0.0);
        let since: f64 = crowd.joined.iter().map(|member| self.demand(*member)).sum();
        let belongs = |member: &CustomerIndex| {
            self.cell(*member) == cell && self.tier(*member) == tier && !self.is_named(*member)
        };
        for _ in 0..PATIENCE {
            let mut point = draw() * (at_start + since);
            let drawn = if point < at_start {
                crowd.members.get(crowd.borders.partition_point(|border| *border <= point))
            } else {
                point -= at_start;
                crowd.joined.iter().find(|member| {
                    point -= self.demand(**member);
                    point < 0.0
                })
            };
            if let Some(member) = drawn.filter(|member| belongs(member)) {
                return Some(*member);
            }
        }
        crowd.members.iter().chain(&crowd.joined).copied().find(|member| belongs(member))
    }

    fn leave(&mut self, customer: CustomerIndex) {
        let (demand, place) = (self.demand(customer), self.crowd_of(customer));
        if let Some(crowd) = self.crowds.get_mut(place) {
            crowd.demand -= demand;
            crowd.customers = crowd.customers.saturating_sub(1);
            crowd.joined.retain(|member| *member != customer);
        }
    }

    fn join(&mut self, customer: CustomerIndex) {
        let (demand, place) = (self.demand(customer), self.crowd_of(customer));
        if let Some(crowd) = self.crowds.get_mut(place) {
            crowd.demand += demand;
            crowd.customers += 1;
            // Who comes back is among the members of the start still.
            let larger = |member: &CustomerIndex| {
                let other = f64::from(self.demand[*member as usize]);
                other > demand
            };
            let first = crowd.members.partition_point(larger);
            let equal = crowd.members[first..].iter().take_while(|member| {
                let other = f64::from(self.demand[**member as usize]);
                other >= demand
            });
            if !equal.copied().any(|member| member == customer) {
                crowd.joined.push(customer);
            }
        }
    }

    fn crowd_of(&self, customer: CustomerIndex) -> usize {
        crowd_place(self.cell(customer), self.tier(customer))
    }
}

fn crowd_place(cell: u16, tier: Tier) -> usize {
    usize::from(cell) * Tier::ALL.len() + tier as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::estate::Cell;
    use crate::estate::customer::starting_customers;

    fn population(cells: usize, customers: usize) -> Population {
        let cells: Vec<Cell> =
            (0..cells).map(|number| Cell { id: format!("{number}"), capacity_rps: 500.0 }).collect();
        let customers = starting_customers(&cells, customers, 7);
        Population::new(cells.len(), &customers, |id| id.parse().ok())
    }

    fn total(population: &Population, cells: u16) -> f64 {
        let crowds = (0..cells).flat_map(|cell| Tier::ALL.map(|tier| (cell, tier)));
        let crowds: f64 =
            crowds.filter_map(|(cell, tier)| population.crowd(cell, tier)).map(Crowd::demand).sum();
        crowds + population.named().map(|customer| population.demand(customer)).sum::<f64>()
    }

    proptest! {
        #[test]
        fn no_move_makes_demand_or_loses_it_and_nobody_is_on_two_cells(
            moves in prop::collection::vec((0_u32..200, 0_u16..3, any::<bool>()), 0..60),
        ) {
            let mut population = population(3, 200);
            let before = total(&population, 3);
            for (customer, cell, named) in moves {
                if named {
                    population.name(customer);
                }
                population.shift(customer, cell);
                prop_assert_eq!(population.cell(customer), cell);
            }
            prop_assert!((total(&population, 3) - before).abs() < 1e-3);
            let in_crowds: u32 = (0..3)
                .flat_map(|cell| Tier::ALL.map(|tier| (cell, tier)))
                .filter_map(|(cell, tier)| population.crowd(cell, tier))
                .map(Crowd::customers)
                .sum();
            prop_assert_eq!(in_crowds as usize + population.named().count(), 200);
        }
    }

    #[test]
    fn only_members_are_drawn_from_a_crowd() {
        let mut population = population(2, 60);
        let mut points = (0..).map(|number| f64::from(number % 97) / 97.0);
        for customer in 0..30 {
            population.shift(customer, 1);
        }
        for _ in 0..200 {
            for tier in Tier::ALL {
                let mut draw = || points.next().unwrap();
                if let Some(member) = population.draw(1, tier, &mut draw) {
                    assert_eq!((population.cell(member), population.tier(member)), (1, tier));
                    assert!(!population.is_named(member));
                }
            }
        }
    }

    #[test]
    fn strangers_are_known_from_their_first_request() {
        let mut population = population(2, 10);
        let new = population.find_or_add("customer-99999", 1);
        assert_eq!(population.find("customer-99999"), Some(new));
        assert_eq!(population.id(new), "customer-99999");
        assert_eq!(population.id(3), "customer-00004");
        assert_eq!(population.find("customer-00011"), None);
    }
}
