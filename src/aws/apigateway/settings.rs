//! A REST stage's settings by the names of AWS's patch paths.

use aws_sdk_apigateway::operation::get_stage::GetStageOutput;
use aws_sdk_apigateway::types;

use crate::aws::translate::text;
use crate::domain::change::{Settings, number};
use crate::domain::levers::rest_stage::{
    BURST, CACHE_ENABLED, CACHE_SIZE, CACHE_STATUS, CACHING, CANARY_DEPLOYMENT, CANARY_PERCENT,
    CANARY_VARIABLES, DATA_TRACE, DEPLOYMENT, LOG_DESTINATION, LOG_FORMAT, LOG_LEVEL, METRICS, RATE,
    TIME_TO_LIVE, TRACING, VARIABLES, WEB_ACL, entry,
};
use crate::domain::method::MethodKey;

/// Everything that `GetStage` tells of what can be patched, and the status of the cache.
pub(super) fn of_stage(from: &GetStageOutput) -> Settings {
    let mut settings = Settings::default();
    let mut optional = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            settings.set(name, text(Some(value)));
        }
    };
    optional(DEPLOYMENT, from.deployment_id());
    optional("/description", from.description());
    optional("/clientCertificateId", from.client_certificate_id());
    optional("/documentationVersion", from.documentation_version());
    optional(CACHE_SIZE, from.cache_cluster_size().map(types::CacheClusterSize::as_str));
    optional(CACHE_STATUS, from.cache_cluster_status().map(types::CacheClusterStatus::as_str));
    optional(WEB_ACL, from.web_acl_arn());
    if let Some(logs) = from.access_log_settings() {
        optional(LOG_DESTINATION, logs.destination_arn());
        optional(LOG_FORMAT, logs.format());
    }
    settings.set(CACHE_ENABLED, from.cache_cluster_enabled().to_string());
    settings.set(TRACING, from.tracing_enabled().to_string());
    for (name, value) in from.variables().into_iter().flatten() {
        settings.set(format!("{VARIABLES}{}", text(Some(name))), text(Some(value)));
    }
    if let Some(canary) = from.canary_settings() {
        of_canary(canary, &mut settings);
    }
    for (key, setting) in from.method_settings().into_iter().flatten() {
        if let Some(entry) = entry(&MethodKey::from_method_setting(key)) {
            of_method(&entry, setting, &mut settings);
        }
    }
    settings
}

fn of_canary(canary: &types::CanarySettings, settings: &mut Settings) {
    if let Some(deployment) = canary.deployment_id() {
        settings.set(CANARY_DEPLOYMENT, text(Some(deployment)));
    }
    settings.set(CANARY_PERCENT, number(canary.percent_traffic()));
    settings.set("/canarySettings/useStageCache", canary.use_stage_cache().to_string());
    for (name, value) in canary.stage_variable_overrides().into_iter().flatten() {
        settings.set(format!("{CANARY_VARIABLES}{}", text(Some(name))), text(Some(value)));
    }
}

fn of_method(entry: &str, from: &types::MethodSetting, settings: &mut Settings) {
    let mut set = |name: &str, value: String| settings.set(format!("{entry}{name}"), value);
    set(RATE, number(from.throttling_rate_limit()));
    set(BURST, from.throttling_burst_limit().to_string());
    set(LOG_LEVEL, from.logging_level().map_or_else(|| "OFF".to_owned(), |level| text(Some(level))));
    set(DATA_TRACE, from.data_trace_enabled().to_string());
    set(METRICS, from.metrics_enabled().to_string());
    set(CACHING, from.caching_enabled().to_string());
    set(TIME_TO_LIVE, from.cache_ttl_in_seconds().to_string());
    set("caching/dataEncrypted", from.cache_data_encrypted().to_string());
    set(
        "caching/requireAuthorizationForCacheControl",
        from.require_authorization_for_cache_control().to_string(),
    );
    if let Some(strategy) = from.unauthorized_cache_control_header_strategy() {
        set("caching/unauthorizedCacheControlHeaderStrategy", text(Some(strategy.as_str())));
    }
}
