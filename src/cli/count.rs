//! `cellgate count`: customers of each cell, through an index or by a scan that says first what it takes.

use std::collections::BTreeSet;

use serde::Serialize;

use super::context::Context;
use super::exit::{CliError, Ending};
use super::get::rate;
use super::interrupt::unless_interrupted;
use super::mapping_region;
use super::output::{Column, Format, Row, age, percent, print_json, print_rows};
use super::reading::Reading;
use super::resolve::Resolved;
use super::status::{Spinner, note};
use crate::domain::cell;
use crate::domain::count::{Count, Method, ScanCost};
use crate::domain::figures;
use crate::domain::filter::{Filterable, Value};
use crate::domain::id::CellId;
use crate::domain::mapping::MappingTable;
use crate::ops::count::{self, CountError, CountStore, Progress, ScanOptions, StoreError};
use crate::ops::customers;
use crate::ops::inventory::Request;

/// What `-o json` carries, for the help.
pub const JSON: &str = "\
Where the table has an index on the cell, each known cell is counted through it. Without one, or to find cells that
nobody knows of, --scan reads the whole table: what that takes is said first, --rate bounds it, ctrl-c calls it off,
and --resume goes on. The last count is kept in the state directory; --last shows it. Of several configured regions,
the one that has the table is meant.
With -o json, the count is an object with these keys:
  table, method        method is index or scan
  at                   when it ended, in UTC
  tally                cells with their customers; without_cell and other_cells count the rest
  read_units, seconds  what it took";

/// Arguments of `count`.
#[derive(Clone, Copy, Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct CountArguments {
    /// Read the whole table, index or not
    #[arg(long)]
    scan: bool,
    /// Read units a second that the count may take
    #[arg(long, value_name = "UNITS", default_value_t = count::USUAL_RATE, value_parser = rate)]
    rate: f64,
    /// Go on with the scan that was called off last
    #[arg(long, requires = "scan")]
    resume: bool,
    /// Say what it would take, and read nothing
    #[arg(long)]
    dry_run: bool,
    /// Show the last count, and read nothing
    #[arg(long, conflicts_with_all = ["scan", "resume", "dry_run"])]
    last: bool,
}

/// A cell with its customers.
#[derive(Debug, Serialize)]
struct CellLine {
    cell: String,
    customers: u64,
    share: f64,
}

impl Filterable for CellLine {
    fn text(&self) -> String {
        self.cell.clone()
    }

    #[expect(clippy::cast_precision_loss, reason = "customers are far fewer than 2^52")]
    fn value(&self, column: &str) -> Value {
        match column {
            "cell" => Value::Text(self.cell.clone()),
            "customers" => Value::Number(self.customers as f64),
            "share" => Value::Share(self.share),
            _ => Value::Absent,
        }
    }
}

impl Row for CellLine {
    const COLUMNS: &'static [Column] =
        &[Column::text("cell"), Column::figure("customers"), Column::figure("share")];

    fn cells(&self) -> Vec<String> {
        vec![self.cell.clone(), figures::count(self.customers), percent(Some(self.share))]
    }
}

/// # Errors
/// Where the table can't be read, the count is called off, or a scan is needed that was not asked for.
pub async fn run(arguments: &CountArguments, context: &Context) -> Result<(), CliError> {
    if arguments.last && context.settings.regions.len() < 2 {
        return print_last(&Reading::connect(context).await?, context);
    }
    let Resolved { place, reading, found: table } = mapping_region::with_mapping_table(context).await?;
    let context = &context.in_region(place);
    let mut reading = reading.within(context);
    if arguments.last {
        return print_last(&reading, context);
    }
    let store = context.counts(reading.session.key());
    let mapping = &context.settings.mapping;
    let cost = customers::scan_cost(&table, context.settings.read_unit_price);
    let index = table.cell_index.clone().filter(|_| !arguments.scan);
    match &index {
        Some(index) => {
            note(&announcement(&format!("counting through {index}, at most"), &cost, arguments.rate));
        }
        None => note(&announcement(&format!("counting by a scan of {}:", table.name), &cost, arguments.rate)),
    }
    if arguments.dry_run {
        return Ok(());
    }
    let count = match index {
        Some(index) => by_index(&mut reading, context, (&table, &index), arguments.rate).await?,
        None if !arguments.scan => {
            let message = format!("{} has no index on {}", table.name, mapping.cell_attribute);
            let error = CliError::new(Ending::Refused, message);
            return Err(error.hint("add --scan to read the whole table, as said above"));
        }
        None => by_scan(&reading, context, &store, arguments, cost).await?,
    };
    store.keep(&count)?;
    print(&count, context, &reading)
}

fn print_last(reading: &Reading<'_>, context: &Context) -> Result<(), CliError> {
    let last = context.counts(reading.session.key()).last()?.ok_or_else(|| {
        CliError::new(Ending::NotFound, "no count was kept").hint("`cellgate count` makes one")
    })?;
    print(&last, context, reading)
}

fn announcement(what: &str, cost: &ScanCost, rate: f64) -> String {
    let seconds = cost.at_rate(rate).as_secs().max(1);
    let time = if seconds < 120 { format!("{seconds} s") } else { format!("{} min", seconds.div_ceil(60)) };
    format!("{what} {cost}; at {rate} read units a second that takes {time}")
}

async fn by_index(
    reading: &mut Reading<'_>,
    context: &Context,
    (table, index): (&MappingTable, &str),
    rate: f64,
) -> Result<Count, CliError> {
    let mapping = &context.settings.mapping;
    reading.read("APIs", vec![Request::Apis]).await?;
    let session = &reading.session;
    let known = cell::discover(&reading.estate, &context.settings.cells).into_keys();
    let of_router = context.settings.router.cells.iter().cloned();
    let cells: BTreeSet<CellId> = known.chain(of_router).collect();
    let spinner = Spinner::start("counting");
    let now = || session.now(context.clock.now());
    let tell = |progress: Progress| spinner.say(told(&progress, table.approximate_items));
    let work = count::by_index(session, mapping, (table, index), cells, (rate, &now), tell);
    Ok(unless_interrupted(&reading.interruption, work).await??)
}

async fn by_scan(
    reading: &Reading<'_>,
    context: &Context,
    store: &CountStore,
    arguments: &CountArguments,
    cost: ScanCost,
) -> Result<Count, CliError> {
    if arguments.resume {
        match store.unfinished()? {
            Some(scan) => note(&format!(
                "going on with the scan of {}: {} counted so far",
                scan.started.strftime("%Y-%m-%d %H:%M"),
                figures::count(scan.tally.total())
            )),
            None => note("there is no scan to go on with: starting anew"),
        }
    }
    let spinner = Spinner::start("counting");
    let session = &reading.session;
    let now = || session.now(context.clock.now());
    let tell = |progress: Progress| spinner.say(told(&progress, cost.items));
    let options = ScanOptions { rate: arguments.rate, resume: arguments.resume, cost };
    let mapping = &context.settings.mapping;
    // Not dropped when it is called off: it writes down how far it came.
    let work =
        Box::pin(count::by_scan(session, mapping, store, options, (&reading.interruption, &now), tell));
    Ok(work.await?)
}

fn told(progress: &Progress, items: u64) -> String {
    let (counted, items) = (figures::count(progress.counted), figures::count(items));
    let units = figures::grouped(&format!("{:.0}", progress.read_units));
    format!("counting: {counted} of about {items}, {units} read units, {:.0} a second", progress.pace)
}

fn print(count: &Count, context: &Context, reading: &Reading<'_>) -> Result<(), CliError> {
    if context.format == Format::Json {
        return print_json(count);
    }
    let total = count.tally.total();
    print_rows(&lines(count), context.format)?;
    let method = match count.method {
        Method::Index => "through the index",
        Method::Scan => "by a scan",
    };
    let now = reading.session.now(context.clock.now());
    note(&format!(
        "{} customers, counted {method} {} ago; {} read units in {:.0} s",
        figures::count(total),
        age(Some(count.at), now),
        figures::grouped(&format!("{:.0}", count.read_units)),
        count.seconds.ceil()
    ));
    Ok(())
}

/// Cells by name, and what belongs to none of them.
fn lines(count: &Count) -> Vec<CellLine> {
    let tally = &count.tally;
    #[expect(clippy::cast_precision_loss, reason = "customers are far fewer than 2^52")]
    let share = |customers: u64| customers as f64 / tally.total().max(1) as f64;
    let line =
        |cell: &str, customers: u64| CellLine { cell: cell.to_owned(), customers, share: share(customers) };
    let rest = [("(no cell)", tally.without_cell), ("(other cells)", tally.other_cells)];
    let cells = tally.cells.iter().map(|(cell, customers)| line(cell.as_str(), *customers));
    let rest = rest
        .into_iter()
        .filter(|(_, customers)| *customers > 0)
        .map(|(name, customers)| line(name, customers));
    cells.chain(rest).collect()
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::new(Ending::Failed, error.to_string())
    }
}

impl From<CountError> for CliError {
    fn from(error: CountError) -> Self {
        match error {
            CountError::Aws(failure) => Self::from(failure).hint("`--scan --resume` goes on from here"),
            CountError::Store(error) => error.into(),
        }
    }
}
