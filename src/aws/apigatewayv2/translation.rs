//! What the v2 control plane answers, as domain types.

use std::collections::BTreeMap;

use aws_sdk_apigatewayv2::types;

use crate::aws::translate::{count, map, optional, text, time};
use crate::domain::api::{Api, ApiKind, ApiOperation, Authorizer, EndpointType};
use crate::domain::deployment::Deployment;
use crate::domain::id::{ApiId, DeploymentId, StageName};
use crate::domain::method::MethodKey;
use crate::domain::stage::{MethodSettings, Stage, Throttle};

pub(super) fn api(from: &types::Api) -> Api {
    Api {
        id: ApiId::new(text(from.api_id())),
        name: text(from.name()),
        kind: match from.protocol_type() {
            Some(types::ProtocolType::Websocket) => ApiKind::WebSocket,
            _ => ApiKind::Http,
        },
        description: optional(from.description()),
        created: time(from.created_date()),
        // AWS: HTTP and WebSocket APIs have regional endpoints alone.
        endpoint_type: EndpointType::Regional,
        default_endpoint_disabled: from.disable_execute_api_endpoint().unwrap_or_default(),
        tags: map(from.tags()),
    }
}

pub(super) fn stage(api: &ApiId, from: &types::Stage) -> Stage {
    let routes = from.route_settings().into_iter().flatten();
    let mut settings: BTreeMap<MethodKey, MethodSettings> =
        routes.map(|(key, setting)| (MethodKey::from_route(key), route_settings(setting))).collect();
    if let Some(default) = from.default_route_settings() {
        settings.insert(MethodKey::All, route_settings(default));
    }
    Stage {
        api: api.clone(),
        name: StageName::new(text(from.stage_name())),
        deployment: optional(from.deployment_id()).map(DeploymentId::new),
        description: optional(from.description()),
        created: time(from.created_date()),
        last_updated: time(from.last_updated_date()),
        variables: map(from.stage_variables()),
        cache: None,
        canary: None,
        settings,
        auto_deploy: from.auto_deploy().unwrap_or_default(),
        tracing: None,
        access_log_destination: optional(
            from.access_log_settings().and_then(types::AccessLogSettings::destination_arn),
        ),
        web_acl_arn: None,
    }
}

/// An absent limit and one of 0 differ: AWS blocks all requests at 0.
fn route_settings(from: &types::RouteSettings) -> MethodSettings {
    MethodSettings {
        throttle: Throttle {
            rate: from.throttling_rate_limit(),
            burst: from.throttling_burst_limit().map(i64::from),
        },
        detailed_metrics: from.detailed_metrics_enabled().unwrap_or_default(),
        logging_level: optional(from.logging_level().map(types::LoggingLevel::as_str)),
        data_trace: from.data_trace_enabled().unwrap_or_default(),
        caching: false,
        cache_ttl_seconds: None,
    }
}

pub(super) fn deployment(api: &ApiId, from: &types::Deployment) -> Deployment {
    Deployment {
        api: api.clone(),
        id: DeploymentId::new(text(from.deployment_id())),
        created: time(from.created_date()),
        description: optional(from.description()),
        status: optional(from.deployment_status().map(types::DeploymentStatus::as_str)),
        auto_deployed: from.auto_deployed().unwrap_or_default(),
    }
}

pub(super) fn operation(from: &types::Route) -> ApiOperation {
    ApiOperation {
        name: text(from.route_key()),
        authorization: optional(from.authorization_type().map(types::AuthorizationType::as_str)),
        api_key_required: from.api_key_required().unwrap_or_default(),
    }
}

pub(super) fn authorizer(from: &types::Authorizer) -> Authorizer {
    Authorizer {
        id: text(from.authorizer_id()),
        name: text(from.name()),
        kind: text(from.authorizer_type().map(types::AuthorizerType::as_str)),
        result_ttl_seconds: count(from.authorizer_result_ttl_in_seconds()),
    }
}
