//! What a proposed throttle would have done to the traffic of the last hour.

use jiff::SignedDuration;

use super::planning::Grounds;
use crate::aws::{Mode, Session};
use crate::domain::api::{Api, ApiKind};
use crate::domain::change::{Plan, Settings};
use crate::domain::method::MethodKey;
use crate::domain::signal::{
    MetricIdentity, MetricQuery, SETTLED_AFTER, SeriesStatus, Statistic, TimeWindow, floor_to_minute,
};
use crate::domain::stage::Throttle;
use crate::domain::what_if::bucket::Bucket;
use crate::domain::what_if::traffic::Traffic;
use crate::domain::what_if::{Scope, WhatIf};
use crate::ops::signals::{api_dimension, shares_metrics};

/// How much traffic is replayed.
const MINUTES: i64 = 60;

/// Replays the stage's or the method's requests. None where there is nothing to replay them on.
///
/// # Errors
/// Why it can't be told.
pub async fn forecast<M: Mode>(
    session: &Session<M>,
    plan: &Plan,
    method: &MethodKey,
    settings: &Settings,
    account: Option<Throttle>,
    grounds: &Grounds<'_>,
) -> Result<Option<WhatIf>, String> {
    let (Some(stage), Some(api)) = (plan.target.stage(), grounds.api) else { return Ok(None) };
    let names = setting_names(api.kind, method);
    let around = account.unwrap_or_default();
    let Some(proposed) = Bucket::of(throttle(&settings.after(&plan.changes()), &names), around) else {
        return Err("neither the stage nor the account sets both rate and burst".to_owned());
    };
    let now = Bucket::of(throttle(settings, &names), around);
    if shares_metrics(api, grounds.region.apis.values().map(|entry| &entry.api)) {
        return Err(format!("CloudWatch folds the metrics of every REST API called {} into one", api.name));
    }
    let scope = match method {
        MethodKey::All => Scope::Each { buckets: count_operations(session, api).await? },
        MethodKey::Method { .. } | MethodKey::Route(_) => Scope::Shared,
    };

    let until = floor_to_minute(session.now(grounds.clock.now())) - SignedDuration::from_mins(SETTLED_AFTER);
    let window = TimeWindow { start: until - SignedDuration::from_mins(MINUTES), end: until };
    let query = query(api, stage.stage.as_str(), method);
    let answers = session.metric_data(&[query], window).await.map_err(|failure| failure.to_string())?;
    let answer = answers.into_iter().find(|answer| answer.status == SeriesStatus::Complete);
    let answer = answer.ok_or("CloudWatch withheld the requests of the last hour")?;
    if answer.series.points().is_empty() {
        return Err(match method {
            MethodKey::All => "CloudWatch has no requests of the last hour".to_owned(),
            method => format!("CloudWatch has no requests of {method}: its detailed metrics may be off"),
        });
    }
    let traffic = Traffic::of_series(&answer.series, window);
    Ok(Some(WhatIf::of_minutes(&traffic, until, scope, now, proposed)))
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
fn query(api: &Api, stage: &str, method: &MethodKey) -> MetricQuery {
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

/// What rate and burst of a method are called among the settings of a stage.
fn setting_names(kind: ApiKind, method: &MethodKey) -> [String; 2] {
    let entry = match (kind, method) {
        (ApiKind::Rest, method) => {
            let entry = method.patch_segments().unwrap_or_default();
            return ["throttling/rateLimit", "throttling/burstLimit"].map(|name| format!("/{entry}/{name}"));
        }
        (_, MethodKey::All) => "/defaultRouteSettings".to_owned(),
        (_, method) => {
            let key = method.to_string().replace('~', "~0").replace('/', "~1");
            format!("/routeSettings/{key}")
        }
    };
    ["throttlingRateLimit", "throttlingBurstLimit"].map(|name| format!("{entry}/{name}"))
}

fn throttle(settings: &Settings, [rate, burst]: &[String; 2]) -> Throttle {
    Throttle {
        rate: settings.get(rate).and_then(|rate| rate.parse().ok()),
        burst: settings.get(burst).and_then(|burst| burst.parse().ok()),
    }
}
