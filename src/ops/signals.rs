//! Metrics for the screens: which series stand for what, read in one GetMetricData a minute.
//!
//! CloudWatch bills each series that is asked for ($0.01 per 1,000), so only what the fleet and
//! the selected stage show is asked for, and nothing twice.

mod highest;
mod queries;

use std::collections::BTreeMap;

use crate::aws::{Mode, Session};
use crate::domain::api::Api;
use crate::domain::cell::{Cell, CellSettings};
use crate::domain::estate::{Estate, RegionEstate, RegionSlot};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::fleet::{HISTORY_MINUTES, Signals, TrafficSeries};
use crate::domain::id::{CellId, StageName};
use crate::domain::signal::{
    MetricAnswer, MetricQuery, Series, SeriesStatus, StageTraffic, TimeWindow, newest_settled_minute,
};

use super::clock::Clock;

pub(in crate::ops) use highest::highest;
pub(in crate::ops) use queries::{BLOCKED_METRIC, WAF_NAMESPACE, api_dimension};
pub use queries::{CELL_NAMESPACE, shares_metrics};
use queries::{Figure, Owner, api_query, blocked_query, fleet_queries};

/// Reads the figures of every API and of every cell that publishes its own, for the last hour.
///
/// # Errors
/// Where CloudWatch can't be read, or withholds or breaks off a series.
pub async fn read_fleet<M: Mode>(
    session: &Session<M>,
    estate: &Estate,
    slot: RegionSlot,
    cells: &BTreeMap<CellId, Cell>,
    clock: &Clock,
) -> Result<Signals, Failure> {
    read_with(session, (estate, slot), (cells, None), clock).await
}

/// As [`read_fleet`], and what the web ACLs of these cells block, where the settings tell their names.
pub(in crate::ops) async fn read_with<M: Mode>(
    session: &Session<M>,
    (estate, slot): (&Estate, RegionSlot),
    (cells, settings): (&BTreeMap<CellId, Cell>, Option<&CellSettings>),
    clock: &Clock,
) -> Result<Signals, Failure> {
    let now = session.now(clock.now());
    let mut asked = fleet_queries(estate, slot, cells);
    if let (Some(settings), Some(region)) = (settings, estate.region(slot)) {
        let blocking = region.blocking_cells.value().into_iter().flatten();
        asked.extend(blocking.filter(|cell| cells.contains_key(*cell)).map(|cell| {
            let query = blocked_query(cell, settings, session.region().as_str());
            (Owner::Cell(cell.clone()), Figure::Blocked, query)
        }));
    }
    let queries: Vec<MetricQuery> = asked.iter().map(|(_, _, query)| query.clone()).collect();
    let answers = session.metric_data(&queries, TimeWindow::until(now, HISTORY_MINUTES)).await?;
    whole(&answers)?;
    let mut signals = Signals { regions: [session.key().clone()].into(), ..Signals::default() };
    for ((owner, figure, _), answer) in asked.into_iter().zip(answers) {
        let traffic = match owner {
            Owner::Cell(cell) if figure == Figure::Blocked => {
                signals.blocked.insert(cell, answer.series);
                continue;
            }
            Owner::Api(api) => signals.apis.entry(api).or_default(),
            Owner::Cell(cell) => signals.cells.entry(cell).or_default(),
        };
        *field(traffic, figure) = answer.series;
    }
    let requests = signals.apis.values().chain(signals.cells.values()).map(|traffic| &traffic.requests);
    signals.minute = newest_settled_minute(requests, now);
    Ok(signals)
}

fn field(traffic: &mut TrafficSeries, figure: Figure) -> &mut Series {
    match figure {
        Figure::Errors4xx => &mut traffic.errors_4xx,
        Figure::Errors5xx => &mut traffic.errors_5xx,
        Figure::P99 => &mut traffic.p99_ms,
        Figure::Requests | Figure::CacheHits | Figure::CacheMisses | Figure::Blocked => &mut traffic.requests,
    }
}

/// CloudWatch answers 200 and says in each series whether it is whole. A missing error count would
/// read as no errors, so figures are taken all or not at all: the old ones stay, with their age.
fn whole(answers: &[MetricAnswer]) -> Result<(), Failure> {
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    let failed = |kind, status: &str, broken: usize| {
        let message = format!("CloudWatch answered {status} for {broken} of {} series", answers.len());
        Failure::new("GetMetricData", "", kind, &message)
    };
    match (count(SeriesStatus::Forbidden), count(SeriesStatus::InternalError), count(SeriesStatus::Partial)) {
        (0, 0, 0) => Ok(()),
        (0, 0, partial) => Err(failed(FailureKind::Service, "PartialData", partial)),
        (0, internal, _) => Err(failed(FailureKind::Service, "InternalError", internal)),
        (forbidden, _, _) => Err(failed(FailureKind::AccessDenied, "Forbidden", forbidden)
            .with_hint("the role needs cloudwatch:GetMetricData")),
    }
}

fn folded(api: &Api, stage: &StageName) -> Failure {
    let message = format!("CloudWatch folds the metrics of every REST API called {} into one", api.name);
    Failure::new("GetMetricData", format!("{}/{stage}", api.name), FailureKind::Configuration, &message)
        .with_hint("give each REST API of the region a name of its own")
}

/// Reads what one stage's cache and backend do, for the last `minutes` minutes and the one running.
///
/// # Errors
/// Where CloudWatch can't be read, or has no figures that are this stage's own.
pub async fn read_stage<M: Mode>(
    session: &Session<M>,
    region: &RegionEstate,
    api: &Api,
    stage: &StageName,
    clock: &Clock,
    minutes: i64,
) -> Result<StageTraffic, Failure> {
    if shares_metrics(api, region.apis.values().map(|entry| &entry.api)) {
        return Err(folded(api, stage));
    }
    let now = session.now(clock.now());
    let figures = [Figure::Requests, Figure::Errors5xx, Figure::CacheHits, Figure::CacheMisses, Figure::P99];
    let asked: Vec<(Figure, MetricQuery)> = figures
        .into_iter()
        .filter_map(|figure| Some((figure, api_query(api, Some(stage), figure)?)))
        .collect();
    let queries: Vec<MetricQuery> = asked.iter().map(|(_, query)| query.clone()).collect();
    let answers = session.metric_data(&queries, TimeWindow::until(now, minutes)).await?;
    whole(&answers)?;
    let mut traffic = StageTraffic::default();
    for ((figure, _), answer) in asked.into_iter().zip(answers) {
        let series = match figure {
            Figure::Requests => &mut traffic.requests,
            Figure::Errors4xx | Figure::Errors5xx => &mut traffic.errors_5xx,
            Figure::P99 => &mut traffic.p99_ms,
            Figure::CacheHits => &mut traffic.cache_hits,
            Figure::CacheMisses | Figure::Blocked => &mut traffic.cache_misses,
        };
        *series = answer.series;
    }
    traffic.minute = newest_settled_minute([&traffic.requests], now);
    Ok(traffic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_that_is_withheld_is_not_taken_for_zero() {
        let answer = |status| MetricAnswer { series: Series::default(), status };
        assert!(whole(&[answer(SeriesStatus::Complete)]).is_ok());
        for status in [SeriesStatus::Partial, SeriesStatus::InternalError, SeriesStatus::Forbidden] {
            assert!(whole(&[answer(SeriesStatus::Complete), answer(status)]).is_err(), "{status:?}");
        }
    }
}
