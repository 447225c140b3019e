//! The fleet as every face shows it: cells discovered, figures judged, the worst first.

use crate::domain::cell::CellSettings;
use crate::domain::estate::Estate;
use crate::domain::fleet::{self, CellRow, Signals, Thresholds};

/// One row a cell.
pub fn rows(
    estate: &Estate,
    signals: &Signals,
    settings: &CellSettings,
    thresholds: &Thresholds,
) -> Vec<CellRow> {
    fleet::rows(estate, signals, settings, thresholds)
}
