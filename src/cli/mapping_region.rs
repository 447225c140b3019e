//! Which of several regions a command about customers means: the one with the table that it reads. Where several may
//! have one, the operator is asked rather than given the first of the configuration.

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::exit::{CliError, Ending};
use super::interrupt;
use super::reading::Reading;
use super::resolve::{Resolved, Said, one_of, take};
use super::side_by_side::{self, Answer};
use super::status::{Spinner, note};
use crate::domain::failure::Failure;
use crate::domain::mapping::MappingTable;
use crate::ops::customers;

/// The table that is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'settings> {
    pub table: &'settings str,
    /// The key of the configuration that names it.
    pub key: &'static str,
}

/// The same context, with the region alone that has the mapping table.
///
/// # Errors
/// Where no region has it, or it can't be told which one is meant; the regions are named.
pub async fn chosen(context: &Context) -> Result<Context, CliError> {
    if context.settings.regions.len() < 2 {
        return Ok(context.in_region(0));
    }
    // Whoever goes on from here watches for ctrl-c by itself.
    let never = CancellationToken::new();
    let place = tokio::select! {
        _ = tokio::signal::ctrl_c() => {
            return Err(CliError::new(Ending::Interrupted, "interrupted: nothing was changed"));
        }
        found = mapping_table(context, &never).boxed_local() => found?.place,
    };
    Ok(context.in_region(place))
}

/// The region that has the mapping table, and what the table says of itself.
///
/// # Errors
/// As [`chosen`].
pub async fn with_mapping_table(context: &Context) -> Result<Resolved<'_, MappingTable>, CliError> {
    mapping_table(context, &interrupt::watch()).await
}

async fn mapping_table<'context>(
    context: &'context Context,
    interruption: &CancellationToken,
) -> Result<Resolved<'context, MappingTable>, CliError> {
    let mapping = &context.settings.mapping;
    let wanted = Wanted { table: &mapping.table, key: "mapping.table" };
    with_table(context, wanted, interruption, async |reading| {
        customers::table(&reading.session, mapping).await
    })
    .await
}

/// The region that has a table, and what it says of it.
///
/// # Errors
/// As [`chosen`].
pub async fn with_table<'context, T>(
    context: &'context Context,
    wanted: Wanted<'_>,
    interruption: &CancellationToken,
    describe: impl AsyncFn(&mut Reading<'_>) -> Result<T, Failure>,
) -> Result<Resolved<'context, T>, CliError> {
    let describe = async |reading: &mut Reading<'_>| describe(reading).await.map_err(CliError::from);
    let count = context.settings.regions.len();
    if count < 2 {
        let mut reading = Reading::connect_to(context, context.region(), interruption.clone()).await?;
        let found = interrupt::unless_interrupted(interruption, describe(&mut reading)).await??;
        return Ok(Resolved { place: 0, reading, found });
    }
    let spinner = Spinner::start(format!("looking for the table {} in {count} regions", wanted.table));
    let answers = side_by_side::ask(context, interruption, describe).await?;
    drop(spinner);
    let place = meant(&answers, wanted)?;
    let resolved = take(answers, place, wanted.table)?;
    let name = context.settings.regions.get(place).map_or("", |region| region.name());
    note(&format!("note: {name} alone, the one region with a table {}", wanted.table));
    Ok(resolved)
}

/// The place of the region that is meant.
fn meant<T>(answers: &[Answer<'_, T>], wanted: Wanted<'_>) -> Result<usize, CliError> {
    let table = wanted.table;
    let said: Vec<Said<'_>> = answers.iter().map(Answer::outcome).collect();
    let has: Vec<usize> = (0..said.len()).filter(|place| said[*place].error.is_none()).collect();
    let unread: Vec<&Said<'_>> =
        said.iter().filter(|said| said.error.is_some_and(|error| error.ending != Ending::NotFound)).collect();
    if let (Some(one), []) = (one_of(&has, &said), unread.as_slice()) {
        return Ok(one);
    }
    let why = |said: &Said<'_>| said.error.map(|error| error.message.clone()).unwrap_or_default();
    if let (Some(Said { error: Some(first), .. }), true) = (unread.first(), has.is_empty()) {
        let all: Vec<String> = unread.iter().map(|said| format!("{}: {}", said.name, why(said))).collect();
        let all = all.join("; ");
        let message = format!("no region that can be read has a table {table}; not read is {all}");
        return Err(CliError { message, ..(*first).clone() });
    }
    if has.is_empty() {
        let all: Vec<&str> = said.iter().map(|said| said.name).collect();
        let message = format!("no region has a table {table}; asked were {}", all.join(", "));
        let hint = format!("set {} to the table's name", wanted.key);
        return Err(CliError::new(Ending::NotFound, message).hint(hint));
    }
    let possible = said.iter().filter_map(|said| match said.error {
        None => Some(said.name.to_owned()),
        Some(error) if error.ending == Ending::NotFound => None,
        Some(error) => Some(format!("{} (not known: {})", said.name, error.message)),
    });
    let possible: Vec<String> = possible.collect();
    let message = format!("the table {table} may be that of {}", possible.join(" or "));
    Err(CliError::new(Ending::Usage, message).hint("say which is meant: --account NAME"))
}
