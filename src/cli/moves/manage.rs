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
use crate::cli::made_in;
use crate::cli::output::{Format, Listing, print_json, print_text, timestamp};
use crate::cli::reading::Reading;
use crate::cli::side_by_side;
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
    let (one, changes) = match command {
        MovesCommand::List(arguments) => return list(arguments, context).boxed_local().await,
        MovesCommand::Show(arguments) => {
            report::judge(arguments.report.as_deref())?;
            if context.settings.regions.len() > 1 && context.settings.team.is_none() {
                // This machine's file has all that is known, whatever can be reached.
                let known = moves::moves_of_this_machine(&context.changes()).await?;
                return show(&meant(&known, arguments.one.id.as_deref())?, arguments, context);
            }
            (&arguments.one, false)
        }
        MovesCommand::Resume(arguments) => {
            report::judge(arguments.report.as_deref())?;
            (&arguments.one, true)
        }
        MovesCommand::Connections(arguments) => (&arguments.one, arguments.close),
        MovesCommand::Pause(arguments) | MovesCommand::Abort(arguments) => (arguments, true),
    };
    if changes {
        context.allow_changes_somewhere()?;
    }
    let (place, reading, run) = find(one, context).boxed_local().await?;
    let context = &context.in_region(place);
    let mut reading = reading.within(context);
    if changes {
        context.allow_changes()?;
    }
    match command {
        MovesCommand::List(_) => Ok(()),
        MovesCommand::Show(arguments) => show(&run, arguments, context),
        MovesCommand::Resume(arguments) => {
            let following =
                after::of_resumed(&run, arguments.after, &mut reading, context).boxed_local().await?;
            carry_on(&run, (arguments.report.as_deref(), &following), &reading, context).boxed_local().await
        }
        MovesCommand::Connections(arguments) => {
            connections::run(&run, arguments, &mut reading, context).boxed_local().await
        }
        MovesCommand::Pause(_) => stop(&run, Wish::Pause, &reading, context).boxed_local().await,
        MovesCommand::Abort(_) => stop(&run, Wish::Abort, &reading, context).boxed_local().await,
    }
}

/// The move of this id, or the newest.
fn meant(known: &[Run], id: Option<&str>) -> Result<Run, CliError> {
    moves::named(known, id)
        .map_err(|message| CliError::new(Ending::NotFound, message).hint("`cellgate moves list` lists them"))
}

/// Connects to the region that the move was made in, and reads what is known of it.
async fn find<'context>(
    one: &OneArguments,
    context: &'context Context,
) -> Result<(usize, Reading<'context>, Run), CliError> {
    let (store, id) = (context.changes(), one.id.as_deref());
    let several = context.settings.regions.len() > 1;
    let here = if several { Some(meant(&moves::moves_of_this_machine(&store).await?, id)) } else { None };
    let (place, reading) = match here {
        None => (0, Reading::connect(context).await?),
        Some(Err(error)) if store.team.is_none() => return Err(error),
        // A colleague's may be newer than the newest of this machine.
        Some(Ok(run)) if store.team.is_none() || id.is_some() => {
            made_in::connect(context, &run.header.region, &format!("the move {} was made in", run.id)).await?
        }
        Some(_) => {
            let seek = async |reading: &mut Reading<'_>| {
                let known = moves::known_moves(&reading.session, &store).await?;
                Ok(moves::named(&known, id).ok().map(|run| (run.at, run.header.region)))
            };
            let what = id.map_or_else(
                || "which move is the newest".to_owned(),
                |id| format!("where the move {id} was made"),
            );
            made_in::search(context, &what, id.is_none(), seek).await?
        }
    };
    let run = meant(&moves::known_moves(&reading.session, &store).await?, id)?;
    Ok((place, reading, run))
}

/// The moves of every region; those of this machine's file are there in any case.
async fn list(arguments: &ListArguments, context: &Context) -> Result<(), CliError> {
    let order = arguments.listing.order::<MoveRow>()?;
    let store = context.changes();
    let mut troubles = Vec::new();
    let mut known;
    if context.settings.regions.len() < 2 {
        let reading = Reading::connect(context).await?;
        known = moves::known_moves(&reading.session, &store).await?;
    } else if store.team.is_none() {
        known = moves::moves_of_this_machine(&store).await?;
    } else {
        let read = async |reading: &mut Reading<'_>| {
            let mut known = moves::known_moves(&reading.session, &store).await?;
            // The team of each region tells of its own.
            known.retain(|run| run.header.region == *reading.session.key());
            Ok(known)
        };
        known = moves::moves_of_this_machine(&store).await?;
        for (region, outcome) in side_by_side::each(context, read).await? {
            match outcome {
                Ok(of_region) => {
                    known.retain(|run| of_region.iter().all(|other| other.id != run.id));
                    known.extend(of_region);
                }
                Err(error) if error.ending == Ending::NotFound => {}
                Err(error) => troubles.push((region, error)),
            }
        }
        known.sort_by_key(|run| run.at);
    }
    let found = known.len();
    let rows = known.iter().rev().map(|run| MoveRow::new(run, context)).collect();
    order.print(rows, context.format)?;
    side_by_side::told(found, troubles)
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
