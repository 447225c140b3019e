//! What a stage's proposed throttle would have done to the traffic of the last hour.

use jiff::{SignedDuration, Timestamp};

use super::facts::Shared;
use super::planning::Grounds;
use super::v2_surroundings::account_throttle;
use crate::aws::{Mode, Session};
use crate::domain::api::{Api, ApiKind};
use crate::domain::change::{Plan, Settings, Target};
use crate::domain::levers::throttle;
use crate::domain::method::MethodKey;
use crate::domain::signal::{
    MetricIdentity, MetricQuery, SETTLED_AFTER, SeriesStatus, Statistic, TimeWindow, floor_to_minute,
};
use crate::domain::stage::Throttle;
use crate::domain::what_if::bucket::Bucket;
use crate::domain::what_if::traffic::Traffic;
use crate::domain::what_if::{Replay, Scope};
use crate::ops::clock::Clock;
use crate::ops::signals::{api_dimension, shares_metrics};

/// How much traffic is replayed.
pub(super) const MINUTES: i64 = 60;

/// Traffic, and the limits that it is replayed through.
#[derive(Clone, Debug)]
pub(super) struct Replayed {
    pub traffic: Traffic,
    pub window: TimeWindow,
    pub scope: Scope,
    pub now: Option<Bucket>,
    pub proposed: Bucket,
}

impl Replayed {
    pub(super) fn replay(&self) -> Replay<'_> {
        let Self { traffic, window, scope, now, proposed } = self;
        Replay { traffic, until: window.end, scope: *scope, now: *now, proposed: *proposed }
    }
}

/// The hour before the newest minute that CloudWatch has whole.
pub(super) fn last_hour<M: Mode>(session: &Session<M>, clock: &Clock) -> TimeWindow {
    let until = floor_to_minute(session.now(clock.now())) - SignedDuration::from_mins(SETTLED_AFTER);
    TimeWindow { start: until - SignedDuration::from_mins(MINUTES), end: until }
}

/// Replays the requests of the stage, or of the method, whose throttle the plan alters. None where it alters
/// no throttle of a stage, several, or nothing is known of its API.
///
/// # Errors
/// Why it can't be told.
pub(super) async fn of_stage<M: Mode>(
    session: &Session<M>,
    plan: &Plan,
    settings: &Settings,
    grounds: &Grounds<'_>,
    shared: &Shared,
) -> Result<Option<Replayed>, String> {
    let (Some(stage), Some(api)) = (plan.target.stage(), grounds.api) else { return Ok(None) };
    let changes = plan.changes();
    let Some(method) = throttle::limited(&plan.target, &changes) else { return Ok(None) };
    let around = around(session, &plan.target, settings, shared).await;
    let of = |settings: &Settings| Bucket::of(throttle::holding(&plan.target, settings, &method), around);
    let Some(proposed) = of(&settings.after(&changes)) else {
        return Err("neither the stage nor the account sets both rate and burst".to_owned());
    };
    refuse_shared(api, grounds)?;
    let scope = match &method {
        MethodKey::All => Scope::Each { buckets: count_operations(session, api).await? },
        MethodKey::Method { .. } | MethodKey::Route(_) => Scope::Shared,
    };
    let window = last_hour(session, grounds.clock);
    let traffic = requests(session, vec![query(api, stage.stage.as_str(), &method)], window).await?;
    // AWS leaves out what is zero, and counts a method by itself only where its detailed metrics are on.
    if traffic.total() == 0 && method != MethodKey::All {
        return Err(format!("CloudWatch has no requests of {method}: its detailed metrics may be off"));
    }
    Ok(Some(Replayed { traffic, window, scope, now: of(settings), proposed }))
}

/// What limits all APIs of the account.
async fn around<M: Mode>(
    session: &Session<M>,
    target: &Target,
    settings: &Settings,
    shared: &Shared,
) -> Throttle {
    let known = match target {
        Target::HttpStage(_) | Target::WebSocketStage(_) => account_throttle(settings),
        _ => None,
    };
    match known {
        Some(known) => known,
        None => shared.account_throttle(session).await.unwrap_or_default(),
    }
}

/// # Errors
/// Where the API's figures aren't its own.
pub(super) fn refuse_shared(api: &Api, grounds: &Grounds<'_>) -> Result<(), String> {
    if shares_metrics(api, grounds.region.apis.values().map(|entry| &entry.api)) {
        return Err(format!("CloudWatch folds the metrics of every REST API called {} into one", api.name));
    }
    Ok(())
}

/// The requests of these together, minute by minute.
///
/// # Errors
/// Where CloudWatch can't be read, or withholds some.
pub(super) async fn requests<M: Mode>(
    session: &Session<M>,
    queries: Vec<MetricQuery>,
    window: TimeWindow,
) -> Result<Traffic, String> {
    let answers = session.metric_data(&queries, window).await.map_err(|failure| failure.to_string())?;
    if answers.iter().any(|answer| answer.status != SeriesStatus::Complete) {
        return Err("CloudWatch withheld some of the requests".to_owned());
    }
    let mut all = Traffic::of_series(&crate::domain::signal::Series::default(), window);
    for answer in &answers {
        all.add(&Traffic::of_series(&answer.series, window));
    }
    Ok(all)
}

/// The default throttle holds for each method by itself; those with a throttle of their own are few, and
/// counting them in keeps the least what it is said to be.
async fn count_operations<M: Mode>(session: &Session<M>, api: &Api) -> Result<u32, String> {
    let operations = match api.kind {
        ApiKind::Rest => session.rest_operations(&api.id).await,
        ApiKind::Http | ApiKind::WebSocket => session.v2_operations(&api.id).await,
    };
    let count = operations.map_err(|failure| format!("its methods can't be counted: {failure}"))?.len();
    Ok(u32::try_from(count).unwrap_or(u32::MAX).max(1))
}

/// AWS: "API Gateway dimensions and metrics": requests of the stage, or of one method where its detailed
/// metrics are on.
pub(super) fn query(api: &Api, stage: &str, method: &MethodKey) -> MetricQuery {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut dimensions = vec![api_dimension(api), pair("Stage", stage)];
    match method {
        MethodKey::All => {}
        MethodKey::Method { path, verb } => {
            dimensions.extend([pair("Method", verb), pair("Resource", path)]);
        }
        MethodKey::Route(route) if api.kind == ApiKind::WebSocket => dimensions.push(pair("Route", route)),
        MethodKey::Route(route) => {
            let (verb, path) = route.split_once(' ').unwrap_or((route, route));
            dimensions.extend([pair("Method", verb), pair("Resource", path)]);
        }
    }
    dimensions.sort();
    let name = if api.kind == ApiKind::WebSocket { "MessageCount" } else { "Count" };
    let metric = MetricIdentity { namespace: "AWS/ApiGateway".to_owned(), name: name.to_owned(), dimensions };
    MetricQuery { metric, statistic: Statistic::Sum }
}

/// When a day begins, in UTC.
pub(super) fn midnight(day: jiff::civil::Date) -> Timestamp {
    jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MIN)
}
