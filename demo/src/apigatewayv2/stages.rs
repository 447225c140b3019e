//! The stages of an HTTP or WebSocket API.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{find, iso8601, listing};
use crate::estate::{ApiKind, MethodSetting, Stage};
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
        let stage = api.stage(call.parameter("stageName"));
        let stage = stage.ok_or_else(|| Fault::not_found("Invalid stage identifier specified"))?;
        Answer::json(&document(stage, api.kind))
    })
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StageDocument<'a> {
    stage_name: &'a str,
    description: &'a str,
    deployment_id: &'a str,
    auto_deploy: bool,
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

fn document(stage: &Stage, kind: ApiKind) -> StageDocument<'_> {
    let overrides = stage.settings.overrides.iter();
    StageDocument {
        stage_name: &stage.name,
        description: &stage.description,
        deployment_id: &stage.deployment_id,
        auto_deploy: stage.auto_deploy,
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
