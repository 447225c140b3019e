//! The traffic that a change touches, as far as CloudWatch tells.

use super::planning::Grounds;
use super::reach;
use crate::aws::{Mode, Session};
use crate::domain::change::{BlastRadius, Lever, Target};
use crate::domain::levers::Draft;
use crate::domain::levers::consequences::caches_less;
use crate::domain::signal::{PERIOD_SECONDS, StageTraffic};
use crate::ops::signals;

/// How far back a plan looks.
pub(super) const MINUTES_BEFORE: i64 = 5;

/// Means over the last minutes; a warning where the traffic isn't known.
pub async fn blast_radius<M: Mode>(
    session: &Session<M>,
    lever: Lever,
    target: &Target,
    draft: &Draft,
    grounds: &Grounds<'_>,
) -> (BlastRadius, Option<String>) {
    if let Target::WebAcl(_) | Target::IpSet(_) = target {
        return reach::blast_radius(session, target, grounds).await;
    }
    let (Some(stage), Some(api)) = (target.stage(), grounds.api) else {
        return (BlastRadius::default(), None);
    };
    let (region, clock) = (grounds.region, grounds.clock);
    let shifts = caches_less(lever, draft.steps.iter().flat_map(|step| &step.changes));
    let (mut radius, unknown) =
        match signals::read_stage(session, region, api, &stage.stage, clock, MINUTES_BEFORE).await {
            Ok(traffic) => (means(&traffic, shifts), None),
            Err(failure) => (BlastRadius::default(), Some(format!("the traffic is unknown: {failure}"))),
        };
    radius.production.extend(grounds.is_production(api).then(|| api.name.clone()));
    (radius, unknown)
}

/// Means over the whole minutes that CloudWatch has; the running minute isn't whole.
pub(super) fn means(traffic: &StageTraffic, shifts: bool) -> BlastRadius {
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
        shifted_to_backend_per_second: seconds.filter(|_| shifts).map(|seconds| hits / seconds),
        ..BlastRadius::default()
    }
}

#[expect(clippy::cast_precision_loss, reason = "a handful of minutes")]
fn seconds_of(minutes: usize) -> Option<f64> {
    (minutes > 0).then_some(minutes as f64 * PERIOD_SECONDS as f64)
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
        let radius = means(&traffic, true);
        assert_eq!(radius.minutes, 2);
        assert_eq!(radius.requests_per_second, Some(10.0));
        assert_eq!(radius.cache_hit_rate, Some(0.75));
        assert_eq!(radius.shifted_to_backend_per_second, Some(5.0));
        assert_eq!(means(&traffic, false).shifted_to_backend_per_second, None);
    }

    #[test]
    fn no_data_is_unknown_and_not_zero() {
        let radius = means(&StageTraffic::default(), true);
        assert_eq!((radius.requests_per_second, radius.cache_hit_rate), (None, None));
    }
}
