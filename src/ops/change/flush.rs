//! Flushing a stage's response cache.
//!
//! AWS: FlushStageCache empties the whole cache of a REST stage; there is no partial flush and no
//! way back. Until the cache has filled again every request goes to the backend, so the plan says
//! how many that will be.

use std::time::Duration;

use crate::aws::operations::FLUSH_STAGE_CACHE;
use crate::aws::{Mode, Operate, Session};
use crate::domain::api::{Api, ApiKind};
use crate::domain::change::{
    BlastRadius, FieldChange, Lever, Outcome, Plan, PlannedCall, Precondition, Refusal, Risk, Undo,
};
use crate::domain::estate::RegionEstate;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::RegionKey;
use crate::domain::signal::{PERIOD_SECONDS, StageTraffic};
use crate::domain::stage::{Cache, CacheStatus, Stage};
use crate::domain::target::StageTarget;
use crate::ops::clock::Clock;
use crate::ops::signals;

use super::{ChangeError, Progress};

/// How far back the plan looks at the traffic.
const MINUTES_BEFORE: u32 = 5;
/// Between two looks at the stage while it flushes.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// AWS says seconds; after this long the outcome is left open.
const LONGEST_FLUSH: Duration = Duration::from_mins(5);
/// From this many requests per second shifted to the backend on, the target's name must be typed.
const HIGH_RISK_PER_SECOND: f64 = 500.0;

/// Reads the stage anew and says what a flush of it would do. What is known of its region tells whether
/// the stage's metrics are its own.
///
/// # Errors
/// `Refused` where there is no cache to flush, `Failed` where the stage can't be read. Without
/// metrics there is still a plan; it says that the traffic is unknown.
pub async fn plan_flush<M: Mode>(
    session: &Session<M>,
    region: &RegionEstate,
    api: &Api,
    target: &StageTarget,
    clock: &Clock,
) -> Result<Plan, ChangeError> {
    if api.kind != ApiKind::Rest {
        return Err(
            Refusal::NoCacheOnThisKind { target: target.to_string(), kind: api.kind.to_string() }.into()
        );
    }
    let stage = session.rest_stage(&target.api, &target.stage).await?;
    let cache = flushable(&stage, target)?;
    let minutes = i64::from(MINUTES_BEFORE);
    let traffic = signals::read_stage(session, region, api, &target.stage, clock, minutes).await;
    let mut warnings = Vec::new();
    let blast_radius = match &traffic {
        Ok(traffic) => blast_radius(traffic),
        Err(failure) => {
            warnings.push(format!("the traffic is unknown: {failure}"));
            blast_radius(&StageTraffic::default())
        }
    };
    let shifted = blast_radius.shifted_to_backend_per_second;
    // An unknown load is treated as a large one.
    let risk = match shifted {
        Some(shifted) if shifted < HIGH_RISK_PER_SECOND => Risk::Low,
        _ => Risk::High,
    };
    // API Gateway's IAM resources are paths, with an empty account (AWS: "Actions, resources, and
    // condition keys for Amazon API Gateway Management").
    let path = format!("/restapis/{}/stages/{}/cache/data", target.api, target.stage);
    let partition = session.identity().arn.split(':').nth(1).unwrap_or("aws");
    let arn = format!("arn:{partition}:apigateway:{}::{path}", session.region());
    Ok(Plan {
        lever: Lever::FlushStageCache,
        region: RegionKey { account: session.identity().account.clone(), region: session.region().clone() },
        target: target.clone(),
        risk,
        calls: vec![PlannedCall {
            service: FLUSH_STAGE_CACHE.service.to_string(),
            operation: FLUSH_STAGE_CACHE.name.to_owned(),
            request: format!("DELETE {path}"),
        }],
        fields: vec![FieldChange {
            field: format!("cache entries ({} GB)", cache.size.as_deref().unwrap_or("size unknown")),
            before: "as filled".to_owned(),
            after: "none".to_owned(),
        }],
        iam: FLUSH_STAGE_CACHE.iam.iter().map(|grant| format!("{} on {arn}", grant.action)).collect(),
        blast_radius,
        undo: Undo::Impossible {
            why: "what a flush discards can't be brought back; the cache fills again from the backend"
                .to_owned(),
        },
        preconditions: vec![
            Precondition::CacheEnabled { size: cache.size.clone() },
            Precondition::CacheStatusIs { status: cache.status.clone() },
        ],
        warnings,
        planned_at: clock.now(),
    })
}

fn flushable<'stage>(stage: &'stage Stage, target: &StageTarget) -> Result<&'stage Cache, Refusal> {
    let cache = stage.cache.as_ref().filter(|cache| cache.enabled);
    let cache = cache.ok_or_else(|| Refusal::CacheOff { target: target.to_string() })?;
    if cache.status != CacheStatus::Available {
        return Err(Refusal::CacheBusy { target: target.to_string(), status: cache.status.clone() });
    }
    Ok(cache)
}

/// Means over the whole minutes that CloudWatch has; the running minute isn't whole.
fn blast_radius(traffic: &StageTraffic) -> BlastRadius {
    let until = traffic.minute;
    let settled = |at: &jiff::Timestamp| until.is_some_and(|until| *at <= until);
    let sum = |series: &crate::domain::signal::Series| {
        series.points().iter().filter(|(at, _)| settled(at)).map(|(_, value)| value).sum::<f64>()
    };
    let minutes = traffic.requests.points().iter().filter(|(at, _)| settled(at)).count();
    let seconds = seconds_of(minutes);
    let (hits, misses) = (sum(&traffic.cache_hits), sum(&traffic.cache_misses));
    BlastRadius {
        minutes: u32::try_from(minutes).unwrap_or(u32::MAX),
        until,
        requests_per_second: seconds.map(|seconds| sum(&traffic.requests) / seconds),
        cache_hit_rate: (hits + misses > 0.0).then(|| hits / (hits + misses)),
        shifted_to_backend_per_second: seconds.map(|seconds| hits / seconds),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a handful of minutes")]
fn seconds_of(minutes: usize) -> Option<f64> {
    (minutes > 0).then_some(minutes as f64 * PERIOD_SECONDS as f64)
}

/// Reads what the plan rests on again.
pub(super) async fn check<M: Mode>(session: &Session<M>, plan: &Plan) -> Result<(), ChangeError> {
    let stage = session.rest_stage(&plan.target.api, &plan.target.stage).await?;
    let cache = flushable(&stage, &plan.target)?;
    for precondition in &plan.preconditions {
        let difference = match precondition {
            Precondition::CacheEnabled { size } if *size != cache.size => {
                format!(
                    "the cache's size was {}, now it is {}",
                    shown(size.as_deref()),
                    shown(cache.size.as_deref())
                )
            }
            Precondition::CacheStatusIs { status } if *status != cache.status => {
                format!("the cache was {status}, now it is {}", cache.status)
            }
            _ => continue,
        };
        return Err(Refusal::Moved { target: plan.target.to_string(), difference }.into());
    }
    Ok(())
}

fn shown(size: Option<&str>) -> &str {
    size.unwrap_or("unknown")
}

/// Sends the flush once, and waits until the stage says that it is done.
pub(super) async fn send(
    session: &Session<Operate>,
    plan: &Plan,
    clock: &Clock,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> (Outcome, Vec<String>) {
    for call in &plan.calls {
        progress(Progress::Sending(call.clone()));
    }
    let sent = session.flush_stage_cache(&plan.target.api, &plan.target.stage).await;
    let request_ids = |id: Option<String>| id.into_iter().collect::<Vec<_>>();
    match sent {
        Ok(request_id) => (settle(session, plan, clock, progress).await, request_ids(request_id)),
        Err(failure) if never_took_effect(failure.kind) => {
            (Outcome::NotApplied { why: failure.to_string() }, request_ids(failure.request_id))
        }
        Err(failure) => {
            (find_out(session, plan, &failure, clock, progress).await, request_ids(failure.request_id))
        }
    }
}

/// AWS said no, or nothing left this machine.
fn never_took_effect(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Refused
            | FailureKind::Credentials
            | FailureKind::AccessDenied
            | FailureKind::NotFound
            | FailureKind::Conflict
            | FailureKind::Throttled { .. }
            | FailureKind::Invalid
            | FailureKind::Configuration
            // A change is cancelled while it waits for its turn, and never once it is on its way.
            | FailureKind::Cancelled
    )
}

/// The answer was lost. The stage tells whether a flush is running; it isn't sent again.
async fn find_out<M: Mode>(
    session: &Session<M>,
    plan: &Plan,
    failure: &Failure,
    clock: &Clock,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Outcome {
    match session.rest_stage(&plan.target.api, &plan.target.stage).await {
        Ok(stage)
            if stage.cache.as_ref().is_some_and(|cache| cache.status == CacheStatus::FlushInProgress) =>
        {
            settle(session, plan, clock, progress).await
        }
        _ => Outcome::Unknown { why: format!("{failure}; whether the cache was flushed can't be told") },
    }
}

/// Waits until the stage is AVAILABLE again.
async fn settle<M: Mode>(
    session: &Session<M>,
    plan: &Plan,
    clock: &Clock,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Outcome {
    let begun = clock.now();
    loop {
        let read = session.rest_stage(&plan.target.api, &plan.target.stage).await;
        if read.as_ref().is_err_and(|failure| failure.kind == FailureKind::Cancelled) {
            let why = "AWS accepted the flush; the wait for its end was broken off".to_owned();
            return Outcome::Unknown { why };
        }
        let status = read.ok().and_then(|stage| stage.cache).map(|cache| cache.status);
        match status {
            Some(CacheStatus::Available) => return Outcome::Applied,
            Some(status) => progress(Progress::Waiting { status }),
            // A failed look says nothing of the flush: look again.
            None => progress(Progress::Waiting { status: CacheStatus::Unknown }),
        }
        let waited = clock.now().duration_since(begun).unsigned_abs();
        if waited > LONGEST_FLUSH {
            let why = format!(
                "AWS accepted the flush, but after {} s the cache is not AVAILABLE",
                LONGEST_FLUSH.as_secs()
            );
            return Outcome::Unknown { why };
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signal::Series;
    use jiff::Timestamp;

    fn minute(number: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + number * 60).unwrap()
    }

    #[test]
    fn the_running_minute_does_not_count() {
        let series = |value: f64| Series::new((0..3).map(|number| (minute(number), value)).collect());
        let traffic = StageTraffic {
            minute: Some(minute(1)),
            requests: series(600.0),
            cache_hits: series(300.0),
            cache_misses: series(100.0),
            ..StageTraffic::default()
        };
        let radius = blast_radius(&traffic);
        assert_eq!(radius.minutes, 2);
        assert_eq!(radius.requests_per_second, Some(10.0));
        assert_eq!(radius.cache_hit_rate, Some(0.75));
        assert_eq!(radius.shifted_to_backend_per_second, Some(5.0));
    }

    #[test]
    fn no_data_is_unknown_and_not_zero() {
        let radius = blast_radius(&StageTraffic::default());
        assert_eq!((radius.requests_per_second, radius.cache_hit_rate), (None, None));
    }

    #[test]
    fn a_lost_answer_is_not_taken_for_a_refusal() {
        assert!(never_took_effect(FailureKind::AccessDenied));
        assert!(never_took_effect(FailureKind::Cancelled));
        for lost in
            [FailureKind::Timeout, FailureKind::Unreachable, FailureKind::Malformed, FailureKind::Service]
        {
            assert!(!never_took_effect(lost), "{lost:?}");
        }
    }
}
