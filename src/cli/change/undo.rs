//! `cellgate undo CHANGE` and `cellgate finish CHANGE`: taking a change back, and finding out what became of
//! one whose process ended in the middle.

use futures_util::FutureExt as _;

use super::carry_out::{ending, grounds, history, show_and_apply, tell, unrecorded};
use super::{ChangeArguments, bulk, guard, plan_text, targets};
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::made_in;
use crate::cli::output::{Format, print_json, print_text};
use crate::cli::reading::Reading;
use crate::cli::status::{Spinner, note};
use crate::domain::change::Target;
use crate::domain::history::ChangeHistory;
use crate::domain::suggest::nearest;
use crate::ops::change::{self, ChangeError, Progress, Recovered, WayBack};

/// Arguments of `undo`.
#[derive(Clone, Debug, clap::Args)]
pub struct UndoArguments {
    /// The change, as `cellgate journal list` names it; or a bulk, for all of its changes
    #[arg(value_name = "CHANGE")]
    id: String,
    /// Turn AutoDeploy on again where the change turned it off; AWS may deploy today's routes then
    #[arg(long)]
    auto_deploy: bool,
    #[command(flatten)]
    moves: crate::cli::moves::TermArguments,
    #[command(flatten)]
    change: ChangeArguments,
}

/// Arguments of `finish`.
#[derive(Clone, Debug, clap::Args)]
pub struct FinishArguments {
    /// The change, as `cellgate journal list` names it
    #[arg(value_name = "CHANGE")]
    id: String,
    /// Send what was not sent yet; without it the outcome is only found out and recorded
    #[arg(long)]
    send: bool,
    #[command(flatten)]
    change: ChangeArguments,
}

/// Takes a change back.
///
/// # Errors
/// As every lever; also where it can't be undone, or the target was changed since.
pub async fn run(arguments: &UndoArguments, context: &Context) -> Result<(), CliError> {
    arguments.change.refuse_by_whom()?;
    if !arguments.change.dry_run {
        context.allow_changes_somewhere()?;
    }
    if bulk::is_bulk(&arguments.id) {
        if arguments.auto_deploy {
            return Err(CliError::new(Ending::Usage, "--auto-deploy is for one change, and not for a bulk"));
        }
        return bulk::undo(&arguments.id, &arguments.change, context).await;
    }
    let (place, reading, history) = look_up(&arguments.id, context).await?;
    let context = &context.in_region(place);
    let mut reading = reading.within(context);
    let change = named(&history, &arguments.id)?;
    arguments.change.allow(context)?;
    if matches!(change.plan.target, Target::Customers(_)) {
        return crate::cli::moves::undo(&change.id, &arguments.change, &arguments.moves, reading, context)
            .await;
    }
    let api = targets::api_of(&change.plan.target, &mut reading).await?;
    let region = reading.region().cloned().unwrap_or_default();
    let spinner = Spinner::start("planning");
    let grounds = grounds(&region, api.as_ref(), &history, context);
    let way = WayBack { auto_deploy: arguments.auto_deploy };
    let planned = change::plan_undo_with(&reading.session, change, way, &grounds).boxed_local().await;
    drop(spinner);
    let plan = planned?;
    if change.end.is_none() && !arguments.change.dry_run {
        // What it came to is recorded first: a target with an open change takes no other.
        settle(change, false, &reading, context).await?;
    }
    show_and_apply(&plan, &arguments.change, &mut reading, context).await
}

/// Finds out and records what became of a change, and sends the rest of it where asked.
///
/// # Errors
/// As every lever; also where the change is not open.
pub async fn finish(arguments: &FinishArguments, context: &Context) -> Result<(), CliError> {
    context.allow_changes_somewhere()?;
    arguments.change.refuse_by_whom()?;
    arguments.change.guard.refuse("`cellgate undo` takes one")?;
    let (place, reading, history) = look_up(&arguments.id, context).await?;
    let context = &context.in_region(place);
    context.allow_changes()?;
    let mut reading = reading.within(context);
    let change = named(&history, &arguments.id)?;
    if change.is_unwatched() && !arguments.change.dry_run {
        note(&format!("the change {} is made; its guard was cut off, and goes on", change.id));
        let guarded = guard::resume(change, &mut reading, context).boxed_local().await?;
        if context.format == Format::Json {
            print_json(&serde_json::json!({ "change": change.id, "guard": guarded.report() }))?;
        }
        return guarded.ending(&change.id);
    }
    if change.end.is_some() {
        let message = format!("the change {} has ended: {}", change.id, change.state());
        return Err(CliError::new(Ending::Refused, message));
    }
    let settings = change::state_of(&reading.session, &change.plan).await?;
    let verdict = change::verdict(&change.plan, &settings);
    for line in plan_text::text(&change.plan).lines() {
        note(line);
    }
    note(&format!("  {:<10}{}", "stands", plan_text::standing(&verdict)));
    if arguments.change.dry_run {
        return Ok(());
    }
    if arguments.send {
        let production = context.region().production || change.plan.reaches_production();
        let yes = arguments.change.yes;
        super::confirm::confirm(&change.plan, production, yes, &reading.interruption).await?;
    }
    let recovered = settle(change, arguments.send, &reading, context).await?;
    let word = recovered.outcome.word();
    match context.format {
        Format::Table => print_text(&format!("the change {} is {word}", change.id))?,
        Format::Json => print_json(&serde_json::json!({
            "change": change.id,
            "outcome": word,
            "why": recovered.outcome.why(),
            "request_ids": recovered.request_ids,
            "unrecorded": recovered.unrecorded,
        }))?,
    }
    if arguments.send {
        return ending(&change.id, &recovered.outcome, reading.interruption.is_cancelled());
    }
    Ok(())
}

async fn settle(
    change: &ChangeHistory,
    send: bool,
    reading: &Reading<'_>,
    context: &Context,
) -> Result<Recovered, CliError> {
    let session = reading.session.arm(reading.session.account().as_str(), None)?;
    let spinner = Spinner::start("looking at the target");
    let progress = |progress: Progress| tell(&spinner, &progress);
    let store = context.changes();
    let recovered =
        change::recover(&session, change, send, &store, &context.clock, &progress).boxed_local().await;
    drop(spinner);
    let recovered = recovered?;
    match &recovered.unrecorded {
        Some(cause) => Err(unrecorded(&change.id, &recovered.outcome, cause)),
        None => Ok(recovered),
    }
}

/// Connects to the region that the change was made in, and reads what is known of earlier changes.
async fn look_up<'context>(
    id: &str,
    context: &'context Context,
) -> Result<(usize, Reading<'context>, Vec<ChangeHistory>), CliError> {
    let is_meant = |change: &ChangeHistory| change.id.as_str() == id;
    let unknown = |history: &[ChangeHistory]| named(history, id).err();
    known_in(context, &format!("the change {id}"), &is_meant, &unknown).await
}

/// Connects to the region that the meant changes were made in, and reads what is known of earlier changes. Without a
/// team nobody is asked for a change that this machine doesn't know.
pub(super) async fn known_in<'context>(
    context: &'context Context,
    what: &str,
    is_meant: &dyn Fn(&ChangeHistory) -> bool,
    unknown: &dyn Fn(&[ChangeHistory]) -> Option<CliError>,
) -> Result<(usize, Reading<'context>, Vec<ChangeHistory>), CliError> {
    let store = context.changes();
    let here = history(context)?;
    if store.team.is_none()
        && let Some(error) = unknown(&here)
    {
        return Err(error);
    }
    let region_of = |known: &[ChangeHistory]| {
        let change = known.iter().find(|change| is_meant(change))?;
        Some((change.at, change.plan.region.clone()))
    };
    let known = async |reading: &Reading<'_>| {
        Ok::<_, CliError>(change::known_changes(&reading.session, &store).await.map_err(ChangeError::from)?)
    };
    let (place, reading) = if let Some((_, key)) = region_of(&here) {
        made_in::connect(context, &key, &format!("{what} was made in")).await?
    } else {
        let seek = async |reading: &mut Reading<'_>| Ok(region_of(&known(reading).await?));
        made_in::search(context, &format!("where {what} was made"), false, seek).await?
    };
    let known = known(&reading).boxed_local().await?;
    match unknown(&known) {
        Some(error) => Err(error),
        None => Ok((place, reading, known)),
    }
}

fn named<'history>(
    history: &'history [ChangeHistory],
    wanted: &str,
) -> Result<&'history ChangeHistory, CliError> {
    history.iter().find(|change| change.id.as_str() == wanted).ok_or_else(|| {
        let meant = nearest(wanted, history.iter().map(|change| change.id.as_str()));
        let meant = meant.map(|id| format!("; did you mean {id}?")).unwrap_or_default();
        CliError::new(Ending::NotFound, format!("the journal has no change {wanted}{meant}"))
            .hint("`cellgate journal list` lists the changes")
    })
}
