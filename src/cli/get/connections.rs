//! `cellgate get connections`: open WebSocket connections, as the functions behind the API keep them in a table.

use std::fmt::Write as _;
use std::io;

use super::customers::{rate, write};
use crate::aws::{Mode, Session};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::interrupt::{self, unless_interrupted};
use crate::cli::mapping_region;
use crate::cli::output::Format;
use crate::cli::reading::Reading;
use crate::cli::resolve::Resolved;
use crate::cli::status::note;
use crate::domain::connection::{Connection, Wanted};
use crate::domain::failure::Failure;
use crate::domain::id::CellId;
use crate::domain::text::sanitise;
use crate::ops::customers;

/// What the output is, for the help.
pub const LINES: &str = "\
Where the table has an index on the cell, the connections of one cell are counted and read by that, and nothing else.
Otherwise all of the table is read, also for one customer: what that takes is said first.
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
    let table = mapping_region::Wanted { table: &settings.table, key: "connections.table" };
    let describe = async |reading: &mut Reading<'_>| {
        let wanted = wanted(arguments, &reading.session, context).await?;
        let from = if let Wanted::ByIndex { index, .. } = &wanted {
            format!("{} by its index {index}", settings.table)
        } else {
            let cost = customers::connections_cost(&reading.session, settings, price).await?;
            format!("{}: {cost}", settings.table)
        };
        Ok((wanted, from))
    };
    let resolved = mapping_region::with_table(context, table, &interrupt::watch(), describe).await?;
    let Resolved { reading, found: (wanted, from), .. } = resolved;
    let session = &reading.session;
    note(&format!("reading {from}, at {} read units a second", arguments.rate));
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

/// Which connections are asked for, and how they are found. What is counted of a cell is said at once.
async fn wanted<M: Mode>(
    arguments: &ConnectionArguments,
    session: &Session<M>,
    context: &Context,
) -> Result<Wanted, Failure> {
    let cell = match (&arguments.customer, &arguments.cell) {
        (Some(customer), _) => return Ok(Wanted::OfCustomer(customer.clone())),
        (None, None) => return Ok(Wanted::All),
        (None, Some(cell)) => cell,
    };
    let counted =
        customers::count_connections(session, &context.settings.connections, &CellId::new(cell)).await?;
    let Some((index, count)) = counted else { return Ok(Wanted::OfCell(cell.clone())) };
    let or_more = if count.complete { "" } else { " or more" };
    note(&format!(
        "{} connections{or_more} on {}, by the index {}",
        count.customers,
        sanitise(cell),
        index.name
    ));
    Ok(if index.whole {
        Wanted::ByIndex { index: index.name, cell: cell.clone() }
    } else {
        Wanted::OfCell(cell.clone())
    })
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
