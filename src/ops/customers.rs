//! Lists of customers and of their connections, page by page: nothing is kept but the page at hand.

use std::time::Duration;

use tokio::time::Instant;

use crate::aws::{CustomerSource, MappedCustomer, Mode, Page, Session};
use crate::domain::connection::{Connection, ConnectionIndex, ConnectionSettings, Wanted};
use crate::domain::count::{Pace, ScanCost};
use crate::domain::failure::Failure;
use crate::domain::id::CellId;
use crate::domain::mapping::{CustomerCount, MappingSettings, MappingTable};
use crate::domain::page_key::PageKey;
use crate::ops::inventory;

/// Read units a second at which the table of connections is read, where nobody says otherwise.
pub const CONNECTIONS_RATE: f64 = 100.0;
/// Read units of a page for the sake of which nobody waits long.
const UNITS_OF_PAGE: f64 = 64.0;
/// AWS: what a page costs at least, where the server doesn't tell.
const LEAST_UNITS: f64 = 0.5;

/// How the customers of one cell, or of all, are listed.
pub fn source(table: &MappingTable, cell: Option<&CellId>) -> CustomerSource {
    match (cell, &table.cell_index) {
        (Some(cell), Some(index)) => CustomerSource::Index { index: index.clone(), cell: cell.clone() },
        (cell, _) => CustomerSource::Table { cell: cell.cloned() },
    }
}

/// Reads what the mapping table says of itself.
///
/// # Errors
/// Where it can't be read, or its key is not the one that is configured.
pub async fn table<M: Mode>(
    session: &Session<M>,
    settings: &MappingSettings,
) -> Result<MappingTable, Failure> {
    let table = session.describe_table(settings).await?;
    inventory::check_key(settings, &table)?;
    Ok(table)
}

/// Reads what a scan of the table of connections would take.
///
/// # Errors
/// Where there is no such table, or it can't be read.
pub async fn connections_cost<M: Mode>(
    session: &Session<M>,
    settings: &ConnectionSettings,
    price: Option<f64>,
) -> Result<ScanCost, Failure> {
    let size = session.connections_size(settings).await?;
    Ok(ScanCost { price, ..size })
}

/// Counts a cell's connections by the index of their table on the cell. None where it has none.
///
/// # Errors
/// Where there is no such table, or it can't be read.
pub async fn count_connections<M: Mode>(
    session: &Session<M>,
    settings: &ConnectionSettings,
    cell: &CellId,
) -> Result<Option<(ConnectionIndex, CustomerCount)>, Failure> {
    let Some(index) = session.connections_index(settings).await? else { return Ok(None) };
    let count = session.count_connections(settings, &index.name, cell).await?;
    Ok(Some((index, count)))
}

/// What a scan of the mapping table would take.
pub fn scan_cost(table: &MappingTable, price: Option<f64>) -> ScanCost {
    ScanCost { items: table.approximate_items, size_bytes: table.size_bytes, price }
}

/// Reads one page of customers.
///
/// # Errors
/// Where the table can't be read.
pub async fn page<M: Mode>(
    session: &Session<M>,
    settings: &MappingSettings,
    source: &CustomerSource,
    from: Option<&PageKey>,
    limit: i32,
) -> Result<Page<Vec<MappedCustomer>>, Failure> {
    session.customers_page(settings, source, from, limit).await
}

/// Reads customers page by page at so many read units a second, until `take` has enough or all are read. Gives
/// the read units that it took.
///
/// # Errors
/// Where the table can't be read.
pub async fn list<M: Mode>(
    session: &Session<M>,
    settings: &MappingSettings,
    source: &CustomerSource,
    (rate, limit): (f64, i32),
    mut take: impl FnMut(Vec<MappedCustomer>) -> bool,
) -> Result<f64, Failure> {
    let mut reading = Reading::at(rate);
    let mut from = None;
    loop {
        reading.wait().await;
        let page = session.customers_page(settings, source, from.as_ref(), limit).await?;
        reading.took(&page);
        if !take(page.items) {
            return Ok(reading.read_units);
        }
        from = page.next;
        if from.is_none() {
            return Ok(reading.read_units);
        }
    }
}

/// Reads connections page by page, as [`list`] does customers.
///
/// # Errors
/// Where the table can't be read.
pub async fn connections<M: Mode>(
    session: &Session<M>,
    settings: &ConnectionSettings,
    wanted: &Wanted,
    rate: f64,
    mut take: impl FnMut(Vec<Connection>) -> bool,
) -> Result<f64, Failure> {
    let mut reading = Reading::at(rate);
    let mut from = None;
    loop {
        reading.wait().await;
        let page = session.connections_page(settings, wanted, from.as_ref(), reading.items_of_page()).await?;
        reading.took(&page);
        if !take(page.items) {
            return Ok(reading.read_units);
        }
        from = page.next;
        if from.is_none() {
            return Ok(reading.read_units);
        }
    }
}

/// A reading at a rate, and what it took so far.
struct Reading {
    pace: Pace,
    start: Instant,
    read_units: f64,
    items: u64,
}

impl Reading {
    fn at(rate: f64) -> Self {
        Self { pace: Pace::new(rate), start: Instant::now(), read_units: 0.0, items: 0 }
    }

    async fn wait(&mut self) {
        let wait = self.pace.wait(self.start.elapsed());
        if wait > Duration::ZERO {
            tokio::time::sleep(wait).await;
        }
    }

    fn took<T>(&mut self, page: &Page<T>) {
        let units = page.read_units.unwrap_or(LEAST_UNITS);
        self.read_units += units;
        self.items += page.read;
        self.pace.spend(units);
    }

    /// As many items as cost no more than is polite at once, by what they cost so far.
    fn items_of_page(&self) -> i32 {
        items_for(UNITS_OF_PAGE, self.read_units, self.items)
    }
}

/// How many items cost so many read units, where so many took so much; some at first.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a count of items, clamped to what a page may have"
)]
pub(super) fn items_for(units: f64, took: f64, items: u64) -> i32 {
    if items == 0 || took <= 0.0 {
        return 1_000;
    }
    (units * items as f64 / took).clamp(100.0, 1e6) as i32
}
