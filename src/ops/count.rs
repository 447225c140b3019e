//! Counting the customers of each cell, through the index on the cell where there is one, else by a scan.
//!
//! Both go no faster than they are told to, keep counters alone, and can be called off. A scan leaves behind how
//! far it came, so that another goes on there.

mod scan;
mod store;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

pub use self::scan::{ScanOptions, by_scan};
pub use self::store::{CountStore, StoreError};
use crate::aws::{Mode, Session};
use crate::domain::count::{Count, Method, Pace, Tally};
use crate::domain::failure::Failure;
use crate::domain::id::CellId;
use crate::domain::mapping::{MappingSettings, MappingTable};

/// Read units a second, where nobody says otherwise: a router hardly notices them.
pub const USUAL_RATE: f64 = 50.0;

/// How far a count has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    pub counted: u64,
    pub read_units: f64,
    /// Read units a second, over the last moments.
    pub pace: f64,
}

/// Why a count did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum CountError {
    #[error(transparent)]
    Aws(#[from] Failure),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Counts cell by cell through the index, each to its end: the cells that are known, and those that a sample of
/// the table names.
///
/// # Errors
/// Where the index can't be read, or the count is called off.
pub async fn by_index<M: Mode>(
    session: &Session<M>,
    settings: &MappingSettings,
    (table, index): (&MappingTable, &str),
    known: BTreeSet<CellId>,
    (rate, now): (f64, &(dyn Fn() -> Timestamp + Sync)),
    tell: impl Fn(Progress) + Sync,
) -> Result<Count, Failure> {
    let start = Instant::now();
    let mut pace = Pace::new(rate);
    let mut tally = Tally::default();
    let mut read_units = 0.0;
    let sampled = session.mapped_cells(settings).await?;
    let cells: BTreeSet<CellId> = known.into_iter().chain(sampled).collect();
    for cell in &cells {
        let mut from = None;
        loop {
            let wait = pace.wait(start.elapsed());
            if wait > Duration::ZERO {
                tokio::time::sleep(wait).await;
            }
            let page = session.count_page(settings, (table, index), cell, from.as_ref()).await?;
            tally.add_many(cell, page.items);
            let units = page.read_units.unwrap_or_default();
            pace.spend(units);
            read_units += units;
            let seconds = start.elapsed().as_secs_f64().max(1e-3);
            tell(Progress { counted: tally.total(), read_units, pace: read_units / seconds });
            from = page.next;
            if from.is_none() {
                break;
            }
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    Ok(Count { table: table.name.clone(), method: Method::Index, at: now(), tally, read_units, seconds })
}
