//! The fleet as every face shows it: cells discovered, figures judged, the worst first.

use std::collections::BTreeMap;

use crate::domain::cell::{self, CellSettings};
use crate::domain::estate::Estate;
use crate::domain::fleet::{self, CellRow, Signals, Thresholds};

/// One row a cell.
pub fn rows(
    estate: &Estate,
    signals: &Signals,
    settings: &CellSettings,
    thresholds: &Thresholds,
) -> Vec<CellRow> {
    let names =
        estate.apis().into_iter().map(|(_, entry)| (entry.api.id.clone(), entry.api.name.clone())).collect();
    let customers: BTreeMap<_, _> = estate
        .regions()
        .flat_map(|(_, region)| region.cell_counts.value().into_iter().flatten())
        .filter_map(|counted| Some((counted.cell.clone(), counted.count?)))
        .collect();
    fleet::rows(cell::discover(estate, settings), signals, &names, &customers, thresholds)
}
