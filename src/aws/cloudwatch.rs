//! Amazon CloudWatch: metric data, and which metrics exist. Alarms are in [`alarms`].

mod alarms;

use std::collections::HashMap;

use aws_sdk_cloudwatch::types::{self, Dimension, MetricDataQuery, MetricStat, ScanBy, StatusCode};
use jiff::Timestamp;

use super::mode::Mode;
use super::operations::{GET_METRIC_DATA, LIST_METRICS};
use super::paging::Pages;
use super::session::Session;
use super::translate::{date_time, text, time};
use crate::domain::failure::Failure;
use crate::domain::signal::{
    MetricAnswer, MetricIdentity, MetricQuery, PERIOD_SECONDS, Series, SeriesStatus, TimeWindow,
};

/// AWS: queries in one `GetMetricData`.
const BATCH: usize = 500;

/// What came of one query so far.
#[derive(Default)]
struct Gathered {
    points: Vec<(Timestamp, f64)>,
    status: Option<StatusCode>,
}

impl<M: Mode> Session<M> {
    /// Reads metric data, a point a minute, and answers each query in the order asked.
    ///
    /// Sends one `GetMetricData` for each 500 queries and each further page. AWS bills each
    /// metric asked for, which the limiter's budget adds up.
    pub async fn metric_data(
        &self,
        queries: &[MetricQuery],
        window: TimeWindow,
    ) -> Result<Vec<MetricAnswer>, Failure> {
        self.metric_data_by(queries, window, PERIOD_SECONDS).await
    }

    /// As [`Session::metric_data`], a point for each period of so many seconds.
    ///
    /// # Errors
    /// Where CloudWatch can't be read.
    pub async fn metric_data_by(
        &self,
        queries: &[MetricQuery],
        window: TimeWindow,
        period_seconds: i64,
    ) -> Result<Vec<MetricAnswer>, Failure> {
        let mut answers = Vec::with_capacity(queries.len());
        let period = i32::try_from(period_seconds).unwrap_or(60);
        for batch in queries.chunks(BATCH) {
            let request: Vec<MetricDataQuery> =
                batch.iter().enumerate().map(|numbered| data_query(numbered, period)).collect();
            let gathered = self.gather(&request, window).await?;
            answers.extend(batch.iter().enumerate().map(|(place, _)| answer(gathered.get(&query_id(place)))));
        }
        Ok(answers)
    }

    async fn gather(
        &self,
        queries: &[MetricDataQuery],
        window: TimeWindow,
    ) -> Result<HashMap<String, Gathered>, Failure> {
        let target = format!("{} metrics", queries.len());
        let mut gathered: HashMap<String, Gathered> = HashMap::new();
        let mut pages = Pages::default();
        loop {
            let answer = self
                .send(&GET_METRIC_DATA, &target, || {
                    self.limits().count_metrics(queries.len());
                    self.clients
                        .cloudwatch
                        .get_metric_data()
                        .set_metric_data_queries(Some(queries.to_vec()))
                        .start_time(date_time(window.start))
                        .end_time(date_time(window.end))
                        .scan_by(ScanBy::TimestampAscending)
                        .set_next_token(pages.token())
                        .send()
                })
                .await?;
            for result in answer.metric_data_results() {
                let one = gathered.entry(text(result.id())).or_default();
                let times = result.timestamps().iter().map(|at| time(Some(at)));
                let points = times.zip(result.values()).filter_map(|(at, value)| Some((at?, *value)));
                one.points.extend(points);
                one.status = result.status_code().cloned();
            }
            if !pages.advance(answer.next_token, &GET_METRIC_DATA, &target)? {
                return Ok(gathered);
            }
        }
    }

    /// Reads which metrics of a name exist (`ListMetrics`). CloudWatch lists what had data in the
    /// last two weeks.
    pub async fn list_metrics(&self, namespace: &str, name: &str) -> Result<Vec<MetricIdentity>, Failure> {
        let mut pages = Pages::default();
        let mut metrics = Vec::new();
        loop {
            let answer = self
                .send(&LIST_METRICS, name, || {
                    let request =
                        self.clients.cloudwatch.list_metrics().namespace(namespace).metric_name(name);
                    request.set_next_token(pages.token()).send()
                })
                .await?;
            metrics.extend(answer.metrics().iter().map(identity));
            if !pages.advance(answer.next_token, &LIST_METRICS, name)? {
                return Ok(metrics);
            }
        }
    }
}

/// AWS: an id starts with a lower-case letter.
fn query_id(place: usize) -> String {
    format!("q{place}")
}

fn data_query((place, query): (usize, &MetricQuery), period_seconds: i32) -> MetricDataQuery {
    let dimensions = query
        .metric
        .dimensions
        .iter()
        .map(|(name, value)| Dimension::builder().name(name).value(value).build())
        .collect();
    let metric = types::Metric::builder()
        .namespace(&query.metric.namespace)
        .metric_name(&query.metric.name)
        .set_dimensions(Some(dimensions))
        .build();
    let statistic =
        MetricStat::builder().metric(metric).period(period_seconds).stat(query.statistic.as_aws()).build();
    MetricDataQuery::builder().id(query_id(place)).metric_stat(statistic).build()
}

/// A query that CloudWatch left out of its answer has not been answered.
fn answer(gathered: Option<&Gathered>) -> MetricAnswer {
    let Some(gathered) = gathered else {
        return MetricAnswer { series: Series::default(), status: SeriesStatus::InternalError };
    };
    MetricAnswer {
        series: Series::new(gathered.points.clone()),
        status: match &gathered.status {
            Some(StatusCode::PartialData) => SeriesStatus::Partial,
            Some(StatusCode::Forbidden) => SeriesStatus::Forbidden,
            Some(StatusCode::InternalError) => SeriesStatus::InternalError,
            _ => SeriesStatus::Complete,
        },
    }
}

fn identity(from: &types::Metric) -> MetricIdentity {
    let mut dimensions: Vec<(String, String)> =
        from.dimensions().iter().map(|dimension| (text(dimension.name()), text(dimension.value()))).collect();
    dimensions.sort();
    MetricIdentity { namespace: text(from.namespace()), name: text(from.metric_name()), dimensions }
}
