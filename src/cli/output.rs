//! What goes to stdout: data alone, as an aligned table or as JSON.

mod format;
mod listing;
mod table;

use std::io::{self, Write as _};

use clap::ValueEnum;
use serde::Serialize;

use super::exit::CliError;

pub use format::{age, number, percent, timestamp};
pub use listing::Listing;
pub use table::{Column, Row, table};

/// How data is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned columns
    #[default]
    Table,
    /// JSON with `snake_case` keys, times in UTC as ISO 8601, an empty list as `[]`
    Json,
}

/// Writes rows in the format asked for.
///
/// # Errors
/// Where stdout can't be written.
pub fn print_rows<R: Row>(rows: &[R], format: Format) -> Result<(), CliError> {
    match format {
        Format::Table => print_text(&table(rows)),
        Format::Json => print_json(&rows),
    }
}

/// Writes one value as JSON.
///
/// # Errors
/// Where stdout can't be written.
pub fn print_json(value: &impl Serialize) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    serde_json::to_writer_pretty(&mut stdout, value).map_err(io::Error::from)?;
    stdout.write_all(b"\n")?;
    Ok(stdout.flush()?)
}

/// Writes text as it is, with a line break at its end.
///
/// # Errors
/// Where stdout can't be written.
pub fn print_text(text: &str) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    if !text.is_empty() && !text.ends_with('\n') {
        stdout.write_all(b"\n")?;
    }
    Ok(stdout.flush()?)
}
