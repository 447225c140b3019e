//! Which of several regions a command about customers means: the one with the table that it reads. Where several may
//! have one, the operator is asked rather than given the first of the configuration.

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::exit::{CliError, Ending};
use super::interrupt;
use super::reading::Reading;
use super::resolve::{Resolved, take};
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
        return Ok(context.clone());
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
    let possible: Vec<(usize, &Answer<'_, T>)> = answers
        .iter()
        .enumerate()
        .filter(|(_, answer)| answer.said.as_ref().err().is_none_or(|error| error.ending != Ending::NotFound))
        .collect();
    let unread =
        possible.iter().filter_map(|(_, answer)| Some((answer.region.name(), answer.said.as_ref().err()?)));
    let unread: Vec<(&str, &CliError)> = unread.collect();
    match possible.as_slice() {
        [(one, Answer { said: Ok(_), .. })] => Ok(*one),
        [] => {
            let all: Vec<&str> = answers.iter().map(|answer| answer.region.name()).collect();
            let message = format!("no region has a table {table}; asked were {}", all.join(", "));
            let hint = format!("set {} to the table's name", wanted.key);
            Err(CliError::new(Ending::NotFound, message).hint(hint))
        }
        none if none.len() == unread.len() => {
            let why: Vec<String> =
                unread.iter().map(|(name, error)| format!("{name}: {}", error.message)).collect();
            let why = why.join("; ");
            let message = format!("no region that can be read has a table {table}; not read is {why}");
            Err(unread.first().map_or_else(
                || CliError::new(Ending::NotFound, message.clone()),
                |(_, error)| CliError { message: message.clone(), ..(*error).clone() },
            ))
        }
        several => {
            let words = several.iter().map(|(_, answer)| match &answer.said {
                Err(error) => format!("{} (not known: {})", answer.region.name(), error.message),
                Ok(_) => answer.region.name().to_owned(),
            });
            let words: Vec<String> = words.collect();
            let message = format!("the table {table} may be that of {}", words.join(" or "));
            Err(CliError::new(Ending::Usage, message).hint("say which is meant: --account NAME"))
        }
    }
}
