//! Members of `UpdateStage` that go as a whole: route settings with both of their throttles, all routes, all
//! variables, and access logs.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ACCESS_LOG, ACCOUNT, BURST, DATA_TRACE, DEFAULT_ROUTE, LOG_DESTINATION, LOG_FORMAT, LOG_LEVEL, METRICS,
    RATE, ROUTES, VARIABLES, label, route_entry, route_of, route_settings_of, routes_of_api, touch_routes,
};
use crate::domain::change::{
    AccessLogSettings, Precondition, Refusal, Request, RouteSettings, SettingChange, Settings, StageUpdate,
    Target, number,
};
use crate::domain::levers::draft::DraftStep;
use crate::domain::target::StageTarget;

const THROTTLES: [&str; 2] = [RATE, BURST];

/// The changes that make settings of a route, or of all routes, read so. A new entry takes over what holds
/// for the route now, because it stands in place of the default from then on.
pub fn entry_changes(
    target: &Target,
    settings: &Settings,
    entry: &str,
    wanted: &[(&str, String)],
) -> Vec<SettingChange> {
    let value = |name: &&str| {
        let given = wanted.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        given.or_else(|| holds(settings, entry, name))
    };
    let names = route_settings_of(target).iter();
    names.filter_map(|name| settings.change_to(format!("{entry}{name}"), Some(value(name)?))).collect()
}

/// What holds for a route now: its own setting, the default of all routes, or what AWS starts with.
pub fn holds(settings: &Settings, entry: &str, name: &str) -> Option<String> {
    let own = settings.get(&format!("{entry}{name}"));
    own.map(str::to_owned).or_else(|| falls_back(settings, name))
}

/// What holds where an entry doesn't say. For throttles, without a default, that is the account's limit.
pub fn falls_back(settings: &Settings, name: &str) -> Option<String> {
    let default = settings.get(&format!("{DEFAULT_ROUTE}{name}")).map(str::to_owned);
    default.or_else(|| match name {
        RATE | BURST => settings.get(&format!("{ACCOUNT}{name}")).map(str::to_owned),
        LOG_LEVEL => Some("OFF".to_owned()),
        _ => Some("false".to_owned()),
    })
}

/// The changes with the throttles that have to go with them. A throttle can't be taken out of settings that
/// stay: what holds without it is sent instead.
pub fn completed(
    target: &Target,
    changes: &[SettingChange],
    settings: &Settings,
) -> Result<Vec<SettingChange>, Refusal> {
    if !touch_routes(changes.iter()) {
        return Ok(changes.to_vec());
    }
    let mut all = changes.to_vec();
    let after = settings.after(changes);
    let mut sent: BTreeSet<String> = BTreeSet::new();
    if changes.iter().any(|change| change.setting.starts_with(DEFAULT_ROUTE)) {
        sent.insert(DEFAULT_ROUTE.to_owned());
    }
    if changes.iter().any(|change| route_of(&change.setting).is_some() && !is_removed_whole(change, &after)) {
        sent.extend(present_routes(&after).into_iter().map(|route| route_entry(&route)));
    }
    // The default first: what routes fall back to is what it becomes.
    for entry in &sent {
        let now = settings.after(&all);
        for name in THROTTLES {
            let setting = format!("{entry}{name}");
            if now.get(&setting).is_some() {
                continue;
            }
            let Some(value) = falls_back(&now, name) else {
                return Err(Refusal::Forbidden {
                    target: target.to_string(),
                    why: format!(
                        "{} isn't set and the account's limit can't be read; AWS takes what is left out for 0: \
                         give both a rate and a burst",
                        label(&setting)
                    ),
                });
            };
            all.retain(|change| change.setting != setting);
            all.extend(settings.change_to(setting, Some(value)));
        }
    }
    Ok(all)
}

/// Whether it takes away something that a request of its own deletes, since nothing of that remains.
pub fn is_removed_whole(change: &SettingChange, after: &Settings) -> bool {
    if change.after.is_some() {
        return false;
    }
    match route_of(&change.setting) {
        Some((route, _)) => after.under(&route_entry(&route)).next().is_none(),
        None => change.setting.starts_with(ACCESS_LOG) && after.under(ACCESS_LOG).next().is_none(),
    }
}

/// The requests that delete what these changes take away.
pub fn removals(stage: &StageTarget, changes: Vec<SettingChange>) -> Vec<DraftStep> {
    let mut gone: BTreeMap<Option<String>, Vec<SettingChange>> = BTreeMap::new();
    for change in changes {
        gone.entry(route_of(&change.setting).map(|(route, _)| route)).or_default().push(change);
    }
    let (api, name) = (&stage.api, &stage.stage);
    let request = |route: Option<String>| match route {
        Some(route) => Request::DeleteRouteSettings { api: api.clone(), stage: name.clone(), route },
        None => Request::DeleteAccessLogSettings { api: api.clone(), stage: name.clone() },
    };
    gone.into_iter().map(|(route, changes)| DraftStep::new(request(route), changes)).collect()
}

/// The settings under `entry`, all of them.
pub fn route(settings: &Settings, entry: &str) -> RouteSettings {
    let get = |name: &str| settings.get(&format!("{entry}{name}"));
    RouteSettings {
        rate: get(RATE).and_then(|rate| rate.parse().ok()),
        burst: get(BURST).and_then(|burst| burst.parse().ok()),
        detailed_metrics: get(METRICS).map(|on| on == "true"),
        logging_level: get(LOG_LEVEL).map(str::to_owned),
        data_trace: get(DATA_TRACE).map(|on| on == "true"),
    }
}

/// All routes with settings of their own.
pub fn routes(settings: &Settings) -> BTreeMap<String, RouteSettings> {
    let with_settings = |key: String| (key.clone(), route(settings, &route_entry(&key)));
    present_routes(settings).into_iter().map(with_settings).collect()
}

/// Routes with settings of their own. AWS finds fault with those that the API has no more, so they are left
/// out where the API's routes are known.
fn present_routes(settings: &Settings) -> BTreeSet<String> {
    let known = routes_of_api(settings);
    let exists = |key: &String| known.is_empty() || known.contains(key);
    let keys = settings.under(ROUTES).filter_map(|(setting, _)| Some(route_of(setting)?.0));
    keys.filter(exists).collect()
}

/// All variables. AWS: an empty value removes one.
pub fn variables(after: &Settings, changes: &[SettingChange]) -> BTreeMap<String, String> {
    let own = |(setting, value): (&str, &str)| {
        Some((setting.strip_prefix(VARIABLES)?.to_owned(), value.to_owned()))
    };
    let removed = changes.iter().filter(|change| change.after.is_none());
    let removed = removed.filter_map(|change| own((&change.setting, "")));
    after.under(VARIABLES).filter_map(own).chain(removed).collect()
}

/// Destination and format.
pub fn access_log(target: &Target, after: &Settings) -> Result<AccessLogSettings, Refusal> {
    let get = |name: &str| after.get(name).map(str::to_owned);
    let log = AccessLogSettings { destination_arn: get(LOG_DESTINATION), format: get(LOG_FORMAT) };
    if log.destination_arn.is_none() || log.format.is_none() {
        let why = "access logs need both a destination and a format".to_owned();
        return Err(Refusal::Forbidden { target: target.to_string(), why });
    }
    Ok(log)
}

/// What a request sends along without altering it, so that the plan rests on it: nobody else's change in
/// the meantime is overwritten.
pub fn unaltered(step: &DraftStep) -> Vec<Precondition> {
    let Request::UpdateHttpStage { update, .. } = &step.request else { return Vec::new() };
    let mut sent = sent(update);
    sent.retain(|one| step.changes.iter().all(|change| change.setting != one.setting));
    sent
}

fn kept(setting: String, value: String) -> Precondition {
    Precondition { setting, value: Some(value) }
}

fn sent(update: &StageUpdate) -> Vec<Precondition> {
    let mut sent = Vec::new();
    let mut route = |entry: &str, settings: &RouteSettings| {
        let values = [
            (RATE, settings.rate.map(number)),
            (BURST, settings.burst.map(|burst| burst.to_string())),
            (METRICS, settings.detailed_metrics.map(|on| on.to_string())),
            (LOG_LEVEL, settings.logging_level.clone()),
            (DATA_TRACE, settings.data_trace.map(|on| on.to_string())),
        ];
        sent.extend(
            values.into_iter().filter_map(|(name, value)| Some(kept(format!("{entry}{name}"), value?))),
        );
    };
    if let Some(default) = &update.default_route_settings {
        route(DEFAULT_ROUTE, default);
    }
    for (key, settings) in update.route_settings.iter().flatten() {
        route(&route_entry(key), settings);
    }
    let variables = update.variables.iter().flatten().filter(|(_, value)| !value.is_empty());
    sent.extend(variables.map(|(name, value)| kept(format!("{VARIABLES}{name}"), value.clone())));
    let log = update.access_log.clone().unwrap_or_default();
    sent.extend(log.destination_arn.map(|arn| kept(LOG_DESTINATION.to_owned(), arn)));
    sent.extend(log.format.map(|format| kept(LOG_FORMAT.to_owned(), format)));
    sent
}
