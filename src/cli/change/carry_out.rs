//! The way of every change from a command: plan, show, confirm, apply, and say what became of it.

use futures_util::FutureExt as _;
use serde::Serialize;

use super::guard::{self, GuardReport, Guarded, Posted};
use super::levers::{LeverCommand, TargetArgument};
use super::targets::{self, Found};
use super::{ChangeArguments, confirm, plan_text};
use crate::aws::{Operate, Session};
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::output::{Format, print_json, print_text};
use crate::cli::reading::Reading;
use crate::cli::resolve::Resolved;
use crate::cli::status::{Spinner, note};
use crate::domain::api::Api;
use crate::domain::change::{Outcome, Plan, SettingChange, Target};
use crate::domain::estate::RegionEstate;
use crate::domain::history::{ChangeHistory, changes};
use crate::domain::id::ChangeId;
use crate::domain::levers::Wanted;
use crate::ops::change::{self, Applied, Asked, ChangeError, Grounds, Progress};

/// What was done, as JSON.
#[derive(Debug, Serialize)]
struct Report<'change> {
    change: &'change str,
    lever: crate::domain::change::Lever,
    target: &'change Target,
    /// `applied`, `not-applied`, `partly-applied` or `unknown`.
    outcome: &'static str,
    why: Option<&'change str>,
    /// Requests that were done and weren't, where it is `partly-applied`.
    done: Option<&'change [String]>,
    not_done: Option<&'change [String]>,
    request_ids: &'change [String],
    /// What else is different in the target now.
    unplanned: &'change [SettingChange],
    /// Why the journal doesn't have the outcome, where it could not be written.
    unrecorded: Option<&'change str>,
    /// What the guard came to, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    guard: Option<GuardReport<'change>>,
}

/// Pulls a lever.
///
/// # Errors
/// Refused, not found, failed, or of unknown outcome.
pub async fn run(lever: &LeverCommand, context: &Context) -> Result<(), CliError> {
    let pull = lever.pull();
    lever.judge_by_whom()?;
    if let TargetArgument::Stages(named) = pull.target {
        return super::bulk::run(lever, named, context).await;
    }
    if !pull.change.dry_run {
        context.allow_changes_somewhere()?;
    }
    let Resolved { place, reading, found } = targets::locate(pull.target, context).await?;
    let context = &context.in_region(place);
    let mut reading = reading.within(context);
    pull.change.allow(context)?;
    let plan = make(lever, found, &mut reading, context).await?;
    show_and_apply(&plan, pull.change, &mut reading, context).await
}

/// The plan of a lever for the target that was found.
///
/// # Errors
/// As [`run`].
pub async fn make(
    lever: &LeverCommand,
    found: Found,
    reading: &mut Reading<'_>,
    context: &Context,
) -> Result<Plan, CliError> {
    let Found { target, api } = found;
    let wanted = lever.wanted(api.as_ref().map(|api| api.kind), reading).await?;
    if !lever.pull().change.dry_run {
        change::refuse_open(&reading.session, &context.changes(), &target, &context.clock).await?;
    }
    let history = history(context)?;
    let region = reading.region().cloned().unwrap_or_default();
    let spinner = Spinner::start("planning");
    let grounds = grounds(&region, api.as_ref(), &history, context);
    let asked = Asked { by_whom: lever.pull().change.by_whom };
    let planned = change::plan_with(&reading.session, &target, &wanted, asked, &grounds).boxed_local().await;
    drop(spinner);
    Ok(planned?)
}

/// The plan of what is wanted of a target that is known already.
///
/// # Errors
/// As [`run`].
pub async fn plan_of(
    target: &Target,
    api: Option<&Api>,
    wanted: &Wanted,
    reading: &Reading<'_>,
    context: &Context,
) -> Result<Plan, CliError> {
    let history = history(context)?;
    let region = reading.region().cloned().unwrap_or_default();
    let grounds = grounds(&region, api, &history, context);
    Ok(change::plan(&reading.session, target, wanted, &grounds).boxed_local().await?)
}

/// What this machine's journal tells of earlier changes.
///
/// # Errors
/// Where it can't be read.
pub fn history(context: &Context) -> Result<Vec<ChangeHistory>, CliError> {
    let records = context.changes().journal.records().map_err(ChangeError::from)?;
    Ok(changes(&records))
}

pub fn grounds<'plan>(
    region: &'plan RegionEstate,
    api: Option<&'plan Api>,
    history: &'plan [ChangeHistory],
    context: &'plan Context,
) -> Grounds<'plan> {
    let production_tag = context.settings.production_tag.as_ref();
    Grounds { region, api, history, clock: &context.clock, production_tag }
}

/// Shows a plan and, unless only that was wanted, asks and carries it out.
///
/// # Errors
/// As [`run`].
pub async fn show_and_apply(
    plan: &Plan,
    arguments: &ChangeArguments,
    reading: &mut Reading<'_>,
    context: &Context,
) -> Result<(), CliError> {
    let posted = guard::prepare(&arguments.guard, plan, reading, context).await?;
    let plan = &Plan { guard: posted.as_ref().map(Posted::planned), ..plan.clone() };
    if arguments.dry_run {
        return match context.format {
            Format::Table => print_text(&plan_text::text(plan)),
            Format::Json => print_json(plan),
        };
    }
    for line in plan_text::text(plan).lines() {
        note(line);
    }
    let production = context.region().production || plan.reaches_production();
    confirm::confirm(plan, production, arguments.yes, &reading.interruption).await?;
    let session = reading.session.arm(reading.session.account().as_str(), None)?;
    apply(&session, plan, posted.as_ref(), reading, context).await
}

async fn apply(
    session: &Session<Operate>,
    plan: &Plan,
    posted: Option<&Posted>,
    reading: &Reading<'_>,
    context: &Context,
) -> Result<(), CliError> {
    let spinner = Spinner::start("checking");
    let progress = |progress: Progress| tell(&spinner, &progress);
    let store = context.changes();
    let applied = change::apply(session, plan, &store, &context.clock, &progress).boxed_local().await;
    drop(spinner);
    let interrupted = reading.interruption.is_cancelled();
    match applied {
        Err(ChangeError::Failed(_)) if interrupted => {
            Err(CliError::new(Ending::Interrupted, "interrupted: nothing was sent"))
        }
        Err(error) => Err(error.into()),
        Ok(applied) => {
            let guarded = match posted.filter(|_| applied.outcome == Outcome::Applied) {
                Some(posted) => {
                    note(&format!("the change {} is made", applied.change));
                    Some(guard::watch(posted, &applied.change, None, session, reading, context).await)
                }
                None => None,
            };
            report(&applied, plan, context.format, interrupted, guarded.as_ref())
        }
    }
}

/// Says where a change is.
pub fn tell(spinner: &Spinner, progress: &Progress) {
    match progress {
        Progress::Checking => spinner.say("checking account and target again"),
        Progress::Journaled(change) => spinner.say(format!("change {change} is in the journal")),
        Progress::Sending(call) => spinner.say(format!("sending {}", call.request)),
        Progress::Waiting { seen } => spinner.say(format!("sent; {seen}")),
        Progress::Done => spinner.say("done"),
    }
}

fn report(
    applied: &Applied,
    plan: &Plan,
    format: Format,
    interrupted: bool,
    guarded: Option<&Guarded>,
) -> Result<(), CliError> {
    let ended_well = guarded.map_or(Ok(()), |guarded| guarded.ending(&applied.change));
    let parts = match &applied.outcome {
        Outcome::Partly { done, not_done, .. } => Some((done.as_slice(), not_done.as_slice())),
        _ => None,
    };
    match (format, &applied.outcome) {
        (Format::Json, _) => print_json(&Report {
            change: applied.change.as_str(),
            lever: plan.lever,
            target: &plan.target,
            outcome: applied.outcome.word(),
            why: applied.outcome.why(),
            done: parts.map(|(done, _)| done),
            not_done: parts.map(|(_, not_done)| not_done),
            request_ids: &applied.request_ids,
            unplanned: &applied.unplanned,
            unrecorded: applied.unrecorded.as_deref(),
            guard: guarded.map(Guarded::report),
        })?,
        (Format::Table, Outcome::Applied) if ended_well.is_ok() => {
            let (title, target, change) = (plan.lever.title(), &plan.target, &applied.change);
            print_text(&format!("done: {title} of {target} (change {change})"))?;
        }
        (Format::Table, _) => {}
    }
    for change in &applied.unplanned {
        note(&format!("warning: also different now: {}", plan.label(&change.setting)));
    }
    if let Some(cause) = &applied.unrecorded {
        return Err(unrecorded(&applied.change, &applied.outcome, cause));
    }
    ending(&applied.change, &applied.outcome, interrupted)?;
    ended_well
}

/// The exit that an outcome means.
///
/// # Errors
/// Whatever isn't applied.
pub fn ending(change: &ChangeId, outcome: &Outcome, interrupted: bool) -> Result<(), CliError> {
    match outcome {
        Outcome::Applied => Ok(()),
        Outcome::NotApplied { why } => {
            Err(CliError::new(Ending::Failed, format!("nothing was changed (change {change}): {why}")))
        }
        Outcome::Partly { done, not_done, why } => Err(CliError::new(
            Ending::Partly,
            format!(
                "partly done (change {change}): {why}; done: {}; not done: {}",
                done.join(", "),
                not_done.join(", ")
            ),
        )
        .hint(format!("`cellgate undo {change}` takes back what was done"))),
        Outcome::Unknown { why } if interrupted => {
            Err(CliError::new(Ending::Interrupted, format!("interrupted (change {change}): {why}"))
                .hint("look at the target before you do it again"))
        }
        Outcome::Unknown { why } => {
            Err(CliError::new(Ending::Partly, format!("the outcome is open (change {change}): {why}"))
                .hint("look at the target before you do it again"))
        }
    }
}

/// The journal has the intent alone: the outcome is in no other place than here.
pub fn unrecorded(change: &ChangeId, outcome: &Outcome, cause: &str) -> CliError {
    let why = outcome.why().map(|why| format!(" ({why})")).unwrap_or_default();
    let word = outcome.word();
    let message = format!("change {change} was sent, outcome {word}{why}, and is not recorded: {cause}");
    CliError::new(Ending::Partly, message).hint("note the outcome; the journal has the change as open")
}
