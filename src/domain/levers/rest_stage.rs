//! How settings of a REST stage are written: a patch of one `UpdateStage`, forwards and back.
//!
//! Settings have the names of AWS's patch paths. One call takes all operations of a change.

use std::collections::BTreeSet;

use super::draft::DraftStep;
use super::legal;
use crate::domain::change::{PatchOperation, Precondition, Refusal, Request, SettingChange, Settings};
use crate::domain::method::MethodKey;
use crate::domain::target::StageTarget;

pub const DEPLOYMENT: &str = "/deploymentId";
pub const CANARY: &str = "/canarySettings/";
pub const CANARY_PERCENT: &str = "/canarySettings/percentTraffic";
pub const CANARY_DEPLOYMENT: &str = "/canarySettings/deploymentId";
pub const CANARY_VARIABLES: &str = "/canarySettings/stageVariableOverrides/";
pub const VARIABLES: &str = "/variables/";
pub const CACHE_ENABLED: &str = "/cacheClusterEnabled";
pub const CACHE_SIZE: &str = "/cacheClusterSize";
pub const TRACING: &str = "/tracingEnabled";
pub const LOG_DESTINATION: &str = "/accessLogSettings/destinationArn";
pub const LOG_FORMAT: &str = "/accessLogSettings/format";
/// Read, and never written.
pub const CACHE_STATUS: &str = "status/cacheClusterStatus";
/// Read, and written by WAF alone.
pub const WEB_ACL: &str = "association/webAclArn";

/// Settings of a method, by the ends of their paths, in AWS's words.
pub const METHOD_SETTINGS: [&str; 10] = [
    RATE,
    BURST,
    LOG_LEVEL,
    DATA_TRACE,
    METRICS,
    CACHING,
    TIME_TO_LIVE,
    "caching/dataEncrypted",
    "caching/requireAuthorizationForCacheControl",
    "caching/unauthorizedCacheControlHeaderStrategy",
];
pub const RATE: &str = "throttling/rateLimit";
pub const BURST: &str = "throttling/burstLimit";
pub const LOG_LEVEL: &str = "logging/loglevel";
pub const DATA_TRACE: &str = "logging/dataTrace";
pub const METRICS: &str = "metrics/enabled";
pub const CACHING: &str = "caching/enabled";
pub const TIME_TO_LIVE: &str = "caching/ttlInSeconds";

/// What AWS puts into settings of methods that nobody gave (AWS CLI, examples of `update-stage`).
const INITIAL: [(&str, &str); 10] = [
    (RATE, "10000"),
    (BURST, "5000"),
    (LOG_LEVEL, "OFF"),
    (DATA_TRACE, "false"),
    (METRICS, "false"),
    (CACHING, "false"),
    (TIME_TO_LIVE, "300"),
    ("caching/dataEncrypted", "false"),
    ("caching/requireAuthorizationForCacheControl", "true"),
    ("caching/unauthorizedCacheControlHeaderStrategy", "SUCCEED_WITH_RESPONSE_HEADER"),
];

/// The path of all settings of a method, such as `/*/*/` or `/~1users/GET/`. None for a route.
pub fn entry(method: &MethodKey) -> Option<String> {
    method.patch_segments().map(|segments| format!("/{segments}/"))
}

/// The method whose throttle a setting is part of.
pub fn throttled(setting: &str) -> Option<MethodKey> {
    let name = [RATE, BURST].into_iter().find(|name| setting.ends_with(name))?;
    let method = setting.strip_suffix(name)?.strip_suffix('/')?.strip_prefix('/')?;
    Some(MethodKey::from_method_setting(method))
}

/// The changes that make settings of a method read so.
///
/// AWS: the first setting of a method makes an entry with all of them, which then stands in place of `*/*`
/// for that method. So that nothing else changes for it, a new entry takes over what holds for it now.
pub fn method_changes(settings: &Settings, entry: &str, wanted: &[(&str, String)]) -> Vec<SettingChange> {
    let exists = settings.under(entry).next().is_some();
    let mut all: Vec<(&str, String)> = Vec::new();
    if !exists {
        let default =
            |name: &str, initial: &str| settings.get(&format!("/*/*/{name}")).unwrap_or(initial).to_owned();
        all.extend(INITIAL.iter().map(|(name, initial)| (*name, default(name, initial))));
    }
    for (name, value) in wanted {
        all.retain(|(known, _)| known != name);
        all.push((name, value.clone()));
    }
    let changes = all.into_iter();
    changes.filter_map(|(name, value)| settings.change_to(format!("{entry}{name}"), Some(value))).collect()
}

/// The changes that take an entry away.
pub fn entry_removed(settings: &Settings, entry: &str) -> Vec<SettingChange> {
    settings.under(entry).filter_map(|(name, _)| settings.change_to(name, None)).collect()
}

/// One call for all of them, which says in `settled` what to wait for.
///
/// # Errors
/// `Illegal` where AWS would take a value or a removal.
pub fn steps(
    target: &StageTarget,
    changes: &[SettingChange],
    settings: &Settings,
) -> Result<Vec<DraftStep>, Refusal> {
    let (association, changes): (Vec<_>, Vec<_>) =
        changes.iter().cloned().partition(|change| change.setting == WEB_ACL);
    let mut steps = Vec::new();
    let (api, stage) = (target.api.clone(), target.stage.clone());
    if !changes.is_empty() {
        let patch = patch(&changes, settings)?;
        let settled = settled(&changes);
        let request = Request::UpdateStage { api: api.clone(), stage: stage.clone(), patch };
        steps.push(DraftStep { settled, ..DraftStep::new(request, changes) });
    }
    for change in association {
        let (api, stage) = (api.clone(), stage.clone());
        let request = match &change.after {
            Some(acl_arn) => Request::AssociateWebACL { acl_arn: acl_arn.clone(), api, stage },
            None => Request::DisassociateWebACL { api, stage },
        };
        steps.push(DraftStep::new(request, vec![change]));
    }
    Ok(steps)
}

/// A cache that is made, resized or deleted takes minutes.
fn settled(changes: &[SettingChange]) -> Vec<Precondition> {
    let touched = |name: &str| changes.iter().find(|change| change.setting == name);
    let is_made = match touched(CACHE_ENABLED) {
        Some(change) => change.after.as_deref() == Some("true"),
        None => touched(CACHE_SIZE).is_some(),
    };
    if !is_made {
        return Vec::new();
    }
    vec![Precondition { setting: CACHE_STATUS.to_owned(), value: Some("AVAILABLE".to_owned()) }]
}

fn patch(changes: &[SettingChange], settings: &Settings) -> Result<Vec<PatchOperation>, Refusal> {
    let after = settings.after(changes);
    let mut removed: BTreeSet<String> = BTreeSet::new();
    let mut operations = Vec::new();
    for change in changes {
        if change.after.is_some() {
            continue;
        }
        // What goes as a whole is removed as a whole: AWS has no removal of its parts.
        let whole = whole(&change.setting).filter(|whole| after.under(&format!("{whole}/")).next().is_none());
        match whole {
            Some(whole) => {
                if removed.insert(whole.clone()) {
                    operations.push(PatchOperation::remove(whole));
                }
            }
            None if removable(&change.setting) => operations.push(PatchOperation::remove(&change.setting)),
            None => operations.push(PatchOperation::replace(&change.setting, "")),
        }
    }
    // AWS: a stage with a canary can't be pointed elsewhere, so a canary goes first and comes last.
    let set = |canary: bool| {
        changes
            .iter()
            .filter(move |change| change.setting.starts_with(CANARY) == canary)
            .filter_map(|change| Some(PatchOperation::replace(&change.setting, change.after.clone()?)))
    };
    operations.extend(set(false));
    operations.extend(set(true));
    operations.iter().try_for_each(legal::judge)?;
    Ok(operations)
}

/// The path under which this setting and its neighbours go together.
fn whole(setting: &str) -> Option<String> {
    if setting.starts_with(CANARY) {
        return Some("/canarySettings".to_owned());
    }
    if setting.starts_with("/accessLogSettings/") {
        return Some("/accessLogSettings".to_owned());
    }
    let name = METHOD_SETTINGS.iter().find(|name| setting.ends_with(*name))?;
    setting.strip_suffix(name)?.strip_suffix('/').map(str::to_owned)
}

fn removable(setting: &str) -> bool {
    [VARIABLES, CANARY_VARIABLES, "/accessLogSettings/"].iter().any(|prefix| setting.starts_with(prefix))
}

/// A setting in words: `rate of GET /users`.
pub fn label(setting: &str) -> String {
    if let Some(name) = METHOD_SETTINGS.iter().find(|name| setting.ends_with(*name))
        && let Some(method) = setting.strip_suffix(name).and_then(|rest| rest.strip_suffix('/'))
        && let Some(method) = method.strip_prefix('/')
    {
        let words = match *name {
            RATE => "rate (requests/s)",
            BURST => "burst",
            LOG_LEVEL => "logging level",
            DATA_TRACE => "data trace",
            METRICS => "detailed metrics",
            CACHING => "caching",
            TIME_TO_LIVE => "cache TTL (s)",
            other => other,
        };
        return match MethodKey::from_method_setting(method) {
            MethodKey::All => format!("{words} of each method (*/*)"),
            method => format!("{words} of {method}"),
        };
    }
    match setting {
        DEPLOYMENT => "deployment".to_owned(),
        CANARY_PERCENT => "canary's share of the traffic (%)".to_owned(),
        CANARY_DEPLOYMENT => "canary's deployment".to_owned(),
        CACHE_ENABLED => "cache enabled".to_owned(),
        CACHE_STATUS => "cache status".to_owned(),
        CACHE_SIZE => "cache size (GB)".to_owned(),
        TRACING => "X-Ray tracing".to_owned(),
        LOG_DESTINATION => "destination of access logs".to_owned(),
        LOG_FORMAT => "format of access logs".to_owned(),
        WEB_ACL => "web ACL".to_owned(),
        other => match (other.strip_prefix(VARIABLES), other.strip_prefix(CANARY_VARIABLES)) {
            (Some(name), _) => format!("stage variable {name}"),
            (_, Some(name)) => format!("canary's stage variable {name}"),
            _ => other.trim_start_matches('/').to_owned(),
        },
    }
}

#[cfg(test)]
mod tests;
