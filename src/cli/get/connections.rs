//! `cellgate get connections`: open WebSocket connections, as the functions behind the API keep them in a table.

use std::fmt::Write as _;
use std::io;

use super::customers::{rate, write};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::interrupt::{self, unless_interrupted};
use crate::cli::mapping_region::{self, Wanted};
use crate::cli::output::Format;
use crate::cli::reading::Reading;
use crate::cli::resolve::Resolved;
use crate::cli::status::note;
use crate::domain::connection::{self, Connection};
use crate::domain::text::sanitise;
use crate::ops::customers;

/// What the output is, for the help.
pub const LINES: &str = "\
The table has no index on customer or cell, so that all of it is read in any case: what that takes is said first.
Connections come as they are read. With -o json each is a line of its own, an object with id, customer, cell and
attributes; what stands there is as stored. Of several configured regions, the one that has the table is read.";

/// Arguments of `get connections`.
#[derive(Clone, Debug, clap::Args)]
pub struct ConnectionArguments {
    /// Only those on this cell
    #[arg(long, value_name = "CELL", conflicts_with = "customer")]
    cell: Option<String>,
    /// Only those of this customer
    #[arg(long, value_name = "CUSTOMER", allow_hyphen_values = true)]
    customer: Option<String>,
    /// Read units a second that the reading may take
    #[arg(long, value_name = "UNITS", default_value_t = customers::CONNECTIONS_RATE, value_parser = rate)]
    rate: f64,
}

/// # Errors
/// Where the table can't be read, or stdout can't be written.
pub async fn run(arguments: &ConnectionArguments, context: &Context) -> Result<(), CliError> {
    let (settings, price) = (&context.settings.connections, context.settings.read_unit_price);
    let table = Wanted { table: &settings.table, key: "connections.table" };
    let describe = async |reading: &mut Reading<'_>| {
        customers::connections_cost(&reading.session, settings, price).await
    };
    let resolved = mapping_region::with_table(context, table, &interrupt::watch(), describe).await?;
    let Resolved { reading, found: cost, .. } = resolved;
    let session = &reading.session;
    note(&format!("reading {}: {cost}, at {} read units a second", settings.table, arguments.rate));
    let wanted = match (&arguments.customer, &arguments.cell) {
        (Some(customer), _) => connection::Wanted::OfCustomer(customer.clone()),
        (None, Some(cell)) => connection::Wanted::OfCell(cell.clone()),
        (None, None) => connection::Wanted::All,
    };
    if context.format == Format::Table {
        write("CELL          CUSTOMER          CONNECTION\n")?;
    }
    let mut failed = None;
    let list = customers::connections(session, settings, &wanted, arguments.rate, |page| {
        let written = lines(&page, context.format).and_then(|text| write(&text));
        failed = written.err();
        failed.is_none()
    });
    let listed = unless_interrupted(&reading.interruption, list).await?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    listed?;
    Ok(())
}

fn lines(page: &[Connection], format: Format) -> io::Result<String> {
    let mut text = String::new();
    for connection in page {
        if format == Format::Json {
            text.push_str(&serde_json::to_string(connection)?);
            text.push('\n');
            continue;
        }
        let shown = |text: &Option<String>| sanitise(text.as_deref().unwrap_or("-")).into_owned();
        let others = connection.attributes.iter().map(|(name, value)| format!("{name}={value}"));
        let others = others.collect::<Vec<_>>().join(" ");
        let (cell, customer, id) =
            (shown(&connection.cell), shown(&connection.customer), sanitise(&connection.id));
        // Writing into a String does not fail.
        let _ = writeln!(text, "{cell:<13} {customer:<17} {id}  {}", sanitise(&others));
    }
    Ok(text)
}
