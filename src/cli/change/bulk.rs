//! A lever pulled at several targets from a command: one plan, one question, and what became of each.

pub mod arguments;
mod find;
mod guard;
mod report;
pub mod text;
mod undo;

use futures_util::FutureExt as _;

use self::arguments::NamedStages;
use super::levers::LeverCommand;
use super::targets::Found;
use super::{ChangeArguments, carry_out, confirm};
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::output::{Format, print_json, print_text};
use crate::cli::reading::Reading;
use crate::cli::resolve::Resolved;
use crate::cli::status::{Spinner, note};
use crate::domain::bulk::{BulkOptions, BulkPlan, PartState};
use crate::ops::bulk::{self, BulkGrounds, BulkGuard, BulkProgress, Orders};

pub use find::locate;
pub use undo::{is_bulk, undo};

/// Pulls a lever at several targets.
///
/// # Errors
/// Refused, not found, failed, partly done.
pub async fn run(lever: &LeverCommand, named: NamedStages<'_>, context: &Context) -> Result<(), CliError> {
    let change = lever.pull().change;
    if !change.dry_run {
        context.allow_changes_somewhere()?;
    }
    let Resolved { place, reading, found } = locate(&named.typed()?, context).await?;
    let context = &context.in_region(place);
    let mut reading = reading.within(context);
    change.allow(context)?;
    let plan = make(lever, named, found, &mut reading, context).await?;
    show_and_apply(&plan, change, &mut reading, context).await
}

/// The plan of a lever for several targets that were found.
///
/// # Errors
/// As [`run`]; targets that are refused are in the plan.
pub async fn make(
    lever: &LeverCommand,
    named: NamedStages<'_>,
    found: Vec<Found>,
    reading: &mut Reading<'_>,
    context: &Context,
) -> Result<BulkPlan, CliError> {
    let mut targets = Vec::new();
    for one in found {
        let kind = one.api.as_ref().map(|api| api.kind);
        targets.push((one.target, lever.wanted(kind, reading).await?));
    }
    let options = BulkOptions {
        waves: named.several.waves.clone(),
        pace: named.several.per_minute,
        leave_out_refused: named.several.leave_out_refused,
        production: context.region().production,
    };
    let (history, store) = (carry_out::history(context)?, context.changes());
    let region = reading.region().cloned().unwrap_or_default();
    let production_tag = context.settings.production_tag.as_ref();
    let grounds = BulkGrounds {
        region: &region,
        history: &history,
        store: &store,
        clock: &context.clock,
        production_tag,
    };
    let spinner = Spinner::start(format!("planning for {} targets", targets.len()));
    let seen = |done: usize, count: usize| spinner.say(format!("planning: {done} of {count} targets"));
    let planned = bulk::plan(&reading.session, targets, &options, &grounds, &seen).boxed_local().await;
    drop(spinner);
    Ok(planned?)
}

/// Carries out a plan that was saved, unless the world has moved on for any of its targets.
///
/// # Errors
/// As [`run`].
pub async fn apply_saved(
    plan: &BulkPlan,
    arguments: &ChangeArguments,
    reading: &mut Reading<'_>,
    context: &Context,
) -> Result<(), CliError> {
    let spinner = Spinner::start("checking the targets");
    let moved = bulk::moved(&reading.session, plan).boxed_local().await;
    drop(spinner);
    moved?;
    show_and_apply(plan, arguments, reading, context).await
}

/// Shows a plan and, unless only that was wanted, asks and carries it out.
///
/// # Errors
/// As [`run`].
pub async fn show_and_apply(
    plan: &BulkPlan,
    arguments: &ChangeArguments,
    reading: &mut Reading<'_>,
    context: &Context,
) -> Result<(), CliError> {
    if arguments.dry_run {
        show(plan, context.format)?;
        guard::prepare(&arguments.guard, plan, reading, context).await?;
        return plan.refusal().map_or(Ok(()), |refusal| Err(refusal.into()));
    }
    for line in text::text(plan).lines() {
        note(line);
    }
    if let Some(refusal) = plan.refusal() {
        return Err(refusal.into());
    }
    let guard = guard::prepare(&arguments.guard, plan, reading, context).await?;
    let production = context.region().production;
    let asked = confirm::Asked { risk: plan.risk, production, name: plan.phrase() };
    confirm::confirm_named(&asked, arguments.yes, &reading.interruption).await?;
    carry(plan, guard.as_ref(), reading, context).await
}

/// Prints a plan.
///
/// # Errors
/// Where stdout can't be written.
pub fn show(plan: &BulkPlan, format: Format) -> Result<(), CliError> {
    match format {
        Format::Table => print_text(&text::text(plan)),
        Format::Json => print_json(plan),
    }
}

async fn carry(
    plan: &BulkPlan,
    guard: Option<&BulkGuard>,
    reading: &Reading<'_>,
    context: &Context,
) -> Result<(), CliError> {
    let session = reading.session.arm(reading.session.account().as_str(), None)?;
    let (region, store) = (reading.region().cloned().unwrap_or_default(), context.changes());
    let stop = &reading.interruption;
    let orders = Orders { region: &region, store: &store, clock: &context.clock, stop, guard };
    let spinner = Spinner::start("checking");
    let progress = |progress: BulkProgress| tell(&spinner, plan, progress);
    let ended = bulk::apply(&session, plan, &orders, &progress).boxed_local().await;
    drop(spinner);
    report::report(&ended?, plan, context.format, stop.is_cancelled())
}

/// A line for each target that has ended, and what is being done beside it.
fn tell(spinner: &Spinner, plan: &BulkPlan, progress: BulkProgress) {
    let count = plan.parts.len();
    let name = |place: usize| plan.parts.get(place).map(|part| part.target.to_string()).unwrap_or_default();
    match progress {
        BulkProgress::Begun(bulk) => note(&format!("{bulk}: {}", plan.count())),
        BulkProgress::Wave { number, of } if of > 1 => note(&format!("wave {number} of {of}")),
        BulkProgress::Wave { .. } => {}
        BulkProgress::Part { place, state: PartState::Running { .. } } => {
            spinner.say(format!("{} of {count}: {}", place + 1, name(place)));
        }
        BulkProgress::Part { place, state } => {
            let change = state.change().map(|change| format!(" (change {change})")).unwrap_or_default();
            let why = state.why().map(|why| format!(": {why}")).unwrap_or_default();
            note(&format!("{}/{count} {} {}{change}{why}", place + 1, name(place), state.word()));
            if let (PartState::Ended { unplanned, .. }, Some(part)) = (&state, plan.parts.get(place)) {
                for change in unplanned {
                    note(&format!("warning: also different now: {}", part.label(&change.setting)));
                }
            }
        }
        BulkProgress::Step { step, .. } => carry_out::tell(spinner, &step),
        BulkProgress::Watching { seen } => spinner.say(format!("guard: {seen}")),
        BulkProgress::TakingBack { bulk } => note(&format!("guard: breached; taking all back as {bulk}")),
    }
}

/// A file that holds the plan of one target, or of several.
///
/// # Errors
/// Usage, where it holds neither.
pub fn parse(text: &str, shown: &str) -> Result<Option<BulkPlan>, CliError> {
    let wrong =
        |error: serde_json::Error| CliError::new(Ending::Usage, format!("{shown} holds no plan: {error}"));
    let value: serde_json::Value = serde_json::from_str(text).map_err(wrong)?;
    if value.get("parts").is_none() {
        return Ok(None);
    }
    serde_json::from_value(value).map(Some).map_err(wrong)
}
