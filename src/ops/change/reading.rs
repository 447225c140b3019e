//! Reading the settings of whatever can be changed.

use super::waf;
use crate::aws::{Mode, Session};
use crate::domain::api::ApiKind;
use crate::domain::change::{Settings, Target};
use crate::domain::failure::{Failure, FailureKind};

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
        Target::WebAcl(acl) => waf::settings_of_web_acl(session, acl).await,
        Target::IpSet(set) => waf::settings_of_ip_set(session, set).await,
        Target::UsagePlan(_) | Target::ApiKey(_) => Err(Failure::new(
            "reading settings",
            &target.to_string(),
            FailureKind::Refused,
            &format!("the settings of {} are not read by this version", target.kind()),
        )),
    }
}
