//! Amazon CloudWatch: the metrics and alarms of the region, in the wire protocols that AWS's clients speak.
//!
//! ```text
//! request ─► wire ─► cbor | json | query ─► Value ─► operation ─► Value ─► the same protocol ─► response
//! ```
//!
//! Each operation is written once, on a value that belongs to no protocol.

mod alarms;
mod cbor;
mod dashboards;
mod error;
mod expression;
mod input;
mod json;
mod list_metrics;
mod metric;
mod metric_data;
mod metric_statistics;
mod page;
mod put_metric_data;
mod query;
mod search;
mod value;
mod window;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::{Arc, PoisonError};

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::response::Response;
use jiff::Timestamp;

use crate::clock::Clock;
use crate::estate::{Estate, SharedEstate};
use crate::metrics::MetricStore;
use alarms::Alarms;
use error::Fault;
use value::Value;

/// The service.
#[derive(Clone, Debug)]
pub struct CloudWatch {
    estate: SharedEstate,
    metrics: Arc<MetricStore>,
    clock: Clock,
    alarms: Arc<Alarms>,
}

impl CloudWatch {
    /// The service over these metrics; its alarms watch the cells of the estate.
    pub fn new(estate: SharedEstate, metrics: Arc<MetricStore>, clock: Clock) -> Self {
        Self { estate, metrics, clock, alarms: Arc::default() }
    }

    /// The operation that a request names, for records; `None` when it names none.
    pub fn operation(parts: &Parts, body: &Bytes) -> Option<String> {
        match wire::protocol(parts) {
            wire::Protocol::AwsQuery => wire::read(parts, body).ok().map(|call| call.operation),
            _ => wire::operation_in_head(parts).map(str::to_owned),
        }
    }

    /// Answers one request, whose signature has been checked already.
    pub fn handle(&self, parts: &Parts, body: &Bytes, request_id: &str) -> Response {
        let protocol = wire::protocol(parts);
        match wire::read(parts, body) {
            Ok(call) => {
                let outcome = self.perform(&call.operation, &call.input);
                wire::answer(protocol, &call.operation, outcome, request_id)
            }
            Err(fault) => wire::answer(protocol, "", Err(fault), request_id),
        }
    }

    fn perform(&self, operation: &str, input: &Value) -> Result<Value, Fault> {
        let Some((_, handler)) = TABLE.iter().find(|(name, _)| *name == operation) else {
            return Err(Fault::unknown_operation(operation));
        };
        let now = self.clock.now();
        match handler {
            Handler::Metrics(handle) => handle(&self.metrics, now, input),
            Handler::Reads(handle) => {
                handle(&self.estate.read().unwrap_or_else(PoisonError::into_inner), now, input)
            }
            Handler::Writes(handle) => {
                handle(&mut self.estate.write().unwrap_or_else(PoisonError::into_inner), now, input)
            }
            Handler::Alarms(handle) => {
                let estate = self.estate.read().unwrap_or_else(PoisonError::into_inner);
                self.alarms.perform(*handle, (&estate, &self.metrics), now, input)
            }
        }
    }
}

/// What an operation works with.
enum Handler {
    Metrics(fn(&MetricStore, Timestamp, &Value) -> Result<Value, Fault>),
    Alarms(alarms::Operation),
    /// What the estate holds.
    Reads(fn(&Estate, Timestamp, &Value) -> Result<Value, Fault>),
    Writes(fn(&mut Estate, Timestamp, &Value) -> Result<Value, Fault>),
}

/// The operations, which requests are dispatched by.
const TABLE: [(&str, Handler); 20] = [
    ("DeleteAlarms", Handler::Alarms(alarms::delete_alarms)),
    ("DeleteDashboards", Handler::Writes(dashboards::delete_dashboards)),
    ("DescribeAlarmHistory", Handler::Alarms(alarms::describe_alarm_history)),
    ("DescribeAlarms", Handler::Alarms(alarms::describe_alarms)),
    ("DescribeAlarmsForMetric", Handler::Alarms(alarms::describe_alarms_for_metric)),
    ("DisableAlarmActions", Handler::Alarms(alarms::disable_alarm_actions)),
    ("EnableAlarmActions", Handler::Alarms(alarms::enable_alarm_actions)),
    ("GetDashboard", Handler::Reads(dashboards::get_dashboard)),
    ("GetMetricData", Handler::Metrics(metric_data::get_metric_data)),
    ("GetMetricStatistics", Handler::Metrics(metric_statistics::get_metric_statistics)),
    ("ListDashboards", Handler::Reads(dashboards::list_dashboards)),
    ("ListMetrics", Handler::Metrics(list_metrics::list_metrics)),
    ("ListTagsForResource", Handler::Alarms(alarms::list_tags_for_resource)),
    ("PutCompositeAlarm", Handler::Alarms(alarms::put_composite_alarm)),
    ("PutDashboard", Handler::Writes(dashboards::put_dashboard)),
    ("PutMetricAlarm", Handler::Alarms(alarms::put_metric_alarm)),
    ("PutMetricData", Handler::Metrics(put_metric_data::put_metric_data)),
    ("SetAlarmState", Handler::Alarms(alarms::set_alarm_state)),
    ("TagResource", Handler::Alarms(alarms::tag_resource)),
    ("UntagResource", Handler::Alarms(alarms::untag_resource)),
];

/// The names of all operations that the service answers.
pub const OPERATIONS: &[&str] = &names();

const fn names() -> [&'static str; TABLE.len()] {
    let mut names = [""; TABLE.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = TABLE[place].0;
        place += 1;
    }
    names
}
