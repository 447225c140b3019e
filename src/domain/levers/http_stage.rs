//! How settings of HTTP and WebSocket stages are written: members of `UpdateStage` that replace what is there
//! as a whole, forwards and back.
//!
//! Settings have the names of AWS's members, `/defaultRouteSettings/throttlingRateLimit`, and routes are
//! escaped as in patch paths: `/routeSettings/GET ~1users/throttlingRateLimit`. Whatever belongs to a member
//! that is sent goes with it: AWS takes a throttle that is left out of route settings for 0, and not every
//! control plane keeps the entries of a map that are left out.

mod blocks;
mod labels;

use super::draft::DraftStep;
use super::http_stage_values::judge;
use crate::domain::change::{Refusal, Request, SettingChange, Settings, StageUpdate, Target};
use crate::domain::id::DeploymentId;
use crate::domain::method::MethodKey;
use crate::domain::target::StageTarget;

pub use blocks::{entry_changes, falls_back, unaltered};
pub use labels::label;

pub const DEPLOYMENT: &str = "/deploymentId";
pub const AUTO_DEPLOY: &str = "/autoDeploy";
pub const DESCRIPTION: &str = "/description";
pub const CLIENT_CERTIFICATE: &str = "/clientCertificateId";
pub const VARIABLES: &str = "/stageVariables/";
pub const ACCESS_LOG: &str = "/accessLogSettings/";
pub const LOG_DESTINATION: &str = "/accessLogSettings/destinationArn";
pub const LOG_FORMAT: &str = "/accessLogSettings/format";
/// Settings of each route that has none of its own.
pub const DEFAULT_ROUTE: &str = "/defaultRouteSettings/";
/// Settings of routes, by their escaped keys.
pub const ROUTES: &str = "/routeSettings/";
/// Read, and never written. AWS: what quick create made can't be modified.
pub const MANAGED: &str = "status/apiGatewayManaged";
/// What all APIs of the account share. Put beside a stage's settings where a plan may have to send them.
pub const ACCOUNT: &str = "account/";
/// The routes of the API, put beside a stage's settings where a plan may name one.
pub const API_ROUTES: &str = "routes/";

pub const RATE: &str = "throttlingRateLimit";
pub const BURST: &str = "throttlingBurstLimit";
pub const METRICS: &str = "detailedMetricsEnabled";
/// WebSocket APIs only.
pub const LOG_LEVEL: &str = "loggingLevel";
/// WebSocket APIs only.
pub const DATA_TRACE: &str = "dataTraceEnabled";

/// All settings of a route. What HTTP APIs don't have comes last.
const ROUTE_SETTINGS: [&str; 5] = [RATE, BURST, METRICS, LOG_LEVEL, DATA_TRACE];
/// How many of them HTTP APIs have.
const OF_HTTP: usize = 3;

/// The settings that a route of such a stage has.
pub fn route_settings_of(target: &Target) -> &'static [&'static str] {
    match target {
        Target::WebSocketStage(_) => &ROUTE_SETTINGS,
        _ => &ROUTE_SETTINGS[..OF_HTTP],
    }
}

/// Where the settings of a route are, or of all routes: `/routeSettings/GET ~1users/`.
pub fn entry(route: &MethodKey) -> String {
    match route {
        MethodKey::All => DEFAULT_ROUTE.to_owned(),
        route => route_entry(&route.to_string()),
    }
}

/// The same by the route's key.
pub fn route_entry(key: &str) -> String {
    format!("{ROUTES}{}/", escape(key))
}

/// The name under which a route of the API stands beside the settings.
pub fn api_route(key: &str) -> String {
    format!("{API_ROUTES}{}", escape(key))
}

/// The keys of the API's routes; none where they aren't known.
pub fn routes_of_api(settings: &Settings) -> Vec<String> {
    let escaped = settings.under(API_ROUTES).filter_map(|(name, _)| name.strip_prefix(API_ROUTES));
    escaped.map(unescape).collect()
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn unescape(escaped: &str) -> String {
    escaped.replace("~1", "/").replace("~0", "~")
}

/// The route's key and the setting's own name, of a setting of a route.
fn route_of(setting: &str) -> Option<(String, &str)> {
    let (escaped, name) = setting.strip_prefix(ROUTES)?.split_once('/')?;
    Some((unescape(escaped), name))
}

/// The route whose throttle a setting is part of.
pub fn throttled(setting: &str) -> Option<MethodKey> {
    let is_limit = |name: &str| name == RATE || name == BURST;
    match setting.strip_prefix(DEFAULT_ROUTE) {
        Some(name) => is_limit(name).then_some(MethodKey::All),
        None => route_of(setting)
            .filter(|(_, name)| is_limit(name))
            .map(|(route, _)| MethodKey::from_route(&route)),
    }
}

/// Whether these changes are written by route settings, which need a throttle to be whole.
pub fn touch_routes<'change>(mut changes: impl Iterator<Item = &'change SettingChange>) -> bool {
    changes.any(|change| change.setting.starts_with(DEFAULT_ROUTE) || change.setting.starts_with(ROUTES))
}

/// Refuses what API Gateway manages itself.
///
/// # Errors
/// `Forbidden`.
pub fn refuse_managed(target: &Target, settings: &Settings) -> Result<(), Refusal> {
    if settings.get(MANAGED) == Some("true") {
        let why = "quick create made it, and AWS lets nobody modify such a stage: make a stage of your own";
        return Err(Refusal::Forbidden { target: target.to_string(), why: why.to_owned() });
    }
    Ok(())
}

/// The requests that alter these settings, and nothing else. What is sent beside them is as it is now.
///
/// # Errors
/// `Illegal` where AWS would not take a value, `Forbidden` where a setting can't be set so.
pub fn steps(
    target: &Target,
    stage: &StageTarget,
    changes: &[SettingChange],
    settings: &Settings,
) -> Result<Vec<DraftStep>, Refusal> {
    refuse_managed(target, settings)?;
    changes.iter().try_for_each(judge)?;
    let (api, name) = (&stage.api, &stage.stage);
    let update = |update: StageUpdate, changes: Vec<SettingChange>| {
        DraftStep::new(Request::UpdateHttpStage { api: api.clone(), stage: name.clone(), update }, changes)
    };
    let is_auto_deploy = |change: &&SettingChange| change.setting == AUTO_DEPLOY;
    let auto_deploy = changes.iter().find(is_auto_deploy);
    let turned = |on: bool| auto_deploy.filter(|change| (change.after.as_deref() == Some("true")) == on);
    let switch = |change: &SettingChange, on: bool| {
        update(StageUpdate { auto_deploy: Some(on), ..StageUpdate::default() }, vec![change.clone()])
    };
    let rest: Vec<SettingChange> = changes.iter().filter(|change| !is_auto_deploy(change)).cloned().collect();
    if turned(false).is_none()
        && settings.get(AUTO_DEPLOY) == Some("true")
        && rest.iter().any(|change| change.setting == DEPLOYMENT)
    {
        let why = "AWS points no stage elsewhere while AutoDeploy is on: turn it off first".to_owned();
        return Err(Refusal::Forbidden { target: target.to_string(), why });
    }
    let rest = blocks::completed(target, &rest, settings)?;

    // AWS: a deployment is chosen only where AutoDeploy is off, in a call before.
    let mut steps: Vec<DraftStep> = turned(false).map(|change| switch(change, false)).into_iter().collect();
    let after = settings.after(&rest);
    let (removals, rest): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|change| blocks::is_removed_whole(change, &after));
    if !rest.is_empty() {
        steps.push(update(stage_update(target, &rest, settings)?, rest));
    }
    steps.extend(blocks::removals(stage, removals));
    // Turned on it may deploy at once, so nothing comes after it.
    steps.extend(turned(true).map(|change| switch(change, true)));
    Ok(steps)
}

/// The members that hold these settings, each whole.
fn stage_update(
    target: &Target,
    changes: &[SettingChange],
    settings: &Settings,
) -> Result<StageUpdate, Refusal> {
    let after = settings.after(changes);
    let mut update = StageUpdate::default();
    for change in changes {
        let setting = change.setting.as_str();
        match setting {
            DEPLOYMENT => update.deployment = change.after.as_ref().map(DeploymentId::new),
            DESCRIPTION => update.description = Some(change.after.clone().unwrap_or_default()),
            _ if setting.starts_with(DEFAULT_ROUTE) => {
                update.default_route_settings = Some(blocks::route(&after, DEFAULT_ROUTE));
            }
            _ if setting.starts_with(ROUTES) => update.route_settings = Some(blocks::routes(&after)),
            _ if setting.starts_with(VARIABLES) => {
                update.variables = Some(blocks::variables(&after, changes));
            }
            LOG_DESTINATION | LOG_FORMAT => update.access_log = Some(blocks::access_log(target, &after)?),
            other => {
                let why = format!("{} can't be set by this version", label(other));
                return Err(Refusal::Forbidden { target: target.to_string(), why });
            }
        }
    }
    Ok(update)
}

#[cfg(test)]
mod tests;
