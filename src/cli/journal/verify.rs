//! `cellgate journal verify`: walks the chains of both journals.

use serde::Serialize;

use super::StoreArguments;
use super::store::{Store, open};
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::interrupt;
use crate::cli::output::{Format, print_json, print_text};
use crate::cli::status::note;
use crate::ops::journal::JournalError;

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
}

/// Verifies what is meant, each journal whatever the other says.
///
/// # Errors
/// Findings, each named; or a journal that can't be read.
pub async fn run(arguments: &VerifyArguments, context: &Context) -> Result<(), CliError> {
    let interruption = interrupt::watch();
    let stores = match arguments.store.asked() {
        Some(store) => vec![store],
        None if context.settings.team.is_some() => vec![Store::File, Store::Team],
        None => vec![Store::File],
    };
    let mut whole: Vec<Verified> = Vec::new();
    let mut wrong: Vec<CliError> = Vec::new();
    for store in stores {
        let verified = match open(store, context, &interruption).await {
            Ok(journal) => {
                let records = journal.verify().await.map_err(|error: JournalError| error.into());
                records.map(|records| Verified { path: journal.place(), records, intact: true, team: None })
            }
            Err(error) => Err(error),
        };
        match verified {
            Ok(verified) => {
                if context.format == Format::Table {
                    print_text(&format!("{}: {} records, the chain holds", verified.path, verified.records))?;
                }
                whole.push(verified);
            }
            Err(error) => wrong.push(error),
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
    print_json(&first)
}
