//! Changes of the second control plane. Each is sent once, and returns AWS's request id: after a failure that
//! isn't a refusal by AWS nobody knows whether it arrived. Use them through a plan.

use aws_sdk_apigatewayv2::operation::RequestId as _;
use aws_sdk_apigatewayv2::types;

use crate::aws::mode::Operate;
use crate::aws::operations::{
    V2_DELETE_ACCESS_LOG_SETTINGS, V2_DELETE_ROUTE_SETTINGS, V2_RESET_AUTHORIZERS_CACHE, V2_UPDATE_STAGE,
};
use crate::aws::session::Session;
use crate::aws::translate::optional;
use crate::domain::change::{AccessLogSettings, RouteSettings, StageUpdate};
use crate::domain::failure::Failure;
use crate::domain::id::{ApiId, DeploymentId, StageName};

impl Session<Operate> {
    /// Replaces members of a stage (`UpdateStage`): what `update` doesn't have stays as it is.
    pub async fn update_http_stage(
        &self,
        api: &ApiId,
        stage: &StageName,
        update: &StageUpdate,
    ) -> Result<Option<String>, Failure> {
        let routes = update.route_settings.as_ref().map(|routes| {
            routes.iter().map(|(route, settings)| (route.clone(), route_settings(settings))).collect()
        });
        let variables = update.variables.as_ref().map(|variables| variables.clone().into_iter().collect());
        let answer = self
            .change(&V2_UPDATE_STAGE, &format!("{api}/{stage}"), || {
                self.clients
                    .v2
                    .update_stage()
                    .api_id(api.as_str())
                    .stage_name(stage.as_str())
                    .set_auto_deploy(update.auto_deploy)
                    .set_deployment_id(update.deployment.as_ref().map(DeploymentId::to_string))
                    .set_description(update.description.clone())
                    .set_default_route_settings(update.default_route_settings.as_ref().map(route_settings))
                    .set_route_settings(routes.clone())
                    .set_stage_variables(variables.clone())
                    .set_access_log_settings(update.access_log.as_ref().map(access_log))
                    .send()
            })
            .await?;
        Ok(optional(answer.request_id()))
    }

    /// Takes a route's own settings away (`DeleteRouteSettings`).
    pub async fn delete_route_settings(
        &self,
        api: &ApiId,
        stage: &StageName,
        route: &str,
    ) -> Result<Option<String>, Failure> {
        let answer = self
            .change(&V2_DELETE_ROUTE_SETTINGS, &format!("{api}/{stage}"), || {
                let request = self.clients.v2.delete_route_settings().api_id(api.as_str());
                request.stage_name(stage.as_str()).route_key(route).send()
            })
            .await?;
        Ok(optional(answer.request_id()))
    }

    /// Takes a stage's access logs away (`DeleteAccessLogSettings`).
    pub async fn delete_access_log_settings(
        &self,
        api: &ApiId,
        stage: &StageName,
    ) -> Result<Option<String>, Failure> {
        let answer = self
            .change(&V2_DELETE_ACCESS_LOG_SETTINGS, &format!("{api}/{stage}"), || {
                let request = self.clients.v2.delete_access_log_settings();
                request.api_id(api.as_str()).stage_name(stage.as_str()).send()
            })
            .await?;
        Ok(optional(answer.request_id()))
    }

    /// Empties what authorizers of an HTTP stage have answered (`ResetAuthorizersCache`).
    pub async fn reset_authorizers_cache(
        &self,
        api: &ApiId,
        stage: &StageName,
    ) -> Result<Option<String>, Failure> {
        let answer = self
            .change(&V2_RESET_AUTHORIZERS_CACHE, &format!("{api}/{stage}"), || {
                let request = self.clients.v2.reset_authorizers_cache();
                request.api_id(api.as_str()).stage_name(stage.as_str()).send()
            })
            .await?;
        Ok(optional(answer.request_id()))
    }
}

fn route_settings(from: &RouteSettings) -> types::RouteSettings {
    types::RouteSettings::builder()
        .set_throttling_rate_limit(from.rate)
        .set_throttling_burst_limit(from.burst.map(|burst| i32::try_from(burst).unwrap_or(i32::MAX)))
        .set_detailed_metrics_enabled(from.detailed_metrics)
        .set_logging_level(from.logging_level.as_deref().map(types::LoggingLevel::from))
        .set_data_trace_enabled(from.data_trace)
        .build()
}

fn access_log(from: &AccessLogSettings) -> types::AccessLogSettings {
    types::AccessLogSettings::builder()
        .set_destination_arn(from.destination_arn.clone())
        .set_format(from.format.clone())
        .build()
}
