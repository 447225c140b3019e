//! Everything that the fleet shows beside traffic: alarms, blocked requests, and the highest load ever seen.
//!
//! What fails beside the figures is told with them and takes nothing away from them.

mod highest;

use std::collections::BTreeMap;

pub use highest::HighestStore;

use super::clock::Clock;
use super::signals;
use crate::aws::{Mode, Session};
use crate::domain::alarm::Alarm;
use crate::domain::cell::{Cell, CellSettings};
use crate::domain::estate::{Estate, RegionSlot};
use crate::domain::failure::Failure;
use crate::domain::fleet::Signals;
use crate::domain::id::CellId;

/// Reads the figures of a region's APIs and cells of the last hour, with all that a row of the fleet shows.
///
/// # Errors
/// Where the figures themselves can't be read.
pub async fn read<M: Mode>(
    session: &Session<M>,
    (estate, slot): (&Estate, RegionSlot),
    (cells, settings): (&BTreeMap<CellId, Cell>, &CellSettings),
    clock: &Clock,
    highest: &HighestStore,
) -> Result<Signals, Failure> {
    let (figures, alarms, highest) = tokio::join!(
        signals::read_with(session, (estate, slot), (cells, Some(settings)), clock),
        session.firing_alarms(),
        highest.current(session, (estate, slot), cells, clock),
    );
    let mut signals = figures?;
    match alarms {
        Ok(alarms) => drop(signals.alarms.insert(slot, alarms)),
        Err(failure) => signals.shortfalls.push(failure),
    }
    match highest {
        Ok(highest) => signals.highest = highest,
        Err(failure) => signals.shortfalls.push(failure),
    }
    Ok(signals)
}

/// The alarms of a region that fire.
///
/// # Errors
/// Where CloudWatch can't be read.
pub async fn alarms<M: Mode>(session: &Session<M>) -> Result<Vec<Alarm>, Failure> {
    session.firing_alarms().await
}
