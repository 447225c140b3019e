//! `cellgate moves connections`: WebSocket connections that a move left on the old cell, and closing them.

use std::fmt::Write as _;

use futures_util::FutureExt as _;
use serde_json::json;

use super::manage::OneArguments;
use crate::cli::change::{self, ChangeArguments};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::get::customers::rate;
use crate::cli::interrupt::unless_interrupted;
use crate::cli::output::{Format, print_json, print_text};
use crate::cli::reading::Reading;
use crate::cli::status::{Spinner, note};
use crate::domain::cell;
use crate::domain::moves::run::Run;
use crate::domain::text::sanitise;
use crate::ops::change::plan_closing;
use crate::ops::customers;
use crate::ops::inventory::Request;
use crate::ops::moves::{self, CLOSED_PER_SECOND, LeftBehind, Surroundings};

/// Arguments of `moves connections`.
#[derive(Clone, Debug, clap::Args)]
pub struct ConnectionArguments {
    #[command(flatten)]
    pub(super) one: OneArguments,
    /// Close them
    #[arg(long)]
    pub(super) close: bool,
    /// Read units a second that finding them may take
    #[arg(long, value_name = "UNITS", default_value_t = customers::CONNECTIONS_RATE, value_parser = rate)]
    read_rate: f64,
    /// With --close: so many a second
    #[arg(
        long,
        value_name = "PER_SECOND",
        requires = "close",
        default_value_t = CLOSED_PER_SECOND,
        value_parser = rate
    )]
    rate: f64,
    /// With --close: carry it out without asking
    #[arg(short, long, requires = "close", conflicts_with = "dry_run")]
    yes: bool,
    /// With --close: print the plan, and close nothing
    #[arg(long, requires = "close")]
    dry_run: bool,
}

/// Lists them, and closes them where asked.
///
/// # Errors
/// Where the table of connections can't be read; of closing, as with every change.
pub async fn run(
    run: &Run,
    arguments: &ConnectionArguments,
    reading: &mut Reading<'_>,
    context: &Context,
) -> Result<(), CliError> {
    let left = find(run, arguments, reading, context).await?;
    if !arguments.close {
        return print(run, &left, context.format);
    }
    note(&format!("{} connections are left behind", left.connections.len()));
    reading.read("cells", vec![Request::Fleet]).await?;
    let cells = cell::discover(&reading.estate, &context.settings.cells);
    let access = &context.settings.connection_access;
    let around = Surroundings { access, estate: &reading.estate, cells: &cells };
    let closing = moves::closing_of(&reading.session, run, &left, around, arguments.rate);
    let closing = unless_interrupted(&reading.interruption, closing.boxed_local()).await??;
    let plan = plan_closing(&reading.session, closing, &context.clock);
    let confirmed = ChangeArguments {
        yes: u8::from(arguments.yes),
        dry_run: arguments.dry_run,
        ..ChangeArguments::default()
    };
    change::show_and_apply(&plan, &confirmed, reading, context).await
}

async fn find(
    run: &Run,
    arguments: &ConnectionArguments,
    reading: &Reading<'_>,
    context: &Context,
) -> Result<LeftBehind, CliError> {
    let (session, settings) = (&reading.session, &context.settings.connections);
    moves::refuse_elsewhere(session, run)?;
    let cost = customers::connections_cost(session, settings, context.settings.read_unit_price);
    let cost = unless_interrupted(&reading.interruption, cost).await??;
    note(&format!("reading {}: {cost}, at {} read units a second", settings.table, arguments.read_rate));
    let spinner = Spinner::start("reading connections");
    let seen = |count: usize| spinner.say(format!("reading connections: {count} found"));
    let left = moves::left_behind(session, run, settings, arguments.read_rate, &seen);
    let left = unless_interrupted(&reading.interruption, left.boxed_local()).await??;
    drop(spinner);
    Ok(left)
}

fn print(run: &Run, left: &LeftBehind, format: Format) -> Result<(), CliError> {
    if format == Format::Json {
        return print_json(&json!({
            "move": run.id,
            "connections": left.connections,
            "read_units": left.read_units,
        }));
    }
    let mut text = "CELL          CUSTOMER          NOW           CONNECTION\n".to_owned();
    for one in &left.connections {
        let shown = |text: &Option<String>| sanitise(text.as_deref().unwrap_or("-")).into_owned();
        let (cell, customer) = (shown(&one.connection.cell), shown(&one.connection.customer));
        let (now, id) = (shown(&one.customer_cell), sanitise(&one.connection.id));
        // Writing into a String does not fail.
        let _ = writeln!(text, "{cell:<13} {customer:<17} {now:<13} {id}");
    }
    print_text(text.trim_end())?;
    if !left.connections.is_empty() {
        note(&format!("`cellgate moves connections {} --close` closes them", run.id));
    }
    Ok(())
}
