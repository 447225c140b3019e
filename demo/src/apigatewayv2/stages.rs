//! The stages of an HTTP or WebSocket API: reading, making and deleting them, and what hangs off them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::update_stage::UpdateStage;
use super::{find, iso8601, listing};
use crate::estate::{ApiKind, MethodSetting, RouteKey, Stage};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_stages(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::api(estate, call)?;
        listing(call, api.stages.iter(), |stage| &stage.name, |stage| document(stage, api.kind))
    })
}

pub fn get_stage(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::api(estate, call)?;
        Answer::json(&document(find::stage(api, call)?, api.kind))
    })
}

pub fn create_stage(call: &Call<'_>) -> Result<Answer, Fault> {
    let request: CreateStage = call.body()?;
    let fields: UpdateStage = call.body()?;
    call.write(|estate| {
        let zeroes = estate.zeroes_partial_route_settings;
        let api = find::api_mut(estate, call)?;
        if api.stage(&request.stage_name).is_some() {
            return Err(Fault::new(409, "ConflictException", "Stage already exists"));
        }
        let legal = |name: &str| {
            name == "$default"
                || name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        };
        if request.stage_name.is_empty() || !legal(&request.stage_name) {
            return Err(Fault::bad_request("Stage name only allows a-zA-Z0-9_- or $default"));
        }
        let mut stage = crate::apigateway::new_stage("new", "", call.now)?;
        stage.name.clone_from(&request.stage_name);
        stage.tags = request.tags;
        fields.apply(&mut stage, api, zeroes)?;
        let deploys = stage.auto_deploy;
        api.stages.push(stage);
        if deploys {
            super::deployments::deploy(api, &request.stage_name, "Automatic deployment", true, call.now);
        }
        let made = api.stage(&request.stage_name).ok_or_else(|| Fault::internal("the stage went away"))?;
        Answer::created(&document(made, api.kind))
    })
}

pub fn delete_stage(call: &Call<'_>) -> Result<Answer, Fault> {
    call.write(|estate| {
        let api = find::api_mut(estate, call)?;
        find::stage(api, call)?;
        api.stages.retain(|stage| stage.name != call.parameter("stageName"));
        Ok(Answer::no_content())
    })
}

pub fn delete_route_settings(call: &Call<'_>) -> Result<Answer, Fault> {
    call.write(|estate| {
        let stage = find::stage_mut(find::api_mut(estate, call)?, call)?;
        let text = call.parameter("routeKey");
        let removed = RouteKey::parse(text).and_then(|key| stage.settings.overrides.remove(&key));
        removed.ok_or_else(|| Fault::not_found(format!("Unable to find Route by key {text}")))?;
        stage.last_updated = call.now;
        Ok(Answer::no_content())
    })
}

pub fn delete_access_log_settings(call: &Call<'_>) -> Result<Answer, Fault> {
    call.write(|estate| {
        let stage = find::stage_mut(find::api_mut(estate, call)?, call)?;
        stage.access_log = None;
        stage.last_updated = call.now;
        Ok(Answer::no_content())
    })
}

/// AWS: HTTP APIs only.
pub fn reset_authorizers_cache(call: &Call<'_>) -> Result<Answer, Fault> {
    call.write(|estate| {
        let api = find::api_mut(estate, call)?;
        if api.kind != ApiKind::Http {
            return Err(Fault::bad_request("Authorizer caches are supported on protocolType HTTP only"));
        }
        find::stage_mut(api, call)?.authorizers_emptied_at = Some(call.now);
        Ok(Answer::no_content())
    })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateStage {
    stage_name: String,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StageDocument<'a> {
    stage_name: &'a str,
    description: &'a str,
    deployment_id: &'a str,
    auto_deploy: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    api_gateway_managed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_certificate_id: Option<&'a str>,
    created_date: String,
    last_updated_date: String,
    default_route_settings: RouteSettingsDocument<'a>,
    route_settings: BTreeMap<String, RouteSettingsDocument<'a>>,
    stage_variables: &'a BTreeMap<String, String>,
    tags: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_log_settings: Option<AccessLogDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_deployment_status_message: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AccessLogDocument<'a> {
    destination_arn: &'a str,
    format: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RouteSettingsDocument<'a> {
    detailed_metrics_enabled: bool,
    /// AWS: execution logs are for WebSocket APIs only, and so are these two fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    logging_level: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_trace_enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    throttling_burst_limit: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    throttling_rate_limit: Option<f64>,
}

/// A stage as v2 writes it.
pub fn document(stage: &Stage, kind: ApiKind) -> StageDocument<'_> {
    let overrides = stage.settings.overrides.iter();
    StageDocument {
        stage_name: &stage.name,
        description: &stage.description,
        deployment_id: &stage.deployment_id,
        auto_deploy: stage.auto_deploy,
        api_gateway_managed: stage.managed,
        client_certificate_id: stage.client_certificate_id.as_deref(),
        created_date: iso8601(stage.created),
        last_updated_date: iso8601(stage.last_updated),
        default_route_settings: settings_document(stage.settings.default.as_ref(), kind),
        route_settings: overrides
            .map(|(key, setting)| (key.to_string(), settings_document(Some(setting), kind)))
            .collect(),
        stage_variables: &stage.variables,
        tags: &stage.tags,
        access_log_settings: stage
            .access_log
            .as_ref()
            .map(|log| AccessLogDocument { destination_arn: &log.destination_arn, format: &log.format }),
        last_deployment_status_message: stage
            .auto_deploy
            .then(|| format!("Successfully deployed stage with deployment ID '{}'", stage.deployment_id)),
    }
}

fn settings_document(setting: Option<&MethodSetting>, kind: ApiKind) -> RouteSettingsDocument<'_> {
    let logs = setting.filter(|_| kind == ApiKind::WebSocket);
    RouteSettingsDocument {
        detailed_metrics_enabled: setting.is_some_and(|setting| setting.metrics_enabled),
        logging_level: logs.map(|setting| setting.logging_level.as_str()),
        data_trace_enabled: logs.map(|setting| setting.data_trace_enabled),
        throttling_burst_limit: setting.map(|setting| setting.throttle.burst),
        throttling_rate_limit: setting.map(|setting| setting.throttle.rate),
    }
}
