//! Room for customers who come: what each cell is built for, what it has, and what a move brings.

use std::collections::{BTreeMap, HashMap};

use crate::domain::cell::Cell;
use crate::domain::fleet::{CellRow, Resource};
use crate::domain::id::CellId;
use crate::domain::moves::roster::Roster;

/// What a move brings to a cell, less what it takes from it. Connections are those that its customers have now: they
/// stay where they are until their clients connect anew.
#[derive(Clone, Copy, Debug, Default)]
struct Brought {
    customers: f64,
    /// None where what the customers have isn't known.
    connections: Option<f64>,
    requests_per_second: f64,
}

/// What is to be said of a cell's room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Room {
    /// It would be too full, of what and how much.
    Lacking(String),
    /// It isn't known, and why.
    Unknown(String),
}

/// Whether each known target has room for those who come; nothing is said of what has. A cell is full from the
/// share `full` of its requests a second on.
pub fn judge(
    roster: &Roster,
    per_second: &HashMap<String, f64>,
    fleet: &[CellRow],
    full: f64,
) -> BTreeMap<CellId, Vec<Room>> {
    let brought = brought(roster, per_second, fleet);
    let targets = roster.pairs().iter().filter_map(|pair| pair.to.as_ref());
    let judged = targets.filter_map(|to| {
        let row = fleet.iter().find(|row| row.id == *to)?;
        Some((to.clone(), judge_cell(row, *brought.get(to)?, full)))
    });
    judged.collect()
}

fn judge_cell(row: &CellRow, brought: Brought, full: f64) -> Vec<Room> {
    let Cell { capacity, most_customers, most_connections, .. } = &row.cell;
    let mut said = Vec::new();
    if let Some(capacity) = capacity.filter(|capacity| *capacity > 0.0) {
        match row.requests_per_second {
            Some(rate) => {
                let after = (rate + brought.requests_per_second) / capacity;
                if after >= full {
                    said.push(Room::Lacking(format!("it would be at {:.0}% of its capacity", after * 100.0)));
                }
            }
            None => said.push(Room::Unknown("no traffic of it is seen".to_owned())),
        }
    }
    if let Some(most) = *most_customers {
        let what = Resource::Customers.word();
        match row.customers {
            Some(has) => {
                let after = exact(has.customers) + brought.customers;
                if after > exact(most) && brought.customers > 0.0 {
                    let at_least = if has.complete { "" } else { "at least " };
                    said.push(Room::Lacking(format!(
                        "it would have {at_least}{after:.0} {what}, and is built for {most}"
                    )));
                } else if !has.complete {
                    said.push(Room::Unknown(format!(
                        "it has at least {} {what}, which were not counted to the end, and is built for {most}",
                        has.customers
                    )));
                }
            }
            None => said.push(Room::Unknown(format!(
                "how many {what} it has was not counted, and it is built for {most}"
            ))),
        }
    }
    if let Some(most) = *most_connections {
        let what = Resource::Connections.word();
        match row.connections.filter(|has| has.complete).zip(brought.connections) {
            Some((has, more)) => {
                let after = (exact(has.customers) + more).round();
                if after > exact(most) && more > 0.0 {
                    said.push(Room::Lacking(format!(
                        "it would have about {after:.0} {what} once clients connect anew, and is built for {most}"
                    )));
                }
            }
            None => said.push(Room::Unknown(format!(
                "how many {what} it would have was not counted, and it is built for {most}"
            ))),
        }
    }
    if capacity.is_none() && most_customers.is_none() && most_connections.is_none() {
        said.push(Room::Unknown("no capacity is configured".to_owned()));
    }
    said
}

/// By cell, as far as the cells' figures tell: each customer counts the same, and one whose own figure of requests is
/// known at least that. A figure of days may be far below that of the present hour.
fn brought(
    roster: &Roster,
    per_second: &HashMap<String, f64>,
    fleet: &[CellRow],
) -> BTreeMap<CellId, Brought> {
    // What a customer of each cell has on average.
    let means: HashMap<&CellId, (Option<f64>, Option<f64>)> = fleet
        .iter()
        .map(|row| {
            let of_each = |total: f64| {
                let customers = row.customers.filter(|count| count.customers > 0)?.customers;
                Some(total / exact(customers))
            };
            let connections = row.connections.map(|count| exact(count.customers));
            (&row.id, (row.requests_per_second.and_then(of_each), connections.and_then(of_each)))
        })
        .collect();
    let mut brought: BTreeMap<CellId, Brought> = BTreeMap::new();
    let none = || Brought { connections: Some(0.0), ..Brought::default() };
    for (_, passenger) in roster.iter() {
        let (each, connections) =
            passenger.from.and_then(|from| means.get(from)).copied().unwrap_or((None, None));
        if let Some(from) = passenger.from {
            brought.entry(from.clone()).or_insert_with(none).customers -= 1.0;
        }
        let Some(to) = passenger.to else { continue };
        let own = per_second.get(passenger.customer).copied();
        let more = brought.entry(to.clone()).or_insert_with(none);
        more.customers += 1.0;
        more.requests_per_second += each.unwrap_or(0.0).max(own.unwrap_or(0.0));
        // Who has no mapping yet is in no cell's figures.
        let theirs = if passenger.from.is_none() { Some(0.0) } else { connections };
        more.connections = more.connections.zip(theirs).map(|(all, theirs)| all + theirs);
    }
    brought
}

/// The room of each of these cells in one unit: customers, where what each cell could still take of them can be told,
/// else requests a second. None is where nothing is configured, or nothing is left.
pub fn of_cells(fleet: &[CellRow], cells: &[CellId]) -> Vec<(CellId, f64)> {
    let row = |cell: &CellId| fleet.iter().find(|row| row.id == *cell);
    let customers = |cell: &CellId| {
        let row = row(cell)?;
        Some(exact(row.cell.most_customers?) - exact(row.customers?.customers))
    };
    let requests = |cell: &CellId| {
        let row = row(cell)?;
        Some(row.cell.capacity? - row.requests_per_second.unwrap_or(0.0))
    };
    let mean = requests_of_a_customer(fleet);
    let by_customers = cells.iter().any(|cell| customers(cell).is_some());
    let free = |cell: &CellId| match (customers(cell), requests(cell)) {
        (customers, requests) if by_customers => {
            let requests = requests.zip(mean).map(|(free, each)| free / each);
            // What runs out first.
            customers.into_iter().chain(requests).reduce(f64::min)
        }
        (_, requests) => requests,
    };
    cells.iter().map(|cell| (cell.clone(), free(cell).unwrap_or(0.0).max(0.0))).collect()
}

/// The requests a second of a customer on average, over all cells of which both are known.
fn requests_of_a_customer(fleet: &[CellRow]) -> Option<f64> {
    let known = fleet.iter().filter_map(|row| Some((row.requests_per_second?, row.customers?.customers)));
    let (requests, customers) =
        known.fold((0.0, 0), |(requests, customers), (more, others)| (requests + more, customers + others));
    (requests > 0.0 && customers > 0).then(|| requests / exact(customers))
}

#[expect(clippy::cast_precision_loss, reason = "customers and connections are far below 2^52")]
fn exact(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
