//! `cellgate journal verify`: walks the chains of both journals.

use serde::Serialize;

use super::StoreArguments;
use super::store::{Gathered, Store, gather};
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::output::{Format, print_json, print_text};
use crate::cli::status::note;
use crate::ops::journal_reader::JournalReader;

/// Arguments of `journal verify`.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct VerifyArguments {
    #[command(flatten)]
    store: StoreArguments,
}

/// What a journal that is whole says of itself.
#[derive(Debug, Serialize)]
struct Verified {
    path: String,
    records: u64,
    intact: bool,
    /// The team's, where both were verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<Box<Verified>>,
    /// Those of the team in the other regions, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<Verified>,
}

/// Verifies what is meant, each journal whatever the other says.
///
/// # Errors
/// Findings, each named; or a journal that can't be read.
pub async fn run(arguments: &VerifyArguments, context: &Context) -> Result<(), CliError> {
    let stores = match arguments.store.asked() {
        Some(store) => vec![store],
        None if context.settings.team.is_some() => vec![Store::File, Store::Team],
        None => vec![Store::File],
    };
    let mut whole: Vec<Verified> = Vec::new();
    let mut wrong: Vec<CliError> = Vec::new();
    for store in stores {
        for (place, verified) in of_store(store, context).await {
            match verified {
                Ok(verified) => {
                    if context.format == Format::Table {
                        print_text(&format!(
                            "{}: {} records, the chain holds",
                            verified.path, verified.records
                        ))?;
                    }
                    whole.push(verified);
                }
                Err(error) => wrong.push(CliError { message: format!("{place}{}", error.message), ..error }),
            }
        }
    }
    // What was found outweighs what could not be read.
    wrong.sort_by_key(|error| error.ending == Ending::Findings);
    if let Some(worst) = wrong.pop() {
        for other in wrong {
            note(&format!("error: {}", other.message));
        }
        return Err(worst);
    }
    if context.format == Format::Table {
        return Ok(());
    }
    let mut whole = whole.into_iter();
    let Some(mut first) = whole.next() else { return Ok(()) };
    first.team = whole.next().map(Box::new);
    first.others = whole.collect();
    print_json(&first)
}

/// What each journal of a store says of itself, with the region of the table where there are several.
async fn of_store(store: Store, context: &Context) -> Vec<(String, Result<Verified, CliError>)> {
    let read = async |journal: &JournalReader| Ok((journal.verify().await?, journal.place()));
    let gathered = match gather(store, context, read).await {
        Ok(gathered) => gathered,
        Err(error) => return vec![(String::new(), Err(error))],
    };
    let verified = gathered.into_iter().map(|Gathered { region, read }| {
        let place = region.map(|region| format!("{}: ", region.name())).unwrap_or_default();
        let verified = read.map(|(records, path)| Verified {
            path: format!("{place}{path}"),
            records,
            intact: true,
            team: None,
            others: Vec::new(),
        });
        (place, verified)
    });
    verified.collect()
}
