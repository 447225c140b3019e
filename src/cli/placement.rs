//! `cellgate placement`: where new customers are placed, and closing a cell to them.

mod several;

use std::collections::BTreeMap;

use clap::Subcommand;
use futures_util::FutureExt as _;
use serde::Serialize;
use serde_json::json;

use super::change::{self, ChangeArguments};
use super::context::Context;
use super::exit::{CliError, Ending};
use super::mapping_region;
use super::moves::read_fleet;
use super::output::{Column, Format, Listing, Row, print_json, print_text};
use super::reading::Reading;
use super::status::note;
use crate::domain::change::Target;
use crate::domain::filter::{Filterable, Value};
use crate::domain::fleet::CellRow;
use crate::domain::id::CellId;
use crate::domain::levers::Wanted;
use crate::domain::lookup::{Answer, Unmapped};
use crate::domain::placement::{Placement, PlacementSettings, PlacementTarget};
use crate::domain::suggest::nearest;
use crate::domain::text::sanitise;
use crate::ops::change::refuse_open;
use crate::ops::placement;

/// What to do about placement.
#[derive(Clone, Debug, Subcommand)]
pub enum PlacementCommand {
    /// Show which cells take new customers, how much room they have, and where a new customer goes
    Show(ShowArguments),
    /// Close a cell to new customers; those that it has stay
    Close(CellArguments),
    /// Open a cell to new customers again
    Open(CellArguments),
}

/// Arguments of `placement show`.
#[derive(Clone, Debug, clap::Args)]
pub struct ShowArguments {
    /// Tell where this customer goes, instead
    #[arg(long, value_name = "CUSTOMER", allow_hyphen_values = true)]
    customer: Option<String>,
    #[command(flatten)]
    listing: Listing,
}

/// Arguments of `placement close` and `placement open`.
#[derive(Clone, Debug, clap::Args)]
pub struct CellArguments {
    /// The cell
    cell: String,
    #[command(flatten)]
    change: ChangeArguments,
}

/// Runs a `placement` command.
///
/// # Errors
/// Where the table is not configured or can't be read; of changes, as with every lever.
pub async fn run(command: &PlacementCommand, context: &Context) -> Result<(), CliError> {
    match command {
        PlacementCommand::Show(arguments) => show(arguments, context).await,
        PlacementCommand::Close(arguments) => set(arguments, true, context).await,
        PlacementCommand::Open(arguments) => set(arguments, false, context).await,
    }
}

async fn show(arguments: &ShowArguments, context: &Context) -> Result<(), CliError> {
    if arguments.customer.is_some() {
        let context = &mapping_region::chosen(context).await?;
        return show_one(arguments, context).await;
    }
    if context.settings.regions.len() > 1 {
        return several::show(&arguments.listing, context).await;
    }
    show_one(arguments, context).await
}

/// In the one region that is configured or meant.
async fn show_one(arguments: &ShowArguments, context: &Context) -> Result<(), CliError> {
    let order = arguments.listing.order::<PlacementRow>()?;
    let settings = context.settings.moves.placement.as_ref();
    let mut reading = Reading::connect(context).await?;
    let placements = if let Some(settings) = settings {
        placement::read(&reading.session, settings).await?
    } else {
        note(HOW_TO);
        BTreeMap::new()
    };
    let placement_of =
        |cell: &CellId| settings.map(|_| placements.get(cell).cloned().unwrap_or(Placement::Open));
    if let Some(customer) = &arguments.customer {
        let (mapping, router) = (&context.settings.mapping, &context.settings.router);
        let answer = placement::answer(&reading.session, customer, mapping, router).await?;
        let placement = answer.cell().and_then(placement_of);
        if context.format == Format::Json {
            return print_json(&json!({ "customer": customer, "answer": answer, "placement": placement }));
        }
        let cell = answer.cell().map_or("no cell", CellId::as_str);
        let closed = matches!((&answer, &placement), (Answer::Hashed { .. }, Some(Placement::Closed)));
        let closed = if closed { "; it is closed: what the router does then is its own rule" } else { "" };
        return print_text(&format!("{}: {cell}, {}{closed}", sanitise(customer), answer.words()));
    }
    let fleet = read_fleet(&mut reading, context).await?;
    let mut rows: Vec<PlacementRow> =
        fleet.iter().map(|row| PlacementRow::new(row, placement_of(&row.id))).collect();
    rows.sort_by(|one, other| one.cell.cmp(&other.cell));
    note(&new_customers(&rows, context));
    order.print(rows, context.format)
}

const HOW_TO: &str = "which cells are closed isn't configured: set placement.table to a DynamoDB table with an item a \
                      cell (placement.cell-attribute is its key, placement.closed-attribute a boolean)";

/// Where a customer goes who has no mapping, in a sentence.
fn new_customers(rows: &[PlacementRow], context: &Context) -> String {
    let router = &context.settings.router;
    let rule = match router.unmapped {
        None => "router.unmapped doesn't tell what the router does with them".to_owned(),
        Some(Unmapped::Refuse) => "the router refuses them".to_owned(),
        Some(Unmapped::Hash) => {
            let function = router.hash.map_or("a hash", crate::domain::lookup::HashFunction::name);
            let (function, cells) = (function.to_owned(), router.cells.len());
            format!("{function} of the id over {cells} cells; --customer tells which")
        }
        Some(Unmapped::Assign) => {
            let mut open: Vec<&PlacementRow> =
                rows.iter().filter(|row| row.placement != Some(Placement::Closed)).collect();
            open.sort_by(|one, other| other.room.unwrap_or(0.0).total_cmp(&one.room.unwrap_or(0.0)));
            let names: Vec<&str> = open.iter().take(3).map(|row| row.cell.as_str()).collect();
            format!("a cell is chosen at the first request; most room have {}", names.join(", "))
        }
    };
    format!("new customers: {rule}")
}

async fn set(arguments: &CellArguments, closed: bool, context: &Context) -> Result<(), CliError> {
    let Some(settings) = &context.settings.moves.placement else {
        return Err(CliError::new(Ending::Usage, HOW_TO));
    };
    arguments.change.refuse_by_whom()?;
    if !arguments.change.dry_run {
        context.allow_changes_somewhere()?;
    }
    let (place, reading, fleet) = if context.settings.regions.len() > 1 {
        several::region_of_table(settings, context).boxed_local().await?
    } else {
        let mut reading = Reading::connect(context).await?;
        let fleet = read_fleet(&mut reading, context).await?;
        (0, reading, fleet)
    };
    let context = &context.in_region(place);
    arguments.change.allow(context)?;
    let mut reading = reading.within(context);
    let target = Target::Placement(target(&arguments.cell, settings, &fleet)?);
    if !arguments.change.dry_run {
        refuse_open(&reading.session, &context.changes(), &target, &context.clock).await?;
    }
    let plan = change::plan_of(&target, None, &Wanted::Placement { closed }, &reading, context).await?;
    change::show_and_apply(&plan, &arguments.change, &mut reading, context).await
}

fn target(typed: &str, settings: &PlacementSettings, fleet: &[CellRow]) -> Result<PlacementTarget, CliError> {
    let known = fleet.iter().find(|row| row.id.as_str() == typed.trim());
    let Some(row) = known else {
        let meant = nearest(typed, fleet.iter().map(|row| row.id.as_str()));
        let meant = meant.map(|id| format!("; did you mean {id}?")).unwrap_or_default();
        return Err(CliError::new(Ending::NotFound, format!("no cell is called '{typed}'{meant}"))
            .hint("`cellgate get cells` lists the cells"));
    };
    Ok(PlacementTarget { settings: settings.clone(), cell: row.id.clone() })
}

/// One cell.
#[derive(Debug, Serialize)]
struct PlacementRow {
    cell: CellId,
    state: &'static str,
    /// None where it isn't configured.
    placement: Option<Placement>,
    customers: Option<u64>,
    requests_per_second: Option<f64>,
    capacity: Option<f64>,
    /// Requests a second that it could still take.
    room: Option<f64>,
}

impl PlacementRow {
    fn new(row: &CellRow, placement: Option<Placement>) -> Self {
        let room =
            row.cell.capacity.zip(row.requests_per_second).map(|(capacity, now)| (capacity - now).max(0.0));
        Self {
            cell: row.id.clone(),
            state: row.state.word(),
            placement,
            customers: row.customers.map(|count| count.customers),
            requests_per_second: row.requests_per_second,
            capacity: row.cell.capacity,
            room,
        }
    }

    fn word(&self) -> &'static str {
        self.placement.as_ref().map_or("-", Placement::word)
    }
}

impl Filterable for PlacementRow {
    fn text(&self) -> String {
        format!("{} {} {}", self.cell, self.word(), self.state)
    }

    fn value(&self, column: &str) -> Value {
        let number = |number: Option<f64>| number.map_or(Value::Absent, Value::Number);
        match column {
            "cell" => Value::Text(self.cell.to_string()),
            "placement" => Value::Text(self.word().to_owned()),
            "state" => Value::Text(self.state.to_owned()),
            #[expect(clippy::cast_precision_loss, reason = "customers are far below 2^52")]
            "customers" => number(self.customers.map(|count| count as f64)),
            "capacity" => number(self.capacity),
            "room" => number(self.room),
            _ => Value::Absent,
        }
    }
}

impl Row for PlacementRow {
    const COLUMNS: &'static [Column] = &[
        Column::text("cell"),
        Column::text("placement"),
        Column::text("state"),
        Column::figure("customers"),
        Column::figure("capacity"),
        Column::figure("room"),
    ];

    fn cells(&self) -> Vec<String> {
        let figure =
            |number: Option<f64>| number.map_or_else(|| "-".to_owned(), |number| format!("{number:.0}"));
        vec![
            self.cell.to_string(),
            self.word().to_owned(),
            self.state.to_owned(),
            self.customers.map_or_else(|| "-".to_owned(), |count| count.to_string()),
            figure(self.capacity),
            figure(self.room),
        ]
    }
}
