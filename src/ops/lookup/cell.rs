//! The state of one cell, without reading the figures of the whole fleet.

use jiff::Timestamp;

use crate::aws::{Mode, Session};
use crate::domain::cell::{self, CellSettings};
use crate::domain::estate::{Estate, RegionSlot};
use crate::domain::failure::Failure;
use crate::domain::fleet::{CellRow, Thresholds};
use crate::domain::id::CellId;
use crate::domain::inventory::{Generation, News, Update};
use crate::ops::clock::Clock;
use crate::ops::{fleet, signals};

/// Judges a cell by the figures of its own APIs. None where nothing but a mapping knows of it.
///
/// # Errors
/// Where CloudWatch can't be read.
pub async fn state_of<M: Mode>(
    session: &Session<M>,
    (estate, slot): (&Estate, RegionSlot),
    cell: &CellId,
    (settings, thresholds): (&CellSettings, &Thresholds),
    clock: &Clock,
) -> Result<Option<(CellRow, Option<Timestamp>)>, Failure> {
    let mut cells = cell::discover(estate, settings);
    cells.retain(|id, _| id == cell);
    let Some(of_cell) = cells.get(cell) else { return Ok(None) };
    let is_of_cell = |name: &str| {
        let mut of_cell = of_cell.apis.iter().filter_map(|(slot, api)| estate.api(*slot, api));
        of_cell.any(|own| own.api.name == name)
    };
    // CloudWatch folds REST APIs of one name into one series: those of another cell have to be known, too.
    let apis = estate.apis().into_iter().filter(|(_, entry)| is_of_cell(&entry.api.name));
    let apis = apis.map(|(_, entry)| entry.api.clone()).collect();
    let mut part = Estate::new(slot.0 + 1);
    let news = News::ApiPage { generation: Generation::default(), apis };
    part.apply(Update { slot, at: clock.now(), news });
    let signals = signals::read_fleet(session, &part, slot, &cells, clock).await?;
    let rows = fleet::rows(&part, &signals, settings, thresholds);
    Ok(rows.into_iter().find(|row| row.id == *cell).map(|row| (row, signals.minute)))
}
