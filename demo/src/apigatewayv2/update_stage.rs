//! `UpdateStage` of v2: whole fields, not patches, and two traps that operators know.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{find, stages};
use crate::apigateway::check_log_format;
use crate::estate::{AccessLog, Api, ApiKind, MethodSetting, RouteKey, Stage, Throttle};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn update_stage(call: &Call<'_>) -> Result<Answer, Fault> {
    let request: UpdateStage = call.body()?;
    call.write(|estate| {
        let zeroes = estate.zeroes_partial_route_settings;
        let api = find::api_mut(estate, call)?;
        let mut draft = find::stage(api, call)?.clone();
        if draft.managed {
            // AWS: what quick create made is managed by API Gateway.
            return Err(Fault::bad_request(format!(
                "Stage {} is managed by API Gateway and cannot be modified",
                draft.name
            )));
        }
        request.apply(&mut draft, api, zeroes)?;
        let deploys = draft.auto_deploy && !find::stage(api, call)?.auto_deploy;
        draft.last_updated = call.now;
        let name = draft.name.clone();
        if let Some(stage) = api.stage_mut(&name) {
            *stage = draft;
        }
        if deploys {
            // AWS: turned on, it deploys what the API is now.
            super::deployments::deploy(api, &name, "Automatic deployment", true, call.now);
        }
        Answer::json(&stages::document(find::stage(api, call)?, api.kind))
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateStage {
    access_log_settings: Option<AccessLogSettings>,
    auto_deploy: Option<bool>,
    client_certificate_id: Option<String>,
    default_route_settings: Option<RouteSettings>,
    deployment_id: Option<String>,
    description: Option<String>,
    route_settings: Option<BTreeMap<String, RouteSettings>>,
    stage_variables: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AccessLogSettings {
    destination_arn: Option<String>,
    format: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RouteSettings {
    data_trace_enabled: Option<bool>,
    detailed_metrics_enabled: Option<bool>,
    logging_level: Option<String>,
    throttling_burst_limit: Option<i64>,
    throttling_rate_limit: Option<f64>,
}

impl UpdateStage {
    /// Alters a stage by the fields that are there. `zeroes`: see
    /// [`crate::estate::Estate::zeroes_partial_route_settings`].
    pub fn apply(&self, stage: &mut Stage, api: &Api, zeroes: bool) -> Result<(), Fault> {
        if let Some(id) = self.deployment_id.as_deref().filter(|id| *id != stage.deployment_id) {
            if stage.auto_deploy {
                return Err(Fault::bad_request(
                    "Deployment ID cannot be updated on a stage with AutoDeploy enabled",
                ));
            }
            if api.deployment(id).is_none() {
                return Err(Fault::not_found(format!("Unable to find Deployment by id {id}")));
            }
            id.clone_into(&mut stage.deployment_id);
        }
        if let Some(auto_deploy) = self.auto_deploy {
            stage.auto_deploy = auto_deploy;
        }
        if let Some(description) = &self.description {
            stage.description.clone_from(description);
        }
        if let Some(certificate) = &self.client_certificate_id {
            stage.client_certificate_id = Some(certificate.clone()).filter(|id| !id.is_empty());
        }
        for (name, value) in self.stage_variables.iter().flatten() {
            // Variables that aren't given stay, and an empty value removes one: what Terraform relies on.
            if value.is_empty() {
                stage.variables.remove(name);
            } else {
                stage.variables.insert(name.clone(), value.clone());
            }
        }
        if let Some(log) = &self.access_log_settings {
            stage.access_log = Some(log.merged(stage.access_log.as_ref())?);
        }
        if let Some(settings) = &self.default_route_settings {
            let before = stage.settings.default.clone();
            stage.settings.default = Some(settings.merged(before, api.kind, zeroes)?);
        }
        for (text, settings) in self.route_settings.iter().flatten() {
            let key = RouteKey::parse(text).filter(|key| api.methods.iter().any(|route| route.key == *key));
            let key = key.ok_or_else(|| {
                Fault::not_found(format!(
                    "Unable to find Route by key {text} within the provided RouteSettings"
                ))
            })?;
            let before = stage.settings.overrides.get(&key).cloned();
            stage.settings.overrides.insert(key, settings.merged(before, api.kind, zeroes)?);
        }
        Ok(())
    }
}

impl AccessLogSettings {
    fn merged(&self, before: Option<&AccessLog>) -> Result<AccessLog, Fault> {
        let field = |given: &Option<String>, kept: fn(&AccessLog) -> &String| {
            given.clone().or_else(|| before.map(kept).cloned()).unwrap_or_default()
        };
        let log = AccessLog {
            destination_arn: field(&self.destination_arn, |log| &log.destination_arn),
            format: field(&self.format, |log| &log.format),
        };
        if !log.destination_arn.starts_with("arn:") {
            return Err(Fault::bad_request("Invalid ARN specified in the request: access log destination"));
        }
        check_log_format(&log.format).map_err(|expected| {
            Fault::bad_request(format!("Invalid access log format: must be {expected}"))
        })?;
        Ok(log)
    }
}

impl RouteSettings {
    fn merged(
        &self,
        before: Option<MethodSetting>,
        kind: ApiKind,
        zeroes: bool,
    ) -> Result<MethodSetting, Fault> {
        if kind == ApiKind::Http && (self.logging_level.is_some() || self.data_trace_enabled.is_some()) {
            return Err(Fault::bad_request("Execution logs are not supported on protocolType HTTP"));
        }
        let mut setting = before.unwrap_or_else(MethodSetting::initial);
        if let Some(level) = &self.logging_level {
            if !["OFF", "ERROR", "INFO"].contains(&level.as_str()) {
                return Err(Fault::bad_request("Invalid loggingLevel: must be one of OFF, ERROR, INFO"));
            }
            setting.logging_level.clone_from(level);
        }
        setting.data_trace_enabled = self.data_trace_enabled.unwrap_or(setting.data_trace_enabled);
        setting.metrics_enabled = self.detailed_metrics_enabled.unwrap_or(setting.metrics_enabled);
        let kept = if zeroes { Throttle { rate: 0.0, burst: 0 } } else { setting.throttle };
        setting.throttle = Throttle {
            rate: self.throttling_rate_limit.unwrap_or(kept.rate),
            burst: self.throttling_burst_limit.unwrap_or(kept.burst),
        };
        if setting.throttle.rate < 0.0 || !setting.throttle.rate.is_finite() || setting.throttle.burst < 0 {
            return Err(Fault::bad_request("Throttling limits must not be negative"));
        }
        Ok(setting)
    }
}
