//! Customers, and the uneven way in which they are spread over the cells.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::Cell;

/// What a customer pays for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    Standard,
    Premium,
}

impl Tier {
    /// As the mapping table writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Premium => "premium",
        }
    }
}

/// An item of the mapping table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// `customer-00001`, `customer-00002`, ...
    pub id: String,
    /// The id of its cell.
    pub cell: String,
    /// Not every item says.
    pub tier: Option<Tier>,
}

/// The customers that the region starts with. Deterministic: the same seed gives the same customers.
///
/// The first cell gets about three times what the last gets, as cells that were opened first do.
pub fn starting_customers(cells: &[Cell], count: usize, seed: u64) -> Vec<Customer> {
    let mut rng = StdRng::seed_from_u64(seed ^ 0x00C0_570E);
    let weights: Vec<f64> =
        (0u32..).zip(cells).map(|(index, _)| 1.0 / (1.0 + 0.18 * f64::from(index))).collect();
    let total: f64 = weights.iter().sum();
    if cells.is_empty() {
        return Vec::new();
    }
    (1..=count)
        .map(|number| {
            let mut point = rng.random_range(0.0..total);
            let chosen = weights
                .iter()
                .position(|weight| {
                    point -= weight;
                    point < 0.0
                })
                .unwrap_or(cells.len() - 1);
            let tier = match rng.random_range(0..10) {
                0 => Some(Tier::Premium),
                1..=3 => Some(Tier::Standard),
                _ => None,
            };
            Customer { id: format!("customer-{number:05}"), cell: cells[chosen].id.clone(), tier }
        })
        .collect()
}
