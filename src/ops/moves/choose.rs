//! Who goes where: customers by name, a part of a cell, all of one that is drained, or those whose moves even cells
//! out.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::among::Among;
use super::plan::{MoveGrounds, customers_of};
use super::{load, room};
use crate::aws::{Mode, Session};
use crate::domain::change::Refusal;
use crate::domain::fleet::CellRow;
use crate::domain::id::CellId;
use crate::domain::moves::load::heaviest;
use crate::domain::moves::selection::{at_random, rebalance, share_of, spread};
use crate::domain::moves::settings::MoveTable;
use crate::ops::change::ChangeError;

/// What an operator asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// Each of these; each is named once. Several cells share them by their free capacity, and those who are at one of
    /// them stay there.
    Named { customers: Vec<String>, to: Vec<CellId> },
    /// Some of a cell's customers: so many of those among whom is chosen, in this order; several cells share them.
    Part { from: CellId, to: Vec<CellId>, among: Among, by: By, part: Part, seed: u64 },
    /// All of a cell's customers, to these cells by their free capacity.
    Drain { cell: CellId, to: Vec<CellId> },
    /// The fewest moves that even out these cells, or all that have customers where none is named.
    Rebalance { cells: Vec<CellId> },
}

/// Who comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    #[default]
    Random,
    /// Those that send most, by what their API keys used.
    Load,
}

/// Who goes where, in the order of the move.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chosen {
    pub customers: Vec<(String, CellId)>,
    /// Who is at one of these is left there; none where each customer has a target of their own.
    pub shared: Vec<CellId>,
    /// What was gone by, where that needs to be said.
    pub how: Option<String>,
    /// Requests a second of those of whom it is known.
    pub per_second: HashMap<String, f64>,
}

impl Chosen {
    pub fn len(&self) -> usize {
        self.customers.len()
    }

    pub fn is_empty(&self) -> bool {
        self.customers.is_empty()
    }
}

impl From<Vec<(String, CellId)>> for Chosen {
    fn from(customers: Vec<(String, CellId)>) -> Self {
        Self { customers, ..Self::default() }
    }
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
/// Where a cell would be moved to itself, its customers can't be listed, or none of them is meant.
pub async fn choose<M: Mode>(
    session: &Session<M>,
    choice: Choice,
    grounds: &MoveGrounds<'_>,
    listing: Listing<'_>,
) -> Result<Chosen, ChangeError> {
    match choice {
        Choice::Named { customers, to } => Ok(spread_over(customers, to, grounds.fleet)),
        Choice::Part { from, to, among, by, part, seed } => {
            refuse_itself(&from, &to)?;
            let of_cell = of_cell(session, &from, grounds, listing).await?;
            let all = of_cell.len();
            let meant =
                among.choose(session, &MoveTable::new(grounds.mapping, grounds.moves), of_cell).await?;
            if meant.is_empty() && all > 0 {
                let why = format!("none of the {all} customers of {from} is as was asked for");
                return Err(Refusal::NothingLeft { why }.into());
            }
            let count = match part {
                Part::Customers(count) => count,
                Part::Share(share) => share_of(meant.len(), share),
            };
            let chosen = match by {
                By::Random => spread_over(at_random(meant, count, seed), to, grounds.fleet),
                By::Load => by_load(session, meant, to, (count, seed), grounds).await?,
            };
            Ok(chosen)
        }
        Choice::Drain { cell, to } => {
            refuse_itself(&cell, &to)?;
            // In no order that the index has: each wave is then a sample of the cell.
            let customers = at_random(of_cell(session, &cell, grounds, listing).await?, usize::MAX, 0);
            Ok(spread_over(customers, to, grounds.fleet))
        }
        Choice::Rebalance { cells } => {
            let meant = |row: &&CellRow| {
                if cells.is_empty() { row.customers.is_some() } else { cells.contains(&row.id) }
            };
            let meant: Vec<&CellRow> = grounds.fleet.iter().filter(meant).collect();
            // Whoever is moved by somebody else between two lists is in both, and is meant once.
            let mut known = HashSet::new();
            let mut customers = BTreeMap::new();
            for row in &meant {
                let mut of_cell = of_cell(session, &row.id, grounds, listing).await?;
                of_cell.retain(|customer| known.insert(customer.clone()));
                customers.insert(row.id.clone(), at_random(of_cell, usize::MAX, 0));
            }
            Ok(evened_out(&meant, customers).into())
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

/// Those that send most. Somebody's load has to be known: all others would be chosen blindly.
async fn by_load<M: Mode>(
    session: &Session<M>,
    meant: Vec<String>,
    to: Vec<CellId>,
    (count, seed): (usize, u64),
    grounds: &MoveGrounds<'_>,
) -> Result<Chosen, ChangeError> {
    let load = load::read(session, grounds.moves.key_name.as_deref(), grounds.clock.now()).await?;
    let all = meant.len();
    let unknown = meant.iter().filter(|customer| load.used.get(customer).is_none()).count();
    if unknown == all {
        let why = "no API key is known to be one of theirs, so what each sends can't be told: choose at random, or say in \
                   `customers.key-name` what their keys are called"
            .to_owned();
        return Err(Refusal::Forbidden { target: format!("{all} customers"), why }.into());
    }
    let chosen = heaviest(meant, &load.used, count, seed);
    let blind = chosen.iter().filter(|customer| load.used.get(customer).is_none()).count();
    let how = format!(
        "by load: what their API keys used since {} in UTC (GetUsage); {unknown} of {all} have no figure{}",
        load.since,
        if blind > 0 { format!(", {blind} of them are among the chosen") } else { String::new() }
    );
    let per_second = load.per_second(&chosen);
    Ok(Chosen { how: Some(how), per_second, ..spread_over(chosen, to, grounds.fleet) })
}

/// Each target gets its part of any stretch, by its free capacity.
fn spread_over(customers: Vec<String>, to: Vec<CellId>, fleet: &[CellRow]) -> Chosen {
    let order = spread(customers.len(), &room::of_cells(fleet, &to));
    Chosen { customers: customers.into_iter().zip(order).collect(), shared: to, ..Chosen::default() }
}

fn refuse_itself(from: &CellId, to: &[CellId]) -> Result<(), Refusal> {
    if !to.contains(from) {
        return Ok(());
    }
    let why = "its customers would be moved to the cell that they leave".to_owned();
    Err(Refusal::Forbidden { target: from.to_string(), why })
}

/// By the customers that each cell is built for, or the requests, where every cell has such a limit; else evenly.
fn evened_out(cells: &[&CellRow], mut customers: BTreeMap<CellId, Vec<String>>) -> Vec<(String, CellId)> {
    #[expect(clippy::cast_precision_loss, reason = "customers are far below 2^52")]
    let customers_of = |row: &CellRow| row.cell.most_customers.map(|most| most as f64);
    let requests_of = |row: &CellRow| row.cell.capacity;
    let weights = |weight: &dyn Fn(&CellRow) -> Option<f64>| -> Option<Vec<f64>> {
        cells.iter().map(|row| weight(row)).collect()
    };
    let weights = weights(&customers_of).or_else(|| weights(&requests_of));
    let weights = weights.unwrap_or_else(|| vec![1.0; cells.len()]);
    let counts = cells
        .iter()
        .zip(weights)
        .map(|(row, weight)| {
            let has = customers.get(&row.id).map_or(0, |all| all.len() as u64);
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
