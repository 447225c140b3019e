//! The busiest hours of cells.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Figure, Owner, fleet_queries, whole};
use crate::aws::{Mode, Session};
use crate::domain::cell::Cell;
use crate::domain::estate::{Estate, RegionSlot};
use crate::domain::failure::Failure;
use crate::domain::fleet::Highest;
use crate::domain::id::{ApiId, CellId};
use crate::domain::signal::{MetricQuery, Series, TimeWindow, floor_to_minute};

const HOUR_SECONDS: i64 = 3_600;

/// Reads the requests of each cell's APIs, hour by hour from `since` on, and gives each cell's highest whole hour. A
/// series an API, and one request for up to 500 of them.
///
/// # Errors
/// Where CloudWatch can't be read, or withholds or breaks off a series.
pub(in crate::ops) async fn highest<M: Mode>(
    session: &Session<M>,
    (estate, slot): (&Estate, RegionSlot),
    cells: &BTreeMap<CellId, Cell>,
    (since, now): (Timestamp, Timestamp),
) -> Result<BTreeMap<CellId, Highest>, Failure> {
    let window = TimeWindow { start: floor_to_hour(since), end: floor_to_hour(now) };
    let asked: Vec<(ApiId, MetricQuery)> = fleet_queries(estate, slot, &BTreeMap::new())
        .into_iter()
        .filter_map(|(owner, figure, query)| match owner {
            Owner::Api(api) if figure == Figure::Requests => Some((api, query)),
            _ => None,
        })
        .filter(|(api, _)| cells.values().any(|cell| cell.apis.contains(&(slot, api.clone()))))
        .collect();
    let queries: Vec<MetricQuery> = asked.iter().map(|(_, query)| query.clone()).collect();
    if queries.is_empty() || window.start >= window.end {
        return Ok(BTreeMap::new());
    }
    let answers = session.metric_data_by(&queries, window, HOUR_SECONDS).await?;
    whole(&answers)?;
    let by_api: BTreeMap<ApiId, Series> =
        asked.into_iter().zip(answers).map(|((api, _), answer)| (api, answer.series)).collect();
    Ok(cells
        .iter()
        .filter_map(|(id, cell)| {
            let mut sum = Series::default();
            let own = cell.apis.iter().filter(|(of, _)| *of == slot).filter_map(|(_, api)| by_api.get(api));
            own.for_each(|series| sum.add(series));
            let (hour, requests) =
                sum.points().iter().copied().max_by(|(_, one), (_, other)| one.total_cmp(other))?;
            #[expect(clippy::cast_precision_loss, reason = "3,600 is exact")]
            let requests_per_second = requests / HOUR_SECONDS as f64;
            let highest = Highest { requests_per_second, hour, since: window.start, read_at: now };
            Some((id.clone(), highest))
        })
        .collect())
}

/// The start of the hour that `at` falls in.
fn floor_to_hour(at: Timestamp) -> Timestamp {
    let minute = floor_to_minute(at);
    minute - SignedDuration::from_secs(minute.as_second().rem_euclid(HOUR_SECONDS))
}
