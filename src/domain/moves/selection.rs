//! Which customers go where, when that isn't said one by one: a share of a cell, a cell that is drained, cells that
//! are evened out.

use std::collections::BTreeMap;

use crate::domain::id::CellId;

/// So many of a cell's customers, at random: the same seed and customers give the same choice, whatever the order
/// in which they were read. One who was read twice, since an index may show both sides of a change, is chosen once.
pub fn at_random(mut customers: Vec<String>, count: usize, seed: u64) -> Vec<String> {
    customers.sort_unstable();
    customers.dedup();
    let mut state = seed;
    let count = count.min(customers.len());
    // The first places of a shuffle (Fisher and Yates).
    for place in 0..count {
        let left = customers.len() - place;
        let chosen = place + below(next(&mut state), left);
        customers.swap(place, chosen);
    }
    customers.truncate(count);
    customers
}

/// How many customers a share, 0 to 1, of so many is: at least one of any.
pub fn share_of(customers: usize, share: f64) -> usize {
    if customers == 0 || share <= 0.0 {
        return 0;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of a count that fits into memory"
    )]
    let count = (customers as f64 * share.min(1.0)).round() as usize;
    count.clamp(1, customers)
}

/// A target of each customer in turn, so that each target gets its part of any stretch. The weights are free
/// capacity in any one unit; targets without any get none, unless none has any: then all get the same.
pub fn spread(count: usize, targets: &[(CellId, f64)]) -> Vec<CellId> {
    let usable = |weight: f64| if weight.is_finite() { weight.max(0.0) } else { 0.0 };
    let sum: f64 = targets.iter().map(|(_, weight)| usable(*weight)).sum();
    let weights: Vec<f64> =
        targets.iter().map(|(_, weight)| if sum > 0.0 { usable(*weight) } else { 1.0 }).collect();
    let sum: f64 = weights.iter().sum();
    let mut credit = vec![0.0; targets.len()];
    let mut order = Vec::with_capacity(count);
    for _ in 0..count {
        for (credit, weight) in credit.iter_mut().zip(&weights) {
            *credit += weight;
        }
        let richest = (0..credit.len()).filter(|place| weights[*place] > 0.0).max_by(|one, other| {
            // The earlier of two equals.
            credit[*one].total_cmp(&credit[*other]).then(other.cmp(one))
        });
        let Some(place) = richest else { break };
        credit[place] -= sum;
        order.push(targets[place].0.clone());
    }
    order
}

/// So many customers from one cell to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    pub from: CellId,
    pub to: CellId,
    pub count: u64,
}

/// The fewest moves after which each cell has its share of all customers: as its weight is to that of all. A cell
/// keeps what it has above its share by less than one customer.
pub fn rebalance(cells: &BTreeMap<CellId, (u64, f64)>) -> Vec<Transfer> {
    let total: u64 = cells.values().map(|(customers, _)| customers).sum();
    let weights: f64 = cells.values().map(|(_, weight)| weight.max(0.0)).sum();
    if weights <= 0.0 {
        return Vec::new();
    }
    let shares = shares(cells, total, weights);
    let mut givers: Vec<(CellId, u64)> = Vec::new();
    let mut takers: Vec<(CellId, u64)> = Vec::new();
    for (cell, (has, _)) in cells {
        let share = shares.get(cell).copied().unwrap_or(0);
        if *has > share {
            givers.push((cell.clone(), has - share));
        } else if share > *has {
            takers.push((cell.clone(), share - has));
        }
    }
    let mut transfers = Vec::new();
    let mut takers = takers.into_iter();
    let mut taker = takers.next();
    for (from, mut surplus) in givers {
        while surplus > 0 {
            let Some((to, room)) = &mut taker else { return transfers };
            let count = surplus.min(*room);
            transfers.push(Transfer { from: from.clone(), to: to.clone(), count });
            surplus -= count;
            *room -= count;
            if *room == 0 {
                taker = takers.next();
            }
        }
    }
    transfers
}

/// Whole shares that add up to the total. What is left after rounding down goes to the cells that have the most
/// above their rounded share already, so that nobody is moved for a fraction.
fn shares(cells: &BTreeMap<CellId, (u64, f64)>, total: u64, weights: f64) -> BTreeMap<CellId, u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "counts of customers are far below 2^52"
    )]
    let mut shares: BTreeMap<CellId, u64> = cells
        .iter()
        .map(|(cell, (_, weight))| (cell.clone(), (total as f64 * weight.max(0.0) / weights).floor() as u64))
        .collect();
    let mut left = total.saturating_sub(shares.values().sum());
    let mut order: Vec<(&CellId, i128)> = cells
        .iter()
        .filter(|(_, (_, weight))| *weight > 0.0)
        .map(|(cell, (has, _))| (cell, i128::from(*has) - i128::from(shares[cell])))
        .collect();
    order.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
    let order: Vec<CellId> = order.into_iter().map(|(cell, _)| cell.clone()).collect();
    for cell in order.iter().cycle().take(order.len().saturating_mul(2)) {
        if left == 0 {
            break;
        }
        if let Some(share) = shares.get_mut(cell) {
            *share += 1;
            left -= 1;
        }
    }
    shares
}

/// SplitMix64: enough to choose customers, and the same on every machine.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A number below `bound`, as even as 64 bits make it.
fn below(random: u64, bound: usize) -> usize {
    let scaled = (u128::from(random) * bound as u128) >> 64;
    usize::try_from(scaled).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("customer-{number:05}")).collect()
    }

    #[test]
    fn the_same_seed_chooses_the_same_customers() {
        let mut backwards = names(100);
        backwards.reverse();
        let chosen = at_random(names(100), 10, 7);
        assert_eq!(chosen, at_random(backwards, 10, 7));
        assert_ne!(chosen, at_random(names(100), 10, 8));
        assert_eq!(at_random(names(3), 10, 1).len(), 3);
        let twice = [names(100), names(100)].concat();
        assert_eq!(at_random(twice, 10, 7), chosen);
    }

    #[test]
    fn a_share_is_rounded_and_never_none_of_some() {
        assert_eq!(share_of(1_000, 0.1), 100);
        assert_eq!(share_of(3, 0.1), 1);
        assert_eq!(share_of(0, 0.5), 0);
        assert_eq!(share_of(10, 7.0), 10);
    }

    #[test]
    fn customers_are_spread_by_free_capacity() {
        let cell = CellId::new;
        let order = spread(8, &[(cell("a"), 30.0), (cell("b"), 10.0), (cell("full"), 0.0)]);
        let count = |name: &str| order.iter().filter(|to| to.as_str() == name).count();
        assert_eq!((count("a"), count("b"), count("full")), (6, 2, 0));
        assert_eq!(order[..4].iter().filter(|to| to.as_str() == "b").count(), 1, "in any stretch");
        let even = spread(4, &[(cell("a"), 0.0), (cell("b"), f64::NAN)]);
        assert_eq!(even.iter().filter(|to| to.as_str() == "a").count(), 2);
        assert_eq!(spread(3, &[]), []);
    }

    proptest! {
        #[test]
        fn rebalancing_evens_out_with_the_least_moves(counts in prop::collection::vec(0_u64..500, 1..8)) {
            let cells: BTreeMap<CellId, (u64, f64)> = (0..)
                .zip(&counts)
                .map(|(number, count)| (CellId::new(format!("cell-{number:02}")), (*count, 1.0)))
                .collect();
            let mut after: BTreeMap<CellId, u64> =
                cells.iter().map(|(cell, (count, _))| (cell.clone(), *count)).collect();
            let mut moved = 0;
            for transfer in rebalance(&cells) {
                *after.get_mut(&transfer.from).unwrap() -= transfer.count;
                *after.get_mut(&transfer.to).unwrap() += transfer.count;
                moved += transfer.count;
            }
            let (least, most) = (after.values().min().unwrap(), after.values().max().unwrap());
            prop_assert!(most - least <= 1, "{after:?}");
            // Nobody can do with fewer: each cell above the larger share must give what it has above it.
            let total: u64 = counts.iter().sum();
            let larger = total.div_ceil(counts.len() as u64);
            let smaller = total / counts.len() as u64;
            let above: u64 = counts.iter().map(|count| count.saturating_sub(larger)).sum();
            let below: u64 = counts.iter().map(|count| smaller.saturating_sub(*count)).sum();
            prop_assert_eq!(moved, above.max(below));
        }
    }
}
