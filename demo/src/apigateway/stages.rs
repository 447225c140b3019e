//! The stages of a REST API: reading, making and deleting them, and emptying their caches.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{find, patch};
use crate::estate::{Cache, CacheSize, CacheStatus, MethodSetting, MethodSettings, RouteKey, Stage};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_stages(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::rest_api(estate, call)?;
        let wanted = call.query("deploymentId");
        let item = api
            .stages
            .iter()
            .filter(|stage| wanted.is_none_or(|deployment| stage.deployment_id == deployment))
            .map(|stage| document(stage, call.now))
            .collect();
        // AWS: not paged.
        Answer::json(&super::Listing { position: None, item })
    })
}

pub fn get_stage(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| Answer::json(&document(find::stage(estate, call)?, call.now)))
}

/// AWS: stages of an API, unless raised.
const MOST_STAGES: usize = 10;

pub fn create_stage(call: &Call<'_>) -> Result<Answer, Fault> {
    let request: CreateStage = call.body()?;
    call.write(|estate| {
        let api = find::rest_api_mut(estate, call)?;
        if api.deployment(&request.deployment_id).is_none() {
            return Err(Fault::bad_request("Deployment id does not exist"));
        }
        if api.stage(&request.stage_name).is_some() {
            return Err(Fault::new(409, "ConflictException", "Stage already exists"));
        }
        if api.stages.len() >= MOST_STAGES {
            let message = format!("Maximum number of stages for this API has been reached: {MOST_STAGES}");
            return Err(Fault::new(429, "LimitExceededException", message));
        }
        let mut stage = new(&request.stage_name, &request.deployment_id, call.now)?;
        stage.description = request.description;
        stage.variables = request.variables;
        stage.tracing_enabled = request.tracing_enabled;
        stage.tags = request.tags;
        if let Some(size) = &request.cache_cluster_size {
            let size = CacheSize::parse(size)
                .ok_or_else(|| Fault::bad_request(format!("Invalid cache cluster size: {size}")))?;
            stage.cache.resize(size, call.now);
        }
        stage.cache.set_enabled(request.cache_cluster_enabled, call.now);
        let answer = Answer::created(&document(&stage, call.now))?;
        api.stages.push(stage);
        Ok(answer)
    })
}

pub fn delete_stage(call: &Call<'_>) -> Result<Answer, Fault> {
    call.write(|estate| {
        find::stage(estate, call)?;
        let (api_id, name) =
            (call.parameter("restapi_id").to_owned(), call.parameter("stage_name").to_owned());
        if let Some(plan) = estate.usage_plans.iter().find(|plan| plan.opens(&api_id, &name)) {
            return Err(Fault::bad_request(format!(
                "Stage {name} cannot be deleted because it is part of usage plan {}",
                plan.id
            )));
        }
        let serves = |domain: &&crate::estate::DomainName| {
            domain.mappings.iter().any(|mapping| mapping.api_id == api_id && mapping.stage == name)
        };
        if let Some(domain) = estate.domain_names.iter().find(serves) {
            return Err(Fault::bad_request(format!(
                "Please remove all base path mappings related to stage: {name} in your domain: {}",
                domain.name
            )));
        }
        find::rest_api_mut(estate, call)?.stages.retain(|stage| stage.name != name);
        Ok(Answer::accepted())
    })
}

/// A stage with nothing but a deployment.
pub fn new(name: &str, deployment_id: &str, now: Timestamp) -> Result<Stage, Fault> {
    let legal = (1..=128).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if !legal {
        return Err(Fault::bad_request("Stage name only allows a-zA-Z0-9_- and up to 128 characters"));
    }
    Ok(Stage {
        name: name.to_owned(),
        deployment_id: deployment_id.to_owned(),
        description: String::new(),
        created: now,
        last_updated: now,
        variables: BTreeMap::new(),
        tags: BTreeMap::new(),
        cache: Cache::off(),
        authorizers_emptied_at: None,
        settings: MethodSettings::default(),
        auto_deploy: false,
        managed: false,
        tracing_enabled: false,
        access_log: None,
        canary: None,
        client_certificate_id: None,
        documentation_version: None,
        web_acl_arn: None,
    })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateStage {
    stage_name: String,
    deployment_id: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    cache_cluster_enabled: bool,
    cache_cluster_size: Option<String>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    #[serde(default)]
    tracing_enabled: bool,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

pub fn flush_stage_cache(call: &Call<'_>) -> Result<Answer, Fault> {
    call.write(|estate| {
        let stage = find::stage_mut(estate, call)?;
        match stage.cache.status(call.now) {
            CacheStatus::Available => {
                stage.cache.flush(call.now);
                Ok(Answer::accepted())
            }
            CacheStatus::NotAvailable => {
                Err(Fault::bad_request("Cannot flush cache: the stage has no cache cluster"))
            }
            busy => {
                let message = format!("Cannot flush cache: the cache cluster is {}", busy.as_str());
                Err(Fault::bad_request(message))
            }
        }
    })
}

pub fn flush_stage_authorizers_cache(call: &Call<'_>) -> Result<Answer, Fault> {
    call.write(|estate| {
        find::stage_mut(estate, call)?.authorizers_emptied_at = Some(call.now);
        Ok(Answer::accepted())
    })
}

/// A stage as v1 writes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StageDocument<'a> {
    deployment_id: &'a str,
    stage_name: &'a str,
    description: &'a str,
    cache_cluster_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_cluster_size: Option<&'static str>,
    cache_cluster_status: &'static str,
    method_settings: BTreeMap<String, MethodSettingDocument<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    variables: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_log_settings: Option<AccessLogDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    canary_settings: Option<CanaryDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_certificate_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    documentation_version: Option<&'a str>,
    tracing_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    web_acl_arn: Option<&'a str>,
    tags: &'a BTreeMap<String, String>,
    created_date: i64,
    last_updated_date: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CanaryDocument<'a> {
    percent_traffic: f64,
    deployment_id: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    stage_variable_overrides: &'a BTreeMap<String, String>,
    use_stage_cache: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AccessLogDocument<'a> {
    format: &'a str,
    destination_arn: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the fields are those of AWS's MethodSetting")]
struct MethodSettingDocument<'a> {
    metrics_enabled: bool,
    logging_level: &'a str,
    data_trace_enabled: bool,
    throttling_burst_limit: i64,
    throttling_rate_limit: f64,
    caching_enabled: bool,
    cache_ttl_in_seconds: i64,
    cache_data_encrypted: bool,
    require_authorization_for_cache_control: bool,
    unauthorized_cache_control_header_strategy: &'a str,
}

/// The stage at this time.
pub fn document(stage: &Stage, now: Timestamp) -> StageDocument<'_> {
    let default = stage.settings.default.iter().map(|setting| ("*/*".to_owned(), setting));
    let overrides =
        stage.settings.overrides.iter().filter_map(|(key, setting)| Some((wire_key(key)?, setting)));
    let status = stage.cache.status(now);
    StageDocument {
        deployment_id: &stage.deployment_id,
        stage_name: &stage.name,
        description: &stage.description,
        cache_cluster_enabled: stage.cache.enabled,
        cache_cluster_size: (stage.cache.enabled || status != CacheStatus::NotAvailable)
            .then(|| stage.cache.size.as_str()),
        cache_cluster_status: status.as_str(),
        method_settings: default
            .chain(overrides)
            .map(|(key, setting)| (key, setting_document(setting)))
            .collect(),
        variables: &stage.variables,
        access_log_settings: stage
            .access_log
            .as_ref()
            .map(|log| AccessLogDocument { destination_arn: &log.destination_arn, format: &log.format }),
        canary_settings: stage.canary.as_ref().map(|canary| CanaryDocument {
            percent_traffic: canary.percent_traffic,
            deployment_id: &canary.deployment_id,
            stage_variable_overrides: &canary.stage_variable_overrides,
            use_stage_cache: canary.use_stage_cache,
        }),
        client_certificate_id: stage.client_certificate_id.as_deref(),
        documentation_version: stage.documentation_version.as_deref(),
        tracing_enabled: stage.tracing_enabled,
        web_acl_arn: stage.web_acl_arn.as_deref(),
        tags: &stage.tags,
        created_date: stage.created.as_second(),
        last_updated_date: stage.last_updated.as_second(),
    }
}

/// AWS's own example shows keys such as `~1orders/GET`.
fn wire_key(key: &RouteKey) -> Option<String> {
    let (verb, path) = key.http()?;
    Some(format!("{}/{verb}", patch::escape(path)))
}

fn setting_document(setting: &MethodSetting) -> MethodSettingDocument<'_> {
    MethodSettingDocument {
        metrics_enabled: setting.metrics_enabled,
        logging_level: &setting.logging_level,
        data_trace_enabled: setting.data_trace_enabled,
        throttling_burst_limit: setting.throttle.burst,
        throttling_rate_limit: setting.throttle.rate,
        caching_enabled: setting.caching_enabled,
        cache_ttl_in_seconds: setting.cache_ttl_seconds,
        cache_data_encrypted: setting.cache_data_encrypted,
        require_authorization_for_cache_control: setting.require_authorization_for_cache_control,
        unauthorized_cache_control_header_strategy: &setting.unauthorized_cache_control_strategy,
    }
}
