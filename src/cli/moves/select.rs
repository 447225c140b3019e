//! Who is meant: customers by name, from a list, or chosen among those of a cell.

use std::io::Read as _;
use std::path::Path;

use super::MoveArguments;
use crate::aws::{Read, Session};
use crate::cli::exit::{CliError, Ending};
use crate::cli::status::Spinner;
use crate::domain::id::CellId;
use crate::domain::moves::intake::Intake;
use crate::domain::moves::selection::{at_random, share_of};
use crate::ops::moves::{MoveGrounds, customers_of};

/// A list is read into memory; one of ten million customers has some hundred megabytes.
const LARGEST_LIST: u64 = 512 * 1024 * 1024;

/// The customers that are meant, with the lines that name them where a list does.
pub struct Selected {
    pub customers: Vec<String>,
    pub intake: Option<Intake>,
}

/// Finds out who is meant.
///
/// # Errors
/// Nobody named, a list or a cell that can't be read.
pub async fn select(
    arguments: &MoveArguments,
    session: &Session<Read>,
    grounds: &MoveGrounds<'_>,
) -> Result<Selected, CliError> {
    if let Some(from) = &arguments.from {
        let from = super::cell(from);
        let all = of_cell(session, &from, grounds).await?;
        let count = match (&arguments.count, &arguments.share) {
            (Some(count), _) => *count,
            (None, Some(share)) => share_of(all.len(), parse_share(share)?),
            (None, None) => {
                let message = "--from needs --count or --share; `cellgate drain` empties a cell";
                return Err(CliError::new(Ending::Usage, message));
            }
        };
        return Ok(Selected { customers: at_random(all, count, arguments.seed), intake: None });
    }
    let intake = match &arguments.file {
        Some(path) if path != Path::new("-") => Intake::of_list(&read_file(path)?),
        Some(_) => Intake::of_list(&read_stdin()?),
        None if arguments.customers == ["-"] => Intake::of_list(&read_stdin()?),
        None => Intake::of_names(arguments.customers.iter().map(String::as_str)),
    };
    if intake.customers.is_empty() {
        return Err(CliError::new(Ending::Usage, "no customer is named")
            .hint("name customers, give --file, or choose with --from and --count"));
    }
    Ok(Selected { customers: intake.customers.clone(), intake: Some(intake) })
}

/// Every customer of a cell.
///
/// # Errors
/// Where they can't be listed.
pub async fn of_cell(
    session: &Session<Read>,
    cell: &CellId,
    grounds: &MoveGrounds<'_>,
) -> Result<Vec<String>, CliError> {
    let spinner = Spinner::start(format!("listing the customers of {cell}"));
    let seen = |count| spinner.say(format!("listing the customers of {cell}: {count}"));
    Ok(Box::pin(customers_of(session, cell, grounds, &seen)).await?)
}

fn parse_share(text: &str) -> Result<f64, CliError> {
    let share = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
        None => text.parse::<f64>(),
    };
    share.ok().filter(|share| *share > 0.0 && *share <= 1.0).ok_or_else(|| {
        CliError::new(Ending::Usage, format!("--share: '{text}' is no share")).hint("write 10% or 0.1")
    })
}

fn read_file(path: &Path) -> Result<Vec<u8>, CliError> {
    let failed = |error: std::io::Error| {
        CliError::new(Ending::Failed, format!("the list {} can't be read: {error}", path.display()))
    };
    let file = std::fs::File::open(path).map_err(failed)?;
    read_all(file).map_err(failed)
}

fn read_stdin() -> Result<Vec<u8>, CliError> {
    read_all(std::io::stdin().lock())
        .map_err(|error| CliError::new(Ending::Failed, format!("the list on stdin can't be read: {error}")))
}

fn read_all(from: impl std::io::Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST_LIST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_LIST {
        return Err(std::io::Error::other(format!("it is larger than {LARGEST_LIST} bytes")));
    }
    Ok(bytes)
}
