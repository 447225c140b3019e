//! Whose requests a throttle would have refused, from the access logs of the stages: read where it is asked
//! for, since it takes seconds and many requests.
//!
//! They are read by `FilterLogEvents`, the newest events first, and no further than a set number of pages: AWS
//! bills Logs Insights by what it scans and this by nothing, at the price of what a busy stage writes in an hour
//! not fitting in. Then the minutes that were read are replayed, and the forecast says over how many; where not one
//! was, a sample tells ([`sampled`]).

mod logs;
mod sampled;

use std::collections::BTreeMap;

use self::logs::{Logged, Source};
use self::sampled::Busy;
use super::what_if::{Replayed, query, requests};
use crate::aws::{Mode, Session};
use crate::domain::access_log::LoggedRequest;
use crate::domain::api::Api;
use crate::domain::change::Settings;
use crate::domain::id::{ApiId, ApiKeyId, StageName};
use crate::domain::levers::{http_stage, rest_stage};
use crate::domain::method::MethodKey;
use crate::domain::signal::TimeWindow;
use crate::domain::what_if::attribution::Callers;
use crate::domain::what_if::traffic::Traffic;
use crate::domain::what_if::{Replay, Scope, WhatIf};

/// Pages that are read in all, of up to 10,000 events and 1 MB each, at 2.5 in a second.
const MOST_PAGES: usize = 24;

/// Of a stage's or a method's throttle.
///
/// # Errors
/// Why the logs don't tell.
pub(super) async fn of_stage<M: Mode>(
    session: &Session<M>,
    replayed: &Replayed,
    settings: &Settings,
    api: &Api,
    stage: &StageName,
    method: &MethodKey,
) -> Result<WhatIf, String> {
    let source = Source::of(settings)?;
    if !source.format.has_method() {
        return Err(
            "the format of the access logs has no $context.httpMethod with $context.resourcePath, and no \
             $context.routeKey"
                .to_owned(),
        );
    }
    let logged = logs::read(session, &source, replayed.window, MOST_PAGES).await?;
    let names =
        if source.format.by_key { super::keys_reached::key_names(session).await? } else { BTreeMap::new() };
    let Some(mut logged) = logged else {
        let own = |method: &str| !has_own(settings, api, method);
        return sampled::of_stage(session, &source, replayed, method, own, &names).await;
    };
    for request in &mut logged.requests {
        request.caller = request.caller.take().map(|caller| who(&caller, &names));
    }
    let traffic = requests(session, vec![query(api, stage.as_str(), method)], logged.window).await?;
    let replay = Replay { traffic: &traffic, until: logged.window.end, ..replayed.replay() };
    let said = logged.said(source.format.by_key, 1);
    if replayed.scope == Scope::Shared {
        let wanted = method.to_string();
        let own = logged.requests.iter().filter(|one| one.method.as_deref() == Some(&wanted));
        return Ok(replay.of_callers(&callers(own, logged.window), &said));
    }
    let mut by_method: BTreeMap<&str, Vec<&LoggedRequest>> = BTreeMap::new();
    for request in &logged.requests {
        by_method.entry(request.method.as_deref().unwrap_or_default()).or_default().push(request);
    }
    by_method.retain(|method, _| !has_own(settings, api, method));
    let methods: Vec<(Traffic, Callers)> = by_method
        .into_values()
        .map(|own| (minutes(own.iter().copied(), logged.window), callers(own.into_iter(), logged.window)))
        .collect();
    Ok(replay.of_methods(&methods, &said))
}

/// Of the throttle of a usage plan's keys, by their names.
///
/// # Errors
/// Why the logs of one of its stages don't tell.
pub(super) async fn of_plan<M: Mode>(
    session: &Session<M>,
    replay: Replay<'_>,
    window: TimeWindow,
    stages: impl Iterator<Item = &(ApiId, StageName)> + Clone,
    (keys, apis): (&BTreeMap<ApiKeyId, String>, &BTreeMap<ApiId, Api>),
) -> Result<WhatIf, String> {
    let count = stages.clone().count();
    let each = (MOST_PAGES / count.max(1)).max(1);
    let mut all = Logged { requests: Vec::new(), window, pages: 0 };
    let (mut silent, mut busy, mut read_whole) = (Vec::new(), Vec::new(), 0);
    for (api, stage) in stages {
        match of_stage_by_key(session, api, stage, window, each).await {
            Ok((_, Some(read))) => {
                read_whole += 1;
                all.window.start = all.window.start.max(read.window.start);
                all.pages += read.pages;
                all.requests.extend(read.requests);
            }
            Ok((source, None)) => match apis.get(api) {
                Some(api) => busy.push(Busy { api: api.clone(), stage: stage.clone(), source }),
                None => silent.push(format!("{api}/{stage}: the API is not in the list of APIs")),
            },
            Err(why) => silent.push(format!("{api}/{stage}: {why}")),
        }
    }
    // Other requests to these stages meet no limit of this plan.
    all.requests.retain(|request| {
        request.at >= all.window.start
            && request.caller.as_ref().is_some_and(|key| keys.contains_key(&ApiKeyId::new(key)))
    });
    for request in &mut all.requests {
        request.caller = request.caller.take().map(|caller| who(&caller, keys));
    }
    let sample = sampled::of_busy(session, busy, all.window, keys, &mut silent).await;
    if silent.len() == count {
        return Err(silent.swap_remove(0));
    }
    let and_silent = |said: String| match silent.first() {
        Some(first) => {
            format!("{said}; {} more can't be read, and the figures leave them out: {first}", silent.len())
        }
        None => said,
    };
    let said = all.said(true, read_whole);
    if let Some(sample) = sample {
        let said = if read_whole == 0 { sample.said() } else { format!("{}, and {said}", sample.said()) };
        let by_key = by_name(all.requests.iter(), all.window);
        return Ok(sample.replayed(replay, by_key, all.window, &and_silent(said)));
    }
    let traffic = minutes(all.requests.iter(), all.window);
    let replay = Replay { traffic: &traffic, until: all.window.end, ..replay };
    Ok(replay.of_callers(&callers(all.requests.iter(), all.window), &and_silent(said)))
}

/// What a stage's logs hold of whole minutes, by the keys' ids; none where not one is.
async fn of_stage_by_key<M: Mode>(
    session: &Session<M>,
    api: &ApiId,
    stage: &StageName,
    window: TimeWindow,
    most_pages: usize,
) -> Result<(Source, Option<Logged>), String> {
    let settings = session.rest_stage_settings(api, stage).await.map_err(|failure| failure.to_string())?;
    let source = Source::of(&settings)?;
    if !source.format.by_key {
        return Err("its access logs have no $context.identity.apiKeyId".to_owned());
    }
    let read = logs::read(session, &source, window, most_pages).await?;
    Ok((source, read))
}

fn who(caller: &str, names: &BTreeMap<ApiKeyId, String>) -> String {
    match names.get(&ApiKeyId::new(caller)) {
        Some(name) => format!("{name} ({caller})"),
        None => caller.to_owned(),
    }
}

/// Whether a method of the logs has a throttle of its own, so that the default doesn't hold for it.
fn has_own(settings: &Settings, api: &Api, method: &str) -> bool {
    let entry = match (api.kind, method.split_once(' ')) {
        (crate::domain::api::ApiKind::Rest, Some((verb, path))) => {
            rest_stage::entry(&MethodKey::Method { path: path.to_owned(), verb: verb.to_owned() })
        }
        (crate::domain::api::ApiKind::Rest, None) => None,
        _ => Some(http_stage::route_entry(method)),
    };
    entry.is_some_and(|entry| settings.under(&entry).next().is_some())
}

fn minutes<'request>(requests: impl Iterator<Item = &'request LoggedRequest>, window: TimeWindow) -> Traffic {
    Traffic::of_times(requests.map(|request| request.at), window)
}

fn callers<'request>(requests: impl Iterator<Item = &'request LoggedRequest>, window: TimeWindow) -> Callers {
    Callers::new(by_name(requests, window))
}

fn by_name<'request>(
    requests: impl Iterator<Item = &'request LoggedRequest>,
    window: TimeWindow,
) -> BTreeMap<String, Traffic> {
    let mut times: BTreeMap<&str, Vec<jiff::Timestamp>> = BTreeMap::new();
    for request in requests {
        if let Some(caller) = &request.caller {
            times.entry(caller).or_default().push(request.at);
        }
    }
    times.into_iter().map(|(who, times)| (who.to_owned(), Traffic::of_times(times, window))).collect()
}
