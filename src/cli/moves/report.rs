//! The report file, and what is printed at the end.

use std::path::Path;

use crate::cli::exit::{CliError, Ending};
use crate::cli::status::note;
use crate::domain::moves::report::{ReportLine, csv};
use crate::domain::moves::run::Run;
use crate::ops::moves::Given;

/// Refuses an ending that stands for no format, before anything is sent.
///
/// # Errors
/// Neither CSV nor JSON.
pub fn judge(path: Option<&Path>) -> Result<(), CliError> {
    match path.map(|path| path.extension().and_then(std::ffi::OsStr::to_str)) {
        None | Some(Some("csv" | "json")) => Ok(()),
        Some(_) => Err(CliError::new(Ending::Usage, "--report: the file's name must end with .csv or .json")),
    }
}

/// Writes the account of a move: of every line and customer that it was given, as far as this machine knows them.
///
/// # Errors
/// As [`write`].
pub fn write_of(path: &Path, given: Option<Given>, run: &Run) -> Result<(), CliError> {
    if given.is_none() {
        note(
            "the report has the customers of the journal alone: the lines of the list, and who was left out, are kept \
             on the machine that began the move",
        );
    }
    write(path, &given.unwrap_or_default().report(run))
}

/// Writes the report.
///
/// # Errors
/// Where the file can't be written.
pub fn write(path: &Path, lines: &[ReportLine]) -> Result<(), CliError> {
    let is_json = path.extension().is_some_and(|ending| ending == "json");
    let text = if is_json {
        let json = serde_json::to_string_pretty(lines).map_err(std::io::Error::from);
        json.map(|json| format!("{json}\n"))
    } else {
        Ok(csv(lines))
    };
    text.and_then(|text| std::fs::write(path, text)).map_err(|error| {
        CliError::new(Ending::Partly, format!("the report {} can't be written: {error}", path.display()))
            .hint("`cellgate moves show` has the outcome")
    })
}
