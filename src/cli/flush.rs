//! `cellgate flush API/STAGE`: plan, confirm, apply, and say what became of it.

use futures_util::FutureExt as _;
use serde::Serialize;

use super::confirm::confirm;
use super::context::Context;
use super::exit::{CliError, Ending};
use super::output::{Format, print_json, print_text};
use super::plan;
use super::reading::Reading;
use super::status::{Spinner, note};
use crate::aws::{Operate, Session};
use crate::domain::api::Api;
use crate::domain::change::{Outcome, Plan};
use crate::domain::id::StageName;
use crate::domain::target::{StageReference, StageTarget, TargetError, unknown_stage};
use crate::ops::change::{self, Applied, ChangeError, Progress};
use crate::ops::inventory::{Family, Request};

/// Arguments of `flush`.
#[derive(Clone, Debug, clap::Args)]
pub struct FlushArguments {
    /// The stage, each part by name or id
    #[arg(value_name = "API/STAGE")]
    target: String,
    /// Carry the plan out without asking
    #[arg(short, long, conflicts_with = "dry_run")]
    yes: bool,
    /// Print the plan, and send nothing
    #[arg(long)]
    dry_run: bool,
}

/// What was done, as JSON.
#[derive(Debug, Serialize)]
struct Report<'change> {
    change: &'change str,
    target: &'change StageTarget,
    /// `applied`, `not-applied` or `unknown`.
    outcome: &'static str,
    why: Option<&'change str>,
    request_ids: &'change [String],
    /// Why the journal doesn't have the outcome, where it could not be written.
    unrecorded: Option<&'change str>,
}

/// Runs a `flush`.
///
/// # Errors
/// Refused, not found, failed, or of unknown outcome.
pub async fn run(arguments: &FlushArguments, context: &Context) -> Result<(), CliError> {
    if !arguments.dry_run {
        context.allow_changes()?;
    }
    let reference: StageReference = arguments
        .target
        .parse()
        .map_err(|error: TargetError| CliError::from(error).hint("`cellgate get stages` lists the stages"))?;
    let mut reading = Reading::connect(context).await?;
    let (api, target) = resolve(&reference, &mut reading).await?;
    let spinner = Spinner::start("planning");
    let region = reading.region().cloned().unwrap_or_default();
    let planned =
        change::plan_flush(&reading.session, &region, &api, &target, &context.clock).boxed_local().await;
    drop(spinner);
    let plan = planned?;
    if arguments.dry_run {
        return match context.format {
            Format::Table => print_text(&plan::text(&plan)),
            Format::Json => print_json(&plan),
        };
    }
    for line in plan::text(&plan).lines() {
        note(line);
    }
    if !arguments.yes {
        confirm(&plan, &reading.interruption).await?;
    }
    let session = reading.session.arm(reading.session.account().as_str(), None)?;
    apply(&session, &plan, &reading, context).await
}

/// The stage that is meant, read from AWS and not from what was typed.
async fn resolve(
    reference: &StageReference,
    reading: &mut Reading<'_>,
) -> Result<(Api, StageTarget), CliError> {
    reading.read("APIs", vec![Request::Apis]).await?;
    let api = reading.api(&reference.api)?;
    reading.read("stages", vec![Request::Stages(Family::of(&api))]).await?;
    let wanted = StageName::new(&reference.stage);
    let Some(entry) = reading.entry(&api) else {
        return Err(CliError::new(Ending::NotFound, format!("the API {} has gone", api.name)));
    };
    if let Some(failure) = entry.stages.failure() {
        return Err(failure.clone().into());
    }
    if entry.stage(&wanted).is_none() {
        return Err(unknown_stage(entry, &wanted).into());
    }
    let target = StageTarget { api: api.id.clone(), api_name: api.name.clone(), stage: wanted };
    Ok((api, target))
}

async fn apply(
    session: &Session<Operate>,
    plan: &Plan,
    reading: &Reading<'_>,
    context: &Context,
) -> Result<(), CliError> {
    let spinner = Spinner::start("checking");
    let progress = |progress: Progress| match progress {
        Progress::Checking => spinner.say("checking account and stage again"),
        Progress::Journaled(change) => spinner.say(format!("change {change} is in the journal")),
        Progress::Sending(call) => spinner.say(format!("sending {}", call.request)),
        Progress::Waiting { status } => spinner.say(format!("sent; the cache is {status}")),
        Progress::Done => spinner.say("done"),
    };
    let store = context.changes();
    let applied = change::apply(session, plan, &store, &context.clock, &progress).boxed_local().await;
    drop(spinner);
    let interrupted = reading.interruption.is_cancelled();
    match applied {
        Err(ChangeError::Failed(_)) if interrupted => {
            Err(CliError::new(Ending::Interrupted, "interrupted: nothing was sent"))
        }
        Err(error) => Err(error.into()),
        Ok(applied) => report(&applied, plan, context.format, interrupted),
    }
}

fn report(applied: &Applied, plan: &Plan, format: Format, interrupted: bool) -> Result<(), CliError> {
    match (format, &applied.outcome) {
        (Format::Json, _) => print_json(&Report {
            change: applied.change.as_str(),
            target: &plan.target,
            outcome: applied.outcome.word(),
            why: applied.outcome.why(),
            request_ids: &applied.request_ids,
            unrecorded: applied.unrecorded.as_deref(),
        })?,
        (Format::Table, Outcome::Applied) => {
            print_text(&format!("flushed {} (change {})", plan.target, applied.change))?;
        }
        (Format::Table, _) => {}
    }
    let change = &applied.change;
    if let Some(cause) = &applied.unrecorded {
        return Err(unrecorded(applied, cause));
    }
    match &applied.outcome {
        Outcome::Applied => Ok(()),
        Outcome::NotApplied { why } => {
            Err(CliError::new(Ending::Failed, format!("nothing was changed (change {change}): {why}")))
        }
        Outcome::Unknown { why } if interrupted => {
            Err(CliError::new(Ending::Interrupted, format!("interrupted (change {change}): {why}"))
                .hint("`cellgate get stages` says whether the cache is AVAILABLE again"))
        }
        Outcome::Unknown { why } => {
            Err(CliError::new(Ending::Partly, format!("the outcome is open (change {change}): {why}"))
                .hint("`cellgate get stages` says how the cache is; look before you flush again"))
        }
    }
}

/// The journal has the intent alone: the outcome is in no other place than here.
fn unrecorded(applied: &Applied, cause: &str) -> CliError {
    let why = applied.outcome.why().map(|why| format!(" ({why})")).unwrap_or_default();
    let message = format!(
        "change {} was sent, outcome {}{why}, and is not recorded: {cause}",
        applied.change,
        applied.outcome.word()
    );
    CliError::new(Ending::Partly, message).hint("note the outcome; the journal has the change as open")
}
