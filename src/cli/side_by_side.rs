//! Several regions at once: each with its own login, limits and failures, and what all of them have in one list.

use futures_util::future::join_all;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::exit::{CliError, Ending};
use super::interrupt;
use super::output::{Column, Listing, Row};
use super::reading::{Reading, conclude};
use super::status::note;
use crate::config::RegionSettings;
use crate::domain::failure::Failure;
use crate::domain::filter::{Filterable, Value};

/// A row of a list, and the region that it is from.
#[derive(Debug, Serialize)]
pub struct InRegion<R: Row> {
    /// The alias, profile or code of the region, as configured.
    pub region: String,
    #[serde(flatten)]
    pub row: R,
}

impl<R: Row> Filterable for InRegion<R> {
    fn text(&self) -> String {
        format!("{} {}", self.region, self.row.text())
    }

    fn value(&self, column: &str) -> Value {
        if column == "region" { Value::Text(self.region.clone()) } else { self.row.value(column) }
    }
}

impl<R: Row> Row for InRegion<R> {
    const COLUMNS: &'static [Column] = R::COLUMNS;

    fn columns() -> Vec<Column> {
        [Column::text("region")].into_iter().chain(R::columns()).collect()
    }

    fn cells(&self) -> Vec<String> {
        [self.region.clone()].into_iter().chain(self.row.cells()).collect()
    }
}

/// What a list of one region came to: its rows, and each call that failed.
pub type Rows<R> = (Vec<R>, Vec<Failure>);

/// Reads a list in each region and writes it, with a column for the region where there is more than one. What fails
/// in one region is told of that region and takes nothing away from the others.
///
/// # Errors
/// Where nothing could be read, or not all of it.
pub async fn list<R: Row>(
    listing: &Listing,
    context: &Context,
    read: impl AsyncFn(&mut Reading<'_>) -> Result<Rows<R>, CliError>,
) -> Result<(), CliError> {
    let regions = &context.settings.regions;
    if regions.len() < 2 {
        let order = listing.order::<R>()?;
        let mut reading = Reading::connect(context).await?;
        let (rows, failures) = read(&mut reading).await?;
        let found = rows.len();
        if found > 0 || failures.is_empty() {
            order.print(rows, context.format)?;
        }
        return conclude(found, failures);
    }
    let order = listing.order::<InRegion<R>>()?;
    let outcomes = each(context, read).await?;
    let any_found = outcomes.iter().any(|(_, outcome)| matches!(outcome, Ok((rows, _)) if !rows.is_empty()));
    let mut all = Vec::new();
    let mut troubles = Vec::new();
    for (region, outcome) in outcomes {
        match outcome {
            Ok((rows, failures)) => {
                let name = region.name();
                all.extend(rows.into_iter().map(|row| InRegion { region: name.to_owned(), row }));
                troubles.extend(failures.into_iter().map(|failure| (region, CliError::from(failure))));
            }
            // What was named is in one of the regions, and need not be in all.
            Err(error) if error.ending == Ending::NotFound && any_found => {}
            Err(error) => troubles.push((region, error)),
        }
    }
    let found = all.len();
    if found > 0 || troubles.is_empty() {
        order.print(all, context.format)?;
    }
    told(found, troubles)
}

/// Does the same in each region, all at once.
///
/// # Errors
/// Interrupted.
pub async fn each<'context, T>(
    context: &'context Context,
    read: impl AsyncFn(&mut Reading<'_>) -> Result<T, CliError>,
) -> Result<Vec<(&'context RegionSettings, Result<T, CliError>)>, CliError> {
    let interruption: CancellationToken = interrupt::watch();
    let regions = &context.settings.regions;
    let work = regions.iter().map(|region| {
        let (read, interruption) = (&read, interruption.clone());
        async move {
            let mut reading = Reading::connect_to(context, region, interruption).await?;
            read(&mut reading).await
        }
    });
    let outcomes = join_all(work).await;
    if interruption.is_cancelled() {
        return Err(CliError::new(Ending::Interrupted, "interrupted: nothing was changed"));
    }
    Ok(regions.iter().zip(outcomes).collect())
}

/// Names each trouble with its region; ends in part where something was read all the same.
///
/// # Errors
/// Where there was any.
pub fn told(found: usize, troubles: Vec<(&RegionSettings, CliError)>) -> Result<(), CliError> {
    let mut endings = Vec::new();
    for (region, error) in troubles {
        let hints =
            if error.hints.is_empty() { String::new() } else { format!(" ({})", error.hints.join("; ")) };
        note(&format!("warning: {}: {}{hints}", region.name(), error.message));
        endings.push(error.ending);
    }
    match endings.first() {
        None => Ok(()),
        Some(_) if found > 0 => Err(CliError::told(Ending::Partly)),
        Some(first) => Err(CliError::told(*first)),
    }
}
