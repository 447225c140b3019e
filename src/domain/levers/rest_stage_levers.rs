//! What each lever wants of a REST stage.

use super::draft::{Draft, DraftStep, Facts, unchanged};
use super::rest_stage::{self, method_changes};
use super::wanted::{AccessLogs, CacheWanted, CanaryWanted, LoggingWanted, RollbackTo, Wanted};
use super::{legal, rollback, throttle, web_acl_association};
use crate::domain::change::{
    FieldChange, Precondition, Refusal, Request, Risk, SettingChange, Settings, Target, Undo, number,
};
use crate::domain::method::MethodKey;
use crate::domain::stage::Throttle;
use crate::domain::target::StageTarget;

/// The change of one REST stage that brings `wanted` about.
///
/// # Errors
/// As [`super::draft`].
pub fn draft(
    target: &Target,
    stage: &StageTarget,
    wanted: &Wanted,
    settings: &Settings,
    facts: &Facts,
) -> Result<Draft, Refusal> {
    let of = |changes: Vec<SettingChange>, how: &str| {
        if changes.is_empty() {
            return Err(unchanged(target, how));
        }
        Ok(Draft::of_settings(target, rest_stage::steps(stage, &changes, settings)?))
    };
    match wanted {
        Wanted::FlushStageCache => flush(target, stage, settings),
        Wanted::FlushAuthorizersCache => Ok(flush_authorizers(stage)),
        Wanted::SetThrottle { method, rate, burst } => {
            throttle::judge(*rate, *burst)?;
            let entry = entry(target, method)?;
            let mut values = Vec::new();
            values.extend(rate.map(|rate| (rest_stage::RATE, number(rate))));
            values.extend(burst.map(|burst| (rest_stage::BURST, burst.to_string())));
            let changes = method_changes(settings, &entry, &values);
            let after = throttle_of(&settings.after(&changes), &entry);
            let draft = of(changes, "its throttle is that already")?;
            Ok(throttle::weigh(draft, method, after, facts))
        }
        Wanted::ClearThrottle { method } => {
            let entry = entry(target, method)?;
            clear_throttle(target, method, &entry, settings, of)
        }
        Wanted::Rollback { to } => roll_back(target, to, settings, facts, of),
        Wanted::Canary(wanted) => canary(target, stage, *wanted, settings, of),
        Wanted::Cache(wanted) => cache(target, wanted, settings, of),
        Wanted::StageVariables { set, unset } => {
            set.keys().chain(unset).try_for_each(|name| legal::judge_variable_name(name))?;
            let named = |name: &str| format!("{}{name}", rest_stage::VARIABLES);
            let set = set.iter().map(|(name, value)| settings.change_to(named(name), Some(value.clone())));
            let unset = unset.iter().map(|name| settings.change_to(named(name), None));
            let changes: Vec<_> = set.chain(unset).flatten().collect();
            let after = settings.after(&changes);
            if after.under(rest_stage::VARIABLES).count() > legal::MOST_VARIABLES {
                return Err(Refusal::Illegal {
                    what: "stage variables".to_owned(),
                    value: after.under(rest_stage::VARIABLES).count().to_string(),
                    legal: format!("AWS takes up to {}", legal::MOST_VARIABLES),
                });
            }
            Ok(of(changes, "its variables are those already")?
                .with_risk(Risk::High)
                .warn("integrations that refer to these variables go elsewhere at once"))
        }
        Wanted::Logging(wanted) => logging(target, wanted, settings, of),
        Wanted::AccessLogs(wanted) => access_logs(target, wanted, settings, of),
        Wanted::AttachWebAcl { .. } => web_acl_association::attach(target, stage, settings, facts),
        Wanted::DetachWebAcl => web_acl_association::detach(target, stage, settings, facts),
        _ => Err(Refusal::NotOnThisKind {
            target: target.to_string(),
            kind: target.kind(),
            what: wanted.lever().title(),
        }),
    }
}

fn entry(target: &Target, method: &MethodKey) -> Result<String, Refusal> {
    rest_stage::entry(method).ok_or_else(|| Refusal::Illegal {
        what: format!("the method on {target}"),
        value: method.to_string(),
        legal: "methods of REST APIs are written like \"GET /users\"".to_owned(),
    })
}

fn throttle_of(settings: &Settings, entry: &str) -> Throttle {
    let get = |name: &str| settings.get(&format!("{entry}{name}"));
    Throttle {
        rate: get(rest_stage::RATE).and_then(|rate| rate.parse().ok()),
        burst: get(rest_stage::BURST).and_then(|burst| burst.parse().ok()),
    }
}

fn clear_throttle(
    target: &Target,
    method: &MethodKey,
    entry: &str,
    settings: &Settings,
    of: impl Fn(Vec<SettingChange>, &str) -> Result<Draft, Refusal>,
) -> Result<Draft, Refusal> {
    if settings.under(entry).next().is_none() {
        return Err(unchanged(target, "it has no such override"));
    }
    if *method == MethodKey::All {
        let none = "-1".to_owned();
        let changes =
            method_changes(settings, entry, &[(rest_stage::RATE, none.clone()), (rest_stage::BURST, none)]);
        return Ok(of(changes, "it has no throttle")?
            .with_risk(Risk::High)
            .warn("without a throttle of the stage the account's limit alone protects the backend"));
    }
    // Where all else is as in */*, the override has no other purpose.
    let only_throttle = settings.under(entry).all(|(name, value)| {
        let end = name.strip_prefix(entry).unwrap_or_default();
        end.starts_with("throttling/") || settings.get(&format!("/*/*/{end}")) == Some(value)
    });
    if only_throttle {
        return of(rest_stage::entry_removed(settings, entry), "it has no such override");
    }
    let default = |name: &str| settings.get(&format!("/*/*/{name}")).unwrap_or("-1").to_owned();
    let values = [rest_stage::RATE, rest_stage::BURST].map(|name| (name, default(name)));
    Ok(of(method_changes(settings, entry, &values), "its throttle is that of */*")?.warn(format!(
        "{method} has other settings of its own, so the override stays and takes the throttle of */* as it is now"
    )))
}

fn flush(target: &Target, stage: &StageTarget, settings: &Settings) -> Result<Draft, Refusal> {
    available_cache(target, settings)?;
    let size = settings.get(rest_stage::CACHE_SIZE).unwrap_or("size unknown");
    let fields = vec![FieldChange {
        field: format!("cache entries ({size} GB)"),
        before: "as filled".to_owned(),
        after: "none".to_owned(),
    }];
    let request = Request::FlushStageCache { api: stage.api.clone(), stage: stage.stage.clone() };
    let available =
        Precondition { setting: rest_stage::CACHE_STATUS.to_owned(), value: Some("AVAILABLE".to_owned()) };
    let step = DraftStep { request, changes: Vec::new(), settled: vec![available] };
    Ok(Draft {
        steps: vec![step],
        fields,
        risk: Risk::Low,
        cost: None,
        undo: Undo::Impossible {
            why: "what a flush discards can't be brought back; the cache fills again from the backend"
                .to_owned(),
        },
        preconditions: Vec::new(),
        warnings: Vec::new(),
    }
    .resting_on(rest_stage::CACHE_ENABLED, settings)
    .resting_on(rest_stage::CACHE_SIZE, settings)
    .resting_on(rest_stage::CACHE_STATUS, settings))
}

fn flush_authorizers(stage: &StageTarget) -> Draft {
    let request = Request::FlushStageAuthorizersCache { api: stage.api.clone(), stage: stage.stage.clone() };
    Draft::of_flushed_authorizers(request)
}

fn available_cache(target: &Target, settings: &Settings) -> Result<(), Refusal> {
    if settings.get(rest_stage::CACHE_ENABLED) != Some("true") {
        return Err(Refusal::CacheOff { target: target.to_string() });
    }
    settled_cache(target, settings)
}

/// AWS: nothing can be done to a cache while it is made, resized, flushed or deleted.
fn settled_cache(target: &Target, settings: &Settings) -> Result<(), Refusal> {
    let status = settings.get(rest_stage::CACHE_STATUS).unwrap_or("UNKNOWN");
    if settings.get(rest_stage::CACHE_ENABLED) == Some("true") && status != "AVAILABLE" {
        return Err(Refusal::CacheBusy { target: target.to_string(), status: status.to_owned() });
    }
    Ok(())
}

fn has_canary(settings: &Settings) -> bool {
    settings.under(rest_stage::CANARY).next().is_some()
}

fn roll_back(
    target: &Target,
    to: &RollbackTo,
    settings: &Settings,
    facts: &Facts,
    of: impl Fn(Vec<SettingChange>, &str) -> Result<Draft, Refusal>,
) -> Result<Draft, Refusal> {
    if has_canary(settings) {
        return Err(Refusal::Forbidden {
            target: target.to_string(),
            why: "it has a canary, and AWS points no such stage elsewhere: promote or abort the canary first"
                .to_owned(),
        });
    }
    let (deployment, found) = rollback::choose(target, to, settings.get(rest_stage::DEPLOYMENT), facts)?;
    let change = settings.change_to(rest_stage::DEPLOYMENT, Some(deployment.to_string()));
    let mut draft = of(change.into_iter().collect(), "it points there already")?;
    if let Some(found) = found {
        draft = draft.warn(format!("{deployment}: {found}"));
    }
    let variables: Vec<_> = settings.under(rest_stage::VARIABLES).map(|(name, _)| name).collect();
    let variables: Vec<_> =
        variables.iter().filter_map(|name| name.strip_prefix(rest_stage::VARIABLES)).collect();
    draft = rollback::weigh(draft, facts, &variables);
    draft = draft.warn("variables, throttles, cache and logs belong to the stage and stay as they are");
    if settings.get(rest_stage::CACHE_ENABLED) == Some("true") {
        draft = draft.warn("the cache may hold answers of the present deployment: flush it afterwards");
    }
    Ok(draft)
}

fn canary(
    target: &Target,
    stage: &StageTarget,
    wanted: CanaryWanted,
    settings: &Settings,
    of: impl Fn(Vec<SettingChange>, &str) -> Result<Draft, Refusal>,
) -> Result<Draft, Refusal> {
    if !has_canary(settings) {
        return Err(Refusal::Forbidden { target: target.to_string(), why: "it has no canary".to_owned() });
    }
    let ended = || -> Vec<SettingChange> {
        settings.under(rest_stage::CANARY).filter_map(|(name, _)| settings.change_to(name, None)).collect()
    };
    match wanted {
        CanaryWanted::Percent(percent) => {
            let change = settings.change_to(rest_stage::CANARY_PERCENT, Some(number(percent)));
            let draft = of(change.into_iter().collect(), "the canary has that share already")?;
            Ok(if percent > 50.0 { draft.with_risk(Risk::High) } else { draft })
        }
        CanaryWanted::Abort => {
            Ok(of(ended(), "it has no canary")?.warn("all traffic goes to the stage's own deployment"))
        }
        CanaryWanted::Promote => {
            let Some(deployment) = settings.get(rest_stage::CANARY_DEPLOYMENT) else {
                return Err(Refusal::Forbidden {
                    target: target.to_string(),
                    why: "its canary has no deployment".to_owned(),
                });
            };
            let mut changes: Vec<_> =
                settings.change_to(rest_stage::DEPLOYMENT, Some(deployment.to_owned())).into_iter().collect();
            for (name, value) in settings.under(rest_stage::CANARY_VARIABLES) {
                let own = name.replacen(rest_stage::CANARY_VARIABLES, rest_stage::VARIABLES, 1);
                changes.extend(settings.change_to(own, Some(value.to_owned())));
            }
            changes.extend(ended());
            let draft = Draft::of_settings(target, rest_stage::steps(stage, &changes, settings)?);
            Ok(draft
                .with_risk(Risk::High)
                .warn("the canary's deployment and variables become the stage's, for all traffic"))
        }
    }
}

fn cache(
    target: &Target,
    wanted: &CacheWanted,
    settings: &Settings,
    of: impl Fn(Vec<SettingChange>, &str) -> Result<Draft, Refusal>,
) -> Result<Draft, Refusal> {
    let legal_size = |size: &str| {
        legal::Legal::OneOf(&legal::CACHE_SIZES).refuses(size).map_or(Ok(()), |legal| {
            Err(Refusal::Illegal { what: "the cache size".to_owned(), value: size.to_owned(), legal })
        })
    };
    match wanted {
        CacheWanted::On { size } => {
            let size = size.as_deref().or_else(|| settings.get(rest_stage::CACHE_SIZE)).unwrap_or("0.5");
            legal_size(size)?;
            let changes = [
                settings.change_to(rest_stage::CACHE_ENABLED, Some("true".to_owned())),
                settings.change_to(rest_stage::CACHE_SIZE, Some(size.to_owned())),
            ];
            let mut draft = of(changes.into_iter().flatten().collect(), "its cache is on already")?.warn(
                "AWS takes minutes to make a cache; GET alone is cached unless a method says otherwise",
            );
            draft.cost = Some(format!("AWS bills a cache of {size} GB by the hour, whether used or not"));
            Ok(draft)
        }
        CacheWanted::Off => {
            available_cache(target, settings)?;
            let change = settings.change_to(rest_stage::CACHE_ENABLED, Some("false".to_owned()));
            Ok(of(change.into_iter().collect(), "its cache is off already")?.with_risk(Risk::High).warn(
                "all requests go to the backend, and what is cached is lost: turning it on again begins empty",
            )
            .resting_on(rest_stage::CACHE_SIZE, settings))
        }
        CacheWanted::Size(size) => {
            legal_size(size)?;
            available_cache(target, settings)?;
            let change = settings.change_to(rest_stage::CACHE_SIZE, Some(size.clone()));
            let mut draft = of(change.into_iter().collect(), "its cache has that size already")?
                .with_risk(Risk::High)
                .warn("AWS makes a new cache, which takes minutes, and what is cached is lost");
            draft.cost = Some(format!("AWS bills a cache of {size} GB by the hour, whether used or not"));
            Ok(draft)
        }
        CacheWanted::TimeToLive { method, seconds } => {
            let entry = entry(target, method)?;
            let values = [(rest_stage::TIME_TO_LIVE, seconds.to_string())];
            let draft = of(method_changes(settings, &entry, &values), "its TTL is that already")?;
            Ok(if *seconds == 0 { draft.warn("a TTL of 0 turns caching off") } else { draft })
        }
        CacheWanted::Method { method, enabled } => {
            let entry = entry(target, method)?;
            let values = [(rest_stage::CACHING, enabled.to_string())];
            of(method_changes(settings, &entry, &values), "its caching is so already")
        }
    }
}

fn logging(
    target: &Target,
    wanted: &LoggingWanted,
    settings: &Settings,
    of: impl Fn(Vec<SettingChange>, &str) -> Result<Draft, Refusal>,
) -> Result<Draft, Refusal> {
    let entry = entry(target, &wanted.method)?;
    let mut values = Vec::new();
    values.extend(wanted.level.clone().map(|level| (rest_stage::LOG_LEVEL, level)));
    values.extend(wanted.data_trace.map(|on| (rest_stage::DATA_TRACE, on.to_string())));
    values.extend(wanted.detailed_metrics.map(|on| (rest_stage::METRICS, on.to_string())));
    let mut changes = if values.is_empty() { Vec::new() } else { method_changes(settings, &entry, &values) };
    changes
        .extend(wanted.tracing.and_then(|on| settings.change_to(rest_stage::TRACING, Some(on.to_string()))));
    let mut draft = of(changes, "these are so already")?;
    if wanted.data_trace == Some(true) {
        draft = draft
            .with_risk(Risk::High)
            .warn("data trace writes whole requests and answers to the log, personal data included");
    }
    if wanted.detailed_metrics == Some(true) {
        draft.cost = Some("AWS bills each detailed metric of each method as a custom metric".to_owned());
    }
    Ok(draft)
}

fn access_logs(
    target: &Target,
    wanted: &AccessLogs,
    settings: &Settings,
    of: impl Fn(Vec<SettingChange>, &str) -> Result<Draft, Refusal>,
) -> Result<Draft, Refusal> {
    match wanted {
        AccessLogs::Off => {
            let names = [rest_stage::LOG_DESTINATION, rest_stage::LOG_FORMAT];
            let changes = names.into_iter().filter_map(|name| settings.change_to(name, None)).collect();
            Ok(of(changes, "it writes no access logs")?
                .with_risk(Risk::High)
                .warn("from then on no request leaves a line in the access log"))
        }
        AccessLogs::To { destination_arn, format } => {
            let set = |name: &str, value: &Option<String>| {
                value.clone().and_then(|value| settings.change_to(name, Some(value)))
            };
            let changes: Vec<_> =
                [set(rest_stage::LOG_DESTINATION, destination_arn), set(rest_stage::LOG_FORMAT, format)]
                    .into_iter()
                    .flatten()
                    .collect();
            let after = settings.after(&changes);
            let whole = [rest_stage::LOG_DESTINATION, rest_stage::LOG_FORMAT]
                .iter()
                .all(|name| after.get(name).is_some());
            if !whole {
                return Err(Refusal::Forbidden {
                    target: target.to_string(),
                    why: "access logs need both a destination and a format".to_owned(),
                });
            }
            of(changes, "its access logs are so already")
        }
    }
}
