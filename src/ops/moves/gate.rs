//! The gate between two waves: a condition on the signals of every cell concerned.
//!
//! Only minutes count that began after the flip and the router's cache, and that ended two minutes ago; what is
//! missing or scant never passes. A router's table that throttles reads is a breach by itself: the router falls back
//! to its hash then, and misroutes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::aws::{Mode, Session};
use crate::domain::api::ApiKind;
use crate::domain::change::Refusal;
use crate::domain::condition::Condition;
use crate::domain::condition::observed::Observations;
use crate::domain::condition::readings::{Owner, Reading, Source};
use crate::domain::condition::watch::{Verdict, Watch};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::id::CellId;
use crate::domain::moves::{Gate, MoveHeader};
use crate::domain::signal::{
    MetricIdentity, MetricQuery, Series, SeriesStatus, Statistic, TimeWindow, floor_to_minute,
};
use crate::ops::clock::Clock;
use crate::ops::guard::until_next_minute;

/// What a gate came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Open,
    Shut(String),
    BrokenOff,
}

/// # Errors
/// A condition that isn't one, or that asks for what a cell doesn't have.
pub fn judge(gate: &Gate) -> Result<Condition, Refusal> {
    let illegal = |legal: String| Refusal::Illegal {
        what: "the gate".to_owned(),
        value: gate.condition.clone(),
        legal,
    };
    let condition = Condition::parse(&gate.condition).map_err(|error| illegal(error.to_string()))?;
    let fits = condition.readings().into_iter().all(|reading| {
        let owner = reading.source(ApiKind::Rest).map(|source| source.owner);
        matches!(owner, Some(Owner::Cell | Owner::MappingTable))
    });
    if fits {
        Ok(condition)
    } else {
        Err(illegal("signals of cells and of the mapping table alone".to_owned()))
    }
}

/// Waits until every cell has proven itself, or one hasn't.
pub async fn pass<M: Mode>(
    session: &Session<M>,
    header: &MoveHeader,
    gate: &Gate,
    clock: &Clock,
    interruption: &CancellationToken,
    say: &(dyn Fn(String) + Send + Sync),
) -> Answer {
    let condition = match judge(gate) {
        Ok(condition) => condition,
        Err(refusal) => return Answer::Shut(refusal.to_string()),
    };
    let flipped = session.now(clock.now());
    let cached = SignedDuration::from_secs(i64::from(header.router_cache_seconds));
    let lasting = SignedDuration::from_mins(i64::from(gate.minutes));
    let watch = Watch::new(condition, flipped.saturating_add(cached).unwrap_or(flipped), lasting);
    let cells: Vec<CellId> = header.cells().into_iter().collect();
    let mut pace = None;
    say(format!("waiting for {} of {} cells until {}", watch.condition, cells.len(), watch.due()));
    loop {
        let begun = (Instant::now(), session.now(clock.now()));
        match look(session, header, &watch, &cells, (flipped, begun.1)).await {
            Ok(Some(answer)) => return answer,
            Ok(None) => {}
            // The next look may do better; without any, nothing is proven.
            Err(failure) => tracing::warn!(%failure, "a gate's figures could not be read"),
        }
        let now = session.now(clock.now());
        if let Some(left) = left(watch.due(), now) {
            say(format!("waiting for {} of {} cells: {left} left", watch.condition, cells.len()));
        }
        let hopeless = watch.due().saturating_add(SignedDuration::from_mins(10)).unwrap_or(now);
        if now > hopeless {
            return Answer::Shut("the signals could not be read".to_owned());
        }
        tokio::select! {
            () = interruption.cancelled() => return Answer::BrokenOff,
            () = tokio::time::sleep(until_next_minute(now, pace)) => {}
        }
        let passed = session.now(clock.now()).duration_since(begun.1).as_secs_f64();
        let measured = passed / begun.0.elapsed().max(Duration::from_millis(1)).as_secs_f64();
        pace = Some(measured).filter(|pace| *pace > 0.0);
    }
}

/// Until a gate can open, in the region's time; none once it is past.
fn left(due: Timestamp, now: Timestamp) -> Option<String> {
    let seconds = due.duration_since(now).as_secs();
    match seconds {
        ..=0 => None,
        1..90 => Some(format!("{seconds} s")),
        _ => Some(format!("{} min", (seconds + 59) / 60)),
    }
}

async fn look<M: Mode>(
    session: &Session<M>,
    header: &MoveHeader,
    watch: &Watch,
    cells: &[CellId],
    (flipped, now): (Timestamp, Timestamp),
) -> Result<Option<Answer>, Failure> {
    if let Some(throttled) = throttled_reads(session, header, (flipped, now)).await? {
        return Ok(Some(Answer::Shut(throttled)));
    }
    let readings = watch.condition.readings();
    let mut pending = false;
    for cell in cells {
        let observed = observe(session, header, cell, &readings, watch.window()).await?;
        match watch.judge(now, &observed).verdict {
            Verdict::Passed => {}
            Verdict::Pending { .. } => pending = true,
            verdict => return Ok(Some(Answer::Shut(format!("{cell}: {verdict}")))),
        }
    }
    Ok((!pending).then_some(Answer::Open))
}

/// Whether the router's table has throttled reads between these two times.
///
/// # Errors
/// Where CloudWatch can't be read, or withholds the series: no figure is no throttling then.
pub async fn throttled_reads<M: Mode>(
    session: &Session<M>,
    header: &MoveHeader,
    (since, until): (Timestamp, Timestamp),
) -> Result<Option<String>, Failure> {
    let metric = MetricIdentity {
        namespace: "AWS/DynamoDB".to_owned(),
        name: "ReadThrottleEvents".to_owned(),
        dimensions: vec![("TableName".to_owned(), header.table.name.clone())],
    };
    let start = floor_to_minute(since);
    // With the minute that is under way.
    let end = floor_to_minute(until).max(start) + SignedDuration::from_mins(1);
    let window = TimeWindow { start, end };
    let query = MetricQuery { metric, statistic: Statistic::Sum };
    let answers = session.metric_data(&[query], window).await?;
    if answers.iter().any(|answer| answer.status != SeriesStatus::Complete) {
        let message = "CloudWatch did not tell whether the table throttles reads";
        return Err(Failure::new("GetMetricData", &header.table.name, FailureKind::Service, message));
    }
    let events: f64 = answers.iter().flat_map(|answer| answer.series.points()).map(|(_, value)| value).sum();
    Ok((events > 0.0).then(|| {
        format!("the table {} throttled {events} reads: the router falls back to its hash", header.table.name)
    }))
}

/// The cell's figures: its own metrics or, where it publishes none, those of its APIs together.
async fn observe<M: Mode>(
    session: &Session<M>,
    header: &MoveHeader,
    cell: &CellId,
    readings: &BTreeSet<Reading>,
    window: TimeWindow,
) -> Result<Observations, Failure> {
    let asked: Vec<(Reading, MetricQuery)> = readings
        .iter()
        .flat_map(|reading| queries(header, cell, *reading).into_iter().map(|query| (*reading, query)))
        .collect();
    let wanted: Vec<MetricQuery> = asked.iter().map(|(_, query)| query.clone()).collect();
    let answers = session.metric_data(&wanted, window).await?;
    let mut read: BTreeMap<Reading, Vec<Series>> = BTreeMap::new();
    let mut broken = BTreeSet::new();
    for ((reading, _), answer) in asked.into_iter().zip(answers) {
        if answer.status != SeriesStatus::Complete {
            broken.insert(reading);
        }
        read.entry(reading).or_default().push(answer.series);
    }
    let mut observed = Observations::default();
    for (reading, series) in read {
        if !broken.contains(&reading) {
            let is_sum = reading != Reading::CellLatencyP99;
            observed.insert(reading, if is_sum { sum(&series) } else { Series::highest(&series) });
        }
    }
    Ok(observed)
}

fn queries(header: &MoveHeader, cell: &CellId, reading: Reading) -> Vec<MetricQuery> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let query = |source: Source, dimensions| {
        let statistic = Statistic::named(source.statistic)?;
        let (namespace, name) = (source.namespace.to_owned(), source.metric.to_owned());
        Some(MetricQuery { metric: MetricIdentity { namespace, name, dimensions }, statistic })
    };
    let apis = header.gate.as_ref().and_then(|gate| gate.apis.get(cell));
    let of_api = match reading {
        Reading::CellRequests => Some(Reading::Requests),
        Reading::CellErrors => Some(Reading::Errors5xx),
        Reading::CellLatencyP99 => Some(Reading::LatencyP99),
        _ => None,
    };
    if let (Some(apis), Some(of_api)) = (apis, of_api) {
        let queries =
            apis.iter().filter_map(|api| query(of_api.source(api.kind)?, vec![api.dimension.clone()]));
        return queries.collect();
    }
    let Some(source) = reading.source(ApiKind::Rest) else { return Vec::new() };
    let dimensions = match source.owner {
        Owner::Cell => vec![pair("CellId", cell.as_str())],
        Owner::MappingTable => vec![pair("Operation", "GetItem"), pair("TableName", &header.table.name)],
        Owner::Stage | Owner::WebAcl => return Vec::new(),
    };
    query(source, dimensions).into_iter().collect()
}

fn sum(series: &[Series]) -> Series {
    let mut sum = Series::default();
    for one in series {
        sum.add(one);
    }
    sum
}
