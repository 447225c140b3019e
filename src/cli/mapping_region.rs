//! Which of several regions a command about customers means: the one with the mapping table. Where several may have
//! one, the operator is asked rather than given the first of the configuration.

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::exit::{CliError, Ending};
use super::reading::Reading;
use super::status::{Spinner, note};
use crate::config::RegionSettings;
use crate::domain::failure::FailureKind;
use crate::ops::customers;

/// What asking a region for the table came to.
enum Asked {
    Has,
    HasNot,
    /// It can't be told, and why.
    Unknown(String),
}

/// The same context, with the region alone that has the mapping table.
///
/// # Errors
/// Where no region has it, or it can't be told which one is meant; the regions are named.
pub async fn chosen(context: &Context) -> Result<Context, CliError> {
    let regions = &context.settings.regions;
    if regions.len() < 2 {
        return Ok(context.clone());
    }
    let table = &context.settings.mapping.table;
    let spinner = Spinner::start(format!("looking for the table {table} in {} regions", regions.len()));
    let asking = join_all(regions.iter().map(|region| ask(context, region).boxed_local()));
    let asked = tokio::select! {
        _ = tokio::signal::ctrl_c() => {
            return Err(CliError::new(Ending::Interrupted, "interrupted: nothing was changed"));
        }
        asked = asking => asked,
    };
    drop(spinner);
    let place = meant(regions, &asked, table)?;
    let name = regions.get(place).map_or("", RegionSettings::name);
    note(&format!("note: {name} alone, the one region with a table {table}"));
    Ok(context.in_region(place))
}

async fn ask(context: &Context, region: &RegionSettings) -> Asked {
    let reading = match Reading::connect_to(context, region, CancellationToken::new()).await {
        Ok(reading) => reading,
        Err(error) => return Asked::Unknown(error.message),
    };
    match customers::table(&reading.session, &context.settings.mapping).await {
        Ok(_) => Asked::Has,
        Err(failure) if failure.kind == FailureKind::NotFound => Asked::HasNot,
        Err(failure) => Asked::Unknown(failure.to_string()),
    }
}

/// The place of the region that is meant.
fn meant(regions: &[RegionSettings], asked: &[Asked], table: &str) -> Result<usize, CliError> {
    let possible: Vec<(usize, &Asked)> =
        asked.iter().enumerate().filter(|(_, asked)| !matches!(asked, Asked::HasNot)).collect();
    let name = |place: &usize| regions.get(*place).map_or("", RegionSettings::name);
    match possible.as_slice() {
        [(one, Asked::Has)] => Ok(*one),
        [] => {
            let all: Vec<&str> = regions.iter().map(RegionSettings::name).collect();
            let message = format!("no region has a table {table}; asked were {}", all.join(", "));
            Err(CliError::new(Ending::NotFound, message).hint("set mapping.table to the table's name"))
        }
        several => {
            let words = several.iter().map(|(place, asked)| match asked {
                Asked::Unknown(why) => format!("{} (not known: {why})", name(place)),
                _ => name(place).to_owned(),
            });
            let words: Vec<String> = words.collect();
            let message = format!("the table {table} may be that of {}", words.join(" or "));
            Err(CliError::new(Ending::Usage, message).hint("say which is meant: --account NAME"))
        }
    }
}
