//! What the v1 control plane answers, as domain types.

use std::collections::BTreeMap;

use aws_sdk_apigateway::operation::get_stage::GetStageOutput;
use aws_sdk_apigateway::operation::get_usage_plan::GetUsagePlanOutput;
use aws_sdk_apigateway::types;

use crate::aws::translate::{count, map, optional, text, time};
use crate::domain::api::{Api, ApiKind, ApiOperation, Authorizer, EndpointType};
use crate::domain::api_key::{ApiKey, KeyStage};
use crate::domain::deployment::Deployment;
use crate::domain::id::{ApiId, ApiKeyId, DeploymentId, StageName, UsagePlanId};
use crate::domain::method::MethodKey;
use crate::domain::stage::{Cache, CacheStatus, Canary, MethodSettings, Stage, Throttle};
use crate::domain::usage_plan::{PlanStage, Quota, UsagePlan};

pub(super) fn api(from: &types::RestApi) -> Api {
    let endpoint = from.endpoint_configuration().and_then(|endpoint| endpoint.types().first());
    Api {
        id: ApiId::new(text(from.id())),
        name: text(from.name()),
        kind: ApiKind::Rest,
        description: optional(from.description()),
        created: time(from.created_date()),
        endpoint_type: match endpoint {
            Some(types::EndpointType::Regional) => EndpointType::Regional,
            Some(types::EndpointType::Edge) => EndpointType::Edge,
            Some(types::EndpointType::Private) => EndpointType::Private,
            _ => EndpointType::Unknown,
        },
        default_endpoint_disabled: from.disable_execute_api_endpoint(),
        tags: map(from.tags()),
    }
}

/// `GetStages` and `GetStage` answer with the same fields in two types.
macro_rules! stage_from {
    ($api:expr, $from:expr) => {{
        let from = $from;
        Stage {
            api: $api.clone(),
            name: StageName::new(text(from.stage_name())),
            deployment: optional(from.deployment_id()).map(DeploymentId::new),
            description: optional(from.description()),
            created: time(from.created_date()),
            last_updated: time(from.last_updated_date()),
            variables: map(from.variables()),
            cache: Some(Cache {
                enabled: from.cache_cluster_enabled(),
                size: optional(from.cache_cluster_size().map(types::CacheClusterSize::as_str)),
                status: CacheStatus::from_aws(
                    from.cache_cluster_status().map_or("", types::CacheClusterStatus::as_str),
                ),
            }),
            canary: from.canary_settings().map(canary),
            settings: from
                .method_settings()
                .into_iter()
                .flatten()
                .map(|(key, setting)| (MethodKey::from_method_setting(key), method_settings(setting)))
                .collect::<BTreeMap<_, _>>(),
            auto_deploy: false,
            tracing: Some(from.tracing_enabled()),
            access_log_destination: optional(
                from.access_log_settings().and_then(types::AccessLogSettings::destination_arn),
            ),
            web_acl_arn: optional(from.web_acl_arn()),
        }
    }};
}

pub(super) fn stage(api: &ApiId, from: &types::Stage) -> Stage {
    stage_from!(api, from)
}

pub(super) fn stage_answer(api: &ApiId, from: &GetStageOutput) -> Stage {
    stage_from!(api, from)
}

fn canary(from: &types::CanarySettings) -> Canary {
    Canary {
        deployment: optional(from.deployment_id()).map(DeploymentId::new),
        percent_traffic: from.percent_traffic(),
        use_stage_cache: from.use_stage_cache(),
    }
}

fn method_settings(from: &types::MethodSetting) -> MethodSettings {
    MethodSettings {
        throttle: throttle_of(from.throttling_rate_limit(), from.throttling_burst_limit()),
        detailed_metrics: from.metrics_enabled(),
        logging_level: optional(from.logging_level()),
        data_trace: from.data_trace_enabled(),
        caching: from.caching_enabled(),
        cache_ttl_seconds: count(Some(from.cache_ttl_in_seconds())),
    }
}

pub(super) fn throttle(from: Option<&types::ThrottleSettings>) -> Throttle {
    from.map_or_else(Throttle::default, |from| throttle_of(from.rate_limit(), from.burst_limit()))
}

/// A negative limit is how a stage's throttle is cleared.
fn throttle_of(rate: f64, burst: i32) -> Throttle {
    Throttle { rate: (rate >= 0.0).then_some(rate), burst: (burst >= 0).then_some(i64::from(burst)) }
}

pub(super) fn deployment(api: &ApiId, from: &types::Deployment) -> Deployment {
    Deployment {
        api: api.clone(),
        id: DeploymentId::new(text(from.id())),
        created: time(from.created_date()),
        description: optional(from.description()),
        status: None,
        auto_deployed: false,
    }
}

/// The methods of one resource, such as `GET /users/{id}`.
pub(super) fn operations(from: &types::Resource) -> Vec<ApiOperation> {
    let path = text(from.path());
    let methods = from.resource_methods().into_iter().flatten();
    methods
        .map(|(verb, method)| ApiOperation {
            name: format!("{} {path}", text(Some(verb))),
            authorization: optional(method.authorization_type()),
            api_key_required: method.api_key_required().unwrap_or_default(),
        })
        .collect()
}

pub(super) fn authorizer(from: &types::Authorizer) -> Authorizer {
    Authorizer {
        id: text(from.id()),
        name: text(from.name()),
        kind: text(from.r#type().map(types::AuthorizerType::as_str)),
        result_ttl_seconds: count(from.authorizer_result_ttl_in_seconds()),
    }
}

/// `GetUsagePlans` and `GetUsagePlan` answer with the same fields in two types.
macro_rules! usage_plan_from {
    ($from:expr) => {{
        let from = $from;
        UsagePlan {
            id: UsagePlanId::new(text(from.id())),
            name: text(from.name()),
            description: optional(from.description()),
            throttle: throttle(from.throttle()),
            quota: from.quota().map(|quota| Quota {
                limit: i64::from(quota.limit()),
                offset: i64::from(quota.offset()),
                period: text(quota.period().map(types::QuotaPeriodType::as_str)),
            }),
            stages: from
                .api_stages()
                .iter()
                .map(|stage| PlanStage {
                    api: ApiId::new(text(stage.api_id())),
                    stage: StageName::new(text(stage.stage())),
                    method_throttles: stage
                        .throttle()
                        .into_iter()
                        .flatten()
                        .map(|(key, limits)| (MethodKey::from_method_setting(key), throttle(Some(limits))))
                        .collect(),
                })
                .collect(),
            key_count: None,
        }
    }};
}

pub(super) fn usage_plan(from: &types::UsagePlan) -> UsagePlan {
    usage_plan_from!(from)
}

pub(super) fn usage_plan_answer(from: &GetUsagePlanOutput) -> UsagePlan {
    usage_plan_from!(from)
}

/// Leaves the key's value behind, should a server send it unasked.
pub(super) fn api_key(from: &types::ApiKey) -> ApiKey {
    ApiKey {
        id: ApiKeyId::new(text(from.id())),
        name: text(from.name()),
        description: optional(from.description()),
        customer_id: optional(from.customer_id()),
        enabled: from.enabled(),
        created: time(from.created_date()),
        last_updated: time(from.last_updated_date()),
        stages: from.stage_keys().iter().filter_map(|stage| KeyStage::of(stage)).collect(),
        tags: map(from.tags()),
    }
}
