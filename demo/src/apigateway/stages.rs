//! The stages of a REST API: reading them and emptying their caches.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::{find, patch};
use crate::estate::{CacheStatus, MethodSetting, RouteKey, Stage};
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
    tracing_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    web_acl_arn: Option<&'a str>,
    tags: &'a BTreeMap<String, String>,
    created_date: i64,
    last_updated_date: i64,
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
