//! The target that a command means, read from AWS and not from what was typed.

use super::levers::TargetArgument;
use super::named;
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::interrupt;
use crate::cli::reading::Reading;
use crate::cli::resolve::{self, Resolved};
use crate::domain::api::Api;
use crate::domain::change::Target;
use crate::domain::id::StageName;
use crate::domain::target::{StageReference, StageTarget, TargetError, unknown_stage};
use crate::ops::inventory::{Family, Request};

/// A target with what is known of it.
#[derive(Clone, Debug)]
pub struct Found {
    pub target: Target,
    /// The API of a stage.
    pub api: Option<Api>,
}

/// Refuses what names no target, before anything is read.
///
/// # Errors
/// Usage, with the way to a list.
pub fn judge(typed: TargetArgument<'_>) -> Result<(), CliError> {
    match typed {
        TargetArgument::Stage(stage) => reference(stage).map(drop),
        TargetArgument::Stages(named) => named.stages.iter().try_for_each(|stage| reference(stage).map(drop)),
        // Any text may be a name: the list tells.
        TargetArgument::WebAcl(_)
        | TargetArgument::IpSet(_)
        | TargetArgument::UsagePlan(_)
        | TargetArgument::ApiKey(_) => Ok(()),
    }
}

/// A stage as it was typed.
///
/// # Errors
/// Usage, with the way to a list.
pub fn reference(stage: &str) -> Result<StageReference, CliError> {
    let parsed = stage.parse::<StageReference>();
    parsed.map_err(|error: TargetError| CliError::from(error).hint("`cellgate get stages` lists the stages"))
}

/// Finds what was named, in the one region that has it.
///
/// # Errors
/// As [`find`]; also where several regions have it, or one that can't be read may.
pub async fn locate<'context>(
    typed: TargetArgument<'_>,
    context: &'context Context,
) -> Result<Resolved<'context, Found>, CliError> {
    judge(typed)?;
    let interruption = interrupt::watch();
    let find = async |reading: &mut Reading<'_>| find(typed, reading).await;
    resolve::resolve(context, &words(typed), &interruption, find).await
}

/// What was typed, for messages; an API key's name may be its value, which is a secret.
fn words(typed: TargetArgument<'_>) -> String {
    match typed {
        TargetArgument::Stage(stage) => stage.to_owned(),
        TargetArgument::Stages(named) => named.stages.join(", "),
        TargetArgument::WebAcl(wanted) => format!("the web ACL {wanted}"),
        TargetArgument::IpSet(wanted) => format!("the IP set {wanted}"),
        TargetArgument::UsagePlan(wanted) => format!("the usage plan {wanted}"),
        TargetArgument::ApiKey(_) => "the API key".to_owned(),
    }
}

/// Finds what was named.
///
/// # Errors
/// Where there is no such thing, or several.
pub async fn find(typed: TargetArgument<'_>, reading: &mut Reading<'_>) -> Result<Found, CliError> {
    match typed {
        TargetArgument::Stage(stage) => find_stage(&reference(stage)?, reading).await,
        // Several have a way of their own.
        TargetArgument::Stages(_) => Err(CliError::new(Ending::Usage, "this takes one stage alone")),
        TargetArgument::WebAcl(wanted) => super::waf::find_web_acl(wanted, reading).await,
        TargetArgument::IpSet(wanted) => super::waf::find_ip_set(wanted, reading).await,
        TargetArgument::UsagePlan(plan) => {
            Ok(Found { target: Target::UsagePlan(named::usage_plan(plan, reading).await?), api: None })
        }
        TargetArgument::ApiKey(key) => {
            Ok(Found { target: Target::ApiKey(named::api_key(key, reading).await?), api: None })
        }
    }
}

/// The stage of a REST API that a command names beside its target.
///
/// # Errors
/// As [`find`]; also for stages of other APIs, which usage plans don't open.
pub async fn find_rest_stage(typed: &str, reading: &mut Reading<'_>) -> Result<StageTarget, CliError> {
    match find_stage(&reference(typed)?, reading).await?.target {
        Target::RestStage(stage) => Ok(stage),
        other => Err(CliError::new(
            Ending::Refused,
            format!("{other} is {}, and usage plans are for REST APIs alone", other.kind()),
        )),
    }
}

async fn find_stage(reference: &StageReference, reading: &mut Reading<'_>) -> Result<Found, CliError> {
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
    let stage = StageTarget { api: api.id.clone(), api_name: api.name.clone(), stage: wanted };
    Ok(Found { target: Target::stage_of(api.kind, stage), api: Some(api) })
}

/// The API of a stage that a plan or a journal names, for its metrics; none where it can't be read.
///
/// # Errors
/// Interrupted.
pub async fn api_of(target: &Target, reading: &mut Reading<'_>) -> Result<Option<Api>, CliError> {
    if let Target::WebAcl(_) | Target::IpSet(_) = target {
        // For the names and the traffic of the stages behind it.
        reading.read("APIs", vec![Request::Apis]).await?;
    }
    let Some(stage) = target.stage() else { return Ok(None) };
    reading.read("APIs", vec![Request::Apis]).await?;
    Ok(reading.api(stage.api.as_str()).ok())
}
