//! `cellgate get cells`: the fleet, each cell with the figures of the last whole minute, its limits, its alarms and
//! what sources don't agree on.

mod line;

use crate::cli::change::history;
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::interrupt;
use crate::cli::output::Listing;
use crate::cli::reading::{Reading, SLOT, conclude};
use crate::cli::side_by_side::{self, InRegion};
use crate::cli::status::note;
use crate::config::RegionSettings;
use crate::domain::estate::{Estate, RegionEstate, RegionSlot};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::fleet::{Signals, note_changes};
use crate::ops::fleet;
use crate::ops::inventory::Request;
use line::CellLine;

pub use line::JSON;

/// Arguments of `get cells`.
#[derive(Clone, Debug, clap::Args)]
pub struct CellArguments {
    /// Compare the deployments of cells, too: a request an API
    #[arg(long)]
    deployments: bool,
    #[command(flatten)]
    listing: Listing,
}

/// What one region told of its cells.
struct Told {
    region: RegionEstate,
    signals: Signals,
    failures: Vec<Failure>,
}

pub async fn run(arguments: &CellArguments, context: &Context) -> Result<(), CliError> {
    if context.settings.regions.len() > 1 {
        return of_several(arguments, context).await;
    }
    let order = arguments.listing.order::<CellLine>()?;
    let mut reading = Reading::connect_to(context, context.region(), interrupt::watch()).await?;
    let told = read(arguments, &mut reading).await?;
    let estate = Estate::of(vec![told.region]);
    let rows = lines(&estate, &told.signals, context);
    let read = rows.len();
    if read > 0 || told.failures.is_empty() {
        order.print(rows, context.format)?;
    }
    conclude(read, told.failures)
}

/// A region that can't be reached leaves its cells unseen, and nothing else.
async fn of_several(arguments: &CellArguments, context: &Context) -> Result<(), CliError> {
    let order = arguments.listing.order::<InRegion<CellLine>>()?;
    let outcomes = side_by_side::each(context, async |reading| read(arguments, reading).await).await?;
    let mut regions = Vec::new();
    let mut signals = Signals::default();
    let mut troubles = Vec::new();
    for (place, (region, outcome)) in outcomes.into_iter().enumerate() {
        let slot = RegionSlot(place);
        match outcome {
            Ok(told) => {
                troubles.extend(told.failures.into_iter().map(|failure| (region, CliError::from(failure))));
                regions.push(told.region);
                signals.merge(slot, told.signals);
            }
            Err(error) => {
                regions.push(side_by_side::unreachable(region, &error, context));
                troubles.push((region, error));
            }
        }
    }
    let estate = Estate::of(regions);
    let lines = lines(&estate, &signals, context);
    let seen = lines.iter().filter(|line| line.is_seen()).count();
    let rows: Vec<_> = lines.into_iter().map(|row| InRegion { region: row.region(), row }).collect();
    order.print(rows, context.format)?;
    side_by_side::told(seen, troubles)
}

async fn read(arguments: &CellArguments, reading: &mut Reading<'_>) -> Result<Told, CliError> {
    reading.read("cells", vec![Request::Fleet]).await?;
    if arguments.deployments {
        let requests = reading.families().into_iter().map(Request::Deployments).collect();
        reading.read("deployments", requests).await?;
    }
    let mut failures = failures_that_matter(reading);
    let mut signals = reading.fleet_signals().await?.unwrap_or_else(|failure| {
        failures.push(failure);
        Signals::default()
    });
    failures.append(&mut signals.shortfalls);
    Ok(Told { region: reading.estate.region(SLOT).cloned().unwrap_or_default(), signals, failures })
}

fn lines(estate: &Estate, signals: &Signals, context: &Context) -> Vec<CellLine> {
    let settings = &context.settings;
    let mut rows = fleet::rows(estate, signals, &settings.cells, &settings.thresholds);
    // Without a journal less is known of who made the last change.
    let changes = history(context).unwrap_or_default();
    note_changes(&mut rows, &changes, &estate.keys());
    let names: Vec<&str> = settings.regions.iter().map(RegionSettings::name).collect();
    let now = context.clock.now();
    rows.iter().map(|row| CellLine::new(row, (estate, signals), &names, now)).collect()
}

/// The failures that a row of the fleet suffers from. An account without a mapping table is not a
/// failure: cells are known from elsewhere, and their customers are unknown.
fn failures_that_matter(reading: &Reading<'_>) -> Vec<Failure> {
    let Some(region) = reading.region() else { return Vec::new() };
    let mapping = region.mapping_table.failure();
    if let Some(absent) = mapping.filter(|failure| failure.kind == FailureKind::NotFound) {
        note(&format!("note: customers are unknown: {absent}"));
    }
    let listings = region.listings.values().filter_map(|listing| listing.failure());
    let of_apis = region
        .apis
        .values()
        .flat_map(|entry| [entry.stages.failure(), entry.deployments.failure()].into_iter().flatten());
    let others = [
        mapping.filter(|failure| failure.kind != FailureKind::NotFound),
        region.cell_counts.failure(),
        region.metric_cells.failure(),
        region.blocking_cells.failure(),
        region.connection_counts.failure(),
    ];
    listings.chain(of_apis).chain(others.into_iter().flatten()).cloned().collect()
}
