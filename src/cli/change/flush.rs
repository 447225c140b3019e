//! The flush of a stage's cache as a part of something larger: planned before that begins, and made afterwards.

use futures_util::FutureExt as _;

use super::carry_out::{plan_of, tell};
use super::levers::TargetArgument;
use super::targets::{self, Found};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::reading::Reading;
use crate::cli::status::Spinner;
use crate::domain::api::Api;
use crate::domain::change::Plan;
use crate::domain::levers::Wanted;
use crate::domain::target::StageReference;
use crate::ops::change::{self, Applied, Progress};

/// A stage whose cache is to be flushed.
#[derive(Clone, Debug)]
pub struct Flush {
    pub plan: Plan,
    api: Option<Api>,
}

/// Plans the flush, and refuses what could not be flushed now.
///
/// # Errors
/// Unknown stage, a cache that is off, a change of the stage that was never finished.
pub async fn plan(
    stage: &StageReference,
    reading: &mut Reading<'_>,
    context: &Context,
) -> Result<Flush, CliError> {
    let name = stage.to_string();
    let Found { target, api } = targets::find(TargetArgument::Stage(&name), reading).await?;
    change::refuse_open(&reading.session, &context.changes(), &target, &context.clock).await?;
    let plan = plan_of(&target, api.as_ref(), &Wanted::FlushStageCache, reading, context).await?;
    Ok(Flush { plan, api })
}

/// Makes it, by a plan of now: what was planned may be long ago.
///
/// # Errors
/// As with every change; its outcome is in what it gives.
pub async fn make(flush: &Flush, reading: &Reading<'_>, context: &Context) -> Result<Applied, CliError> {
    let plan =
        plan_of(&flush.plan.target, flush.api.as_ref(), &Wanted::FlushStageCache, reading, context).await?;
    let session = reading.session.arm(reading.session.account().as_str(), None)?;
    let spinner = Spinner::start("checking");
    let progress = |progress: Progress| tell(&spinner, &progress);
    let store = context.changes();
    Ok(change::apply(&session, &plan, &store, &context.clock, &progress).boxed_local().await?)
}
