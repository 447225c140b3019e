//! `cellgate lookup CUSTOMER`: which cell serves a customer, and what else there is of it.

mod text;

use jiff::Timestamp;
use serde::Serialize;

use super::context::Context;
use super::exit::{CliError, Ending};
use super::interrupt::unless_interrupted;
use super::mapping_region;
use super::output::{Format, print_json, print_text};
use super::reading::{Reading, SLOT, conclude};
use super::status::Spinner;
use crate::domain::cell::{self, CellSource};
use crate::domain::failure::Failure;
use crate::domain::fleet::{CellRow, CellState};
use crate::domain::id::CellId;
use crate::domain::lookup::{Answer, Mapping, PastMove};
use crate::domain::text::sanitise;
use crate::ops::inventory::Request;
use crate::ops::lookup::{self, Also, KeyOfCustomer, Lookup, OpenConnections};

/// What `-o json` carries, for the help.
pub const JSON: &str = "\
With -o json, the answer is an object with these keys; what isn't known is null:
  customer             as it was asked for
  at                   when it was read, in UTC
  mapping              cell and attributes of its item, read consistently; null where there is none
  answer               what the router would say: kind is mapped, hashed, assigned, refused or unknown
  cell                 the answer's cell: id, state, minute and figures
  router_cache_seconds for how long the router may still give an older answer, as configured
  keys                 its API keys by id, each with its plans and today's usage; never a value
  moves                what is known of its moves
  connections          with --connections: open WebSocket connections, and the read units they took
The exit code is 5 for a customer without a mapping, unless the router serves it all the same.";

/// Arguments of `lookup`.
#[derive(Clone, Debug, clap::Args)]
pub struct LookupArguments {
    /// The customer's id
    #[arg(value_name = "CUSTOMER", allow_hyphen_values = true)]
    customer: String,
    /// With its WebSocket connections: reads the whole table of connections
    #[arg(long)]
    connections: bool,
}

/// Everything that was found.
#[derive(Debug, Serialize)]
struct Found<'found> {
    customer: &'found str,
    at: Timestamp,
    mapping: Option<MappingFound<'found>>,
    answer: Option<&'found Answer>,
    cell: Option<CellFound>,
    router_cache_seconds: Option<u64>,
    keys: &'found [KeyOfCustomer],
    moves: &'found [PastMove],
    connections: Option<&'found OpenConnections>,
}

/// A mapping, as it is in the table.
#[derive(Debug, Serialize)]
struct MappingFound<'found> {
    cell: Option<&'found CellId>,
    attributes: Option<&'found std::collections::BTreeMap<String, String>>,
    /// Why no router can use it.
    unusable: Option<&'found str>,
}

/// The cell that serves the customer.
#[derive(Debug, Serialize)]
struct CellFound {
    id: CellId,
    /// None where no API serves it.
    state: Option<CellState>,
    minute: Option<Timestamp>,
    requests_per_second: Option<f64>,
    rate_5xx: Option<f64>,
    p99_ms: Option<f64>,
    load: Option<f64>,
    sources: Vec<CellSource>,
}

impl CellFound {
    fn new(id: &CellId, row: Option<(CellRow, Option<Timestamp>)>) -> Self {
        let (row, minute) = row.map_or((None, None), |(row, minute)| (Some(row), minute));
        let row = row.as_ref();
        let is_served =
            |row: &&CellRow| row.cell.sources.iter().any(|source| *source != CellSource::Configuration);
        Self {
            id: id.clone(),
            state: row.filter(is_served).map(|row| row.state),
            minute,
            requests_per_second: row.and_then(|row| row.requests_per_second),
            rate_5xx: row.and_then(|row| row.rate_5xx),
            p99_ms: row.and_then(|row| row.p99.as_ref()).map(|p99| p99.milliseconds),
            load: row.and_then(|row| row.load),
            sources: row.map(|row| row.cell.sources.iter().copied().collect()).unwrap_or_default(),
        }
    }
}

/// # Errors
/// Where the customer is unknown and not served, or a part could not be read.
pub async fn run(arguments: &LookupArguments, context: &Context) -> Result<(), CliError> {
    if arguments.customer.is_empty() {
        return Err(CliError::new(Ending::Usage, "a customer's id is not empty"));
    }
    let context = &mapping_region::chosen(context).await?;
    let mut reading = Reading::connect(context).await?;
    let spinner = Spinner::start("looking the customer up");
    let now = reading.session.now(context.clock.now());
    // Without a journal a lookup knows less of moves, and all the rest.
    let records = context.changes().journal.records().unwrap_or_default();
    let (settings, also) = (context.lookup(), Also { connections: arguments.connections });
    let work =
        lookup::lookup(&reading.session, &arguments.customer, &settings, also, (now, records.as_slice()));
    let found = unless_interrupted(&reading.interruption, work).await?;
    drop(spinner);
    let mut failures = found.failures();
    let cell = match found.answer.as_ref().and_then(Answer::cell) {
        Some(cell) => Some(cell_of(&mut reading, context, cell, &mut failures).await?),
        None => None,
    };
    print(&found, cell.as_ref(), context)?;
    let read = usize::from(found.mapping.is_ok());
    let ended = conclude(read, failures);
    // That nobody serves the customer matters more than what else could not be read.
    served(&found).and(ended)
}

/// The state of a cell, by as few requests as tell it.
async fn cell_of(
    reading: &mut Reading<'_>,
    context: &Context,
    cell: &CellId,
    failures: &mut Vec<Failure>,
) -> Result<CellFound, CliError> {
    let (settings, thresholds) = (&context.settings.cells, &context.settings.thresholds);
    reading.read("APIs", vec![Request::Apis]).await?;
    let tells = cell::discover(&reading.estate, settings).values().any(|known| !known.apis.is_empty());
    if !tells {
        // Neither tags nor names tell of any cell: stages' variables may. That is a request an API.
        reading.read("stages", vec![Request::ApisAndStages]).await?;
    }
    failures.extend(reading.failures());
    let spinner = Spinner::start("reading the cell's metrics");
    let state = lookup::state_of(
        &reading.session,
        (&reading.estate, SLOT),
        cell,
        (settings, thresholds),
        &context.clock,
    );
    let state = unless_interrupted(&reading.interruption, state).await?;
    drop(spinner);
    let row = state.unwrap_or_else(|failure| {
        failures.push(failure);
        None
    });
    Ok(CellFound::new(cell, row))
}

fn print(found: &Lookup, cell: Option<&CellFound>, context: &Context) -> Result<(), CliError> {
    let router_cache_seconds = context.settings.router.cache_ttl.map(|ttl| ttl.as_secs());
    if context.format == Format::Table {
        return print_text(&text::of(found, cell, router_cache_seconds));
    }
    let mapping = found.mapping.as_ref().ok().and_then(|mapping| match mapping {
        Mapping::Absent => None,
        Mapping::To(mapped) => Some(MappingFound {
            cell: Some(&mapped.cell),
            attributes: Some(&mapped.attributes),
            unusable: None,
        }),
        Mapping::Unusable { why } => Some(MappingFound { cell: None, attributes: None, unusable: Some(why) }),
    });
    print_json(&Found {
        customer: &found.customer,
        at: found.at,
        mapping,
        answer: found.answer.as_ref(),
        cell: cell.map(|cell| CellFound { id: cell.id.clone(), sources: cell.sources.clone(), ..*cell }),
        router_cache_seconds,
        keys: &found.keys.rows,
        moves: &found.moves,
        connections: found.connections.as_ref().and_then(|read| read.as_ref().ok()),
    })
}

/// # Errors
/// Where no cell serves the customer.
fn served(found: &Lookup) -> Result<(), CliError> {
    match &found.answer {
        Some(answer @ (Answer::Refused | Answer::Unknown { .. })) => {
            let customer: String = sanitise(&found.customer).chars().take(60).collect();
            let error =
                CliError::new(Ending::NotFound, format!("no cell serves `{customer}`: {}", answer.words()));
            Err(error.hint("`cellgate get customers --all` lists those that have a mapping"))
        }
        _ => Ok(()),
    }
}
