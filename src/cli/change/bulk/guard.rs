//! `--guard` of a bulk: what is watched after each wave.

use futures_util::FutureExt as _;

use crate::cli::change::guard::{GuardArguments, post, stage};
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::reading::Reading;
use crate::cli::status::{Spinner, note};
use crate::domain::bulk::BulkPlan;
use crate::domain::change::{Plan, Refusal, Target, Undo};
use crate::ops::bulk::{self, BulkGuard, Posts};
use crate::ops::change;
use crate::ops::guard::{Guard, Post};
use crate::ops::inventory::Request;

/// Finds the stages to watch and asks whether the guard could be proven on them at all.
///
/// # Errors
/// Refused where it could not, or could not do what it is for.
pub async fn prepare(
    arguments: &GuardArguments,
    plan: &BulkPlan,
    reading: &mut Reading<'_>,
    context: &Context,
) -> Result<Option<BulkGuard>, CliError> {
    let Some((condition, lasting)) = arguments.wanted() else { return Ok(None) };
    let undo = arguments.undoes();
    let stays = plan.parts.iter().find_map(|part| match &part.undo {
        Undo::Impossible { why } => Some((part.target.to_string(), why)),
        Undo::Possible { .. } => None,
    });
    if let (true, Some((target, why))) = (undo, stays) {
        let why = format!("a guard could not take this back: {why}");
        return Err(CliError::from(Refusal::Forbidden { target, why }).hint("give --no-undo to be told only"));
    }
    let spinner = Spinner::start("asking whether the guard can be proven");
    let posts = if let (Some(watched), Some(first)) = (arguments.watched(), plan.parts.first()) {
        let (api, stage) = stage(Some(watched), first, reading).await?;
        let target = Target::stage_of(api.kind, stage.clone());
        let settings = change::settings_of(&reading.session, &target).await.unwrap_or_default();
        Posts::One(Box::new(post(api, stage, &settings, reading, context)))
    } else {
        reading.read("APIs", vec![Request::Apis]).await?;
        let mut posts = Vec::new();
        for part in &plan.parts {
            posts.push(post_of(part, reading, context).await?);
        }
        Posts::OfParts(posts)
    };
    let guard = BulkGuard { guard: Guard { condition: condition.clone(), lasting }, posts, undo };
    let proven = bulk::prove(&reading.session, &guard, &context.clock).boxed_local().await;
    drop(spinner);
    proven?;
    let on = match &guard.posts {
        Posts::One(post) => format!("{}/{}", post.api.name, post.stage),
        Posts::OfParts(_) => "the stages that it changed".to_owned(),
    };
    let then = if undo { "a breach takes all back" } else { "a breach only stops" };
    note(&format!("  {:<10}{condition} for {lasting:#} after each wave on {on}; {then}", "guard"));
    Ok(Some(guard))
}

async fn post_of(part: &Plan, reading: &Reading<'_>, context: &Context) -> Result<Post, CliError> {
    let Some(stage) = part.target.stage() else {
        let message = format!("{} is {}, which has no signals of its own", part.target, part.target.kind());
        return Err(CliError::new(Ending::Usage, message).hint("name the stage to watch: --watch API/STAGE"));
    };
    let api = reading.api(stage.api.as_str())?;
    let settings = change::settings_of(&reading.session, &part.target).await.unwrap_or_default();
    Ok(post(api, stage.clone(), &settings, reading, context))
}
