//! Reading the settings of whatever can be changed.

use super::waf;
use super::{connections, keys_and_plans};
use crate::aws::{Mode, Session};
use crate::domain::api::ApiKind;
use crate::domain::change::{Plan, Settings, Target};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::levers::{placement, usage_plan};

/// What a plan's target says now, as far as the plan is concerned.
///
/// # Errors
/// Where it can't be read.
pub async fn state_of<M: Mode>(session: &Session<M>, plan: &Plan) -> Result<Settings, Failure> {
    match plan.target {
        Target::Connections(_) => connections::state_of(session, plan).await,
        _ => settings_of(session, &plan.target).await,
    }
}

/// Everything that can be read of a target, anew.
///
/// # Errors
/// Where it can't be read.
pub async fn settings_of<M: Mode>(session: &Session<M>, target: &Target) -> Result<Settings, Failure> {
    match target {
        Target::RestStage(stage) => session.rest_stage_settings(&stage.api, &stage.stage).await,
        Target::HttpStage(stage) => session.v2_stage_settings(&stage.api, &stage.stage, ApiKind::Http).await,
        Target::WebSocketStage(stage) => {
            session.v2_stage_settings(&stage.api, &stage.stage, ApiKind::WebSocket).await
        }
        Target::UsagePlan(plan) => Ok(usage_plan::settings(&session.usage_plan(&plan.id).await?)),
        Target::ApiKey(key) => keys_and_plans::key_settings(session, &key.id).await,
        Target::WebAcl(acl) => waf::settings_of_web_acl(session, acl).await,
        Target::IpSet(set) => waf::settings_of_ip_set(session, set).await,
        Target::Customers(_) => {
            let message = "a move of customers has no settings that could be read";
            Err(Failure::new("GetItem", target.to_string(), FailureKind::Refused, message)
                .with_hint("`cellgate moves show` tells how it stands, `moves resume` goes on with it"))
        }
        Target::Placement(cell) => {
            let closed = session.placement_of(cell).await?;
            Ok(closed.map(|value| (placement::CLOSED.to_owned(), value)).into_iter().collect())
        }
        Target::Connections(_) => {
            let message = "which connections are meant stands in the plan alone";
            Err(Failure::new("GetConnection", target.to_string(), FailureKind::Refused, message))
        }
    }
}
