//! Several regions at once: each with its own login, limits and failures, and what all of them have in one list.

use futures_util::future::join_all;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::exit::{CliError, Ending};
use super::interrupt;
use super::output::{Column, Listing, Row};
use super::reading::{Reading, conclude};
use super::resolve::{Key, Said};
use super::status::note;
use crate::config::RegionSettings;
use crate::domain::estate::{Estate, RegionEstate, RegionSlot};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::filter::{Filterable, Value};
use crate::domain::inventory::{News, Update};

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
    let was_read = |rows: &[R], failures: &[Failure]| !rows.is_empty() || failures.is_empty();
    let any_found = outcomes
        .iter()
        .any(|(_, outcome)| matches!(outcome, Ok((rows, failures)) if was_read(rows, failures)));
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
    let answers = ask(context, &interrupt::watch(), read).await?;
    Ok(answers.into_iter().map(|answer| (answer.region, answer.said)).collect())
}

/// What one region said to a question.
#[derive(Debug)]
pub struct Answer<'context, T> {
    pub region: &'context RegionSettings,
    /// Through which it was asked, to go on with; none where it can't be reached.
    pub reading: Option<Reading<'context>>,
    pub said: Result<T, CliError>,
}

impl<T> Answer<'_, T> {
    /// What tells it from others, where it can be reached.
    pub fn key(&self) -> Option<Key<'_>> {
        let reading = self.reading.as_ref()?;
        Some((reading.session.key(), self.region.endpoint_url.as_deref()))
    }

    /// What it said, for the question which of several is meant.
    pub fn outcome(&self) -> Said<'_> {
        self.outcome_of(self.said.as_ref().err())
    }

    /// The same, where what is wrong is to be told otherwise.
    pub fn outcome_of<'answer>(&'answer self, error: Option<&'answer CliError>) -> Said<'answer> {
        let (name, key, read_only) = (self.region.name(), self.key(), self.region.read_only.is_some());
        Said { name, key, read_only, error }
    }
}

/// Asks each region the same, all at once; the answers stand in the order of the configuration.
///
/// # Errors
/// Interrupted.
pub async fn ask<'context, T>(
    context: &'context Context,
    interruption: &CancellationToken,
    question: impl AsyncFn(&mut Reading<'_>) -> Result<T, CliError>,
) -> Result<Vec<Answer<'context, T>>, CliError> {
    let regions = &context.settings.regions;
    let work = regions.iter().enumerate().map(|(place, region)| {
        let question = &question;
        async move {
            match Reading::connect_in(context, place, interruption.clone()).await {
                Ok(mut reading) => {
                    let said = question(&mut reading).await;
                    Answer { region, reading: Some(reading), said }
                }
                Err(error) => Answer { region, reading: None, said: Err(error) },
            }
        }
    });
    let answers = join_all(work).await;
    if interruption.is_cancelled() {
        return Err(CliError::new(Ending::Interrupted, "interrupted: nothing was changed"));
    }
    Ok(answers)
}

/// What an estate has of a region that can't be reached: its cells are unseen.
pub fn unreachable(region: &RegionSettings, error: &CliError, context: &Context) -> RegionEstate {
    let failure = Failure::new("connecting", region.name(), FailureKind::Unreachable, &error.message);
    let (slot, news) = (RegionSlot(0), News::Connected(Err(failure)));
    let mut estate = Estate::new(1);
    estate.apply(Update { slot, at: context.clock.now(), news });
    estate.region(slot).cloned().unwrap_or_default()
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
    // What one doesn't have, another that can't be read may have.
    let worst = endings.iter().find(|ending| **ending != Ending::NotFound).or(endings.first());
    match worst {
        None => Ok(()),
        Some(_) if found > 0 => Err(CliError::told(Ending::Partly)),
        Some(worst) => Err(CliError::told(*worst)),
    }
}
