//! Who is meant: customers by name, from a list, or chosen among those of a cell.

use std::io::Read as _;
use std::path::Path;

use super::MoveArguments;
use crate::cli::exit::{CliError, Ending};
use crate::domain::id::CellId;
use crate::domain::moves::intake::Intake;
use crate::ops::moves::{Among, Choice, Part, SHARE_HINT};

/// A list is read into memory; one of ten million customers has some hundred megabytes.
const LARGEST_LIST: u64 = 512 * 1024 * 1024;

/// What is asked for, with the lines that name customers where a list does.
///
/// # Errors
/// Nobody named, a list that can't be read, a cell that would be moved to itself.
pub fn choice(arguments: &MoveArguments) -> Result<(Choice, Option<Intake>), CliError> {
    let to: Vec<CellId> = arguments.to.iter().map(|to| super::cell(to)).collect();
    if let Some(from) = &arguments.from {
        let from = super::cell(from);
        if to.contains(&from) {
            return Err(CliError::new(Ending::Usage, format!("{from} is in --from and in --to")));
        }
        let asked =
            match (arguments.count, &arguments.share) {
                (Some(count), _) => Some(Part::Customers(count)),
                (None, Some(share)) => Some(Part::share(share).map_err(|why| {
                    CliError::new(Ending::Usage, format!("--share: {why}")).hint(SHARE_HINT)
                })?),
                (None, None) => None,
            };
        let among = Among { glob: arguments.pattern.clone(), filter: arguments.filter.clone() };
        let Some(part) = among.part(asked) else {
            let message =
                "--from needs --count, --share, --match or --where; `cellgate drain` empties a cell";
            return Err(CliError::new(Ending::Usage, message));
        };
        let (by, seed) = (arguments.by, arguments.seed);
        return Ok((Choice::Part { from, to, among, by, part, seed }, None));
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
    Ok((Choice::Named { customers: intake.customers.clone(), to }, Some(intake)))
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
