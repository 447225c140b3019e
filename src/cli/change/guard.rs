//! `--guard CONDITION --for DURATION`: watching a change after it was made, and taking it back.

use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::carry_out::{grounds, tell};
use super::levers::TargetArgument;
use super::targets;
use crate::aws::{Operate, Session};
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::reading::Reading;
use crate::cli::status::{Spinner, note};
use crate::domain::api::Api;
use crate::domain::cell;
use crate::domain::change::{Outcome, Plan, PlannedGuard, Refusal, Settings, Target, Undo};
use crate::domain::condition::Condition;
use crate::domain::condition::watch::{JudgedMinute, Verdict, Watch};
use crate::domain::history::ChangeHistory;
use crate::domain::id::ChangeId;
use crate::domain::levers::rest_stage;
use crate::domain::target::StageTarget;
use crate::ops::change::{self, Progress};
use crate::ops::guard::{self, Ended, Guard, Post};
use crate::ops::signals::shares_metrics;

/// How a change is watched.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct GuardArguments {
    /// Watch this afterwards, such as "5xx < 1%", and take the change back where it doesn't hold
    #[arg(long, value_name = "CONDITION", requires = "lasting")]
    guard: Option<Condition>,
    /// For how long to watch, such as 10m
    #[arg(long = "for", value_name = "DURATION", requires = "guard")]
    lasting: Option<SignedDuration>,
    /// Leave the change as it is where the guard is breached, and only say so
    #[arg(long, requires = "guard")]
    no_undo: bool,
    /// The stage whose signals are watched, where the change is not one of a stage
    #[arg(long, value_name = "API/STAGE", requires = "guard")]
    watch: Option<String>,
}

impl GuardArguments {
    /// What is watched, and for how long; none where no guard is wanted.
    pub fn wanted(&self) -> Option<(&Condition, SignedDuration)> {
        self.guard.as_ref().zip(self.lasting)
    }

    /// Whether a breach takes the change back.
    pub fn undoes(&self) -> bool {
        !self.no_undo
    }

    /// The stage that is watched in place of the changed one.
    pub fn watched(&self) -> Option<&str> {
        self.watch.as_deref()
    }

    /// # Errors
    /// Usage, where one is given to a command that makes no change of its own.
    pub fn refuse(&self, instead: &str) -> Result<(), CliError> {
        match self.guard {
            Some(_) => {
                Err(CliError::new(Ending::Usage, "a guard watches a change from its start").hint(instead))
            }
            None => Ok(()),
        }
    }
}

/// A guard that could be proven.
#[derive(Clone, Debug)]
pub struct Posted {
    guard: Guard,
    post: Post,
    undo: bool,
    stage: Target,
}

impl Posted {
    /// How it stands in the plan.
    pub fn planned(&self) -> PlannedGuard {
        PlannedGuard {
            condition: self.guard.condition.to_string(),
            seconds: self.guard.lasting.as_secs(),
            undo: self.undo,
            stage: self.stage.clone(),
        }
    }
}

/// What a guard came to.
#[derive(Clone, Debug)]
pub struct Guarded {
    condition: String,
    ended: Ended,
    /// What became of taking it back, where that was tried: the undo with its outcome, or why there is none.
    undone: Option<Result<(ChangeId, Outcome), String>>,
}

/// The same as JSON.
#[derive(Debug, Serialize)]
pub struct GuardReport<'guard> {
    condition: &'guard str,
    /// `passed`, `breached`, `unproven`, or `pending` where it was broken off.
    verdict: &'static str,
    why: String,
    minutes: &'guard [JudgedMinute],
    /// The change that took this one back, and its outcome.
    undone_by: Option<&'guard ChangeId>,
    undo_outcome: Option<&'static str>,
}

/// Finds the stage to watch and asks whether the guard could be proven at all.
///
/// # Errors
/// Refused where it could not, or could not do what it is for.
pub async fn prepare(
    arguments: &GuardArguments,
    plan: &Plan,
    reading: &mut Reading<'_>,
    context: &Context,
) -> Result<Option<Posted>, CliError> {
    let (Some(condition), Some(lasting)) = (&arguments.guard, arguments.lasting) else { return Ok(None) };
    let undo = !arguments.no_undo;
    if let (true, Undo::Impossible { why }) = (undo, &plan.undo) {
        let why = format!("a guard could not take this back: {why}");
        return Err(CliError::from(Refusal::Forbidden { target: plan.target.to_string(), why })
            .hint("give --no-undo to be told only"));
    }
    let (api, stage) = stage(arguments.watch.as_deref(), plan, reading).await?;
    let watched = Target::stage_of(api.kind, stage.clone());
    let settings = change::settings_of(&reading.session, &watched).await;
    let post = post(api, stage, &settings.unwrap_or_default(), reading, context);
    let guard = Guard { condition: condition.clone(), lasting };
    let spinner = Spinner::start("asking whether the guard can be proven");
    let proven = guard::prove(&reading.session, &guard, &post, &context.clock).boxed_local().await;
    drop(spinner);
    proven?;
    let then = if undo { "a breach takes the change back" } else { "a breach is only reported" };
    note(&format!(
        "  {:<10}{condition} for {lasting:#} on {}/{}; {then}",
        "guard", post.api.name, post.stage
    ));
    Ok(Some(Posted { guard, post, undo, stage: watched }))
}

/// The stage that is watched: the one that was named, or that of the plan.
///
/// # Errors
/// Where there is none.
pub async fn stage(
    watched: Option<&str>,
    plan: &Plan,
    reading: &mut Reading<'_>,
) -> Result<(Api, StageTarget), CliError> {
    let target = match watched {
        Some(typed) => targets::find(TargetArgument::Stage(typed), reading).await?.target,
        None => plan.target.clone(),
    };
    let Some(stage) = target.stage() else {
        let message = format!("{target} is a {}, which has no signals of its own", target.kind());
        return Err(CliError::new(Ending::Usage, message).hint("name the stage to watch: --watch API/STAGE"));
    };
    let api = targets::api_of(&target, reading).await?;
    let api =
        api.ok_or_else(|| CliError::new(Ending::NotFound, format!("the API {} has gone", stage.api)))?;
    Ok((api, stage.clone()))
}

/// Whose figures are watched, with what stands around the stage.
pub fn post(
    api: Api,
    stage: StageTarget,
    settings: &Settings,
    reading: &Reading<'_>,
    context: &Context,
) -> Post {
    let all = reading.apis();
    let folded = shares_metrics(&api, all.iter().map(|entry| &entry.api));
    let cell = reading.entry(&api).and_then(|entry| cell::cell_of(entry, &context.settings.cells));
    // arn:aws:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID
    let web_acl = settings.get(rest_stage::WEB_ACL).and_then(|arn| arn.split('/').nth(2)).map(str::to_owned);
    let mapping_table = context.settings.mapping.table.clone();
    Post { api, stage: stage.stage, folded, cell, web_acl, mapping_table }
}

/// Goes on with a guard that was cut off, from the beginning of its time: CloudWatch has kept the minutes in
/// which nobody looked.
///
/// # Errors
/// Where the stage can't be found, or the change has no guard that could be gone on with.
pub async fn resume(
    change: &ChangeHistory,
    reading: &mut Reading<'_>,
    context: &Context,
) -> Result<Guarded, CliError> {
    let begun = change.watching.or(change.end.as_ref().map(|end| end.at));
    let (Some(planned), Some(since)) = (&change.plan.guard, begun) else {
        return Err(CliError::new(Ending::Refused, format!("the change {} has no guard", change.id)));
    };
    let condition: Condition =
        planned.condition.parse().map_err(|error| CliError::new(Ending::Failed, format!("{error}")))?;
    let api = targets::api_of(&planned.stage, reading).await?;
    let (Some(stage), Some(api)) = (planned.stage.stage(), api) else {
        return Err(CliError::new(Ending::NotFound, format!("{} has gone", planned.stage)));
    };
    let settings = change::settings_of(&reading.session, &planned.stage).await.unwrap_or_default();
    let posted = Posted {
        guard: Guard { condition, lasting: SignedDuration::from_secs(planned.seconds) },
        post: post(api, stage.clone(), &settings, reading, context),
        undo: planned.undo,
        stage: planned.stage.clone(),
    };
    let session = reading.session.arm(reading.session.account().as_str(), None)?;
    Ok(watch(&posted, &change.id, Some(since), &session, reading, context).await)
}

/// Watches a change and, where the guard is breached, takes it back. It begins now, or where it was cut off.
pub async fn watch(
    posted: &Posted,
    change: &ChangeId,
    since: Option<Timestamp>,
    session: &Session<Operate>,
    reading: &Reading<'_>,
    context: &Context,
) -> Guarded {
    let Posted { guard, post, undo, .. } = posted;
    let store = context.changes();
    let changed_at = since.unwrap_or_else(|| session.now(context.clock.now()));
    if since.is_none()
        && let Err(error) = change::record_watching(session, change, changed_at, &store, &context.clock).await
    {
        note(&format!("warning: the journal doesn't know that the guard began: {error}"));
    }
    let watch = Watch::new(guard.condition.clone(), changed_at, guard.lasting);
    let spinner = Spinner::start("watching");
    let told = std::sync::atomic::AtomicUsize::new(0);
    let seen = |watched: &crate::domain::condition::watch::Watched| {
        let before = told.swap(watched.minutes.len(), std::sync::atomic::Ordering::Relaxed);
        for JudgedMinute { minute, judgement } in watched.minutes.iter().skip(before) {
            note(&format!("guard: {} {}", minute.strftime("%H:%MZ"), judgement.word()));
        }
        spinner.say(format!("guard: {}", watched.verdict));
    };
    let interruption = &reading.interruption;
    let watching = guard::watch(session, &watch, post, &context.clock, interruption, &seen);
    let ended = watching.boxed_local().await;
    drop(spinner);
    let breached = matches!(ended.watched.verdict, Verdict::Breached(_)) && !ended.broken_off;
    let undone = if breached && *undo {
        note(&format!("guard: {}; taking {change} back", ended.watched.verdict));
        Some(take_back(change, post, session, reading, context).boxed_local().await)
    } else {
        None
    };
    if !ended.broken_off {
        let verdict = &ended.watched.verdict;
        let told = (verdict.word(), verdict.to_string());
        if let Err(error) = change::record_watched(session, change, told, &store, &context.clock).await {
            note(&format!("warning: the journal doesn't know what the guard came to: {error}"));
        }
    }
    Guarded { condition: guard.condition.to_string(), ended, undone }
}

async fn take_back(
    change: &ChangeId,
    post: &Post,
    session: &Session<Operate>,
    reading: &Reading<'_>,
    context: &Context,
) -> Result<(ChangeId, Outcome), String> {
    let store = context.changes();
    let known = change::known_changes(session, &store).await.map_err(|error| error.to_string())?;
    let made = known.iter().find(|known| known.id == *change);
    let made = made.ok_or_else(|| format!("the journal doesn't have {change}"))?;
    let region = reading.region().cloned().unwrap_or_default();
    let grounds = grounds(&region, Some(&post.api), &known, context);
    let plan = change::plan_undo(session, made, &grounds).await.map_err(|error| error.to_string())?;
    let spinner = Spinner::start("taking it back");
    let progress = |progress: Progress| tell(&spinner, &progress);
    let applied = change::apply(session, &plan, &store, &context.clock, &progress).await;
    drop(spinner);
    let applied = applied.map_err(|error| error.to_string())?;
    match applied.unrecorded {
        Some(cause) => Err(format!("{} was sent and is not recorded: {cause}", applied.change)),
        None => Ok((applied.change, applied.outcome)),
    }
}

impl Guarded {
    pub fn report(&self) -> GuardReport<'_> {
        let undone = self.undone.as_ref().and_then(|undone| undone.as_ref().ok());
        GuardReport {
            condition: &self.condition,
            verdict: self.ended.watched.verdict.word(),
            why: self.ended.watched.verdict.to_string(),
            minutes: &self.ended.watched.minutes,
            undone_by: undone.map(|(change, _)| change),
            undo_outcome: undone.map(|(_, outcome)| outcome.word()),
        }
    }

    /// The exit that it means: only what was proven is well.
    ///
    /// # Errors
    /// Whatever didn't pass.
    pub fn ending(&self, change: &ChangeId) -> Result<(), CliError> {
        let verdict = &self.ended.watched.verdict;
        let takes_back = format!("`cellgate undo {change}` takes it back");
        if self.ended.broken_off {
            let message = format!("interrupted: the guard was broken off, and the change {change} stays");
            let goes_on = format!("`cellgate finish {change}` goes on watching; {takes_back}");
            return Err(CliError::new(Ending::Interrupted, message).hint(goes_on));
        }
        match (verdict, &self.undone) {
            (Verdict::Passed, _) => Ok(()),
            (Verdict::Breached(_), Some(Ok((undo, Outcome::Applied)))) => Err(CliError::new(
                Ending::Findings,
                format!("the guard was {verdict}; the change {change} was taken back by {undo}"),
            )),
            (Verdict::Breached(_), Some(Ok((undo, outcome)))) => {
                let why = outcome.why().unwrap_or_default();
                let message = format!(
                    "the guard was {verdict}; taking the change {change} back is {} ({undo}): {why}",
                    outcome.word()
                );
                Err(CliError::new(Ending::Partly, message).hint("look at the target"))
            }
            (Verdict::Breached(_), Some(Err(why))) => {
                let message = format!("the guard was {verdict}; the change {change} stays: {why}");
                Err(CliError::new(Ending::Partly, message).hint(takes_back))
            }
            (Verdict::Breached(_), None) => {
                let message = format!("the guard was {verdict}; the change {change} stays");
                Err(CliError::new(Ending::Findings, message).hint(takes_back))
            }
            (Verdict::Unproven(_) | Verdict::Pending { .. }, _) => {
                let message = format!("the guard is {verdict}; the change {change} stays");
                Err(CliError::new(Ending::Findings, message).hint(takes_back))
            }
        }
    }
}
