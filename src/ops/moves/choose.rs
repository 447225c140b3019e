//! Who goes where: customers by name, a part of a cell, all of one that is drained, or those whose moves even cells
//! out.

use std::collections::BTreeMap;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::plan::{MoveGrounds, customers_of};
use crate::aws::{Mode, Session};
use crate::domain::change::Refusal;
use crate::domain::fleet::CellRow;
use crate::domain::id::CellId;
use crate::domain::moves::selection::{at_random, rebalance, share_of, spread};
use crate::ops::change::ChangeError;

/// What an operator asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// Each of these; each is named once.
    Named { customers: Vec<String>, to: CellId },
    /// Some of a cell's customers.
    Part { from: CellId, to: CellId, part: Part, seed: u64 },
    /// All of a cell's customers, to these cells by their free capacity.
    Drain { cell: CellId, to: Vec<CellId> },
    /// The fewest moves that even out these cells, or all that have customers where none is named.
    Rebalance { cells: Vec<CellId> },
}

/// How many of a cell's customers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    Customers(usize),
    /// Above 0, at most 1.
    Share(f64),
}

/// What is being listed: the cell, and how many customers of it so far.
pub type Listing<'choice> = &'choice (dyn Fn(&CellId, usize) + Send + Sync);

/// Finds out who is meant, each with the cell that they are to go to, in the order of the move.
///
/// # Errors
/// Where a cell would be moved to itself, or its customers can't be listed.
pub async fn choose<M: Mode>(
    session: &Session<M>,
    choice: Choice,
    grounds: &MoveGrounds<'_>,
    listing: Listing<'_>,
) -> Result<Vec<(String, CellId)>, ChangeError> {
    match choice {
        Choice::Named { customers, to } => Ok(to_one(customers, &to)),
        Choice::Part { from, to, part, seed } => {
            refuse_itself(&from, std::slice::from_ref(&to))?;
            let all = of_cell(session, &from, grounds, listing).await?;
            let count = match part {
                Part::Customers(count) => count,
                Part::Share(share) => share_of(all.len(), share),
            };
            Ok(to_one(at_random(all, count, seed), &to))
        }
        Choice::Drain { cell, to } => {
            refuse_itself(&cell, &to)?;
            // In no order that the index has: each wave is then a sample of the cell.
            let customers = at_random(of_cell(session, &cell, grounds, listing).await?, usize::MAX, 0);
            let weights: Vec<(CellId, f64)> =
                to.iter().map(|to| (to.clone(), free_capacity(grounds.fleet, to))).collect();
            let order = spread(customers.len(), &weights);
            Ok(customers.into_iter().zip(order).collect())
        }
        Choice::Rebalance { cells } => {
            let meant = |row: &&CellRow| {
                if cells.is_empty() { row.customers.is_some() } else { cells.contains(&row.id) }
            };
            let meant: Vec<&CellRow> = grounds.fleet.iter().filter(meant).collect();
            let mut customers = BTreeMap::new();
            for row in &meant {
                customers.insert(
                    row.id.clone(),
                    at_random(of_cell(session, &row.id, grounds, listing).await?, usize::MAX, 0),
                );
            }
            Ok(evened_out(&meant, customers))
        }
    }
}

/// Boxed, so that whoever awaits this may do so on any thread.
fn of_cell<'choice, M: Mode>(
    session: &'choice Session<M>,
    cell: &'choice CellId,
    grounds: &'choice MoveGrounds<'_>,
    listing: Listing<'choice>,
) -> BoxFuture<'choice, Result<Vec<String>, ChangeError>> {
    async move { customers_of(session, cell, grounds, &|count| listing(cell, count)).await }.boxed()
}

fn to_one(customers: Vec<String>, to: &CellId) -> Vec<(String, CellId)> {
    customers.into_iter().map(|customer| (customer, to.clone())).collect()
}

fn refuse_itself(from: &CellId, to: &[CellId]) -> Result<(), Refusal> {
    if !to.contains(from) {
        return Ok(());
    }
    let why = "its customers would be moved to the cell that they leave".to_owned();
    Err(Refusal::Forbidden { target: from.to_string(), why })
}

/// By capacity where every cell has one, evenly otherwise.
fn evened_out(cells: &[&CellRow], mut customers: BTreeMap<CellId, Vec<String>>) -> Vec<(String, CellId)> {
    let by_capacity = cells.iter().all(|row| row.cell.capacity.is_some());
    let counts = cells
        .iter()
        .map(|row| {
            let has = customers.get(&row.id).map_or(0, |all| all.len() as u64);
            let weight = if by_capacity { row.cell.capacity.unwrap_or(1.0) } else { 1.0 };
            (row.id.clone(), (has, weight))
        })
        .collect();
    let mut wanted = Vec::new();
    for transfer in rebalance(&counts) {
        let Some(of_cell) = customers.get_mut(&transfer.from) else { continue };
        let kept = of_cell.len().saturating_sub(usize::try_from(transfer.count).unwrap_or(usize::MAX));
        wanted.extend(of_cell.split_off(kept).into_iter().map(|customer| (customer, transfer.to.clone())));
    }
    wanted
}

/// Requests a second that a cell could still take; none where that isn't known.
fn free_capacity(fleet: &[CellRow], cell: &CellId) -> f64 {
    let row = fleet.iter().find(|row| row.id == *cell);
    let free = row.and_then(|row| Some(row.cell.capacity? - row.requests_per_second.unwrap_or(0.0)));
    free.unwrap_or(0.0).max(0.0)
}
