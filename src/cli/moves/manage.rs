//! `cellgate moves`: how moves stand, and pausing, resuming and aborting them.

use futures_util::FutureExt as _;

use super::after::{self, AfterArguments, Following};
use super::carry_out::{conclude, follow, refused};
use super::progress::Teller;
use super::row::MoveRow;
use super::stop::stop;
use super::{MovesCommand, connections, report};
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::output::{Format, Listing, print_json, print_text, timestamp};
use crate::cli::reading::Reading;
use crate::domain::moves::run::Run;
use crate::ops::moves::{self, Control, Progress, Wish};

/// Arguments of `moves list`.
#[derive(Clone, Debug, clap::Args)]
pub struct ListArguments {
    #[command(flatten)]
    listing: Listing,
}

/// Which move is meant.
#[derive(Clone, Debug, clap::Args)]
pub struct OneArguments {
    /// The move, as `moves list` names it
    #[arg(value_name = "ID", required_unless_present = "last")]
    id: Option<String>,
    /// The newest
    #[arg(long, conflicts_with = "id")]
    last: bool,
}

/// Arguments of `moves show`.
#[derive(Clone, Debug, clap::Args)]
pub struct ShowArguments {
    #[command(flatten)]
    one: OneArguments,
    /// Account for every customer in this file, CSV or JSON by its ending
    #[arg(long, value_name = "FILE")]
    report: Option<std::path::PathBuf>,
}

/// Arguments of `moves resume`.
#[derive(Clone, Debug, clap::Args)]
pub struct ResumeArguments {
    #[command(flatten)]
    one: OneArguments,
    /// Account for every customer in this file, CSV or JSON by its ending
    #[arg(long, value_name = "FILE")]
    report: Option<std::path::PathBuf>,
    #[command(flatten)]
    after: AfterArguments,
}

/// Runs a `moves` command.
///
/// # Errors
/// Where there is no such move, the journal can't be read, or the move doesn't come to its end.
pub async fn run(command: &MovesCommand, context: &Context) -> Result<(), CliError> {
    let mut reading = match command {
        MovesCommand::List(_) | MovesCommand::Show(_) => Reading::connect(context).await?,
        MovesCommand::Connections(arguments) => {
            if arguments.close {
                context.allow_changes()?;
            }
            Reading::connect(context).await?
        }
        MovesCommand::Resume(arguments) => {
            report::judge(arguments.report.as_deref())?;
            context.allow_changes()?;
            Reading::connect(context).await?
        }
        MovesCommand::Pause(_) | MovesCommand::Abort(_) => {
            context.allow_changes()?;
            Reading::connect(context).await?
        }
    };
    let known = moves::known_moves(&reading.session, &context.changes()).boxed_local().await?;
    let one = |arguments: &OneArguments| {
        moves::named(&known, arguments.id.as_deref()).map_err(|message| {
            CliError::new(Ending::NotFound, message).hint("`cellgate moves list` lists them")
        })
    };
    match command {
        MovesCommand::List(arguments) => {
            let order = arguments.listing.order::<MoveRow>()?;
            let rows = known.iter().rev().map(|run| MoveRow::new(run, context)).collect();
            order.print(rows, context.format)
        }
        MovesCommand::Show(arguments) => {
            report::judge(arguments.report.as_deref())?;
            show(&one(&arguments.one)?, arguments, context)
        }
        MovesCommand::Resume(arguments) => {
            let run = one(&arguments.one)?;
            let following =
                after::of_resumed(&run, arguments.after, &mut reading, context).boxed_local().await?;
            carry_on(&run, (arguments.report.as_deref(), &following), &reading, context).boxed_local().await
        }
        MovesCommand::Connections(arguments) => {
            connections::run(&one(&arguments.one)?, arguments, &mut reading, context).boxed_local().await
        }
        MovesCommand::Pause(arguments) => {
            stop(&one(arguments)?, Wish::Pause, &reading, context).boxed_local().await
        }
        MovesCommand::Abort(arguments) => {
            stop(&one(arguments)?, Wish::Abort, &reading, context).boxed_local().await
        }
    }
}

fn show(run: &Run, arguments: &ShowArguments, context: &Context) -> Result<(), CliError> {
    if let Some(path) = &arguments.report {
        report::write_of(path, moves::given(&context.changes(), &run.id), run)?;
    }
    let row = MoveRow::new(run, context);
    if context.format == Format::Json {
        return print_json(&row);
    }
    let tally = &row.tally;
    let mut lines = vec![
        format!("Move {}: {}", run.id, row.state),
        format!("  customers {}", run.header.target()),
        format!("  by        {} at {}", run.operator, timestamp(Some(run.at))),
        format!("  moved     {} of {}", tally.moved, run.header.customers),
    ];
    let others = [
        ("already there", tally.already_there),
        ("moved meanwhile", tally.moved_meanwhile),
        ("vanished", tally.vanished),
        ("failed", tally.failed),
        ("in doubt", tally.in_doubt),
        ("not sent", tally.waiting),
    ];
    lines.extend(
        others
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(what, count)| format!("            {count} {what}")),
    );
    lines.extend(row.why.iter().map(|why| format!("  why       {why}")));
    print_text(&lines.join("\n"))
}

async fn carry_on(
    run: &Run,
    (report, following): (Option<&std::path::Path>, &Following),
    reading: &Reading<'_>,
    context: &Context,
) -> Result<(), CliError> {
    let session = reading.session.arm(reading.session.account().as_str(), None)?;
    let (teller, control) = (Teller::new(context.format), Control::new(reading.interruption.clone()));
    let progress = |progress: Progress| teller.tell(&progress);
    let store = context.changes();
    let hands = (&store, &context.clock, &control, &progress as &(dyn Fn(Progress) + Send + Sync));
    let finished = moves::resume(&session, &run.id, hands).boxed_local().await;
    drop(teller);
    let finished = finished.map_err(refused)?;
    let told = conclude(Ok(finished.clone()), report, reading, context);
    follow(told, &finished, following, reading, context).await
}
