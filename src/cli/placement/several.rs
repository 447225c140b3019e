//! Placement where several regions are configured: the cells of all of them, and the one region that has the table.

use std::collections::BTreeMap;

use super::{PlacementRow, new_customers};
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::interrupt;
use crate::cli::output::Listing;
use crate::cli::reading::{Reading, SLOT};
use crate::cli::resolve::{Said, place_of};
use crate::cli::side_by_side::{self, Answer, InRegion};
use crate::cli::status::{note, warn};
use crate::config::RegionSettings;
use crate::domain::estate::{Estate, RegionEstate, RegionSlot};
use crate::domain::failure::Failure;
use crate::domain::fleet::{CellRow, Signals};
use crate::domain::id::CellId;
use crate::domain::placement::{Placement, PlacementSettings};
use crate::ops::inventory::Request;
use crate::ops::{fleet, placement};

/// What one region told of its cells.
struct Told {
    region: RegionEstate,
    signals: Signals,
    /// What its table says; none where no table is configured.
    placements: Option<Result<BTreeMap<CellId, Placement>, Failure>>,
}

/// The cells of all regions, each with what the one table of placement says of it.
pub async fn show(listing: &Listing, context: &Context) -> Result<(), CliError> {
    let order = listing.order::<InRegion<PlacementRow>>()?;
    let settings = context.settings.moves.placement.as_ref();
    if settings.is_none() {
        note(super::HOW_TO);
    }
    let answers = ask(context, settings, true).await?;
    let have: Vec<usize> =
        (0..answers.len()).filter(|place| placements(&answers, *place).is_some()).collect();
    let table = settings.map(|settings| match have.as_slice() {
        // A region that can't be read is told of, and takes nothing from what the others say.
        [one] => Ok(*one),
        _ => place_of_table(settings, &answers),
    });
    let rows = fleet_of(&answers, context);
    let placements = match &table {
        Some(Ok(place)) => placements(&answers, *place),
        _ => None,
    };
    let of_cell = |cell: &CellId| placements.map(|known| known.get(cell).cloned().unwrap_or(Placement::Open));
    let mut rows: Vec<(String, PlacementRow)> =
        rows.into_iter().map(|(region, row)| (region, PlacementRow::new(&row, of_cell(&row.id)))).collect();
    rows.sort_by(|(_, one), (_, other)| one.cell.cmp(&other.cell));
    let (regions, cells): (Vec<String>, Vec<PlacementRow>) = rows.into_iter().unzip();
    note(&new_customers(&cells, context));
    let found = cells.len();
    let rows = regions.into_iter().zip(cells).map(|(region, row)| InRegion { region, row }).collect();
    if found > 0 || answers.iter().all(|answer| answer.said.is_ok()) {
        order.print(rows, context.format)?;
    }
    if let Some(Err(error)) = table {
        let message = format!("which cells are closed can't be told: {}", error.message);
        return Err(CliError { message, ..error });
    }
    let troubles = answers.into_iter().filter_map(|answer| Some((answer.region, answer.said.err()?)));
    side_by_side::told(found, troubles.collect())
}

/// The region that has the table of placement, and the cells of all regions.
///
/// # Errors
/// Where none has it, several have it, or one that can't be read may.
pub async fn region_of_table<'context>(
    settings: &PlacementSettings,
    context: &'context Context,
) -> Result<(usize, Reading<'context>, Vec<CellRow>), CliError> {
    let answers = ask(context, Some(settings), false).await?;
    let place = place_of_table(settings, &answers)?;
    let fleet = fleet_of(&answers, context).into_iter().map(|(_, row)| row).collect();
    let reading = answers.into_iter().nth(place).and_then(|answer| answer.reading);
    let gone = || CliError::new(Ending::NotFound, format!("no region has a table {}", settings.table));
    Ok((place, reading.ok_or_else(gone)?, fleet))
}

async fn ask<'context>(
    context: &'context Context,
    settings: Option<&PlacementSettings>,
    with_signals: bool,
) -> Result<Vec<Answer<'context, Told>>, CliError> {
    let read = async |reading: &mut Reading<'_>| {
        let placements = match settings {
            Some(settings) => Some(placement::read(&reading.session, settings).await),
            None => None,
        };
        reading.read("cells", vec![Request::Fleet]).await?;
        let mut signals = Signals::default();
        if with_signals {
            signals = reading.signals(true).await?.unwrap_or_else(|failure| {
                warn(&failure);
                Signals::default()
            });
        }
        let region = reading.estate.region(SLOT).cloned().unwrap_or_default();
        Ok(Told { region, signals, placements })
    };
    side_by_side::ask(context, &interrupt::watch(), read).await
}

/// The place of the region with the table of placement.
fn place_of_table(settings: &PlacementSettings, answers: &[Answer<'_, Told>]) -> Result<usize, CliError> {
    let errors: Vec<Option<CliError>> = answers
        .iter()
        .map(|answer| match &answer.said {
            Ok(Told { placements: Some(Err(failure)), .. }) => Some(failure.clone().into()),
            Ok(_) => None,
            Err(error) => Some(error.clone()),
        })
        .collect();
    let said: Vec<Said<'_>> =
        answers.iter().zip(&errors).map(|(answer, error)| answer.outcome_of(error.as_ref())).collect();
    place_of(&format!("the table {}", settings.table), &said)
}

fn placements<'answers>(
    answers: &'answers [Answer<'_, Told>],
    place: usize,
) -> Option<&'answers BTreeMap<CellId, Placement>> {
    let told = answers.get(place)?.said.as_ref().ok()?;
    told.placements.as_ref()?.as_ref().ok()
}

/// Each cell, with the names of its regions.
fn fleet_of(answers: &[Answer<'_, Told>], context: &Context) -> Vec<(String, CellRow)> {
    let (mut regions, mut signals) = (Vec::new(), Signals::default());
    for (place, answer) in answers.iter().enumerate() {
        match &answer.said {
            Ok(told) => {
                regions.push(told.region.clone());
                signals.merge(RegionSlot(place), told.signals.clone());
            }
            Err(error) => regions.push(side_by_side::unreachable(answer.region, error, context)),
        }
    }
    let estate = Estate::of(regions);
    let settings = &context.settings;
    let names: Vec<&str> = settings.regions.iter().map(RegionSettings::name).collect();
    let rows = fleet::rows(&estate, &signals, &settings.cells, &settings.thresholds);
    let named = rows.into_iter().map(|row| {
        let regions: Vec<&str> =
            row.cell.regions.iter().filter_map(|slot| names.get(slot.0).copied()).collect();
        (if regions.is_empty() { "-".to_owned() } else { regions.join(",") }, row)
    });
    named.collect()
}
