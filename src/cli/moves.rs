//! `cellgate move`, `drain`, `rebalance` and `moves`: bringing customers to other cells, and looking after moves that
//! were interrupted.

mod after;
mod carry_out;
mod connections;
mod manage;
mod progress;
mod report;
mod row;
mod select;
mod stop;

pub use carry_out::read_fleet;

use std::path::PathBuf;

use clap::Subcommand;

use super::change::ChangeArguments;
use super::context::Context;
use super::exit::CliError;
use super::reading::Reading;
use crate::domain::id::{CellId, ChangeId};
use crate::ops::moves::By;

/// How a move is to be carried out.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct TermArguments {
    /// Of moves: customers a second after the first waves, in place of the configured rate
    #[arg(long, value_name = "PER_SECOND", value_parser = positive)]
    pub rate: Option<f64>,
    /// Of moves: what must hold between waves: signals (as configured), none, or a condition
    #[arg(long, value_name = "GATE", default_value = "signals")]
    pub gate: String,
    /// Of moves: say that the customers' data may stay behind in the cell that they leave
    #[arg(long)]
    pub data_stays: bool,
    /// Of moves: go to cells that are not well or have no room
    #[arg(long)]
    pub force: bool,
    /// Of moves: pause at the first customer who was changed meanwhile
    #[arg(long)]
    pub stop_on_conflict: bool,
    /// Of moves: account for every line or customer in this file, CSV or JSON by its ending
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    #[command(flatten)]
    pub after: after::AfterArguments,
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(number),
        _ => Err("a number above 0 is needed".to_owned()),
    }
}

/// Whether it is carried out.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct ConfirmArguments {
    /// Carry it out without asking
    #[arg(short, long, conflicts_with = "dry_run")]
    pub yes: bool,
    /// Print the plan, and send nothing
    #[arg(long)]
    pub dry_run: bool,
}

impl clap::ValueEnum for By {
    fn value_variants<'all>() -> &'all [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.word()))
    }
}

/// Arguments of `move`.
#[derive(Clone, Debug, clap::Args)]
pub struct MoveArguments {
    /// Customers, by the ids that the mapping table has; - reads a list from stdin
    #[arg(value_name = "CUSTOMER")]
    customers: Vec<String>,
    /// The cell to move them to; several share them by their free capacity
    #[arg(long, value_name = "CELL", value_delimiter = ',', required = true)]
    to: Vec<String>,
    /// A list of customers, one a line; an id with line breaks is written as a JSON string
    #[arg(long, value_name = "FILE", conflicts_with = "customers")]
    file: Option<PathBuf>,
    /// Choose among the customers of this cell
    #[arg(long, value_name = "CELL", conflicts_with_all = ["customers", "file"])]
    from: Option<String>,
    /// With --from: so many customers
    #[arg(long, value_name = "NUMBER", requires = "from", conflicts_with = "share")]
    count: Option<usize>,
    /// With --from: such a share of its customers, such as 10%
    #[arg(long, value_name = "SHARE", requires = "from")]
    share: Option<String>,
    /// With --from: chooses the same customers again
    #[arg(long, value_name = "NUMBER", requires = "from", default_value_t = 0)]
    seed: u64,
    /// With --from: who goes first, those at random, or those that send most by the usage of their API keys
    #[arg(long, value_enum, value_name = "ORDER", requires = "from", default_value_t)]
    by: By,
    /// With --from: choose among those whose id matches; * is any run of characters
    #[arg(long = "match", value_name = "PATTERN", requires = "from")]
    pattern: Option<String>,
    /// With --from: choose among those whose item passes comparisons with its attributes, such as 'tier=gold epoch<3'
    #[arg(long = "where", value_name = "FILTER", requires = "from")]
    filter: Option<String>,
    /// Give customers without a mapping one
    #[arg(long)]
    create: bool,
    #[command(flatten)]
    terms: TermArguments,
    #[command(flatten)]
    confirm: ConfirmArguments,
}

/// Arguments of `drain`.
#[derive(Clone, Debug, clap::Args)]
pub struct DrainArguments {
    /// The cell that is to have no customers any more
    cell: String,
    /// The cells that take them, by their free capacity where capacities are configured
    #[arg(long, value_name = "CELL", value_delimiter = ',', required = true)]
    to: Vec<String>,
    #[command(flatten)]
    terms: TermArguments,
    #[command(flatten)]
    confirm: ConfirmArguments,
}

/// Arguments of `rebalance`.
#[derive(Clone, Debug, clap::Args)]
pub struct RebalanceArguments {
    /// The cells to even out; without it, all that have customers
    #[arg(long, value_name = "CELL", value_delimiter = ',')]
    cells: Vec<String>,
    #[command(flatten)]
    terms: TermArguments,
    #[command(flatten)]
    confirm: ConfirmArguments,
}

/// What to do about moves.
#[derive(Clone, Debug, Subcommand)]
pub enum MovesCommand {
    /// Every move, newest first
    List(manage::ListArguments),
    /// How a move stands
    Show(manage::ShowArguments),
    /// Have a running move stop between two ranges
    Pause(manage::OneArguments),
    /// Go on with a move that was paused or cut off
    Resume(manage::ResumeArguments),
    /// List the WebSocket connections that a move left on the old cell, and close them
    Connections(connections::ConnectionArguments),
    /// Give a move up; customers who were moved stay where they are
    Abort(manage::OneArguments),
}

/// Moves customers.
///
/// # Errors
/// Refused, not found, failed, or done in part.
pub async fn run(arguments: &MoveArguments, context: &Context) -> Result<(), CliError> {
    carry_out::run(arguments, context).await
}

/// Empties a cell.
///
/// # Errors
/// As [`run`].
pub async fn drain(arguments: &DrainArguments, context: &Context) -> Result<(), CliError> {
    carry_out::drain(arguments, context).await
}

/// Evens cells out.
///
/// # Errors
/// As [`run`].
pub async fn rebalance(arguments: &RebalanceArguments, context: &Context) -> Result<(), CliError> {
    carry_out::rebalance(arguments, context).await
}

/// Looks after moves.
///
/// # Errors
/// As [`run`].
pub async fn manage(command: &MovesCommand, context: &Context) -> Result<(), CliError> {
    manage::run(command, context).await
}

/// Takes a move back.
///
/// # Errors
/// As [`run`].
pub async fn undo(
    id: &ChangeId,
    change: &ChangeArguments,
    terms: &TermArguments,
    reading: Reading<'_>,
    context: &Context,
) -> Result<(), CliError> {
    change.guard.refuse("a move has a gate between its waves: --gate")?;
    let confirm = ConfirmArguments { yes: change.yes > 0, dry_run: change.dry_run };
    carry_out::undo(id, confirm, terms, reading, context).await
}

fn cell(text: &str) -> CellId {
    CellId::new(text.trim())
}
