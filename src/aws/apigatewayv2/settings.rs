//! The settings of an HTTP or WebSocket stage, by the names of AWS's members.

use aws_sdk_apigatewayv2::operation::get_stage::GetStageOutput;
use aws_sdk_apigatewayv2::types;

use crate::aws::translate::text;
use crate::domain::api::ApiKind;
use crate::domain::change::{Settings, number};
use crate::domain::levers::http_stage::{
    AUTO_DEPLOY, BURST, CLIENT_CERTIFICATE, DATA_TRACE, DEFAULT_ROUTE, DEPLOYMENT, DESCRIPTION,
    LOG_DESTINATION, LOG_FORMAT, LOG_LEVEL, MANAGED, METRICS, RATE, VARIABLES, route_entry,
};

/// Everything that `GetStage` tells of what can be changed, and whether anything can.
pub(super) fn of_stage(from: &GetStageOutput, kind: ApiKind) -> Settings {
    let mut settings = Settings::default();
    let mut optional = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            settings.set(name, text(Some(value)));
        }
    };
    optional(DEPLOYMENT, from.deployment_id());
    optional(DESCRIPTION, from.description());
    optional(CLIENT_CERTIFICATE, from.client_certificate_id());
    if let Some(logs) = from.access_log_settings() {
        optional(LOG_DESTINATION, logs.destination_arn());
        optional(LOG_FORMAT, logs.format());
    }
    // AWS: an empty value is a variable that was removed.
    for (name, value) in from.stage_variables().into_iter().flatten() {
        optional(&format!("{VARIABLES}{}", text(Some(name))), Some(value));
    }
    settings.set(AUTO_DEPLOY, from.auto_deploy().unwrap_or_default().to_string());
    settings.set(MANAGED, from.api_gateway_managed().unwrap_or_default().to_string());
    let nothing = types::RouteSettings::builder().build();
    of_route(DEFAULT_ROUTE, from.default_route_settings().unwrap_or(&nothing), kind, &mut settings);
    for (route, of) in from.route_settings().into_iter().flatten() {
        of_route(&route_entry(&text(Some(route))), of, kind, &mut settings);
    }
    settings
}

/// A switch that is absent is off. A limit that is absent isn't 0: none holds then but the account's.
fn of_route(entry: &str, from: &types::RouteSettings, kind: ApiKind, settings: &mut Settings) {
    let mut set = |name: &str, value: String| settings.set(format!("{entry}{name}"), value);
    if let Some(rate) = from.throttling_rate_limit() {
        set(RATE, number(rate));
    }
    if let Some(burst) = from.throttling_burst_limit() {
        set(BURST, burst.to_string());
    }
    set(METRICS, from.detailed_metrics_enabled().unwrap_or_default().to_string());
    if kind == ApiKind::WebSocket {
        let level = from.logging_level().map(types::LoggingLevel::as_str);
        set(LOG_LEVEL, text(Some(level.unwrap_or("OFF"))));
        set(DATA_TRACE, from.data_trace_enabled().unwrap_or_default().to_string());
    }
}
