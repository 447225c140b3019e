//! What settings of HTTP and WebSocket stages are called where people read them.

use super::{
    AUTO_DEPLOY, BURST, CLIENT_CERTIFICATE, DATA_TRACE, DEFAULT_ROUTE, DEPLOYMENT, DESCRIPTION,
    LOG_DESTINATION, LOG_FORMAT, LOG_LEVEL, MANAGED, METRICS, RATE, VARIABLES, route_of,
};

/// A setting in words: `rate (requests/s) of GET /users`.
pub fn label(setting: &str) -> String {
    if let Some(name) = setting.strip_prefix(DEFAULT_ROUTE) {
        return format!("{} of each route (default)", words(name));
    }
    if let Some((route, name)) = route_of(setting) {
        return format!("{} of {route}", words(name));
    }
    match setting {
        DEPLOYMENT => "deployment".to_owned(),
        AUTO_DEPLOY => "AutoDeploy".to_owned(),
        DESCRIPTION => "description".to_owned(),
        CLIENT_CERTIFICATE => "client certificate".to_owned(),
        LOG_DESTINATION => "destination of access logs".to_owned(),
        LOG_FORMAT => "format of access logs".to_owned(),
        MANAGED => "managed by API Gateway".to_owned(),
        other => match other.strip_prefix(VARIABLES) {
            Some(name) => format!("stage variable {name}"),
            None => other.trim_start_matches('/').to_owned(),
        },
    }
}

fn words(name: &str) -> &str {
    match name {
        RATE => "rate (requests/s)",
        BURST => "burst",
        METRICS => "detailed metrics",
        LOG_LEVEL => "logging level",
        DATA_TRACE => "data trace",
        other => other,
    }
}
