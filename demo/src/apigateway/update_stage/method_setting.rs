//! Settings of methods, all of them or one: throttles, cache, logging, metrics.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Draft;
use crate::apigateway::patch::{self, Patch};
use crate::estate::{MethodSetting, MethodSettings, RouteKey};
use crate::server::fault::Fault;

/// AWS's log levels.
const LEVELS: &[&str] = &["OFF", "ERROR", "INFO"];
/// AWS: what becomes of a client's unauthorised `Cache-Control: max-age=0`.
const STRATEGIES: &[&str] =
    &["FAIL_WITH_403", "SUCCEED_WITH_RESPONSE_HEADER", "SUCCEED_WITHOUT_RESPONSE_HEADER"];
/// AWS: seconds; 0 keeps nothing.
const TTL: std::ops::RangeInclusive<i64> = 0..=3_600;

/// Sets the one field that the path ends with.
pub fn set_field(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let key = method_of(patch)?;
    let setting = entry(&mut draft.stage.settings, key);
    match patch.field() {
        "metrics/enabled" => setting.metrics_enabled = patch.truth()?,
        "logging/loglevel" => setting.logging_level = patch.one_of(LEVELS)?,
        "logging/dataTrace" => setting.data_trace_enabled = patch.truth()?,
        "throttling/burstLimit" => setting.throttle.burst = patch.integer()?,
        "throttling/rateLimit" => setting.throttle.rate = patch.number()?,
        "caching/enabled" => setting.caching_enabled = patch.truth()?,
        "caching/ttlInSeconds" => {
            let seconds = patch.integer()?;
            if !TTL.contains(&seconds) {
                return Err(patch.invalid("a whole number from 0 to 3600"));
            }
            setting.cache_ttl_seconds = seconds;
        }
        "caching/dataEncrypted" => setting.cache_data_encrypted = patch.truth()?,
        "caching/requireAuthorizationForCacheControl" => {
            setting.require_authorization_for_cache_control = patch.truth()?;
        }
        "caching/unauthorizedCacheControlHeaderStrategy" => {
            setting.unauthorized_cache_control_strategy = patch.one_of(STRATEGIES)?;
        }
        field => return Err(Fault::internal(format!("the patch table names the unknown setting {field}"))),
    }
    Ok(())
}

/// Deletes an entry, so that the method has the stage's default again.
pub fn remove(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let settings = &mut draft.stage.settings;
    let removed = match method_of(patch)? {
        None => settings.default.take(),
        Some(key) => settings.overrides.remove(&key),
    };
    removed.map(|_| ()).ok_or_else(|| Fault::bad_request("no method setting for this method"))
}

/// Replaces the whole map.
pub fn set_all(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let expected = "a JSON object of method settings";
    let documents: BTreeMap<String, SettingDocument> = patch.json(expected)?;
    let mut settings = MethodSettings::default();
    for (name, document) in documents {
        let (resource, verb) = name.rsplit_once('/').ok_or_else(|| patch.invalid(expected))?;
        let key = key_of(&patch::unescape(resource), verb)?;
        *entry(&mut settings, key) = document.setting().ok_or_else(|| patch.invalid(expected))?;
    }
    draft.stage.settings = settings;
    Ok(())
}

/// A method setting as a client writes it; what it leaves out is as in a new entry.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SettingDocument {
    metrics_enabled: Option<bool>,
    logging_level: Option<String>,
    data_trace_enabled: Option<bool>,
    throttling_burst_limit: Option<i64>,
    throttling_rate_limit: Option<f64>,
    caching_enabled: Option<bool>,
    cache_ttl_in_seconds: Option<i64>,
    cache_data_encrypted: Option<bool>,
    require_authorization_for_cache_control: Option<bool>,
    unauthorized_cache_control_header_strategy: Option<String>,
}

impl SettingDocument {
    /// `None` for a value that AWS doesn't know.
    fn setting(self) -> Option<MethodSetting> {
        let new = MethodSetting::initial();
        let setting = MethodSetting {
            metrics_enabled: self.metrics_enabled.unwrap_or(new.metrics_enabled),
            logging_level: self.logging_level.unwrap_or(new.logging_level),
            data_trace_enabled: self.data_trace_enabled.unwrap_or(new.data_trace_enabled),
            throttle: crate::estate::Throttle {
                rate: self.throttling_rate_limit.unwrap_or(new.throttle.rate),
                burst: self.throttling_burst_limit.unwrap_or(new.throttle.burst),
            },
            caching_enabled: self.caching_enabled.unwrap_or(new.caching_enabled),
            cache_ttl_seconds: self.cache_ttl_in_seconds.unwrap_or(new.cache_ttl_seconds),
            cache_data_encrypted: self.cache_data_encrypted.unwrap_or(new.cache_data_encrypted),
            require_authorization_for_cache_control: self
                .require_authorization_for_cache_control
                .unwrap_or(new.require_authorization_for_cache_control),
            unauthorized_cache_control_strategy: self
                .unauthorized_cache_control_header_strategy
                .unwrap_or(new.unauthorized_cache_control_strategy),
        };
        let legal = LEVELS.contains(&setting.logging_level.as_str())
            && STRATEGIES.contains(&setting.unauthorized_cache_control_strategy.as_str())
            && TTL.contains(&setting.cache_ttl_seconds)
            && setting.throttle.rate.is_finite();
        legal.then_some(setting)
    }
}

/// The settings of a method, or of all of them, made anew if there are none yet.
fn entry(settings: &mut MethodSettings, key: Option<RouteKey>) -> &mut MethodSetting {
    match key {
        None => settings.default.get_or_insert_with(MethodSetting::initial),
        Some(key) => settings.overrides.entry(key).or_insert_with(MethodSetting::initial),
    }
}

const VERBS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// The method that the path names; `None` for all of them, `*/*`.
fn method_of(patch: &Patch<'_>) -> Result<Option<RouteKey>, Fault> {
    key_of(patch.name(0), patch.name(1))
}

/// The method of a resource and a verb; `None` for all of them.
pub fn key_of(resource: &str, verb: &str) -> Result<Option<RouteKey>, Fault> {
    if (resource, verb) == ("*", "*") {
        return Ok(None);
    }
    if resource == "*" || !VERBS.contains(&verb) {
        return Err(Fault::bad_request(format!(
            "Invalid method setting path: {}/{verb} is neither */* nor a resource path and an HTTP method",
            patch::escape(resource)
        )));
    }
    // Both `~1orders` and `orders` are in use.
    let path = if resource.starts_with('/') { resource.to_owned() } else { format!("/{resource}") };
    Ok(Some(RouteKey::Http { verb: verb.to_owned(), path }))
}
