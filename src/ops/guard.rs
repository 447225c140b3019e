//! Guards: a condition that is watched after a change, on the signals of one stage and what stands around it.
//!
//! Only minutes that began after the change and ended two minutes ago count, and what is missing never passes;
//! both are the rules of [`Watch`]. Here the figures are read, and whether they could prove anything is asked
//! before the change is made.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::clock::Clock;
use super::signals::api_dimension;
use crate::aws::{Mode, Session};
use crate::domain::api::Api;
use crate::domain::change::Refusal;
use crate::domain::condition::Condition;
use crate::domain::condition::observed::Observations;
use crate::domain::condition::readings::{Owner, Reading};
use crate::domain::condition::watch::{Verdict, Watch, Watched};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::id::{CellId, StageName};
use crate::domain::signal::{
    MetricIdentity, MetricQuery, PERIOD_SECONDS, SETTLED_AFTER, SeriesStatus, Statistic, TimeWindow,
    floor_to_minute,
};

use super::change::ChangeError;

/// What is asked of the figures, and for how long.
#[derive(Clone, Debug, PartialEq)]
pub struct Guard {
    pub condition: Condition,
    pub lasting: SignedDuration,
}

/// Whose figures are watched. What stands around a stage is none where it isn't known or isn't there.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    pub api: Api,
    pub stage: StageName,
    /// Whether the API has figures of its own: CloudWatch folds REST APIs of one name into one.
    pub folded: bool,
    /// The cell that the API serves.
    pub cell: Option<CellId>,
    /// The name of the web ACL before the stage.
    pub web_acl: Option<String>,
    pub mapping_table: String,
}

/// How a watch ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    pub watched: Watched,
    /// By the operator, before there was an answer.
    pub broken_off: bool,
}

/// A guard lasts so long at most: longer than any rollout is watched for.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// How far back a figure must be found for it to be expected after the change.
const LIVE_WITHIN: i64 = 10;
/// Between two looks, in the machine's time.
const LOOKS: std::ops::RangeInclusive<f64> = 0.25..=20.0;
/// A point is asked for so long after its minute counts.
const GRACE: SignedDuration = SignedDuration::from_secs(5);

impl Post {
    /// The query for a reading; why there can be none otherwise.
    fn query(&self, reading: Reading, region: &str) -> Result<MetricQuery, String> {
        let source = reading.source(self.api.kind);
        let source = source.ok_or_else(|| format!("its API has no {}", reading.title()))?;
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut dimensions = match source.owner {
            Owner::Stage if self.folded => {
                return Err(format!(
                    "CloudWatch folds the figures of every REST API called {}",
                    self.api.name
                ));
            }
            Owner::Stage => vec![api_dimension(&self.api), pair("Stage", self.stage.as_str())],
            Owner::WebAcl => {
                let acl = self.web_acl.as_ref().ok_or("no web ACL stands before the stage")?;
                vec![pair("WebACL", acl), pair("Region", region), pair("Rule", "ALL")]
            }
            Owner::Cell => {
                let cell = self.cell.as_ref().ok_or("which cell its API serves isn't known")?;
                vec![pair("CellId", cell.as_str())]
            }
            Owner::MappingTable => {
                vec![pair("TableName", &self.mapping_table), pair("Operation", "GetItem")]
            }
        };
        dimensions.sort();
        let statistic = Statistic::named(source.statistic);
        let statistic =
            statistic.ok_or_else(|| format!("nobody reads the statistic {}", source.statistic))?;
        let (namespace, name) = (source.namespace.to_owned(), source.metric.to_owned());
        Ok(MetricQuery { metric: MetricIdentity { namespace, name, dimensions }, statistic })
    }

    fn named(&self) -> String {
        format!("{}/{}", self.api.name, self.stage)
    }

    fn unprovable(&self, why: &str) -> Refusal {
        let why = format!("the guard could prove nothing: {why}");
        Refusal::Forbidden { target: self.named(), why }
    }
}

/// Asks before the change whether the guard could be proven after it.
///
/// # Errors
/// `Refused` where it could not: a signal that the stage doesn't have, no traffic, or too little of it before
/// the change to compare with. `Failed` where CloudWatch can't be read.
pub async fn prove<M: Mode>(
    session: &Session<M>,
    guard: &Guard,
    post: &Post,
    clock: &Clock,
) -> Result<(), ChangeError> {
    if guard.lasting < SignedDuration::from_mins(1) || guard.lasting > LONGEST {
        return Err(Refusal::Illegal {
            what: "how long the guard lasts".to_owned(),
            value: format!("{:#}", guard.lasting),
            legal: "from 1m to 24h".to_owned(),
        }
        .into());
    }
    if let Some(signal) = guard.condition.missing_on(post.api.kind).first() {
        return Err(post.unprovable(&format!("its API has no {}", signal.name)).into());
    }
    // The newest minutes aren't published yet: what they lack says nothing.
    let now = session.now(clock.now());
    let settled = now - SignedDuration::from_mins(SETTLED_AFTER);
    let window = TimeWindow {
        start: floor_to_minute(settled) - SignedDuration::from_mins(LIVE_WITHIN),
        end: floor_to_minute(now),
    };
    let readings = guard.condition.readings();
    let observed = observe(session, post, &readings, window).await?;
    let silent = readings.iter().find(|reading| {
        let points = observed.series(**reading).map_or(0, |series| series.points().len());
        points == 0 && !reading.left_out_if_zero()
    });
    if let Some(reading) = silent {
        let why = format!("CloudWatch has no {} of the last {LIVE_WITHIN} minutes", reading.title());
        return Err(post.unprovable(&why).into());
    }
    let watch = Watch::new(guard.condition.clone(), settled, guard.lasting);
    match watch.baseline_gaps(&observed).first() {
        Some(gap) => Err(post.unprovable(&gap.to_string()).into()),
        None => Ok(()),
    }
}

/// Watches until the answer is in. `seen` is told after each look.
pub async fn watch<M: Mode>(
    session: &Session<M>,
    watch: &Watch,
    post: &Post,
    clock: &Clock,
    interruption: &CancellationToken,
    seen: &(dyn Fn(&Watched) + Send + Sync),
) -> Ended {
    let readings: BTreeSet<Reading> = watch
        .condition
        .readings()
        .into_iter()
        .chain(watch.hard.iter().flat_map(Condition::readings))
        .collect();
    let mut observed = Observations::default();
    let mut pace: Option<f64> = None;
    loop {
        let begun = (Instant::now(), session.now(clock.now()));
        match observe(session, post, &readings, watch.window()).await {
            Ok(newest) => observed = newest,
            // What was read before still counts; the next look may do better.
            Err(failure) => tracing::warn!(%failure, "a guard's figures could not be read"),
        }
        let now = session.now(clock.now());
        let watched = watch.judge(now, &observed);
        seen(&watched);
        if interruption.is_cancelled() {
            return Ended { watched, broken_off: true };
        }
        if !matches!(watched.verdict, Verdict::Pending { .. }) {
            return Ended { watched, broken_off: false };
        }
        tokio::select! {
            () = interruption.cancelled() => return Ended { watched, broken_off: true },
            () = tokio::time::sleep(until_next_minute(now, pace)) => {}
        }
        let passed = session.now(clock.now()).duration_since(begun.1).as_secs_f64();
        pace = Some(passed / begun.0.elapsed().as_secs_f64().max(0.001)).filter(|pace| *pace > 0.0);
    }
}

/// In the machine's time, of which `pace` seconds of the region's pass in one. Until that is known, the next
/// look comes soon.
pub(super) fn until_next_minute(now: Timestamp, pace: Option<f64>) -> Duration {
    let next = floor_to_minute(now) + SignedDuration::from_secs(PERIOD_SECONDS) + GRACE;
    let left = next.duration_since(now).as_secs_f64();
    let wait = pace.map_or(1.0, |pace| left / pace);
    Duration::from_secs_f64(wait.clamp(*LOOKS.start(), *LOOKS.end()))
}

/// Reads the series that there are. One that CloudWatch withholds or breaks off is left out: it is missing.
async fn observe<M: Mode>(
    session: &Session<M>,
    post: &Post,
    readings: &BTreeSet<Reading>,
    window: TimeWindow,
) -> Result<Observations, ChangeError> {
    let region = session.region().as_str();
    let asked = readings.iter().map(|reading| Ok((*reading, post.query(*reading, region)?)));
    let asked: Vec<(Reading, MetricQuery)> =
        asked.collect::<Result<_, String>>().map_err(|why| post.unprovable(&why))?;
    let queries: Vec<MetricQuery> = asked.iter().map(|(_, query)| query.clone()).collect();
    let answers = session.metric_data(&queries, window).await?;
    if answers.iter().all(|answer| answer.status == SeriesStatus::Forbidden) {
        let failure = Failure::new("GetMetricData", post.named(), FailureKind::AccessDenied, "Forbidden");
        return Err(failure.with_hint("the role needs cloudwatch:GetMetricData").into());
    }
    let mut observed = Observations::default();
    for ((reading, _), answer) in asked.into_iter().zip(answers) {
        if answer.status == SeriesStatus::Complete {
            observed.insert(reading, answer.series);
        }
    }
    Ok(observed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_look_comes_with_the_next_minute_of_the_region() {
        let now: Timestamp = "2026-11-20T14:03:30Z".parse().unwrap();
        assert_eq!(until_next_minute(now, None), Duration::from_secs(1));
        assert_eq!(until_next_minute(now, Some(35.0)), Duration::from_secs(1));
        assert_eq!(
            until_next_minute(now, Some(1.0)),
            Duration::from_secs(20),
            "often enough to be seen alive"
        );
        assert_eq!(until_next_minute(now, Some(1e9)), Duration::from_millis(250));
    }
}
