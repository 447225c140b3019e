//! Reading the settings of whatever can be changed.

use super::keys_and_plans;
use crate::aws::{Mode, Session};
use crate::domain::change::{Settings, Target};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::levers::usage_plan;

/// Everything that can be read of a target, anew.
///
/// # Errors
/// Where it can't be read.
pub async fn settings_of<M: Mode>(session: &Session<M>, target: &Target) -> Result<Settings, Failure> {
    match target {
        Target::RestStage(stage) => session.rest_stage_settings(&stage.api, &stage.stage).await,
        Target::UsagePlan(plan) => Ok(usage_plan::settings(&session.usage_plan(&plan.id).await?)),
        Target::ApiKey(key) => keys_and_plans::key_settings(session, &key.id).await,
        Target::HttpStage(_) | Target::WebSocketStage(_) | Target::WebAcl(_) | Target::IpSet(_) => {
            Err(Failure::new(
                "reading settings",
                &target.to_string(),
                FailureKind::Refused,
                &format!("the settings of {} are not read by this version", target.kind()),
            ))
        }
    }
}
