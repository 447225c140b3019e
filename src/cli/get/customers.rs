//! `cellgate get customers`: customers of the mapping table as they are read, a page at a time.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use serde::Serialize;

use crate::aws::{CustomerSource, MappedCustomer};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::interrupt::unless_interrupted;
use crate::cli::mapping_region;
use crate::cli::output::Format;
use crate::cli::resolve::Resolved;
use crate::cli::status::note;
use crate::domain::id::CellId;
use crate::domain::text::sanitise;
use crate::ops::{count, customers};

/// What the output is, for the help.
pub const LINES: &str = "\
Customers come as they are read: nothing is kept, so that millions of them need no more memory than one.
With -o json each is a line of its own, an object with customer and cell; ids stand there as stored.
Through the index on the cell only that cell is read; without it, and with --all, the whole table is. Of several
configured regions, the one that has the table is read.";

/// Customers of a page: a page of short items costs little and comes at once.
const PAGE: i32 = 1_000;

/// Arguments of `get customers`.
#[derive(Clone, Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("which").required(true)))]
pub struct CustomerArguments {
    /// Those of this cell
    #[arg(long, value_name = "CELL", group = "which")]
    cell: Option<String>,
    /// All of them: reads the whole table
    #[arg(long, group = "which")]
    all: bool,
    /// At most so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Read units a second that the reading may take
    #[arg(long, value_name = "UNITS", default_value_t = count::USUAL_RATE, value_parser = rate)]
    rate: f64,
}

/// One customer, as a line of JSON.
#[derive(Serialize)]
struct Line<'page> {
    customer: Option<&'page str>,
    cell: Option<&'page str>,
}

/// Reads a rate above 0.
pub fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "a rate is a number, such as 50".to_owned())?;
    if rate > 0.0 && rate.is_finite() { Ok(rate) } else { Err("a rate is above 0".to_owned()) }
}

/// # Errors
/// Where the table can't be read, or stdout can't be written.
pub async fn run(arguments: &CustomerArguments, context: &Context) -> Result<(), CliError> {
    let Resolved { reading, found: table, .. } = mapping_region::with_mapping_table(context).await?;
    let session = &reading.session;
    let mapping = &context.settings.mapping;
    let cell = arguments.cell.as_ref().map(CellId::new);
    let source = customers::source(&table, cell.as_ref());
    if let CustomerSource::Table { .. } = &source {
        let cost = customers::scan_cost(&table, context.settings.read_unit_price);
        let why = if cell.is_some() {
            "the table has no index on the cell, so all of it is read"
        } else {
            "reading"
        };
        note(&format!("{why}: {cost}, at {} read units a second", arguments.rate));
    }
    let page =
        arguments.limit.and_then(|limit| i32::try_from(limit).ok()).map_or(PAGE, |limit| limit.min(PAGE));
    let mut lines = Lines::new(context.format, arguments.limit);
    lines.head("CELL          CUSTOMER")?;
    let list = customers::list(session, mapping, &source, (arguments.rate, page), |rows| lines.page(&rows));
    let listed = unless_interrupted(&reading.interruption, list).await?;
    lines.end()?;
    listed?;
    Ok(())
}

/// Rows on their way to stdout, up to a limit.
struct Lines {
    format: Format,
    left: u64,
    failed: Option<io::Error>,
}

impl Lines {
    fn new(format: Format, limit: Option<u64>) -> Self {
        Self { format, left: limit.unwrap_or(u64::MAX), failed: None }
    }

    fn head(&self, heading: &str) -> Result<(), CliError> {
        match self.format {
            Format::Table => crate::cli::output::print_text(heading),
            Format::Json => Ok(()),
        }
    }

    /// Writes a page; whether more is wanted.
    fn page(&mut self, rows: &[MappedCustomer]) -> bool {
        let mut text = String::new();
        for row in rows {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            let line = match self.format {
                Format::Table => {
                    let shown = |text: &Option<String>| sanitise(text.as_deref().unwrap_or("-")).into_owned();
                    // Writing into a String does not fail.
                    writeln!(text, "{:<13} {}", shown(&row.cell), shown(&row.customer))
                        .map_err(io::Error::other)
                }
                Format::Json => {
                    let line = Line { customer: row.customer.as_deref(), cell: row.cell.as_deref() };
                    let json = serde_json::to_string(&line).map_err(io::Error::from);
                    json.and_then(|json| writeln!(text, "{json}").map_err(io::Error::other))
                }
            };
            if let Err(error) = line {
                self.failed = Some(error);
                return false;
            }
        }
        if let Err(error) = write(&text) {
            self.failed = Some(error);
            return false;
        }
        self.left > 0
    }

    fn end(self) -> Result<(), CliError> {
        self.failed.map_or(Ok(()), |error| Err(error.into()))
    }
}

/// Writes text that has its line breaks already.
pub fn write(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}
