//! Legal values of what `UpdateStage` of HTTP and WebSocket APIs takes, judged before anything is sent.
//! AWS: the members of `UpdateStage` in the reference of API Gateway V2.

use super::http_stage::{
    AUTO_DEPLOY, BURST, DATA_TRACE, DEFAULT_ROUTE, DEPLOYMENT, DESCRIPTION, LOG_DESTINATION, LOG_FORMAT,
    LOG_LEVEL, METRICS, RATE, ROUTES, VARIABLES, label,
};
use super::legal::{Legal, judge_variable_name};
use crate::domain::change::{Refusal, SettingChange};

/// AWS: characters of a stage's description.
const LONGEST_DESCRIPTION: usize = 1_024;

/// What the settings of a route must be, by their own names.
const OF_ROUTES: &[(&str, Legal)] = &[
    (RATE, Legal::Rate),
    (BURST, Legal::Burst),
    (METRICS, Legal::Bool),
    (LOG_LEVEL, Legal::OneOf(&["OFF", "ERROR", "INFO"])),
    (DATA_TRACE, Legal::Bool),
];

/// What the settings of the stage must be.
const OF_STAGES: &[(&str, Legal)] = &[
    (DEPLOYMENT, Legal::NotEmpty),
    (AUTO_DEPLOY, Legal::Bool),
    (DESCRIPTION, Legal::Text),
    (LOG_DESTINATION, Legal::LogDestination),
    (LOG_FORMAT, Legal::LogFormat),
];

/// Judges the value that a change sets.
///
/// # Errors
/// `Illegal`, with what would be legal.
pub fn judge(change: &SettingChange) -> Result<(), Refusal> {
    let setting = change.setting.as_str();
    let illegal = |value: &str, legal: String| {
        Err(Refusal::Illegal { what: label(setting), value: value.to_owned(), legal })
    };
    if let Some(name) = setting.strip_prefix(VARIABLES) {
        judge_variable_name(name)?;
    }
    let Some(legal) = legal_of(setting) else {
        return illegal(setting, "UpdateStage has no such member".to_owned());
    };
    let Some(value) = change.after.as_deref() else {
        let stays = matches!(setting, DEPLOYMENT | AUTO_DEPLOY);
        return if stays { illegal("none", "it can't be removed".to_owned()) } else { Ok(()) };
    };
    // Minus one is a REST stage's word for no throttle.
    let negative = matches!(legal, Legal::Rate | Legal::Burst) && value.starts_with('-');
    let long = setting == DESCRIPTION && value.chars().count() > LONGEST_DESCRIPTION;
    match legal.refuses(value) {
        Some(legal) => illegal(value, legal),
        None if negative => illegal(value, "it must not be negative".to_owned()),
        None if long => illegal(value, format!("AWS takes up to {LONGEST_DESCRIPTION} characters")),
        None => Ok(()),
    }
}

fn legal_of(setting: &str) -> Option<Legal> {
    let named = |table: &[(&str, Legal)], name: &str| {
        table.iter().find(|(known, _)| *known == name).map(|(_, legal)| *legal)
    };
    if setting.starts_with(VARIABLES) {
        return Some(Legal::VariableValue);
    }
    if let Some(name) = setting.strip_prefix(DEFAULT_ROUTE) {
        return named(OF_ROUTES, name);
    }
    match setting.strip_prefix(ROUTES).and_then(|rest| rest.split_once('/')) {
        Some((route, name)) if !route.is_empty() => named(OF_ROUTES, name),
        Some(_) => None,
        None => named(OF_STAGES, setting),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(setting: &str, value: Option<&str>) -> SettingChange {
        SettingChange { setting: setting.to_owned(), before: None, after: value.map(str::to_owned) }
    }

    const LONG: &str = concat!(
        "0123456789012345678901234567890123456789012345678901234567890123456789",
        "0123456789012345678901234567890123456789012345678901234567890123456789"
    );

    /// Legal and illegal values of every setting that takes one.
    const VALUES: &[(&str, &[&str], &[&str])] = &[
        (DEPLOYMENT, &["a1b2c3"], &[""]),
        (AUTO_DEPLOY, &["true", "false"], &["", "True", "on", "1"]),
        (DESCRIPTION, &["", "orders, in production"], &[]),
        (
            "/defaultRouteSettings/throttlingRateLimit",
            &["0", "0.5", "10000"],
            &["", "-1", "-0.5", "NaN", "inf", "ten"],
        ),
        (
            "/defaultRouteSettings/throttlingBurstLimit",
            &["0", "5000"],
            &["", "-1", "1.5", "NaN", "99999999999"],
        ),
        ("/defaultRouteSettings/detailedMetricsEnabled", &["true", "false"], &["", "yes", "TRUE"]),
        ("/defaultRouteSettings/loggingLevel", &["OFF", "ERROR", "INFO"], &["", "info", "DEBUG"]),
        ("/defaultRouteSettings/dataTraceEnabled", &["true"], &["", "0"]),
        ("/routeSettings/GET ~1users/throttlingRateLimit", &["0", "50.5"], &["", "-1", "-inf", "many"]),
        ("/routeSettings/$default/throttlingBurstLimit", &["0", "2147483647"], &["-1", "2147483648", "1e3"]),
        ("/routeSettings/$connect/detailedMetricsEnabled", &["false"], &["off"]),
        ("/routeSettings/sendMessage/loggingLevel", &["INFO"], &["WARN"]),
        ("/routeSettings/sendMessage/dataTraceEnabled", &["false"], &["no"]),
        ("/stageVariables/cellId", &["cell-01", "a:b/c?d#e&f=g,h.~_"], &["", "with space", "ö", "{x}"]),
        (
            LOG_DESTINATION,
            &["arn:aws:logs:eu-west-1:123456789012:log-group:access"],
            &["", "access", "arn:aws:logs:eu-west-1:123456789012:log-group:access:*", "arn:aws:s3:::access"],
        ),
        (LOG_FORMAT, &["$context.requestId"], &["", "$context.status", "$context.requestId\nmore"]),
    ];

    #[test]
    fn each_value_is_judged() {
        for (setting, legal, illegal) in VALUES {
            for value in *legal {
                assert_eq!(judge(&to(setting, Some(value))), Ok(()), "{setting} = {value}");
            }
            for value in *illegal {
                let said = judge(&to(setting, Some(value))).unwrap_err().to_string();
                assert!(said.contains(&label(setting)), "{setting} = {value}: {said}");
            }
        }
        let judged = |name: &str| VALUES.iter().any(|(setting, ..)| setting.ends_with(name));
        let missing: Vec<_> = OF_ROUTES.iter().chain(OF_STAGES).filter(|(name, _)| !judged(name)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert!(judge(&to(DESCRIPTION, Some(&LONG.repeat(8)))).is_err());
    }

    #[test]
    fn what_is_no_setting_of_such_stages_is_refused() {
        for setting in [
            "",
            "/",
            "/tracingEnabled",
            "/cacheClusterEnabled",
            "/clientCertificateId",
            "/canarySettings/percentTraffic",
            "/defaultRouteSettings/",
            "/defaultRouteSettings/caching",
            "/routeSettings/GET ~1users",
            "/routeSettings//throttlingRateLimit",
            "/stageVariables/a-b",
            "/stageVariables/",
            "status/apiGatewayManaged",
        ] {
            assert!(judge(&to(setting, Some("1"))).is_err(), "{setting}");
        }
    }

    #[test]
    fn what_a_stage_must_have_is_not_removed() {
        for setting in [DEPLOYMENT, AUTO_DEPLOY] {
            assert!(judge(&to(setting, None)).is_err(), "{setting}");
        }
        for setting in [LOG_FORMAT, "/stageVariables/a", "/routeSettings/$default/throttlingRateLimit"] {
            assert_eq!(judge(&to(setting, None)), Ok(()), "{setting}");
        }
    }
}
